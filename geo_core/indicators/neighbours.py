"""Which units are neighbours of which: the units themselves keep their order.

No unit is its own neighbour. Whether a statistic counts the unit itself is the statistic's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import h3
import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.indicators.access import EARTH_KM
from geo_core.indicators.composite import IndexInputError
from geo_core.model.cells import CellId, resolution

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Mask = NDArray[np.bool_]


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
        place = np.cumsum(kept) - 1
        units, others = self.units, self.others
        both = kept[units] & kept[others]
        return _rows(place[units[both]], place[others[both]], units=int(kept.sum()))


def within_distance(points: Floats, band: float) -> Neighbours:
    """Return the neighbours up to a distance in the plane.

    Parameters
    ----------
    points : array of shape (units, 2)
        Coordinates in a plane, all in the unit of `band`: not degrees.
    band : float
        Largest distance, itself included.
    """
    places = shapely.points(points)
    found = shapely.STRtree(places).query(places, predicate="dwithin", distance=band)
    return _rows(*found, units=len(points))


def within_km(points: Floats, band: float) -> Neighbours:
    """Return the neighbours up to a distance on the earth (great circle, mean radius).

    Parameters
    ----------
    points : array of shape (units, 2)
        Longitude and latitude in degrees (WGS 84).
    band : float
        Largest distance, itself included, km.
    """
    unit, other = _in_boxes(points, band)
    lon, lat = np.radians(points).T
    at = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    chord = np.linalg.norm(at[unit] - at[other], axis=1)
    near = 2 * EARTH_KM * np.arcsin(np.minimum(chord / 2, 1)) <= band
    return _rows(unit[near], other[near], units=len(points))


def _in_boxes(points: Floats, band: float) -> tuple[Ints, Ints]:
    """Return pairs that hold every pair up to `band` km, as each lies in the other's box."""
    lon, lat = points.T
    reach = np.full(len(points), np.degrees(band / EARTH_KM))
    sine = np.sin(min(band / EARTH_KM, np.pi / 2)) / np.cos(np.radians(lat))
    # A circle around a pole, or over one, has every longitude.
    wide = np.where(sine < 1, np.degrees(np.arcsin(np.minimum(sine, 1))), 180.0)
    slack = 1e-9
    tree = shapely.STRtree(shapely.points(points))
    found = []
    for turn in (-360, 0, 360):
        west, east = lon + turn - wide - slack, lon + turn + wide + slack
        boxes = shapely.box(west, lat - reach - slack, east, lat + reach + slack)
        found.append(tree.query(boxes))
    unit, other = np.concatenate(found, axis=1)
    return unit, other


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
        The cells are of several resolutions.
    """
    if len({resolution(CellId(c)) for c in cells}) > 1:
        raise IndexInputError(
            "the cells are of several resolutions",
            hint="compute each resolution on its own",
        )
    place = {c: i for i, c in enumerate(cells)}
    disks = [[place[o] for o in h3.grid_disk(c, k) if o in place] for c in cells]
    lengths = [len(d) for d in disks]
    others = np.fromiter((o for d in disks for o in d), dtype=np.int64, count=sum(lengths))
    return _rows(np.repeat(np.arange(len(cells)), lengths), others, units=len(cells))


def touching(geometries: Sequence[shapely.Geometry]) -> Neighbours:
    """Return the neighbours that share a point or an edge, or overlap (queen contiguity)."""
    found = shapely.STRtree(geometries).query(list(geometries), predicate="intersects")
    return _rows(*found, units=len(geometries))


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
    return _rows(unit, other, units=units)


def _rows(unit: Ints, other: Ints, *, units: int) -> Neighbours:
    apart = unit != other
    unit, other = np.divmod(np.unique(unit[apart] * units + other[apart]), max(units, 1))
    return Neighbours(np.searchsorted(unit, np.arange(units + 1)), other)
