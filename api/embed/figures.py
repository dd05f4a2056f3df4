"""What a map says, as a table: one line for each area, and one for each municipality."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from api.embed.config import BASE
from api.embed.view import View
from api.features.beside import middles
from api.features.records import Values, records
from api.pages.numbers import measured, written
from api.served import Served
from geo_core.model.field import Field
from geo_core.model.layer import Layer
from geo_core.model.text import Lang, Text
from geo_core.styling.drawn import UNRELIABLE, reliability
from geo_core.styling.legend import Row, heading, row_of, rows

_BETWEEN: Final = (("_inf", "_sup"), ("_min", "_max"))
"""Endings of the fields that say between which ends a value lies."""
_HEXAGON: Final = Text(it="Esagono", en="Hexagon")
_FROM_TO: Final = Text(it="da {} a {}", en="{} to {}")
_AREA: Final = Text(it="Area", en="Area")
_PAIR: Final = ("nome_a", "nome_b")
"""Fields of the two municipalities of a border."""
_YEAR: Final = re.compile(r"_\d{4}$")
"""What an id of a series has beside the code of its cell."""
_NUMBERS: Final = frozenset({"integer", "number"})


class Line(NamedTuple):
    """One area.

    Attributes
    ----------
    id, name : str
        Its id, and what people call it.
    town : str | None
        The municipality its middle lies in; None of what is no hexagon.
    row : Row | None
        Its row of the legend.
    figure : float | None
        What was measured.
    value, between : str
        The same with its unit, and the ends it lies between; empty if nothing is said.
    unreliable : bool
        A few persons move the value a lot.
    """

    id: str
    name: str
    town: str | None
    row: Row | None
    figure: float | None
    value: str
    between: str
    unreliable: bool


class TownLine(NamedTuple):
    """How many areas of one municipality are in each row of the legend."""

    name: str
    counts: tuple[int, ...]


class Figures:
    """The lines of a map, the most severe first: by class, then by the figure, then as its layer.

    Parameters
    ----------
    view : View
        What is shown.
    lang : Lang
        Language of names and units.
    """

    def __init__(self, view: View, lang: Lang) -> None:
        self.layer: Layer = view.collection.layer
        self.legend: tuple[Row, ...] = rows(view.scale)
        self.hexagons: bool = self.layer.title_field == "h3"
        self.nameless: bool = self.layer.title_field in {"h3", "id"}
        self.title = (
            heading(view.scale, view.field, self.layer, lang)
            if view.field
            else view.scale.title.in_(lang)
        )
        self.town: str | None = view.town_name
        self.beyond: int = view.beyond
        self.measure: Field | None = _measure(self.layer, view)
        self.lines: tuple[Line, ...] = tuple(sorted(_lines(view, self, lang), key=self._rank))

    def _rank(self, line: Line) -> tuple[int, float]:
        """Return a place in the order; a line without class or figure comes last."""
        row = line.row
        severe = self.legend.index(row) if row is not None and row.kind == "class" else -1
        return -severe, math.inf if line.figure is None else -line.figure

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many lines are in each row of the legend."""
        return _counted(self.lines, self.legend)

    @cached_property
    def by_town(self) -> tuple[TownLine, ...]:
        """Municipalities, those with most areas in the last class first; none but of hexagons.

        None of a map of one municipality, whose areas may have their middle in another.
        """
        if self.town is not None:
            return ()
        groups: dict[str, list[Line]] = {}
        for line in self.lines:
            if line.town is not None:
                groups.setdefault(line.town, []).append(line)
        found = [TownLine(name, _counted(own, self.legend)) for name, own in groups.items()]
        classes = sum(row.kind == "class" for row in self.legend)
        return tuple(
            sorted(found, key=lambda t: ([-n for n in reversed(t.counts[:classes])], t.name))
        )


def _measure(layer: Layer, view: View) -> Field | None:
    """Return the number behind the colours: the field itself, or what the layer is ordered by."""
    own = layer.field(view.field) if view.field else None
    ranged = own is not None and any(rule.is_range for rule in view.scale.classes)
    if own is not None and ranged and own.type in _NUMBERS:
        return own
    if view.field not in view.served.release.manifest.styles[layer.family].fields:
        return None
    first = layer.field(layer.sort[0].removeprefix("-"))
    return first if first.type in _NUMBERS and first.name != view.field else None


