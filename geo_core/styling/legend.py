"""The rows of a legend: one list for pages, maps and style documents."""

from __future__ import annotations

from typing import Literal, NamedTuple

from geo_core.model.style import Class, Hatch, Scale, Swatch
from geo_core.model.text import Text

type Kind = Literal["class", "band", "missing"]


class Row(NamedTuple):
    """One row of a legend.

    Attributes
    ----------
    kind : Kind
        What the row stands for.
    colour : str
        ``#rrggbb``; of a hatched row, what lies below the lines.
    hatch : Hatch
        Lines over the colour.
    title : Text
        What it means.
    rule : Class | None
        The value or range of a class; None for the other kinds.
    """

    kind: Kind
    colour: str
    title: Text
    hatch: Hatch = "none"
    rule: Class | None = None


def rows(style: Scale) -> tuple[Row, ...]:
    """Return the legend of a style, classes first, then band, then missing.

    A circle is too small to be hatched.
    """
    classes = tuple(_row(style, "class", c, c) for c in style.classes)
    band = (_row(style, "band", style.band),) if style.band else ()
    missing = (_row(style, "missing", style.missing),) if style.missing else ()
    return (*classes, *band, *missing)


def _row(style: Scale, kind: Kind, swatch: Swatch, rule: Class | None = None) -> Row:
    hatch: Hatch = "none" if style.mark == "circle" else swatch.hatch
    return Row(kind, swatch.colour, swatch.title, hatch, rule)
