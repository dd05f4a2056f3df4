"""Areas cut along the cells of the grid, and how much of each lies where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_core.model.cells import LEAF, CellId, overlapping, polygon

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Shapes = npt.NDArray[np.object_]

_SLIVER: Final = 1e-12
"""Square degrees (about a hundredth of a square metre): what is smaller is no area."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Areas cut along cells; a piece is a part of one area in one cell.

    Attributes
    ----------
    of : array of n ints
        Position of the area a piece belongs to.
    cell : array of n texts
        Leaf cell of each piece.
    shape : array of n geometries
        OGC:CRS84.
    area : array of n floats
        Proportional to the true area: square degrees times the cosine of the latitude.
    """

    of: Ints
    cell: Shapes
    shape: Shapes
    area: Floats


def cut(areas: Sequence[Any] | Shapes) -> Pieces:
    """Cut areas along the leaf cells.

    Parameters
    ----------
    areas : sequence of Polygon or MultiPolygon
        Valid, OGC:CRS84.
    """
    whole = np.asarray(areas, dtype=object)
    near = [overlapping(area, LEAF) for area in whole]
    of = np.repeat(np.arange(len(near)), [len(cells) for cells in near])
    cell = np.array([c for cells in near for c in cells], dtype=object)
    shape = hexagons(cell)
    shapely.prepare(whole)
    crossed = ~shapely.contains_properly(whole[of], shape)
    shape[crossed] = shapely.intersection(whole[of][crossed], shape[crossed])
    kept = shapely.area(shape) > _SLIVER
    return Pieces(of[kept], cell[kept], shape[kept], measure(shape[kept]))


def valid(shapes: Shapes) -> Shapes:
    """Return polygons that do not cross themselves; of a mended one only the parts with area."""
    out = shapes.copy()
    wrong = ~shapely.is_valid(out)
    out[wrong] = [_polygons(shape) for shape in shapely.make_valid(out[wrong])]
    return out


def _polygons(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([part for part in parts if isinstance(part, shapely.Polygon)])


def hexagons(cells: Iterable[CellId]) -> Shapes:
    """Return the outline of every cell, each traced once."""
    names = list(cells)
    traced = {name: polygon(name) for name in set(names)}
    return np.array([traced[name] for name in names], dtype=object)


def measure(shapes: Shapes) -> Floats:
    """Return areas as in `Pieces`: comparable with each other, without a unit."""
    latitude = np.radians(shapely.get_y(shapely.centroid(shapes)))
    out: Floats = shapely.area(shapes) * np.cos(latitude)
    return out


def shared(pixels: Shapes, pieces: Pieces) -> tuple[Ints, Ints, Floats]:
    """Return which part of each small area lies in which piece.

    Parameters
    ----------
    pixels : array of Polygon
        OGC:CRS84.

    Returns
    -------
    pixel, piece : arrays of n ints
        Positions of the two that share some area.
    share : array of n floats
        Part of the pixel's area in the piece, above 0, at most 1; what lies outside all pieces
        is in none.
    """
    tree = shapely.STRtree(pieces.shape)
    pixel, piece = tree.query(pixels, predicate="intersects")
    alone = np.bincount(pixel, minlength=len(pixels))[pixel] == 1
    inside = alone.copy()
    inside[alone] = shapely.covers(pieces.shape[piece[alone]], pixels[pixel[alone]])
    share = np.ones(len(pixel))
    rest = ~inside
    common = shapely.intersection(pixels[pixel[rest]], pieces.shape[piece[rest]])
    share[rest] = shapely.area(common) / shapely.area(pixels[pixel[rest]])
    kept = share > 0
    return pixel[kept], piece[kept], share[kept]
