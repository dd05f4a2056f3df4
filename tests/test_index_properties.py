"""What must hold of every index, whatever the table: properties of the plain functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo_core.indicators.composite import ampi, arithmetic, geometric, harmonic, normalise
from geo_core.indicators.deprivation import deprivation_ranks, exponential, weighted_sum
from geo_core.indicators.scale import borda, centred, minmax, percentile, z_scores
from geo_core.indicators.svi import percentile_rank, rounded, svi
from geo_core.indicators.treat import MOST_KURTOSIS, MOST_SKEWNESS, kurtosis, skewness, treat

MEANS = {"arithmetic": arithmetic, "geometric": geometric, "harmonic": harmonic}
SHAPES = st.tuples(st.integers(2, 8), st.integers(1, 5))
TENTHS = st.integers(0, 1000).map(lambda n: n / 10)
TABLES = hnp.arrays(float, SHAPES, elements=TENTHS)
SCALED = hnp.arrays(float, SHAPES, elements=st.floats(70, 130, allow_subnormal=False))


def ones(table: np.ndarray) -> np.ndarray:
    return np.ones(table.shape[1], dtype=np.int64)


def index(table: np.ndarray) -> dict[str, np.ndarray]:
    """Return every index of a table whose goalposts are given, so that a unit stands alone."""
    low, high = np.zeros(table.shape[1]), np.full(table.shape[1], 100.0)
    scaled = normalise(table, low=low, high=high, polarity=ones(table))
    ranks = np.column_stack([deprivation_ranks(c, polarity=1) for c in table.T])
    areas = np.full(table.shape[1], float(len(table)))
    found = svi(table, polarity=ones(table), themes=[[j] for j in range(table.shape[1])])
    return {
        "ampi": ampi(scaled, penalty=1).score,
        "imd": weighted_sum(exponential(ranks, areas), np.full(len(areas), 1 / len(areas))),
        "svi": found.total,
        **{name: mean(scaled) for name, mean in MEANS.items()},
    }


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    for name, score in index(table[order]).items():
        np.testing.assert_array_equal(score, index(table)[name][order], err_msg=name)


@given(TABLES, st.data())
def test_no_index_falls_where_an_input_rises(table, data):
    """Of AMPI+ too, between the goalposts: see the exact condition below."""
    unit, column = (data.draw(st.integers(0, size - 1)) for size in table.shape)
    higher = table.copy()
    higher[unit, column] = data.draw(st.floats(table[unit, column], 100))
    before, after = index(table), index(higher)
    for name, score in after.items():
        assert score[unit] >= before[name][unit] - 1e-9, name


@given(SCALED, st.data())
def test_ampi_rises_exactly_where_it_is_said_to(scaled, data):
    """The slope of M + p S²/M by r_j is w_j (1 + p (2 (r_j - M) / M - S²/M²))."""
    unit, column = (data.draw(st.integers(0, size - 1)) for size in scaled.shape)
    weights = np.array(data.draw(st.lists(
        st.floats(0.1, 1), min_size=scaled.shape[1], max_size=scaled.shape[1]
    )))  # fmt: skip
    for penalty in (1, -1):
        now = ampi(scaled, penalty=penalty, weights=weights)
        mean, deviation = now.mean[unit], now.deviation[unit]
        r = scaled[unit, column]
        rises = 1 + penalty * (2 * (r - mean) / mean - (deviation / mean) ** 2)
        assume(abs(rises) > 1e-3)
        step = np.zeros(scaled.shape)
        step[unit, column] = 1e-4
        moved = ampi(scaled + step, penalty=penalty, weights=weights).score - now.score
        assert (moved[unit] > 0) == (rises > 0)
        if penalty == 1:
            assert rises > 0


def test_ampi_minus_falls_where_one_indicator_runs_away():
    """Seven at one goalpost, one near the other: what it gains does not pay for the imbalance."""
    row = np.array([[70.0] * 7 + [125.0]])
    higher = np.array([[70.0] * 7 + [130.0]])
    assert ampi(higher, penalty=-1).score[0] < ampi(row, penalty=-1).score[0]


@given(TABLES)
def test_the_reference_is_one_hundred(table):
    low, high = table.min(axis=0), table.max(axis=0)
    assume((low < high).all())
    for sign in (1, -1):
        low_, high_ = centred(low, high, table.mean(axis=0))
        scaled = normalise(table, low=low_, high=high_, polarity=sign * ones(table))
        assert scaled.mean(axis=0) == pytest.approx(100)
        assert np.ptp(scaled, axis=0) == pytest.approx(60)


@given(SCALED, st.floats(0.01, 50))
def test_equal_weights_are_none_and_one_missing_is_as_if_it_were_not_there(scaled, weight):
    weights = np.full(scaled.shape[1], weight)
    for name, mean in MEANS.items():
        assert mean(scaled, weights=weights) == pytest.approx(mean(scaled)), name
    assert ampi(scaled, penalty=-1, weights=weights).score == pytest.approx(
        ampi(scaled, penalty=-1).score
    )
    lacking = np.column_stack([scaled, np.full(len(scaled), np.nan)])
    assert np.isnan(ampi(lacking, penalty=1).score).all()
    assert ampi(lacking, penalty=1, minimum_share=0.5).score == pytest.approx(
        ampi(scaled, penalty=1).score
    )


@given(SCALED)
def test_the_means_are_in_their_order(scaled):
    assert (harmonic(scaled) <= geometric(scaled) + 1e-9).all()
    assert (geometric(scaled) <= arithmetic(scaled) + 1e-9).all()


def test_a_zero_or_a_negative_number_in_a_mean():
    rows = np.array([[0.0, 4.0], [-1.0, 4.0], [2.0, 8.0]])
    assert geometric(rows)[[0, 2]].tolist() == [0, pytest.approx(4)]
    assert harmonic(rows)[[0, 2]].tolist() == [0, pytest.approx(3.2)]
    assert np.isnan([geometric(rows)[1], harmonic(rows)[1]]).all()


@given(TABLES)
def test_scales_turn_round_with_polarity(table):
    low, high = table.min(axis=0), table.max(axis=0)
    assume((low < high).all())
    up, down = ones(table), -ones(table)
    ends = minmax(table, low=low, high=high, polarity=up)
    assert minmax(table, low=low, high=high, polarity=down) == pytest.approx(1 - ends)
    assert z_scores(table, polarity=down) == pytest.approx(-z_scores(table, polarity=up))
    assert z_scores(table, polarity=up).mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert z_scores(table, polarity=up).std(axis=0) == pytest.approx(1)
    above, below = borda(table, polarity=up), borda(table, polarity=down)
    equal = (table[:, None, :] == table[None, :, :]).sum(axis=1)
    assert (above + below + equal == len(table)).all()
    assert percentile(table, polarity=up) == pytest.approx(above / (len(table) - 1))


@given(st.integers(2, 2000), st.data())
def test_percentile_ranks_round_halves_up(units, data):
    place = data.draw(st.integers(0, units - 1))
    found = percentile_rank(np.arange(units, dtype=float))[place]
    exact = place * 10_000 / (units - 1)
    assert found * 10_000 == pytest.approx(np.floor(exact + 0.5 + 1e-12))


def test_halves_are_rounded_as_they_are_written():
    values = np.array([0.25, 16.25, 33.75, 13.65, 2.675, -0.25, np.nan])
    assert rounded(values, 1).tolist()[:-1] == [0.3, 16.3, 33.8, 13.7, 2.7, -0.3]
    assert np.isnan(rounded(values, 1)[-1])


def test_the_tenth_that_is_most_deprived_has_half_of_the_scale():
    ranks = np.arange(1.0, 10_001.0)[:, None]
    scores = exponential(ranks, np.array([10_000.0]))[:, 0]
    assert scores[0] == pytest.approx(100)
    assert scores[1000] == pytest.approx(50, abs=0.5)
    assert (np.diff(scores) < 0).all()
    assert scores[-1] > 0


LONG_TAILS = hnp.arrays(float, st.integers(4, 40), elements=st.integers(-30, 30).map(
    lambda n: float(n**5) if abs(n) > 25 else float(n)
))  # fmt: skip


@given(LONG_TAILS)
def test_treatment_keeps_the_order_and_does_nothing_without_need(values):
    done = treat(values)
    order = np.argsort(values, kind="stable")
    assert (np.diff(done.values[order]) >= 0).all()
    beyond = abs(skewness(values)) > MOST_SKEWNESS and kurtosis(values) > MOST_KURTOSIS
    assert (done.action != "none") == beyond
    if done.action == "winsorised":
        assert done.passed
        changed = np.flatnonzero(done.values != values)
        assert set(changed) <= set(done.points)
        assert set(done.values) <= set(values)


def test_treatment_takes_the_logarithm_of_what_winsorising_cannot_mend():
    values = np.array([*range(1, 201), *(10.0**n for n in range(3, 15))])
    up, down = treat(values), treat(-values)
    assert (up.action, down.action) == ("logarithm", "logarithm")
    assert up.values == pytest.approx(np.log(values - 1 + 0.01 * (1e14 - 1)))
    assert down.values == pytest.approx(-up.values)


def test_treatment_agrees_with_the_published_example():
    # COINr, vignette "treat": the numbers from 1 to 10, 30 and 100.
    values = np.array([*range(1, 11), 30, 100], dtype=float)
    done = treat(values)
    assert (done.action, done.points) == ("winsorised", (11,))
    assert [round(v, 6) for v in done.before] == [3.063241, 9.741391]
    assert [round(v, 6) for v in done.after] == [1.712038, 1.815781]


@pytest.mark.parametrize(("far", "action"), [(5, "winsorised"), (6, "logarithm")])
def test_five_points_are_winsorised_and_for_six_the_logarithm_is_taken(far, action):
    values = np.concatenate([np.linspace(0, 10, 60), 1000.0 + np.arange(far)])
    done = treat(values)
    assert done.action == action
    assert len(done.points) == (far if action == "winsorised" else 0)


def test_a_unit_above_nine_in_ten_of_the_others_is_flagged():
    found = svi(np.arange(11.0)[:, None], polarity=np.array([1]), themes=[[0]])
    assert found.ranks[:, 0].tolist()[8:] == [0.8, 0.9, 1.0]
    assert found.flags[:, 0].tolist() == [0.0] * 9 + [1.0, 1.0]
