"""Neighbours, hot spots and clusters: published numbers, PySAL's, and what must always hold."""

from __future__ import annotations

from contextlib import closing
from itertools import combinations

import esda
import h3
import libpysal
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from libpysal.weights import W
from scipy import stats

from geo_core.indicators.access import straight_km
from geo_core.indicators.composite import IndexInputError
from geo_core.indicators.hotspots import gi, gi_star, global_g
from geo_core.indicators.moran import QUADRANTS, global_moran, local_moran
from geo_core.indicators.neighbours import (
    Neighbours,
    listed,
    rings,
    touching,
    within_distance,
    within_km,
)
from geo_core.indicators.significance import false_discovery, two_sided

NAN = np.nan
# esda, esda/tests/test_getisord.py
POINTS = np.array([(10.0, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
Y = np.array([2, 3, 3.2, 5, 8, 7])
CELL = h3.latlng_to_cell(45.3, 8.4, 7)
NEAR = within_distance(POINTS, 15)


def close(found, wanted, rel=1e-9):
    return found == pytest.approx(wanted, rel=rel, abs=1e-9, nan_ok=True)


def pysal(near: Neighbours) -> W:
    """Return the same neighbours as PySAL holds them."""
    parts = np.split(near.others, near.starts[1:-1])
    return W({i: part.tolist() for i, part in enumerate(parts)}, silence_warnings=True)


@pytest.fixture(scope="module")
def desmith():
    example = libpysal.examples.get_path
    with closing(libpysal.io.open(example("desmith.gal"))) as neighbours:
        weights = neighbours.read()
    with closing(libpysal.io.open(example("desmith.txt"))) as table:
        values = np.array(table.by_col["z"])
    place = weights.id2i
    pairs = [(place[a], place[b]) for a in weights.neighbors for b in weights.neighbors[a]]
    return values, listed(np.array(pairs), units=values.size), weights


@st.composite
def maps(draw, least=4):
    """Draw values of some units, and any symmetric neighbours."""
    n = draw(st.integers(least, 9))
    values = np.array(draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)), float)
    pairs = draw(st.sets(st.sampled_from(list(combinations(range(n), 2)))))
    both = [(a, b) for a, b in pairs] + [(b, a) for a, b in pairs]
    return values, listed(np.array(both, dtype=np.int64), units=n)


def turned(near: Neighbours, order: list[int]) -> Neighbours:
    """Return the neighbours of the units in another order."""
    place = np.argsort(order)
    pairs = np.column_stack([place[near.units], place[near.others]])
    return listed(pairs, units=len(order))


def test_hot_spots_are_the_published_ones():
    assert round(global_g(Y, NEAR).g, 8) == 0.55709779
    assert gi(Y, NEAR).round(8).tolist() == [
        *(-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941)
    ]
    assert gi_star(Y, NEAR).round(8).tolist() == [
        *(-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331)
    ]


@pytest.mark.filterwarnings("ignore")
@given(maps())
def test_hot_spots_are_those_of_pysal(drawn):
    values, near = drawn
    assume(np.ptp(values) > 0 and near.counts.min() > 0)
    weights = pysal(near)
    with np.errstate(all="ignore"):
        for star, found in ((True, gi_star(values, near)), (False, gi(values, near))):
            known = esda.G_Local(values, weights, transform="B", star=star, permutations=0).Zs
            told = ~np.isnan(found)
            # Where we say nothing, rounding decides what PySAL says.
            assert close(found[told], known[told], rel=1e-6)
        whole = esda.G(values, pysal(near), permutations=0)
    found = global_g(values, near)
    if np.isfinite(found.z):
        assert close([found.g, found.expected], [whole.G, whole.EG])
        assert close([found.variance, found.p], [whole.VG, 2 * whole.p_norm])


@given(maps(), st.integers(-50, 50), st.integers(1, 9))
def test_what_is_measured_from_and_in_changes_no_hot_spot(drawn, shift, scale):
    values, near = drawn
    other = shift + scale * values
    assert close(gi_star(other, near), gi_star(values, near))
    assert close(gi(other, near), gi(values, near))
    here, there = (local_moran(v, near, permutations=19, seed=1) for v in (other, values))
    assert close(here.i, there.i)
    assert close(here.p, there.p)


@given(maps(), st.data())
def test_no_order_of_units_changes_a_statistic(drawn, data):
    values, near = drawn
    order = data.draw(st.permutations(range(values.size)))
    mixed = turned(near, order)
    assert close(gi_star(values[order], mixed), gi_star(values, near)[order])
    assert close(gi(values[order], mixed), gi(values, near)[order])
    here, there = (
        local_moran(v, n, permutations=9) for v, n in ((values[order], mixed), (values, near))
    )
    assert close(here.i, there.i[order])
    assert (here.quadrant == there.quadrant[order]).all()
    assert close(global_g(values[order], mixed).g, global_g(values, near).g)


@given(maps(), st.data())
def test_a_missing_value_is_as_if_its_unit_were_not_there(drawn, data):
    values, near = drawn
    gone = data.draw(st.integers(0, values.size - 1))
    kept = np.arange(values.size) != gone
    values[gone] = NAN
    fewer = near.only(kept)
    for statistic in (gi_star, gi, lambda v, n: local_moran(v, n, permutations=9, seed=2).p):
        found = statistic(values, near)
        assert np.isnan(found[gone])
        assert close(found[kept], statistic(values[kept], fewer))


@given(maps())
def test_turned_upside_down_hot_is_cold(drawn):
    values, near = drawn
    assert close(gi_star(-values, near), -gi_star(values, near))
    here, there = (local_moran(v, near, permutations=49, seed=3) for v in (values, -values))
    assert close(here.i, there.i)
    assert close(here.p, there.p)


def test_no_statistic_where_there_is_nothing_to_tell():
    for values in (np.full(6, 0.1), np.full(6, NAN), np.array([NAN, 4, NAN, NAN, NAN, NAN])):
        for found in (gi_star(values, NEAR), gi(values, NEAR), local_moran(values, NEAR).i):
            assert np.isnan(found).all()
        assert np.isnan([*global_g(values, NEAR), *global_moran(values, NEAR)]).all()
        assert np.isnan(local_moran(values, NEAR).p).all()
        assert not local_moran(values, NEAR).quadrant.any()
    none = np.array([])
    nobody = listed(np.empty((0, 2), dtype=np.int64), units=0)
    assert gi_star(none, nobody).size == gi(none, nobody).size == 0


def test_a_unit_without_neighbours_is_compared_by_itself_or_not_at_all():
    near = listed(np.array([(0, 1), (1, 0)]), units=4)
    values = np.array([1.0, 2, 3, 6])
    assert close(gi_star(values, near)[2:], ((values - 3) / values.std())[2:])
    assert np.isnan(gi(values, near)[2:]).all()
    found = local_moran(values, near)
    assert np.isnan([found.i[2:], found.p[2:]]).all()
    assert found.quadrant.tolist() == [3, 3, 0, 0]
    lonely = listed(np.empty((0, 2), dtype=np.int64), units=4)
    assert np.isnan(local_moran(values, lonely).p).all()
    assert np.isnan(global_moran(values, lonely)).all()


def test_where_all_are_neighbours_nothing_stands_out():
    everyone = listed(np.array([(i, j) for i in range(4) for j in range(4)]), units=4)
    values = np.array([1.0, 5, 2, 2])
    assert np.isnan([gi_star(values, everyone), gi(values, everyone)]).all()
    assert np.isnan(global_g(values, everyone).z)
    assert local_moran(values, everyone).p.tolist() == [1, 1, 1, 1]


@pytest.mark.filterwarnings("ignore")
def test_neighbours_need_not_be_mutual():
    near = listed(np.array([(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]), units=6)
    whole, found = esda.G(Y, pysal(near), permutations=0), global_g(Y, near)
    assert close([found.g, found.variance], [whole.G, whole.VG])
    known = esda.G_Local(Y, pysal(near), transform="B", star=True, permutations=0).Zs
    assert close(gi_star(Y, near), known)


def test_units_without_neighbours_are_not_in_global_moran():
    near = listed(np.array([(0, 1), (1, 0), (1, 2), (2, 1)]), units=4)
    z = np.array([1.0, 2, 6, 3]) - 3
    i = 4 / 3 * (z[0] * z[1] + z[1] * (z[0] + z[2]) / 2 + z[2] * z[1]) / (z @ z)
    assert close(global_moran(z + 3, near).i, i)


def test_what_is_at_the_mean_is_low_whatever_the_rounding():
    values = np.array([20.0, 0, 0, 4, 16, 2, 3, 7])
    near = listed(np.array([(1, 0), (1, 2), (1, 3), (1, 5), (2, 5), (3, 0)]), units=8)
    for order in ([*range(8)], [0, 1, 3, 2, 4, 5, 6, 7], [5, 3, 2, 0, 1, 4, 6, 7]):
        found = local_moran(values[order], turned(near, order)).quadrant
        assert found[order.index(1)] == 3, "its neighbours are at the mean"


def test_negative_values_have_no_global_g():
    with pytest.raises(IndexInputError, match="from 0 on"):
        global_g(Y - 3, NEAR)


@pytest.mark.filterwarnings("ignore")
def test_local_moran_is_that_of_pysal(desmith):
    values, near, weights = desmith
    known = esda.Moran_Local(values, weights, permutations=9, seed=1, alternative="two-sided")
    found = local_moran(values, near)
    assert close(found.i, known.Is, rel=1e-12)
    assert found.i.round(8).tolist() == [
        *(-0.11409277, -0.19940543, -0.13351408, -0.51770383, 0.48095009),
        *(0.12208113, 1.19148298, -0.58144305, 0.07101383, 0.34314301),
    ]
    assert found.quadrant.tolist() == known.q.tolist() == [4, 4, 4, 2, 3, 3, 1, 4, 3, 3]
    assert QUADRANTS[1:] == ("HH", "LH", "LL", "HL")
    assert close(global_moran(values, near).i, esda.Moran(values, weights, permutations=0).I)


def test_chances_of_local_moran_are_those_of_counting_all_ways():
    values = np.array([2, 3, 3.2, 5, 8, 7, 3, 3])
    pairs = [(0, 1), (0, 2), (1, 3), (2, 0), (3, 4), (3, 5), (3, 6), (4, 5), (5, 4), (5, 3), (6, 7)]
    near = listed(np.array(pairs), units=8)
    found = local_moran(values, near, permutations=40_000, seed=4)
    for unit in range(7):
        mine = near.others[near.starts[unit] : near.starts[unit + 1]]
        others = np.delete(values, unit)
        means = np.array([np.mean(c) for c in combinations(others, mine.size)])
        lag = values[mine].mean()
        tail = min((means >= lag - 1e-9).mean(), (means <= lag + 1e-9).mean())
        assert found.p[unit] == pytest.approx(min(1, 2 * tail), abs=0.012)


def test_the_same_seed_gives_the_same_chances():
    one, again, other = (local_moran(Y, NEAR, permutations=99, seed=s).p for s in (5, 5, 6))
    assert one.tolist() == again.tolist() != other.tolist()


def test_drawing_in_parts_is_drawing_at_once(monkeypatch):
    whole = local_moran(Y, NEAR, permutations=99, seed=5).p
    monkeypatch.setattr("geo_core.indicators.moran._AT_ONCE", 13)
    assert local_moran(Y, NEAR, permutations=99, seed=5).p.tolist() == whole.tolist()


def test_chance_alone_is_called_significant_as_often_as_it_says():
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(45.3, 8.4, 8), 20))
    values = np.random.default_rng(7).gamma(2, size=len(cells))
    p = local_moran(values, rings(cells), permutations=999, seed=8).p
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(p <= 0.5) == pytest.approx(0.5, abs=0.06)
    assert global_moran(values, rings(cells), permutations=199, seed=9).p > 0.05
    hot = values + np.array([h3.cell_to_latlng(c)[0] for c in cells]) * 100
    assert global_moran(hot, rings(cells), permutations=199, seed=9).p == 0.01


