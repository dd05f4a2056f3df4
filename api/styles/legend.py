"""The rows of a legend: one list for pages, maps and style documents."""

from __future__ import annotations

from typing import Literal, NamedTuple

from geo_core.model.style import Class, Scale
from geo_core.model.text import Text

type Kind = Literal["class", "band", "missing"]


class Row(NamedTuple):
    """One row of a legend.

    Attributes
    ----------
    kind : Kind
        What the row stands for; clients that can hatch, hatch `band` and dot `missing`.
    colour : str
        ``#rrggbb``.
    title : Text
        What it means.
    rule : Class | None
        The value or range of a class; None for the other kinds.
    """

    kind: Kind
    colour: str
    title: Text
    rule: Class | None = None


def rows(style: Scale) -> tuple[Row, ...]:
    """Return the legend of a style, classes first, then band, then missing."""
    classes = tuple(Row("class", c.colour, c.title, c) for c in style.classes)
    band = (Row("band", style.band.colour, style.band.title),) if style.band else ()
    missing = (Row("missing", style.missing.colour, style.missing.title),) if style.missing else ()
    return (*classes, *band, *missing)
