"""Faults against OGC API DGGS; some are those that a server in use has."""

from __future__ import annotations

from dataclasses import replace

from fake_dggs import zones_at
from faulty import Fault, asking, body, each, edit, given, header, status, unlinked, without

_LIST = r"^/(collections/celle/)?dggs$"
_GRID = r"/dggs/H3$"
_ZONES = r"/dggs/H3/zones(\?|$)"
_INFO = r"/dggs/H3/zones/\w+$"
_DATA = r"/dggs/H3/zones/\w+/data"
_GEO = "geo.json"
_API = r"^/api$"


def rel(name):
    return f"[ogc-rel:{name}]"


def features(change):
    return edit(lambda d: [change(one) for one in d.get("features", ())])


def values(change):
    """Change each list of values of DGGS-JSON; GeoJSON stays."""
    return edit(
        lambda d: [change(part) for parts in d.get("values", {}).values() for part in parts]
    )


def zones(change):
    """Change the zones of a list in JSON; other lists stay."""

    def changed(document):
        if "zones" in document:
            document["zones"] = change(document["zones"])

    return edit(changed)


def templates(name, change):
    return each(lambda t: t.get("rel") == rel(name) and "uriTemplate" in t and change(t))


def numbers(change):
    return lambda answer: replace(answer, body=change(answer.body))


def first_value(part):
    if part["data"][0] is not None:
        part["data"][0] += 1


