"""`/styles` and `/styles/{id}`, after OGC API - Styles (draft)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, document, page
from api.describe.documents import OFFERED
from api.describe.links import self_links
from api.embed.config import opened_at
from api.language import HTML, JSON
from api.pages.shelves import Family, shelves
from api.served import served
from api.styles.encodings import NAMES, PNG, SPECIFICATIONS, VERSIONS, Styled, encoded, styled
from geo_core.errors import NotFound
from geo_core.model.manifest import CollectionInfo, Manifest
from geo_core.model.style import Scale, Style
from geo_core.model.text import Lang, Text
from geo_core.styling.legend import Row, rows
from geo_core.styling.maplibre import SPRITE, Json
from geo_core.styling.sprite import index, patterns, picture


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
    """Return the routes of the styles: one for each collection that is drawn, with its id."""
    pictures = [
        Route(f"/styles/{SPRITE}{size}.{ending}", _sprite(ratio, ending), methods=["GET"])
        for size, ratio in (("", 1), ("@2x", 2))
        for ending in ("json", "png")
    ]
    return [
        Route("/styles", _list, methods=["GET"]),
        *pictures,
        Route("/styles/{style}", _style, methods=["GET"]),
        Route("/styles/{style}/metadata", _metadata, methods=["GET"]),
    ]


def _list(request: Request) -> Response:
    asked = ask(request)
    return document(
        asked, "styles", lambda: _listed(asked), lambda: {"themes": list(_themes(asked))}
    )


def _style(request: Request) -> Response:
    one = _found(request)
    asked = ask(request, media=one.forms)

    def body() -> bytes:
        if asked.media.is_html:
            told = f"{asked.base}/styles/{one.id}/metadata?lang={asked.lang}"
            return page(asked, "style", metadata(one, asked), as_json=told, **_shown(one, asked))
        return encoded(one, asked.media, public_url=asked.base, lang=asked.lang)

    return answer(asked, body)


def _metadata(request: Request) -> Response:
    one = _found(request)
    asked = ask(request, media=(JSON,))
    return answer(asked, lambda: orjson.dumps(metadata(one, asked)))


def _found(request: Request) -> Styled:
    every, ident = styled(served(request).release.manifest), request.path_params["style"]
    if ident not in every:
        raise NotFound.among("style", ident, every)
    return every[ident]


def _sprite(ratio: int, ending: str) -> Callable[[Request], Response]:
    """Return what answers with the picture of all patterns, or with where each lies in it."""

    def of(request: Request) -> Response:
        form = PNG if ending == "png" else JSON
        asked = ask(request, media=(form,))
        styles = asked.served.release.manifest.styles.values()
        found = patterns(scale for style in styles for scale in style.scales)
        drawn = {"png": picture, "json": lambda *some: orjson.dumps(index(*some))}[ending]
        return answer(asked, lambda: drawn(found, ratio))

    return of


def _listed(asked: Asked) -> Json:
    every = styled(asked.served.release.manifest).values()
    return {
        "styles": [_entry(one, asked) for one in every],
        "links": self_links(asked, OFFERED),
    }


def _entry(one: Styled, asked: Asked) -> Json:
    here = f"{asked.base}/styles/{one.id}"
    links = [
        {"href": f"{here}?f={form.f}", "rel": "stylesheet", "type": form.type}
        for form in one.stylesheets
    ]
    described = {"href": f"{here}/metadata", "rel": "describedby", "type": JSON.type}
    return {"id": one.id, "title": one.title.in_(asked.lang), "links": [*links, described]}


def metadata(one: Styled, asked: Asked) -> dict[str, Any]:
    """Return what a style is, its stylesheets and what it draws (OGC API - Styles, draft)."""
    lang, here = asked.lang, f"{asked.base}/styles/{one.id}"
    manifest, layer = asked.served.release.manifest, one.layer
    return {
        "id": one.id,
        "title": one.title.in_(lang),
        "description": one.style.title.in_(lang),
        "keywords": list(layer.keywords),
        "pointOfContact": manifest.publication.contact.name.in_(lang),
        "license": layer.licence,
        "scope": "style",
        "version": manifest.id,
        "stylesheets": [
            {
                "title": NAMES[form].in_(lang),
                "version": VERSIONS[form],
                "specification": SPECIFICATIONS[form],
                "native": form is one.stylesheets[0],
                "link": {"href": f"{here}?f={form.f}", "rel": "stylesheet", "type": form.type},
            }
            for form in one.stylesheets
        ],
        "layers": [
            {
                "id": one.id,
                "type": "point" if one.style.mark == "circle" else "polygon",
                "sampleData": {
                    "href": f"{asked.base}/collections/{layer.id}/items",
                    "rel": "data",
                    "type": "application/geo+json",
                },
            }
        ],
        "links": [
            {"href": f"{here}?f={form.f}", "rel": "preview", "type": form.type}
            for form in one.forms
            if form not in one.stylesheets
        ],
    }


def _shown(one: Styled, asked: Asked) -> dict[str, object]:
    """Return what the page of a style needs beside its metadata."""
    return {
        "scales": [
            (scale, _titles(one, scale, asked.lang), rows(scale)) for scale in one.style.scales
        ],
        "forms": [(form.f, NAMES[form].in_(asked.lang)) for form in one.forms if form is not HTML],
        "collection": one.layer,
    }


def _titles(one: Styled, scale: Scale, lang: Lang) -> list[str]:
    """Return the titles of the fields that a scale classifies."""
    return [one.layer.field(name).title.in_(lang) for name in scale.fields]


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
