"""Symbols of QGIS: how a row of a legend is filled, hatched, outlined or dotted.

QGIS reads sizes of its own files in millimetres or in pixels; pixels keep what MapLibre draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from geo_core.model.style import Hatch, Scale
from geo_core.styling.drawn import DASHES, RADIUS, VALUELESS_OUTLINE, Mark
from geo_core.styling.legend import Row
from geo_core.styling.sprite import INKS, TILE

_PIXEL: Final = "Pixel"
_ANGLES: Final[Mapping[Hatch, tuple[int, ...]]] = {
    "none": (), "lines": (45,), "cross": (45, 135),
}  # fmt: skip
_BETWEEN: Final = TILE / 2**0.5
"""Pixels between the lines of a hatch: those of a pattern whose tile has one line across."""


LABELLED: Final = 300_000
"""Denominator of the smallest scale at which names are written: they would hide the map."""


def symbol(name: str, scale: Scale, row: Row, mark: Mark) -> ET.Element:
    """Return the symbol of a row of a legend.

    Parameters
    ----------
    name : str
        By which a renderer names it.
    scale : Scale
        Outline and opacity.
    mark : Mark
        Areas are filled, points are circles.
    """
    if mark == "circle":
        return _symbol(name, "marker", _circle(scale, row))
    outline = scale.outline if row.kind == "class" else VALUELESS_OUTLINE
    lines = (_hatch(f"@{name}@{n}", row.hatch, a) for n, a in enumerate(_ANGLES[row.hatch], 1))
    return _symbol(name, "fill", _fill(row.colour, scale.opacity, outline), *lines)


def doubt(name: str) -> ET.Element:
    """Return the dashed outline of areas whose figure a few persons would change."""
    dashes = {"line_style": "dash", **_stroke("line", DASHES, 1.5)}
    return _symbol(name, "fill", _layer("SimpleLine", dashes))


def frame(name: str) -> ET.Element:
    """Return a thick outline with a white rim, to be seen on light and on dark areas."""
    lines = (("#ffffff", 7.0), (DASHES, 3.5))
    solid = ({"line_style": "solid", **_stroke("line", *one)} for one in lines)
    return _symbol(name, "fill", *(_layer("SimpleLine", one) for one in solid))


def nothing(name: str) -> ET.Element:
    """Return a symbol of areas that draws nothing."""
    return _symbol(name, "fill", _layer("SimpleFill", {"style": "no", "outline_style": "no"}))


def _symbol(name: str, kind: str, *layers: ET.Element) -> ET.Element:
    node = ET.Element("symbol", {"name": name, "type": kind, "alpha": "1", "clip_to_extent": "1"})
    node.extend(layers)
    return node


def _fill(colour: str, opacity: float, outline: str) -> ET.Element:
    return _layer(
        "SimpleFill",
        {
            "color": rgba(colour, opacity),
            "style": "solid",
            "outline_style": "solid",
            "joinstyle": "miter",
            **_stroke("outline", outline, 0.5),
        },
    )


def _circle(scale: Scale, row: Row) -> ET.Element:
    return _layer(
        "SimpleMarker",
        {
            "name": "circle",
            "color": rgba(row.colour),
            "size": f"{2 * RADIUS}",
            "size_unit": _PIXEL,
            "outline_style": "solid",
            **_stroke("outline", scale.outline, 1.5),
        },
    )


def _hatch(name: str, hatch: Hatch, angle: int) -> ET.Element:
    node = _layer(
        "LinePatternFill",
        {"angle": str(angle), "distance": f"{_BETWEEN:.2f}", "distance_unit": _PIXEL},
    )
    line = _layer("SimpleLine", {"line_style": "solid", **_stroke("line", INKS[hatch], 1)})
    node.append(_symbol(name, "line", line))
    return node


def _stroke(what: str, colour: str, width: float) -> dict[str, str]:
    return {
        f"{what}_color": rgba(colour),
        f"{what}_width": f"{width:g}",
        f"{what}_width_unit": _PIXEL,
    }


def _layer(kind: str, values: Mapping[str, str]) -> ET.Element:
    node = ET.Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    node.append(options(values))
    return node


def options(values: Mapping[str, str]) -> ET.Element:
    """Return named values as QGIS writes them."""
    node = ET.Element("Option", {"type": "Map"})
    for name, value in values.items():
        ET.SubElement(node, "Option", {"type": "QString", "name": name, "value": value})
    return node


def rgba(colour: str, opacity: float = 1) -> str:
    """Return ``#rrggbb`` as QGIS writes a colour: four numbers up to 255."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def labels(field: str) -> ET.Element:
    """Return that the text of a field is written on each feature, with a white rim."""
    node = ET.Element("labeling", {"type": "simple"})
    settings = ET.SubElement(node, "settings")
    style = letters(8)
    style.attrib |= {"fieldName": field, "isExpression": "0"}
    rim = {
        "bufferDraw": "1",
        "bufferSize": "0.7",
        "bufferSizeUnits": "MM",
        "bufferNoFill": "1",
        "bufferColor": rgba("#ffffff"),
        "bufferOpacity": "1",
    }
    ET.SubElement(style, "text-buffer", rim)
    settings.append(style)
    ET.SubElement(settings, "placement", {"placement": "4"})
    seen = {"scaleVisibility": "1", "scaleMin": "0", "scaleMax": str(LABELLED)}
    ET.SubElement(settings, "rendering", seen)
    return node


def letters(points: int) -> ET.Element:
    """Return how texts are written, in a size."""
    return ET.Element(
        "text-style",
        {
            "fontFamily": "DejaVu Sans",
            "fontSize": str(points),
            "fontSizeUnit": "Point",
            "fontWeight": "63",
            "textColor": rgba(DASHES),
            "textOpacity": "1",
        },
    )
