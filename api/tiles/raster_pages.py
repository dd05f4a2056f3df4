"""Rasters for people and for programs that look for one: `/raster`, legends and WMTS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, document
from api.describe.links import Link, Said, link, self_links
from api.downloads import entry_of
from api.language import HTML, JSON, SVG, XML
from api.served import served
from api.tiles import wmts
from api.tiles.grid import ranges
from api.tiles.legend import classes, legend, nothing, picture
from api.tiles.named import Named, named, rasters
from api.tiles.views import TMS

type Json = dict[str, Any]

_OFFERED: Final = (JSON, HTML)
_COG: Final = "image/tiff; application=geotiff; profile=cloud-optimized"
_ALL: Final = "/raster/wmts"
_MOSAIC: Final = 3
"""Tiles side by side in the picture of a page, at most."""

_SAID: Final = {
    "self": Said("Questo raster", "This raster"),
    "collection": Said("La raccolta da cui è fatto", "The collection it is made of"),
    "tilejson": Said("TileJSON 3.0", "TileJSON 3.0"),
    "legend": Said("Legenda", "Legend"),
    "picture": Said("Legenda come immagine", "Legend as a picture"),
    "wmts": Said("WMTS 1.0.0, per QGIS", "WMTS 1.0.0, for QGIS"),
    "info": Said("Che cosa contiene il file", "What the file holds"),
    "point": Said("Il valore in un luogo", "The value at a place"),
    "tile": Said("Una tessera", "One tile"),
    "cog": Said("Scarica come GeoTIFF (COG)", "Download as GeoTIFF (COG)"),
}


class Mosaic(NamedTuple):
    """Tiles that show a whole raster: a zoom, and where each of them lies in pixels."""

    width: int
    height: int
    tiles: tuple[tuple[int, int, str], ...]


def routes() -> list[Route]:
    """Return the routes of lists, pages, legends and WMTS (GET and HEAD)."""
    one = "/raster/{raster}"
    return [
        Route("/raster", _list, methods=["GET"]),
        Route(_ALL, _wmts_of_all, methods=["GET"]),
        Route(f"{_ALL}/{wmts.PATH}", _wmts_of_all, methods=["GET"]),
        Route(one, _raster, methods=["GET"]),
        Route(f"{one}/legend", _legend, methods=["GET"]),
        Route(f"{one}/wmts", _wmts_of_one, methods=["GET"]),
        Route(f"{one}/wmts/{wmts.PATH}", _wmts_of_one, methods=["GET"]),
    ]


async def _list(request: Request) -> Response:
    asked = ask(request)
    found = rasters(asked.served)

    def build() -> Json:
        address = f"{asked.base}{_ALL}/{wmts.PATH}"
        return {
            "rasters": [_entry(asked, raster) for raster in found],
            "links": [
                *self_links(asked, _OFFERED),
                _link(asked, "related", address, XML.type, "wmts"),
            ],
        }

    return document(asked, "rasters", build, lambda: {"wmts": f"{_ALL}/{wmts.PATH}"})


async def _raster(request: Request) -> Response:
    raster = _named(request)
    asked = ask(request)

    def build() -> Json:
        entry = _entry(asked, raster)
        return {
            **entry,
            "legend": legend(raster, asked.lang),
            "links": [*self_links(asked, _OFFERED), *entry["links"][1:]],
        }

    return document(
        asked,
        "raster",
        build,
        lambda: {
            "wmts": f"/raster/{raster.file.id}/wmts/{wmts.PATH}",
            "classes": classes(raster),
            "nothing": nothing(raster),
            "collection": raster.layer.title.in_(asked.lang),
            "mosaic": _mosaic(raster),
        },
    )


async def _legend(request: Request) -> Response:
    raster = _named(request)
    asked = ask(request, media=(JSON, SVG))
    if asked.media is SVG:
        return answer(asked, lambda: picture(raster, asked.lang))
    return answer(asked, lambda: orjson.dumps(legend(raster, asked.lang)))


async def _wmts_of_all(request: Request) -> Response:
    return _wmts(request, rasters(served(request)), _ALL)


async def _wmts_of_one(request: Request) -> Response:
    raster = _named(request)
    return _wmts(request, [raster], f"/raster/{raster.file.id}/wmts")


def _wmts(request: Request, shown: Sequence[Named], home: str) -> Response:
    wmts.refuse_tiles(request.scope["query_string"])
    asked = ask(request, names=wmts.NAMES, media=(XML,))
    wmts.check(asked.params)
    return answer(asked, lambda: wmts.capabilities(asked, shown, home))


def _named(request: Request) -> Named:
    return named(request.path_params["raster"], request)


def _entry(asked: Asked, raster: Named) -> Json:
    first, last = raster.zooms
    return {
        "id": raster.file.id,
        "title": raster.title(asked.lang),
        "description": raster.field.description.in_(asked.lang),
        "attribution": raster.layer.attribution,
        "license": raster.layer.licence,
        "collection": raster.layer.id,
        "field": raster.file.field,
        "metres": raster.layer.raster.metres if raster.layer.raster else None,
        "bounds": list(raster.bounds),
        "minzoom": first,
        "maxzoom": last,
        "links": _links(asked, raster),
    }


def _link(asked: Asked, rel: str, address: str, media_type: str, title: str) -> Link:
    return link(rel, address, media_type, _SAID[title].in_(asked.lang))


def _links(asked: Asked, raster: Named) -> list[Any]:
    ident = raster.file.id
    here = f"{asked.base}/raster/{ident}"
    file = f"{ident}.tif"
    length = entry_of(asked.served.release.manifest, file).bytes
    tile = f"{here}/tiles/{TMS}/{{z}}/{{x}}/{{y}}.png"
    return [
        _link(asked, "self", here, JSON.type, "self"),
        _link(
            asked, "related", f"{asked.base}/collections/{raster.layer.id}", JSON.type, "collection"
        ),
        {**_link(asked, "item", tile, "image/png", "tile"), "templated": True},
        _link(asked, "related", f"{here}/tilejson.json", JSON.type, "tilejson"),
        _link(asked, "related", f"{here}/wmts/{wmts.PATH}", XML.type, "wmts"),
        _link(asked, "related", f"{here}/legend", JSON.type, "legend"),
        _link(asked, "related", f"{here}/legend?f=svg", SVG.type, "picture"),
        _link(asked, "related", f"{here}/info", JSON.type, "info"),
        {
            **_link(asked, "related", f"{here}/point/{{lon}},{{lat}}", JSON.type, "point"),
            "templated": True,
        },
        {
            **_link(asked, "enclosure", f"{asked.base}/download/{file}", _COG, "cog"),
            "length": length,
        },
    ]


def _mosaic(raster: Named) -> Mosaic:
    """Return the tiles of the last zoom at which the whole raster is a small picture."""
    first, last = raster.zooms
    sizes = {z: ranges(raster.bounds, z) for z in range(first, last + 1)}
    fits = (z for z, r in sizes.items() if max(r.max_x - r.min_x, r.max_y - r.min_y) < _MOSAIC)
    shown = sizes[max(fits, default=first)]
    side = 256
    return Mosaic(
        width=(shown.max_x - shown.min_x + 1) * side,
        height=(shown.max_y - shown.min_y + 1) * side,
        tiles=tuple(
            ((x - shown.min_x) * side, (y - shown.min_y) * side, f"{shown.zoom}/{x}/{y}.png")
            for y in range(shown.min_y, shown.max_y + 1)
            for x in range(shown.min_x, shown.max_x + 1)
        ),
    )
