"""A small server of OGC API DGGS that meets every requirement: two cells and a bit, in memory."""

from __future__ import annotations

import json
import math
import re
import struct
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

import h3
from api_client import BASE
from fake_documents import (
    BINARY,
    CRS,
    DAY,
    DEEPEST,
    DOCUMENTS,
    FIELDS,
    GEOJSON,
    HTML,
    JSON,
    LEVELS,
    Refused,
    back,
    link,
    ogc,
)
from fake_parts import fields_of, is_then, time_of
from shapely import Polygon, box
from shapely.geometry import mapping

from checks.conform.http import Answer


@cache
def data():
    """Return the values of each cell of the finest level."""
    whole = h3.latlng_to_cell(45.32, 8.42, 5)
    beside = min(set(h3.grid_disk(whole, 1)) - {whole})
    some = [sorted(h3.cell_to_children(c))[:3] for c in sorted(h3.cell_to_children(beside))[:2]]
    cells = [*sorted(h3.cell_to_children(whole, 7)), *some[0], *some[1][:1]]
    return {
        cell: {"n": None if i == 3 else i % 11, "indice": i / 7} for i, cell in enumerate(cells)
    }


@cache
def zones_at(level):
    return sorted({h3.cell_to_parent(cell, level) for cell in data()})


@cache
def value(zone, name):
    if h3.get_resolution(zone) == max(LEVELS):
        return data().get(zone, {}).get(name)
    if name == "indice":
        return None
    known = [v[name] for c, v in data().items() if h3.cell_to_parent(c, level(zone)) == zone]
    return sum(v for v in known if v is not None) if known else None


def level(zone):
    return h3.get_resolution(zone)


@cache
def outline(zone):
    return Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(zone)])


def grids(origin):
    home = f"{origin}/dggs/H3"
    links = [link("self", home), ogc("dggrs-definition", "/h3")]
    return {"links": [back(origin)], "dggrs": [{"id": "H3", "title": "H3", "links": links}]}


def grid(origin):
    home = f"{origin}/dggs/H3"
    return {
        "id": "H3",
        "title": "H3",
        "description": "Prova",
        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "defaultDepth": 0,
        "maxRefinementLevel": max(LEVELS),
        "maxRelativeDepth": DEEPEST,
        "aggregation": {"n": {"rule": "sum"}, "indice": {"rule": "none"}},
        "links": [
            link("self", home),
            ogc("dggrs-definition", "/h3"),
            ogc("dggrs-zone-query", f"{home}/zones"),
            ogc("queryables", "/queryables"),
            back(origin),
        ],
        "linkTemplates": [
            {"rel": f"[ogc-rel:{rel}]", "uriTemplate": f"{BASE}{home}/zones/{{zoneId}}{end}"}
            for rel, end in (("dggrs-zone-info", ""), ("dggrs-zone-data", "/data"))
        ],
    }


def cell_of(text):
    if not h3.is_valid_cell(text):
        raise Refused(404)
    if level(text) > max(LEVELS):
        raise Refused(404)
    return text


def info(origin, zone):
    home, shape = f"{origin}/dggs/H3", outline(zone)
    lat, lon = h3.cell_to_latlng(zone)
    near = sorted(set(h3.grid_disk(zone, 1)) - {zone})
    related = [("parent", h3.cell_to_parent(zone))] if level(zone) else []
    related += [("child", child) for child in sorted(h3.cell_to_children(zone))]
    related += [("neighbor", other) for other in near]
    full = level(zone) in LEVELS and zone in zones_at(level(zone))
    return {
        "id": zone,
        "level": level(zone),
        "shapeType": "pentagon" if h3.is_pentagon(zone) else "hexagon",
        "centroid": [lon, lat],
        "bbox": list(shape.bounds),
        "areaMetersSquare": h3.cell_area(zone, "m^2"),
        "geometry": mapping(shape),
        "links": [
            ogc("dggrs", home),
            *([ogc("dggrs-zone-data", f"{home}/zones/{zone}/data")] if full else []),
            *(ogc(f"dggrs-zone-{rel}", f"{home}/zones/{other}") for rel, other in related),
        ],
    }


