"""Outlines in tiles are drawn again from the features, and have to be the same vertex by vertex.

Drawn as in releases: rounded to the grid of the zoom, cut at a frame around the tile unless they
have few vertices, written in one order (each ring from its least vertex). A vertex more, another
begin of a ring or a tile that lacks a feature could be a figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from checks.audit.findings import Tally
from checks.audit.mvt import EXTENT, POINT, POLYGON, Ints
from checks.audit.published import Collection, Tileset
from checks.audit.tiles import TileRows, in_world

BUFFER: Final = 64
"""Units beyond the tile's edge that are drawn too."""

FEW: Final = 16
"""An outline of so many positions at most is drawn whole in every tile that its box touches,"""

SMALL: Final = EXTENT - BUFFER
"""if it is no wider and no higher than so many units."""

type Bools = npt.NDArray[np.bool_]
type Shapes = npt.NDArray[Any]


@dataclass(frozen=True)
class Drawn:
    """The outlines that n pairs of a feature and a tile have.

    Attributes
    ----------
    feature : int array, (n,)
    tile : int array, (n, 2)
        Column and row.
    kinds : int array, (n,)
        1 point, 3 polygon.
    points, begins, counts : arrays
        As in `TileRows`.
    """

    feature: Ints
    tile: Ints
    kinds: Ints
    points: Ints
    begins: Bools
    counts: Ints


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
    tiles = np.array([found.tiles[i][1:] for i in found.tile[at].tolist()], np.int64)
    made = drawn(collection.geometry, np.unique(of), zoom, tiles)
    wanted, there = _pairs(made.feature, made.tile, zoom), _pairs(of, tiles, zoom)
    tally.each(
        np.isin(wanted, there),
        tileset.id,
        "a tile lacks a feature that touches it",
        lambda i: {"tile": [zoom, *made.tile[i].tolist()], "id": collection.ids[made.feature[i]]},
    )
    right = np.zeros(len(at), bool)
    right[_alike(made, found, at, (wanted, there))] = True
    tally.each(
        right,
        tileset.id,
        "an outline is another than that of the feature",
        lambda i: {"tile": [zoom, *tiles[i].tolist()], "id": collection.ids[of[i]]},
    )


def _alike(made: Drawn, found: TileRows, at: Ints, named: tuple[Ints, Ints]) -> Ints:
    """Return which rows have the outline that was drawn; rows are known by their numbers.

    A feature that a tile has twice is right once.
    """
    wanted, there = named
    rows = np.unique(there, return_index=True)[1]
    rows = rows[np.isin(there[rows], wanted)]
    order = np.argsort(wanted)
    mate = order[np.searchsorted(wanted, there[rows], sorter=order)]
    alike = made.kinds[mate] == found.kinds[at[rows]]
    alike &= made.counts[mate] == found.counts[at[rows]]
    rows, mate = rows[alike], mate[alike]
    ours, theirs = _vertices(made.counts, mate), _vertices(found.counts, at[rows])
    other = (made.points[ours] != found.points[theirs]).any(axis=1)
    other |= made.begins[ours] != found.begins[theirs]
    return np.setdiff1d(rows, np.repeat(rows, made.counts[mate])[other])


def _pairs(feature: Ints, tile: Ints, zoom: int) -> Ints:
    """Return one number for each pair of a feature and a tile."""
    column, row = tile.T
    return np.asarray((feature << zoom | column) << zoom | row, np.int64)


def _vertices(counts: Ints, of: Ints) -> Ints:
    """Return where the vertices of some outlines stand among those of all."""
    size = counts[of]
    steps = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return np.asarray(np.repeat((np.cumsum(counts) - counts)[of], size) + steps, np.int64)


def drawn(geometry: Shapes, shown: Ints, zoom: int, tiles: Ints) -> Drawn:
    """Draw features in all tiles of a zoom that they touch.

    Parameters
    ----------
    geometry : array
        Outlines of a collection (OGC:CRS84, degrees).
    shown : int array
        Which features of it are drawn.
    zoom : int
    tiles : int array, (n, 2)
        Tiles that are there: with the box of the features they tell how far tiles go.
    """
    shown = shown[~shapely.is_missing(geometry[shown])]
    first, same = _distinct(geometry[shown])
    made = _each(geometry[shown[first]], zoom, tiles)
    # What several features have is drawn once: where its drawings stand, for each of them.
    known = np.argsort(made.feature, kind="stable")
    times = np.bincount(made.feature, minlength=len(first))
    at = known[_vertices(times, same)]
    vertices = _vertices(made.counts, at)
    return Drawn(
        np.repeat(shown, times[same]),
        made.tile[at],
        made.kinds[at],
        made.points[vertices],
        made.begins[vertices],
        made.counts[at],
    )


def _distinct(shapes: Shapes) -> tuple[Ints, Ints]:
    """Return where each shape comes first, and which of these every shape is."""
    number: dict[bytes, int] = {}
    same = [number.setdefault(packed, len(number)) for packed in shapely.to_wkb(shapes)]
    of = np.array(same, np.int64)
    return np.unique(of, return_index=True)[1], of


