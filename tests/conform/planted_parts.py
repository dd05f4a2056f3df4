"""Faults against OGC API Features, Parts 2, 3 and 5."""

from __future__ import annotations

from faulty import (
    EPSG,
    NEW_ZEALAND,
    UNFILTERED,
    WEB,
    Fault,
    body,
    each,
    edit,
    every_property,
    first_property,
    given,
    header,
    parameters,
    properties,
    rewritten,
    status,
    unlinked,
    unlisted,
    without,
)

_ITEMS = r"^/collections/\w+/items(\?|$)"
_LIST = r"^/collections$"
_API = r"^/api"
_SCHEMA = r"^/collections/\w+/schema"
_QUERYABLES = r"^/collections/\w+/queryables"
_SORTABLES = r"^/collections/\w+/sortables"
_OLD = "http://json-schema.org/draft-07/schema#"
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"


def _crs(change):
    return each(lambda thing: isinstance(thing.get("crs"), list) and change(thing["crs"]))


def _stored(uri):
    return each(lambda thing: "storageCrs" in thing and thing.update(storageCrs=uri))


def _common_list(document):
    for collection in document["collections"]:
        if "crs" in collection:
            collection["crs"].append("#/crs")
    document["crs"] = [NEW_ZEALAND]


CRS = [
    Fault("/req/crs/crs-uri", _LIST, _crs(lambda uris: uris.append("EPSG 4326"))),
    Fault("/req/crs/fc-md-crs-list", _LIST, _crs(lambda uris: uris.pop(0))),
    Fault("/req/crs/fc-md-crs-list-global", _LIST, edit(_common_list)),
    Fault("/req/crs/fc-md-storageCrs", _LIST, _stored("EPSG 4326")),
    Fault("/req/crs/fc-md-storageCrs-valid-value", _LIST, _stored(NEW_ZEALAND)),
    Fault("/req/crs/fc-crs-definition", _API, unlisted("crs")),
    Fault("/req/crs/fc-bbox-crs-definition", _API, unlisted("bbox-crs")),
    Fault("/req/crs/fc-crs-valid-value", "crs=.*2193", ask=without("crs")),
    Fault("/req/crs/fc-crs-valid-value", "crs=.*3003", status(400)),
    Fault("/req/crs/fc-bbox-crs-valid-value", "bbox-crs=.*2193", ask=without("bbox-crs")),
    Fault("/req/crs/crs-exception", "crs=not-a-crs", ask=without("crs")),
    Fault("/req/crs/bbox-crs-exception", "bbox-crs=not-a-crs", ask=without("bbox-crs")),
    Fault("/req/crs/fc-crs-default-value", "crs=.*CRS84", ask=given(crs=f"{EPSG}4326")),
    Fault("/req/crs/fc-crs-action", r"[?&]crs=.*3857", ask=without("crs")),
    Fault("/req/crs/fc-crs-action", r"[?&]crs=.*4326", ask=without("crs")),
    Fault("/req/crs/fc-bbox-crs-action", "bbox-crs=", ask=without("bbox-crs", "bbox")),
    Fault(
        "/req/crs/fc-bbox-crs-valid-default-value",
        r"bbox=[\d.,]+$",
        ask=given(bbox_crs=f"{EPSG}4326"),
    ),
    Fault("/req/crs/ogc-crs-header", _ITEMS, header("content-crs", None)),
    Fault("/req/crs/ogc-crs-header-value", _ITEMS, header("content-crs", WEB)),
    Fault("/req/crs/geojson", r"[?&]crs=", header("content-type", "text/plain")),
]

