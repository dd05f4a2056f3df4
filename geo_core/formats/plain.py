"""Rounds outlines of few vertices, as hexagons are, all at once and without GEOS."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.formats.outlines import Ints, Outlines, starts

_FINE: Final = 8
"""The middle of a ring is taken to this part of a unit, so that it lies inside small rings."""


def is_plain(areas: NDArray[Any], few: int) -> NDArray[np.bool_]:
    """Tell which areas are one ring of few positions, the closing one included."""
    one = np.asarray(shapely.get_num_coordinates(areas) <= few)
    one &= shapely.get_num_geometries(areas) == 1
    one[one] = shapely.get_num_interior_rings(shapely.get_geometry(areas[one], 0)) == 0
    return one


class Plain:
    """Plain areas in world coordinates, ready to be rounded to any grid."""

    def __init__(self, areas: NDArray[Any]) -> None:
        wound = shapely.orient_polygons(areas)
        at, of = shapely.get_coordinates(wound, return_index=True)
        kept = np.flatnonzero(np.diff(of) == 0)  # the first vertex comes again at the end
        self._at = np.ascontiguousarray(at[kept].T)
        self._counts = np.bincount(of[kept], minlength=len(areas))
        self._before = _next(self._counts, -1)

    def snapped(self, side: int) -> tuple[Outlines, Ints]:
        """Round to the grid with so many units along the world.

        Returns
        -------
        Outlines
            Of those areas that the middle of their vertices sees whole: they are valid and
            wound as exteriors. Each begins at its least vertex.
        int array
            Which areas these are; the others GEOS must look at.
        """
        places = np.rint(self._at * side).astype(np.int64)
        kept = (places != places[:, self._before]).any(axis=0)
        counts = _reduced(np.add, kept.astype(np.int64), self._counts)
        solid = counts > 2
        kept &= np.repeat(solid, self._counts)
        of = np.flatnonzero(solid)
        rings = Outlines(places[:, kept], counts[of], np.ones(len(of), np.int64))
        seen = _is_star(rings)
        if not seen.all():
            rings, of = rings.take(np.flatnonzero(seen)), of[seen]
        return _from_least(rings), of


def _next(counts: Ints, step: int = 1) -> Ints:
    """Return where the next vertex of a ring stands, for every vertex."""
    out = np.arange(counts.sum()) + step
    first = starts(counts)
    last = first + counts - 1
    out[first if step < 0 else last] = last if step < 0 else first
    return out


def _is_star(rings: Outlines) -> NDArray[np.bool_]:
    """Tell which rings turn once, and always forward, around the middle of their vertices.

    Such a ring does not touch itself and has a positive area (surveyor's formula).
    """
    counts = rings.rings
    x, y = (
        _FINE * at - np.repeat(_FINE * _reduced(np.add, at, counts) // counts, counts)
        for at in rings.places
    )
    after = _next(counts)
    forward = x * y[after] > y * x[after]
    upper = (y > 0) | ((y == 0) & (x > 0))
    rounds = _reduced(np.add, (upper[after] > upper).astype(np.int64), counts)
    return np.asarray(_reduced(np.logical_and, forward, counts) & (rounds == 1))


def _from_least(rings: Outlines) -> Outlines:
    """Begin each ring at its least vertex, by x and then by y."""
    x, y = rings.places
    counts, first = rings.rings, starts(rings.rings)
    key = x << 32 | y
    least = np.flatnonzero(key == np.repeat(_reduced(np.minimum, key, counts), counts))
    order = np.arange(len(x)) + np.repeat(least - first, counts)
    order -= np.where(order >= np.repeat(first + counts, counts), np.repeat(counts, counts), 0)
    return Outlines(rings.places[:, order], counts, rings.owned)


def _reduced(function: np.ufunc, numbers: NDArray[Any], counts: Ints) -> NDArray[Any]:
    """Apply a function to each group of numbers; no group is empty."""
    return np.asarray(function.reduceat(numbers, starts(counts)) if len(counts) else numbers)
