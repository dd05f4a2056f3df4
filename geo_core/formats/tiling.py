"""Cuts geometries into the tiles of one zoom.

Every vertex is rounded to the zoom's global integer grid before anything is clipped.
Neighbours share their vertices, so they share the rounded ones too and meet without gaps or
overlaps, also across the edge of a tile. Repeated vertices fall away, which is all the
simplification there is: shared borders stay shared. Outlines of few vertices, as hexagons are,
are not clipped: that would take longer than to draw them, and round the edges that it cuts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.formats.mvt import EXTENT
from geo_core.formats.outlines import Ints, Outlines, members, starts
from geo_core.formats.plain import Plain, is_plain
from geo_core.model.mercator import TileRange, world

BUFFER: Final = 64
"""Units beyond the tile's edge that are drawn too, so that outlines and symbols are whole."""


FEW: Final = 16
"""An outline of so many positions at most is drawn whole in every tile that its box touches,"""

SMALL: Final = EXTENT - BUFFER
"""if it is no wider and no higher than so many units: it then stays within the neighbours of the
tile, beyond which MapLibre cuts off what it is given."""


@dataclass(frozen=True, slots=True)
class Cut:
    """n pieces of features in tiles of one zoom.

    Attributes
    ----------
    tiles : int array, (n, 2)
        Column and row.
    rows : int array, (n,)
        Position of the feature in its collection.
    outlines : Outlines
        In units of the tile. Rings are valid, of one order and winding: exterior first and
        positive, holes negative, each from its least vertex.
    """

    tiles: Ints
    rows: Ints
    outlines: Outlines


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Outlines of shapes in units of the zoom, and n tiles that each show one of them."""

    outlines: Outlines
    shapes: Ints
    of: Ints
    tiles: Ints

    def __add__(self, other: _Drawn) -> _Drawn:
        return _Drawn(
            self.outlines + other.outlines,
            np.concatenate((self.shapes, other.shapes)),
            np.concatenate((self.of, other.of + len(self.shapes))),
            np.concatenate((self.tiles, other.tiles)),
        )


class Shapes:
    """The geometries of a collection, projected once and ready to be cut at any zoom.

    Parameters
    ----------
    geometry : array of shape (n,)
        Points, Polygons, MultiPolygons or None, OGC:CRS84.
    """

    def __init__(self, geometry: NDArray[Any]) -> None:
        placed = to_world(geometry)
        dimensions = shapely.get_dimensions(placed)
        areas, points = (np.flatnonzero(dimensions == kind) for kind in (2, 0))
        plain = is_plain(placed[areas], FEW)
        first, sharing = _distinct(placed, areas[~plain])
        self._areas = placed[np.concatenate((areas[plain], first))]
        self._plain = Plain(placed[areas[plain]])
        self._points = shapely.get_coordinates(placed[points])
        # The rows of every shape, one after the other, and how many it has.
        self._rows = np.concatenate((areas[plain], *sharing, points))
        alone = np.ones(len(placed), np.int64)
        several = np.array([len(rows) for rows in sharing], np.int64)
        self._sharing = np.concatenate((alone[areas[plain]], several, alone[points]))

    def cut(self, within: TileRange) -> Cut:
        """Return the pieces in the tiles that exist at a zoom.

        They stand tile by tile; in a tile areas come first, so that no point is drawn under
        one, and both are in the order of the collection.
        """
        drawn = self._drawn_areas(within) + self._drawn_points(within)
        shapes = drawn.shapes[drawn.of]
        times = np.repeat(np.arange(len(shapes)), self._sharing[shapes])
        rows, tiles = self._rows[members(self._sharing, shapes)], drawn.tiles[times]
        order = np.lexsort((rows, shapes[times] >= len(self._areas), *tiles.T))
        rows, tiles = rows[order], tiles[order]
        outlines = drawn.outlines.take(drawn.of[times[order]])
        return Cut(tiles, rows, outlines.moved(-tiles * EXTENT))

    def _drawn_areas(self, within: TileRange) -> _Drawn:
        """Draw plain areas whole, and what is left of the others clipped."""
        rings, shapes = self._plain.snapped(EXTENT << within.zoom)
        boxes = _boxes(rings)
        small = np.flatnonzero(_is_small(boxes))
        of, tiles = _candidates(boxes[small], within)
        others = np.delete(np.arange(len(self._areas)), shapes[small])
        return _Drawn(rings, shapes, small[of], tiles) + _clipped(self._areas, others, within)

    def _drawn_points(self, within: TileRange) -> _Drawn:
        at = np.rint(self._points * (EXTENT << within.zoom)).astype(np.int64)
        of, tiles = _candidates(np.column_stack((at, at)), within)
        ones = np.ones(len(at), np.int64)
        shapes = np.arange(len(at)) + len(self._areas)
        return _Drawn(Outlines(at.T, ones, ones), shapes, of, tiles)


def to_world(geometry: NDArray[Any]) -> NDArray[Any]:
    """Project geometries from OGC:CRS84 to world coordinates (once for all zooms)."""
    return np.asarray(shapely.transform(geometry, world), dtype=object)


def snap(polygons: NDArray[Any], zoom: int) -> NDArray[Any]:
    """Round polygons to the grid of a zoom.

    Parameters
    ----------
    polygons : array of shape (n,)
        Polygons or MultiPolygons in world coordinates.
    zoom : int
        The grid has `4096 * 2**zoom` units along the world.

    Returns
    -------
    array of shape (n,)
        Valid polygons with whole coordinates; one that has no area left is the unit square
        where it was.
    """
    scaled = shapely.transform(polygons, lambda at: at * (EXTENT << zoom))
    snapped = _rounded(scaled)
    lost = np.flatnonzero(shapely.area(snapped) == 0)
    corners = np.floor(shapely.get_coordinates(shapely.point_on_surface(scaled[lost])))
    snapped[lost] = shapely.box(*corners.T, *(corners.T + 1))
    return snapped


def _rounded(geometry: NDArray[Any]) -> NDArray[Any]:
    """Round to whole coordinates; what has no area left becomes empty or stays a line."""
    out = np.asarray(shapely.transform(geometry, np.rint), dtype=object)
    # Rounding may fold a fine boundary over itself; GEOS then rounds and mends it in one step.
    folded = ~shapely.is_valid(out)
    out[folded] = shapely.set_precision(geometry[folded], 1.0)
    return out


def _distinct(placed: NDArray[Any], areas: Ints) -> tuple[Ints, list[list[int]]]:
    """Return the first row of each outline, and all rows that share it.

    Hundreds of opportunities may have the outline of the same town: it is cut once.
    """
    rows: dict[bytes, list[int]] = {}
    for row, packed in zip(areas.tolist(), shapely.to_wkb(placed[areas]), strict=True):
        rows.setdefault(packed, []).append(row)
    return np.array([shared[0] for shared in rows.values()], np.int64), list(rows.values())


def _boxes(rings: Outlines) -> Ints:
    """Return least x and y, largest x and y of features of one ring, (n, 4)."""
    first = starts(rings.rings)
    if not len(first):
        return np.empty((0, 4), np.int64)
    low, high = np.minimum.reduceat, np.maximum.reduceat
    return np.array([reduce(at, first) for reduce in (low, high) for at in rings.places]).T


def _candidates(boxes: Ints, within: TileRange) -> tuple[Ints, Ints]:
    """Return pairs of (position in `boxes`, tile) whose buffered tile meets the box."""
    low = np.array([within.min_x, within.min_y])
    high = np.array([within.max_x, within.max_y])
    first = np.maximum((boxes[:, :2] - BUFFER) // EXTENT, low)
    last = np.minimum((boxes[:, 2:] + BUFFER) // EXTENT, high)
    wide, tall = np.maximum(last - first + 1, 0).T
    pairs = np.repeat(np.arange(len(boxes)), wide * tall)
    nth = np.arange(len(pairs)) - np.repeat(starts(wide * tall), wide * tall)
    tiles = first[pairs] + np.column_stack((nth % wide[pairs], nth // wide[pairs]))
    return pairs, tiles


def _is_small(boxes: Ints) -> NDArray[np.bool_]:
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) <= SMALL)


def _clipped(areas: NDArray[Any], shapes: Ints, within: TileRange) -> _Drawn:
    """Round some areas and clip each to its buffered tiles."""
    snapped = snap(areas[shapes], within.zoom)
    boxes = shapely.bounds(snapped).astype(np.int64).reshape(-1, 4)
    of, tiles = _candidates(boxes, within)
    pieces = snapped[of]
    low = tiles * EXTENT - BUFFER
    high = low + EXTENT + 2 * BUFFER
    out = ((boxes[of, :2] < low) | (boxes[of, 2:] > high)).any(axis=1)
    whole = (shapely.get_num_coordinates(snapped) <= FEW) & _is_small(boxes)
    across = np.flatnonzero(out & ~whole[of])
    frames = shapely.box(*low[across].T, *high[across].T)
    pieces[across] = _rounded(shapely.intersection(pieces[across], frames))
    outlines, there = _outlines(pieces)
    return _Drawn(outlines, shapes[of[there]], np.arange(len(there)), tiles[there])


def _outlines(pieces: NDArray[Any]) -> tuple[Outlines, Ints]:
    """Return the outlines of the pieces that have an area, and which pieces these are.

    Where a ring began, and which came first, would tell how the polygon was made: rings begin at
    their least vertex, in order. Lines, where a polygon only touches the frame, are left out.
    """
    ordered = shapely.orient_polygons(shapely.normalize(pieces))
    parts, of = shapely.get_parts(ordered, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # of a collection
    solid = shapely.area(parts) > 0
    rings, part = shapely.get_rings(parts[solid], return_index=True)
    at, ring = shapely.get_coordinates(rings, return_index=True)
    # The first vertex comes again at the end: each is kept where the next one differs.
    kept = np.flatnonzero((np.diff(at, axis=0) != 0).any(axis=1) & (np.diff(ring) == 0))
    owned = np.bincount(of[inner][solid][part], minlength=len(pieces))
    there = np.flatnonzero(owned)
    places = np.ascontiguousarray(at[kept].astype(np.int64).T)
    return Outlines(places, np.bincount(ring[kept]), owned[there]), there
