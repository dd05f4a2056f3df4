"""H3 cells, one at a time, by the h3 library; many at once are in `geo_core.model.grid`.

A record is placed once, at its leaf resolution; coarser figures come from the index
hierarchy (`parent`), never from geometry, so that totals are conserved.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NewType

import h3
import shapely

from geo_core.errors import AtlanteError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

CellId = NewType("CellId", str)
"""H3 index as text: 15 hexadecimal characters, lower case."""

LEAF = 8
"""Resolution at which needs are placed (mean cell 0.74 km²)."""

EARTH_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""

SUPPLY = 9
"""Resolution at which offices and opportunities are placed (mean cell 0.105 km²)."""


class InvalidCell(AtlanteError):
    """The text is not a valid H3 index."""

    code = "invalid-cell"


def mean_area_km2(resolution: int) -> float:
    """Return the mean area of the cells of a resolution (0-15), km²."""
    area: float = h3.average_hexagon_area(resolution, "km^2")
    return area


def cell(text: str) -> CellId:
    """Check that a text is an H3 index.

    Parameters
    ----------
    text : str
        15 hexadecimal characters, lower case.

    Raises
    ------
    InvalidCell
        Anything else, upper case and other spellings of a valid index included:
        one cell has one name.
    """
    # h3 overflows on a longer number instead of calling it invalid.
    known = len(text) == 15 and h3.is_valid_cell(text)
    if not known or h3.int_to_str(h3.str_to_int(text)) != text:
        raise InvalidCell("not a valid H3 index", hint="15 hexadecimal characters, lower case")
    return CellId(text)


def resolution(of: CellId) -> int:
    """Return the resolution of a cell, 0 (coarse) to 15 (fine)."""
    return int(h3.get_resolution(of))


def at(lat: float, lon: float, res: int) -> CellId:
    """Return the cell that holds a point.

    Parameters
    ----------
    lat, lon : float
        Degrees, WGS 84. Latitude first, as h3 asks.
    res : int
        Resolution, 0-15.
    """
    return CellId(h3.latlng_to_cell(lat, lon, res))


def parent(of: CellId, res: int) -> CellId:
    """Return the ancestor of a cell in the index, at resolution `res` or finer than it."""
    return CellId(h3.cell_to_parent(of, res))


def children(of: CellId, res: int) -> tuple[CellId, ...]:
    """Return the descendants of a cell at `res`, in ascending order."""
    return tuple(CellId(c) for c in sorted(h3.cell_to_children(of, res)))


def beside(of: CellId) -> tuple[CellId, ...]:
    """Return the cells that share an edge with a cell, in ascending order: six, or five."""
    return tuple(CellId(c) for c in sorted(set(h3.grid_disk(of, 1)) - {of}))


def is_pentagon(of: CellId) -> bool:
    """Tell whether a cell is one of the twelve pentagons of its resolution."""
    return bool(h3.is_pentagon(of))


def polygon(of: CellId) -> BaseGeometry:
    """Return the outline of a cell (OGC:CRS84, degrees, counter-clockwise)."""
    return shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(of)])


def centre(of: CellId) -> tuple[float, float]:
    """Return the centre of a cell as (lon, lat), degrees, WGS 84."""
    lat, lon = h3.cell_to_latlng(of)
    return float(lon), float(lat)


def footprint(members: Iterable[CellId]) -> BaseGeometry:
    """Return the union of cells as one Polygon or MultiPolygon (OGC:CRS84).

    The cells must be of one resolution. The outline is traced in the index
    (`cells_to_h3shape`), so shared edges vanish exactly and leave no slivers.
    """
    return _footprint(tuple(sorted(members)))


@lru_cache(1 << 14)
def _footprint(members: tuple[CellId, ...]) -> BaseGeometry:
    # The areas of a district are the same in every theme, layer and year.
    shape = h3.cells_to_h3shape(members)
    return shapely.geometry.shape(shape.__geo_interface__)


def covering(area: BaseGeometry, res: int) -> tuple[CellId, ...]:
    """Return the cells whose centre lies in an area, in ascending order.

    Parameters
    ----------
    area : BaseGeometry
        Polygon or MultiPolygon, OGC:CRS84.
    res : int
        Resolution, 0-15. The caller bounds the area: this is not for client input.
    """
    return tuple(CellId(c) for c in sorted(h3.geo_to_cells(area, res)))


def overlapping(area: BaseGeometry, res: int) -> tuple[CellId, ...]:
    """Return the cells that share some area, or an edge, with an area, in ascending order.

    Parameters
    ----------
    area : BaseGeometry
        Polygon or MultiPolygon, OGC:CRS84.
    res : int
        Resolution, 0-15. The caller bounds the area: this is not for client input.
    """
    shape = h3.geo_to_h3shape(area)
    # A cell that two parts of a MultiPolygon share is named twice.
    found = set(h3.h3shape_to_cells_experimental(shape, res, contain="overlap"))
    return tuple(CellId(c) for c in sorted(found))
