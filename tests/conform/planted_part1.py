"""Faults against OGC API Features, Part 1."""

from __future__ import annotations

from faulty import (
    HTML,
    Fault,
    body,
    each,
    edit,
    given,
    header,
    parameters,
    status,
    swapped,
    unlinked,
    unlisted,
    untyped,
    without,
)

_ITEMS = r"^/collections/\w+/items(\?|$)"
_ITEM = r"^/collections/\w+/items/[^?]+$"
_LIST = r"^/collections$"
_API = r"^/api"


def _first(document):
    return document["collections"][0]


def _resized(document, scale):
    for collection in document["collections"]:
        boxes = (collection.get("extent") or {}).get("spatial", {}).get("bbox", [])
        boxes[:] = [[w, s, w + (e - w) * scale, n] for w, s, e, n in boxes]


def _second_box(document):
    for collection in document["collections"]:
        boxes = (collection.get("extent") or {}).get("spatial", {}).get("bbox", [])
        boxes += [[w, s, w + 0.001, s + 0.001] for w, s, _e, _n in boxes]


def _open_ring(document):
    document["features"][0]["geometry"] = {
        "type": "Polygon",
        "coordinates": [[[8, 45], [9, 45], [9, 46], [8, 46]]],
    }


def _no_placeless(document):
    document["features"] = [f for f in document["features"] if f["geometry"]]


def _responses(document, gone):
    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"].pop(gone, None)
            operation["responses"].setdefault("299", {"description": ""})


CORE = [
    Fault("/req/core/root-op", r"^/$", status(404)),
    Fault("/req/core/root-success", r"^/$", unlinked("data")),
    Fault("/req/core/api-definition-op", _API, status(404)),
    Fault("/req/core/api-definition-success", _API, header("content-type", "text/plain")),
    Fault("/req/core/conformance-op", r"^/conformance", status(500)),
    Fault("/req/core/conformance-success", r"^/conformance", body("features-1/1.0/conf/core", "x")),
    Fault("/req/core/http", r"^/", status(405), method="HEAD"),
    Fault("/req/core/http", "dUmmY", status(200)),
    Fault("/req/core/query-param-unknown", "nobodys", ask=without("nobodysparameter")),
    Fault("/req/core/query-param-invalid", "limit=abc", ask=given(limit="1")),
    Fault("/req/core/query-param-invalid", "bbox=1,2,3$", ask=without("bbox")),
    Fault("/req/core/fc-md-op", _LIST, status(500)),
    Fault("/req/core/fc-md-success", _LIST, edit(lambda d: _first(d).update(title=7))),
    Fault("/req/core/fc-md-success", _LIST, edit(lambda d: d.pop("links"))),
    Fault("/req/core/fc-md-links", _LIST, unlinked("self")),
    Fault("/req/core/fc-md-links", _LIST, unlinked("alternate")),
    Fault("/req/core/fc-md-items", _LIST, edit(lambda d: d["collections"].pop())),
    Fault("/req/core/fc-md-items-links", _LIST, untyped("items")),
    Fault("/req/core/sfc-md-op", r"^/collections/celle$", status(404)),
    Fault("/req/core/sfc-md-success", r"^/collections/celle$", edit(lambda d: d.update(title="x"))),
    Fault("/req/core/sfc-md-success", r"^/collections/celle$", unlinked("items")),
    Fault("/req/core/crs84", _ITEMS, edit(swapped)),
    Fault("/req/core/fc-md-extent", _LIST, edit(lambda d: _resized(d, 0.5))),
    Fault("/req/core/fc-md-extent-multi", _LIST, edit(_second_box)),
    Fault("/req/core/fc-op", r"^/collections/enti/items", status(500)),
    Fault("/req/core/fc-limit-definition", _API, unlisted("limit")),
    Fault("/req/core/fc-limit-response-1", "limit=2", ask=given(limit="9")),
    Fault("/req/core/fc-limit-response-1", "limit=10001", status(400)),
    Fault(
        "/req/core/fc-bbox-definition",
        _API,
        parameters(lambda p: p.update(explode=True), "bbox"),
    ),
    Fault("/req/core/fc-bbox-response", "bbox=", ask=without("bbox")),
    Fault("/req/core/fc-bbox-response", "bbox=", edit(_no_placeless)),
    Fault("/req/core/fc-time-definition", r"datetime=\.\./", status(400)),
    Fault("/req/core/fc-time-definition", _API, unlisted("datetime")),
    Fault("/req/core/fc-time-response", "datetime=", ask=without("datetime")),
    Fault("/req/core/fc-response", "token=", ask=without("token")),
    Fault("/req/core/fc-links", _ITEMS, unlinked("next")),
    Fault("/req/core/fc-rel-type", _ITEMS, untyped("next")),
    Fault("/req/core/fc-timeStamp", _ITEMS, edit(lambda d: d.update(timeStamp="ieri"))),
    Fault(
        "/req/core/fc-timeStamp", _ITEMS, edit(lambda d: d.update(timeStamp="2999-01-01T00:00:00Z"))
    ),
    Fault("/req/core/fc-numberMatched", "bbox", edit(lambda d: d.update(numberMatched=9))),
    Fault("/req/core/fc-numberReturned", _ITEMS, edit(lambda d: d.update(numberReturned=0))),
    Fault("/req/core/f-op", _ITEM, status(404)),
    Fault("/req/core/f-success", r"-nobody$", status(200)),
    Fault("/req/core/f-success", _ITEM, edit(lambda d: d.get("properties", {}).update(nome="x"))),
    Fault("/req/core/f-links", _ITEM, unlinked("collection")),
]

ENCODINGS = [
    Fault("/req/oas30/oas-definition-1", r"^/$", body(r"version=3\.0", "version=2.0")),
    Fault("/req/oas30/oas-definition-1", r"^/$", unlinked("service-doc")),
    Fault("/req/oas30/oas-definition-2", _API, body("#/components/schemas/link", "#/no/where")),
    Fault("/req/oas30/oas-definition-2", _API, edit(lambda d: d["info"].pop("title"))),
    Fault("/req/oas30/oas-impl", r"^/releases$", status(501)),
    Fault("/req/oas30/completeness", _API, edit(lambda d: _responses(d, "200"))),
    Fault("/req/oas30/exceptions-codes", _API, edit(lambda d: _responses(d, "400"))),
    Fault("/req/oas30/security", _ITEM, status(401)),
    Fault(
        "/req/html/definition", r"^/conformance", header("content-type", "text/plain"), accept=HTML
    ),
    Fault("/req/html/content", _LIST, body("<!doctype html>", ""), accept=HTML),
    Fault("/req/html/content", r"^/$", body('href="[^"]*/collections', 'href="/x'), accept=HTML),
    Fault("/req/geojson/definition", _ITEMS, header("content-type", "application/json")),
    Fault("/req/geojson/content", _ITEMS, edit(_open_ring)),
    Fault(
        "/req/geojson/content",
        _ITEMS,
        each(lambda t: t.get("type") == "Feature" and t.pop("geometry")),
    ),
    Fault("/req/geojson/content", _ITEM, edit(lambda d: d.update(id="x"))),
    Fault("/req/geojson/content", _ITEMS, edit(lambda d: d.pop("links"))),
]

FAULTS = [*CORE, *ENCODINGS]
