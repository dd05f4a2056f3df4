"""Bounds of numbers whose sums are known: propagation, programmes and every table there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.audit.linear import Contradiction, Sums, blocks, narrowest, propagate

MOST = 4
"""Upper bound of every unknown."""


@st.composite
def systems(draw):
    """Draw a table of up to six numbers, and sums of some of them with a band about the truth."""
    size = draw(st.integers(2, 6))
    truth = np.array(draw(st.lists(st.integers(0, MOST), min_size=size, max_size=size)))
    sums = Sums.none(size)
    for _ in range(draw(st.integers(1, 4))):
        at = np.array(sorted(draw(st.sets(st.integers(0, size - 1), min_size=2))))
        total, below, above = truth[at].sum(), draw(st.integers(0, 2)), draw(st.integers(0, 2))
        row = np.zeros(len(at), np.int64)
        sums = sums.more(row, at, np.array([total - below]), np.array([total + above]))
    return sums


def brute_force(sums):
    """Return the range of every number over all whole tables that fit."""
    tables = np.array([*product(range(MOST + 1), repeat=sums.unknowns)])
    members = np.zeros((len(sums.low), sums.unknowns))
    np.add.at(members, (sums.row, sums.at), 1)
    totals = tables @ members.T
    fits = tables[((totals >= sums.low) & (totals <= sums.high)).all(axis=1)]
    return fits.min(axis=0), fits.max(axis=0)


def start(sums):
    return np.zeros(sums.unknowns), np.full(sums.unknowns, float(MOST))


def programmed(sums, low, high):
    for unknowns in blocks(sums, low, high):
        low, high = narrowest(sums, low, high, unknowns, np.inf)
    return low, high


@settings(max_examples=60)
@given(systems())
def test_propagation_is_never_tighter_than_the_programmes_nor_these_than_all_tables(sums):
    wide_low, wide_high = propagate(sums, *start(sums))
    low, high = programmed(sums, wide_low, wide_high)
    least, most = brute_force(sums)
    assert (wide_low <= low).all()
    assert (high <= wide_high).all()
    assert (low <= least).all()
    assert (most <= high).all()


@st.composite
def tables(draw):
    """Draw a table of two rows with its margins: a network, whose programmes are whole."""
    columns = draw(st.integers(2, 3))
    size = 2 * columns
    truth = np.array(draw(st.lists(st.integers(0, MOST), min_size=size, max_size=size)))
    sums = Sums.none(size)
    lines = [np.arange(columns), np.arange(columns, size)]
    lines += [np.array([c, c + columns]) for c in range(columns)]
    for at in lines:
        off = draw(st.integers(0, 2))
        total = np.array([truth[at].sum()])
        sums = sums.more(np.zeros(len(at), np.int64), at, total - off, total + off)
    return sums


@settings(max_examples=60)
@given(tables())
def test_programmes_are_exact_on_tables_with_margins(sums):
    low, high = propagate(sums, *start(sums))
    low, high = programmed(sums, low, high)
    least, most = brute_force(sums)
    assert low.tolist() == least.tolist()
    assert high.tolist() == most.tolist()


def system(size, *sums):
    found = Sums.none(size)
    for at, low, high in sums:
        found = found.more(
            np.zeros(len(at), np.int64), np.array(at), np.array([low]), np.array([high])
        )
    return found


def test_programmes_find_what_propagation_misses():
    # a + b, b + c and a + c are 4: each is 2, which no single sum tells.
    sums = system(3, ([0, 1], 4, 4), ([1, 2], 4, 4), ([0, 2], 4, 4))
    low, high = propagate(sums, *start(sums))
    assert (low.tolist(), high.tolist()) == ([0, 0, 0], [4, 4, 4])
    low, high = programmed(sums, low, high)
    assert (low.tolist(), high.tolist()) == ([2, 2, 2], [2, 2, 2])


def test_sums_that_no_table_has_are_told():
    for sums in (system(2, ([0, 1], 9, 9)), system(3, ([0, 1], 0, 0), ([1, 2], 8, 8))):
        with pytest.raises(Contradiction):
            propagate(sums, *start(sums))
    apart = system(3, ([0, 1], 4, 4), ([1, 2], 4, 4), ([0, 2], 4, 4), ([0, 1, 2], 8, 8))
    low, high = propagate(apart, *start(apart))
    with pytest.raises(Contradiction):
        programmed(apart, low, high)


def test_blocks_hang_together_through_open_numbers_only():
    sums = system(5, ([0, 1], 3, 3), ([1, 2], 3, 3), ([3, 4], 3, 3), ([2, 3], 5, 5))
    low, high = start(sums)
    low[3] = high[3] = 1
    assert [b.tolist() for b in blocks(sums, low, high)] == [[0, 1, 2], [4]]
