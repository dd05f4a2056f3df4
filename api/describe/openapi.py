"""One self-contained OpenAPI 3.0 document for the whole service.

Each collection has its own concrete paths, because QGIS and GDAL read page sizes and filters
from them; nothing refers to another document, so it can be read offline.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Final

from api.describe.components import parameters, responses, schemas
from api.describe.links import LICENCES, Said
from api.describe.openapi_features import of_features, queries
from api.describe.openapi_tiles import of_tiles
from api.describe.operations import (
    BYTES,
    OBJECT,
    Json,
    as_types,
    get,
    in_path,
    schema_named,
    shared,
)
from api.exchange.openapi import paths as exchange_paths
from api.language import HTML, JSON, OPENAPI, OPENAPI_31, SCHEMA
from api.served import Served
from geo_core.model.manifest import Manifest
from geo_core.model.text import Lang

_ABOUT: Final = Said(
    "Dati aperti da leggere: non servono chiavi, non si scrive nulla.",
    "Open data to be read: no key is needed and nothing is written.",
)
_TAGS: Final = {
    "service": Said("Che cosa c'è, e come", "What there is, and how"),
    "features": Said("Oggetti delle raccolte (OGC API - Features)", "Features of collections"),
    "tiles": Said("Tasselli vettoriali, raster e stili", "Vector tiles, rasters and styles"),
    "files": Said("Raccolte intere, da scaricare", "Whole collections, to download"),
    "exchange": Said("Cataloghi e scambio di dati", "Catalogues and exchange of data"),
}

AUDIT: Final = "audit.json"
"""Report of the audit, in releases that were audited."""


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
    contact = manifest.publication.contact
    layers = [collection.layer for collection in served.collections.values()]
    return {
        "openapi": "3.0.3",
        "info": {
            "title": manifest.title.in_(lang),
            "version": version("atlante"),
            "description": _ABOUT.in_(lang),
            "contact": {"name": contact.name.in_(lang), "email": contact.email},
            "license": {"name": "CC-BY-4.0", "url": LICENCES["CC-BY-4.0"]},
        },
        "servers": [{"url": served.base}],
        "security": [],
        "tags": [{"name": name, "description": said.in_(lang)} for name, said in _TAGS.items()],
        "paths": {
            **_service(manifest),
            **_merged(of_features(layer, lang) for layer in layers),
            **of_tiles(manifest),
            **_files(manifest),
            **exchange_paths(),
        },
        "components": {
            "parameters": parameters(served.settings),
            "responses": responses(),
            "schemas": schemas() | _merged(queries(layer, lang) for layer in layers),
        },
    }


def _merged(parts: Iterable[Json]) -> Json:
    return {name: value for part in parts for name, value in part.items()}


_DOCUMENTS: Final = (
    ("/", "getLandingPage", "Landing page", "landingPage"),
    ("/conformance", "getConformance", "Requirements classes the service meets", "confClasses"),
    ("/functions", "getFunctions", "Functions that a filter may call", "functions"),
    ("/collections", "getCollections", "Collections", "collections"),
    ("/releases", "getReleases", "Releases of the data", "document"),
    ("/disclosure", "getDisclosure", "How protected figures were made", "document"),
)


def _service(manifest: Manifest) -> Json:
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
    return {**described, **_own(), **({"/disclosure/audit": report} if audited else {})}


def _own() -> Json:
    """Return the paths whose answers are of types of their own."""
    versions = {media: {"schema": OBJECT} for media in (OPENAPI.type, OPENAPI_31.type)}
    said: tuple[tuple[str, str, str, Json, tuple[str, ...]], ...] = (
        ("/api", "getApi", "This document", versions | _PAGE, ("f-api", "lang")),
        (
            "/disclosure/schema",
            "getDisclosureSchema",
            "JSON Schema of the statement",
            {SCHEMA.type: {"schema": OBJECT}},
            ("f-data", "lang"),
        ),
        ("/embed", "getMap", "A map to embed", _PAGE, ("f-page", "lang")),
        (
            "/embed/config.json",
            "getMapConfiguration",
            "What the map is made of",
            {JSON.type: {"schema": OBJECT}},
            ("f-data", "lang"),
        ),
        ("/livez", "isAlive", "Whether the process answers", {JSON.type: {"schema": OBJECT}}, ()),
        ("/readyz", "isReady", "The release that is served", {JSON.type: {"schema": OBJECT}}, ()),
    )
    return {
        path: get(operation, summary, tag="service", content=content, parameters=shared(*names))
        for path, operation, summary, content, names in said
    }


_PAGE: Final[Json] = {HTML.type.split(";", 1)[0]: {"schema": {"type": "string"}}}


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
