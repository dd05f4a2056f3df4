"""Indicators and the composite index: golden numbers, invariants, drift of the goalposts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo_core.indicators.composite import IndexInputError, ampi, classify, normalise, rank
from geo_core.indicators.demography import FROM_AGES, population_change, ratio, residents
from geo_core.indicators.risk import risk
from geo_core.model.indicator import Indicators
from geo_core.place.population import ages_by
from geo_core.sources.geopop import population
from geo_core.strict_yaml import read_document

ROOT = Path(__file__).parents[1]
SCORES = hnp.arrays(
    float, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.floats(70, 130)
)


@pytest.fixture(scope="module")
def catalogue() -> Indicators:
    return read_document(ROOT / "config" / "indicatori.yml", Indicators)


@pytest.fixture(scope="module")
def italy() -> dict[int, np.ndarray]:
    return {year: ages_by(population(year), "cod_istat").to_numpy() for year in (2022, 2023)}


def test_ampi_matches_the_published_formula_by_hand():
    # Three indicators 100, 110, 120: M = 110, S = sqrt(200/3), S^2/M = 200/330.
    result = ampi(np.array([[100.0, 110.0, 120.0]]), penalty=1)
    assert result.mean == pytest.approx(110)
    assert result.deviation == pytest.approx((200 / 3) ** 0.5)
    assert result.score == pytest.approx(110 + 200 / 330)
    assert ampi(np.array([[100.0, 110.0, 120.0]]), penalty=-1).score == pytest.approx(
        110 - 200 / 330
    )


def test_ampi_golden_numbers_of_two_italian_regions():
    # Mean and population SD as published give the published scores (Education, 20 regions, 2020).
    for mean, deviation, minus, plus in [
        (105.613, 5.114, 105.365, 105.861),
        (85.001, 18.505, 80.973, 89.030),
    ]:
        row = np.array([[mean - deviation, mean + deviation]])
        assert ampi(row, penalty=-1).score[0] == pytest.approx(minus, abs=6e-4)
        assert ampi(row, penalty=1).score[0] == pytest.approx(plus, abs=6e-4)


@given(SCORES)
def test_the_penalty_raises_risk_and_lowers_wellbeing_and_vanishes_in_balance(rows):
    plus, minus = ampi(rows, penalty=1), ampi(rows, penalty=-1)
    assert (plus.score >= plus.mean - 1e-9).all()
    assert (minus.score <= minus.mean + 1e-9).all()
    flat = np.repeat(rows[:, :1], rows.shape[1], axis=1)
    assert ampi(flat, penalty=1).score == pytest.approx(flat[:, 0])


@given(SCORES, st.randoms())
def test_the_order_of_units_changes_nothing(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    assert ampi(rows[order], penalty=1).score == pytest.approx(ampi(rows, penalty=1).score[order])


def test_a_missing_indicator_gives_no_score_and_class_zero():
    score = ampi(np.array([[100.0, np.nan], [90.0, 90.0]]), penalty=1).score
    assert np.isnan(score[0])
    assert classify(score, (80, 95)).tolist() == [0, 2]
    assert rank(score).tolist() == [0, 1]


def test_normalising_maps_goalposts_by_polarity():
    values = np.array([[0.0, 0.0], [10.0, 10.0]])
    out = normalise(
        values, low=np.array([0.0, 0.0]), high=np.array([10.0, 10.0]), polarity=np.array([1, -1])
    )
    assert out.tolist() == [[70, 130], [130, 70]]


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (np.nan, 1.0), (0.0, np.inf)])
def test_senseless_goalposts_are_refused(low, high):
    with pytest.raises(IndexInputError, match="goalposts"):
        normalise(
            np.ones((1, 1)), low=np.array([low]), high=np.array([high]), polarity=np.array([1])
        )


def test_a_ratio_over_nobody_is_missing():
    out = ratio(np.array([1.0, 0.0, 3.0]), np.array([0.0, 0.0, 4.0]), per=100)
    assert np.isnan(out[:2]).all()
    assert out[2] == 75


def test_ranks_share_the_better_place():
    assert rank(np.array([3.0, 5.0, 5.0, 1.0])).tolist() == [3, 1, 1, 4]


def test_a_score_on_a_bound_belongs_to_the_class_below():
    assert classify(np.array([1.0, 2.0, 2.5, 9.0]), (2.0, 3.0)).tolist() == [1, 1, 2, 3]


def test_the_province_has_its_published_indicators():
    ages = ages_by(population(2023, province="002").assign(all="002"), "all").to_numpy()
    before = ages_by(population(2022, province="002").assign(all="002"), "all").to_numpy()
    assert residents(ages)[0] == 165_505
    assert residents(before)[0] == 166_083
    assert round(FROM_AGES["DEM01"](ages)[0], 1) == 251.8
    assert round(FROM_AGES["DEM02"](ages)[0], 1) == 63.4
    assert round(FROM_AGES["DEM03"](ages)[0], 2) == 9.43
    assert round(population_change(ages, before)[0], 2) == -0.35


def test_goalposts_are_those_of_all_italian_municipalities(catalogue, italy):
    for ident, indicator in catalogue.indicators.items():
        if ident in FROM_AGES:
            values = np.concatenate([FROM_AGES[ident](ages) for ages in italy.values()])
        else:
            values = population_change(italy[2023], italy[2022])
        expected = (float(np.nanmin(values)), float(np.nanmax(values)))
        assert (indicator.goalposts.min, indicator.goalposts.max) == expected, ident


@pytest.mark.parametrize("name", ["rischio_comuni", "rischio_h3"])
def test_breaks_are_the_national_quintiles(catalogue, italy, name):
    # At both levels the breaks come from municipalities: a class means the same thing everywhere.
    composite = catalogue.composites[name].model_copy(update={"level": "comune"})
    score = risk(italy[2023], italy[2022], composite=composite, catalogue=catalogue)["punteggio"]
    assert np.quantile(score, [0.2, 0.4, 0.6, 0.8]) == pytest.approx(composite.breaks, rel=1e-12)


def test_hexagons_with_few_residents_have_no_score(catalogue):
    ages = np.zeros((3, 101), dtype=np.int64)
    ages[0, 30:129] = 1
    ages[0, 5] = ages[0, 70] = ages[0, 85] = 9
    ages[1] = 1
    out = risk(ages, None, composite=catalogue.composites["rischio_h3"], catalogue=catalogue)
    assert out["residenti"].tolist() == [96, 101, 0]
    assert np.isnan(out["punteggio"]).tolist() == [True, False, True]
    assert out["classe"][0] == 0


@given(hnp.arrays(np.int64, (4, 101), elements=st.integers(1, 30)))
def test_more_people_of_great_age_lower_no_indicator(ages):
    older = ages.copy()
    older[:, 90] += 5
    for indicator in FROM_AGES.values():
        assert (indicator(older) >= indicator(ages)).all()
