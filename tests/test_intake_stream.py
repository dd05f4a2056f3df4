"""Records in chunks: the same counts as all at once, in memory that does not grow with them."""

from __future__ import annotations

import re
from itertools import batched
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.catalog import read_catalog
from geo_core.errors import SourceError
from geo_core.ingest import earliest
from geo_core.ingest.columns import read_columns
from geo_core.ingest.intake import THEMES, Intake, Theme, check_chunks
from geo_core.ingest.kinds import References, kind
from geo_core.ingest.problems import Problems, Refusal
from geo_core.model import cells
from geo_core.sources import csv, csv_chunks

CELLS = (cells.at(45.32, 8.42, cells.LEAF), cells.at(45.82, 8.25, cells.LEAF), "002158")
KNOWN = References(
    organisations=frozenset({"ORG-1", "ORG-2"}),
    offices=frozenset({"SED-1", "SED-9"}),
    municipalities=frozenset({"002158"}),
    cells=frozenset(CELLS[:2]),
    years=frozenset({2022, 2023}),
)
COLUMNS = {
    table: kind(read_catalog(Path(__file__).parents[1]), table, KNOWN).columns for table in THEMES
}
PERSON = st.sampled_from(["", "", "a" * 32, "b" * 32, "00" * 15 + "01", "f" * 31 + "0", "wrong"])
MONTH = st.sampled_from(["2022-01", "2022-12", "2023-01", "2023-07", "2021-01"])
PLACE = st.sampled_from([*CELLS, "8828308281fffff"])
ORG = st.sampled_from(["ORG-1", "ORG-2", "ORG-9"])
AREA = st.sampled_from(["FAM", "DIS", "POV"])
ROWS = {
    "rilevazioni": st.fixed_dictionaries({
        "id_org": ORG, "periodo": MONTH, "unita_luogo": PLACE, "area_utenza": AREA,
        "bisogni": st.sampled_from(["FAM", "FAM;DIS", "POV;DIS;FAM"]),
        "n_persone": st.sampled_from(["1", "1", "3"]), "pseudonimo": PERSON,
    }),
    "domanda": st.fixed_dictionaries({
        "id_org": ORG, "periodo": MONTH, "unita_luogo": PLACE, "area_utenza": AREA,
        "tipo_servizio": st.just("nido"),
        "esito": st.sampled_from(["accolto", "in_attesa", "non_accolto"]),
        "attesa_giorni": st.sampled_from(["", "3", "80", "200"]),
        "n_richieste": st.just("1"), "pseudonimo": PERSON,
    }),
    "valutazioni": st.fixed_dictionaries({
        "id_sede": st.sampled_from(["SED-1", "SED-9"]), "periodo": MONTH,
        "voto": st.sampled_from(["1", "5"]), "n_voti": st.sampled_from(["1", "2"]),
        "pseudonimo": PERSON,
    }),
}  # fmt: skip


def frame(rows: list[dict[str, str]], first: int, table: str) -> pd.DataFrame:
    index = pd.RangeIndex(first, first + len(rows))
    names = [c.name for c in COLUMNS[table] if c.required or c.name == "pseudonimo"]
    columns = list(rows[0]) if rows else names
    return pd.DataFrame(rows, index=index, columns=columns, dtype=object)


def streamed(table: str, rows: list[dict[str, str]], size: int, *, dtype: str = "object") -> Intake:
    parts, first = [], 2
    for part in batched(rows, size):
        parts.append(frame(list(part), first, table).astype(dtype))
        first += len(part)
    return check_chunks(
        Path(f"{table}.csv"),
        parts or [frame([], 2, table)],
        table=table,
        columns=COLUMNS[table],
        reserved={"SED-9"},
    )


