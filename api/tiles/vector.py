"""Vector tiles: XYZ with TileJSON, and OGC API - Tiles, from one memory-mapped archive each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, document
from api.downloads import packable
from api.language import JSON
from api.params import read_query
from api.served import Served, served
from api.tiles.answers import without_parameters
from api.tiles.documents import (
    tile_matrix_set,
    tile_matrix_sets,
    tilejson,
    tileset_document,
    tileset_list,
    xyz,
)
from api.tiles.grid import Place, place
from api.tiles.joined import Joined
from api.tiles.quick import as_response, tile_answer
from api.tiles.views import COLLECTIONS, DATASET, TMS, View, choices, dataset, view_of, zooms_of
from geo_core.errors import NotFound
from geo_core.model.layer import Layer
from geo_core.model.manifest import Manifest, Tileset
from geo_core.model.mercator import Bounds

CONFORMANCE: Final = tuple(
    f"http://www.opengis.net/spec/{name}"
    for name in (
        "ogcapi-tiles-1/1.0/conf/core",
        "ogcapi-tiles-1/1.0/conf/tileset",
        "ogcapi-tiles-1/1.0/conf/tilesets-list",
        "ogcapi-tiles-1/1.0/conf/dataset-tilesets",
        "ogcapi-tiles-1/1.0/conf/geodata-tilesets",
        "ogcapi-tiles-1/1.0/conf/collections-selection",
        "ogcapi-tiles-1/1.0/conf/mvt",
        "ogcapi-tiles-1/1.0/conf/oas30",
        "tms/2.0/conf/tilematrixset",
        "tms/2.0/conf/json-tilematrixset",
        "tms/2.0/conf/tilesetmetadata",
        "tms/2.0/conf/json-tilesetmetadata",
        "tms/2.0/conf/tilematrixsetlimits",
        "tms/2.0/conf/json-tilematrixsetlimits",
    )
)
"""Requirements classes these routes meet."""

_OF_COLLECTION, _OF_THEME = "/collections/{tileset}/tiles", "/tiles/{tileset}"
_ROW_FIRST: Final = f"/{TMS}/{{z}}/{{y}}/{{x}}"

_JOINING: Final = CapacityLimiter(2)
"""A tile of many layers is put together in a thread: few at a time bound the memory."""


def tiles() -> list[Route]:
    """Return the routes of the tiles themselves (GET and HEAD)."""
    return [
        Route(f"/xyz/{DATASET}/{{z}}/{{x}}/{{y}}.mvt", _dataset_tile, methods=["GET"]),
        Route(f"/tiles{_ROW_FIRST}", _dataset_tile, methods=["GET"]),
        Route("/xyz/{tileset}/{z}/{x}/{y}.mvt", _xyz, methods=["GET"]),
        Route(f"{_OF_COLLECTION}{_ROW_FIRST}", _collection_tile, methods=["GET"]),
        Route(f"{_OF_THEME}{_ROW_FIRST}", _theme_tile, methods=["GET"]),
    ]


def routes() -> list[Route]:
    """Return the routes of the documents about vector tiles (GET and HEAD)."""
    return [
        Route(f"/xyz/{DATASET}.json", _dataset_tilejson, methods=["GET"]),
        Route("/xyz/{tileset}.json", _tilejson, methods=["GET"]),
        Route(_OF_COLLECTION, _collection_list, methods=["GET"]),
        Route(f"{_OF_COLLECTION}/{TMS}", _collection_tileset, methods=["GET"]),
        Route("/tiles", _list, methods=["GET"]),
        Route(f"/tiles/{TMS}", _dataset_tileset, methods=["GET"]),
        Route(f"{_OF_THEME}/{TMS}", _theme_tileset, methods=["GET"]),
        Route("/tileMatrixSets", _tile_matrix_sets, methods=["GET"]),
        Route(f"/tileMatrixSets/{TMS}", _tile_matrix_set, methods=["GET"]),
    ]


# These handlers are coroutines although they await nothing: the archive is memory-mapped, and a
# change of thread would cost more than the tile.


async def _xyz(request: Request) -> Response:
    return _tile(request, _any)


async def _collection_tile(request: Request) -> Response:
    return _tile(request, _of_collection)


async def _theme_tile(request: Request) -> Response:
    return _tile(request, _theme)


async def _dataset_tile(request: Request) -> Response:
    current = served(request)
    params = read_query(request.scope["query_string"], (COLLECTIONS,))
    view = dataset(current, params.get(COLLECTIONS))
    at, said = _place(request, view.bounds, view.zooms), request.headers
    shown = [one.id for one in view.tilesets]
    tile = Joined(current, shown, at, wanted=said.get("accept-encoding", ""))
    held = tile.held(said.get("if-none-match", ""))
    return await to_thread.run_sync(tile.made, limiter=_JOINING) if held is None else held


def _tilejson(request: Request) -> Response:
    view = _asked_for(request, _any)
    return _as_json(request, lambda asked: tilejson(asked, view))


def _dataset_tilejson(request: Request) -> Response:
    asked = ask(request, names=(COLLECTIONS,), media=(JSON,))
    view = dataset(asked.served, asked.params.get(COLLECTIONS))
    return answer(asked, lambda: orjson.dumps(tilejson(asked, view)))


def _collection_tileset(request: Request) -> Response:
    return _tileset(ask(request), _asked_for(request, _of_collection))


def _theme_tileset(request: Request) -> Response:
    return _tileset(ask(request), _asked_for(request, _theme))


def _dataset_tileset(request: Request) -> Response:
    asked = ask(request, names=(COLLECTIONS,))
    return _tileset(asked, dataset(asked.served, asked.params.get(COLLECTIONS)))


def _tileset(asked: Asked, view: View) -> Response:
    manifest = asked.served.release.manifest
    return document(
        asked,
        "tileset",
        lambda: tileset_document(asked, view),
        lambda: {
            "view": view,
            "xyz": xyz(asked, view),
            "choices": choices(manifest) if view.id == DATASET else (),
            "made": _made(manifest),
        },
    )


def _collection_list(request: Request) -> Response:
    current, ident = served(request), request.path_params["tileset"]
    layer = current.release.info(ident).layer
    own = [one for one in _tilesets(current, _of_collection) if one.id == ident]
    return _listed(ask(request), [_view(current, one) for one in own], layer)


def _list(request: Request) -> Response:
    current = served(request)
    whole = [dataset(current, None)] if current.release.manifest.tilesets else []
    themes = [_view(current, one) for one in _tilesets(current, _theme)]
    return _listed(ask(request), [*whole, *themes], None)


def _listed(asked: Asked, views: Sequence[View], layer: Layer | None) -> Response:
    """Answer with a list of tilesets: those of a collection, or those of all."""
    others = () if layer else _tilesets(asked.served, _of_collection)
    return document(
        asked,
        "tilesets",
        lambda: tileset_list(asked, views),
        lambda: {
            "layer": layer,
            "views": [(view, xyz(asked, view)) for view in views],
            "made": _made(asked.served.release.manifest),
            "others": [(one.id, one.title.in_(asked.lang)) for one in others],
        },
    )


def _made(manifest: Manifest) -> set[str]:
    return {tileset.id for tileset in packable(manifest)}


def _tile_matrix_sets(request: Request) -> Response:
    asked = ask(request)
    return document(
        asked,
        "tile_matrix_sets",
        lambda: tile_matrix_sets(asked),
        lambda: {"grid": tile_matrix_set()},
    )


def _tile_matrix_set(request: Request) -> Response:
    return _as_json(request, lambda _asked: tile_matrix_set())


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


def _asked_for(request: Request, kind: _Kind) -> View:
    current = served(request)
    return _view(current, _named(current, request.path_params["tileset"], kind))


def _view(current: Served, tileset: Tileset) -> View:
    return view_of(current.release.manifest, tileset)


def _as_json(request: Request, build: Callable[[Asked], dict[str, Any]]) -> Response:
    asked = ask(request, media=(JSON,))
    return answer(asked, lambda: orjson.dumps(build(asked)))


def _tile(request: Request, kind: _Kind) -> Response:
    current = without_parameters(request)
    tileset = _named(current, request.path_params["tileset"], kind)
    at = _place(request, tileset.bounds, zooms_of(tileset))
    found = tile_answer(
        current.sheets[tileset.id],
        at,
        wanted=request.headers.get("accept-encoding", ""),
        known=request.headers.get("if-none-match", ""),
    )
    return as_response(found)


def _place(request: Request, bounds: Bounds, zooms: tuple[int, int]) -> Place:
    z, x, y = (request.path_params[name] for name in "zxy")
    return place(z, x, y, bounds=bounds, zooms=zooms)
