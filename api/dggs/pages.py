"""What pages about zones show beside their documents."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from api.asked import Asked
from api.describe.links import Said
from api.dggs.documents import home
from api.dggs.origin import OfCollection, Origin
from api.dggs.packet import NUMERIC
from api.dggs.status import STATUSES
from api.dggs.values import values_of
from api.dggs.zones import Zones
from api.pages.words import FieldWords, words_of
from geo_core.model.cells import CellId, beside, centre, mean_area_km2
from geo_core.model.grid import rings

RULES: Final = {
    "sum": Said("somma", "sum"),
    "weighted_mean": Said("media pesata con", "mean weighed by"),
}
"""How a figure of a larger zone is made, in words."""

STATUS_WORDS: Final = {
    "published": Said("pubblicata", "published"),
    "band": Said("in una fascia, da 0 a 4", "in a band, 0 to 4"),
    "merged": Said("unita a un'area più grande", "merged into a larger area"),
    "no-data": Said("nessun dato", "no data"),
}
"""How a value came about, in words."""

_SIDE: Final = 320.0
"""Pixels of the picture of a zone."""


class Level(NamedTuple):
    """One level that can be answered: mean area of its cells, and whose figures it has."""

    level: int
    km2: float
    collection: str


class Outline(NamedTuple):
    """A cell of a picture: its corners as SVG has them, its name, its address."""

    points: str
    zone: str
    address: str


class Shown(NamedTuple):
    """A field of a zone: its words, its value, and why a number is missing; empty if none is."""

    field: FieldWords
    value: Any
    status: str


class Rule(NamedTuple):
    """How a field is made at a larger level."""

    title: str
    said: str


def of_grid(asked: Asked, origin: Origin) -> Mapping[str, Any]:
    """Return what the page of the grid needs: levels, rules, statuses."""
    return {
        "levels": [Level(n, mean_area_km2(n), origin.source(n)) for n in origin.levels],
        "rules": list(_rules(asked, origin)) if isinstance(origin, OfCollection) else [],
        "statuses": _statuses(asked),
        **_of_origin(asked, origin),
    }


def of_list(asked: Asked, origin: Origin) -> Mapping[str, Any]:
    """Return what the page of a list of zones needs."""
    return {"here": home(asked, origin), **_of_origin(asked, origin)}


def of_zone(asked: Asked, origin: Origin, zone: int, zones: Zones) -> Mapping[str, Any]:
    """Return what the page of a zone needs: a picture, its values, who else knows of it."""
    whole = isinstance(origin, OfCollection)
    return {
        "here": home(asked, origin),
        "side": _SIDE,
        "picture": _picture(f"{home(asked, origin)}/zones", zone),
        "values": list(_values(asked, origin, zone, zones)) if whole else [],
        "collections": [] if whole else _collections(asked, zones.level),
        "statuses": _statuses(asked),
        **_of_origin(asked, origin),
    }


def _of_origin(asked: Asked, origin: Origin) -> Mapping[str, Any]:
    if isinstance(origin, OfCollection):
        return {"collection": origin.layer.id, "of": origin.layer.title.in_(asked.lang)}
    return {"collection": "", "of": ""}


def _statuses(asked: Asked) -> dict[str, str]:
    return {name: said.in_(asked.lang) for name, said in STATUS_WORDS.items()}


def _rules(asked: Asked, origin: OfCollection) -> Iterable[Rule]:
    fields = origin.fields
    for field in fields.values():
        if field.aggregate != "none":
            said = RULES[field.aggregate].in_(asked.lang)
            weight = f" «{fields[field.weight].title.in_(asked.lang)}»" if field.weight else ""
            yield Rule(field.title.in_(asked.lang), said + weight)


def _values(asked: Asked, origin: Origin, zone: int, zones: Zones) -> Iterable[Shown]:
    place = int(np.searchsorted(zones.cells, np.uint64(zone)))
    if place == len(zones.cells) or int(zones.cells[place]) != zone:
        return
    release = asked.served.release
    if not zones.own[place]:
        return
    for field in words_of(release.info(origin.layers[0].id), release.manifest, asked.lang):
        if field.name in zones.fields:
            value = values_of(zones.column(field.name))[place]
            numeric = zones.fields[field.name].type in NUMERIC
            why = STATUSES[zones.statuses(field.name)[place]] if numeric else ""
            yield Shown(field, value, why if value is None else "")


def _collections(asked: Asked, level: int) -> list[tuple[str, str]]:
    """Return id and title of the collections that have figures of a level."""
    return [
        (one.layer.id, one.layer.title.in_(asked.lang))
        for theme in asked.served.themes.values()
        if level in theme.levels
        for one in [theme.nearest(level)]
    ]


def _picture(here: str, zone: int) -> list[Outline]:
    """Return a zone, last, on top of its neighbours, drawn as they lie around its centre."""
    of = CellId(f"{zone:x}")
    cells = [*beside(of), of]
    lon, lat = centre(of)
    drawn = [
        [((x - lon + 180) % 360 - 180, y - lat) for x, y in ring]
        for ring in rings([int(cell, 16) for cell in cells])
    ]
    narrow = max(math.cos(math.radians(lat)), 1e-6)
    reach = max(max(abs(x) * narrow, abs(y)) for ring in drawn for x, y in ring)
    scale = _SIDE / 2 / reach
    return [
        Outline(
            " ".join(
                f"{_SIDE / 2 + x * narrow * scale:.1f},{_SIDE / 2 - y * scale:.1f}" for x, y in ring
            ),
            cell,
            f"{here}/{cell}",
        )
        for cell, ring in zip(cells, drawn, strict=True)
    ]
