"""One self-contained OpenAPI 3.0 document for the whole service.

Each collection has its own concrete paths, because QGIS and GDAL read page sizes and filters
from them; nothing refers to another document, so it can be read offline.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from api.describe.links import LICENCES
from api.describe.operations import (
    BYTES,
    OBJECT,
    Json,
    as_types,
    get,
    in_path,
    in_query,
    object_of,
    schema_named,
    shared,
)
from api.describe.schemas import property_of
from api.exchange.openapi import paths as exchange_paths
from api.features.crs import CRS84, SUPPORTED
from api.features.engine import Collection
from api.features.filters import LANGUAGES as FILTER_LANGUAGES
from api.features.filters import TEXT
from api.features.sought import MAX_LENGTH, MAX_TERMS, Q, searched
from api.language import GEOJSON, JSON, LANGUAGES, SCHEMA
from api.served import Served
from geo_core.model.layer import Field, Layer
from geo_core.model.manifest import Manifest
from geo_core.model.text import Lang

AUDIT: Final = "audit.json"
"""Report of the audit, in releases that were audited."""
_PROBLEM: Final = "application/problem+json"


def openapi(served: Served, lang: Lang) -> Json:
    """Return the OpenAPI document of a release.

    Parameters
    ----------
    served : Served
        What is served; its collections, tilesets and rasters each get their paths.
    lang : Lang
        Language of titles and descriptions of data.
    """
    manifest = served.release.manifest
    return {
        "openapi": "3.0.3",
        "info": {
            "title": manifest.title.in_(lang),
            "version": version("atlante"),
            "license": {"name": "CC-BY-4.0", "url": LICENCES["CC-BY-4.0"]},
        },
        "servers": [{"url": served.base}],
        "tags": [{"name": name} for name in ("service", "features", "tiles", "files", "exchange")],
        "paths": {
            **_service(manifest),
            **{k: v for c in served.collections.values() for k, v in _features(c, lang).items()},
            **_tiles(manifest),
            **_files(manifest),
            **exchange_paths(),
        },
        "components": {
            "parameters": _parameters(served),
            "responses": _responses(),
            "schemas": _schemas(),
        },
    }


_DOCUMENTS: Final = (
    ("/", "getLandingPage", "Landing page", "landingPage"),
    ("/conformance", "getConformance", "Requirements classes the service meets", "confClasses"),
    ("/collections", "getCollections", "Collections", "collections"),
    ("/releases", "getReleases", "Releases of the data", "document"),
    ("/disclosure", "getDisclosure", "How protected figures were made", "document"),
    ("/api", "getApi", "This document", "document"),
)


def _service(manifest: Manifest) -> Json:
    schema_of_statement = get(
        "getDisclosureSchema",
        "JSON Schema of the statement",
        tag="service",
        content=as_types(OBJECT, SCHEMA.type),
        parameters=shared("f", "lang"),
    )
    described = {
        path: get(
            operation,
            summary,
            tag="service",
            content=as_types(schema_named(schema), JSON.type),
            parameters=shared("f", "lang"),
        )
        for path, operation, summary, schema in _DOCUMENTS
    }
    report = get(
        "getDisclosureAudit",
        "What was tried on this release before it was published, and what was found",
        tag="service",
        content=as_types(OBJECT, JSON.type),
        parameters=shared("f", "lang"),
        not_found=True,
    )
    audited = any(entry.path == AUDIT for entry in manifest.files)
    return {
        **described,
        "/disclosure/schema": schema_of_statement,
        **({"/disclosure/audit": report} if audited else {}),
    }


def _features(collection: Collection, lang: Lang) -> Json:
    ident, title = collection.id, collection.layer.title.in_(lang)
    here = f"/collections/{ident}"
    common = shared("f", "lang")
    fields = [_queryable(field, lang) for field in collection.layer.fields]
    described = {
        f"{here}/{name}": get(
            f"get{name.capitalize()}.{ident}",
            f"{title}: {name}",
            tag="features",
            content=as_types(OBJECT, SCHEMA.type),
            parameters=shared("f-schema" if name == "schema" else "f", "lang"),
        )
        for name in ("schema", "queryables", "sortables")
    }
    return {
        here: get(
            f"describeCollection.{ident}",
            title,
            tag="features",
            content=as_types(schema_named("collection"), JSON.type),
            parameters=common,
        ),
        f"{here}/items": get(
            f"getFeatures.{ident}",
            title,
            tag="features",
            content=as_types(schema_named("featureCollection"), GEOJSON.type),
            parameters=[*common, *shared(*_QUERY), *_text_search(collection.layer), *fields],
        ),
        f"{here}/items/{{featureId}}": get(
            f"getFeature.{ident}",
            title,
            tag="features",
            content=as_types(schema_named("feature"), GEOJSON.type),
            parameters=[*common, *shared("featureId", "crs")],
            not_found=True,
        ),
        **described,
    }


_QUERY: Final = (
    "limit",
    "offset",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "sortby",
    "properties",
)


def _text_search(layer: Layer) -> list[Json]:
    names = searched(layer)
    if not names:
        return []
    said = (
        "Words to look for, in Italian, in any of: "
        f"{', '.join(names)}. Case, accents, plurals and articles make no difference; commas "
        "separate alternatives, words with spaces between follow each other"
    )
    term: Json = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
    return [
        in_query(Q, said, {"type": "array", "items": term, "minItems": 1, "maxItems": MAX_TERMS})
    ]


def _queryable(field: Field, lang: Lang) -> Json:
    kept = {"type", "format"}
    described = property_of(field, {}, lang)
    if field.type == "codes":
        described["type"] = "string"  # a code that the list must hold
    return {
        "name": field.name,
        "in": "query",
        "description": f"{described['title']}. {described['description']}",
        "schema": {name: value for name, value in described.items() if name in kept},
        "style": "form",
        "explode": False,
    }


def _tiles(manifest: Manifest) -> Json:
    tilesets = [tileset.id for tileset in manifest.tilesets]
    rasters = [raster.id for raster in manifest.rasters]
    place = [in_path(name, {"type": "integer", "minimum": 0}) for name in ("z", "x", "y")]
    paths: Json = {}
    if tilesets:
        which = in_path("tileset", {"type": "string", "enum": tilesets})
        paths |= {
            "/xyz/{tileset}.json": get(
                "getTileJson",
                "TileJSON 3.0 of a vector tileset",
                tag="tiles",
                content={JSON.type: {"schema": OBJECT}},
                parameters=[which],
                not_found=True,
            ),
            "/xyz/{tileset}/{z}/{x}/{y}.mvt": get(
                "xyz.getTile",
                "One vector tile",
                tag="tiles",
                content={"application/vnd.mapbox-vector-tile": {"schema": BYTES}},
                parameters=[which, *place],
                not_found=True,
            ),
            "/styles/{tileset}": get(
                "getStyle",
                "MapLibre style of a vector tileset",
                tag="tiles",
                content={"application/vnd.mapbox.style+json": {"schema": OBJECT}},
                parameters=[which, *shared("lang")],
                not_found=True,
            ),
        }
    if rasters:
        which = in_path("raster", {"type": "string", "enum": rasters})
        matrix = in_path("tileMatrixSetId", {"type": "string", "enum": ["WebMercatorQuad"]})
        paths["/raster/{raster}/tiles/{tileMatrixSetId}/{z}/{x}/{y}.png"] = get(
            "raster.getTile",
            "One raster tile",
            tag="tiles",
            content={"image/png": {"schema": BYTES}},
            parameters=[which, matrix, *place],
            not_found=True,
        )
    return paths


def _files(manifest: Manifest) -> Json:
    offered = {
        "parquet": [info.layer.id for info in manifest.collections],
        "pmtiles": [tileset.id for tileset in manifest.tilesets],
        "tif": [raster.id for raster in manifest.rasters],
    }
    return {
        f"/download/{{id}}.{ending}": get(
            f"download.{ending}",
            f"A whole collection as one {ending} file; ranges are honoured",
            tag="files",
            content={_FILE_TYPES[ending]: {"schema": BYTES}},
            parameters=[in_path("id", {"type": "string", "enum": ids})],
            not_found=True,
        )
        for ending, ids in offered.items()
        if ids
    }


_FILE_TYPES: Final = {
    "parquet": "application/vnd.apache.parquet",
    "pmtiles": "application/vnd.pmtiles",
    "tif": "image/tiff",
}


def _parameters(served: Served) -> Json:
    settings = served.settings
    systems: Json = {"type": "string", "format": "uri", "enum": list(SUPPORTED), "default": CRS84}
    whole: Json = {"type": "integer", "minimum": 1}
    languages: Json = {"type": "string", "enum": list(FILTER_LANGUAGES), "default": TEXT}
    names: Json = {"type": "array", "items": {"type": "string"}}
    box: Json = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    page: Json = {**whole, "maximum": settings.items_max, "default": settings.items_default}
    queries = (
        ("f", "Representation", {"type": "string", "enum": ["json", "html"]}),
        ("lang", "Language of texts", {"type": "string", "enum": list(LANGUAGES)}),
        ("limit", "Features per page; larger values are clamped", page),
        ("offset", "Features to skip", {"type": "integer", "minimum": 0, "default": 0}),
        ("bbox", "Features must intersect this box", box),
        ("bbox-crs", "Reference system of `bbox`", systems),
        ("crs", "Reference system of the answer, in its axis order", systems),
        (
            "datetime",
            "A day, an instant or an interval (RFC 3339, `..` is open)",
            {"type": "string"},
        ),
        ("filter", "Condition in CQL2, text or JSON", {"type": "string"}),
        ("filter-lang", "Language of `filter`", languages),
        ("filter-crs", "Reference system of the coordinates in `filter`", systems),
        ("sortby", "Fields to sort by; `-` before a name is descending", names),
        ("properties", "Fields to return", names),
    )
    of_schema = in_query(
        "f",
        "Flat schema, JSON Schema of a GeoJSON Feature, or a page",
        {"type": "string", "enum": ["json", "geojson", "html"]},
    )
    return {
        **{name: in_query(name, text, schema) for name, text, schema in queries},
        "f-schema": of_schema,
        "featureId": in_path("featureId", {"type": "string"}),
    }


def _responses() -> Json:
    content = {_PROBLEM: {"schema": schema_named("problem")}}
    return {
        "InvalidParameter": {"description": "A parameter is unknown or wrong", "content": content},
        "NotFound": {"description": "There is nothing of that name", "content": content},
        "NotAcceptable": {"description": "No such representation", "content": content},
        "ServerError": {"description": "A fault of the server", "content": content},
    }


def _schemas() -> Json:
    text: Json = {"type": "string"}
    links: Json = {"type": "array", "items": schema_named("link")}
    count: Json = {"type": "integer", "minimum": 0}
    return {
        "link": object_of(["href", "rel"], href=text, rel=text, type=text, title=text),
        "document": OBJECT,
        "landingPage": object_of(["links"], title=text, description=text, links=links),
        "confClasses": object_of(["conformsTo"], conformsTo={"type": "array", "items": text}),
        "collection": object_of(
            ["id", "links"], id=text, title=text, description=text, links=links
        ),
        "collections": object_of(
            ["links", "collections"],
            links=links,
            collections={"type": "array", "items": schema_named("collection")},
        ),
        "feature": object_of(
            ["type", "geometry", "properties"],
            type={"type": "string", "enum": ["Feature"]},
            id=text,
            geometry={"type": "object", "nullable": True},
            properties=OBJECT,
        ),
        "featureCollection": object_of(
            ["type", "features"],
            type={"type": "string", "enum": ["FeatureCollection"]},
            numberMatched=count,
            numberReturned=count,
            timeStamp={"type": "string", "format": "date-time"},
            links=links,
            features={"type": "array", "items": schema_named("feature")},
        ),
        "problem": object_of(
            ["title", "status"],
            title=text,
            status={"type": "integer"},
            detail=text,
            code=text,
            description=text,
            parameter=text,
            hint=text,
        ),
    }
