"""Renderers of QGIS: a rule for each row of a legend, below one with what they classify."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from geo_core.model.layer import Layer
from geo_core.model.style import Class, Scale, Style
from geo_core.model.text import Lang
from geo_core.styling.drawn import LOW_RELIABILITY, MARKS, Mark, reliability
from geo_core.styling.legend import Row, heading, rows
from geo_core.styling.qgis_symbols import doubt, frame, nothing, symbol

_FURTHEST: Final = 100_000_000
"""Denominator of the smallest scale QGIS writes."""


_POINTS: Final[tuple[tuple[Mark, str | None], ...]] = (("circle", None),)


class Rule(NamedTuple):
    """One rule: a title, an expression that picks features (empty for all), and how to draw."""

    title: str
    expression: str
    symbol: ET.Element
    mark: Mark


def rules(
    scale: Scale, field: str | None, layer: Layer, lang: Lang, *, tiled: bool = False
) -> Iterator[Rule]:
    """Yield the rules of a field: for each row of its legend, and the sign of doubt.

    Parameters
    ----------
    tiled : bool
        Of vector tiles, which have points and areas in one layer. Opened as features, QGIS
        makes a layer of the points alone.
    """
    number = 0
    marks = MARKS[layer.geometry] if tiled or layer.geometry != "Geometry" else _POINTS
    for mark, shape in marks:
        only = [] if shape is None else [f"{_name('tipo_geometria')} = {_text(shape)}"]
        for row in rows(scale):
            wanted = [*only, *_conditions(row, field, banded=scale.band is not None)]
            drawn = symbol(str(number), scale, row, mark)
            yield Rule(row.title.in_(lang), " AND ".join(wanted), drawn, mark)
            number += 1
    doubted = reliability(layer)
    if field is not None and doubted is not None:
        picked = f"{_name(field)} IS NOT NULL AND {_name(doubted)} = 'bassa'"
        yield Rule(LOW_RELIABILITY.in_(lang), picked, doubt(str(number)), "fill")


def renderer(scale: Scale, field: str | None, layer: Layer, lang: Lang) -> ET.Element:
    """Return the renderer of a field, as in a QML document.

    Parameters
    ----------
    scale : Scale
        Its classes.
    field : str | None
        The field; None for a style of one colour.
    layer : Layer
        The collection.
    lang : Lang
        Language of the legend.
    """
    node = ET.Element("renderer-v2", {"type": "RuleRenderer", "symbollevels": "0"})
    every, symbols = ET.SubElement(node, "rules", {"key": "rules"}), ET.Element("symbols")
    under = every
    if field is not None:
        told = heading(scale, field, layer, lang)
        under = ET.SubElement(every, "rule", {"key": "head", "label": told})
    for number, rule in enumerate(rules(scale, field, layer, lang)):
        said = {"key": f"rule{number}", "symbol": str(number), "label": rule.title}
        ET.SubElement(
            under, "rule", said | ({"filter": rule.expression} if rule.expression else {})
        )
        symbols.append(rule.symbol)
    node.append(symbols)
    return node


def framed(wanted: str) -> ET.Element:
    """Return the renderer that draws nothing but a frame round the areas of an expression.

    The other areas have a symbol of nothing: QGIS writes no name on what has no symbol.
    """
    node = ET.Element("renderer-v2", {"type": "RuleRenderer", "symbollevels": "0"})
    every = ET.SubElement(node, "rules", {"key": "rules"})
    ET.SubElement(every, "rule", {"key": "frame", "symbol": "0", "filter": wanted})
    ET.SubElement(every, "rule", {"key": "rest", "symbol": "1", "filter": "ELSE"})
    ET.SubElement(node, "symbols").extend((frame("0"), nothing("1")))
    return node


def choices(style: Style) -> Iterator[tuple[Scale, str | None]]:
    """Yield the fields a layer may be drawn by, each with its classes; the default first."""
    for scale in style.scales:
        for field in scale.fields or (None,):
            yield scale, field


def visibility(style: Style) -> dict[str, str]:
    """Return the attributes of a layer that say at which map scales it is drawn."""
    if style.visible is None:
        return {"hasScaleBasedVisibilityFlag": "0"}
    return {
        "hasScaleBasedVisibilityFlag": "1",
        "minScale": str(style.visible.farthest or _FURTHEST),
        "maxScale": str(style.visible.nearest or 0),
    }


def _conditions(row: Row, field: str | None, *, banded: bool) -> list[str]:
    if field is None:
        return []
    if row.rule is not None:
        return _class_conditions(row.rule, field)
    if row.kind == "band":
        return [f"{_name(f'{field}_fascia')} IS NOT NULL"]
    absent = f"{_name(field)} IS NULL"
    return [absent, f"{_name(f'{field}_fascia')} IS NULL"] if banded else [absent]


def _class_conditions(rule: Class, field: str) -> list[str]:
    if rule.value is not None:
        value = rule.value
        return [f"{_name(field)} = {_text(value) if isinstance(value, str) else value}"]
    ends = ((">=", rule.min), ("<", rule.max))
    return [f"{_name(field)} {how} {end:.12g}" for how, end in ends if end is not None]


def _name(field: str) -> str:
    return f'"{field}"'


def _text(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
