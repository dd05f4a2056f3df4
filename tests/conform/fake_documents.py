"""Documents of the small server of OGC API DGGS that are the same for every zone."""

from __future__ import annotations

from api_client import BASE

GROUPS = (
    "core", "data-retrieval", "zone-query", "root-dggs", "collection-dggs", "operation-ids",
    "data-custom-depths", "data-subsetting", "data-cql2-filter", "zone-query-cql2-filter",
    "data-json", "data-geojson", "zone-html", "zone-geojson", "zone-uint64",
)  # fmt: skip
LEVELS = range(5, 8)
FIELDS = {"n": "integer", "indice": "number"}
JSON, GEOJSON, HTML, BINARY = (
    "application/json", "application/geo+json", "text/html", "application/x-binary",
)  # fmt: skip
DEEPEST = 3
CRS = ("CRS84", "[OGC:CRS84]")
DAY = "2023-12-31"


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


def link(rel, path, media=JSON):
    return {"rel": rel, "href": f"{BASE}{path}", "type": media, "title": "Prova"}


def ogc(rel, path, media=JSON):
    return link(f"[ogc-rel:{rel}]", path, media)


def back(origin):
    return ogc("geodata", origin) if origin else ogc("dataset", "/")


def definition():
    said = {"description": "Prova"}
    grid = {"spatialDimensions": 2, "temporalDimensions": 0, "zoneTypes": ["hexagon", "pentagon"]}
    return {
        "title": "H3",
        "description": "Prova",
        "dggh": {"definition": grid},
        "zirs": {"textZIRS": said, "uint64ZIRS": said},
        "subZoneOrder": said,
    }


OPERATIONS = {
    "": "getDGGRSList",
    "/H3": "getDGGRS",
    "/H3/zones": "getDGGRSZones",
    "/H3/zones/{zoneId}": "getDGGRSZoneInfo",
    "/H3/zones/{zoneId}/data": "getDGGRSZoneData",
}


def api():
    origins = (("", "dataset"), ("/collections/celle", "collection"))
    return {
        "openapi": "3.0.3",
        "info": {"title": "Prova", "version": "1"},
        "paths": {
            f"{origin}/dggs{path}": {
                "get": {"operationId": f"{kind}.{name}", "responses": {"200": {}}}
            }
            for origin, kind in origins
            for path, name in OPERATIONS.items()
        },
    }


def collection():
    return {
        "id": "celle",
        "title": "Celle",
        "links": [
            link("items", "/collections/celle/items", GEOJSON),
            ogc("dggrs-list", "/collections/celle/dggs"),
            ogc("queryables", "/queryables", "application/schema+json"),
            ogc("schema", "/schema", "application/schema+json"),
        ],
    }


def schema():
    properties = {name: {"type": kind} for name, kind in FIELDS.items()}
    day = {"type": "string", "format": "date", "x-ogc-role": "primary-instant"}
    return {"type": "object", "properties": {**properties, "giorno": day}}


DOCUMENTS = {
    "/": lambda: {
        "links": [
            ogc("dggrs-list", "/dggs"),
            ogc("queryables", "/queryables"),
            link("service-desc", "/api", "application/vnd.oai.openapi+json;version=3.0"),
            link("conformance", "/conformance"),
            link("data", "/collections"),
        ]
    },
    "/conformance": lambda: {
        "conformsTo": [f"https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/{g}" for g in GROUPS]
    },
    "/collections": lambda: {"collections": [collection()]},
    "/collections/celle": collection,
    "/schema": schema,
    "/queryables": schema,
    "/h3": definition,
    "/api": api,
}
