"""Raster tiles by titiler, which here can only name a raster of the release being served.

titiler's stock factory opens any `?url=`, runs expressions and makes images of any size. This
one keeps its reader, renderer and grid, and has no parameter left: what to open comes from the
manifest, how to colour it from the layer's style, and a tile is always 256 pixels wide.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import morecantile
import numpy as np
import orjson
import rasterio
from attrs import define
from fastapi import APIRouter, Depends
from rio_tiler.errors import PointOutsideBounds, TileOutsideBounds
from rio_tiler.io import Reader
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from titiler.core.factory import TilerFactory
from titiler.core.resources.enums import ImageType

from api.asked import Asked, answer, ask
from api.language import JSON
from api.tiles import raster_pages
from api.tiles.answers import tile_answer, without_parameters
from api.tiles.colours import intervals
from api.tiles.grid import place
from api.tiles.legend import class_of, nothing, unit
from api.tiles.named import Named, named
from api.tiles.views import TMS
from geo_core.errors import NotFound

PREFIX: Final = "/raster/{raster}"
TILE_SIDE: Final = 256
"""Pixels; nothing a client sends changes it."""

_GRID: Final = morecantile.tms.get(TMS)
"""Taken once: morecantile copies it whole for everybody who asks."""

_GRIDS: Final = morecantile.TileMatrixSets({TMS: _GRID})
_PNG: Final = "image/png"
_DEGREES: Final = re.compile(r"-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,15})?")

_ENVIRONMENT: Final[dict[str, Any]] = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no sidecar file is looked for
    "GDAL_PAM_ENABLED": False,  # none is written either
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",  # no network, whatever a file says
    "GDAL_HTTP_MAX_RETRY": 0,
    "GDAL_CACHEMAX": 16 << 20,  # bytes: rasterio does not read it as MiB
}


class GeoTiffReader(Reader):
    """rio-tiler's reader, which opens GeoTIFF and nothing else."""

    def __attrs_post_init__(self) -> None:
        """Open the file with the one driver that is allowed."""
        self.dataset = self._ctx_stack.enter_context(rasterio.open(self.input, driver="GTiff"))
        super().__attrs_post_init__()  # type: ignore[no-untyped-call]  # rio-tiler


Which = Annotated[Named, Depends(named)]


@define(kw_only=True)
class RasterTiler(TilerFactory):
    """titiler's factory with four resources: tile, TileJSON, info and point."""

    reader: type[Reader] = GeoTiffReader
    router_prefix: str = PREFIX
    path_dependency: Any = named
    supported_tms: Any = _GRIDS
    environment_dependency: Any = _ENVIRONMENT.copy

    def register_routes(self) -> None:
        """Register these four and no other; handlers are plain functions, GDAL blocks."""
        for path, handler in (
            (f"/tiles/{TMS}/{{z}}/{{x}}/{{y}}.png", self._tile),
            ("/tilejson.json", self._tilejson),
            ("/info", self._info),
            ("/point/{lon},{lat}", self._point),
        ):
            self.router.add_api_route(path, handler, methods=["GET", "HEAD"])

    @contextmanager
    def _open(self, which: Named) -> Iterator[Any]:
        with (
            rasterio.Env(**self.environment_dependency()),
            self.reader(which.path, tms=_GRID) as source,
        ):
            yield source

    def _tile(self, request: Request, which: Which, z: str, x: str, y: str) -> Response:
        without_parameters(request)
        zoom, column, row = place(z, x, y, bounds=which.bounds, zooms=which.zooms)

        def body() -> bytes:
            colours = intervals(which.style, which.layer, which.file.field)
            with self._open(which) as source:
                image = source.tile(column, row, zoom, tilesize=TILE_SIDE)
                content, _ = self.render_func(image, output_format=ImageType.png, colormap=colours)
            return bytes(content)

        return _inside(lambda: tile_answer(request, body, media_type=_PNG))

    def _tilejson(self, request: Request, which: Which) -> Response:
        asked = ask(request, media=(JSON,))
        return answer(asked, lambda: orjson.dumps(_tilejson(asked, which)))

    def _info(self, request: Request, which: Which) -> Response:
        asked = ask(request, media=(JSON,))

        def body() -> bytes:
            with self._open(which) as source:
                found = source.info().model_dump(exclude_none=True)
            # NaN, the value of a pixel without data, is written as null.
            return orjson.dumps({**found, "field": which.file.field})

        return answer(asked, body)

    def _point(self, request: Request, which: Which, lon: str, lat: str) -> Response:
        asked = ask(request, media=(JSON,))
        at = _degrees(lon, 180.0), _degrees(lat, 90.0)

        def body() -> bytes:
            with self._open(which) as source:
                value = source.point(*at).array.filled(math.nan)[0]
            return orjson.dumps({"coordinates": at, **_value(asked, which, value)})

        return _inside(lambda: answer(asked, body))


def router() -> APIRouter:
    """Return the routes of rasters: `/raster/{id}/...`."""
    outer = APIRouter()
    outer.include_router(RasterTiler().router, prefix=PREFIX)
    outer.routes.extend(raster_pages.routes())
    return outer


def addresses() -> list[Route]:
    """Return where these routes answer, which the framework does not list."""
    tiler = [one for one in RasterTiler().router.routes if isinstance(one, Route)]
    return [*(Route(f"{PREFIX}{one.path}", one.endpoint) for one in tiler), *raster_pages.routes()]


def _value(asked: Asked, which: Named, pixel: np.float32) -> dict[str, Any]:
    """Return a pixel as its feature has it, with the words of its class; null if it has none.

    The shortest number that is this pixel is the feature's own: figures have few digits.
    """
    value = None if math.isnan(pixel) else float(str(pixel))
    found = None if value is None else class_of(which, value)
    empty = [one.title.in_(asked.lang) for one in nothing(which)] if value is None else None
    return {
        "values": [value],
        "band_names": [which.file.field],
        "title": which.field.title.in_(asked.lang),
        "unit": unit(which, asked.lang),
        "class": found.title.in_(asked.lang) if found else None,
        "colour": found.colour if found else None,
        "nothing": empty,
    }


def _tilejson(asked: Asked, which: Named) -> dict[str, Any]:
    layer, (first, last) = which.info.layer, which.zooms
    west, south, east, north = which.bounds
    address = f"{asked.base}/raster/{which.file.id}/tiles/{TMS}"
    return {
        "tilejson": "3.0.0",
        "name": layer.title.in_(asked.lang),
        "description": layer.field(which.file.field).description.in_(asked.lang),
        "attribution": layer.attribution,
        "scheme": "xyz",
        "tiles": [f"{address}/{{z}}/{{x}}/{{y}}.png"],
        "minzoom": first,
        "maxzoom": last,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, min(first + 2, last)],
        "vector_layers": [],
    }


def _inside(answered: Callable[[], Response]) -> Response:
    """Answer, with 404 for a place outside the raster."""
    try:
        return answered()
    except (TileOutsideBounds, PointOutsideBounds):
        raise NotFound("this place lies outside the raster") from None


def _degrees(text: str, most: float) -> float:
    if not _DEGREES.fullmatch(text) or abs(value := float(text)) > most:
        raise NotFound("there is no point at this address", hint="/point/8.42,45.32")
    return value
