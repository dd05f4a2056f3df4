"""The description plane: documents about the service, its collections and its releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, document, page
from api.describe import citation, documents, schemas
from api.describe.classes import standards
from api.describe.example import example_of
from api.describe.guide import guide
from api.describe.openapi import openapi
from api.describe.openapi_31 import as_31
from api.embed.config import opened_at
from api.errors import VARY
from api.exchange import schema_org
from api.language import FEATURE_SCHEMA, HTML, JSON, OPENAPI, OPENAPI_31, SCHEMA
from api.pages.shelves import Shelf, shelves
from api.pages.words import words_of
from api.served import served

type Build = Callable[[Asked, str], dict[str, Any]]

_DISCLOSURE: Final = "disclosure.json"
_AUDIT: Final = "audit.json"


def routes(classes: tuple[str, ...]) -> list[Route]:
    """Return the routes of the description plane.

    Parameters
    ----------
    classes : tuple of str
        Requirements classes of everything that is mounted.
    """

    async def conformance(request: Request) -> Response:
        asked = ask(request)
        return document(
            asked,
            "conformance",
            lambda: documents.conformance(asked, classes),
            lambda: {"standards": standards(classes, asked.lang)},
        )

    return [
        _get("/", landing),
        _get("/conformance", conformance),
        _get("/api", api),
        _get("/functions", functions),
        _get("/collections", collections),
        _get("/collections/{collection}", collection),
        _get("/collections/{collection}/schema", schema),
        _get("/collections/{collection}/queryables", queryables),
        _get("/collections/{collection}/sortables", sortables),
        _get("/releases", releases),
        *citation.routes(),
        _get("/disclosure", disclosure),
        _get("/disclosure/audit", disclosure_audit),
        _get("/disclosure/schema", disclosure_schema),
    ]


def _get(path: str, endpoint: Callable[[Request], Any]) -> Route:
    return Route(path, endpoint, methods=["GET"])


async def landing(request: Request) -> Response:
    """Answer `/`."""
    asked = ask(request)
    return document(asked, "landing", lambda: documents.landing(asked))


async def functions(request: Request) -> Response:
    """Answer `/functions`."""
    asked = ask(request)
    return document(asked, "functions", lambda: documents.functions(asked))


async def collections(request: Request) -> Response:
    """Answer `/collections`."""
    asked = ask(request)
    return document(
        asked,
        "collections",
        lambda: documents.collections(asked),
        lambda: {"shelves": _shelves(asked)},
    )


def _shelves(asked: Asked) -> tuple[Shelf, ...]:
    layers = (info.layer for info in asked.served.release.manifest.collections)
    return shelves(layers, asked.lang)


async def collection(request: Request) -> Response:
    """Answer `/collections/{collection}`."""
    ident = served(request).collection(request.path_params["collection"]).id
    asked = ask(request)
    release = asked.served.release
    return document(
        asked,
        "collection",
        lambda: documents.collection(asked, ident),
        lambda: {
            "fields": words_of(release.info(ident), release.manifest, asked.lang),
            "on_map": opened_at(release.info(ident).layer.family),
            "about": schema_org.dataset(asked, ident, documents.collection(asked, ident)),
            "formats": documents.whole(asked, ident),
            "count": release.info(ident).count,
            "most": asked.served.settings.items_max,
            "weighed": ident in asked.served.indices,
        },
    )


async def schema(request: Request) -> Response:
    """Answer `/collections/{collection}/schema`, flat or (`f=geojson`) of a GeoJSON Feature."""
    return _schema(request, schemas.schema)


async def queryables(request: Request) -> Response:
    """Answer `/collections/{collection}/queryables`."""
    return _schema(request, schemas.queryables)


async def sortables(request: Request) -> Response:
    """Answer `/collections/{collection}/sortables`."""
    return _schema(request, schemas.sortables)


def _schema(request: Request, build: schemas.Builder) -> Response:
    found = served(request).collection(request.path_params["collection"])
    layer = found.layer
    nested = (FEATURE_SCHEMA,) if build is schemas.schema else ()
    asked = ask(request, media=(SCHEMA, *nested, HTML))
    chosen = schemas.feature_schema if asked.media is FEATURE_SCHEMA else build
    codes = asked.served.release.manifest.codelists
    return document(
        asked,
        "queryables",
        lambda: chosen(layer, codes, asked.lang, asked.url()),
        lambda: {
            "collection": documents.collection(asked, layer.id),
            "example": example_of(found) if build is schemas.queryables else "",
        },
    )


def api(request: Request) -> Response:
    """Answer `/api`: the OpenAPI document, of version 3.0 or 3.1.

    Of a district it takes a fifth of a second: in a thread, beside the event loop.
    """
    asked = ask(request, media=(OPENAPI, OPENAPI_31, HTML))

    def build() -> dict[str, Any]:
        described = openapi(asked.served, asked.lang)
        if asked.media.is_html:
            return guide(described, _shelves(asked), asked.lang)
        return as_31(described) if asked.media is OPENAPI_31 else described

    return document(asked, "api", build)


async def releases(request: Request) -> Response:
    """Answer `/releases`; the list is not part of any release, so it is not cached."""
    asked = ask(request)
    doc = documents.releases(asked, request.scope["releases"].current.release.id)
    manifest = asked.served.release.manifest
    here = citation.address(asked.served.settings.public_url, manifest.id)
    cited = citation.plain(manifest, here, asked.lang)
    body = page(asked, "releases", doc, cited=cited) if asked.media.is_html else orjson.dumps(doc)
    headers = {"Cache-Control": "no-store", "Content-Language": asked.lang, "Vary": VARY}
    return Response(body, headers=headers, media_type=asked.media.type)


async def disclosure(request: Request) -> Response:
    """Answer `/disclosure`: the statement of the release, byte for byte as it was written."""
    release = served(request).release
    path = release.path(_DISCLOSURE)
    audited = any(entry.path == _AUDIT for entry in release.manifest.files)
    asked = ask(request, media=(JSON, HTML))

    def body() -> bytes:
        raw = path.read_bytes()
        if not asked.media.is_html:
            return raw
        titles = documents.protected_columns(asked)
        return page(asked, "disclosure", orjson.loads(raw), columns=titles, audited=audited)

    links = [f'<{asked.base}/disclosure/schema>; rel="describedby"; type="{SCHEMA.type}"']
    if audited:
        links.append(f'<{asked.base}/disclosure/audit>; rel="related"; type="{JSON.type}"')
    return answer(asked, body, {"Link": ", ".join(links)})


async def disclosure_audit(request: Request) -> Response:
    """Answer `/disclosure/audit`: what was tried on the release before it was published.

    `NotFound` if it was published without an audit.
    """
    path = served(request).release.path(_AUDIT)
    asked = ask(request, media=(JSON, HTML))

    def body() -> bytes:
        raw = path.read_bytes()
        return page(asked, "audit", orjson.loads(raw)) if asked.media.is_html else raw

    return answer(asked, body)


async def disclosure_schema(request: Request) -> Response:
    """Answer `/disclosure/schema`: the JSON Schema of the statement."""
    asked = ask(request, media=(SCHEMA,))
    return answer(asked, lambda: orjson.dumps(schemas.statement_schema(asked.url())))