def whole(text, least):
    if not text.isdigit() or int(text) < least:
        raise Refused(400)
    return int(text)


def area_of(query):
    """Return the area that is asked for, by `bbox` or `subset`."""
    if "bbox" in query:
        try:
            numbers = [float(part) for part in query["bbox"].split(",")]
        except ValueError:
            raise Refused(400) from None
        if len(numbers) not in {4, 6}:
            raise Refused(400)
        west, south, east, north = numbers if len(numbers) == 4 else [*numbers[:2], *numbers[3:5]]
        if "EPSG" in crs(query, "bbox-crs"):
            west, south, east, north = south, west, north, east
        return box(west, south, east, north)
    if "subset" in query:
        crs(query, "subset-crs")
        return subset(query["subset"])
    return None


def crs(query, name):
    asked = query.get(name, CRS[1])
    if not asked.endswith((*CRS, "EPSG/0/4326")):
        raise Refused(400)
    return asked


def subset(text):
    bounds = {"Lon": [-180.0, 180.0], "Lat": [-90.0, 90.0]}
    for part in text.split("),"):
        axis, _, between = part.removesuffix(")").partition("(")
        if axis not in bounds or not text.endswith(")"):
            raise Refused(400)
        try:
            ends = [math.nan if end == "*" else float(end) for end in between.split(":")]
        except ValueError:
            raise Refused(400) from None
        bounds[axis] = [b if math.isnan(e) else e for e, b in zip(ends, bounds[axis], strict=True)]
    (west, east), (south, north) = bounds["Lon"], bounds["Lat"]
    return box(west, south, east, north)


CONDITION = re.compile(r"(NOT )?\(?(\w+) (>|=) ([0-9.]+)\)?")


def meets(zone, text):
    """Tell whether the values of a zone meet conditions that are joined by AND."""
    found = [CONDITION.fullmatch(part) for part in text.split(" AND ")]
    if not all(part and part[2] in FIELDS for part in found):
        raise Refused(400)
    return all(holds(value(zone, part[2]), *part.group(1, 3, 4)) for part in found)


def holds(known, denied, sign, text):
    if known is None:
        return False
    return (known > float(text) if sign == ">" else known == float(text)) != bool(denied)


def compacted(zones):
    found = set(zones)
    for finer in range(max(LEVELS), 0, -1):
        for parent in {h3.cell_to_parent(z) for z in found if level(z) == finer}:
            children = set(h3.cell_to_children(parent))
            if children <= found:
                found = (found - children) | {parent}
    return sorted(found, key=lambda zone: (level(zone), zone))


def listed(query):
    """Return the zones that a question asks for."""
    depth = whole(query.get("zone-level", "7"), 0)
    if depth not in LEVELS or query.get("compact-zones", "true") not in {"true", "false"}:
        raise Refused(400)
    if "bbox" in query and "subset" in query:
        raise Refused(400)
    area, found = area_of(query), zones_at(depth)
    if "parent-zone" in query:
        parent = cell_of(query["parent-zone"])
        found = [zone for zone in found if h3.cell_to_parent(zone, level(parent)) == parent]
    if area is not None:
        found = [zone for zone in found if outline(zone).intersects(area)]
    if "filter" in query:
        meets(zones_at(7)[0], query["filter"])
        found = [zone for zone in found if meets(zone, query["filter"])]
    if "datetime" in query and not is_then(query["datetime"]):
        found = []
    return compacted(found) if query.get("compact-zones", "true") == "true" else list(found)


def zones(origin, query, accept, asked):
    found = listed(query)
    home, first = f"{origin}/dggs/H3", int(query.get("from", 0))
    limit = whole(query.get("limit", "9999"), 1)
    page = found[first : first + limit]
    if accept == BINARY:
        return struct.pack(f"<{len(page) + 1}Q", len(page), *(int(zone, 16) for zone in page))
    if accept == HTML:
        return f"<!doctype html>{' '.join(page)}".encode()
    links = [ogc("dggrs", home), ogc("dggrs-definition", "/h3"), back(origin)]
    if first + limit < len(found):
        path = asked.url.partition("&from=")[0]
        links.append({"rel": "next", "href": f"{path}&from={first + limit}", "type": JSON})
    if accept == GEOJSON:
        return {
            "type": "FeatureCollection",
            "links": links,
            "features": [feature(zone, zoneID=zone) for zone in page],
        }
    return {"zones": page, "links": links}


