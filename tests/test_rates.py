"""Rates of few events: published numbers, PySAL's, and what must hold for all numbers."""

from __future__ import annotations

from contextlib import closing

import libpysal
import numpy as np
import pytest
from esda import smoothing
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from geo_core.indicators.composite import IndexInputError
from geo_core.indicators.gamma_intervals import (
    direct_interval,
    poisson_interval,
    posterior_interval,
)
from geo_core.indicators.neighbours import listed
from geo_core.indicators.rates import (
    crude,
    direct,
    empirical_bayes,
    excess_risk,
    indirect,
    lognormal_interval,
    ratio_interval,
    spatial_bayes,
    spatial_rate,
    wilson,
)

NAN = np.nan
# esda, esda/tests/test_smoothing.py, TestAgeStd: two regions of four ages
EVENTS = np.array([[30.0, 25, 25, 15], [33, 21, 30, 20]])
PEOPLE = np.array([[1000.0, 1000, 1100, 900], [1000, 900, 1100, 900]])
STANDARD_EVENTS = np.array([[100.0, 45, 120, 100], [50, 30, 200, 80]])
STANDARD = np.array([1000.0, 900, 1000, 900])


@pytest.fixture(scope="module")
def sids():
    """Deaths and births of the 100 counties, 1974-78, and which counties are neighbours."""
    example = libpysal.examples.get_path
    with closing(libpysal.io.open(example("sids2.dbf"), "r")) as table:
        births, deaths = np.array(table[:, 8], float), np.array(table[:, 9], float)
    with closing(libpysal.io.open(example("sids2.gal"))) as neighbours:
        return deaths, births, neighbours.read()


def of(weights):
    """Return the neighbours of PySAL's weights."""
    place = weights.id2i
    pairs = [(place[a], place[b]) for a in weights.neighbors for b in weights.neighbors[a]]
    return listed(np.array(pairs, dtype=np.int64), units=weights.n)


def close(found, wanted, rel=1e-12):
    return found == pytest.approx(wanted, rel=rel, abs=1e-300, nan_ok=True)


def test_published_rates_of_sids(sids):
    deaths, births, weights = sids
    smoothed = empirical_bayes(deaths, births)
    assert smoothed.rate[:5].round(7).tolist() == [
        *(0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349)
    ]
    assert excess_risk(deaths, births)[:5].round(6).tolist() == [
        *(0.453433, 0, 0.775871, 0.97381, 3.133189)
    ]
    assert spatial_rate(deaths, births, of(weights))[:5].round(7).tolist() == [
        *(0.0009922, 0.0012639, 0.000974, 0.0007605, 0.0050154)
    ]


def test_rates_of_sids_are_those_of_pysal(sids):
    deaths, births, weights = sids
    near = of(weights)
    rate = empirical_bayes(deaths, births).rate
    assert close(rate, smoothing.Empirical_Bayes(deaths, births).r.ravel())
    assert close(excess_risk(deaths, births), smoothing.Excess_Risk(deaths, births).r.ravel())
    known = smoothing.Spatial_Rate(deaths, births, weights).r.ravel()
    assert close(spatial_rate(deaths, births, near), known)
    local = smoothing.Spatial_Empirical_Bayes(deaths, births, weights).r.ravel()
    assert close(spatial_bayes(deaths, births, near).rate, local, rel=1e-9)


def test_published_standardisation():
    low, high = direct_interval(EVENTS, PEOPLE, STANDARD)
    rate = direct(EVENTS, PEOPLE, STANDARD)
    assert np.column_stack([rate, low, high]).round(8).tolist() == [
        [0.02374402, 0.01920491, 0.02904848],
        [0.02665072, 0.02177143, 0.03230508],
    ]
    found = indirect(EVENTS.sum(axis=1), PEOPLE, STANDARD_EVENTS, np.tile(STANDARD, (2, 1)))
    overall = STANDARD_EVENTS.sum() / STANDARD.sum() / 2
    low, high = (bound * overall for bound in lognormal_interval(found))
    assert np.column_stack([found.rate, low, high]).round(8).tolist() == [
        [0.02372382, 0.0194023, 0.02900789],
        [0.02610803, 0.02154304, 0.03164035],
    ]
    assert close(found.expected, [95 / 2.48691099 * 10, 104 / 2.73684211 * 10], rel=1e-8)


def test_known_intervals():
    # Garwood: 0 events 0-3.689, 10 events 4.795-18.390; Wilson: 3 of 10 0.1078-0.6032
    low, high = poisson_interval(np.array([0.0, 10, NAN]))
    assert low[:2].round(3).tolist() == [0, 4.795]
    assert high[:2].round(3).tolist() == [3.689, 18.39]
    assert np.isnan([low[2], high[2]]).all()
    low, high = wilson(np.array([3.0, 0, 10, 0]), np.array([10.0, 10, 10, 0]))
    assert low[:3].round(4).tolist() == [0.1078, 0, 0.7225]
    assert high[:3].round(4).tolist() == [0.6032, 0.2775, 1]
    assert np.isnan([low[3], high[3]]).all()