def plainly(table: str, rows: list[dict[str, str]]) -> Intake:
    """Count with one frame of all records: short, and too large for a long file."""
    theme: Theme = THEMES[table]
    problems = Problems(Path(f"{table}.csv"))
    given_ = frame(rows, 2, table)
    records = read_columns(Path("x"), given_, COLUMNS[table], problems)
    several = records["pseudonimo"].notna() & (records[theme.persons] != 1)
    problems.add_where(several, theme.persons, SEVERAL)
    theme.check(records, problems)
    valid = problems.remaining(records)
    valid = valid.assign(anno=[int(month[:4]) for month in valid["periodo"]])
    valid = valid.assign(
        luogo=valid[theme.place], conta=theme.category(valid), org=valid.get("id_org", "")
    )
    by_municipality = valid["luogo"].astype(str).str.fullmatch(r"\d{6}")
    ordered = valid.assign(comune=by_municipality).sort_values(
        ["periodo", "org", "comune", "luogo", "conta"]
    )
    again = ordered["pseudonimo"].notna() & ordered.duplicated(["anno", "pseudonimo"])
    once = ordered[~again]
    shown = once[~once[theme.place].isin(["SED-9"])]
    counts = pd.DataFrame(
        {
            "anno": shown["anno"],
            "luogo": shown[theme.place],
            "categoria": theme.category(shown),
            "n": shown[theme.persons],
        }
    )
    by = ["anno", "luogo", "categoria"]
    return Intake(
        rows_in=len(rows),
        accepted=len(once),
        merged=len(valid) - len(once),
        refused=len(problems.listed()),
        problems=problems.listed(),
        counts=counts.astype({"n": "int64"}).groupby(by)["n"].sum().reset_index(),
        withheld=len(once) - len(shown),
    )


SEVERAL = Refusal(
    "is not 1 although the pseudonym stands for one person", "write 1, or leave the pseudonym empty"
)


@pytest.mark.parametrize("table", ROWS)
@settings(max_examples=40)
@given(st.data(), st.integers(1, 30))
def test_chunks_count_like_one_frame_of_all(table: str, data: st.DataObject, size: int) -> None:
    rows = data.draw(st.lists(ROWS[table], max_size=20))
    # Persons are merged every few records, and the columns come as either type.
    with patch.object(earliest, "_MERGE_AT", data.draw(st.integers(0, 5))):
        found = streamed(
            table, rows, size, dtype=data.draw(st.sampled_from(["object", "category"]))
        )
    expected = plainly(table, rows)
    for part in ("rows_in", "accepted", "merged", "refused", "problems", "withheld"):
        assert getattr(found, part) == getattr(expected, part), part
    assert found.counts.to_dict("records") == expected.counts.to_dict("records")
    assert list(found.counts) == list(expected.counts)
    assert found.rows_in == found.accepted + found.merged + found.refused


def test_of_many_refused_rows_the_first_are_listed_and_all_counted() -> None:
    wrong = [{"id_sede": "?", "periodo": "2023-01", "voto": "1", "n_voti": "1"}] * 7
    told: list[int] = []
    found = check_chunks(
        Path("valutazioni.csv"),
        [frame(wrong[:3], 2, "valutazioni"), frame(wrong[3:], 5, "valutazioni")],
        table="valutazioni",
        columns=COLUMNS["valutazioni"],
        listed=5,
        progress=told.append,
    )
    assert (found.rows_in, found.refused) == (7, 7)
    assert [problem.row for problem in found.problems] == [2, 3, 4, 5, 6]
    assert told == [3, 7]


@pytest.mark.parametrize("table", ROWS)
@settings(max_examples=40)
@given(st.data(), st.integers(1, 30))
def test_the_order_of_the_rows_changes_no_count(table: str, data: st.DataObject, size: int) -> None:
    rows = data.draw(st.lists(ROWS[table], max_size=20))
    found, other = (
        streamed(table, rows, 100), streamed(table, data.draw(st.permutations(rows)), size)
    )  # fmt: skip
    assert found.counts.to_dict("records") == other.counts.to_dict("records")
    for part in ("rows_in", "accepted", "merged", "withheld"):
        assert getattr(found, part) == getattr(other, part), part


