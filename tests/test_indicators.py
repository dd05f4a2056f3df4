"""Indicators and the composite index: golden numbers, invariants, drift of the goalposts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import kurtosis, skew

from geo_core.indicators.composite import IndexInputError, ampi, classify, normalise, rank
from geo_core.indicators.composition import Composition, drawn, fitted, own_weight, smoothed
from geo_core.indicators.demography import (
    GROUPS,
    RATIOS,
    by_group,
    indicators,
    ratio,
    residents,
)
from geo_core.indicators.risk import bounds, drawn_scores, fragility, on_scale
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


def test_the_province_has_its_published_indicators(catalogue):
    ages = ages_by(population(2023, province="002").assign(all="002"), "all").to_numpy()
    before = ages_by(population(2022, province="002").assign(all="002"), "all").to_numpy()
    assert residents(ages)[0] == 165_505
    assert residents(before)[0] == 166_083
    names = catalogue.composites["ifs"].indicators
    found = dict(zip(names, indicators(names, by_group(ages))[0], strict=True))
    assert round(found["DEM01"], 1) == 251.8
    assert round(found["DEM02"], 1) == 63.4
    assert round(found["DEM03"], 2) == 9.43


def test_the_groups_share_out_everybody():
    first, last = zip(*GROUPS.values(), strict=True)
    assert (first[0], last[-1]) == (0, 100)
    assert [a + 1 for a in last[:-1]] == list(first[1:])


@pytest.fixture(scope="module")
def national(catalogue, italy) -> dict[int, np.ndarray]:
    """Return the smoothed indicators of all Italian municipalities, by year."""
    names = catalogue.composites["ifs"].indicators
    groups = {year: by_group(ages) for year, ages in italy.items()}
    return {year: indicators(names, smoothed(g, fitted(g))) for year, g in groups.items()}


def test_goalposts_are_those_of_all_italian_municipalities(catalogue, national):
    values = np.concatenate(list(national.values()))
    assert len(values) > 15_000
    for column, ident in zip(values.T, catalogue.composites["ifs"].indicators, strict=True):
        posts = catalogue.indicators[ident].goalposts
        expected = (float(column.min()), float(column.max()))
        assert (posts.min, posts.max) == pytest.approx(expected, rel=1e-9), ident


def test_no_indicator_has_outliers_that_must_be_treated(catalogue, national):
    values = np.concatenate(list(national.values()))
    for column, ident in zip(values.T, catalogue.composites["ifs"].indicators, strict=True):
        said = catalogue.indicators[ident].treatment
        assert said.skewness == pytest.approx(skew(column, bias=False), abs=1e-3)
        assert said.kurtosis == pytest.approx(kurtosis(column, bias=False), abs=1e-3)
        assert abs(said.skewness) <= 2 or abs(said.kurtosis) <= 3.5


def test_breaks_are_the_national_quintiles(catalogue, national):
    # At all levels the breaks come from municipalities: a class means the same thing everywhere.
    composite = catalogue.composites["ifs"]
    members = [catalogue.indicators[i] for i in composite.indicators]
    score = ampi(on_scale(national[2023], members), penalty=1).score
    assert np.quantile(score, [0.2, 0.4, 0.6, 0.8]) == pytest.approx(composite.breaks, rel=1e-9)
    *first, last = (f"{one:.1f}".replace(".", ",") for one in composite.breaks)
    guide = (ROOT / "docs" / "indicatori.md").read_text(encoding="utf-8")
    assert f"{', '.join(first)} e {last} punti" in guide


def scored(catalogue, groups, *, fewest=1):
    """Return the columns of the index, with the interval of its score."""
    groups = np.asarray(groups, dtype=float)
    how = {"composite": catalogue.composites["ifs"], "catalogue": catalogue}
    found = fragility(groups, fewest=fewest, **how)
    low, high = bounds(drawn_scores(groups, range(len(groups)), found, **how))
    return {**found.columns, "punteggio_inf": low, "punteggio_sup": high}


def test_units_with_few_residents_have_no_score(catalogue):
    out = scored(catalogue, [[9, 60, 12, 10, 8], [9, 60, 12, 11, 8], [0] * 5], fewest=100)
    assert out["residenti"].tolist() == [99, 100, 0]
    for name in set(out) - {"residenti", "classe"}:
        assert np.isnan(out[name]).tolist() == [True, False, True], name
    assert out["classe"].tolist()[::2] == [0, 0]


COUNTS = hnp.arrays(np.int64, (6, 5), elements=st.integers(0, 400))


@given(COUNTS, st.randoms())
def test_neither_order_nor_company_changes_what_is_drawn(groups, random):
    lent = Composition(np.full(5, 0.2), 50.0)
    order = list(range(6))
    random.shuffle(order)
    keys = [7, 11, 13, 17, 19, 23]
    all_of_them = drawn(groups * 1.0, lent, keys=keys, draws=3)
    some = drawn(groups[order[:4]] * 1.0, lent, keys=[keys[i] for i in order[:4]], draws=3)
    assert (all_of_them[:, order[:4]] == some).all()
    assert all_of_them.sum(axis=-1) == pytest.approx(1)


@given(COUNTS)
def test_smoothed_shares_lie_between_a_units_own_and_those_of_all(groups):
    groups = groups + 1.0
    lent = fitted(groups)
    own = groups / groups.sum(axis=1, keepdims=True)
    shares = smoothed(groups, lent)
    weight = own_weight(groups, lent)[:, None]
    assert shares.sum(axis=1) == pytest.approx(1)
    assert shares == pytest.approx(weight * own + (1 - weight) * lent.shares)


def test_the_loan_is_found_again_that_counts_were_made_with():
    rng = np.random.default_rng(1)
    shares = np.array([0.12, 0.4, 0.23, 0.16, 0.09])
    people = rng.integers(50, 5_000, 1_500)
    for lent in (100, 1_000):
        counts = np.array([rng.multinomial(n, rng.dirichlet(lent * shares)) for n in people])
        assert fitted(counts * 1.0).lent == pytest.approx(lent, rel=0.1)
    alike = np.array([rng.multinomial(n, shares) for n in people])
    assert fitted(alike * 1.0).lent > 20_000


def test_the_smallest_do_not_top_the_ranking_by_chance(catalogue):
    """Where all places are alike beneath, the top is not made of the smallest ones."""
    rng = np.random.default_rng(2)
    shares = np.array([0.11, 0.37, 0.24, 0.18, 0.10])
    people = np.array([50] * 40 + [5_000] * 40)
    groups = np.array([rng.multinomial(n, shares) for n in people])
    out = scored(catalogue, groups)
    raw = np.column_stack([out[catalogue.indicators[i].field]
                           for i in catalogue.composites["ifs"].indicators])  # fmt: skip
    members = [catalogue.indicators[i] for i in catalogue.composites["ifs"].indicators]
    unsmoothed = ampi(on_scale(np.nan_to_num(raw), members), penalty=1).score
    assert (np.argsort(-unsmoothed)[:10] < 40).all(), "without smoothing only chance is at the top"
    width = out["punteggio_sup"] - out["punteggio_inf"]
    assert np.ptp(out["punteggio"][:40]) < np.ptp(unsmoothed[:40]) / 10
    assert (np.argsort(-out["punteggio"])[:10] < 40).sum() <= 5
    assert width[:40].mean() > width[40:].mean()


def test_the_interval_of_a_score_holds_the_true_one_as_often_as_it_says(catalogue):
    rng = np.random.default_rng(3)
    mean = np.array([0.11, 0.37, 0.24, 0.18, 0.10])
    true = rng.dirichlet(400 * mean, 400)
    groups = np.array([rng.multinomial(n, p) for n, p in
                       zip(rng.integers(50, 3_000, 400), true, strict=True)])  # fmt: skip
    composite = catalogue.composites["ifs"]
    members = [catalogue.indicators[i] for i in composite.indicators]
    score = ampi(on_scale(indicators(composite.indicators, true), members), penalty=1).score
    out = scored(catalogue, groups)
    held = (out["punteggio_inf"] <= score) & (score <= out["punteggio_sup"])
    assert 0.92 < held.mean() < 0.98


@given(hnp.arrays(np.int64, (4, 5), elements=st.integers(1, 30)))
def test_more_people_of_great_age_lower_no_indicator(groups):
    older = groups * 1.0
    older[:, -1] += 5
    names = tuple(RATIOS)
    assert (indicators(names, older) >= indicators(names, groups * 1.0)).all()
