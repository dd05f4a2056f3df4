"""Two years of invented cases: they grow, follow the seasons, gather, and some are never told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.synth import streams
from geo_core.synth.cases import _presence, _without_replacement
from geo_core.synth.district import SEED, write_district
from geo_core.synth.pacts import ENDINGS, SIGNED, STEPS
from geo_core.synth.reporters import REACH_KM
from geo_core.synth.streams import Draw, DrawByCode
from geo_core.synth.themes import MONTHS, NEEDS, REPORTS

ENTERED = ("rilevazioni", "domanda", "segnalazioni")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("district")
    assert write_district(target, seed=SEED) == ()
    return target


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def demand(folder: Path) -> pd.DataFrame:
    return read(folder, "domanda")


def test_cases_grow_from_year_to_year_as_declared(demand: pd.DataFrame) -> None:
    by_year = pd.crosstab(demand["area_utenza"], demand["periodo"].str[:4])
    growth = by_year["2023"] / by_year["2022"]
    # Some organisations report from the second year on, so that all seem to grow by as much.
    apparent = by_year["2023"].sum() / by_year["2022"].sum()
    expected = sum(c.share for c in NEEDS.categories.values()) / sum(
        c.share / c.growth for c in NEEDS.categories.values()
    )
    assert "VIO" not in growth
    for area, category in NEEDS.categories.items():
        if area == "VIO":
            continue
        wanted = category.growth * apparent / expected
        noise = 4 * wanted * np.sqrt((1 / by_year.loc[area]).sum())
        assert growth[area] == pytest.approx(wanted, abs=noise)
    assert growth["POV"] > growth["FAM"] > growth["DIP"]


def test_cases_follow_the_seasons(demand: pd.DataFrame) -> None:
    month = demand["periodo"].str[5:].astype(int)
    poor, families = (demand["area_utenza"] == area for area in ("POV", "FAM"))
    winter, summer = month.isin([12, 1, 2]), month.isin([6, 7, 8])
    assert (poor & winter).sum() > 1.5 * (poor & summer).sum()
    assert (families & month.isin([9, 10])).sum() > 2.5 * (families & month.isin([7, 8])).sum()


def test_some_organisations_are_silent_for_months_for_a_year_or_always(
    folder: Path, demand: pd.DataFrame
) -> None:
    kinds = read(folder, "organizzazioni").set_index("id_org")["tipo"]
    able = kinds.index[kinds.isin(list(REACH_KM))]
    rows = pd.crosstab(demand["id_org"], demand["periodo"]).reindex(able, fill_value=0)
    rows = rows.reindex(columns=list(MONTHS), fill_value=0)
    assert (rows.sum(axis=1) == 0).sum() >= 2
    first_year = rows.iloc[:, :12].sum(axis=1) == 0
    assert (first_year & (rows.iloc[:, 12:].min(axis=1) > 0)).any()
    large = rows[rows.median(axis=1) > 40]
    assert (large == 0).any(axis=1).any()
    assert (large > 0).all(axis=1).any()


def test_the_same_months_are_missing_in_every_table(folder: Path) -> None:
    rows = {name: read(folder, name) for name in ENTERED}
    told = {name: set(zip(r["id_org"], r["periodo"], strict=True)) for name, r in rows.items()}
    counts = rows["domanda"].groupby("id_org").size()
    large = set(counts.index[counts > 3000])
    assert large
    for org in large:
        months = {month for whose, month in told["rilevazioni"] if whose == org}
        assert months == {month for whose, month in told["domanda"] if whose == org}


@pytest.mark.parametrize("name", ENTERED)
def test_a_few_records_know_their_municipality_only(folder: Path, name: str) -> None:
    rows = read(folder, name)
    coarse = rows["unita_luogo"].str.fullmatch("[0-9]{6}")
    assert coarse.mean() == pytest.approx(0.06, abs=0.02)
    known = set(read(folder, "popolazione")["cod_istat"])
    assert set(rows.loc[coarse, "unita_luogo"]) <= known


def test_a_record_is_of_its_own_place_where_residents_are(folder: Path) -> None:
    people = read(folder, "popolazione").astype({"n": int})
    residents = people.groupby("h3")["n"].sum()
    for name in ENTERED:
        rows = read(folder, name)
        rows = rows[rows["unita_luogo"].str.len() == 15]
        once = rows[(rows["pseudonimo"] == "") | ~rows["pseudonimo"].duplicated()]
        for _, year in once.groupby(once["periodo"].str[:4]):
            persons = year["unita_luogo"].value_counts()
            assert (persons <= residents.reindex(persons.index, fill_value=0)).all()


def test_who_waits_has_no_days_and_who_is_answered_has(demand: pd.DataFrame) -> None:
    waits = demand["esito"] == "in_attesa"
    assert waits.any()
    assert ((demand["attesa_giorni"] == "") == waits).all()
    scarce = demand["tipo_servizio"] == "struttura_residenziale"
    days = pd.to_numeric(demand["attesa_giorni"])
    assert days[scarce].median() > 2 * days[~scarce].median()


def test_only_a_closed_report_has_days(folder: Path) -> None:
    reports = read(folder, "segnalazioni")
    assert set(reports["stato"]) == {"aperta", "presa_in_carico", "chiusa"}
    assert ((reports["giorni_chiusura"] != "") == (reports["stato"] == "chiusa")).all()
    assert set(reports["categoria"]) == set(REPORTS.categories)
    closed = (reports["stato"] == "chiusa").groupby(reports["periodo"].str[:4]).mean()
    assert closed["2022"] > closed["2023"]


def test_marks_differ_between_offices_and_reserved_ones_have_none(folder: Path) -> None:
    marks, offices = read(folder, "valutazioni"), read(folder, "sedi")
    assert set(marks["voto"]) == {"1", "2", "3", "4", "5"}
    secret = set(offices.loc[offices["riservata"] == "true", "id_sede"])
    rated = set(marks["id_sede"])
    assert secret
    assert rated.isdisjoint(secret)
    assert len(rated) < len(offices) - len(secret)
    means = marks.astype({"voto": int}).groupby("id_sede")["voto"].mean()
    assert means.std() > 0.3


def test_pacts_are_in_every_state_with_the_days_of_their_steps(folder: Path) -> None:
    pacts = read(folder, "patti")
    steps = [step for step, _ in STEPS]
    assert set(pacts["stato"]) == {*steps, *ENDINGS}
    for pact in pacts.to_dict("records"):
        state = pact["stato"]
        way = steps[: steps.index(ENDINGS.get(state, state)) + 1] + [state] * (state in ENDINGS)
        days = [pact[f"data_{step}"] for step in way]
        assert all(days[1:])
        assert days[-1]
        assert [d for d in days if d] == sorted(d for d in days if d)
        assert "2022-01-01" <= days[-1] <= "2023-12-31"
        later = {*steps, *ENDINGS} - set(way)
        assert not any(pact[f"data_{step}"] for step in later)
        assert bool(pact["atto"]) == (state in SIGNED)


def test_some_opportunities_are_over_and_some_are_open(folder: Path) -> None:
    until = read(folder, "opportunita")["scadenza"]
    assert ((until != "") & (until <= "2023-12-31")).sum() > 10
    assert (until > "2023-12-31").sum() > 10
    assert (until == "").any()


def test_no_area_leads_to_a_reserved_office(folder: Path) -> None:
    offices, areas = read(folder, "sedi"), read(folder, "aree_servizio")
    secret = offices[offices["riservata"] == "true"]
    assert set(areas["base"]) == {"comuni", "isocrona", "poligono"}
    assert set(areas["id_sede"]).isdisjoint(secret["id_sede"])
    assert set(areas["id_servizio"]).isdisjoint(set(";".join(secret["servizi"]).split(";")))


def test_references_lead_to_rows_that_are_there(folder: Path) -> None:
    ids = {
        "id_org": "organizzazioni",
        "id_servizio": "servizi",
        "id_strumento": "strumenti",
        "id_patto": "patti",
    }
    known = {column: set(read(folder, table)[column]) | {""} for column, table in ids.items()}
    known |= {"soggetti": known["id_org"], "attori": known["id_org"]}
    for table in ("strumenti", "reti", "patti", "buone_prassi", "aree_servizio"):
        rows = read(folder, table)
        assert (rows["dato_sintetico"] == "true").all()
        for column in set(known) & set(rows.columns):
            named = {code for text in rows[column] for code in text.split(";")}
            assert named <= known[column], (table, column)


@given(st.lists(st.just(0.0) | st.floats(0.01, 100), min_size=1, max_size=60), st.integers(0, 70))
def test_nobody_is_drawn_twice_or_without_weight(weights: list[float], count: int) -> None:
    weight = np.array(weights)
    taken = _without_replacement(weight, count, np.random.default_rng(1))
    assert len(set(taken.tolist())) == len(taken) == min(count, (weight > 0).sum())
    assert (weight[taken] > 0).all()


@pytest.mark.parametrize("theme", [NEEDS, REPORTS])
def test_declared_growth_is_what_the_years_come_to(theme: object) -> None:
    for category in theme.categories.values():
        first, both, last = _presence(category, theme.staying)
        assert first + both + last == pytest.approx(1)
        assert min(first, both, last) >= 0
        assert (both + last) / (both + first) == pytest.approx(category.growth)
    assert sum(c.share for c in theme.categories.values()) == pytest.approx(1)


@given(st.lists(st.integers(0, 2), max_size=50))
def test_every_code_draws_from_its_own_texts(codes: list[int]) -> None:
    draw = DrawByCode([{"a": 1, "b": 2}, {"c": 1}, {"d": 1, "e": 1, "f": 1}])
    drawn = draw(np.array(codes, dtype=np.int8), np.random.default_rng(1)).to_pylist()
    own = ({"a", "b"}, {"c"}, {"d", "e", "f"})
    assert all(text in own[code] for code, text in zip(codes, drawn, strict=True))


def test_texts_are_drawn_as_often_as_they_weigh() -> None:
    drawn = pd.Series(Draw({"a": 1, "b": 3})(20_000, np.random.default_rng(1)).to_pylist())
    assert (drawn == "b").mean() == pytest.approx(0.75, abs=0.02)


def test_a_long_table_is_written_batch_by_batch(tmp_path: Path) -> None:
    said: list[int] = []
    batches = ({"x": pa.array([str(n)]), "y": pa.array(["è"])} for n in range(3))
    assert streams.write(tmp_path / "t.csv", batches, progress=said.append) == 3
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "x,y\n0,è\n1,è\n2,è\n"
    assert said == [1, 2, 3]
