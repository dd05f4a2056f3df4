"""Need records: what is refused, why, and that a person counts once."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.catalog import read_catalog
from geo_core.errors import IngestError
from geo_core.ingest.intake import THEMES, Intake, check_records
from geo_core.ingest.kinds import References, kind
from geo_core.model import cells

CATALOG = read_catalog(Path(__file__).parents[1])
HERE = cells.at(45.32, 8.42, cells.LEAF)
THERE = cells.at(45.82, 8.25, cells.LEAF)
OUTSIDE = cells.at(41.9, 12.5, cells.LEAF)
COLUMNS = kind(
    CATALOG,
    "rilevazioni",
    References(
        organisations=frozenset({"ORG-1", "ORG-2"}),
        cells=frozenset({HERE, THERE}),
        municipalities=frozenset({"002007"}),
        years=frozenset({2022, 2023}),
    ),
).columns
A, B = "a" * 32, "b" * 32
GOOD = {
    "id_org": "ORG-1",
    "periodo": "2023-04",
    "unita_luogo": HERE,
    "area_utenza": "FAM",
    "bisogni": "FAM;POV",
    "prestazione": "A3.03",
    "fascia_eta": "3-5",
    "sesso": "F",
    "n_persone": "1",
    "pseudonimo": "",
    "nucleo": "monogenitore",
    "cittadinanza": "IT",
    "esito": "accolto",
    "canale": "sportello",
}


def check(*changes: dict[str, str], drop: str | None = None) -> Intake:
    rows = pd.DataFrame(
        [{**GOOD, **change} for change in changes],
        index=pd.RangeIndex(2, 2 + len(changes)),
        dtype=object,
    ).fillna("")  # as every source reads a cell that is not there
    return check_records(
        Path("rilevazioni.csv"),
        rows.drop(columns=[drop] if drop else []),
        table="rilevazioni",
        columns=COLUMNS,
    )


@pytest.mark.parametrize("table", THEMES)
def test_every_table_of_persons_has_a_policy_of_known_categories(table: str) -> None:
    policy = CATALOG.policies.policies[THEMES[table].policy]
    known = {code.code for code in CATALOG.codelists[policy.codelist]}
    assert set(policy.categories) <= known
    assert table in CATALOG.intake


def test_a_good_record_counts_its_persons() -> None:
    result = check({}, {"n_persone": "4"}, {"area_utenza": "POV"})
    assert result.counts.to_dict("records") == [
        {"anno": 2023, "luogo": HERE, "categoria": "FAM", "n": 5},
        {"anno": 2023, "luogo": HERE, "categoria": "POV", "n": 1},
    ]
    assert (result.accepted, result.merged, result.problems) == (3, 0, ())


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("id_org", "ORG-9", "not a known code"),
        ("id_org", "", "empty"),
        ("periodo", "2021-12", "outside the year"),
        ("periodo", "2023-13", "not a month"),
        ("periodo", "2023-04-17", "whole day"),
        ("unita_luogo", cells.at(45.32, 8.42, 9), "finer than a cell"),
        ("unita_luogo", "45.321745, 8.421337", "finer than a cell"),
        ("unita_luogo", "45.321745", "finer than a cell"),
        ("unita_luogo", cells.at(45.32, 8.42, 7), "coarser"),
        ("unita_luogo", OUTSIDE, "outside the district"),
        ("unita_luogo", HERE.upper(), "neither an H3 cell"),
        ("unita_luogo", "002158", "municipality outside"),
        ("unita_luogo", "Via Roma 12, Vercelli", "neither an H3 cell"),
        ("area_utenza", "fam", "not a known code"),
        ("bisogni", "FAM;POV;ANZ;DIS", "more than 3"),
        ("bisogni", "FAM;FAM", "twice"),
        ("bisogni", "POV", "main need"),
        ("bisogni", "FAM;", "not a known code"),
        ("prestazione", "A9.99", "not a known code"),
        ("fascia_eta", "37", "not a known code"),
        ("sesso", "f", "not a known code"),
        ("n_persone", "0", "between 1 and 50"),
        ("n_persone", "-1", "between 1 and 50"),
        ("n_persone", "51", "between 1 and 50"),
        ("n_persone", "1.5", "whole number"),
        ("n_persone", "\u0661", "whole number"),
        ("pseudonimo", "A" * 32, "pseudonym"),
        ("pseudonimo", "a" * 31, "pseudonym"),
        ("pseudonimo_nucleo", "a" * 31, "pseudonym"),
        ("nucleo", "vedova con due figli a carico", "free text"),
        ("nucleo", "mario.rossi@example.org", "e-mail"),
        ("canale", "+39 333 555 0199", "telephone"),
        ("canale", "0161/5550199", "telephone"),
        ("pseudonimo", "RSSMRA80A01L750X", "tax code"),
        ("esito", "rss mra 80a01 l750x", "tax code"),
        ("esito", "nato il 3/4/1951", "full date"),
    ],
)
def test_a_wrong_cell_is_refused_and_never_repeated(column: str, text: str, reason: str) -> None:
    result = check({}, {column: text}, {})
    (problem,) = result.problems
    assert (problem.file, problem.row, problem.column) == ("rilevazioni.csv", 3, column)
    assert reason in problem.reason
    if len(text) > 3:
        assert text not in f"{problem.reason} {problem.hint}"
    assert (result.rows_in, result.accepted, result.merged) == (3, 2, 0)
    assert result.counts["n"].sum() == 2


def test_a_pseudonym_stands_for_one_person() -> None:
    (problem,) = check({"pseudonimo": A, "n_persone": "2"}).problems
    assert problem.column == "n_persone"


@pytest.mark.parametrize("column", ["bisogni", "unita_luogo", "n_persone"])
def test_a_missing_column_stops_the_file(column: str) -> None:
    with pytest.raises(IngestError, match=f"{column} is missing"):
        check({}, drop=column)


def test_an_optional_column_may_be_missing() -> None:
    assert check({}, drop="canale").accepted == 1


def test_an_unknown_column_stops_the_file_without_being_repeated() -> None:
    with pytest.raises(IngestError, match="column 15 is not known") as caught:
        check({"cognome": "Rossi"})
    assert "cognome" not in str(caught.value)


def test_of_records_of_one_month_the_one_with_a_cell_counts() -> None:
    town = {"pseudonimo": A, "unita_luogo": "002007"}
    for rows in ([town, {"pseudonimo": A}], [{"pseudonimo": A}, town]):
        assert check(*rows).counts["luogo"].tolist() == [HERE]
    assert check(town).counts["luogo"].tolist() == ["002007"]


def test_a_person_counts_once_by_the_earliest_record() -> None:
    result = check(
        {"pseudonimo": A, "periodo": "2023-06", "area_utenza": "POV"},
        {"pseudonimo": A, "periodo": "2023-02", "unita_luogo": THERE},
        {"pseudonimo": A, "periodo": "2023-02", "area_utenza": "POV", "id_org": "ORG-2"},
        {"pseudonimo": B, "periodo": "2023-09"},
        {},
        {},
    )
    assert (result.rows_in, result.accepted, result.merged) == (6, 4, 2)
    assert result.counts.to_dict("records") == sorted(
        [
            {"anno": 2023, "luogo": THERE, "categoria": "FAM", "n": 1},
            {"anno": 2023, "luogo": HERE, "categoria": "FAM", "n": 3},
        ],
        key=lambda row: row["luogo"],
    )


def test_a_refused_record_does_not_stand_in_for_its_person() -> None:
    result = check(
        {"pseudonimo": A, "periodo": "2023-01", "sesso": "?"},
        {"pseudonimo": A, "periodo": "2023-05", "area_utenza": "POV"},
    )
    assert (result.accepted, result.merged, len(result.problems)) == (1, 0, 1)
    assert result.counts["categoria"].tolist() == ["POV"]


def test_only_counts_leave() -> None:
    result = check({"pseudonimo": A}, {"pseudonimo": B})
    assert list(result.counts.columns) == ["anno", "luogo", "categoria", "n"]
    assert A not in repr(result)
    assert result.counts["n"].dtype == "int64"


def test_no_rows_give_no_counts() -> None:
    result = check({"sesso": "?"})
    assert len(result.counts) == 0
    assert list(result.counts.columns) == ["anno", "luogo", "categoria", "n"]


RECORD = st.fixed_dictionaries(
    {
        "periodo": st.sampled_from(["2023-01", "2023-02", "2022-01", "2021-01"]),
        "unita_luogo": st.sampled_from([HERE, THERE, OUTSIDE]),
        "area_utenza": st.sampled_from(["FAM", "POV", "ANZ"]),
        "n_persone": st.sampled_from(["1", "3", "0"]),
        "pseudonimo": st.sampled_from(["", A, B, "x"]),
    }
)


@settings(deadline=None)
@given(changes=st.lists(RECORD, min_size=1, max_size=12))
def test_counts_in_equal_counts_out(changes: list[dict[str, str]]) -> None:
    result = check(*changes)
    refused = {problem.row for problem in result.problems}
    assert len(refused) == len(result.problems)
    assert result.rows_in == result.accepted + result.merged + len(refused)
    valid = [c for row, c in enumerate(changes, start=2) if row not in refused]
    persons = len({(c["periodo"][:4], c["pseudonimo"]) for c in valid if c["pseudonimo"]})
    others = sum(int(c["n_persone"]) for c in valid if not c["pseudonimo"])
    assert result.counts["n"].sum() == persons + others


@settings(deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_as_a_place_is_refused_politely(text: str) -> None:
    assert len(check({"unita_luogo": text}).problems) == 1
    # A mark that no message has: the text alone may be a word of one.
    (problem,) = check({"unita_luogo": text + "\N{SNOWMAN}"}).problems
    assert "\N{SNOWMAN}" not in str(problem)


def test_a_municipality_is_a_place() -> None:
    assert check({"unita_luogo": "002007"}).counts["luogo"].tolist() == ["002007"]


@settings(deadline=None)
@given(changes=st.lists(RECORD, min_size=1, max_size=12))
def test_persons_are_counted_as_a_loop_over_the_rows_counts_them(
    changes: list[dict[str, str]],
) -> None:
    """The same, written as slowly and plainly as possible."""
    seen: set[tuple[str, str]] = set()
    expected: dict[tuple[int, str, str], int] = {}
    for c in sorted(changes, key=itemgetter("periodo", "unita_luogo", "area_utenza")):
        person = (c["periodo"][:4], c["pseudonimo"])
        wrong = c["pseudonimo"] == "x" or c["n_persone"] == "0" or c["unita_luogo"] == OUTSIDE
        if wrong or c["periodo"] < "2022" or (c["pseudonimo"] and c["n_persone"] != "1"):
            continue
        if c["area_utenza"] not in GOOD["bisogni"].split(";"):
            continue
        if not c["pseudonimo"] or person not in seen:
            key = (int(c["periodo"][:4]), c["unita_luogo"], c["area_utenza"])
            expected[key] = expected.get(key, 0) + int(c["n_persone"])
        seen.add(person)
    found = check(*changes).counts.set_index(["anno", "luogo", "categoria"])["n"].to_dict()
    assert found == expected


def other(table: str, known: References, *rows: dict[str, str]) -> Intake:
    frame = pd.DataFrame(list(rows), index=pd.RangeIndex(2, 2 + len(rows)), dtype=object)
    columns = kind(CATALOG, table, known).columns
    return check_records(
        Path(f"{table}.csv"), frame.fillna(""), table=table, columns=columns, reserved={"SED-9"}
    )


KNOWN = References(
    organisations=frozenset({"ORG-1", "ORG-2"}),
    offices=frozenset({"SED-1", "SED-9"}),
    municipalities=frozenset({"002007"}),
    cells=frozenset({HERE}),
    years=frozenset({2022, 2023}),
)
REQUEST = {
    "id_org": "ORG-1", "periodo": "2023-01", "unita_luogo": HERE, "area_utenza": "FAM",
    "tipo_servizio": "nido", "esito": "accolto", "attesa_giorni": "", "n_richieste": "1",
    "pseudonimo": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "days", "category"),
    [
        ("accolto", "0", "attesa_30"),
        ("accolto", "30", "attesa_30"),
        ("accolto", "31", "attesa_90"),
        ("accolto", "90", "attesa_90"),
        ("accolto", "91", "attesa_oltre"),
        ("accolto", "", "attesa_nd"),
        ("inviato", "12", "inviate"),
        ("non_accolto", "12", "non_accolte"),
        ("in_attesa", "", "in_attesa"),
    ],
)
def test_a_request_is_in_one_category(outcome: str, days: str, category: str) -> None:
    row = {**REQUEST, "esito": outcome, "attesa_giorni": days, "n_richieste": "3"}
    (count,) = other("domanda", KNOWN, row).counts.to_dict("records")
    assert count == {"anno": 2023, "luogo": HERE, "categoria": category, "n": 3}


def test_a_request_without_answer_has_no_wait() -> None:
    (problem,) = other(
        "domanda", KNOWN, {**REQUEST, "esito": "in_attesa", "attesa_giorni": "5"}
    ).problems
    assert problem.column == "attesa_giorni"


def test_a_person_with_several_requests_counts_once_a_year() -> None:
    rows = [
        {**REQUEST, "pseudonimo": A, "id_org": org, "periodo": f"{year}-0{month}"}
        for org in ("ORG-1", "ORG-2")
        for year in (2022, 2023)
        for month in (1, 2, 3)
    ]
    result = other("domanda", KNOWN, *rows)
    assert (result.accepted, result.merged) == (2, 10)
    assert result.counts["n"].tolist() == [1, 1]


def test_only_a_closed_report_has_days() -> None:
    row = {
        "id_org": "ORG-1", "periodo": "2023-01", "unita_luogo": "002007", "categoria": "spazi",
        "stato": "chiusa", "giorni_chiusura": "4", "n_segnalazioni": "2", "pseudonimo": "",
    }  # fmt: skip
    result = other("segnalazioni", KNOWN, row, {**row, "stato": "aperta"})
    assert [p.column for p in result.problems] == ["giorni_chiusura"]
    assert result.counts["categoria"].tolist() == ["spazi"]


def test_marks_of_a_reserved_office_are_left_out_and_counted() -> None:
    row = {"id_sede": "SED-1", "periodo": "2023-01", "voto": "4", "n_voti": "2", "pseudonimo": ""}
    result = other("valutazioni", KNOWN, row, {**row, "id_sede": "SED-9"})
    assert (result.accepted, result.withheld, result.problems) == (2, 1, ())
    assert result.counts.to_dict("records") == [
        {"anno": 2023, "luogo": "SED-1", "categoria": "4", "n": 2}
    ]
