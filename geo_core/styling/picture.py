"""Legends as SVG: the same rows as everywhere else, hatches and grids included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isqrt
from typing import Final
from xml.etree import ElementTree as ET

from geo_core.model.style import Grid, Scale, Style
from geo_core.model.text import Lang
from geo_core.styling.drawn import VALUELESS_OUTLINE, Mark
from geo_core.styling.legend import Row, rows
from geo_core.styling.sprite import INKS, TILE, name_of

type Piece = ET.Element
"""An element of a drawing."""

LINE: Final = 22
"""Pixels from one row to the next."""
_MARGIN: Final = 8
_TEXT_AT: Final = 40
_SIGN: Final = 8
"""Pixels a letter is wide at most, on average: no font is measured here."""
_BOX: Final = (24, 15)
_CELL: Final = 34
"""Pixels of the side of a cell of a grid."""


def sheet(width: int, height: int) -> ET.Element:
    """Return an empty white drawing with the letters of a legend."""
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    letters = {"font-family": "sans-serif", "font-size": "14"}
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"} | size | letters)
    ET.SubElement(svg, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    return svg


def written(svg: ET.Element, x: int, y: int, text: str, **more: str) -> None:
    """Write a line of text at a place; `more` are attributes of it."""
    at = {"x": str(x), "y": str(y), "fill": "#1c2733", **more}
    ET.SubElement(svg, "text", at).text = text


def box(svg: ET.Element, y: int, fill: str | None, outline: str) -> None:
    """Draw a filled box at a height, or the dashed outline of an empty one."""
    width, height = map(str, _BOX)
    paint = (
        {"fill": fill, "stroke": outline}
        if fill
        else {"fill": "none", "stroke": VALUELESS_OUTLINE, "stroke-dasharray": "3 2"}
    )
    at = {"x": str(_MARGIN), "y": str(y), "width": width, "height": height}
    ET.SubElement(svg, "rect", at | paint)


def hatches(found: Iterable[Row]) -> Iterator[Piece]:
    """Yield an SVG pattern for each way in which rows are hatched; its id is `name_of`."""
    for row in {name_of(row): row for row in found if row.hatch != "none"}.values():
        side = str(TILE)
        pattern = ET.Element(
            "pattern",
            {"id": name_of(row), "width": side, "height": side, "patternUnits": "userSpaceOnUse"},
        )
        ET.SubElement(pattern, "rect", {"width": side, "height": side, "fill": row.colour})
        lines = f"M0 {side}L{side} 0" + (f"M0 0L{side} {side}" if row.hatch == "cross" else "")
        ET.SubElement(pattern, "path", {"d": lines, "stroke": INKS[row.hatch]})
        yield pattern


def filled(row: Row) -> str:
    """Return the SVG paint of a row: its colour, or its pattern."""
    return row.colour if row.hatch == "none" else f"url(#{name_of(row)})"


def legend_picture(style: Style, *, lang: Lang) -> bytes:
    """Return the legend of a style as SVG: of every scale its title and its rows.

    Raises nothing: texts are escaped by the serialiser.
    """
    heights = [_height(scale) for scale in style.scales]
    svg = sheet(_width(style, lang), sum(heights) + _MARGIN)
    ET.SubElement(svg, "title").text = style.title.in_(lang)
    defs = ET.SubElement(svg, "defs")
    defs.extend(hatches(row for scale in style.scales for row in rows(scale)))
    top = 0
    for scale, height in zip(style.scales, heights, strict=True):
        _scale(svg, top, scale, scale.title.in_(lang), lang)
        top += height
    return bytes(ET.tostring(svg, encoding="utf-8", xml_declaration=True))


def legend_part(scale: Scale, title: str, lang: Lang) -> tuple[ET.Element, int]:
    """Return the legend of one scale as a drawing within another, and its height in pixels."""
    part = ET.Element("svg")
    _scale(part, 0, scale, title, lang)
    return part, _height(scale)


def _height(scale: Scale) -> int:
    grid = _CELL * isqrt(len(scale.classes)) + 2 * LINE if scale.grid else 0
    return grid + LINE * (len(rows(scale)) + 1) + _MARGIN


def _width(style: Style, lang: Lang) -> int:
    texts = [scale.title.in_(lang) for scale in style.scales]
    texts += [row.title.in_(lang) for scale in style.scales for row in rows(scale)]
    return _TEXT_AT + _MARGIN + _SIGN * max(map(len, texts))


def _scale(svg: ET.Element, top: int, scale: Scale, title: str, lang: Lang) -> None:
    written(svg, _MARGIN, top + 20, title, **{"font-weight": "bold"})
    if scale.grid:
        top = _squares(svg, top + LINE, scale, scale.grid, lang)
    for number, row in enumerate(rows(scale), 1):
        y = top + _MARGIN + number * LINE
        _mark(svg, y, row, scale, scale.mark)
        written(svg, _TEXT_AT, y + 12, row.title.in_(lang))


def _mark(svg: ET.Element, y: int, row: Row, scale: Scale, mark: Mark) -> None:
    if mark == "circle":
        place = {"cx": str(_MARGIN + 12), "cy": str(y + 7), "r": "6"}
        paint = {"fill": row.colour, "stroke": scale.outline, "stroke-width": "1.5"}
        ET.SubElement(svg, "circle", place | paint)
    else:
        box(svg, y, filled(row), VALUELESS_OUTLINE)


def _squares(svg: ET.Element, top: int, scale: Scale, grid: Grid, lang: Lang) -> int:
    """Draw the classes as a square, low in both at the lower left; return where it ends."""
    side = isqrt(len(scale.classes))
    for number, one in enumerate(scale.classes):
        row, column = divmod(number, side)
        x, y = _TEXT_AT + column * _CELL, top + _MARGIN + (side - 1 - row) * _CELL
        place = {"x": str(x), "y": str(y), "width": str(_CELL), "height": str(_CELL)}
        ET.SubElement(svg, "rect", place | {"fill": one.colour, "stroke": "#ffffff"})
    end = top + _MARGIN + side * _CELL
    turned = {"transform": f"rotate(-90 26 {end})"}
    written(svg, 26, end, f"{grid.rows.in_(lang)} →", **turned)
    written(svg, _TEXT_AT, end + 18, f"{grid.columns.in_(lang)} →")
    return end + LINE
