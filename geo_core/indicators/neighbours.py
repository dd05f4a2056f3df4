"""Which units are neighbours of which: the units themselves keep their order.

No unit is its own neighbour. Whether a statistic counts the unit itself is the statistic's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import h3.api.numpy_int as h3_arrays
import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.indicators.composite import IndexInputError
from geo_core.model.cells import EARTH_KM
from geo_core.model.grid import packed, places, resolutions

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Mask = NDArray[np.bool_]

MOST: Final = 20_000_000
"""Largest number of pairs that are neighbours: more would not fit into memory beside the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The neighbours of each unit, one unit after the other.

    Attributes
    ----------
    starts : array of shape (units + 1,)
        Those of unit i are ``others[starts[i]:starts[i + 1]]``; a unit may have none.
    others : array of shape (pairs,)
        Positions of units, ascending within a unit, each once.
    """

    starts: Ints
    others: Ints

    @property
    def counts(self) -> Ints:
        """How many neighbours each unit has, shape (units,)."""
        return np.diff(self.starts)

    @property
    def units(self) -> Ints:
        """The unit that each of `others` is a neighbour of, shape (pairs,)."""
        return np.repeat(np.arange(len(self.starts) - 1), self.counts)

    def sums(self, values: Floats) -> Floats:
        """Return the sum of `values` over the neighbours of each unit; 0 where it has none."""
        weights = values[self.others]
        return np.bincount(self.units, weights=weights, minlength=len(self.starts) - 1)

    def only(self, kept: Mask) -> Neighbours:
        """Return the neighbours among the units kept, in the order and count of those units."""
        if kept.all():
            return self
        units, others = self.units, self.others
        both = kept[units] & kept[others]
        counts = np.bincount(units[both], minlength=kept.size)[kept]
        starts = np.concatenate([[0], np.cumsum(counts)])
        return Neighbours(starts, (np.cumsum(kept) - 1)[others[both]])


def within_distance(points: Floats, band: float) -> Neighbours:
    """Return the neighbours up to a distance in the plane.

    Parameters
    ----------
    points : array of shape (units, 2)
        Coordinates in a plane, all in the unit of `band`: not degrees.
    band : float
        Largest distance, itself included.

    Raises
    ------
    IndexInputError
        More than `MOST` pairs.
    """
    from scipy.spatial import KDTree  # noqa: PLC0415 - not where neighbours are only named

    tree = KDTree(points)
    _refuse_many(int(tree.count_neighbors(tree, band)) - len(points))
    pairs = tree.query_pairs(band, output_type="ndarray")
    return listed(np.concatenate([pairs, pairs[:, ::-1]]), units=len(points))


def within_km(points: Floats, band: float) -> Neighbours:
    """Return the neighbours up to a distance on the earth (great circle, mean radius).

    Parameters
    ----------
    points : array of shape (units, 2)
        Longitude and latitude in degrees (WGS 84).
    band : float
        Largest distance, itself included, km.

    Raises
    ------
    IndexInputError
        More than `MOST` pairs.
    """
    lon, lat = np.radians(points).T
    ball = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    chord = 2 * np.sin(min(band / EARTH_KM, np.pi) / 2)
    return within_distance(ball, chord)


def rings(cells: Sequence[str], k: int = 1) -> Neighbours:
    """Return the neighbours up to `k` steps over H3 cells; cells not in the list count for none.

    Parameters
    ----------
    cells : sequence of str
        H3 indices of one resolution, each once.
    k : int
        1: the cells that share an edge.

    Raises
    ------
    IndexInputError
        The cells are of several resolutions, or have more than `MOST` pairs.
    """
    numbers = packed(cells)
    if np.unique(resolutions(numbers)).size > 1:
        raise IndexInputError(
            "the cells are of several resolutions",
            hint="compute each resolution on its own",
        )
    _refuse_many(numbers.size * min(3 * k * (k + 1), numbers.size - 1))
    disks = [h3_arrays.grid_disk(cell, k) for cell in numbers.tolist()]
    lengths = [len(disk) for disk in disks]
    order = np.argsort(numbers)
    at = places(np.concatenate([*disks, numbers[:0]]), numbers[order])
    pairs = np.column_stack([np.repeat(np.arange(numbers.size), lengths), order[at]])
    return listed(pairs[at >= 0], units=numbers.size)


def touching(geometries: Sequence[shapely.Geometry]) -> Neighbours:
    """Return the neighbours that share a point or an edge, or overlap (queen contiguity)."""
    found = shapely.STRtree(geometries).query(list(geometries), predicate="intersects")
    return listed(found.T, units=len(geometries))


def listed(pairs: Ints, *, units: int) -> Neighbours:
    """Return the neighbours that a list names.

    Parameters
    ----------
    pairs : array of shape (pairs, 2)
        The position of a unit, and that of one of its neighbours. The other direction is
        another pair. A pair that stands twice counts once; a unit beside itself does not count.
    units : int
        How many units there are.
    """
    unit, other = pairs.reshape(-1, 2).T
    # Sorted by hand: np.unique hashes, which is slow for numbers that follow one another.
    keys = np.sort((unit * units + other)[unit != other])
    unit, other = np.divmod(keys[np.diff(keys, prepend=-1) > 0], max(units, 1))
    return Neighbours(np.searchsorted(unit, np.arange(units + 1)), other)


def _refuse_many(pairs: int) -> None:
    if pairs > MOST:
        raise IndexInputError(
            f"the units have too many neighbours: {pairs} pairs, of at most {MOST}",
            hint="take a shorter distance, or fewer steps",
        )