def feature(zone, **properties):
    return {
        "type": "Feature",
        "id": zone,
        "geometry": mapping(outline(zone)),
        "properties": properties,
    }


def depths_of(text):
    try:
        if "-" in text:
            low, high = map(int, text.split("-"))
            found = list(range(low, high + 1))
        else:
            found = [int(part) for part in text.split(",")]
    except ValueError:
        raise Refused(400) from None
    if not found or max(found) > DEEPEST:
        raise Refused(400)
    return found


def zone_data(zone, query, accept):
    if level(zone) not in LEVELS or zone not in zones_at(level(zone)):
        raise Refused(404)
    depths = depths_of(query.get("zone-depth", "0"))
    below = {depth: sorted(h3.cell_to_children(zone, level(zone) + depth)) for depth in depths}
    if max(depths) + level(zone) > max(LEVELS):
        raise Refused(400)
    kept, fields = query.get("filter"), fields_of(query)
    shown = {z for zones in below.values() for z in zones if kept is None or meets(z, kept)}
    if not is_then(query.get("datetime", "..")) or not is_then(time_of(query)):
        shown = set()
    if accept == GEOJSON:
        known = [z for zones in below.values() for z in zones if z in zones_at(level(z))]
        rows = [
            feature(z, zoneID=z, **{name: value(z, name) for name in fields})
            for z in known
            if z in shown
        ]
        return {"type": "FeatureCollection", "features": rows}
    return {
        "dggrs": f"{BASE}/h3",
        "zoneId": zone,
        "depths": depths,
        "schema": {"type": "object", "properties": {n: {"type": FIELDS[n]} for n in fields}},
        "values": {
            name: [
                {
                    "depth": depth,
                    "shape": {"count": len(zones), "subZones": len(zones)},
                    "data": [value(z, name) if z in shown else None for z in zones],
                }
                for depth, zones in below.items()
            ]
            for name in fields
        },
    }


def answered(path, query, accept, asked):
    if path in DOCUMENTS:
        return DOCUMENTS[path]()
    if path == "/collections/celle/items":
        rows = [feature(cell, **row, giorno=DAY) for cell, row in data().items()]
        return {"type": "FeatureCollection", "features": rows}
    origin, _, rest = path.partition("/dggs")
    parts = rest.strip("/").split("/")
    if origin not in {"", "/collections/celle"} or rest[:3] not in {"", "/H3"}:
        raise Refused(404)
    if len(parts) == 1:
        return grid(origin) if parts[0] else grids(origin)
    if len(parts) == 2:
        return zones(origin, query, accept, asked)
    zone = cell_of(parts[2])
    return info(origin, zone) if len(parts) == 3 else zone_data(zone, query, accept)


def send(asked):
    """Answer a request."""
    if asked.url.endswith("/robots.txt"):
        text = b"User-agent: *\nDisallow: */dggs/*/zones/*\n"
        return Answer(asked, 200, {"content-type": "text/plain"}, text)
    parts = urlsplit(asked.url)
    path = unquote(parts.path).removeprefix(urlsplit(BASE).path) or "/"
    query: dict[str, str] = {}
    for name, given in parse_qsl(parts.query, keep_blank_values=True):
        query[name] = f"{query[name]},{given}" if name in query else given
    accept = asked.headers.get("Accept", JSON).partition(",")[0]
    try:
        found = answered(path, query, accept, asked)
    except Refused as error:
        return Answer(asked, error.status, {"content-type": JSON}, b"{}")
    raw = found if isinstance(found, bytes) else json.dumps(found).encode()
    negotiated = accept in {GEOJSON, HTML, BINARY} and "/dggs/" in path
    return Answer(asked, 200, {"content-type": accept if negotiated else JSON}, raw)
