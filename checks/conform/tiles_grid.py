"""Tile matrix sets: where a tile lies on Earth, and which tile a place lies in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pyproj import CRS, Transformer

CRS84: Final = "OGC:CRS84"
_CURIE: Final = {"OGC": "OGC:", "EPSG": "EPSG:"}

type Box = tuple[float, float, float, float]
type Place = tuple[float, float]


@dataclass(frozen=True)
class Matrix:
    """One tile matrix; positions are in its CRS, the axis to the east first.

    Attributes
    ----------
    id : str
        Identifier.
    west, north : float
        Corner of tile (0, 0).
    width, height : float
        Of a tile.
    columns, rows : int
        How many tiles there are.
    """

    id: str
    west: float
    north: float
    width: float
    height: float
    columns: int
    rows: int

    def box(self, row: int, col: int) -> Box:
        """Return west, south, east, north of a tile."""
        west, north = self.west + col * self.width, self.north - row * self.height
        return west, north - self.height, west + self.width, north

    def tile_at(self, place: Place) -> tuple[int, int]:
        """Return row and column of the tile in which a position lies."""
        x, y = place
        return int((self.north - y) // self.height), int((x - self.west) // self.width)


@dataclass(frozen=True)
class Grid:
    """A tile matrix set.

    Attributes
    ----------
    crs : str
        As pyproj reads it.
    matrices : dict of Matrix
        By identifier, the coarsest first.
    """

    crs: str
    matrices: Mapping[str, Matrix]

    def placed(self, lon: float, lat: float) -> Place:
        """Return a position in the CRS of the grid."""
        x, y = _transformer(CRS84, self.crs).transform(lon, lat)
        return x, y

    def degrees(self, box: Box) -> Box:
        """Return a box of the grid as degrees of longitude and latitude."""
        west, south, east, north = _transformer(self.crs, CRS84).transform_bounds(*box)
        return west, south, east, north


def grid_of(document: Mapping[str, Any]) -> Grid:
    """Return the grid that the definition of a tile matrix set describes."""
    crs = crs_of(document["crs"])
    turned = _is_north_first(document.get("orderedAxes"), crs)
    found = [_matrix(matrix, turned=turned) for matrix in document["tileMatrices"]]
    return Grid(crs, {matrix.id: matrix for matrix in found})


def crs_of(named: object) -> str:
    """Return a CRS of a document (an address, a CURIE or an object with one) for pyproj."""
    if isinstance(named, dict):
        named = named.get("uri") or named.get("wkt") or named.get("referenceSystem")
    text = str(named)
    if "/def/crs/" in text:
        parts = text.rsplit("/", 3)
        return f"{parts[1]}:{parts[3]}"
    return text.strip("[]")


def metres_per_unit(crs: str) -> float:
    """Return how many metres a unit of a CRS is; of a degree at the equator."""
    axis = CRS(crs).axis_info[0]
    return (
        6378137.0 * float(axis.unit_conversion_factor)
        if CRS(crs).is_geographic
        else float(axis.unit_conversion_factor)
    )


def _is_north_first(axes: object, crs: str) -> bool:
    if isinstance(axes, list) and axes:
        return str(axes[0]).lower()[:1] in {"n", "y"} or str(axes[0]).lower().startswith("lat")
    return CRS(crs).axis_info[0].direction == "north"


def _matrix(matrix: Mapping[str, Any], *, turned: bool) -> Matrix:
    west, north = matrix["pointOfOrigin"][::-1] if turned else matrix["pointOfOrigin"]
    cell, rows = float(matrix["cellSize"]), int(matrix["matrixHeight"])
    height = cell * matrix["tileHeight"]
    if matrix.get("cornerOfOrigin") == "bottomLeft":
        north += height * rows
    return Matrix(
        str(matrix["id"]),
        float(west),
        float(north),
        cell * matrix["tileWidth"],
        height,
        int(matrix["matrixWidth"]),
        rows,
    )


@lru_cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
