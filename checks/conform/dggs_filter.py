"""Tests of OGC API DGGS: filters on the data of zones and on lists of zones."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from checks.conform.dggs_data import features_at, has_json
from checks.conform.dggs_sets import BASE, Dggrs, grids, packet_of, values_at
from checks.conform.dggs_zones import at, difference
from checks.conform.expressions import as_text, both, no, op, prop
from checks.conform.http import Answer
from checks.conform.outcome import Skipped, object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Json, Service, links_of
from checks.conform.tiles_sets import relations

on_data = conformance_class(f"{BASE}data-cql2-filter")
on_zones = conformance_class(f"{BASE}zone-query-cql2-filter")

GEOJSON: Final = "application/geo+json"
QUERYABLES: Final = relations("queryables")
_FIELDS: Final = 2
"""Fields of each grid that filters are made of."""
_TRIED: Final = 12
"""Zones among which one with different values is looked for."""
NO_FIELD: Final = "nessun campo adatto / no field to try it on"


@dataclass(frozen=True)
class Case:
    """A filter, and the values it was made of.

    Attributes
    ----------
    parent : str
        Zone whose sub-zones are asked for.
    order : list of str
        These sub-zones.
    values : dict
        Values of each field, in their order, without a filter.
    filter : str
        In CQL2 text.
    true : list of bool
        Which sub-zones meet it.
    """

    one: Dggrs
    parent: str
    order: list[str]
    values: dict[str, list[Any]]
    filter: str
    true: list[bool]


def _queryables(one: Dggrs) -> tuple[Answer, Json]:
    """Return the queryables of an origin; `Failed` where none are linked."""
    service = one.service
    address = f"/collections/{one.origin}" if one.origin else "/"
    origin = service.document(address)
    links = [*links_of(origin, *QUERYABLES), *links_of(one.document, *QUERYABLES)]
    links.sort(key=lambda link: "json" not in str(link.get("type")))
    require(links, service.ask(address), f"a link {QUERYABLES[2]}", links_of(origin))
    answer = service.ask(str(links[0]["href"]), accept="application/schema+json, application/json")
    return answer, object_of(answer).get("properties") or {}


def _cases(one: Dggrs) -> Iterator[Case]:
    """Yield filters on fields whose values differ within a zone, with what they must choose."""
    if not one.hierarchy.is_known or not one.level:
        return
    _answer, known = _queryables(one)
    made: set[str] = set()
    for parent in one.holding(_TRIED):
        values = _values(one, parent)
        for name in [name for name in values if name in known and name not in made]:
            held = sorted({value for value in values[name] if value is not None})
            if len(held) > 1 and len(made) < _FIELDS:
                made.add(name)
                yield from _of_field(one, parent, values, name)
        if len(made) >= _FIELDS:
            return


def _values(one: Dggrs, parent: str) -> dict[str, list[Any]]:
    answer = require_status(one.data(parent, _below(one)), 200)
    return values_at(packet_of(answer), 1)


def _below(one: Dggrs, **more: str) -> dict[str, str]:
    """Return the question for the sub-zones of a zone one level below."""
    if f"{BASE}data-custom-depths" not in one.service.declared:
        raise Skipped("nessuna profondità a scelta / no custom depths")
    return {"zone-depth": "1", **more}


def _of_field(one: Dggrs, parent: str, values: dict[str, list[Any]], name: str) -> Iterator[Case]:
    own = values[name]
    middle = statistics.median_low(value for value in own if value is not None)
    over, equal = op(">", prop(name), middle), op("=", prop(name), middle)
    told: list[tuple[Any, list[bool]]] = [
        (over, [v is not None and v > middle for v in own]),
        (equal, [v is not None and v == middle for v in own]),
        (no(over), [v is not None and v <= middle for v in own]),
        (both(no(over), no(equal)), [v is not None and v < middle for v in own]),
    ]
    order = one.hierarchy.children(parent)
    for expression, true in told:
        yield Case(one, parent, order, values, as_text(expression), true)


@on_data("/req/data-cql2-filter/filter", "Un filtro lascia i valori delle zone che lo soddisfano")
def data_filter(service: Service) -> str:
    """A filter leaves the values of the zones that meet it, and nulls for others."""
    skip_unless(has_json(service), "nessun DGGS-JSON / no DGGS-JSON")
    seen = 0
    for one in grids(service):
        for case in _cases(one):
            answer = one.data(case.parent, _below(one, filter=case.filter))
            if not any(case.true) and answer.status in {204, 404}:
                continue
            found = values_at(packet_of(require_status(answer, 200)), 1)
            for name, values in case.values.items():
                kept = [v if true else None for v, true in zip(values, case.true, strict=True)]
                require(found.get(name) == kept, answer, f"{name}: {kept}", found.get(name))
            seen += 1
            if f"{BASE}data-geojson" in service.declared:
                _require_features(case)
        _require_refused(one)
    skip_unless(seen, NO_FIELD)
    return f"{seen} filtri / filters"


def _require_features(case: Case) -> None:
    """Raise `Failed` where GeoJSON has zones that do not meet a filter, or lacks those that do."""
    asked = _below(case.one, filter=case.filter)
    answer = case.one.data(case.parent, asked, accept=GEOJSON)
    if not any(case.true) and answer.status in {204, 404}:
        return
    require_status(answer, 200)
    named = [(f.get("properties") or {}).get("zoneID") for f in features_at(answer)]
    wanted = {zone for zone, true in zip(case.order, case.true, strict=True) if true}
    found = {zone for zone in named if zone in case.order}
    zonal = found or not named
    require(not zonal or found == wanted, answer, f"{sorted(wanted)}", sorted(found))


def _require_refused(one: Dggrs) -> None:
    zone = one.some(1)[0]
    for wrong in ("nobodysfield = 1", "a >", "n = 'x' AND"):
        require_status(one.data(zone, {"filter": wrong}), 400)


@on_zones("/req/zone-query-cql2-filter/filter", "Un filtro lascia le zone che lo soddisfano")
def zone_filter(service: Service) -> str:
    """A filter leaves the zones whose data meet it, as it does with the data."""
    seen = 0
    for one in grids(service):
        answer, known = _queryables(one)
        require(known, answer, "queryables", "none")
        if has_json(service):
            for case in _cases(one):
                asked = at(one.level, parent_zone=case.parent, filter=case.filter)
                answer = require_status(one.ask_zones(asked), 200, 204)
                found = set(one.zones(asked))
                wanted = {zone for zone, true in zip(case.order, case.true, strict=True) if true}
                told = difference(wanted, found)
                require(found == wanted, answer, f"{sorted(wanted)}, as the data say", told)
                seen += 1
        for wrong in ("nobodysfield = 1", "a >"):
            require_status(one.ask_zones({"filter": wrong}), 400)
    skip_unless(seen, NO_FIELD)
    return f"{seen} filtri / filters"
