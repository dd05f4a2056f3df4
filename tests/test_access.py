"""Distances and supply in reach: published numbers, and what must hold for all numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo_core.indicators.access import catchment, in_zones, straight_km, within

COST = np.array([[1.0, 80, 40], [80, 1, 40], [40, 40, 1]])
PEOPLE = np.array([100.0, 50, 10])
SUPPLY = np.array([15.0, 20, 100])


def test_gravity_gives_the_published_numbers():
    # pysal/access, access/tests/test_hospital_example.py, scenario 0
    weights = np.where(COST <= 61, 1 / COST, 0)
    found = catchment(weights, demand=PEOPLE, supply=SUPPLY)
    assert found == pytest.approx([0.33144412, 0.57982813, 7.28641817], abs=1e-8)
    assert PEOPLE @ found == pytest.approx(135)


def test_two_steps_by_hand():
    weights = within(COST, 61)
    shares = 15 / 110, 20 / 60, 100 / 160
    by_hand = [shares[0] + shares[2], shares[1] + shares[2], sum(shares)]
    assert catchment(weights, demand=PEOPLE, supply=SUPPLY) == pytest.approx(by_hand)


def test_zones_include_their_upper_bound():
    found = in_zones(np.array([0.0, 10, 10.1, 30, 30.1]), [10, 20, 30], [1, 0.68, 0.22])
    assert found.tolist() == [1, 1, 0.68, 0.22, 0]


SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5))


@given(data=st.data(), size=SIZES)
def test_what_is_supplied_is_shared_out_exactly(data, size):
    places, offices = size
    count = st.floats(0, 1000)
    cost = data.draw(arrays.arrays(float, size, elements=st.floats(0, 60)))
    demand = data.draw(arrays.arrays(float, places, elements=st.integers(0, 1000)))
    supply = data.draw(arrays.arrays(float, offices, elements=count))
    for weights in (within(cost, 30), in_zones(cost, [10, 20, 30], [1, 0.68, 0.22])):
        served = supply[(weights.T @ demand) > 0].sum()
        found = catchment(weights, demand=demand, supply=supply)
        assert demand @ found == pytest.approx(served, rel=1e-9, abs=1e-6)
        assert (found >= 0).all()


def test_a_degree_of_latitude_is_111_km_and_distance_has_no_direction():
    here, there = np.array([[8.42, 45.32]]), np.array([[8.42, 46.32], [8.42, 45.32]])
    found = straight_km(here, there)
    assert found[0] == pytest.approx([111.195, 0], abs=0.01)
    back = straight_km(there, here)
    assert np.allclose(back.T, found)
