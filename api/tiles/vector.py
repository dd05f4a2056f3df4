"""Vector tiles: XYZ with TileJSON, and OGC API - Tiles, from one memory-mapped archive each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask
from api.language import JSON
from api.served import Served
from api.tiles.answers import without_parameters
from api.tiles.documents import (
    TMS,
    tile_matrix_set,
    tile_matrix_sets,
    tilejson,
    tileset_document,
    tileset_list,
    zooms_of,
)
from api.tiles.grid import place
from api.tiles.quick import as_response, tile_answer
from geo_core.errors import NotFound
from geo_core.model.manifest import Tileset

CONFORMANCE: Final = tuple(
    f"http://www.opengis.net/spec/{name}"
    for name in (
        "ogcapi-tiles-1/1.0/conf/core",
        "ogcapi-tiles-1/1.0/conf/tileset",
        "ogcapi-tiles-1/1.0/conf/tilesets-list",
        "ogcapi-tiles-1/1.0/conf/dataset-tilesets",
        "ogcapi-tiles-1/1.0/conf/geodata-tilesets",
        "ogcapi-tiles-1/1.0/conf/mvt",
        "tms/2.0/conf/tilematrixset",
        "tms/2.0/conf/json-tilematrixset",
        "tms/2.0/conf/tilesetmetadata",
        "tms/2.0/conf/json-tilesetmetadata",
        "tms/2.0/conf/tilematrixsetlimits",
        "tms/2.0/conf/json-tilematrixsetlimits",
    )
)
"""Requirements classes these routes meet."""


def routes() -> list[Route]:
    """Return the routes of vector tiles (GET and HEAD)."""
    of_collection, of_theme = "/collections/{tileset}/tiles", "/tiles/{tileset}"
    return [
        Route("/xyz/{tileset}/{z}/{x}/{y}.mvt", _xyz, methods=["GET"]),
        Route("/xyz/{tileset}.json", _tilejson, methods=["GET"]),
        Route(of_collection, _collection_list, methods=["GET"]),
        Route(f"{of_collection}/{TMS}", _collection_tileset, methods=["GET"]),
        Route(f"{of_collection}/{TMS}/{{z}}/{{y}}/{{x}}", _collection_tile, methods=["GET"]),
        Route("/tiles", _theme_list, methods=["GET"]),
        Route(f"{of_theme}/{TMS}", _theme_tileset, methods=["GET"]),
        Route(f"{of_theme}/{TMS}/{{z}}/{{y}}/{{x}}", _theme_tile, methods=["GET"]),
        Route("/tileMatrixSets", _tile_matrix_sets, methods=["GET"]),
        Route(f"/tileMatrixSets/{TMS}", _tile_matrix_set, methods=["GET"]),
    ]


# The handlers are coroutines although they await nothing: the archive is memory-mapped, and a
# change of thread would cost more than the tile.


async def _xyz(request: Request) -> Response:
    return _tile(request, _any)


async def _collection_tile(request: Request) -> Response:
    return _tile(request, _of_collection)


async def _theme_tile(request: Request) -> Response:
    return _tile(request, _theme)


async def _tilejson(request: Request) -> Response:
    return _document(request, lambda asked: tilejson(asked, _asked_for(asked, request, _any)))


async def _collection_tileset(request: Request) -> Response:
    return _document(
        request, lambda asked: tileset_document(asked, _asked_for(asked, request, _of_collection))
    )


async def _theme_tileset(request: Request) -> Response:
    return _document(
        request, lambda asked: tileset_document(asked, _asked_for(asked, request, _theme))
    )


async def _collection_list(request: Request) -> Response:
    def build(asked: Asked) -> dict[str, Any]:
        info = asked.served.release.info(request.path_params["tileset"])
        return tileset_list(
            asked, [t for t in _tilesets(asked.served, _of_collection) if t.id == info.layer.id]
        )

    return _document(request, build)


async def _theme_list(request: Request) -> Response:
    return _document(request, lambda asked: tileset_list(asked, _tilesets(asked.served, _theme)))


async def _tile_matrix_sets(request: Request) -> Response:
    return _document(request, tile_matrix_sets)


async def _tile_matrix_set(request: Request) -> Response:
    return _document(request, lambda _asked: tile_matrix_set())


def _any(_tileset: Tileset) -> bool:
    return True


def _theme(tileset: Tileset) -> bool:
    return tileset.theme


def _of_collection(tileset: Tileset) -> bool:
    return not tileset.theme


type _Kind = Callable[[Tileset], bool]


def _tilesets(current: Served, kind: _Kind) -> list[Tileset]:
    return [tileset for tileset in current.release.manifest.tilesets if kind(tileset)]


def _named(current: Served, ident: str, kind: _Kind) -> Tileset:
    known = {tileset.id: tileset for tileset in _tilesets(current, kind)}
    if ident not in known:
        raise NotFound.among("tileset", ident, known)
    return known[ident]


def _asked_for(asked: Asked, request: Request, kind: _Kind) -> Tileset:
    return _named(asked.served, request.path_params["tileset"], kind)


def _document(request: Request, build: Callable[[Asked], dict[str, Any]]) -> Response:
    asked = ask(request, media=(JSON,))
    body = orjson.dumps(build(asked))
    return answer(asked, lambda: body)


def _tile(request: Request, kind: _Kind) -> Response:
    current = without_parameters(request)
    params = request.path_params
    tileset = _named(current, params["tileset"], kind)
    at = place(
        params["z"], params["x"], params["y"], bounds=tileset.bounds, zooms=zooms_of(tileset)
    )
    headers = request.headers
    found = tile_answer(
        current.sheets[tileset.id],
        at,
        wanted=headers.get("accept-encoding", ""),
        known=headers.get("if-none-match", ""),
    )
    return as_response(found)
