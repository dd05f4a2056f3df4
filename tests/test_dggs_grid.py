"""Cells as integers: the arithmetic agrees with h3, outlines cover the globe once."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_core.model import grid

PLACES = st.tuples(st.floats(-89.9, 89.9), st.floats(-180, 180), st.integers(0, 12))


@given(PLACES, st.integers(0, 12))
def test_a_parent_is_that_of_h3(place, res):
    cell = h3.latlng_to_cell(*place)
    if res <= h3.get_resolution(cell):
        (found,) = grid.texts(grid.parents(grid.packed([cell]), res))
        assert found == h3.cell_to_parent(cell, res)


@given(PLACES, st.integers(0, 3))
def test_descendants_follow_each_other_between_the_two_ends_of_their_span(place, depth):
    cell = h3.latlng_to_cell(*place)
    level = min(15, h3.get_resolution(cell) + depth)
    below = grid.descendants(int(cell, 16), level)
    assert grid.texts(below) == sorted(h3.cell_to_children(cell, level))
    assert grid.span(int(cell, 16), level) == (int(below[0]), int(below[-1]))


@pytest.mark.parametrize("res", [1, 4, 8])
def test_a_pentagon_has_six_children_and_its_span_holds_no_other_cell(res):
    for pentagon in h3.get_pentagons(res):
        below = grid.descendants(int(pentagon, 16), res + 1)
        assert len(below) == 6
        others = grid.packed(
            child
            for beside in h3.grid_disk(pentagon, 1)
            for child in h3.cell_to_children(beside, res + 1)
        )
        found = np.sort(others)[grid.within(np.sort(others), int(pentagon, 16), res + 1)]
        assert found.tolist() == below.tolist()


@given(st.lists(PLACES, min_size=1, max_size=40))
def test_compacting_and_expanding_gives_the_same_cells(places):
    cells = np.unique(grid.packed(h3.latlng_to_cell(lat, lon, 4) for lat, lon, _ in places))
    cells = np.unique(np.concatenate([grid.descendants(int(c), 6) for c in cells]))
    compact = grid.compacted(cells)
    assert len(compact) < len(cells)
    again = np.concatenate([grid.descendants(int(c), 6) for c in compact])
    assert np.sort(again).tolist() == cells.tolist()
    assert (np.diff(grid.resolutions(compact)) >= 0).all()


def test_outlines_cover_the_globe_once_with_its_poles_and_its_edge():
    cells = [int(cell, 16) for cell in h3.get_res0_cells()]
    shapes = grid.outlines(cells)
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes).sum() == pytest.approx(360 * 180, rel=1e-9)
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(360 * 180, rel=1e-9)
    bounds = shapely.bounds(shapes)
    assert bounds.min() >= -180 - 1e-9
    assert bounds.max() <= 180 + 1e-9