FILTERS = [
    Fault("/req/queryables/queryables-link", r"^/collections/\w+$", unlinked(f"{_REL}queryables")),
    Fault("/req/queryables/get-queryables-op", _QUERYABLES, header("content-type", "text/plain")),
    Fault(
        "/req/queryables/get-queryables-response",
        _QUERYABLES,
        edit(lambda d: d.update({"$schema": _OLD})),
    ),
    Fault("/req/queryables/get-queryables-response", _QUERYABLES, first_property(type=["x"])),
    Fault("/req/queryables/expression-construction", "nobodysproperty", ask=UNFILTERED),
    Fault("/req/queryables-query-parameters/parameters", _API, unlisted("nome")),
    Fault("/req/queryables-query-parameters/parameters", r"[?&]nome=", ask=without("nome")),
    Fault("/req/filter/filter-param", _API, unlisted("filter")),
    Fault("/req/features-filter/filter-param", _API, unlisted("filter")),
    *(
        Fault(
            f"/req/{group}/filter-lang-param",
            _API,
            parameters(lambda p: p["schema"].pop("default"), "filter-lang"),
        )
        for group in ("filter", "features-filter")
    ),
    Fault("/req/filter/filter-crs-param", "filter-crs=.*3857", ask=without("filter-crs")),
    Fault("/req/features-filter/filter-crs-param", "filter-crs=.*2193", status(200)),
    Fault(
        "/req/filter/filter-crs-wgs84",
        "POLYGON(?!.*filter-crs)",
        ask=given(filter_crs=f"{EPSG}4326"),
    ),
    Fault("/req/filter/mixing-expressions", "filter=.*bbox=", ask=without("bbox")),
    Fault("/req/filter/mixing-expressions", "filter=.*bbox=", ask=UNFILTERED),
    Fault("/req/filter/response", "filter=", ask=UNFILTERED),
    Fault("/req/filter/response", "filter=.*<", ask=rewritten("<=", "<")),
    Fault("/req/features-filter/response", "IS NULL", ask=UNFILTERED),
    Fault("/req/features-filter/response", "nobodyslanguage", status(200)),
    Fault("/req/features-filter/response", r"this is \(no filter", ask=UNFILTERED),
    Fault("/req/features-filter/get-queryables-op", _QUERYABLES, status(404)),
    Fault(
        "/req/features-filter/queryables-link",
        r"^/collections/\w+$",
        unlinked(f"{_REL}queryables"),
    ),
    Fault("/req/filter/get-functions-operation", r"^/functions", status(404)),
    Fault("/req/filter/get-functions-response-json", r"^/functions", body('"returns"', '"gives"')),
]


def _twice(role):
    def change(named):
        for schema in list(named.values())[:2]:
            schema["x-ogc-role"] = role

    return properties(change)


def _interval_and_instant(named):
    for schema, role in zip(named.values(), ("instant", "interval-start"), strict=False):
        schema["x-ogc-role"] = f"primary-{role}"


SCHEMAS = [
    Fault(
        "/req/schemas/json-schema",
        _SCHEMA,
        edit(lambda d: d.update({"$id": d["$id"] + "?f=json"})),
    ),
    Fault("/req/schemas/json-schema", _SCHEMA, edit(lambda d: d.update(type="array"))),
    Fault("/req/schemas/properties", _SCHEMA, properties(lambda n: n["id"].pop("type"))),
    Fault("/req/schemas/properties", _SCHEMA, properties(lambda n: n["id"].update(type="integer"))),
    Fault("/req/schemas/additional-keywords", _SCHEMA, body("x-ogc-role", "ogc-role")),
    Fault("/req/schemas/role", _SCHEMA, first_property(**{"x-ogc-role": 7})),
    Fault("/req/schemas/role-id", _SCHEMA, _twice("id")),
    Fault("/req/schemas/property-seq", _SCHEMA, first_property(**{"x-ogc-propertySeq": "1"})),
    Fault("/req/schemas/unit", _SCHEMA, first_property(**{"x-ogc-unit": 7})),
    Fault("/req/schemas/unit", _SCHEMA, every_property(**{"x-ogc-unitLang": "QUDT"})),
    Fault("/req/schemas/definition", _SCHEMA, first_property(**{"x-ogc-definition": "no uri"})),
    Fault("/req/schemas/nullvalues", _SCHEMA, first_property(**{"x-ogc-nullValues": -1})),
    *(
        Fault(f"/req/advanced-property-roles/role-{role}", _SCHEMA, _twice(role))
        for role in (
            "primary-geometry",
            "primary-instant",
            "primary-interval",
            "primary-interval-start",
            "primary-interval-end",
            "type",
        )
    ),
    Fault(
        "/req/advanced-property-roles/primary-temporal-constraints",
        _SCHEMA,
        properties(_interval_and_instant),
    ),
    Fault(
        "/req/references/role-reference",
        _SCHEMA,
        first_property(**{"x-ogc-role": "reference"}),
    ),
    *(
        fault
        for kind, path in (
            ("returnables-and-receivables", _SCHEMA),
            ("queryables", _QUERYABLES),
            ("sortables", _SORTABLES),
        )
        for fault in (
            Fault(
                f"/req/{kind}/link",
                r"^/collections/\w+$",
                unlinked(_REL + path.rpartition("/")[2]),
            ),
            Fault(f"/req/{kind}/op", path, header("content-type", "application/json")),
            Fault(f"/req/{kind}/response", path, edit(lambda d: d.update(type="array"))),
        )
    ),
    Fault(
        "/req/returnables-and-receivables/response",
        _SCHEMA,
        edit(lambda d: d["properties"].pop("id") and d.update(additionalProperties=False)),
    ),
    Fault("/req/sortables/response", _SORTABLES, every_property(type="array")),
]

FAULTS = [*CRS, *FILTERS, *SCHEMAS]
