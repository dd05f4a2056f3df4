"""`/styles` and `/styles/{id}`, after OGC API - Styles (draft)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, document
from api.describe.documents import OFFERED
from api.describe.links import self_links
from api.embed.config import opened_at
from api.language import STYLE
from api.pages.shelves import Family, shelves
from api.served import served
from geo_core.errors import NotFound
from geo_core.model.manifest import CollectionInfo, Manifest, Tileset
from geo_core.model.style import Style
from geo_core.model.text import Lang, Text
from geo_core.styling.legend import Row, rows
from geo_core.styling.maplibre import Json, style_document


class Legend(NamedTuple):
    """How the collections of one family are drawn.

    Attributes
    ----------
    drawn_by : Text | None
        Title of the field that decides the colour.
    tilesets : tuple of pairs
        Id and title of each set of tiles with this legend.
    on_map : str | None
        Fragment of the address at which the map shows it.
    """

    id: str
    title: str
    drawn_by: Text | None
    style: Style
    rows: tuple[Row, ...]
    tilesets: tuple[tuple[str, str], ...]
    on_map: str | None


class Theme(NamedTuple):
    """The legends of one theme."""

    id: str
    title: str
    legends: tuple[Legend, ...]


def routes() -> list[Route]:
    """Return the routes of the styles: one style per vector tileset, with the tileset's id."""
    return [
        Route("/styles", _list, methods=["GET"]),
        Route("/styles/{style}", _style, methods=["GET"]),
    ]


def _list(request: Request) -> Response:
    asked = ask(request)
    return document(
        asked, "styles", lambda: _listed(asked), lambda: {"themes": list(_themes(asked))}
    )


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
        "links": self_links(asked, OFFERED),
    }


def _entry(tileset: Tileset, asked: Asked) -> Json:
    link = {
        "href": f"{asked.base}/styles/{tileset.id}?f={STYLE.f}",
        "rel": "stylesheet",
        "type": STYLE.type,
    }
    return {"id": tileset.id, "title": tileset.title.in_(asked.lang), "links": [link]}


def _themes(asked: Asked) -> Iterator[Theme]:
    manifest, lang = asked.served.release.manifest, asked.lang
    infos = {info.layer.id: info for info in manifest.collections}
    for shelf in shelves((info.layer for info in infos.values()), lang):
        legends = (
            _legend(family, infos[family.members[0].id], manifest, lang)
            for family in shelf.families
            if family.id in manifest.styles
        )
        found = tuple(legend for legend in legends if legend.tilesets)
        if found:
            yield Theme(shelf.id, shelf.title, found)


def _legend(family: Family, info: CollectionInfo, manifest: Manifest, lang: Lang) -> Legend:
    style, labels = manifest.styles[family.id], {one.id: one.label for one in family.members}
    return Legend(
        family.id,
        family.title,
        _drawn_by(style, info),
        style,
        rows(style),
        tuple(
            (tileset.id, labels.get(tileset.id, tileset.title.in_(lang)))
            for tileset in manifest.tilesets
            if tileset.id == family.id or tileset.id in labels
        ),
        opened_at(family.id),
    )


def _drawn_by(style: Style, info: CollectionInfo) -> Text | None:
    return info.layer.field(style.fields[0]).title if style.fields else None
