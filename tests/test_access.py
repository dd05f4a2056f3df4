"""Distances and supply in reach: published numbers, and what must hold for all numbers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from access import Access, weights
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo_core.errors import IngestError
from geo_core.indicators.access import (
    UNREACHABLE,
    catchment,
    decaying,
    in_zones,
    refuse_costs,
    straight_km,
    within,
)

COST = np.array([[1.0, 80, 40], [80, 1, 40], [40, 40, 1]])
PEOPLE = np.array([100.0, 50, 10])
SUPPLY = np.array([15.0, 20, 100])
ZONES = [10, 20, 30], [1, 0.68, 0.22]


def test_gravity_gives_the_published_numbers():
    # pysal/access, access/tests/test_hospital_example.py, scenario 0
    found = catchment(decaying(COST, 61, power=-1), demand=PEOPLE, supply=SUPPLY)
    assert found.access.round(8).tolist() == [0.33144412, 0.57982813, 7.28641817]
    assert found.ratio.round(8).tolist() == [0.14962594, 0.39800995, 7.27272727]
    assert PEOPLE @ found.access == pytest.approx(135, rel=1e-12)


def test_two_steps_by_hand():
    shares = 15 / 110, 20 / 60, 100 / 160
    by_hand = [shares[0] + shares[2], shares[1] + shares[2], sum(shares)]
    found = catchment(within(COST, 61), demand=PEOPLE, supply=SUPPLY)
    assert found.access == pytest.approx(by_hand, rel=1e-14)


def test_balanced_by_hand():
    # Two places of 10 and 30 persons; the second reaches both offices alike, the first one.
    found = catchment(
        np.array([[1.0, 0], [1, 1]]),
        demand=np.array([10.0, 30]),
        supply=np.array([5.0, 3]),
        steps="balanced",
    )
    ratios = 5 / 25, 3 / 15
    assert found.ratio == pytest.approx(ratios, rel=1e-14)
    assert found.access == pytest.approx([ratios[0] / 2, ratios[0] / 2 + ratios[1]], rel=1e-14)


def test_zones_include_their_upper_bound():
    found = in_zones(np.array([0.0, 10, 10.1, 30, 30.1, UNREACHABLE]), *ZONES)
    assert found.tolist() == [1, 1, 0.68, 0.22, 0, 0]


SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5))


@st.composite
def districts(draw):
    """Draw costs (some unreachable), demand (some of nobody) and supply."""
    places, offices = size = draw(SIZES)
    costs = st.one_of(st.floats(0.5, 60), st.just(UNREACHABLE))
    return (
        draw(arrays.arrays(float, size, elements=costs)),
        draw(arrays.arrays(float, places, elements=st.integers(0, 1000))),
        draw(arrays.arrays(float, offices, elements=st.floats(0, 1000))),
    )


def _variants(cost):
    return within(cost, 30), in_zones(cost, *ZONES), decaying(cost, 30, power=-1.5)


@given(district=districts())
def test_what_is_supplied_is_shared_out_exactly(district):
    cost, demand, supply = district
    for weight in _variants(cost):
        served = supply[(weight.T @ demand) > 0].sum()
        for steps in ("plain", "shares"):
            found = catchment(weight, demand=demand, supply=supply, steps=steps)
            assert demand @ found.access == pytest.approx(served, rel=1e-9, abs=1e-6)
            assert (found.access >= 0).all()


@given(district=districts())
def test_balanced_counts_demand_and_ratios_once(district):
    cost, demand, supply = district
    for weight in _variants(cost):
        found = catchment(weight, demand=demand, supply=supply, steps="balanced")
        assert found.access.sum() == pytest.approx(found.ratio.sum(), rel=1e-9, abs=1e-9)
        # A supply of 1 for each: 1 / R is the demand that comes.
        ones = catchment(weight, demand=demand, supply=np.ones_like(supply), steps="balanced")
        came = sum(1 / r for r in ones.ratio if r)
        reaching = demand[weight.sum(axis=1) > 0].sum()
        assert came == pytest.approx(reaching, rel=1e-9, abs=1e-9)


@given(district=districts(), data=st.data())
def test_the_order_of_places_and_offices_does_not_matter(district, data):
    cost, demand, supply = district
    rows = data.draw(st.permutations(range(len(demand))))
    columns = data.draw(st.permutations(range(len(supply))))
    for steps in ("plain", "balanced", "shares"):
        one = catchment(within(cost, 30), demand=demand, supply=supply, steps=steps)
        other = catchment(
            within(cost[np.ix_(rows, columns)], 30),
            demand=demand[rows],
            supply=supply[columns],
            steps=steps,
        )
        assert other.access == pytest.approx(one.access[rows], rel=1e-9, abs=1e-12)


@given(district=districts(), more=st.floats(0, 100), at=st.integers(0, 4))
def test_more_supply_lowers_access_nowhere(district, more, at):
    cost, demand, supply = district
    richer = supply.copy()
    richer[at % len(supply)] += more
    for steps in ("plain", "balanced", "shares"):
        before = catchment(within(cost, 30), demand=demand, supply=supply, steps=steps).access
        after = catchment(within(cost, 30), demand=demand, supply=richer, steps=steps).access
        assert (after >= before * (1 - 1e-12)).all()


def test_halves_of_a_place_have_what_the_whole_has_except_balanced():
    cost, halves = np.array([[5.0, 12], [15, 5]]), np.array([[5.0, 12], [5, 12], [15, 5]])
    supply = np.array([20.0, 10])
    for steps, same in (("plain", 1), ("shares", 1), ("balanced", 0.5)):
        whole = catchment(within(cost, 13), demand=np.array([80.0, 40]), supply=supply, steps=steps)
        split = catchment(
            within(halves, 13), demand=np.array([40.0, 40, 40]), supply=supply, steps=steps
        )
        if same == 1:
            assert split.access == pytest.approx(whole.access[[0, 0, 1]])
        else:
            assert split.access[0] < whole.access[0]


def _pysal(cost, demand, supply):
    """Ask PySAL's package; costs that are not there are rows that are not there."""
    pairs = [
        (i, j, float(cost[i, j]))
        for i in range(cost.shape[0])
        for j in range(cost.shape[1])
        if math.isfinite(cost[i, j])
    ]
    return Access(
        demand_df=pd.DataFrame({"geoid": range(len(demand)), "demand": demand}),
        demand_index="geoid",
        demand_value="demand",
        supply_df=pd.DataFrame({"geoid": range(len(supply)), "supply": supply}),
        supply_index="geoid",
        supply_value="supply",
        cost_df=pd.DataFrame(pairs, columns=["origin", "dest", "cost"]),
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
    )


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("seed", range(5))
def test_pysal_finds_the_same(seed):
    random = np.random.default_rng(seed)
    cost = random.uniform(1, 60, (30, 7)).round(1)
    cost[random.random(cost.shape) < 0.2] = UNREACHABLE
    demand = random.integers(1, 500, 30).astype(float)
    supply = random.integers(0, 40, 7).astype(float)
    oracle = _pysal(cost, demand, supply)
    limits, weight = ZONES
    said = {
        "plain": oracle.two_stage_fca(name="a", max_cost=30),
        "zones": oracle.enhanced_two_stage_fca(
            name="b", max_cost=30, weight_fn=weights.step_fn(dict(zip(limits, weight, strict=True)))
        ),
        "gravity": oracle.enhanced_two_stage_fca(
            name="c", max_cost=30, weight_fn=weights.gravity(scale=1, alpha=-1.5)
        ),
    }
    ours = {
        "plain": within(cost, 30),
        "zones": in_zones(cost, limits, weight),
        "gravity": decaying(cost, 30, power=-1.5),
    }
    for name, table in said.items():
        expected = table.iloc[:, 0].reindex(range(30)).fillna(0).to_numpy()
        found = catchment(ours[name], demand=demand, supply=supply).access
        assert found == pytest.approx(expected, rel=1e-10), name


