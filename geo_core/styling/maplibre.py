"""MapLibre style documents, in the subset that QGIS 3.22 converts without loss.

That converter paints every feature alike for `match` with scalar labels, and nothing at all
for `step`, `case` and `interpolate` on a property, both without a warning. So a document has
one style layer per class, filtered with comparisons, and flat colours or patterns of our own
sprite; it names no glyphs, so that it asks no other host for anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import log2
from typing import Final

from geo_core.model.layer import Layer
from geo_core.model.manifest import Tileset
from geo_core.model.style import Class, Scales, Style
from geo_core.model.text import Lang, Text
from geo_core.styling.drawn import (
    DASHES,
    LOW_RELIABILITY,
    MARKS,
    RADIUS,
    VALUELESS_OUTLINE,
    Mark,
    reliability,
)
from geo_core.styling.legend import Row, rows
from geo_core.styling.sprite import name_of, patterns

type Json = dict[str, object]
type Filter = list[object]

SPRITE: Final = "sprite"
"""Name of the picture of patterns beside the styles; endings are added by clients."""

_SCALE_AT_ZERO: Final = 279_541_132.0
"""Scale denominator of zoom 0: the equator on a tile of 512 pixels of 0.28 mm (OGC 17-083r4)."""

_AREA: Final = Text(it=" (area)", en=" (area)")

_UNRELIABLE_PAINT: Final[Json] = {
    "line-color": DASHES,
    "line-width": 1.5,
    "line-dasharray": [2, 2],
}
"""A dashed outline: dots would look like a pattern of missing values."""


def style_document(
    style: Style, layer: Layer, tileset: Tileset, *, public_url: str, lang: Lang
) -> Json:
    """Return the MapLibre style of one tileset, drawn by the style's default field.

    Parameters
    ----------
    style : Style
        Classes and colours.
    layer : Layer
        The collection of the tileset, or any of its family for a theme tileset.
    tileset : Tileset
        Source of the tiles; its one MVT layer has its id.
    public_url : str
        Address of the service, without a slash at the end.
    lang : Lang
        Language of the names.
    """
    field = style.fields[0] if style.fields else None
    return {
        "version": 8,
        "name": tileset.title.in_(lang),
        **({"sprite": f"{public_url}/styles/{SPRITE}"} if patterns((style,)) else {}),
        "sources": {tileset.id: source(layer, tileset, public_url=public_url)},
        "layers": [
            one | _zooms(style.visible)
            for one in (
                *_style_layers(style, layer, tileset, lang),
                *_unreliable_layers(layer, tileset, field, lang),
            )
        ],
    }


def _zooms(visible: Scales | None) -> Json:
    """Return the zooms of a range of map scales; whole ones, which is what QGIS reads."""
    if visible is None:
        return {}
    ends = {"minzoom": visible.farthest, "maxzoom": visible.nearest}
    return {name: round(log2(_SCALE_AT_ZERO / end)) for name, end in ends.items() if end}


def source(layer: Layer, tileset: Tileset, *, public_url: str) -> Json:
    """Return the vector source of a tileset, with absolute tile addresses.

    `attribution` is HTML by the specification, so the layer's text is escaped here.
    """
    return {
        "type": "vector",
        "tiles": [f"{public_url}/xyz/{tileset.id}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": min(tileset.collections),
        "maxzoom": max(tileset.collections),
        "bounds": list(tileset.bounds),
        "attribution": escape(layer.attribution),
    }


def filter_of(row: Row, field: str | None, *, banded: bool) -> Filter | None:
    """Return the MapLibre filter of a legend row; None when it takes every feature.

    Parameters
    ----------
    row : Row
        A row of the legend.
    field : str | None
        Field that is classified.
    banded : bool
        Whether the style has a band: then a feature with a text in `<field>_fascia` has a
        band and is not missing. (Vector tiles leave nulls out, so `has` is "not null".)
    """
    if field is None:
        return None
    if row.rule is not None:
        return _class_filter(row.rule, field)
    if row.kind == "band":
        return ["has", f"{field}_fascia"]
    absent: Filter = ["!", ["has", field]]
    return ["all", absent, ["!", ["has", f"{field}_fascia"]]] if banded else absent


def _class_filter(rule: Class, field: str) -> Filter:
    get: Filter = ["get", field]
    if rule.value is not None:
        return ["==", get, rule.value]
    # Without `has`, MapLibre warns in the console for every feature that has no value.
    clauses: list[Filter] = [["has", field]]
    if rule.min is not None:
        clauses.append([">=", get, rule.min])
    if rule.max is not None:
        clauses.append(["<", get, rule.max])
    return ["all", *clauses]


def paint(style: Style, row: Row, mark: Mark) -> Json:
    """Return the MapLibre paint of a legend row: a flat colour or a pattern, no expression.

    A pattern has no outline: MapLibre draws none beside it, and QGIS leaves it out.
    """
    if mark == "circle":
        return {
            "circle-color": row.colour,
            "circle-radius": RADIUS,
            "circle-stroke-color": style.outline,
            "circle-stroke-width": 1.5,
        }
    if row.hatch != "none":
        return {"fill-pattern": name_of(row)}
    outline = style.outline if row.kind == "class" else VALUELESS_OUTLINE
    see_through = {"fill-opacity": style.opacity} if style.opacity < 1 else {}
    return {"fill-color": row.colour, "fill-outline-color": outline, **see_through}


def _style_layers(style: Style, layer: Layer, tileset: Tileset, lang: Lang) -> Iterator[Json]:
    field = style.fields[0] if style.fields else None
    for mark, shape in MARKS[layer.geometry]:
        for row in rows(style):
            rule = _both(filter_of(row, field, banded=style.band is not None), shape)
            note = _AREA.in_(lang) if (mark, shape) == ("fill", "area") else ""
            yield {
                "id": row.title.in_(lang) + note,  # QGIS shows it as the name of the symbol
                "type": mark,
                "source": tileset.id,
                "source-layer": tileset.id,
                **({"filter": rule} if rule is not None else {}),
                "paint": paint(style, row, mark),
            }


def _both(rule: Filter | None, shape: str | None) -> Filter | None:
    """Return a filter that also asks for a shape; MapLibre draws circles on corners of areas."""
    if shape is None:
        return rule
    wanted: Filter = ["==", ["get", "tipo_geometria"], shape]
    return wanted if rule is None else ["all", wanted, rule]


def _unreliable_layers(
    layer: Layer, tileset: Tileset, field: str | None, lang: Lang
) -> Iterator[Json]:
    """Yield the layer that marks figures a few persons would change, if the collection has any."""
    doubted = reliability(layer)
    if field is not None and doubted is not None:
        yield {
            "id": LOW_RELIABILITY.in_(lang),
            "type": "line",
            "source": tileset.id,
            "source-layer": tileset.id,
            "filter": ["all", ["has", field], ["==", ["get", doubted], "bassa"]],
            "paint": _UNRELIABLE_PAINT,
        }
