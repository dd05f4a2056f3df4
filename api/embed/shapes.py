"""From positions to pixels: the frame of a picture, and paths in it."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.model.mercator import Bounds, world

WIDTH: Final = 800
"""Pixels of the map; its height follows from the extent, within bounds."""
MARGIN: Final = 12
_HEIGHTS: Final = (300, 1200)
_BEYOND: Final = WIDTH
"""Pixels around the picture up to which areas are drawn: a wide window shows some of them."""
_BESIDE: Final = 0.15
"""Part of its size that is shown around a municipality."""
_PRECISION: Final = 0.4
"""Pixels by which an outline may be simplified."""


class Frame(NamedTuple):
    """Where positions lie in the picture: offset (world coordinates) and pixels a world."""

    west: float
    north: float
    scale: float
    height: int

    def __call__(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return pixels, shape (n, 2), of positions in degrees (OGC:CRS84), shape (n, 2)."""
        return (world(positions) - (self.west, self.north)) * self.scale + MARGIN

    def path(self, shape: shapely.Geometry) -> str:
        """Return the outlines of an area as SVG path data; its holes are rings like any other.

        What lies far outside the picture is cut off.
        """
        box = (-_BEYOND, -_BEYOND, WIDTH + _BEYOND, self.height + _BEYOND)
        drawn = shapely.clip_by_rect(shapely.transform(shape, self), *box)
        drawn = shapely.simplify(drawn, _PRECISION, preserve_topology=True)
        rings = shapely.get_rings(shapely.get_parts(drawn))  # of parts: of a whole it has none
        return "".join(f"M{_steps(shapely.get_coordinates(ring)[:-1])}Z" for ring in rings)


def frame_of(bbox: Bounds, *, tallest: int = _HEIGHTS[1]) -> Frame:
    """Return the frame that shows a box (degrees, OGC:CRS84) as large as it fits."""
    west, south, east, north = bbox
    corners = world(np.array([[west, north], [east, south]]))
    wide, tall = np.maximum(corners[1] - corners[0], 1e-9)
    inner = WIDTH - 2 * MARGIN
    scale = min(inner / wide, (tallest - 2 * MARGIN) / tall)
    height = max(_HEIGHTS[0], round(tall * scale) + 2 * MARGIN)
    left = corners[0][0] - (inner / scale - wide) / 2
    return Frame(float(left), float(corners[0][1]), float(scale), height)


def around(bounds: Bounds) -> Bounds:
    """Return the box of a municipality with some of what lies around it, degrees."""
    west, south, east, north = bounds
    more = _BESIDE * max(east - west, north - south)
    return (west - more, south - more, east + more, north + more)


def _steps(places: NDArray[np.float64]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
