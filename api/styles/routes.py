"""`/styles` and `/styles/{id}`, after OGC API - Styles (draft)."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask
from api.language import JSON, STYLE
from api.served import served
from api.styles.maplibre import Json, style_document
from geo_core.errors import NotFound
from geo_core.model.manifest import Manifest, Tileset
from geo_core.model.text import Lang


def routes() -> list[Route]:
    """Return the routes of the styles: one style per vector tileset, with the tileset's id."""
    return [
        Route("/styles", _list, methods=["GET"]),
        Route("/styles/{style}", _style, methods=["GET"]),
    ]


def _list(request: Request) -> Response:
    asked = ask(request, media=(JSON,))
    return answer(asked, lambda: orjson.dumps(_listed(asked)))


def _style(request: Request) -> Response:
    manifest = served(request).release.manifest
    tileset = _tileset(manifest, request.path_params["style"])
    asked = ask(request, media=(STYLE,))

    def body() -> bytes:
        return orjson.dumps(style(manifest, tileset, public_url=asked.base, lang=asked.lang))

    return answer(asked, body)


def style(manifest: Manifest, tileset: Tileset, *, public_url: str, lang: Lang) -> Json:
    """Return the MapLibre style of one tileset of a release."""
    shown = set(tileset.collections.values())
    layer = next(info.layer for info in manifest.collections if info.layer.id in shown)
    return style_document(
        manifest.styles[layer.family], layer, tileset, public_url=public_url, lang=lang
    )


def _tileset(manifest: Manifest, ident: str) -> Tileset:
    tilesets = {tileset.id: tileset for tileset in manifest.tilesets}
    if ident not in tilesets:
        raise NotFound.among("style", ident, tilesets)
    return tilesets[ident]


def _listed(asked: Asked) -> Json:
    tilesets = asked.served.release.manifest.tilesets
    return {
        "styles": [_entry(tileset, asked) for tileset in tilesets],
        "links": [{"href": asked.url(), "rel": "self", "type": JSON.type}],
    }


def _entry(tileset: Tileset, asked: Asked) -> Json:
    link = {
        "href": f"{asked.base}/styles/{tileset.id}?f={STYLE.f}",
        "rel": "stylesheet",
        "type": STYLE.type,
    }
    return {"id": tileset.id, "title": tileset.title.in_(asked.lang), "links": [link]}