def test_where_nobody_lives_there_is_no_rate_and_it_moves_no_other():
    events, people = np.array([30.0, 1, 0, 2, NAN]), np.array([100.0, 80, 0, NAN, 50])
    known = np.array([True, True, False, False, False])
    near = listed(np.array([(i, j) for i in range(5) for j in range(5)]), units=5)
    few = listed(np.array([(0, 1), (1, 0)]), units=2)
    smoothed, alone = empirical_bayes(events, people), empirical_bayes(events[:2], people[:2])
    assert close(smoothed.rate, [*alone.rate, NAN, NAN, NAN])
    assert smoothed.variance == alone.variance > 0
    local = spatial_bayes(events[:2], people[:2], few).rate
    assert close(spatial_bayes(events, people, near).rate, [*local, NAN, NAN, NAN])
    assert (np.isnan(crude(events, people)) == ~known).all()
    low, high = posterior_interval(smoothed, events, people)
    assert (np.isnan(low) == ~known).all()
    assert (np.isnan(high) == ~known).all()


@pytest.mark.parametrize("people", [[0.0, 0], [NAN, 0], []])
def test_where_nobody_lives_anywhere_nothing_is_known(people):
    events, people = np.zeros(len(people)), np.array(people)
    smoothed = empirical_bayes(events, people)
    bounds = posterior_interval(smoothed, events, people)
    none = listed(np.empty((0, 2), dtype=np.int64), units=len(people))
    local = spatial_bayes(events, people, none)
    for found in (smoothed.rate, *bounds, excess_risk(events, people), local.rate):
        assert np.isnan(found).all()


def test_no_events_anywhere_is_a_rate_of_zero_that_may_be_more():
    events, people = np.zeros(3), np.array([10.0, 20, 30])
    smoothed = empirical_bayes(events, people)
    low, high = posterior_interval(smoothed, events, people)
    assert smoothed.rate.tolist() == low.tolist() == [0, 0, 0]
    assert close(high, [poisson_interval(np.array(0.0))[1] / 60] * 3)


def test_a_unit_alone_has_its_own_rate():
    one = empirical_bayes(np.array([3.0]), np.array([40.0]))
    assert one.rate.tolist() == [3 / 40]
    assert one.variance == 0


def test_more_events_than_trials_are_refused():
    with pytest.raises(IndexInputError, match="more events"):
        wilson(np.array([3.0]), np.array([2.0]))


@st.composite
def tables(draw, least=2, most=12):
    """Draw events and population of some units, somebody living in each."""
    n = draw(st.integers(least, most))
    people = draw(st.lists(st.integers(1, 5000), min_size=n, max_size=n))
    events = [draw(st.integers(0, p)) for p in people]
    return np.array(events, float), np.array(people, float)


@given(tables())
def test_smoothed_rates_lie_between_their_own_and_the_mean(table):
    events, people = table
    smoothed, raw = empirical_bayes(events, people), crude(events, people)
    slack = 1e-12
    assert (smoothed.rate >= np.minimum(raw, smoothed.mean) - slack).all()
    assert (smoothed.rate <= np.maximum(raw, smoothed.mean) + slack).all()
    assert ((smoothed.weight >= 0) & (smoothed.weight <= 1)).all()
    larger = np.argsort(people, kind="stable")
    assert (np.diff(smoothed.weight[larger]) >= -slack).all(), "more people, more trust"


@given(tables())
def test_the_mean_of_the_posterior_is_the_smoothed_rate(table):
    events, people = table
    smoothed = empirical_bayes(events, people)
    assume(smoothed.variance > 1e-12)
    shape = smoothed.mean**2 / smoothed.variance + events
    rate = smoothed.mean / smoothed.variance + people
    assert close(shape / rate, smoothed.rate, rel=1e-9)
    low, high = posterior_interval(smoothed, events, people, confidence=0.9)
    assert close(low, stats.gamma.ppf(0.05, shape, scale=1 / rate), rel=1e-8)
    assert close(high, stats.gamma.ppf(0.95, shape, scale=1 / rate), rel=1e-8)


@given(tables(), st.floats(0.5, 0.999))
def test_intervals_hold_their_estimates_and_grow_with_confidence(table, confidence):
    events, people = table
    raw = crude(events, people)
    for low, high, least, most in (
        (*wilson(events, people, confidence=confidence), *wilson(events, people, confidence=0.4)),
        (
            *(bound / people for bound in poisson_interval(events, confidence=confidence)),
            *(bound / people for bound in poisson_interval(events, confidence=0.4)),
        ),
    ):
        assert (low <= raw).all()
        assert (raw <= high).all()
        assert (low <= least).all()
        assert (most <= high).all()
    low, high = ratio_interval(events, people, confidence=confidence)
    assert (low <= raw * (1 + 1e-12)).all()
    assert (raw <= high * (1 + 1e-12)).all()


@given(tables(), st.permutations(range(12)))
def test_no_order_of_units_changes_a_rate(table, order):
    events, people = table
    order = [i for i in order if i < events.size]
    turned = empirical_bayes(events[order], people[order])
    assert close(turned.rate, empirical_bayes(events, people).rate[order], rel=1e-9)


@given(tables(4, 4), st.integers(1, 1000))
def test_one_stratum_is_not_standardised(table, standard):
    events, people = table
    rate = direct(events[:, None], people[:, None], np.array([standard]))
    assert close(rate, crude(events, people))
    assume(events.sum() > 0)
    found = indirect(events, people[:, None], events[:, None].sum(0), people[:, None].sum(0))
    assert close(found.rate, crude(events, people))
    assert found.expected.sum() == pytest.approx(events.sum())


@given(tables(4, 4))
def test_a_ratio_turned_over_has_its_interval_turned_over(table):
    a, b = table
    assume((a > 0).all())
    low, high = ratio_interval(a, b)
    over_low, over_high = ratio_interval(b, a)
    assert close(1 / over_high, low, rel=1e-9)
    assert close(1 / over_low, high, rel=1e-9)
