"""Rounding: the bound on every sum, no bias, and what somebody who knows the rule can learn."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from disclose_district import districts
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.disclose.features import on_areas
from geo_core.disclose.network import network, tree_of
from geo_core.disclose.rounding import rounded, turned
from geo_core.disclose.rounding_audit import narrow, passed
from geo_core.disclose.shape import coarsen, cut, merge
from geo_core.errors import DisclosureError
from geo_core.model import cells

BASE = 5


def flat(areas: int) -> np.ndarray:
    """Return the parents of a district whose areas have no cell in between."""
    return np.full(areas + 1, areas)


TWO_LEVELS = np.array([4, 4, 5, 5, 6, 6, 6])
"""Four areas, two in each of two cells."""


def net_of(parents, counts):
    return network(parents, areas=counts.shape[1], categories=len(counts))


def tables(parents, categories: int, largest: int = 12):
    areas = int(parents.min())
    numbers = st.lists(st.integers(0, largest), min_size=categories * areas,
                       max_size=categories * areas)  # fmt: skip
    return numbers.map(lambda flat: np.array(flat).reshape(categories, areas))


@settings(max_examples=60)
@given(districts(), st.integers(1, 5), st.integers(0, 2**32), st.sampled_from([50, 100, 200]))
def test_no_sum_is_off_by_the_base_on_any_feature_or_cell(people, categories, seed, larger):
    base = merge(people, p_min=50)
    shape = coarsen(base, p_min=larger)
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.lognormal(0, 1.5, (categories, len(shape.areas))))
    counts = counts.astype(np.int64)
    found = rounded(counts, net_of(tree_of(shape), counts), base=BASE)
    assert (found >= 0).all()
    assert not (found % BASE).any()
    off = found - counts
    for row in (*off, off.sum(axis=0)):
        assert np.abs(row).max() < BASE
        for res in range(cells.LEAF + 1):
            for shown in (cut(base, res), cut(shape, res)):
                assert all(abs(n) < BASE for n in on_areas(row, shape, shown) if n is not None)
            for n in _whole_cells(shape, row, res):
                assert abs(n) < BASE
        assert abs(row.sum()) < BASE


def _whole_cells(shape, row, res):
    """Sum over every H3 cell that is a union of areas, by their members alone."""
    sums, broken = {}, set()
    for area, n in zip(shape.areas, row.tolist(), strict=True):
        touched = {cells.parent(m, res) for m in area.members}
        if len(touched) > 1:
            broken |= touched
        for cell in touched:
            sums[cell] = sums.get(cell, 0) + n
    return [n for cell, n in sums.items() if cell not in broken]


@given(tables(TWO_LEVELS, 3))
def test_multiples_stay_and_every_sum_becomes_a_neighbour(counts):
    net = net_of(TWO_LEVELS, counts)
    found = rounded(counts, net, base=BASE)
    assert (found[counts % BASE == 0] == counts[counts % BASE == 0]).all()
    true, shown = net.sums(counts), net.sums(found)
    assert (true // BASE * BASE <= shown).all()
    assert (shown <= -(-true // BASE) * BASE).all()


def test_rounding_has_no_bias():
    counts = np.array([[1, 4, 3, 7], [2, 2, 0, 11], [0, 1, 6, 3]])
    net = net_of(TWO_LEVELS, counts)
    draws = 3000
    mean = sum(rounded(counts, net, base=BASE) for _ in range(draws)) / draws
    # The variance of one count is at most base^2 / 4.
    assert np.abs(mean - counts).max() < 6 * (BASE / 2) / draws**0.5


def test_every_rounding_that_keeps_the_bounds_can_come_out():
    counts = np.array([[3, 1, 4, 2], [2, 2, 1, 4]])
    net = net_of(TWO_LEVELS, counts)
    true = net.sums(counts)
    fits = {
        choice
        for choice in product((0, BASE), repeat=counts.size)
        if (np.abs(net.sums(np.array(choice).reshape(counts.shape)) - true) < BASE).all()
    }
    drawn = {tuple(rounded(counts, net, base=BASE).ravel().tolist()) for _ in range(3000)}
    assert drawn == fits
    assert len(fits) == 7


@settings(max_examples=30)
@given(tables(TWO_LEVELS, 2), st.data())
def test_the_published_table_alone_narrows_no_count(counts, data):
    """The table shown, with one count anywhere within its rounding, is rounded to it too."""
    net = net_of(TWO_LEVELS, counts)
    shown = rounded(counts, net, base=BASE)
    at = tuple(data.draw(st.integers(0, n - 1)) for n in counts.shape)
    other = shown.copy()
    other[at] += data.draw(st.integers(-min(BASE - 1, int(shown[at])), BASE - 1))
    again = (rounded(other, net, base=BASE) for _ in range(300))
    assert any((table == shown).all() for table in again)
    assert not narrow(other, shown, net, base=BASE, width=1), "and it passes the gate"


@settings(max_examples=25, deadline=None)
@given(tables(flat(3), 2, largest=6), st.booleans())
def test_the_gate_finds_the_exact_ranges(counts, deep):
    parents = np.array([3, 3, 4, 4, 4]) if deep else flat(3)
    net = net_of(parents, counts)
    shown = rounded(counts, net, base=BASE)
    widths = _widths(counts, shown, net)[counts < BASE]
    for width in range(-1, BASE):
        found = narrow(counts, shown, net, base=BASE, width=width)
        assert len(found) == (widths <= width).sum()


def _widths(counts, shown, net):
    """Try all remainders that a reader who knows the ups and downs must think possible."""
    ups = (shown - counts + counts % BASE) // BASE
    ranges = [range(int(up), BASE) for up in ups.ravel()]
    tried = np.array(list(product(*ranges))).reshape(-1, *counts.shape)
    remain = np.stack([net.sums(r) for r in tried])
    fits = (np.abs(BASE * net.sums(ups) - remain) < BASE).all(axis=(1, 2))
    possible = tried[fits]
    return possible.max(axis=0) - possible.min(axis=0)


def test_three_areas_rounded_up_together_do_not_pass():
    counts = np.full((1, 3), 4)
    net = net_of(flat(3), counts)
    up = np.full((1, 3), 5)
    assert sorted(narrow(counts, up, net, base=BASE, width=1)) == [0, 1, 2]
    assert all(passed(counts, net).sum() == 10 for _ in range(20))


def groups_of_three(groups):
    """Return the parents of many cells with three areas each."""
    areas = np.repeat(np.arange(groups), 3) + 3 * groups
    return np.concatenate([areas, np.full(groups + 1, 4 * groups)])


def test_a_large_table_is_mended_where_it_is_narrow():
    counts = np.random.default_rng(1).integers(0, 7, (2, 900))
    net = net_of(groups_of_three(300), counts)
    tables = (rounded(counts, net, base=BASE) for _ in range(20))  # one in 30 is wide by chance
    assert any(narrow(counts, table, net, base=BASE, width=1) for table in tables)
    found = passed(counts, net)
    assert not narrow(counts, found, net, base=BASE, width=1)
    assert np.abs(net.sums(found) - net.sums(counts)).max() < BASE


def test_a_table_that_no_mending_keeps_safe_is_refused():
    """Three areas of 4 in each cell: their sum stays, so in some cells all three are up."""
    counts = np.full((1, 180), 4)
    with pytest.raises(DisclosureError, match="mended 20 times"):
        passed(counts, net_of(groups_of_three(60), counts))


@given(tables(TWO_LEVELS, 3), st.integers(1, 2))
def test_turning_numbers_keeps_every_bound(counts, up):
    net = net_of(TWO_LEVELS, counts)
    shown = rounded(counts, net, base=BASE)
    found = turned(counts, shown, net, base=BASE, edges=net.counts_near(0, up=up))
    true, now = net.sums(counts), net.sums(found)
    assert not (found % BASE).any()
    assert (true // BASE * BASE <= now).all()
    assert (now <= -(-true // BASE) * BASE).all()


def test_turning_changes_the_numbers_and_nothing_far_away():
    counts = np.full((1, 180), 4)
    net = net_of(groups_of_three(60), counts)
    shown = rounded(counts, net, base=BASE)
    edges = net.counts_near(0, up=1)
    assert sorted(edges) == [0, 1, 2]
    tables = [turned(counts, shown, net, base=BASE, edges=edges) for _ in range(60)]
    assert len({tuple(t[0, :3].tolist()) for t in tables}) >= 3
    assert all((t != shown).sum() <= 12 for t in tables)
