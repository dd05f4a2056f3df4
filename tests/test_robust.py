"""Ranks over many ways to compute an index: what must hold for every table."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from geo_core.indicators.composite import ampi, rank
from geo_core.indicators.correlation import correlation
from geo_core.indicators.robust import (
    Ranks,
    chance_intervals,
    rank_intervals,
    scored,
    stability,
    variants,
)

WAYS = variants(np.ones(3), count=72)
POLARITY = np.array([1, 1, -1])
TABLES = hnp.arrays(float, st.tuples(st.integers(1, 12), st.just(3)), elements=st.integers(0, 20))


def ranks(values, ways=WAYS) -> Ranks:
    scaled = np.where(POLARITY > 0, values, 20 - values) * 3 + 70.0
    score = ampi(scaled, penalty=1, minimum_share=0.5).score
    return rank_intervals(values, scaled, score, polarity=POLARITY, ways=ways)


def with_holes(values, seed):
    holes = np.random.default_rng(seed).random(values.shape) < 0.2
    return np.where(holes, np.nan, values)


def test_variants_take_every_combination_equally_often_and_weights_up_to_a_quarter_off():
    weights = np.array([1.0, 2.0])
    ways = variants(weights, count=720)
    assert set(Counter(way[:3] for way in ways).values()) == {720 // 36}
    parts = np.array([way.weights for way in ways]) / weights
    assert 0.75 <= parts.min() < 0.76
    assert 1.24 < parts.max() <= 1.25
    again = variants(weights, count=720)
    assert all((a.weights == b.weights).all() for a, b in zip(ways, again, strict=True))
    assert (variants(weights, count=1, seed=1)[0].weights != ways[0].weights).any()


@given(TABLES, st.integers(0, 9))
@settings(deadline=None)
def test_ranks_hold_the_own_rank_and_never_exceed_the_units_with_a_score(values, seed):
    found = ranks(with_holes(values, seed))
    known = found.rank > 0
    for bounds in (found.low, found.high):
        assert ((bounds > 0) == known).all()
    assert (found.low <= found.rank).all()
    assert (found.rank <= found.high).all()
    assert found.high.max() <= known.sum()
    assert ((stability(found) == "") == ~known).all()


@given(TABLES, st.integers(0, 9), st.randoms())
@settings(deadline=None)
def test_the_order_of_units_changes_no_rank(values, seed, random):
    values = with_holes(values, seed)
    order = list(range(len(values)))
    random.shuffle(order)
    for was, now in zip(ranks(values), ranks(values[order]), strict=True):
        assert was[order].tolist() == now.tolist()


@given(TABLES, st.integers(0, 2), st.integers(1, 9))
@settings(deadline=None)
def test_more_of_a_risk_never_makes_a_rank_better(values, column, more):
    worse = values.copy()
    worse[0, column] = np.clip(worse[0, column] + more * POLARITY[column], 0, 20)
    before, after = ranks(values), ranks(worse)
    for name in ("rank", "low", "high"):
        assert getattr(after, name)[0] <= getattr(before, name)[0]


def test_a_unit_ahead_in_everything_is_first_in_every_variant():
    values = np.column_stack([np.arange(30.0), np.arange(30.0), -np.arange(30.0)])
    values[:, 2] += 30
    scaled = np.column_stack([values[:, 0], values[:, 1], 30 - values[:, 2]]) + 80.0
    score = ampi(scaled, penalty=1).score
    found = rank_intervals(values, scaled, score, polarity=POLARITY, ways=WAYS)
    assert found.rank.tolist() == list(range(30, 0, -1))
    assert found.low.tolist() == found.high.tolist() == found.rank.tolist()
    assert set(stability(found).tolist()) == {"stabile"}


def test_bounds_are_the_5th_and_the_95th_percentile_of_the_ranks_of_all_variants():
    rng = np.random.default_rng(5)
    values = rng.integers(0, 21, (40, 3)).astype(float)
    ways = variants(np.ones(3), count=100)
    scaled = np.where(POLARITY > 0, values, 20 - values) * 3 + 70.0
    found = ranks(values, ways)
    only = [way for way in ways if way.scale == "goalposts"]
    each = np.array([rank(scored(scaled, way)) for way in only])
    part = ranks(values, only)
    for bound, share, pick in ((part.low, 5, np.minimum), (part.high, 95, np.maximum)):
        expected = np.percentile(each, share, axis=0, method="inverted_cdf")
        assert bound.tolist() == pick(expected, part.rank).tolist()
    assert (found.high - found.low).sum() > (part.high - part.low).sum()


def test_an_unbalanced_unit_is_less_certain_than_a_balanced_one():
    rng = np.random.default_rng(1)
    values = np.clip(rng.normal(10, 3, (60, 3)), 0, 20)
    values[0], values[1] = (20, 0, 0), (20, 20, 0)
    found = ranks(values)
    width = found.high - found.low
    assert width[1] == 0
    assert width[0] > np.median(width)


def test_rules_for_what_is_missing_differ_only_where_something_is():
    full = np.array([[1.0, 5, 9], [2, 4, 3], [9, 1, 1], [4, 4, 18]])
    holes = full.copy()
    holes[2, 0] = np.nan
    rules = {rule: [w for w in WAYS if w.missing == rule] for rule in ("drop", "available")}
    assert all((ranks(holes, ways).rank == ranks(holes).rank).all() for ways in rules.values())
    # Left out of every variant, the unit has the rank of the index alone.
    left = ranks(holes, rules["drop"])
    assert left.low[2] == left.high[2] == left.rank[2] > 0


@pytest.mark.parametrize("values", [np.empty((0, 3)), np.ones((1, 3)), np.full((4, 3), 7.0)])
def test_nothing_to_tell_apart_is_the_first_rank_for_all(values):
    found = ranks(values)
    assert set(found.low.tolist()) | set(found.high.tolist()) <= {1}


def test_all_missing_is_no_rank():
    found = ranks(np.full((3, 3), np.nan))
    assert found.rank.tolist() == found.high.tolist() == [0, 0, 0]


def test_stability_is_the_width_of_the_widest_interval_among_all_ranks():
    ranked = np.array([0, *range(1, 102)])
    narrow = Ranks(ranked, ranked, ranked)
    wide = Ranks(ranked, ranked, ranked + np.array([0, 10, 11, 26, *[0] * 98]))
    assert set(stability(narrow)[1:].tolist()) == {"stabile"}
    for both in (stability(wide), stability(narrow, wide)):
        assert both[:4].tolist() == ["", "stabile", "incerta", "instabile"]


def test_ranks_by_chance_are_those_of_the_drawings():
    rng = np.random.default_rng(3)
    score = np.array([5.0, np.nan, 3.0, 1.0, 2.9])
    drawn = np.where(np.isnan(score), np.nan, score + rng.normal(0, 0.3, (200, 5)))
    found = chance_intervals(score, drawn)
    assert found.rank.tolist() == [1, 0, 2, 4, 3]
    assert found.low.tolist() == [1, 0, 2, 4, 2]
    assert found.high.tolist() == [1, 0, 3, 4, 3]


@given(hnp.arrays(float, (9, 2), elements=st.integers(0, 6)))
def test_correlations_are_those_of_scipy(values):
    one, other = values.T
    found = correlation(one, other)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert np.isnan([found.pearson, found.spearman]).all()
    else:
        assert found.pearson == pytest.approx(stats.pearsonr(one, other).statistic, abs=1e-12)
        assert found.spearman == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-12)


def test_correlations_are_of_units_that_have_both():
    one, other = np.array([1.0, 2, 3, np.nan]), np.array([2.0, 4, 6, 0])
    assert correlation(one, other) == (1, 1, 3)


def by_hand(values, scaled, way):
    """Compute one variant unit by unit, from the definitions alone."""
    columns = [[None if np.isnan(v) else v for v in column] for column in values.T]
    goal = [[None if np.isnan(v) else v for v in column] for column in scaled.T]
    if way.missing == "median":
        columns = [[np.median([v for v in c if v is not None]) if v is None else v for v in c]
                   for c in columns]  # fmt: skip
        goal = [[np.median([v for v in c if v is not None]) if v is None else v for v in c]
                for c in goal]  # fmt: skip
    points = []
    for column, sign in zip(columns, POLARITY, strict=True):
        known = [v for v in column if v is not None]
        points.append([None if v is None else sum(sign * x < sign * v for x in known)
                       for v in column])  # fmt: skip
    turned = [[None if v is None else s * v for v in c]
              for c, s in zip(columns, POLARITY, strict=True)]  # fmt: skip
    table = {
        "goalposts": goal,
        "z": [around_100(column) for column in turned],
        "borda": [around_100(column) for column in points],
        "percentile": [
            [None if p is None else 70 + 60 * p / (sum(v is not None for v in column) - 1)
             for p in column] for column in points
        ],
    }[way.scale]  # fmt: skip
    return [combined([c[i] for c in table], way) for i in range(len(values))]


def around_100(column):
    """Return a column as z with mean 100 and deviation 10, from 70 to 130."""
    known = [v for v in column if v is not None]
    mean = sum(known) / len(known)
    deviation = (sum((v - mean) ** 2 for v in known) / len(known)) ** 0.5
    return [None if v is None else min(130, max(70, 100 + 10 * (v - mean) / deviation))
            for v in column]  # fmt: skip


def combined(row, way):
    """Return the mean of a row by a variant; None if the variant leaves the unit out."""
    pairs = [(v, w) for v, w in zip(row, way.weights, strict=True) if v is not None]
    if not pairs or (len(pairs) < len(row) and way.missing != "available"):
        return None
    total = sum(w for _, w in pairs)
    mean = sum(v * w for v, w in pairs) / total
    if way.mean == "arithmetic":
        return mean
    if way.mean == "geometric":
        return np.exp(sum(w * np.log(v) for v, w in pairs) / total)
    return mean + sum(w * (v - mean) ** 2 for v, w in pairs) / total / mean


def test_every_variant_is_the_one_its_definitions_give():
    """Ranks over each way alone, against arithmetic that knows nothing of arrays."""
    rng = np.random.default_rng(7)
    values = with_holes(rng.normal(50, 12, (15, 3)), 3)
    scaled = np.where(POLARITY > 0, values, 100 - values) * 0.6 + 70.0
    score = ampi(scaled, penalty=1, minimum_share=0.3).score
    assert not np.isnan(score).any()
    for way in WAYS:
        own = by_hand(values, scaled, way)
        found = rank_intervals(values, scaled, score, polarity=POLARITY, ways=[way])
        ranked = sorted((s for s in own if s is not None), reverse=True)
        for i, s in enumerate(own):
            at = found.rank[i] if s is None else 1 + sum(x > s + 1e-9 for x in ranked)
            assert (found.low[i], found.high[i]) == (
                min(at, found.rank[i]), max(at, found.rank[i]),
            ), way  # fmt: skip


def test_a_width_is_a_part_of_the_steps_between_the_first_and_the_last_rank():
    rank_of = np.arange(1, 11)
    wide = Ranks(rank_of, rank_of, np.minimum(rank_of + (rank_of == 3), 10))
    # One step of the nine there are is more than a tenth.
    assert stability(wide)[2] == "incerta"
    assert (np.delete(stability(wide), 2) == "stabile").all()
