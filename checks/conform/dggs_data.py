"""Tests of OGC API DGGS: the data of a zone, in DGGS-JSON and GeoJSON, at the depths asked for."""

from __future__ import annotations

import json
from typing import Any, Final

from shapely.geometry import box, shape

from checks.conform.dggs_sets import BASE, DATA, Dggrs, grids, is_whole, packet_of, values_at
from checks.conform.dggs_zone import below
from checks.conform.forms import COUNT, TEXT, array, form, require_form
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Json, Service, links_of
from checks.conform.shapes import features_problem
from checks.conform.table import JSON

retrieval = conformance_class(f"{BASE}data-retrieval")
custom = conformance_class(f"{BASE}data-custom-depths")
as_json = conformance_class(f"{BASE}data-json")
as_geojson = conformance_class(f"{BASE}data-geojson")

GEOJSON: Final = "application/geo+json"
_VALUES: Final = array({"type": ["number", "null"]})
_DEPTH: Final = form(
    "data",
    depth=COUNT,
    shape=form("count subZones", count=COUNT, subZones=COUNT),
    data=_VALUES,
)
_PACKET: Final = form(
    "dggrs zoneId depths values",
    dggrs=TEXT,
    zoneId=TEXT,
    depths=array(COUNT, minItems=1),
    schema={"type": "object"},
    values={"type": "object", "additionalProperties": array(_DEPTH)},
)
NO_COARSER: Final = "nessuna zona più grande ha dati / no coarser zone has data"
_WHOLE: Final = (-180.0, -90.0, 180.0, 90.0)


def has_json(service: Service) -> bool:
    """Tell whether the data of zones come as DGGS-JSON."""
    return f"{BASE}data-json" in service.declared


def depths_of(text: object) -> list[int] | None:
    """Return the depths that a text or number names: one, a range or a list; nothing if none."""
    if is_whole(text):
        return [text]
    try:
        if "-" in str(text):
            low, high = map(int, str(text).split("-"))
            return list(range(low, high + 1))
        return [int(part) for part in str(text).split(",")]
    except ValueError:
        return None


def media(service: Service) -> str:
    """Return a media type in which the data of zones come."""
    return JSON if has_json(service) else GEOJSON


@retrieval("/req/data-retrieval/zone-data", "Ogni zona con dati li dà, alla profondità detta")
def zone_data(service: Service) -> str:
    """Every zone with data gives them, at the depth that is told."""
    seen = 0
    for one in grids(service):
        document = object_of(one.answer)
        template = one.template(DATA)
        wanted = template is not None and "{zoneId}" in template
        require(wanted, one.answer, f"a template {DATA[2]} with {{zoneId}}", template)
        told = document.get("defaultDepth")
        depths = depths_of(told)
        require(depths, one.answer, "defaultDepth: a depth, a range or a list", told)
        for zone in [*one.some(3), *one.holding(1)]:
            answer = require_status(one.data(zone, accept=media(service)), 200)
            info = one.info(zone)
            links = links_of(object_of(info), *DATA)
            require(links, info, f"a link {DATA[2]}", links_of(object_of(info)))
            if has_json(service):
                found = packet_of(answer)["depths"]
                require(found == depths, answer, f"depths {depths}", found)
            seen += 1
        for zone in ("nobodyszone", "zz-00"):
            require_status(one.data(zone, accept=media(service)), 400, 404)
    skip_unless(seen, "nessuna zona con dati / no zone with data")
    return f"{seen} zone / zones"


@as_json("/req/data-json/content", "Il DGGS-JSON ha forma, profondità e numeri giusti")
def json_content(service: Service) -> str:
    """DGGS-JSON has the right form, depths and numbers."""
    zones = values = 0
    for one in grids(service):
        for zone in [*one.some(3), *one.holding(2)]:
            answer = require_status(one.data(zone), 200)
            require(answer.media == JSON, answer, JSON, answer.media)
            _require_strict(answer)
            document = object_of(answer)
            require_form(answer, document, _PACKET, "DGGS-JSON")
            require(document["zoneId"] == zone, answer, f"zoneId {zone}", document["zoneId"])
            values += _require_depths(one, answer, document)
            zones += 1
    skip_unless(values, "nessun valore / no values")
    return f"{values} valori / values, {zones} zone / zones"


