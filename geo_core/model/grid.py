"""Many H3 cells at once, as unsigned 64-bit integers.

The integers sort as the texts do, and all descendants of a cell at one resolution follow each
other without a gap. So a cell's parent, and the place of its descendants in a sorted list, are
arithmetic on bits. Source: the bit layout of the H3 index (mode, resolution, base cell, then
three bits for each of 15 digits; 7 is no digit).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import h3
import h3.api.numpy_int as h3_arrays
import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.model.cells import CellId

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

type Cells = NDArray[np.uint64]
"""H3 cells of one resolution, unless it is said otherwise."""

FINEST: Final = 15
"""The finest resolution of H3."""

_RESOLUTION_AT: Final = 52
_RESOLUTION: Final = 0xF << _RESOLUTION_AT
_DIGIT_BITS: Final = 3
_LAST_DIGIT: Final = 6


def packed(cells: Iterable[str]) -> Cells:
    """Return cells given as text."""
    return np.array([int(cell, 16) for cell in cells], dtype=np.uint64)


def texts(cells: Cells) -> list[CellId]:
    """Return the 15 hexadecimal characters of each cell."""
    return [CellId(f"{cell:x}") for cell in cells.tolist()]


def parents(cells: Cells, resolution: int) -> Cells:
    """Return the ancestor of each cell at a resolution, which is not finer than theirs."""
    resized = _resized(cells, resolution)
    return resized | np.uint64(_digits_below(resolution))


def descendants(cell: int, resolution: int) -> Cells:
    """Return the descendants of a cell at a resolution, ascending; the cell itself at its own."""
    return np.sort(np.asarray(h3_arrays.cell_to_children(cell, resolution), dtype=np.uint64))


def span(cell: int, resolution: int) -> tuple[int, int]:
    """Return the least and the largest number that a descendant at a resolution can have."""
    own = int(h3_arrays.get_resolution(cell))
    free = _digits_below(own) & ~_digits_below(resolution)
    bare = int(_resized(np.array([cell], dtype=np.uint64), resolution)[0])
    highest = sum(
        _LAST_DIGIT << (_DIGIT_BITS * (FINEST - digit)) for digit in range(own + 1, resolution + 1)
    )
    low = (bare & ~free) | _digits_below(resolution)
    return low, low | highest


def within(cells: Cells, cell: int, resolution: int) -> slice:
    """Return which of ascending cells of a resolution descend from a cell."""
    low, high = span(cell, resolution)
    first = int(np.searchsorted(cells, np.uint64(low), side="left"))
    return slice(first, int(np.searchsorted(cells, np.uint64(high), side="right")))


def places(cells: Cells, among: Cells) -> NDArray[np.int64]:
    """Return where each cell stands among ascending ones; -1 for one that is not there."""
    if not len(among):
        return np.full(len(cells), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(among, cells), len(among) - 1)
    return np.where(among[at] == cells, at, -1).astype(np.int64)


def compacted(cells: Cells) -> Cells:
    """Replace cells by their parent where all its children are there, as often as it goes.

    Returns
    -------
    array
        Cells of several resolutions: coarse ones first, then ascending.
    """
    if not len(cells):
        return cells
    found = np.asarray(h3_arrays.compact_cells(cells), dtype=np.uint64)
    return found[np.lexsort((found, resolutions(found)))]


def resolutions(cells: Cells) -> NDArray[np.int64]:
    """Return the resolution of each cell."""
    bits = np.uint64(_RESOLUTION_AT)
    return ((cells & np.uint64(_RESOLUTION)) >> bits).astype(np.int64)


def inside(area: BaseGeometry, resolution: int) -> Cells:
    """Return the cells whose centre lies in a Polygon or MultiPolygon (OGC:CRS84), ascending.

    The caller bounds the area: this is not for client input.
    """
    return np.sort(packed(h3.geo_to_cells(area, resolution)))


def areas(cells: Sequence[int]) -> float:
    """Return the area of cells together, m², on the sphere that H3 uses."""
    return float(sum(h3_arrays.cell_area(cell, unit="m^2") for cell in cells))


def rings(cells: Sequence[int]) -> list[list[tuple[float, float]]]:
    """Return the vertices of each cell as (lon, lat), degrees, counter-clockwise and not closed."""
    return [[(lon, lat) for lat, lon in h3_arrays.cell_to_boundary(cell)] for cell in cells]


def outlines(cells: Sequence[int]) -> NDArray[np.object_]:
    """Return the outline of each cell (OGC:CRS84); two polygons across the antimeridian."""
    found: list[Any] = [_outline(ring) for ring in rings(cells)]
    return np.array([*found, None], dtype=object)[:-1]


def _outline(ring: list[tuple[float, float]]) -> BaseGeometry:
    """Return one outline; a cell that holds a pole reaches along it from edge to edge."""
    turned = _unrolled(ring)
    around = turned[-1][0] - turned[0][0]
    if turned[:-1] == ring and not around:
        return shapely.Polygon(ring)
    if around:
        pole = 90.0 if sum(lat for _, lat in ring) > 0 else -90.0
        turned += [(turned[-1][0], pole), (turned[0][0], pole)]
    whole = shapely.Polygon(turned)
    parts = [
        shapely.transform(
            shapely.intersection(whole, shapely.box(edge - 180.0, -90.0, edge + 180.0, 90.0)),
            lambda at, edge=edge: at - (edge, 0.0),
        )
        for edge in (-360.0, 0.0, 360.0)
    ]
    return shapely.union_all([part for part in parts if part.area > 0])


def _unrolled(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a closed ring without jumps of longitude: each step is the shorter way round."""
    out = [ring[0]]
    for lon, lat in [*ring[1:], ring[0]]:
        turns = round((lon - out[-1][0]) / 360.0)
        out.append((lon - 360.0 * turns, lat))
    return out


def _digits_below(resolution: int) -> int:
    """Return the bits of the digits of finer resolutions: all set, they are no digits."""
    return (1 << (_DIGIT_BITS * (FINEST - resolution))) - 1


def _resized(cells: Cells, resolution: int) -> Cells:
    bare = cells & np.uint64(~_RESOLUTION & 0xFFFFFFFFFFFFFFFF)
    return bare | np.uint64(resolution << _RESOLUTION_AT)
