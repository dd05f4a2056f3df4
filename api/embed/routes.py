"""The map page, its configuration, and the static files of every page."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha384
from http import HTTPStatus
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, coded, matches, page
from api.coding import accepts_gzip
from api.embed.config import config
from api.embed.drawing import Narrowed, drawing
from api.embed.figures import boxes, places
from api.embed.giving import ELEMENT, HEIGHT, WIDTH, frame, oembed, snippets
from api.embed.near import offices
from api.embed.page import address, choices, context, framed
from api.embed.sought import places as named_places
from api.embed.view import NAMES, View, areas, view
from api.language import HTML, JSON, SVG
from api.pages import render
from api.pages.assets import assets, version
from api.params import whole
from api.served import Served
from geo_core.errors import NotFound
from geo_core.model.text import Lang

_SCRIPT: Final = "embed/atlante-mappa.js"
_FOR_EVER: Final = "public, max-age=31536000, immutable"


def routes() -> list[Route]:
    """Return the routes of the map, of the static files and of the icon at its old address."""
    return [
        Route("/embed", _page, methods=["GET"]),
        Route("/embed/config.json", _config, methods=["GET"]),
        Route("/embed/crea", _create, methods=["GET"]),
        Route(ELEMENT, _element, methods=["GET"]),
        Route("/oembed", _oembed, methods=["GET"]),
        Route("/accessibilita", _accessibility, methods=["GET"]),
        Route("/embed/luoghi.json", _places, methods=["GET"]),
        Route("/embed/{collection}.svg", _picture, methods=["GET"]),
        Route("/embed/{layer}", _page, methods=["GET"]),
        Route("/favicon.ico", _favicon, methods=["GET"]),
        Route("/robots.txt", _robots, methods=["GET"]),
        Route("/static/{tag}/{path:path}", _static, methods=["GET"]),
    ]


def _page(request: Request) -> Response:
    """Answer with the map; what it shows stands in the query, the layer also in the path."""
    asked = ask(request, names=NAMES, media=(HTML,))
    layer = request.path_params.get("layer")
    if layer is None and "layer" not in asked.params and not areas(asked.served):
        raise NotFound("this release has no map", hint="the data are at /collections")
    shown = view(asked.served, asked.params, layer)
    return answer(asked, lambda: _map(asked, shown))


def _map(asked: Asked, shown: View) -> bytes:
    said = {**framed(asked), **context(asked, shown), "frame": frame("", "", "100%", HEIGHT)}
    return render("map", said, asked.lang).encode()


def _create(request: Request) -> Response:
    """Answer with the page on which an editor makes a snippet."""
    asked = ask(request, names=NAMES, media=(HTML,))
    shown = view(asked.served, asked.params)
    return answer(asked, lambda: page(asked, "create", None, **_given(asked, shown)))


def _given(asked: Asked, shown: View) -> dict[str, object]:
    return {
        **choices(shown, asked.lang),
        "view": shown,
        "snippets": snippets(asked, shown),
        "preview": f"{asked.base}/embed?{address(shown, asked.lang)}",
        "integrity": _integrity(),
    }


def _integrity() -> str:
    digest = sha384(assets()[_SCRIPT].body).digest()
    return f"sha384-{b64encode(digest).decode()}"


async def _element(request: Request) -> Response:
    """Answer with the script of the custom element, whose address never changes."""
    return _file(request, _SCRIPT, tag="")


def _oembed(request: Request) -> Response:
    asked = ask(request, names=("url", "maxwidth", "maxheight", "format"), media=(JSON,))
    if asked.params.get("format", "json") != "json":
        return Response(status_code=HTTPStatus.NOT_IMPLEMENTED)  # as oEmbed wants it
    sizes = {"maxwidth": WIDTH, "maxheight": HEIGHT}
    most = [whole(n, asked.params.get(n, str(usual)), least=1) for n, usual in sizes.items()]
    url = asked.params.get("url", f"{asked.base}/embed")
    said = oembed(asked, url, (most[0], most[1]))
    return answer(asked, lambda: orjson.dumps(said))


def _accessibility(request: Request) -> Response:
    asked = ask(request, media=(HTML,))
    contact = asked.served.release.manifest.publication.contact
    doc = {"contact": contact.name.in_(asked.lang), "address": contact.email}
    return answer(asked, lambda: page(asked, "accessibility", doc))


def _config(request: Request) -> Response:
    asked = ask(request, media=(JSON,))
    return answer(asked, lambda: _configuration(asked.served, asked.lang))


def _places(request: Request) -> Response:
    """Answer with what a browser needs to find places and offices without asking again."""
    asked = ask(request, media=(JSON,))
    return answer(asked, lambda: _gazetteer(asked))


def _picture(request: Request) -> Response:
    """Answer with the map of a collection, or of a municipality in it, as a picture."""
    asked = ask(request, names=("field", "anno", "comune"), media=(SVG,))
    release, ident = asked.served.release, request.path_params["collection"]
    if ident not in (known := [info.layer.id for info in release.manifest.collections]):
        raise NotFound.among("collection", ident, known)
    given = [asked.params.get(name) or None for name in ("field", "anno", "comune")]
    chosen = Narrowed(*given)
    return answer(asked, lambda: drawing(release, release.info(ident), asked.lang, chosen))


async def _static(request: Request) -> Response:
    return _file(request, request.path_params["path"], tag=request.path_params["tag"])


async def _favicon(request: Request) -> Response:
    return _file(request, "icon.svg", tag="")


async def _robots(request: Request) -> Response:
    return _file(request, "robots.txt", tag="")


def _file(request: Request, path: str, *, tag: str) -> Response:
    asset = assets().get(path)
    if asset is None:
        raise NotFound("there is no file at this address")
    # A page and its files change together. One asked for under another version, by a page that
    # was open during an upgrade, must not be kept under that name.
    lasting = _FOR_EVER if tag == version() else "no-cache"
    coding = "gzip" if accepts_gzip(request.headers.get("accept-encoding", "")) else ""
    etag = coded(asset.etag, coding)
    headers = {"ETag": etag, "Vary": "Accept-Encoding", "Cache-Control": lasting}
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    body = asset.gzipped if coding else asset.body
    return Response(body, headers=headers, media_type=asset.media_type)


@lru_cache(maxsize=2)
def _configuration(served: Served, lang: Lang) -> bytes:
    document = config(served.release.manifest, public_url=served.base, lang=lang)
    return orjson.dumps(
        {**document, "places": [tuple(p) for p in places(served)], "towns": boxes(served)}
    )


def _gazetteer(asked: Asked) -> bytes:
    """Return every place with a name and every office, as rows."""
    listed = [tuple(place) for place in named_places(asked.served)]
    found = [office._asdict() for office in offices(asked.served, asked.lang)]
    return orjson.dumps({"places": listed, "offices": found})
