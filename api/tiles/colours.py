"""The colours of a raster: the classes of the layer's style, and nothing a client can say."""

from __future__ import annotations

import math

from geo_core.errors import ReleaseError
from geo_core.model.layer import Layer
from geo_core.model.style import Class, Scale

type Rgba = tuple[int, int, int, int]
type Interval = tuple[tuple[float, float], Rgba]
"""A half-open range of values and its colour."""


def intervals(style: Scale, layer: Layer, field: str) -> list[Interval]:
    """Return the colour of every class of a raster, as rio-tiler takes them.

    A value outside every class, and a pixel without value, is transparent.

    Raises
    ------
    ReleaseError
        The style does not classify the field of the raster by numbers.
    """
    found = [interval for row in style.classes if (interval := _interval(row))]
    if field not in style.fields or not found:
        raise ReleaseError(
            f"the style does not classify field {field!r} by numbers",
            where=f"styles/{layer.family}.yml",
            hint="make the raster of a field that the style names",
        )
    return found


def _interval(row: Class) -> Interval | None:
    red, green, blue = bytes.fromhex(row.colour.removeprefix("#"))
    rgba = (red, green, blue, 255)
    if row.is_range:
        low = -math.inf if row.min is None else row.min
        return (low, math.inf if row.max is None else row.max), rgba
    if isinstance(row.value, int):
        return (row.value - 0.5, row.value + 0.5), rgba
    return None
