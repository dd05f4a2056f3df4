"""The legend of a raster, as JSON and as a picture, from the rows every other legend is made of.

A pixel without value is transparent. Three things can make it so, and the legend names them: a
value that is shown as a band only, a feature without value, and no feature at all.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

from api.pages.words import unit_of
from api.tiles.named import Named
from geo_core.model.style import Class
from geo_core.model.text import Lang, Text
from geo_core.styling.legend import Row, rows
from geo_core.styling.picture import LINE, box, sheet, written

type Json = dict[str, Any]

_OUTSIDE: Final = Text(
    it="Nessuna area pubblicata in questo punto", en="No published area at this place"
)
_MISSING: Final = Text(it="Nessun valore", en="No value")
_TRANSPARENT: Final = Text(it="trasparente", en="transparent")

_SIGN: Final = 8
"""Pixels a letter is wide at most, on average: no font is measured here."""


class Nothing(NamedTuple):
    """A reason why a pixel is transparent."""

    kind: str
    title: Text


def classes(raster: Named) -> tuple[Row, ...]:
    """Return the rows that have a colour in a raster."""
    return tuple(row for row in rows(raster.style) if row.kind == "class")


def nothing(raster: Named) -> tuple[Nothing, ...]:
    """Return the reasons for which a raster may have no value at a place."""
    said = {row.kind: row.title for row in rows(raster.style) if row.kind != "class"}
    kinds = (*(("band",) if "band" in said else ()), "missing")
    return (*(Nothing(k, said.get(k, _MISSING)) for k in kinds), Nothing("outside", _OUTSIDE))


def class_of(raster: Named, value: float) -> Class | None:
    """Return the class of the style that a value belongs to."""
    return next((one for one in raster.style.classes if one.holds(value)), None)


def unit(raster: Named, lang: Lang) -> str | None:
    """Return the unit of the values in words; None if they need none."""
    found = unit_of(raster.field, count=raster.info.count)
    return found.many.in_(lang) if found else None


def legend(raster: Named, lang: Lang) -> Json:
    """Return the legend as JSON: what each colour means, and what no colour means."""
    return {
        "id": raster.file.id,
        "title": raster.field.title.in_(lang),
        "classification": raster.style.title.in_(lang),
        "field": raster.file.field,
        "unit": unit(raster, lang),
        "classes": [_class(row, lang) for row in classes(raster)],
        "transparent": [
            {"kind": one.kind, "title": one.title.in_(lang)} for one in nothing(raster)
        ],
    }


def _class(row: Row, lang: Lang) -> Json:
    rule = (
        row.rule.model_dump(include={"value", "min", "max"}, exclude_none=True) if row.rule else {}
    )
    return {"title": row.title.in_(lang), "colour": row.colour, **rule}


def picture(raster: Named, lang: Lang) -> bytes:
    """Return the legend as SVG: a title, then a line for each colour and each kind of nothing."""
    head, empty = raster.field.title.in_(lang), _TRANSPARENT.in_(lang)
    lines: list[tuple[str | None, str]] = [
        *((row.colour, row.title.in_(lang)) for row in classes(raster)),
        *((None, f"{one.title.in_(lang)} ({empty})") for one in nothing(raster)),
    ]
    svg = sheet(
        50 + _SIGN * max(map(len, (head, *(text for _, text in lines)))),
        14 + LINE * (len(lines) + 1),
    )
    ET.SubElement(svg, "title").text = raster.title(lang)
    written(svg, 8, 20, head, **{"font-weight": "bold"})
    for number, (colour, text) in enumerate(lines, 1):
        box(svg, 8 + number * LINE, colour, raster.style.outline)
        written(svg, 40, 20 + number * LINE, text)
    return bytes(ET.tostring(svg, encoding="utf-8", xml_declaration=True))
