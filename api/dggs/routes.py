"""The addresses of zones: of the whole release, and of every collection on hexagons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, document, known
from api.dggs import answers, documents, pages
from api.dggs.asked import ZONE_DATA, ZONE_LIST
from api.dggs.definition import ADDRESS, GRID, definition
from api.dggs.origin import OfCollection, OfRelease, Origin
from api.dggs.themes import on_zones
from api.features.routes import HEAVY
from api.language import HTML, JSON, SCHEMA, Media
from api.served import Served, served
from geo_core.errors import NotFound

CONFORMANCE: Final = tuple(
    f"https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/{name}"
    for name in (
        "core",
        "data-retrieval",
        "data-subsetting",
        "data-custom-depths",
        "data-cql2-filter",
        "zone-query",
        "zone-query-cql2-filter",
        "root-dggs",
        "collection-dggs",
        "operation-ids",
        "data-json",
        "data-geojson",
        "zone-html",
        "zone-uint64",
        "zone-geojson",
    )
)
"""Requirements classes these routes meet."""


type Build = Callable[[Asked, Origin, tuple[Media, ...]], dict[str, Any]]
type Context = Mapping[str, Any]


def routes() -> list[Route]:
    """Return the routes of zones (GET and HEAD)."""
    resources = {
        "": _grids,
        f"/{GRID}": _grid,
        f"/{GRID}/zones": _zones,
        f"/{GRID}/zones/{{zoneId}}": _zone,
        f"/{GRID}/zones/{{zoneId}}/data": _data,
    }
    return [
        Route(ADDRESS, _definition, methods=["GET"]),
        Route(f"/dggs/{GRID}/queryables", _queryables, methods=["GET"]),
        *(
            Route(f"{origin}/dggs{path}", endpoint, methods=["GET"])
            for origin in ("", "/collections/{collectionId}")
            for path, endpoint in resources.items()
        ),
    ]


def origin_of(request: Request) -> Origin:
    """Return whose zones the address asks for.

    Raises
    ------
    NotFound
        There is no such collection, or it has no zones.
    """
    held = served(request)
    if not held.themes:
        raise NotFound("this release has no zones")
    if "collectionId" not in request.path_params:
        return OfRelease(held.themes, tuple(held.themes))
    layer = held.collection(request.path_params["collectionId"]).layer
    if not on_zones(layer):
        raise NotFound("this collection has no zones", hint=_having(held))
    return OfCollection(held.themes[layer.family], layer)


def _having(held: Served) -> str:
    layers = (one.layer for one in held.collections.values())
    return "known: " + ", ".join(layer.id for layer in layers if on_zones(layer))


async def _definition(request: Request) -> Response:
    asked = ask(request, media=(JSON,))
    return answer(asked, lambda: orjson.dumps(definition(asked.lang)))


async def _grids(request: Request) -> Response:
    return await _document(request, "grids", documents.grids, pages.of_list)


async def _grid(request: Request) -> Response:
    return await _document(request, "grid", documents.grid, pages.of_grid)


async def _queryables(request: Request) -> Response:
    origin = origin_of(request)
    asked = ask(request, media=(SCHEMA,))
    return answer(asked, lambda: orjson.dumps(documents.queryables(asked, origin)))


async def _document(
    request: Request, template: str, build: Build, context: Callable[[Asked, Origin], Context]
) -> Response:
    origin = origin_of(request)
    asked = ask(request)

    def made() -> Response:
        return document(
            asked,
            template,
            lambda: build(asked, origin, (JSON, HTML)),
            lambda: context(asked, origin),
        )

    # The levels of a protected theme are read from a file when they are first asked for.
    return await _answered(asked, made)


async def _zones(request: Request) -> Response:
    origin = origin_of(request)
    asked = ask(request, names=ZONE_LIST, media=answers.OF_LISTS)
    return await _answered(asked, answers.zone_list, asked, origin)


async def _zone(request: Request) -> Response:
    origin = origin_of(request)
    asked = ask(request, media=answers.OF_ZONE)
    return await _answered(asked, answers.zone, asked, origin, request.path_params["zoneId"])


async def _data(request: Request) -> Response:
    origin = origin_of(request)
    asked = ask(request, names=ZONE_DATA, media=answers.OF_DATA)
    return await _answered(asked, answers.data, asked, origin, request.path_params["zoneId"])


async def _answered[*Given](
    asked: Asked, make: Callable[[*Given], Response], *given: *Given
) -> Response:
    """Return a kept answer at once, or make it in a thread."""
    held = known(asked)
    return held if held is not None else await to_thread.run_sync(make, *given, limiter=HEAVY)
