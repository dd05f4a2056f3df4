"""The rows of a legend: one list for pages, maps and style documents."""

from __future__ import annotations

from typing import Literal, NamedTuple

from geo_core.model.layer import Layer
from geo_core.model.style import Class, Hatch, Scale, Swatch
from geo_core.model.text import Lang, Text
from geo_core.model.units import unit_in

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


def row_of(legend: tuple[Row, ...], value: float | str | None, *, banded: bool) -> Row | None:
    """Return the row of a legend a feature belongs to; None if it is drawn by none.

    Parameters
    ----------
    value : float | str | None
        Of the classified field; None also where the style classifies nothing.
    banded : bool
        Whether a band is shown in place of the value.
    """
    kind: Kind = "band" if banded else "missing"
    for row in legend:
        if row.rule is not None:
            of_all = not row.rule.is_range and row.rule.value is None
            if of_all or (value is not None and row.rule.holds(value)):
                return row
        elif value is None and row.kind == kind:
            return row
    return None


def heading(scale: Scale, field: str, layer: Layer, lang: Lang) -> str:
    """Return what stands above the rows of a legend: what is classified, and its unit."""
    title, own = scale.title.in_(lang), layer.field(field).title.in_(lang)
    told = title if len(scale.fields) == 1 or own.lower() in title.lower() else f"{title}: {own}"
    unit = unit_in(scale.unit, lang) if scale.unit and scale.unit != "1" else ""
    return told if unit.lower() in told.lower() else f"{told} ({unit})"
