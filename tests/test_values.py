"""Values of indicators: what is counted, intervals, smoothing, changes and revisions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.catalog import read_catalog
from geo_core.indicators.change import LESS, MORE, NOISE, UNKNOWN, Estimate, change
from geo_core.indicators.registers import SOURCES, counted
from geo_core.indicators.values import ACCESS, GIVEN, Units, rows
from geo_core.model.indicator import Indicators
from geo_core.model.tables import OpenTable
from geo_core.revised import with_revisions
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[1]
TOWNS = pd.Index(["002001", "002002", "002003"])


@pytest.fixture(scope="module")
def catalogue() -> Indicators:
    return read_document(ROOT / "config" / "indicatori.yml", Indicators)


def register(*, invented: bool = False) -> dict[str, pd.DataFrame]:
    """Return two towns with offices; the third has nothing."""
    return {
        "servizi": pd.DataFrame({
            "id": ["N", "S"], "tipo_servizio": ["nido", "sportello_sociale"],
            "dato_sintetico": [invented, False],
        }),
        "sedi": gpd.GeoDataFrame({
            "id": ["A", "B", "C", "D"], "servizi": ["N;S", "S", "N", "N"],
            "posti": pd.array([20, 30, 7, 9], dtype="Int64"),
            "riservata": [False, False, True, False],
            "cod_istat": ["002001", "002001", "002002", "002002"], "dato_sintetico": False,
        }),
        "organizzazioni": pd.DataFrame({
            "tipo": ["ets", "asl", "ets"], "cod_istat": ["002001", "002001", "002002"],
            "dato_sintetico": False,
        }),
        "patti": pd.DataFrame({
            "stato": ["attuazione", "concluso", "sottoscritto"],
            "cod_istat": ["002001", "002001", "002002"],
            "data_proposta": [date(2023, 1, 1), date(2023, 1, 1), None],
            "data_sottoscritto": [date(2023, 1, 31), date(2023, 3, 1), date(2023, 5, 1)],
            "dato_sintetico": False,
        }),
    }  # fmt: skip


def of(ident: str, **how: bool) -> list[float]:
    own = {town: town for town in TOWNS}
    return counted(register(**how), own, TOWNS)[ident].number.tolist()


def test_registers_are_counted_and_reserved_offices_are_in_no_figure():
    assert of("OFF01") == [20, 9, 0]
    assert of("OFF03") == [2, 1, 0]
    assert of("TS01") == [1, 1, 0]
    assert of("PAR01") == [1, 1, 0]
    assert of("PAR02")[0] == 44.5
    assert np.isnan(of("PAR02")[1:]).all()


def test_a_unit_of_several_towns_has_the_median_of_all_its_pacts():
    whole = counted(register(), dict.fromkeys(TOWNS, "EG1"), pd.Index(["EG1"]))
    assert whole["PAR02"].number.tolist() == [44.5]
    assert whole["OFF01"].number.tolist() == [29]


def test_nothing_found_in_an_invented_register_may_be_invented_too():
    own = {town: town for town in TOWNS}
    found = counted(register(invented=True), own, TOWNS)
    assert found["OFF01"].invented.tolist() == [True, True, True]
    assert found["TS01"].invented.tolist() == [False, False, False]


@pytest.fixture
def table(catalogue: Indicators) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    ages, before = (
        pd.DataFrame(rng.poisson([[40.0], [6.0], [0.0]], (3, 101)), index=TOWNS) for _ in range(2)
    )
    own = {town: town for town in TOWNS}
    access = pd.DataFrame(
        {column: [50.0, 0.0, np.nan] for of in ACCESS.values() for column in of.values()}
        | {"dato_sintetico": True},
        index=TOWNS,
    )
    given = pd.DataFrame(columns=["indicatore", "unita", "anno", "dato_sintetico"])
    units = Units("comune", ages, before, counted(register(), own, TOWNS), given, access)
    return rows(catalogue, units, year=2023)


def test_values_lie_in_their_intervals_and_what_is_missing_says_so(table: pd.DataFrame):
    known = table[table["ic_inf"].notna()]
    assert len(known) > 20
    assert (known["ic_inf"] <= known["valore"]).all()
    assert (known["valore"] <= known["ic_sup"]).all()
    missing = table["valore"].isna()
    assert (table.loc[missing, "stato"] == "no-data").all()
    nobody = table[(table["unita"] == "002003") & (table["misura"] == "%")]
    assert nobody["valore"].isna().all(), "nobody lives there: no share is zero"


def test_smoothed_values_lie_between_their_own_and_the_mean_and_in_their_intervals(
    table: pd.DataFrame,
):
    smooth = table[table["valore_eb"].notna()]
    assert set(smooth["indicatore"]) == {"DEM03", "OFF03", "TS01", "PAR01"}
    for _, group in smooth.groupby(["indicatore", "periodo_inizio"]):
        per = 100 if group["indicatore"].iloc[0] == "DEM03" else 10_000
        mean = per * group["numeratore"].sum() / group["n"].sum()
        low, high = (f(group["valore"], mean) for f in (np.minimum, np.maximum))
        assert ((low - 1e-4 <= group["valore_eb"]) & (group["valore_eb"] <= high + 1e-4)).all()
        assert (group["eb_inf"] <= group["valore_eb"]).all()
        assert (group["valore_eb"] <= group["eb_sup"]).all()


def test_access_has_a_row_for_every_variant(table: pd.DataFrame):
    access = table[table["variante"].notna()]
    assert set(access["indicatore"]) == set(ACCESS)
    assert access["id"].is_unique
    assert access[access["unita"] == "002001"]["valore"].eq(50).all()
    assert access[access["unita"] == "002003"]["stato"].eq("no-data").all(), "missing is not zero"
    assert access["dato_sintetico"].all()
    assert not table[table["indicatore"] == "DEM03"]["dato_sintetico"].any()


def test_every_indicator_with_values_is_in_the_catalogue_with_their_collection(
    table: pd.DataFrame, catalogue: Indicators
):
    said = {i for i, of in catalogue.all.items() if "valori_indicatori" in of.collections}
    assert set(table["indicatore"]) == said - GIVEN.keys()
    assert set(SOURCES) <= said


NUMBERS = st.floats(0, 1e6)
ESTIMATES = st.lists(NUMBERS, min_size=3, max_size=3).map(
    lambda n: Estimate(*(np.array([sorted(n)[i]]) for i in (1, 0, 2)))
)


@given(ESTIMATES, ESTIMATES)
def test_a_change_turns_its_sign_with_the_order_and_is_none_where_intervals_hold_both(a, b):
    there, back = change(a, b), change(b, a)
    assert there.value == -back.value
    assert there.low == pytest.approx(-back.high)
    opposite = {MORE: LESS, LESS: MORE, NOISE: NOISE}
    assert back.kind[0] == opposite[str(there.kind[0])]
    if a.low <= b.value <= a.high:
        assert there.kind[0] == NOISE


def test_a_change_is_more_than_noise_only_beyond_both_intervals():
    def one(*numbers: float) -> Estimate:
        return Estimate(*(np.array([n]) for n in numbers))

    assert change(one(10, 9, 11), one(5, 4, 6)).kind.tolist() == [MORE]
    assert change(one(5, 4, 6), one(10, 9, 11)).kind.tolist() == [LESS]
    assert change(one(6.2, 5.2, 7.2), one(5, 4, 6)).kind.tolist() == [NOISE]
    assert change(one(6.2, np.nan, np.nan), one(5, 4, 6)).kind.tolist() == [UNKNOWN]
    # The width of two equal intervals together is sqrt(2) of one.
    assert change(one(6, 5, 7), one(5, 4, 6)).high[0] == pytest.approx(1 + 2**0.5)


def published(releases: Path, frame: pd.DataFrame) -> None:
    """Make values those of the release that is current."""
    folder = releases / "2023-12-31-0123456789ab" / "collections" / "valori_indicatori"
    folder.mkdir(parents=True, exist_ok=True)
    frame.drop(columns="geometry").to_parquet(folder / "features.parquet")
    (releases / "current").write_text("2023-12-31-0123456789ab\n")


def test_a_value_that_changed_since_the_current_release_is_revised(tmp_path: Path):
    layer = read_catalog(ROOT).layer("valori_indicatori")
    fields = dict.fromkeys([*layer.field_names, "geometry"])
    frame = gpd.GeoDataFrame([{**fields, "id": f"DEM03-comune-{i}"} for i in range(4)])
    frame = frame.assign(valore=[1.0, 2.0, np.nan, 4.0], versione=1, revisione=0)
    table = OpenTable(layer, frame)

    def revisions(found: list[OpenTable]) -> list[int]:
        return found[0].frame["revisione"].tolist()

    assert revisions(with_revisions([table], tmp_path)) == [0, 0, 0, 0]
    was = frame.assign(valore=[1.0, 5.0, 3.0, 9.0], versione=[1, 1, 1, 2], revisione=[2, 1, 0, 7])
    published(tmp_path, was.iloc[:4])
    again = with_revisions([table], tmp_path)
    assert revisions(again) == [2, 2, 1, 0], "the last one was made by another method"
    published(tmp_path, again[0].frame)
    assert revisions(with_revisions([table], tmp_path)) == [2, 2, 1, 0], "building again"
    (tmp_path / "current").write_text("2023-12-31-ba9876543210\n")
    assert revisions(with_revisions([table], tmp_path)) == [0, 0, 0, 0], "nothing to read"
