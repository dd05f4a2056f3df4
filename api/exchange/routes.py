"""Routes of the exchange formats: `/hsds` and `/dcat`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import batched
from typing import Final

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from api.asked import Asked, answer, ask, document, page, unchanged, validators
from api.exchange import profile
from api.exchange.catalogue import catalogue, summary
from api.exchange.directory import directory
from api.exchange.lists import KINDS, Kind, matching, paged, shape
from api.exchange.rdf import jsonld, turtle
from api.exchange.tables import datapackage
from api.exchange.view import View
from api.language import HTML, JSON, Media
from api.params import choice
from geo_core.errors import NotFound

TURTLE: Final = Media("ttl", "text/turtle; charset=utf-8", ("application/x-turtle",))
JSON_LD: Final = Media("jsonld", "application/ld+json", ("application/json",))
LINES: Final = Media("ndjson", "application/x-ndjson")
ZIP: Final = Media("zip", "application/zip")

_HEAVY = CapacityLimiter(2)
"""Answers made at the same time, each of which holds its objects: few bound the memory."""

_LINES_AT_ONCE: Final = 100
"""Objects made between two writes of a stream."""

_NEWLINE: Final = orjson.OPT_APPEND_NEWLINE
_FORMATS: Final = {"json": JSON, "ndjson": LINES}


def routes() -> list[Route]:
    """Return the routes of the exchange formats."""
    return [
        _get("/hsds", hsds_root),
        _get("/hsds/profile", hsds_profile),
        _get("/hsds/datapackage.zip", hsds_tables),
        _get("/hsds/{kind}", hsds_list),
        _get("/hsds/{kind}/{ident}", hsds_one),
        _get("/dcat", dcat),
        _get("/dcat.ttl", dcat_turtle),
        _get("/dcat.jsonld", dcat_jsonld),
    ]


def _get(path: str, endpoint: Callable[[Request], object]) -> Route:
    return Route(path, endpoint, methods=["GET"])


async def hsds_root(request: Request) -> Response:
    """Answer `/hsds`: HSDS's description of an API, or the page of the profile."""
    asked = ask(request)
    build = profile.profile if asked.media.is_html else profile.metadata
    return await _in_thread(lambda: document(asked, "hsds", lambda: build(asked)))


async def hsds_profile(request: Request) -> Response:
    """Answer `/hsds/profile`: what is exported and what is left out."""
    asked = ask(request)
    return await _in_thread(lambda: document(asked, "hsds", lambda: profile.profile(asked)))


async def hsds_list(request: Request) -> Response:
    """Answer `/hsds/{kind}`: a page of objects, or all of them one per line (`ndjson`)."""
    kind = _kind(request)
    asked = ask(request, names=kind.parameters, media=(JSON, LINES))
    if "format" in asked.params:
        named = choice("format", asked.params["format"], _FORMATS)
        asked = replace(asked, media=_FORMATS[named])
    return await _in_thread(_lines if asked.media is LINES else _page, asked, kind)


async def hsds_one(request: Request) -> Response:
    """Answer `/hsds/{kind}/{id}`: one object with all that belongs to it."""
    kind = _kind(request)
    names = ("full_service",) if kind.name == "organizations" else ()
    asked = ask(request, names=names, media=(JSON,))
    return await _in_thread(_one, asked, kind, request.path_params["ident"])


async def hsds_tables(request: Request) -> Response:
    """Answer `/hsds/datapackage.zip`: everything, in tables."""
    asked = ask(request, media=(ZIP,))
    manifest = asked.served.release.manifest
    title = manifest.title.in_(asked.lang)
    headers = {"Content-Disposition": 'attachment; filename="hsds.zip"'}

    def body() -> bytes:
        return datapackage(_view(asked), title=title, licence="CC-BY-4.0")

    return await _in_thread(answer, asked, body, headers)


async def dcat(request: Request) -> Response:
    """Answer `/dcat`: the catalogue, in the representation asked for."""
    return await _catalogue(ask(request, media=(TURTLE, JSON_LD, HTML)))


async def dcat_turtle(request: Request) -> Response:
    """Answer `/dcat.ttl`."""
    return await _catalogue(ask(request, media=(TURTLE,)))


async def dcat_jsonld(request: Request) -> Response:
    """Answer `/dcat.jsonld`."""
    return await _catalogue(ask(request, media=(JSON_LD,)))


def _kind(request: Request) -> Kind:
    name = request.path_params["kind"]
    if name not in KINDS:
        raise NotFound.among("list", name, KINDS)
    return KINDS[name]


def _view(asked: Asked) -> View:
    return View(directory(asked.served), asked.lang)


def _page(asked: Asked, kind: Kind) -> Response:
    view, make = _view(asked), shape(kind, asked.params)
    shown, envelope = paged(matching(kind, view.directory, asked.params), asked.params)

    def body() -> bytes:
        return orjson.dumps({**envelope, "contents": [make(view, ident) for ident in shown]})

    return answer(asked, body)


def _lines(asked: Asked, kind: Kind) -> Response:
    view, make = _view(asked), shape(kind, asked.params)
    idents = matching(kind, view.directory, asked.params)
    held = unchanged(asked)
    if held is not None:
        return held

    def lines() -> Iterator[bytes]:
        for some in batched(idents, _LINES_AT_ONCE):
            yield b"".join(orjson.dumps(make(view, i), None, _NEWLINE) for i in some)

    headers = validators(asked, asked.etag)
    return StreamingResponse(lines(), headers=headers, media_type=LINES.type)


def _one(asked: Asked, kind: Kind, asked_for: str) -> Response:
    view = _view(asked)
    ident = kind.ident(view.directory, asked_for)
    make = kind.full
    if "full_service" in asked.params:
        make = shape(kind, {"full": "true", **asked.params})
    return answer(asked, lambda: orjson.dumps(make(view, ident)))


async def _catalogue(asked: Asked) -> Response:
    def body() -> bytes:
        if asked.media is HTML:
            return page(asked, "dcat", summary(asked.served, asked.lang))
        triples = catalogue(asked.served)
        return turtle(triples) if asked.media is TURTLE else jsonld(triples)

    return await _in_thread(answer, asked, body)


async def _in_thread(make: Callable[..., Response], *arguments: object) -> Response:
    return await to_thread.run_sync(make, *arguments, limiter=_HEAVY)
