"""Styles as SLD 1.1 (OGC 05-078r4, Symbology Encoding 05-077r4), for GeoServer and its kin.

A document has one named layer with a user style for each field that has classes; the first is
the default. Hatches are the well-known marks of GeoServer; a client that knows none of them
covers the area in grey (QGIS 3.22).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from geo_core.model.layer import Layer
from geo_core.model.style import Hatch, Scale, Style
from geo_core.model.text import Lang
from geo_core.styling.drawn import (
    DASHES,
    LOW_RELIABILITY,
    MARKS,
    RADIUS,
    VALUELESS_OUTLINE,
    reliability,
)
from geo_core.styling.legend import Row, rows
from geo_core.styling.sprite import INKS, TILE

_SLD: Final = "http://www.opengis.net/sld"
_SE: Final = "http://www.opengis.net/se"
_OGC: Final = "http://www.opengis.net/ogc"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_MARK_OF: Final = {"lines": "shape://slash", "cross": "shape://times"}
type _Condition = ET.Element


def sld(style: Style, layer: Layer, *, lang: Lang) -> bytes:
    """Return the SLD 1.1 document of a layer, as UTF-8.

    Parameters
    ----------
    style : Style
        Its classes and colours.
    layer : Layer
        Its id is the name of the layer; titles of fields name the user styles.
    lang : Lang
        Language of the titles.
    """
    for prefix, uri in (("", _SLD), ("se", _SE), ("ogc", _OGC), ("xlink", _XLINK)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(f"{{{_SLD}}}StyledLayerDescriptor", {"version": "1.1.0"})
    named = ET.SubElement(root, f"{{{_SLD}}}NamedLayer")
    _said(named, "Name", layer.id)
    for number, (scale, field) in enumerate(_choices(style)):
        user = ET.SubElement(named, f"{{{_SLD}}}UserStyle")
        title = layer.field(field).title if field else scale.title
        _said(user, "Name", field or layer.id)
        _said(ET.SubElement(user, f"{{{_SE}}}Description"), "Title", title.in_(lang))
        ET.SubElement(user, f"{{{_SLD}}}IsDefault").text = "1" if number == 0 else "0"
        user.append(_drawing(style, scale, layer, field, lang))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _choices(style: Style) -> Iterator[tuple[Scale, str | None]]:
    for scale in style.scales:
        for field in scale.fields or (None,):
            yield scale, field


def _drawing(style: Style, scale: Scale, layer: Layer, field: str | None, lang: Lang) -> ET.Element:
    """Return the rules of one field: a rule for each row of the legend and kind of geometry."""
    drawing = ET.Element(f"{{{_SE}}}FeatureTypeStyle")
    for mark, shape in MARKS[layer.geometry]:
        only = [] if shape is None else [_compared("EqualTo", "tipo_geometria", shape)]
        for row in rows(scale):
            wanted = [*only, *_conditions(row, field, banded=scale.band is not None)]
            symbols = [_circle(scale, row)] if mark == "circle" else _area(scale, row)
            drawing.append(_rule(style, row.title.in_(lang), wanted, symbols))
    doubted = reliability(layer)
    if field is not None and doubted is not None:
        wanted = [_known(field), _compared("EqualTo", doubted, "bassa")]
        drawing.append(_rule(style, LOW_RELIABILITY.in_(lang), wanted, [_dashes()]))
    return drawing


def _rule(
    style: Style, title: str, wanted: list[_Condition], symbols: list[ET.Element]
) -> ET.Element:
    rule = ET.Element(f"{{{_SE}}}Rule")
    _said(rule, "Name", title)
    _said(ET.SubElement(rule, f"{{{_SE}}}Description"), "Title", title)
    if wanted:
        ET.SubElement(rule, f"{{{_OGC}}}Filter").append(_all(wanted))
    if style.visible:
        for name, end in (("Min", style.visible.nearest), ("Max", style.visible.farthest)):
            if end:
                _said(rule, f"{name}ScaleDenominator", str(end))
    rule.extend(symbols)
    return rule


def _conditions(row: Row, field: str | None, *, banded: bool) -> list[_Condition]:
    if field is None:
        return []
    if row.rule is not None:
        if row.rule.value is not None:
            return [_compared("EqualTo", field, row.rule.value)]
        ends = (("GreaterThanOrEqualTo", row.rule.min), ("LessThan", row.rule.max))
        return [_compared(how, field, end) for how, end in ends if end is not None]
    if row.kind == "band":
        return [_known(f"{field}_fascia")]
    return [_null(field), *([_null(f"{field}_fascia")] if banded else [])]


def _compared(how: str, field: str, value: float | str) -> _Condition:
    node = ET.Element(f"{{{_OGC}}}PropertyIs{how}")
    ET.SubElement(node, f"{{{_OGC}}}PropertyName").text = field
    text = value if isinstance(value, str) else f"{value:.15g}"
    ET.SubElement(node, f"{{{_OGC}}}Literal").text = text
    return node


def _null(field: str) -> _Condition:
    node = ET.Element(f"{{{_OGC}}}PropertyIsNull")
    ET.SubElement(node, f"{{{_OGC}}}PropertyName").text = field
    return node


def _known(field: str) -> _Condition:
    node = ET.Element(f"{{{_OGC}}}Not")
    node.append(_null(field))
    return node


def _all(wanted: list[_Condition]) -> _Condition:
    if len(wanted) == 1:
        return wanted[0]
    node = ET.Element(f"{{{_OGC}}}And")
    node.extend(wanted)
    return node


def _area(scale: Scale, row: Row) -> list[ET.Element]:
    """Return the symbols of a polygon: its colour, and over that of a hatched row the lines."""
    plain = ET.Element(f"{{{_SE}}}PolygonSymbolizer")
    fill = ET.SubElement(plain, f"{{{_SE}}}Fill")
    _parameters(fill, {"fill": row.colour, "fill-opacity": f"{scale.opacity:g}"})
    _stroke(plain, scale.outline if row.kind == "class" else VALUELESS_OUTLINE, 0.5)
    return [plain] if row.hatch == "none" else [plain, _lines(row.hatch)]


def _lines(hatch: Hatch) -> ET.Element:
    symbol = ET.Element(f"{{{_SE}}}PolygonSymbolizer")
    fill = ET.SubElement(symbol, f"{{{_SE}}}Fill")
    graphic = ET.SubElement(ET.SubElement(fill, f"{{{_SE}}}GraphicFill"), f"{{{_SE}}}Graphic")
    mark = ET.SubElement(graphic, f"{{{_SE}}}Mark")
    _said(mark, "WellKnownName", _MARK_OF[hatch])
    _stroke(mark, INKS[hatch], 1)
    _said(graphic, "Size", str(TILE))
    return symbol


def _circle(scale: Scale, row: Row) -> ET.Element:
    symbol = ET.Element(f"{{{_SE}}}PointSymbolizer")
    graphic = ET.SubElement(symbol, f"{{{_SE}}}Graphic")
    mark = ET.SubElement(graphic, f"{{{_SE}}}Mark")
    _said(mark, "WellKnownName", "circle")
    _parameters(ET.SubElement(mark, f"{{{_SE}}}Fill"), {"fill": row.colour})
    _stroke(mark, scale.outline, 1.5)
    _said(graphic, "Size", str(2 * RADIUS))
    return symbol


def _dashes() -> ET.Element:
    symbol = ET.Element(f"{{{_SE}}}LineSymbolizer")
    _stroke(symbol, DASHES, 1.5, "3 3")
    return symbol


def _stroke(parent: ET.Element, colour: str, width: float, dashes: str | None = None) -> None:
    stroke = ET.SubElement(parent, f"{{{_SE}}}Stroke")
    more = {"stroke-dasharray": dashes} if dashes else {}
    _parameters(stroke, {"stroke": colour, "stroke-width": f"{width:g}", **more})


def _parameters(parent: ET.Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        ET.SubElement(parent, f"{{{_SE}}}SvgParameter", {"name": name}).text = value


def _said(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_SE}}}{name}").text = text