def _lines(view: View, figures: Figures, lang: Lang) -> list[Line]:
    layer, measure = figures.layer, figures.measure
    doubted = reliability(layer) or ""
    between = _ends(layer, measure)
    names = dict.fromkeys((
        "id", layer.title_field, *_PAIR, doubted, *between,
        *((view.field, f"{view.field}_fascia") if view.field else ()),
        *((measure.name,) if measure else ()),
    ))  # fmt: skip
    found = records(view.collection, names, where=view.shown)
    placed = _towns(view, figures, found)
    return [
        Line(
            str(one["id"]),
            _named(one, figures, lang),
            town,
            _row(one, figures, view.field),
            None if measure is None else one[measure.name],
            _said(one, measure, lang, len(view.collection.order)),
            _range(one, between, lang),
            one[doubted] == UNRELIABLE and one.get(view.field or "") is not None,
        )
        for one, town in zip(found, placed, strict=True)
    ]


def _ends(layer: Layer, measure: Field | None) -> tuple[str, ...]:
    if measure is None:
        return ()
    pairs = [(f"{measure.name}{low}", f"{measure.name}{high}") for low, high in _BETWEEN]
    return next((pair for pair in pairs if {*pair} <= {*layer.field_names}), ())


def _towns(view: View, figures: Figures, found: Sequence[Values]) -> list[str | None]:
    shapes = view.collection.shapes
    if not figures.nameless or shapes is None or not found:
        return [None] * len(found)
    rows = [view.collection.row(str(one["id"])) for one in found]
    return middles(view.served, shapes[np.array(rows, dtype=np.intp)])


def _named(one: Values, figures: Figures, lang: Lang) -> str:
    """Return the name; of a border those of both sides, of a cell the end of its code."""
    if one[_PAIR[0]] and one[_PAIR[1]]:
        return " / ".join(str(one[name]) for name in _PAIR)
    name = str(one[figures.layer.title_field] or one["id"])
    if not figures.nameless:
        return name
    cell = _YEAR.sub("", name).rstrip("f")[-6:]
    return f"{(_HEXAGON if figures.hexagons else _AREA).in_(lang)} {cell}"


def _row(one: Values, figures: Figures, field: str | None) -> Row | None:
    banded = bool(field) and one.get(f"{field}_fascia") is not None
    return row_of(figures.legend, one.get(field or ""), banded=banded)


def _said(one: Values, measure: Field | None, lang: Lang, count: int) -> str:
    value = None if measure is None else one[measure.name]
    return "" if value is None or measure is None else measured(value, measure, lang, count=count)


def _range(one: Values, between: tuple[str, ...], lang: Lang) -> str:
    ends = [one[name] for name in between]
    said = [written(end, lang) for end in ends if end is not None]
    return _FROM_TO.in_(lang).format(*said) if len(said) == len(_BETWEEN[0]) else ""


def _counted(lines: Sequence[Line], legend: tuple[Row, ...]) -> tuple[int, ...]:
    found = Counter(line.row for line in lines if line.row is not None)
    return tuple(found[row] for row in legend)


class Place(NamedTuple):
    """A name to write on the map, where to write it (OGC:CRS84, degrees), and its residents."""

    name: str
    lon: float
    lat: float
    residents: int


@lru_cache(maxsize=2)
def places(served: Served) -> tuple[Place, ...]:
    """Return the municipalities, most residents first, each with a point well inside it."""
    base = served.collections.get(BASE)
    if base is None or base.shapes is None:
        return ()
    shapes = shapely.simplify(base.shapes[base.order], 0.001)
    # The radius drawn from the centre of the largest circle inside starts at that centre.
    radii = shapely.maximum_inscribed_circle(shapes, tolerance=0.002)
    centres = shapely.get_coordinates(shapely.get_point(radii, 0)).round(5).tolist()
    found: list[dict[str, Any]] = records(base, ("denominazione", "pop"))
    placed = (
        Place(r["denominazione"], lon, lat, r["pop"] or 0)
        for r, (lon, lat) in zip(found, centres, strict=True)
    )
    return tuple(sorted(placed, key=lambda p: (-p.residents, p.name)))


def boxes(served: Served) -> dict[str, list[float]]:
    """Return west, south, east and north (degrees, OGC:CRS84) of municipalities by ISTAT code."""
    base = served.collections.get(BASE)
    if base is None or base.shapes is None:
        return {}
    codes = [str(one["id"]) for one in records(base, ("id",))]
    bounds = shapely.bounds(base.shapes[base.order]).round(5).tolist()
    return dict(zip(codes, bounds, strict=True))
