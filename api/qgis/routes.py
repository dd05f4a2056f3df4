"""`/qgis/`: the project, layer definitions and connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.metadata import version
from typing import Final

import pyarrow.parquet as pq
import shapely
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, matches, validators
from api.features.formats.media import GEOPACKAGE
from api.language import Media
from api.qgis import connections
from api.qgis.maplayers import Source
from api.qgis.offline import offered, package
from api.qgis.project import Place, definition, of_collection, packed
from api.served import served
from geo_core.errors import NotFound
from geo_core.model.text import Lang, Text
from geo_core.release.read import Release

PROJECT: Final = Media("qgz", "application/vnd.qgis.qgz")
DEFINITION: Final = Media("qlr", "application/vnd.qgis.qlr+xml")
CONNECTIONS: Final = Media("xml", "application/xml")

_MAKING: Final = CapacityLimiter(1)
"""A file that is made is held whole: one at a time bounds the memory."""
_SOFTWARE: Final = version("atlante")

_PLACES: Final = {
    "comuni": Text(it="Comuni", en="Municipalities"),
    "ambiti": Text(it="Enti gestori", en="Managing bodies"),
}
"""Collections whose features are bookmarks, and the group of these."""


def routes() -> list[Route]:
    """Return the routes of the files for QGIS."""
    made: list[tuple[str, Media, Callable[[Asked], bytes]]] = [
        (
            "atlante.qgz",
            PROJECT,
            lambda asked: packed(_source(asked), places_of(asked.served.release, asked.lang)),
        ),
        ("atlante.qlr", DEFINITION, lambda asked: definition(_source(asked))),
        ("connections.xml", CONNECTIONS, lambda asked: connections.features(_source(asked))),
        ("connections-tiles.xml", CONNECTIONS, lambda asked: connections.tiles(_source(asked))),
        ("connections-wmts.xml", CONNECTIONS, lambda asked: connections.rasters(_source(asked))),
    ]
    return [
        *(
            Route(f"/qgis/{name}", _file(name, media, build), methods=["GET"])
            for name, media, build in made
        ),
        Route("/qgis/{collection}.qlr", _collection, methods=["GET"]),
        Route("/qgis/atlante.gpkg", _offline, methods=["GET"]),
    ]


async def _offline(request: Request) -> Response:
    """Answer with the GeoPackage of the release, made now and kept by nobody."""
    asked = ask(request, media=(GEOPACKAGE,))
    held = asked.served
    if not offered(held):
        raise NotFound(
            "this release is too large for one GeoPackage",
            hint="take the collections one by one: /collections/{id}/items?f=gpkg",
        )
    seed = (_SOFTWARE, held.release.id, asked.lang)
    etag = f'"{sha256(" ".join(seed).encode()).hexdigest()}"'
    headers = validators(asked, etag)
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'attachment; filename="atlante.gpkg"'
    body = await to_thread.run_sync(package, held, asked.lang, limiter=_MAKING)
    return Response(body, headers=headers, media_type=GEOPACKAGE.type)


def _collection(request: Request) -> Response:
    """Answer with the layer definition of one collection."""
    release, ident = served(request).release, request.path_params["collection"]
    if ident not in (known := [info.layer.id for info in release.manifest.collections]):
        raise NotFound.among("collection", ident, known)
    asked = ask(request, media=(DEFINITION,))
    headers = {"Content-Disposition": f'attachment; filename="{ident}.qlr"'}
    return answer(asked, lambda: of_collection(_source(asked), release.info(ident)), headers)


def _file(
    name: str, media: Media, build: Callable[[Asked], bytes]
) -> Callable[[Request], Response]:
    def of(request: Request) -> Response:
        asked = ask(request, media=(media,))
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return answer(asked, lambda: build(asked), headers)

    return of


def _source(asked: Asked) -> Source:
    current = asked.served
    return Source(current.release.manifest, asked.base, current.settings.items_max, asked.lang)


def places_of(release: Release, lang: Lang) -> Iterator[Place]:
    """Yield the municipalities and managing bodies of a release as bookmarks."""
    known = {info.layer.id: info.layer for info in release.manifest.collections}
    for name, title in _PLACES.items():
        if name in known:
            yield from _boxes(release, name, known[name].title_field, title.in_(lang))


def _boxes(release: Release, collection: str, title: str, group: str) -> Iterator[Place]:
    """Yield the features of a collection as places, in the order of their names."""
    path = release.path(f"collections/{collection}/features.parquet")
    with pq.ParquetFile(path) as file:
        rows = file.read(columns=[title, "geometry"], use_threads=False).to_pylist()
    placed = [(row[title], row["geometry"]) for row in rows if row["geometry"] is not None]
    for name, shape in sorted(placed):  # two towns may have one name
        west, south, east, north = (round(end, 5) for end in shapely.from_wkb(shape).bounds)
        yield Place(name, group, (west, south, east, north))