def _require_strict(answer: Answer) -> None:
    """Raise `Failed` where a number is none of JSON, such as NaN."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(answer.body, parse_constant=refuse)
    except ValueError as error:
        require(holds=False, answer=answer, expected="numbers or null", found=str(error))


def _require_depths(one: Dggrs, answer: Answer, document: Json) -> int:
    """Raise `Failed` unless each field has as many values as there are sub-zones."""
    seen = 0
    for name, depths in document["values"].items():
        found = [part.get("depth", document["depths"][at]) for at, part in enumerate(depths)]
        require(found == document["depths"], answer, f"{name}: {document['depths']}", found)
        for depth, part in zip(found, depths, strict=True):
            told, number = part.get("shape") or {}, len(part["data"])
            require(told.get("count", number) == number, answer, f"{name}: {told} values", number)
            if one.hierarchy.is_known:
                zones = len(below(one.hierarchy, document["zoneId"], depth))
                require(told.get("subZones", zones) == zones, answer, f"{zones} sub-zones", told)
                whole = number % zones == 0
                require(whole, answer, f"{name}: values of {zones} sub-zones", number)
            seen += number
    schema = document.get("schema")
    if schema is not None:
        names = schema.get("properties", {}).keys()
        told = sorted(document["values"].keys() - names)
        require(not told, answer, "a schema of every field", told)
    return seen


@custom("/req/data-custom-depths/zone-depth", "`zone-depth` dà le profondità chieste, e solo esse")
def zone_depth(service: Service) -> str:
    """`zone-depth` gives the depths that are asked for, and no other."""
    seen = 0
    for one in grids(service):
        held = one.holding(1)
        if not held:
            continue
        zone = held[0]
        for asked, depths in (("0", [0]), ("1", [1]), ("0-1", [0, 1]), ("0,1", [0, 1])):
            answer = one.data(zone, {"zone-depth": asked}, accept=media(service))
            require_status(answer, 200)
            if has_json(service):
                document = packet_of(answer)
                found = document["depths"]
                require(found == depths, answer, f"depths {depths}", found)
                for depth in depths:
                    _require_number(one, answer, document, depth)
            seen += 1
        for wrong in ("abc", "-1", "1-0", "0,,1"):
            require_status(one.data(zone, {"zone-depth": wrong}, accept=media(service)), 400)
        deepest = one.document.get("maxRelativeDepth")
        if is_whole(deepest):
            answer = one.data(zone, {"zone-depth": str(deepest + 1)}, accept=media(service))
            require(400 <= answer.status < 500, answer, "status 4xx", f"status {answer.status}")
    skip_unless(seen, NO_COARSER)
    return f"{seen} risposte / answers"


def _require_number(one: Dggrs, answer: Answer, document: Json, depth: int) -> None:
    """Raise `Failed` unless a depth has a value for each sub-zone: one at depth 0."""
    values = values_at(document, depth)
    require(values, answer, f"values at depth {depth}", sorted(document["values"]))
    if depth > 0 and not one.hierarchy.is_known:
        return
    wanted = len(below(one.hierarchy, document["zoneId"], depth))
    for name, found in values.items():
        right = len(found) == wanted
        require(right, answer, f"{name}: {wanted} values at depth {depth}", len(found))


def features_at(answer: Answer) -> list[Json]:
    """Return the features of GeoJSON data."""
    document = object_of(answer)
    problem = features_problem(document)
    require(problem is None, answer, "a FeatureCollection", problem)
    return [dict(feature) for feature in document["features"]]


@as_geojson("/req/data-geojson/content", "In GeoJSON i dati stanno nella zona, in gradi")
def geojson_content(service: Service) -> str:
    """In GeoJSON the data lie in the zone, in degrees."""
    seen = 0
    for one in grids(service):
        for zone in [*one.some(3), *one.holding(2)]:
            answer = require_status(one.data(zone, accept=GEOJSON), 200)
            require(answer.media == GEOJSON, answer, GEOJSON, answer.media)
            outline = one.hierarchy.outline(zone)
            for feature in features_at(answer):
                if feature.get("geometry") is None:
                    continue
                found = shape(feature["geometry"])
                inside = box(*_WHOLE).contains(found)
                require(inside, answer, "longitude and latitude", found.bounds)
                near = found.intersects(outline)
                require(near, answer, f"features that meet {zone}", found.bounds)
                seen += 1
    skip_unless(seen, "nessun oggetto / no features")
    return f"{seen} oggetti / features"


@as_geojson("/plus/data/same-values", "GeoJSON e DGGS-JSON hanno gli stessi valori")
def same_values(service: Service) -> str:
    """GeoJSON and DGGS-JSON carry the same values."""
    skip_unless(has_json(service), "nessun DGGS-JSON / no DGGS-JSON")
    seen = 0
    for one in grids(service):
        coarser = one.holding(1)
        if not one.hierarchy.is_known or not coarser:
            continue
        zone, asked = coarser[0], _at_one(service)
        answer = require_status(one.data(zone, asked, accept=GEOJSON), 200)
        document = packet_of(one.data(zone, asked))
        depth = document["depths"][-1]
        order = below(one.hierarchy, zone, depth)
        values = values_at(document, depth)
        for feature in features_at(answer):
            properties = feature.get("properties") or {}
            if properties.get("zoneID") in order:
                seen += _require_equal(answer, properties, order, values)
        drawn = {str((f.get("properties") or {}).get("zoneID")) for f in features_at(answer)}
        held = {z for at, z in enumerate(order) if any(v[at] is not None for v in values.values())}
        zonal = drawn & set(order)
        require(not zonal or held <= drawn, answer, f"features of {sorted(held)}", sorted(zonal))
    skip_unless(seen, "gli oggetti non sono zone / the features are no zones")
    return f"{seen} valori / values"


def _at_one(service: Service) -> dict[str, str]:
    return {"zone-depth": "1"} if f"{BASE}data-custom-depths" in service.declared else {}


def _require_equal(
    answer: Answer, properties: Json, order: list[str], values: dict[str, list[Any]]
) -> int:
    at = order.index(properties["zoneID"])
    shared = [name for name in values if name in properties]
    for name in shared:
        there = values[name][at]
        expected = f"{name} of {properties['zoneID']}: {there}"
        require(properties[name] == there, answer, expected, properties[name])
    return len(shared)