def swapped(one):
    ring = one["geometry"]["coordinates"][0]
    one["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in ring]]


def far_away(one):
    ring = [[20, 10], [21, 10], [21, 11], [20, 10]]
    one["geometry"] = {"type": "Polygon", "coordinates": [ring]}


def compact_first(document):
    """Compact the zones of the box and look for the parents in the data: most are lost."""
    if "zones" in document:
        document["zones"] = [zone for zone in document["zones"] if zone in zones_at(7)]


def not_a_number(answer):
    return replace(answer, body=answer.body.replace(b"null", b"NaN"))


def misspelt(one):
    one["properties"]["zoneId"] = one["properties"].pop("zoneID")


def with_area(area):
    return edit(lambda d: d.update(areaMetersSquare=area))


def coarse_totals(document):
    """Count 1 more at depth 0 than the parts have."""
    for parts in document.get("values", {}).values():
        for part in parts:
            if part["depth"] == 0 and len(parts) > 1 and part["data"][0] is not None:
                part["data"][0] += 1


def in_reverse(part):
    part["data"].reverse()


def bytewise(answer):
    return replace(answer, body=b"".join(
        answer.body[at : at + 8][::-1] for at in range(0, len(answer.body), 8)
    ))  # fmt: skip


CORE = [
    Fault("dggrs-list", _LIST, status(404)),
    Fault("dggrs-list", _LIST, edit(lambda d: d.pop("dggrs"))),
    Fault("dggrs-list", _LIST, each(lambda t: t.get("id") == "H3" and t.pop("title"))),
    Fault("dggrs-list", _LIST, unlinked("self")),
    Fault("dggrs-list", _LIST, unlinked(rel("dggrs-definition"))),
    Fault("dggrs-list", _GRID, edit(lambda d: d.update(title="Another"))),
    Fault("dggrs-description", _GRID, edit(lambda d: d.update(id="h3"))),
    Fault("dggrs-description", _GRID, edit(lambda d: d.pop("description"))),
    Fault("dggrs-description", _GRID, unlinked("self")),
    Fault("dggrs-description", _GRID, unlinked(rel("dggrs-definition"))),
    Fault("dggrs-description", _GRID, edit(lambda d: d.pop("linkTemplates"))),
    Fault("dggrs-description", _GRID, body(r"\{zoneId\}", "{zone}")),
    Fault("dggrs-description", r"^/h3$", edit(lambda d: d.pop("subZoneOrder"))),
    Fault("dggrs-description", r"^/h3$", edit(lambda d: d["zirs"].pop("textZIRS"))),
    Fault("zone-info", _INFO, status(204)),
    Fault("zone-info", r"/zones/86\w+$", status(204)),
    Fault("zone-info", r"nobodyszone", status(500)),
    Fault("zone-info", r"nobodyszone", lambda a: replace(a, status=200)),
    Fault("zone-info", _INFO, edit(lambda d: d.update(id="x"))),
    Fault("zone-info", _INFO, unlinked(rel("dggrs"))),
    Fault("zone-info", _INFO, body('dggs/H3"', 'dggs/H4"')),
    Fault("zone-info", _INFO, with_area(-1)),
    Fault("zone-info", _INFO, edit(lambda d: d.update(centroid=[0, 0]))),
    Fault("zone-info", _INFO, edit(lambda d: d.update(level="7"))),
    Fault("plus:geometry", _INFO, edit(lambda d: d.update(shapeType="pentagon"))),
    Fault("plus:geometry", r"/zones/8708\w+$", body("pentagon", "hexagon")),
    Fault("plus:geometry", _INFO, edit(far_away)),
    Fault("plus:geometry", _INFO, body("dggrs-zone-parent", "dggrs-zone-child")),
    Fault("plus:geometry", _INFO, body("dggrs-zone-child", "dggrs-zone-neighbor")),
    Fault("root", r"^/$", unlinked(rel("dggrs-list"))),
    Fault("root", r"^/dggs$", unlinked(rel("dataset"))),
    Fault("root", r"^/dggs/H3$", unlinked(rel("dataset"))),
    Fault("root", r"^/dggs/H3/zones\?zone", status(500)),
    Fault("collection", r"^/collections(/celle)?$", unlinked(rel("dggrs-list"))),
    Fault("collection", r"^/collections/celle$", unlinked(rel("dggrs-list"))),
    Fault("collection", r"^/collections/celle/dggs$", unlinked(rel("geodata"))),
    Fault("collection", r"^/collections/celle/dggs/H3$", unlinked(rel("geodata"))),
    Fault("operation-ids", _API, body("dataset.getDGGRSZoneInfo", "zone")),
    Fault("operation-ids", _API, body('/collections/celle/dggs/H3/zones"', '/x"')),
]

ZONES = [
    Fault("zones-list", _GRID, unlinked(rel("dggrs-zone-query"))),
    Fault("zones-list", _ZONES, status(204)),
    Fault("zones-list", _ZONES, zones(lambda found: [*found, found[0]])),
    Fault("zones-list", r"zones\?compact", ask=without("compact-zones")),
    Fault("zones-list", r"celle/dggs/H3/zones\?.*zone-level", zones(lambda found: found[:22])),
    Fault("json-response", _ZONES, header("content-type", "text/plain")),
    Fault("json-response", _ZONES, unlinked(rel("dggrs"))),
    Fault("json-response", _ZONES, unlinked(rel("dggrs-definition"))),
    Fault("json-response", _ZONES, edit(lambda d: d.pop("links"))),
    Fault("zone-level", "zone-level=7", ask=given(zone_level="6")),
    Fault("zone-level", "zone-level=[56]", status(204)),
    Fault("zone-level", "zone-level=[56]", zones(lambda found: found[1:])),
    Fault("zone-level", "zone-level=abc", ask=without("zone-level")),
    Fault("compact-zones", _ZONES, edit(compact_first)),
    Fault("compact-zones", r"zones\?zone-level=\d$", ask=given(compact_zones="false")),
    Fault("compact-zones", r"compact-zones=true", ask=given(compact_zones="false")),
    Fault("compact-zones", r"(level=7|true)$", zones(lambda found: found[1:])),
    Fault("compact-zones", "perhaps", status(200)),
    Fault("parent-zone", "parent-zone=8", ask=without("parent-zone")),
    Fault("parent-zone", "parent-zone=8", zones(lambda found: found[1:])),
    Fault("parent-zone", "nobodyszone", status(500)),
    Fault("limit", "limit=2", ask=without("limit")),
    Fault("limit", "limit=2", unlinked("next")),
    Fault("limit", "limit=2", ask=asking(lambda q: q | {"from": str(int(q.get("from", 0)) // 4)})),
    Fault("limit", "limit=2&from", zones(lambda found: found[1:])),
    Fault("limit", "limit=0", ask=given(limit="1")),
    Fault("bbox", "bbox=", ask=without("bbox")),
    Fault("bbox", "bbox=8", zones(lambda found: found[1:])),
    Fault("bbox", "bbox=1,2,3", ask=without("bbox")),
    Fault("bbox-crs", "bbox-crs=.OGC", status(400)),
    Fault("bbox-crs", "bbox-crs=https", status(400)),
    Fault("bbox-crs", "bbox-crs=.*4326", ask=without("bbox-crs")),
    Fault("bbox-crs", "bbox-crs=nobody", ask=without("bbox-crs")),
    Fault("bbox-crs", "parent-zone.*bbox-crs", status(400)),
    Fault("subset", "subset=Lat", ask=without("subset")),
    Fault("subset", "subset=.*subset=", zones(lambda found: found[1:])),
    Fault("subset", "subset=Nobody", ask=without("subset")),
    Fault("subset", "subset=.*bbox=", ask=without("bbox")),
    Fault("subset-crs", "subset-crs=.OGC", status(400)),
    Fault("subset-crs", "subset-crs=nobody", ask=without("subset-crs")),
    Fault("subset-crs", "parent-zone.*subset-crs", status(400)),
    Fault("datetime", r"celle.*datetime=\.\./1000", ask=without("datetime")),
    Fault("datetime", r"celle.*datetime=\.\./\.\.", status(400)),
    Fault("datetime", r"celle.*datetime=1000-01-01T00:00:00Z/", zones(lambda found: found[1:])),
    Fault("datetime", "datetime=yesterday", ask=without("datetime")),
]

LISTS = [
    Fault("zone-html", _ZONES, body(r"87\w+$", ""), accept="html"),
    Fault("zone-html", _ZONES, header("content-type", "text/plain"), accept="html"),
    Fault("zone-geojson", _ZONES, features(misspelt), accept=_GEO),
    Fault("zone-geojson", _ZONES, features(swapped), accept=_GEO),
    Fault("zone-geojson", _ZONES, edit(lambda d: d["features"].pop()), accept=_GEO),
    Fault("zone-geojson", "limit=2", edit(lambda d: d["features"].pop()), accept=_GEO),
    Fault("zone-geojson", _ZONES, header("content-type", "application/json"), accept=_GEO),
    Fault("zone-uint64", _ZONES, bytewise, accept="x-binary"),
    Fault("zone-uint64", _ZONES, numbers(lambda raw: raw[8:]), accept="x-binary"),
    Fault("zone-uint64", _ZONES, numbers(lambda raw: raw[:-8]), accept="x-binary"),
    Fault("zone-uint64", _ZONES, numbers(lambda raw: raw[:-1]), accept="x-binary"),
]

DATA = [
    Fault("zone-data", _GRID, templates("dggrs-zone-data", lambda t: t.update(rel="x"))),
    Fault("zone-data", _GRID, edit(lambda d: d.pop("defaultDepth"))),
    Fault("zone-data", _GRID, edit(lambda d: d.update(defaultDepth=1))),
    Fault("zone-data", _INFO, unlinked(rel("dggrs-zone-data"))),
    Fault("zone-data", r"zones/86\w+/data", status(204)),
    Fault("zone-data", "nobodyszone/data", status(500)),
    Fault("data-json", _DATA, header("content-type", "text/plain")),
    Fault("data-json", _DATA, edit(lambda d: d.pop("dggrs"))),
    Fault("data-json", _DATA, edit(lambda d: d.update(zoneId="x"))),
    Fault("data-json", _DATA, not_a_number),
    Fault("data-json", _DATA, values(lambda p: p.update(data=["1"]))),
    Fault("data-json", _DATA, values(lambda p: p["data"].append(None))),
    Fault("data-json", _DATA, values(lambda p: p["shape"].update(subZones=7))),
    Fault("data-json", _DATA, edit(lambda d: d["values"]["n"].clear())),
    Fault("data-json", _DATA, edit(lambda d: d["schema"]["properties"].pop("n"))),
    Fault("zone-depth", "zone-depth=1", ask=without("zone-depth")),
    Fault("zone-depth", "zone-depth=0-1", status(400)),
    Fault("zone-depth", "zone-depth=0,1", ask=given(zone_depth="0")),
    Fault("zone-depth", "zone-depth=1$", values(lambda p: p["data"].pop())),
    Fault("zone-depth", "zone-depth=abc", ask=without("zone-depth")),
    Fault("zone-depth", "zone-depth=4", ask=given(zone_depth="1")),
    Fault("data-geojson", _DATA, features(swapped), accept=_GEO),
    Fault("data-geojson", _DATA, features(far_away), accept=_GEO),
    Fault("data-geojson", _DATA, header("content-type", "application/json"), accept=_GEO),
    Fault("plus:same-values", _DATA, features(lambda f: f["properties"].update(n=99)), accept=_GEO),
    Fault("plus:same-values", _DATA, edit(lambda d: d["features"].pop()), accept=_GEO),
    Fault("plus:depths-agree", "zone-depth=1", values(in_reverse)),
    Fault("plus:depths-agree", "zone-depth=1", values(first_value)),
    Fault("plus:totals", "zone-depth=0,", edit(coarse_totals)),
    Fault("data-filter", "/data.*filter", ask=without("filter")),
    Fault("data-filter", "/data.*filter=n > ", ask=asking(
        lambda q: q | {"filter": q["filter"].replace(">", "=")})),
    Fault("data-filter", "/data.*filter=nobody", ask=without("filter")),
    Fault("data-filter", "/data.*filter", ask=without("filter"), accept=_GEO),
    Fault("data-filter", "/data.*AND", status(400)),
    Fault("zone-filter", "/zones.*filter", ask=without("filter")),
    Fault("zone-filter", "/zones.*filter=NOT", status(400)),
    Fault("zone-filter", "/zones.*filter=nobody", ask=without("filter")),
    Fault("zone-filter", "/queryables", status(404)),
]  # fmt: skip

SUBSETS = [
    Fault("data-datetime", r"datetime=1000-01-01T00:00:00Z$", ask=without("datetime")),
    Fault("data-datetime", r"data\?datetime=\.\./\.\.", status(500)),
    Fault("data-datetime", r"data\?datetime=1000-01-01T00:00:00Z/$", values(first_value)),
    Fault("data-datetime", r"data\?datetime=yesterday", ask=without("datetime")),
    Fault("data-subset", r"data\?subset=Nobody", ask=without("subset")),
    Fault("data-subset", r"data\?subset=Lat", ask=without("subset")),
    Fault("data-subset", r"data\?subset=time\(.1000.*Z.\)", ask=without("subset")),
    Fault("data-subset", r"data\?subset=time\(.*:", status(400)),
    Fault("properties", r"data\?properties=nobody", ask=without("properties")),
    Fault("properties", r"data\?properties=", ask=without("properties")),
    Fault("properties", r"data\?properties=", values(first_value)),
    Fault("properties", r"data\?properties=", edit(
        lambda d: d["schema"].update(properties={"n": {}, "indice": {}}))),
    Fault("exclude-properties", r"exclude-properties=nobody", ask=without("exclude-properties")),
    Fault("exclude-properties", r"\?exclude-properties=n$", ask=without("exclude-properties")),
    Fault("exclude-properties", r"properties=n&", ask=without("exclude-properties")),
]  # fmt: skip

FAULTS = [*CORE, *ZONES, *LISTS, *DATA, *SUBSETS]