def _each(geometry: Shapes, zoom: int, tiles: Ints) -> Drawn:
    """Draw shapes in all tiles of a zoom that they touch; features are their positions."""
    shapes = _on_grid(geometry, EXTENT << zoom)
    boxes = shapely.bounds(shapes).astype(np.int64).reshape(-1, 4)
    # Where tiles end is told by the places themselves: rounded, one may lie in the next tile.
    reach = _reach(geometry, zoom)
    low = np.vstack([reach[:, :2], tiles]).min(axis=0)
    high = np.vstack([reach[:, 2:], tiles]).max(axis=0)
    pairs, tile = _touched(boxes, low, np.minimum(high, (1 << zoom) - 1))
    is_point = (shapely.get_dimensions(shapes) == 0)[pairs]
    points, begins, owner = _written(_cut(shapes[pairs], boxes[pairs], tile), is_point)
    counts = np.bincount(owner, minlength=len(pairs))
    kept = np.flatnonzero(counts)
    kinds = np.where(is_point[kept], POINT, POLYGON)
    return Drawn(pairs[kept], tile[kept], kinds, points, begins, counts[kept])


def _reach(geometry: Shapes, zoom: int) -> Ints:
    """Return the first and the last tile that each shape lies in: column and row of both."""
    west, south, east, north = shapely.bounds(geometry).reshape(-1, 4).T
    (left, top), (right, bottom) = in_world(west, north), in_world(east, south)
    return np.floor(np.column_stack([left, top, right, bottom]) * (1 << zoom)).astype(np.int64)


def _on_grid(shapes: Shapes, side: int) -> Shapes:
    """Return shapes in whole units; an area of less than a unit is the unit that holds it."""
    placed = shapely.transform(shapes, lambda at: np.column_stack(in_world(*at.T)) * side)
    whole = _whole(placed)
    lost = np.flatnonzero((shapely.area(whole) == 0) & (shapely.get_dimensions(placed) > 0))
    corner = np.floor(shapely.get_coordinates(shapely.point_on_surface(placed[lost])))
    whole[lost] = shapely.box(*corner.T, *(corner.T + 1))
    return whole


def _whole(shapes: Shapes) -> Shapes:
    """Round shapes to whole units, and mend those that fold over by it."""
    whole = np.asarray(shapely.transform(shapes, np.rint), dtype=object)
    folded = ~shapely.is_valid(whole)
    whole[folded] = shapely.set_precision(shapes[folded], 1.0)
    return whole


def _touched(boxes: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Return pairs of a box and a tile, of the tiles from `low` to `high`, whose frame it meets."""
    first = np.clip((boxes[:, :2] - BUFFER) // EXTENT, low, high)
    last = np.clip((boxes[:, 2:] + BUFFER) // EXTENT, low, high)
    wide, tall = (last - first + 1).T
    pairs = np.repeat(np.arange(len(boxes)), wide * tall)
    step = np.arange(len(pairs)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    return pairs, first[pairs] + np.column_stack((step % wide[pairs], step // wide[pairs]))


def _cut(shapes: Shapes, boxes: Ints, tile: Ints) -> Shapes:
    """Return what the frames around tiles leave of shapes, in the order it is written in."""
    low, high = tile * EXTENT - BUFFER, (tile + 1) * EXTENT + BUFFER
    across = ((boxes[:, :2] < low) | (boxes[:, 2:] > high)).any(axis=1)
    wide = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) > SMALL
    across &= wide | (shapely.get_num_coordinates(shapes) > FEW)
    frames = shapely.box(*low[across].T, *high[across].T)
    pieces = shapes.copy()
    pieces[across] = _whole(shapely.intersection(shapes[across], frames))
    return np.asarray(shapely.orient_polygons(shapely.normalize(pieces)), dtype=object)


def _written(pieces: Shapes, is_point: Bools) -> tuple[Ints, Bools, Ints]:
    """Return the vertices of pieces, which of them begin a ring, and of which piece each is.

    Vertices that rounding made one are one, a ring is not closed, and where an area only touches
    the frame there is nothing.
    """
    parts, piece = shapely.get_parts(pieces, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    solid = shapely.area(parts) > 0
    rings, part = shapely.get_rings(parts[solid], return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    kept = np.flatnonzero((np.diff(places, axis=0) != 0).any(axis=1) & (np.diff(ring) == 0))
    alone = np.flatnonzero(is_point)
    single, at = shapely.get_coordinates(pieces[alone], return_index=True)
    owner = np.concatenate([piece[inner][solid][part[ring[kept]]], alone[at]])
    begins = np.concatenate([np.diff(ring[kept], prepend=-1) > 0, np.diff(at, prepend=-1) > 0])
    points = np.vstack([places[kept], single]).astype(np.int64)
    order = np.argsort(owner, kind="stable")
    return points[order], begins[order], owner[order]
