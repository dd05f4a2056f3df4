"""The paths of tiles, styles and rasters in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.describe.operations import BYTES, OBJECT, Json, get, in_path, shared
from api.language import JSON, STYLE
from api.tiles.documents import MVT, TMS
from geo_core.model.manifest import Manifest

_DOCUMENT: Final[Json] = {JSON.type: {"schema": OBJECT}}
_TILE: Final[Json] = {MVT: {"schema": BYTES}}
_PLACE: Final = [in_path(name, {"type": "integer", "minimum": 0}) for name in ("z", "x", "y")]


def of_tiles(manifest: Manifest) -> Json:
    """Return the paths of what is drawn: only those for which the release has something."""
    collections = {info.layer.id for info in manifest.collections}
    tilesets = [tileset.id for tileset in manifest.tilesets]
    own = [ident for ident in tilesets if ident in collections]
    themes = [ident for ident in tilesets if ident not in collections]
    rasters = [raster.id for raster in manifest.rasters]
    return {
        **_grids(),
        **_ogc("/collections/{tileset}/tiles", "collection", own),
        **_ogc("/tiles/{tileset}", "theme", themes),
        **(_xyz(tilesets) if tilesets else {}),
        **(_raster(rasters) if rasters else {}),
    }


def _one_of(name: str, ids: list[str]) -> Json:
    return in_path(name, {"type": "string", "enum": ids})


def _document(operation: str, summary: str, *place: Json) -> Json:
    return get(
        operation,
        summary,
        tag="tiles",
        content=_DOCUMENT,
        parameters=[*place, *shared("f-data", "lang")],
        not_found=bool(place),
    )


def _grids() -> Json:
    return {
        "/tiles": _document("dataset.getTileSetsList", "Vector tilesets of themes"),
        "/tileMatrixSets": _document("getTileMatrixSetsList", "Tile matrix sets"),
        f"/tileMatrixSets/{TMS}": _document("getTileMatrixSet", f"The tile matrix set {TMS}"),
        "/styles": _document("getStyles", "Styles of vector tilesets"),
    }


def _ogc(path: str, kind: str, ids: list[str]) -> Json:
    """Return the paths of OGC API - Tiles; rows come before columns."""
    if not ids:
        return {}
    which = _one_of("tileset", ids)
    lists = {path: _document(f"{kind}.getTileSetsList", f"Vector tilesets of a {kind}", which)}
    return {
        **(lists if kind == "collection" else {}),
        f"{path}/{TMS}": _document(f"{kind}.getTileSet", f"The vector tileset of a {kind}", which),
        f"{path}/{TMS}/{{z}}/{{y}}/{{x}}": get(
            f"{kind}.getTile",
            f"One vector tile of a {kind}",
            tag="tiles",
            content=_TILE,
            parameters=[which, *_PLACE],
            not_found=True,
        ),
    }


def _xyz(tilesets: list[str]) -> Json:
    which = _one_of("tileset", tilesets)
    return {
        "/xyz/{tileset}.json": _document("getTileJson", "TileJSON 3.0 of a vector tileset", which),
        "/xyz/{tileset}/{z}/{x}/{y}.mvt": get(
            "xyz.getTile",
            "One vector tile",
            tag="tiles",
            content=_TILE,
            parameters=[which, *_PLACE],
            not_found=True,
        ),
        "/styles/{tileset}": get(
            "getStyle",
            "MapLibre style of a vector tileset",
            tag="tiles",
            content={STYLE.type: {"schema": OBJECT}},
            parameters=[which, *shared("f-style", "lang")],
            not_found=True,
        ),
    }


def _raster(rasters: list[str]) -> Json:
    which = _one_of("raster", rasters)
    place = [
        in_path(name, {"type": "number", "minimum": -most, "maximum": most})
        for name, most in (("lon", 180), ("lat", 90))
    ]
    here = "/raster/{raster}"
    return {
        f"{here}/tiles/{TMS}/{{z}}/{{x}}/{{y}}.png": get(
            "raster.getTile",
            "One raster tile",
            tag="tiles",
            content={"image/png": {"schema": BYTES}},
            parameters=[which, *_PLACE],
            not_found=True,
        ),
        f"{here}/tilejson.json": _document("raster.getTileJson", "TileJSON of a raster", which),
        f"{here}/info": _document("raster.getInfo", "What a raster holds", which),
        f"{here}/point/{{lon}},{{lat}}": _document(
            "raster.getPoint", "The value of a raster at a place", which, *place
        ),
    }