@given(st.lists(st.floats(0, 1) | st.just(NAN), max_size=20))
def test_adjusted_p_follow_their_definition(p):
    p = np.array(p)
    found, known = false_discovery(p), ~np.isnan(p)
    assert (np.isnan(found) == ~known).all()
    if known.any():
        assert close(found[known], stats.false_discovery_control(p[known]))
    order = np.argsort(p[known], kind="stable")
    assert (np.diff(found[known][order]) >= 0).all()
    assert (found[known] >= p[known]).all()


def test_two_sided_p_are_those_of_the_normal_distribution():
    z = np.array([-3.2, 0, 1.96, NAN, 9])
    assert close(two_sided(z), 2 * stats.norm.sf(np.abs(z)), rel=1e-12)


def test_neighbours_up_to_a_distance_include_it():
    points = np.array([(0.0, 0), (3, 4), (3, 4), (9, 12.1)])
    near = within_distance(points, 5)
    assert near.starts.tolist() == [0, 2, 4, 6, 6]
    assert near.others.tolist() == [1, 2, 0, 2, 0, 1]


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=12),
    st.floats(1, 19000),
)
def test_neighbours_up_to_some_km_are_those_of_all_distances(points, band):
    points = np.array(points)
    km = straight_km(points, points)
    assume(not (np.abs(km - band) < 1e-3).any())
    wanted = (km <= band) & ~np.eye(len(points), dtype=bool)
    near = within_km(points, band)
    assert list(zip(*np.nonzero(wanted), strict=True)) == [
        *zip(near.units.tolist(), near.others.tolist(), strict=True)
    ]


