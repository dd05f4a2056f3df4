"""The web map grid (OGC WebMercatorQuad): positions, tiles and ranges of tiles.

World coordinates run from 0 to 1, x to the east and y to the south, so that tile `x, y` of
zoom `z` spans `[x, x + 1) / 2**z`. Formulas: EPSG guidance note 7-2, method 1024.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Bounds = tuple[float, float, float, float]
"""West, south, east, north, degrees, OGC:CRS84."""

HALF_WORLD: Final = 20037508.342789244
"""Half the side of the world in EPSG:3857 metres."""

MAX_LATITUDE: Final = math.degrees(math.atan(math.sinh(math.pi)))
"""Where the square world ends, degrees (about 85.0511)."""

WORLD: Final[Bounds] = (-180.0, -MAX_LATITUDE, 180.0, MAX_LATITUDE)


@dataclass(frozen=True, slots=True)
class TileRange:
    """The tiles of one zoom that a box touches; every limit is included."""

    zoom: int
    min_x: int
    min_y: int
    max_x: int
    max_y: int

    def __contains__(self, tile: tuple[int, int]) -> bool:
        """Tell whether column and row are within the limits."""
        x, y = tile
        return self.min_x <= x <= self.max_x and self.min_y <= y <= self.max_y

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield column and row of every tile."""
        columns = range(self.min_x, self.max_x + 1)
        return product(columns, range(self.min_y, self.max_y + 1))


def world(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project positions to world coordinates.

    Parameters
    ----------
    lonlat : array of shape (n, 2)
        Longitude and latitude, degrees, WGS 84. Latitudes beyond the square world are moved
        to its edge.

    Returns
    -------
    array of shape (n, 2)
        x to the east, y to the south, both 0 to 1.
    """
    lat = np.radians(np.clip(lonlat[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    x = (lonlat[:, 0] + 180.0) / 360.0
    y = (1.0 - np.arcsinh(np.tan(lat)) / np.pi) / 2.0
    return np.column_stack((x, y))


def metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project positions (n, 2; degrees, WGS 84) to EPSG:3857 metres (n, 2; x east, y north)."""
    scale: NDArray[np.float64] = np.array([2.0, -2.0]) * HALF_WORLD
    return (world(lonlat) - 0.5) * scale


def metres_of(bounds: Bounds) -> Bounds:
    """Return a box of degrees in EPSG:3857 metres: west, south, east, north."""
    west, south, east, north = bounds
    (left, bottom), (right, top) = metres(np.array([[west, south], [east, north]])).tolist()
    return left, bottom, right, top


def tile_range(bounds: Bounds, zoom: int) -> TileRange:
    """Return the tiles of a zoom that a box touches."""
    west, south, east, north = bounds
    corners = world(np.array([[west, north], [east, south]], dtype=np.float64))
    (x0, y0), (x1, y1) = np.clip((corners * 2**zoom).astype(int), 0, 2**zoom - 1).tolist()
    return TileRange(zoom, x0, y0, x1, y1)
