"""Outlines in tiles are those of the features: rounded to the grid of the zoom, cut at the tile.

A vertex is a vertex of the feature, rounded, or stands where the tile is cut off. A feature that
is whole in a tile has all its vertices and its very area there; one that is cut has the area of
what is left, but for the rounding of where it was cut. The few outlines that rounding folds over
are held to the box and about the area of the feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from checks.audit.findings import Tally
from checks.audit.mvt import EXTENT, Ints
from checks.audit.published import Collection, Tileset
from checks.audit.tiles import in_world

BUFFER: Final = 64
"""Units beyond the tile's edge that are drawn too."""
PIXELS: Final = 2
"""Units by which an outline that rounding folds over may be wider."""
_KINDS: Final = {"Point": 1, "MultiPoint": 1, "LineString": 2, "MultiLineString": 2}
_POLYGON: Final = 3

type Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Rounded:
    """The n features of a collection on the grid of a zoom; without outline they are None."""

    shapes: npt.NDArray[Any]
    kinds: Ints
    folded: Bools
    corners: Ints


def check_outlines(tally: Tally, tileset: Tileset, rows: tuple[Collection, Ints, Ints]) -> None:
    """Compare the outlines of one zoom with the features of the collection that it shows.

    Parameters
    ----------
    tally : Tally
    tileset : Tileset
    rows : tuple
        The collection; which features of the tiles are of this zoom; which of the collection
        each of them is.
    """
    collection, at, of = rows
    found, zoom = tileset.rows, tileset.rows.tiles[tileset.rows.tile[at[0]]][0]
    known = _rounded(collection, zoom)
    start = np.cumsum(found.counts) - found.counts
    picked = np.repeat(start[at], found.counts[at]) + _steps(found.counts[at])
    points, row = found.points[picked], np.repeat(np.arange(len(at)), found.counts[at])
    tiles = np.array([found.tiles[i][1:] for i in found.tile[at].tolist()], np.int64)
    low, high = tiles * EXTENT - BUFFER, (tiles + 1) * EXTENT + BUFFER
    own = _vertices(known, points, of[row])
    edge = (points == low[row]).any(axis=1) | (points == high[row]).any(axis=1)
    least, most = _boxes(points, found.counts[at])
    box = shapely.bounds(known.shapes)[of]
    near = ((least >= box[:, :2] - PIXELS) & (most <= box[:, 2:] + PIXELS)).all(axis=1)
    placed = np.bincount(row, ~(own | edge), len(at)) == 0
    fits = _areas(known, of, (low, high), (found.areas[at], found.counts[at]))
    tally.each(
        near & (placed | known.folded[of]) & fits & (known.kinds[of] == found.kinds[at]),
        tileset.id,
        "an outline is another than that of the feature",
        lambda i: {"tile": list(found.tiles[found.tile[at[i]]]), "id": collection.ids[of[i]]},
    )


def _steps(counts: Ints) -> Ints:
    """Count from nought within each of several parts."""
    ends = np.cumsum(counts)
    return np.arange(counts.sum()) - np.repeat(ends - counts, counts)


def _boxes(points: Ints, counts: Ints) -> tuple[Ints, Ints]:
    first = np.cumsum(counts) - counts
    return np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)


def _rounded(collection: Collection, zoom: int) -> _Rounded:
    side = EXTENT << zoom
    shapes = np.array(collection.geometry, dtype=object)

    def on_grid(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.rint(np.column_stack(in_world(*places.T)) * side)

    shapes = np.asarray(shapely.transform(shapes, on_grid), dtype=object)
    kinds = [0 if s is None else _KINDS.get(s.geom_type, _POLYGON) for s in shapes]
    corners, folded = _corners(shapes), ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    shapes[folded] = shapely.make_valid(shapes[folded])
    return _Rounded(shapes, np.array(kinds, np.int64), folded, corners)


def _corners(shapes: npt.NDArray[Any]) -> Ints:
    """Return how many vertices each area has: neighbours that rounding made one are one."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    moves = (np.diff(places, axis=0) != 0).any(axis=1) & (np.diff(ring) == 0)
    owner = of_part[of_ring[ring[:-1]]] if len(ring) else np.empty(0, np.int64)
    return np.bincount(owner, moves, len(shapes)).astype(np.int64)


def _vertices(known: _Rounded, points: Ints, of: Ints) -> Bools:
    """Tell which points are a vertex of their feature."""
    places, owner = shapely.get_coordinates(known.shapes, return_index=True)
    real = places.astype(np.int64)
    corner = np.minimum(real.min(axis=0), points.min(axis=0))
    wide, tall = np.maximum(real.max(axis=0), points.max(axis=0)) - corner + 1

    def coded(at: Ints, row: Ints) -> Ints:
        x, y = (at - corner).T
        return np.asarray((row * wide + x) * tall + y, np.int64)

    return np.isin(coded(points, of), coded(real, owner))


def _areas(known: _Rounded, of: Ints, frames: tuple[Ints, Ints], shown: tuple[Ints, Ints]) -> Bools:
    """Tell which outlines have the area, and if they are whole the vertices, of their feature."""
    (low, high), (twice, counts), shapes = frames, shown, known.shapes[of]
    box = shapely.bounds(shapes)
    whole = ((box[:, :2] >= low) & (box[:, 2:] <= high)).all(axis=1)
    cut = ~whole & (known.kinds[of] == _POLYGON)
    left = shapes.copy()
    frame = shapely.box(*low[cut].T, *high[cut].T)
    left[cut] = shapely.transform(shapely.intersection(shapes[cut], frame), np.rint)
    folded = known.folded[of] | ~(shapely.is_valid(left) | shapely.is_missing(left))
    slack = np.where(folded, shapely.length(left) + 2 * PIXELS, 0)
    fits = np.abs(twice / 2 - shapely.area(left)) <= slack
    every = (counts == known.corners[of]) | ~whole | known.folded[of]
    return np.asarray(fits & every | (known.kinds[of] != _POLYGON))
