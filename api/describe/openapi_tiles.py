"""The paths of tiles in the OpenAPI document, with those of styles and rasters."""

from __future__ import annotations

from typing import Final, NamedTuple

from api.describe.links import Said
from api.describe.openapi_rasters import of_rasters
from api.describe.openapi_styles import of_styles
from api.describe.operations import (
    BYTES,
    OBJECT,
    Json,
    as_types,
    get,
    in_path,
    in_query,
    shared,
)
from api.language import JSON
from api.tiles.documents import MVT
from api.tiles.views import COLLECTIONS, DATASET, MOST, TMS
from geo_core.model.manifest import Manifest

_DOCUMENT: Final[Json] = {JSON.type: {"schema": OBJECT}}
_TILE: Final[Json] = {MVT: {"schema": BYTES}}
_WHOLE: Final[Json] = {"type": "integer", "minimum": 0}
_PLACE: Final = [in_path(name, _WHOLE) for name in ("z", "x", "y")]
_MATRIX_PLACE: Final = [
    in_path("tileMatrix", {"type": "string", "pattern": "^[0-9]+$"}),
    in_path("tileRow", _WHOLE),
    in_path("tileCol", _WHOLE),
]
"""A place under OGC API - Tiles, in the names of the standard; rows come before columns."""

_CHOICE: Final = in_query(
    COLLECTIONS,
    Said(
        "Raccolte o temi che la tessera mostra, uno strato ciascuno, in quest'ordine",
        "Collections or themes that the tile shows, a layer each, in this order",
    ),
    {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST},
)

_LIST: Final = Said(
    "Gli insiemi di tessere: tutte le raccolte, a scelta, e ciascun tema",
    "Vector tilesets: all collections, at choice, and each theme",
)
_DATASET_TILES: Final = Said(
    "L'insieme di tessere di più raccolte, a scelta",
    "The vector tileset of several collections, at choice",
)
_DATASET_JSON: Final = Said(
    "Il TileJSON 3.0 di più raccolte insieme", "TileJSON 3.0 of several collections together"
)
_DATASET_TILE: Final = Said(
    "Una tessera vettoriale di più raccolte insieme",
    "One vector tile of several collections together",
)
_MATRICES: Final = Said("Le griglie delle tessere", "Tile matrix sets")
_MATRIX: Final = Said(f"La griglia {TMS}", f"The tile matrix set {TMS}")
_TILEJSON: Final = Said(
    "Il TileJSON 3.0 di un insieme di tessere", "TileJSON 3.0 of a vector tileset"
)
_TILE_OF_ANY: Final = Said("Una tessera vettoriale", "One vector tile")


class _Kind(NamedTuple):
    """What is said of the tiles of a collection, or of a theme."""

    tilesets: Said
    tileset: Said
    tile: Said


_COLLECTION: Final = _Kind(
    Said("Gli insiemi di tessere di una raccolta", "Vector tilesets of a collection"),
    Said("L'insieme di tessere di una raccolta", "The vector tileset of a collection"),
    Said("Una tessera vettoriale di una raccolta", "One vector tile of a collection"),
)
_THEME: Final = _Kind(
    Said("Gli insiemi di tessere di un tema", "Vector tilesets of a theme"),
    Said("L'insieme di tessere di un tema", "The vector tileset of a theme"),
    Said("Una tessera vettoriale di un tema", "One vector tile of a theme"),
)


def of_tiles(manifest: Manifest) -> Json:
    """Return the paths of what is drawn: only those for which the release has something."""
    collections = {info.layer.id for info in manifest.collections}
    tilesets = [tileset.id for tileset in manifest.tilesets]
    own = [ident for ident in tilesets if ident in collections]
    themes = [ident for ident in tilesets if ident not in collections]
    return {
        **_grids(),
        **(_dataset() if tilesets else {}),
        **_ogc("/collections/{tileset}/tiles", "one.collection.vector", _COLLECTION, own),
        **_ogc("/tiles/{tileset}", "theme.dataset.vector", _THEME, themes),
        **(_xyz(tilesets) if tilesets else {}),
        **of_styles(manifest),
        **of_rasters([raster.id for raster in manifest.rasters]),
    }


def _one_of(name: str, ids: list[str]) -> Json:
    return in_path(name, {"type": "string", "enum": ids})


def _document(operation: str, summary: Said, *place: Json, page: bool = False) -> Json:
    return get(
        operation,
        summary,
        tag="tiles",
        content=as_types(OBJECT, JSON.type) if page else _DOCUMENT,
        parameters=[*place, *shared("f" if page else "f-data", "lang")],
        not_found=any(one["in"] == "path" for one in place),
    )


def _tile(operation: str, summary: Said, *parameters: Json) -> Json:
    return get(
        operation,
        summary,
        tag="tiles",
        content=_TILE,
        parameters=list(parameters),
        not_found=True,
    )


def _grids() -> Json:
    return {
        "/tiles": _document("all.dataset.vector.getTileSetsList", _LIST, page=True),
        "/tileMatrixSets": _document("getTileMatrixSetsList", _MATRICES, page=True),
        f"/tileMatrixSets/{TMS}": _document("getTileMatrixSet", _MATRIX),
    }


def _dataset() -> Json:
    """Return the paths of what shows several collections together, at choice."""
    dataset, here = "all.dataset.vector", f"/tiles/{TMS}"
    return {
        here: _document(f"{dataset}.getTileSet", _DATASET_TILES, _CHOICE, page=True),
        f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _tile(
            f"{dataset}.getTile", _DATASET_TILE, *_MATRIX_PLACE, _CHOICE
        ),
        f"/xyz/{DATASET}.json": _document("getDatasetTileJson", _DATASET_JSON, _CHOICE),
        f"/xyz/{DATASET}/{{z}}/{{x}}/{{y}}.mvt": _tile(
            "getDatasetXyzTile", _DATASET_TILE, *_PLACE, _CHOICE
        ),
    }


def _ogc(path: str, kind: str, said: _Kind, ids: list[str]) -> Json:
    """Return the paths of OGC API - Tiles."""
    if not ids:
        return {}
    which = _one_of("tileset", ids)
    lists = {path: _document(f"{kind}.getTileSetsList", said.tilesets, which, page=True)}
    return {
        **(lists if said is _COLLECTION else {}),
        f"{path}/{TMS}": _document(f"{kind}.getTileSet", said.tileset, which, page=True),
        f"{path}/{TMS}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _tile(
            f"{kind}.getTile", said.tile, which, *_MATRIX_PLACE
        ),
    }


def _xyz(tilesets: list[str]) -> Json:
    which = _one_of("tileset", tilesets)
    return {
        "/xyz/{tileset}.json": _document("getTileJson", _TILEJSON, which),
        "/xyz/{tileset}/{z}/{x}/{y}.mvt": _tile("getXyzTile", _TILE_OF_ANY, which, *_PLACE),
    }
