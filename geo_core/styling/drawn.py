"""What every client draws alike, whatever the style: marks, outlines, signs of doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from geo_core.model.layer import GeometryKind, Layer
from geo_core.model.text import Text

type Mark = Literal["fill", "circle"]

MARKS: Final[Mapping[GeometryKind, tuple[tuple[Mark, str | None], ...]]] = {
    "none": (),
    "Point": (("circle", None),),
    "MultiPolygon": (("fill", None),),
    "Geometry": (("fill", "area"), ("circle", "punto")),
}
"""How each kind of geometry is drawn, and the `tipo_geometria` drawn so; areas lie below."""

RADIUS: Final = 5
"""Of circles, in pixels."""

VALUELESS_OUTLINE: Final = "#8a949e"
"""Outline of areas without a figure, whose fill may be as white as the paper."""

UNRELIABLE: Final = "bassa"
"""What the field of reliability says of a figure that a few persons would change."""
LOW_RELIABILITY: Final = Text(it="Affidabilità bassa", en="Low reliability")
DASHES: Final = "#17324d"
"""Colour of the dashed outline of figures that a few persons would change."""


def reliability(layer: Layer) -> str | None:
    """Return the field that says how far to trust a feature; None if the layer has none."""
    return next((f.name for f in layer.fields if f.codelist == "affidabilita"), None)