def test_rings_of_cells():
    centre = CELL
    cells = sorted(h3.grid_disk(centre, 2))
    near, far = rings(cells), rings(cells, 2)
    here = cells.index(centre)
    assert near.counts[here] == 6
    assert far.counts[here] == 18
    assert {cells[o] for o in near.others[near.units == here]} == {*h3.grid_ring(centre, 1)}
    mixed = [*cells[5:], *cells[:5]]
    assert turned(near, [*range(5, 19), *range(5)]).others.tolist() == rings(mixed).others.tolist()
    assert rings([]).counts.size == 0
    with pytest.raises(IndexInputError, match="several resolutions"):
        rings([centre, h3.cell_to_parent(centre, 6)])


def test_neighbours_beyond_what_memory_holds_are_refused_before_they_are_found(monkeypatch):
    monkeypatch.setattr("geo_core.indicators.neighbours.MOST", 9)
    for many in (lambda: within_distance(POINTS, 30), lambda: rings(h3.grid_disk(CELL, 2), 2)):
        with pytest.raises(IndexInputError, match="too many neighbours"):
            many()
    assert within_distance(POINTS, 10).counts.sum() == 4


def test_squares_that_touch_at_a_corner_are_neighbours():
    squares = [shapely.box(x, y, x + 1, y + 1) for x, y in ((0, 0), (1, 0), (1, 1), (5, 5))]
    assert touching(squares).counts.tolist() == [2, 2, 2, 0]


def test_listed_pairs_count_once_and_never_oneself():
    near = listed(np.array([(2, 0), (2, 0), (1, 1), (0, 2)]), units=3)
    assert near.counts.tolist() == [1, 0, 1]
    assert near.sums(np.array([1.0, 2, 4])).tolist() == [4, 0, 1]


@pytest.mark.parametrize("far", [1e3, 1e6, 1e9, 1e12])
def test_a_value_far_from_all_is_held_against_the_variance_of_the_others(far):
    """Values 1, 2, 3, 4 have the mean 2.5 and the variance 1.25, whatever stands beside them."""
    near = within_distance(np.array([(0.0, 0), (100, 0), (200, 0), (300, 0), (1, 0)]), 5)
    found = gi(np.array([1, 2, 3, 4, far]), near)[4]
    # Its one neighbour has the value 1: variance of a draw of one of four.
    assert found == pytest.approx((1 - 2.5) / 1.25**0.5, rel=1e-3)
