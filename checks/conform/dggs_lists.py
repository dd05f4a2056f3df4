"""Tests of OGC API DGGS: lists of zones as HTML, GeoJSON and integers of 64 bits."""

from __future__ import annotations

import struct
from typing import Final

from shapely.geometry import shape

from checks.conform.dggs_sets import BASE, Dggrs, grids
from checks.conform.dggs_zones import at, difference
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service
from checks.conform.shapes import features_problem, geometry_problem

as_html = conformance_class(f"{BASE}zone-html")
as_geojson = conformance_class(f"{BASE}zone-geojson")
as_uint64 = conformance_class(f"{BASE}zone-uint64")

GEOJSON: Final = "application/geo+json"
BINARY: Final = "application/x-binary"
_SHOWN: Final = 200
"""Zones that a page is searched for."""


def _few(one: Dggrs) -> dict[str, str]:
    """Return a question for some zones: those of one parent."""
    return at(one.level, parent_zone=one.parents(1)[0]) if one.level else at(one.level)


@as_html("/req/zone-html/content", "La pagina delle zone le nomina tutte")
def html_content(service: Service) -> str:
    """The page of the zones names all of them."""
    seen = 0
    for one in grids(service):
        answer = require_status(one.ask_zones(_few(one), accept="text/html"), 200)
        require(answer.media == "text/html", answer, "text/html", answer.media)
        page = answer.body.decode("utf-8", errors="replace")
        zones = one.zones(_few(one))[:_SHOWN]
        require(zones, answer, "zones", "none")
        missing = [zone for zone in zones if zone not in page]
        require(not missing, answer, f"the {len(zones)} zones of the list", f"not {missing[:3]}")
        seen += len(zones)
    return f"{seen} zone / zones"


@as_geojson("/req/zone-geojson/content", "In GeoJSON ogni zona è un oggetto con `zoneID` e forma")
def geojson_content(service: Service) -> str:
    """In GeoJSON every zone is a feature with `zoneID` and its shape."""
    seen = 0
    for one in grids(service):
        for asked in (_few(one), {}):
            answer = require_status(one.ask_zones(asked, accept=GEOJSON), 200)
            seen += _require_zones(one, answer, one.ask_zones(asked).json["zones"])
        limited = {**_few(one), "limit": "2"}
        if one.ask_zones(limited).status == 200:
            answer = require_status(one.ask_zones(limited, accept=GEOJSON), 200)
            _require_zones(one, answer, one.ask_zones(limited).json["zones"])
    return f"{seen} zone / zones"


def _require_zones(one: Dggrs, answer: Answer, zones: list[str]) -> int:
    require(answer.media == GEOJSON, answer, GEOJSON, answer.media)
    document = object_of(answer)
    problem = features_problem(document)
    require(problem is None, answer, "a FeatureCollection", problem)
    features = document["features"]
    told = [(feature.get("properties") or {}).get("zoneID") for feature in features]
    named = [zone for zone in told if isinstance(zone, str)]
    require(named == told, answer, "a text `zoneID` in the properties", features[:1])
    same = sorted(named) == sorted(zones)
    expected = f"the {len(zones)} zones of the list in JSON"
    require(same, answer, expected, difference(set(zones), set(named)))
    for zone, feature in list(zip(named, features, strict=True))[:_SHOWN]:
        problem = geometry_problem(feature["geometry"])
        require(problem is None, answer, f"the shape of {zone}", problem)
        found, wanted = shape(feature["geometry"]), one.hierarchy.outline(zone)
        off = found.symmetric_difference(wanted).area / wanted.area
        require(off < 1e-4, answer, f"the shape of {zone}", f"{off:.1%} of it differs")
    return len(named)


@as_uint64("/req/zone-uint64/content", "In binario: quante sono, poi ognuna, come interi di 64 bit")
def uint64_content(service: Service) -> str:
    """In binary: how many there are, then each, as little-endian integers of 64 bits."""
    seen = 0
    for one in grids(service):
        answer = one.ask_zones(_few(one), accept=BINARY)
        if not one.hierarchy.is_known and answer.status == 406:
            continue
        require_status(answer, 200)
        require(answer.media == BINARY, answer, BINARY, answer.media)
        require(
            len(answer.body) % 8 == 0, answer, "integers of 64 bits", f"{len(answer.body)} bytes"
        )
        count, *numbers = struct.unpack(f"<{len(answer.body) // 8}Q", answer.body)
        require(count == len(numbers), answer, f"{len(numbers)} zones", f"count {count}")
        zones = one.ask_zones(_few(one)).json["zones"]
        if one.hierarchy.is_known:
            found = [f"{number:x}" for number in numbers]
            require(sorted(found) == sorted(zones), answer, f"{zones[:3]} …", found[:3])
        require(len(numbers) == len(zones), answer, f"{len(zones)} zones", len(numbers))
        seen += len(numbers)
    skip_unless(seen, "griglia senza interi / a grid without integers")
    return f"{seen} zone / zones"