@pytest.mark.parametrize("wrong", [-1.0, math.nan])
def test_costs_that_are_none_are_refused(wrong):
    cost = COST.copy()
    cost[1, 2] = wrong
    with pytest.raises(IngestError, match="not numbers: 1"):
        refuse_costs(cost)
    refuse_costs(np.array([[0.0, UNREACHABLE]]))


def test_a_cost_of_zero_has_no_weight_by_a_negative_power():
    cost = np.array([[0.0, 5]])
    with pytest.raises(IngestError, match="a cost of 0"):
        decaying(cost, 30, power=-1)
    assert decaying(cost, 30, power=-1, least=1).tolist() == [[1, 0.2]]
    assert decaying(cost, 30, power=2).tolist() == [[0, 25]]


def test_nobody_and_nothing():
    nobody = catchment(within(COST, 61), demand=np.zeros(3), supply=SUPPLY)
    assert nobody.access.tolist() == [0, 0, 0]
    nothing = catchment(np.zeros((2, 0)), demand=np.ones(2), supply=np.zeros(0), steps="balanced")
    assert nothing.access.tolist() == [0, 0]


def test_a_degree_of_latitude_is_111_km_and_distance_has_no_direction():
    here, there = np.array([[8.42, 45.32]]), np.array([[8.42, 46.32], [8.42, 45.32]])
    found = straight_km(here, there)
    assert found[0] == pytest.approx([111.195, 0], abs=0.01)
    back = straight_km(there, here)
    assert np.allclose(back.T, found)


def test_a_cost_exactly_at_the_limit_is_within_it():
    cost = np.array([[9.0, 10.0, 10.5]])
    assert within(cost, 10).tolist() == [[1, 1, 0]]
    assert in_zones(cost, (9, 10), (1, 0.5)).tolist() == [[1, 0.5, 0]]
    assert (decaying(cost, 10, power=-1) > 0).tolist() == [[True, True, False]]
