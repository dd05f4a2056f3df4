"""HSDS 3 (Human Services Data Specification): services, organisations or locations as rows.

Reads what its API answers and its files hold: one object, a list, or a page with `contents`.
The objects nest one in another; one kind of them, which `layer` names, becomes rows. Scalars
become columns with the names of the specification; an object that occurs once is flattened
with `_`; of a list of codes or addresses the parts that a map needs are kept. Contacts name
persons and are dropped here, at the door.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import orjson

from geo_core.sources.base import Cell, Job, Parsed, Source, check_names, check_size, refuse
from geo_core.sources.text import cell

ENTITIES: Final = ("services", "organizations", "locations")
LONLAT: Final = "OGC:CRS84"
PERSONAL: Final = frozenset({"assurer_email", "contacts", "attention"})
"""Fields that name or reach a person."""

DEEPEST: Final = 8

_NESTED: Final = {
    "services": ("services",),
    "organizations": ("organization", "organizations"),
    "locations": ("location", "locations"),
}
_ADDRESS: Final = ("address_1", "city", "state_province", "postal_code", "country")


def parse(job: Job) -> Parsed:
    """Read one kind of object, each once, in the order of its first appearance.

    Raises
    ------
    SourceError
        Not JSON, not HSDS, no such kind, or beyond the limits.
    """
    kind = job.layer or "services"
    if kind not in ENTITIES:
        refuse(job, "has no table of that name", hint=f"name one of: {', '.join(ENTITIES)}")
    records: dict[str, dict[str, Any]] = {}
    for thing in _objects(job, _document(job), kind, DEEPEST):
        ident = thing.get("id")
        if not isinstance(ident, str):
            refuse(job, "holds an object without `id`", hint="HSDS gives every object a UUID")
        records.setdefault(ident, thing)
        check_size(job, rows=len(records), columns=1)
    if not records:
        refuse(job, f"holds no {kind}", hint=f"name what it holds: {', '.join(ENTITIES)}")
    return _table(job, list(records.values()), kind)


def _document(job: Job) -> Any:
    try:
        found = orjson.loads(job.path.read_bytes())
    except orjson.JSONDecodeError as error:
        hint = "save it again as JSON in UTF-8"
        refuse(job, "is not JSON, or is nested too deeply", at=f"row {error.lineno}", hint=hint)
    if isinstance(found, dict) and "features" in found:
        refuse(job, "is GeoJSON, not HSDS", hint="give it the ending .geojson")
    return found


def _objects(job: Job, thing: Any, kind: str, depth: int) -> Iterator[dict[str, Any]]:
    """Yield every object of one kind; what holds it decides what it is."""
    top = thing.get("contents", thing) if isinstance(thing, dict) else thing
    for each in top if isinstance(top, list) else [top]:
        if not isinstance(each, dict):
            refuse(job, "is not HSDS", hint="it holds services, organisations or locations")
        if _is(each, kind):
            yield each
        yield from _inside(each, kind, depth)


def _inside(thing: dict[str, Any], kind: str, depth: int) -> Iterator[dict[str, Any]]:
    if not depth:
        return
    for key, value in thing.items():
        members = value if isinstance(value, list) else [value]
        for member in members:
            if isinstance(member, dict):
                if key in _NESTED[kind]:
                    yield member
                yield from _inside(member, kind, depth - 1)


def _is(thing: dict[str, Any], kind: str) -> bool:
    """Tell what an object at the top is, by the fields that only its kind has."""
    own = {
        "locations": {"location_type", "latitude"},
        "organizations": {"legal_status", "organization_identifiers", "year_incorporated"},
        "services": {"status", "service_at_locations", "organization"},
    }
    return any(name in thing for name in own[kind]) and not (
        kind == "services" and "location_type" in thing
    )


def _table(job: Job, records: list[dict[str, Any]], kind: str) -> Parsed:
    rows = [_flat(record) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    check_names(job, names, at="its fields")
    check_size(job, rows=len(rows), columns=len(names))
    columns: dict[str, list[Cell]] = {
        name: [cell(job, row.get(name), column=name, row=n) for n, row in enumerate(rows, start=1)]
        for name in names
    }
    found = (f"{len(rows)} {kind}", "contacts of persons left out")
    numbers = range(1, len(rows) + 1)
    if kind != "locations":
        return Parsed(columns, numbers, found=found)
    wkb = [_point(job, record, n) for n, record in enumerate(records, start=1)]
    return Parsed(columns, numbers, wkb=wkb, crs=LONLAT, found=found)


def _flat(thing: dict[str, Any]) -> dict[str, Any]:
    """Return the scalars of an object, and what is kept of the objects in it."""
    flat: dict[str, Any] = {}
    for key, value in thing.items():
        if key in PERSONAL or key in {"latitude", "longitude"}:
            continue
        if isinstance(value, dict):
            flat |= {f"{key}_{k}": value[k] for k in ("id", "name") if k in value}
        elif not isinstance(value, list):
            flat[key] = value
    flat |= _lists(thing)
    return flat


def _lists(thing: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    addresses = _members(thing, "addresses")
    if addresses:
        kept |= {name: addresses[0].get(name) for name in _ADDRESS}
    places = [at["location"] for at in _members(thing, "service_at_locations") if "location" in at]
    if places:
        kept["location_ids"] = [place.get("id") for place in places if isinstance(place, dict)]
    languages = [language.get("code") for language in _members(thing, "languages")]
    if languages:
        kept["language_codes"] = languages
    phones = _members(thing, "phones")
    if phones:
        kept["phone"] = phones[0].get("number")
    return kept


def _members(thing: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = thing.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _point(job: Job, thing: dict[str, Any], row: int) -> bytes | None:
    lon, lat = thing.get("longitude"), thing.get("latitude")
    if lon is None and lat is None:
        return None
    if not (isinstance(lon, int | float) and isinstance(lat, int | float)):
        hint = "write both as numbers, or neither"
        refuse(job, "a latitude or longitude is not a number", at=f"row {row}", hint=hint)
    return struct.pack("<BIdd", 1, 1, lon, lat)


SOURCE: Final = Source("HSDS", (".json",), parse)