def test_among_records_of_a_month_organisation_place_and_category_decide() -> None:
    row = {
        "id_org": "ORG-1", "periodo": "2023-02", "unita_luogo": CELLS[0], "area_utenza": "FAM",
        "bisogni": "FAM;DIS", "n_persone": "1", "pseudonimo": "a" * 32,
    }  # fmt: skip
    # Each row comes before all that follow, whatever stands first in the file.
    better = [
        {**row, "id_org": "ORG-2", "periodo": "2023-01"},
        {**row, "area_utenza": "DIS"},
        row,
        {**row, "unita_luogo": "002158"},
        {**row, "id_org": "ORG-2"},
        {**row, "id_org": "ORG-2", "unita_luogo": "002158", "area_utenza": "DIS"},
    ]
    for first in range(len(better)):
        (count,) = streamed("rilevazioni", better[first:][::-1], 2).counts.to_dict("records")
        expected = better[first]
        assert (count["luogo"], count["categoria"]) == (
            expected["unita_luogo"], expected["area_utenza"],
        )  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 10, 100, 10_000])
@pytest.mark.parametrize(
    "text", ["\ufeffa,b\n1,x \n,\n3,è\n1, x\n", '\ufeffa,b\n1," x, ""y"" "\n,è\n3,\n']
)
def test_a_long_file_reads_like_a_short_one(tmp_path: Path, text: str, size: int) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    whole = csv.read(path)
    parts = [part.astype(object) for part in csv_chunks.chunks(path, block=size)]
    pd.testing.assert_frame_equal(pd.concat(parts), whole, check_names=False)
    pd.testing.assert_frame_equal(csv_chunks.read(path), whole, check_names=False)


def test_a_chunk_is_no_longer_than_its_block(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 50, encoding="utf-8")
    assert [len(part) for part in csv_chunks.chunks(path, block=40)] == [10, 11, 11, 11, 7]


PIECES = st.sampled_from(
    [b"a", b"b,", b",", b"1,2\n", b"\n", b" ", b'"', b'"x,\ny"', b"\r", b"\r\n", b"\0", b"\xc3\xa8",
     b"\xe8", b"\xef\xbb\xbf", b"\x85", b"\xe2\x80\xa8", b"x" * 2001]
)  # fmt: skip


@settings(max_examples=150)
@given(
    st.lists(PIECES, max_size=12), st.sampled_from([b"", b"a,b\n1,2\n3,4\n"]), st.integers(1, 40)
)
def test_what_is_split_fast_is_what_the_csv_module_reads(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], begin: bytes, size: int
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(begin + b"".join(pieces))
    with patch.object(csv_chunks, "_plain", return_value=False):
        slowly = read_or_refused(path, size)
    assert read_or_refused(path, size) == slowly


def read_or_refused(path: Path, size: int) -> str | dict[str, object]:
    try:
        parts = list(csv_chunks.chunks(path, block=size))
    except SourceError:
        return "refused"
    whole: dict[str, object] = pd.concat([p.astype(object) for p in parts]).to_dict("split")
    return whole


def test_a_file_without_rows_has_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n", encoding="utf-8")
    (only,) = csv_chunks.chunks(path)
    assert list(only) == ["a", "b"]
    assert only.empty


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is empty"),
        (b"a,a\n", "repeats"),
        (b"a;b\n1;2\n", "commas"),
        (b"a,b\n1\n", "row 2.*1 cells"),
        (b"a,b\n1,2\n1,2,3\n", "row 3.*3 cells"),
        (b"a,b\n1,2\n1,2\n\n1,2\n", "row 4.*0 cells"),
        (b'a,b\n1,"2\n', "broken quotes"),
        (b"a,b\n1,\0\n", "NUL"),
        (b"a,b\n1,\xe8\n", "UTF-8"),
        (b"a,b\n1," + b"x" * 3000 + b"\n", "cell is longer"),
        (b"a,b\n1," + b"x" * 1_100_000 + b"\n", "line 2.*longer"),
    ],
)
@pytest.mark.parametrize("size", [1, 9, 10_000])
def test_a_broken_file_is_refused_where_it_breaks(
    tmp_path: Path, raw: bytes, reason: str, size: int
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    with pytest.raises(SourceError) as refused:
        list(csv_chunks.chunks(path, block=size))
    assert re.search(reason, str(refused.value))


def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        list(csv_chunks.chunks(tmp_path / "none.csv"))
