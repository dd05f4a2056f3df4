"""Cuts geometries into the tiles of one zoom.

Every vertex is rounded to the zoom's global integer grid before anything is clipped.
Neighbours share their vertices, so they share the rounded ones too and meet without gaps or
overlaps, also across the edge of a tile. Repeated vertices fall away, which is all the
simplification there is: shared borders stay shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.formats.mvt import EXTENT, Polygon, Position
from geo_core.model.mercator import TileRange, world

type Tile = tuple[int, int]
"""Column and row of a tile of the zoom."""
type Points = Mapping[Tile, list[tuple[int, Position]]]
"""Row number and position in tile units, by tile."""
type Polygons = Mapping[Tile, list[tuple[int, list[Polygon]]]]
"""Row number and polygons in tile units, by tile."""

BUFFER: Final = 64
"""Units beyond the tile's edge that are drawn too, so that outlines and symbols are whole."""


def to_world(geometry: NDArray[Any]) -> NDArray[Any]:
    """Project geometries from OGC:CRS84 to world coordinates (once for all zooms)."""
    return np.asarray(shapely.transform(geometry, world), dtype=object)


def cut_points(points: NDArray[Any], within: TileRange) -> Points:
    """Cut points into tiles.

    Parameters
    ----------
    points : array of shape (n,)
        Points in world coordinates, or None.
    within : TileRange
        The tiles that exist at this zoom; a point lies in at least one of them.
    """
    rows = np.flatnonzero(~shapely.is_missing(points))
    at = np.rint(shapely.get_coordinates(points[rows]) * (EXTENT << within.zoom)).astype(np.int64)
    out: dict[Tile, list[tuple[int, Position]]] = defaultdict(list)
    pairs, tiles = _candidates(np.column_stack((at, at)), within)
    local = at[pairs] - tiles * EXTENT
    for row, tile, position in zip(
        rows[pairs].tolist(), tiles.tolist(), local.tolist(), strict=True
    ):
        out[tuple(tile)].append((row, tuple(position)))
    return out


def cut_polygons(polygons: NDArray[Any], within: TileRange) -> Polygons:
    """Cut polygons into tiles.

    Parameters
    ----------
    polygons : array of shape (n,)
        Polygons or MultiPolygons in world coordinates, or None.
    within : TileRange
        The tiles that exist at this zoom; a polygon lies in at least one of them.
    """
    distinct, sharing = _distinct(polygons)
    snapped = snap(polygons[distinct], within.zoom)
    boxes = shapely.bounds(snapped).astype(np.int64).reshape(-1, 4)
    pairs, tiles = _candidates(boxes, within)
    pieces = _clipped(snapped[pairs], boxes[pairs], tiles)
    parts, of_pair = _polygon_parts(pieces)
    out: dict[Tile, list[tuple[int, list[Polygon]]]] = defaultdict(list)
    last = -1
    for rings, pair in zip(_rings(parts, tiles[of_pair]), of_pair.tolist(), strict=True):
        shapes = out[tuple(tiles[pair].tolist())]
        if pair != last:
            shapes.append((int(pairs[pair]), []))
            last = pair
        shapes[-1][1].append(rings)
    return {
        tile: sorted(((row, of) for at, of in shapes for row in sharing[at]), key=itemgetter(0))
        for tile, shapes in out.items()
    }


def _distinct(polygons: NDArray[Any]) -> tuple[list[int], list[list[int]]]:
    """Return the first row of each polygon, and all rows that share it; missing ones have none.

    Hundreds of opportunities may have the outline of the same town: it is cut once.
    """
    rows: dict[bytes, list[int]] = {}
    for row, packed in enumerate(shapely.to_wkb(polygons)):
        if packed is not None:
            rows.setdefault(packed, []).append(row)
    return [sharing[0] for sharing in rows.values()], list(rows.values())


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


def _candidates(
    boxes: NDArray[np.int64], within: TileRange
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of (position in `boxes`, tile) whose buffered tile meets the box."""
    low = np.array([within.min_x, within.min_y])
    high = np.array([within.max_x, within.max_y])
    first = np.clip((boxes[:, :2] - BUFFER) // EXTENT, low, high)
    last = np.clip((boxes[:, 2:] + BUFFER) // EXTENT, low, high)
    wide, tall = (last - first + 1).T
    pairs = np.repeat(np.arange(len(boxes)), wide * tall)
    nth = np.arange(len(pairs)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    tiles = first[pairs] + np.column_stack((nth % wide[pairs], nth // wide[pairs]))
    return pairs, tiles


def _clipped(
    polygons: NDArray[Any], boxes: NDArray[np.int64], tiles: NDArray[np.int64]
) -> NDArray[Any]:
    """Clip each polygon to its buffered tile; its rings begin at their least vertex, in order.

    Where a ring began, and which came first, would else tell how the polygon was made.
    """
    low = tiles * EXTENT - BUFFER
    high = low + EXTENT + 2 * BUFFER
    out = polygons.copy()
    across = ((boxes[:, :2] < low) | (boxes[:, 2:] > high)).any(axis=1)
    frames = shapely.box(*low[across].T, *high[across].T)
    out[across] = _rounded(shapely.intersection(out[across], frames))
    return np.asarray(shapely.orient_polygons(shapely.normalize(out)), dtype=object)


def _polygon_parts(pieces: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the simple polygons of the pieces, and the piece each belongs to.

    Lines and points, where a polygon only touches the frame, are left out.
    """
    parts, index = shapely.get_parts(pieces, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    solid = shapely.area(parts) > 0
    return parts[solid], index[inner][solid]


def _rings(parts: NDArray[Any], tiles: NDArray[np.int64]) -> list[Polygon]:
    """Return the rings of each polygon in the units of its tile."""
    rings, of_part = shapely.get_rings(parts, return_index=True)
    at, of_ring = shapely.get_coordinates(rings, return_index=True)
    local = at.astype(np.int64) - tiles[of_part[of_ring]] * EXTENT
    positions = list(zip(*local.T.tolist(), strict=True))
    ends = np.cumsum(np.bincount(of_ring, minlength=len(rings))).tolist()
    out: list[list[list[Position]]] = [[] for _ in parts]
    start = 0
    for part, end in zip(of_part.tolist(), ends, strict=True):
        out[part].append(positions[start:end])
        start = end
    return list(out)
