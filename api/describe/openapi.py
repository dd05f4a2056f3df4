"""One self-contained OpenAPI 3.0 document for the whole service.

Each collection has its own concrete paths, because QGIS and GDAL read page sizes and filters
from them; nothing refers to another document, so it can be read offline.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Final

from api.describe.citation import BIBTEX, BIBTEX_PATH, CFF, CFF_PATH
from api.describe.components import parameters, responses, schemas
from api.describe.links import LICENCES, Said
from api.describe.openapi_dggs import of_zones
from api.describe.openapi_features import of_features, queries
from api.describe.openapi_pages import of_pages
from api.describe.openapi_qgis import of_qgis
from api.describe.openapi_tiles import of_tiles
from api.describe.operations import (
    BYTES,
    OBJECT,
    TAGS,
    Json,
    as_types,
    get,
    in_language,
    in_path,
    schema_named,
    shared,
)
from api.downloads import packable, with_lineage
from api.exchange.openapi import paths as exchange_paths
from api.language import HTML, JSON, OPENAPI, OPENAPI_31, SCHEMA
from api.lineage import openapi as lineage
from api.processes import openapi as processes
from api.served import Served
from geo_core.formats import mbtiles
from geo_core.model.manifest import Manifest
from geo_core.model.text import Lang

_ABOUT: Final = Said(
    "Dati aperti da leggere: non servono chiavi, non si scrive nulla.",
    "Open data to be read: no key is needed and nothing is written.",
)

AUDIT: Final = "audit.json"
"""Report of the audit, in releases that were audited."""


def openapi(served: Served, lang: Lang) -> Json:
    """Return the OpenAPI document of a release.

    Parameters
    ----------
    served : Served
        What is served; its collections, tilesets and rasters each get their paths.
    lang : Lang
        Language of every text.
    """
    manifest = served.release.manifest
    contact = manifest.publication.contact
    layers = [collection.layer for collection in served.collections.values()]
    document = {
        "openapi": "3.0.3",
        "info": {
            "title": manifest.title,
            "version": version("atlante"),
            "description": _ABOUT,
            "contact": {"name": contact.name, "email": contact.email},
            "license": {"name": "CC-BY-4.0", "url": LICENCES["CC-BY-4.0"]},
        },
        "servers": [{"url": served.base}],
        "security": [],
        "tags": [{"name": tag.name, "description": tag.about} for tag in TAGS.values()],
        "paths": {
            **_service(manifest),
            **_merged(of_features(layer) for layer in layers),
            **of_tiles(manifest),
            **of_qgis(layers),
            **of_pages(),
            **of_zones(layers),
            **_files(manifest),
            **lineage.paths(layer for layer in layers if layer.id in served.lineages),
            **processes.paths(),
            **exchange_paths(),
        },
        "components": {
            "parameters": parameters(served.settings),
            "responses": responses(),
            "schemas": {
                **schemas(),
                **lineage.schemas(),
                **processes.schemas(served.indices),
                **_merged(queries(layer) for layer in layers),
            },
        },
    }
    spoken: Json = in_language(document, lang)
    return spoken


def _merged(parts: Iterable[Json]) -> Json:
    return {name: value for part in parts for name, value in part.items()}


_DOCUMENTS: Final = (
    ("/", "getLandingPage", Said("Pagina iniziale", "Landing page"), "landingPage"),
    (
        "/conformance",
        "getConformance",
        Said("Classi di requisiti che il servizio rispetta", "Requirements classes that are met"),
        "confClasses",
    ),
    (
        "/functions",
        "getFunctions",
        Said("Funzioni che un filtro può usare", "Functions that a filter may call"),
        "functions",
    ),
    ("/collections", "getCollections", Said("Raccolte", "Collections"), "collections"),
    ("/releases", "getReleases", Said("Versioni dei dati", "Releases of the data"), "document"),
    (
        "/disclosure",
        "getDisclosure",
        Said("Come sono fatte le cifre protette", "How protected figures were made"),
        "document",
    ),
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
        Said(
            "Che cosa si è provato su questa versione prima di pubblicarla, e l'esito",
            "What was tried on this release before it was published, and what was found",
        ),
        tag="service",
        content=as_types(OBJECT, JSON.type),
        parameters=shared("f", "lang"),
        not_found=True,
    )
    audited = any(entry.path == AUDIT for entry in manifest.files)
    return {**described, **_own(), **_cited(), **({"/disclosure/audit": report} if audited else {})}


def _own() -> Json:
    """Return the paths whose answers are of types of their own."""
    versions = {media: {"schema": OBJECT} for media in (OPENAPI.type, OPENAPI_31.type)}
    data: Json = {JSON.type: {"schema": OBJECT}}
    said: tuple[tuple[str, str, Said, Json, tuple[str, ...]], ...] = (
        (
            "/api",
            "getApi",
            Said("Questo documento", "This document"),
            versions | _PAGE,
            ("f-api", "lang"),
        ),
        (
            "/disclosure/schema",
            "getDisclosureSchema",
            Said("Lo schema JSON della dichiarazione", "JSON Schema of the statement"),
            {SCHEMA.type: {"schema": OBJECT}},
            ("f-data", "lang"),
        ),
        (
            "/embed/config.json",
            "getMapConfiguration",
            Said("Di che cosa è fatta la mappa", "What the map is made of"),
            data,
            ("f-data", "lang"),
        ),
        ("/livez", "isAlive", Said("Se il programma risponde", "Whether it answers"), data, ()),
        ("/readyz", "isReady", Said("La versione servita", "The release served"), data, ()),
    )
    return {
        path: get(operation, summary, tag="service", content=content, parameters=shared(*names))
        for path, operation, summary, content, names in said
    }


def _cited() -> Json:
    """Return the paths that say how a release is cited."""
    said = (
        (
            CFF_PATH,
            "getCitation",
            Said("Come citare la versione, per programmi", "How to cite the release, for programs"),
            {CFF.type: {"schema": OBJECT}},
        ),
        (
            BIBTEX_PATH,
            "getCitationAsBibtex",
            Said("Come citare la versione, in BibTeX", "How to cite the release, in BibTeX"),
            {BIBTEX.type.split(";", 1)[0]: {"schema": {"type": "string"}}},
        ),
    )
    return {
        path: get(name, summary, tag="service", content=content, parameters=shared("lang"))
        for path, name, summary, content in said
    }


_PAGE: Final[Json] = {HTML.type.split(";", 1)[0]: {"schema": {"type": "string"}}}


def _files(manifest: Manifest) -> Json:
    offered = {
        "parquet": [info.layer.id for info in manifest.collections],
        "pmtiles": [tileset.id for tileset in manifest.tilesets],
        "mbtiles": [tileset.id for tileset in packable(manifest)],
        "tif": [raster.id for raster in manifest.rasters],
        "lineage.json": with_lineage(manifest),
    }
    return {
        f"/download/{{id}}.{ending}": get(
            f"download.{ending}",
            _WHOLE[ending],
            tag="files",
            content={_FILE_TYPES[ending]: {"schema": BYTES}},
            parameters=[in_path("id", {"type": "string", "enum": ids})],
            not_found=True,
        )
        for ending, ids in offered.items()
        if ids
    }


_WHOLE: Final = {
    ending: Said(
        f"Una raccolta intera in un file {name}; se ne può chiedere una parte (Range)",
        f"A whole collection as one {name} file; ranges are honoured",
    )
    for ending, name in (("parquet", "GeoParquet"), ("pmtiles", "PMTiles"), ("tif", "GeoTIFF"))
} | {
    "mbtiles": Said(
        "Le tessere vettoriali di una raccolta o di un tema in un file MBTiles, fatto su richiesta",
        "The vector tiles of a collection or theme as one MBTiles file, made when asked for",
    ),
    "lineage.json": Said(
        "Da che cosa sono calcolati i valori di una raccolta: dati di partenza e passaggi",
        "What the values of a collection are computed from: inputs and steps",
    ),
}
_FILE_TYPES: Final = {
    "parquet": "application/vnd.apache.parquet",
    "pmtiles": "application/vnd.pmtiles",
    "mbtiles": mbtiles.MEDIA_TYPE,
    "tif": "image/tiff",
    "lineage.json": JSON.type,
}
