"""The data of a zone as DGGS-JSON: for every field and depth, one number per sub-zone.

A null has its reason beside it: `status` has the shape of `values`, and `areas` names the areas
that hold the sub-zones which have no figure of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from api.dggs.asked import Wanted, matching
from api.dggs.status import NO_DATA, STATUSES
from api.dggs.values import values_of
from api.dggs.zones import NOWHERE, Area, Zones
from api.features.columns import Mask, Rows
from geo_core.model.field import Field
from geo_core.model.grid import Cells, descendants, places, texts

NUMERIC: Final = frozenset({"integer", "number"})
"""Types of fields that DGGS-JSON can hold."""

type Json = dict[str, Any]


@dataclass(frozen=True)
class Depth:
    """The sub-zones of a zone at one depth.

    Attributes
    ----------
    cells : array
        All of them, ascending.
    places : array of int
        Place of each in `zones`; `NOWHERE` where nothing is known of it.
    shown : array of bool
        Which of them are asked for.
    """

    depth: int
    zones: Zones
    cells: Cells
    places: Rows
    shown: Mask

    @property
    def hidden(self) -> Depth:
        """The same, with nothing of it asked for."""
        return replace(self, shown=np.zeros(len(self.cells), dtype=np.bool_))


def depth_of(zone: int, depth: int, zones: Zones, wanted: Wanted) -> Depth:
    """Return the sub-zones of a zone among the zones of the level that is so much finer."""
    cells = descendants(zone, zones.level)
    at = places(cells, zones.cells)
    shown = np.ones(len(cells), dtype=np.bool_)
    if wanted.filter is not None:
        # One entry more: the place of what is nowhere is the last, counted from the end.
        shown = np.append(matching(zones, wanted), np.False_)[at]
    return Depth(depth, zones, cells, at, shown)


def packet(grid: str, zone: int, depths: Iterable[Depth], fields: Mapping[str, Json]) -> Json:
    """Return the document.

    Parameters
    ----------
    grid : str
        Address of the definition of the grid.
    depths : iterable of Depth
        Ascending.
    fields : mapping
        Fields of numbers to show, with their schema.
    """
    every = list(depths)
    return {
        "dggrs": grid,
        "zoneId": f"{zone:x}",
        "depths": [one.depth for one in every],
        "schema": {"type": "object", "properties": fields},
        "values": {name: [_values(one, name) for one in every] for name in fields},
        "status": {name: [_statuses(one, name) for one in every] for name in fields},
        "areas": [area for one in every for area in areas_of(one)],
    }


def _values(one: Depth, name: str) -> Json:
    data: list[Any] = [None] * len(one.cells)
    if name in one.zones.fields:
        own = values_of(one.zones.column(name))
        for at in np.flatnonzero((one.places != NOWHERE) & one.shown).tolist():
            data[at] = own[one.places[at]]
    return {"depth": one.depth, "shape": _shape(one), "data": data}


def _statuses(one: Depth, name: str) -> Json:
    codes = np.full(len(one.cells), NO_DATA)
    if name in one.zones.fields:
        codes = np.append(one.zones.statuses(name), NO_DATA)[one.places]
    said = [
        STATUSES[code] if shown else None
        for code, shown in zip(codes.tolist(), one.shown.tolist(), strict=True)
    ]
    return {"depth": one.depth, "shape": _shape(one), "data": said}


def _shape(one: Depth) -> Json:
    return {"count": len(one.cells), "subZones": len(one.cells)}


def areas_of(one: Depth) -> list[Json]:
    """Return the areas that hold sub-zones without a figure of their own, with these."""
    held: dict[Area, list[int]] = {}
    for at, place in enumerate(one.places.tolist()):
        if place != NOWHERE and one.shown[at]:
            for area in one.zones.areas(place):
                held.setdefault(area, []).append(at)
    return [
        {
            "id": area.id,
            "depth": one.depth,
            **({"collection": area.collection} if area.collection else {}),
            "subZones": texts(one.cells[at]),
        }
        for area, at in held.items()
    ]


def numeric(fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Return the names of the fields that hold numbers."""
    return tuple(name for name, field in fields.items() if field.type in NUMERIC)
