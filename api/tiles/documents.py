"""Documents about tiles: TileJSON 3, and OGC tilesets, lists and the tile matrix set."""

from __future__ import annotations

from typing import Any, Final

import morecantile

from api.asked import Asked
from api.describe.links import LICENCES, OGC, Link, Said, link
from api.language import JSON
from api.tiles.grid import limits
from geo_core.formats.vector_tiles import vector_layers
from geo_core.model.field import FieldType
from geo_core.model.layer import Layer
from geo_core.model.manifest import Tileset

type Json = dict[str, Any]

MVT: Final = "application/vnd.mapbox-vector-tile"
TMS: Final = "WebMercatorQuad"
TMS_URI: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{TMS}"

_CRS: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
_CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_GRID: Final[Json] = morecantile.tms.get(TMS).model_dump(mode="json", exclude_none=True)
_TYPES: Final[dict[FieldType, str]] = {
    "text": "string",
    "date": "string",
    "codes": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}

_TILE = Said("Una tessera", "One tile")
_TILESET = Said("L'insieme di tessere", "The tileset")
_SCHEME = Said("La griglia delle tessere", "The tile matrix set")
_DATA = Said("La raccolta", "The collection")
_THIS = Said("Questo documento", "This document")


def zooms_of(tileset: Tileset) -> tuple[int, int]:
    """Return the first and the last zoom of a tileset."""
    return min(tileset.collections), max(tileset.collections)


def layer_of(asked: Asked, tileset: Tileset) -> Layer:
    """Return a collection a tileset shows; those of a theme have the same fields."""
    shown = tileset.collections[max(tileset.collections)]
    return asked.served.release.info(shown).layer


def home(tileset: Tileset) -> str:
    """Return the path of a tileset under OGC API - Tiles."""
    return (
        f"/tiles/{tileset.id}/{TMS}" if tileset.theme else f"/collections/{tileset.id}/tiles/{TMS}"
    )


def tilejson(asked: Asked, tileset: Tileset) -> Json:
    """Return the TileJSON 3.0 document of a tileset, its bounds and fields complete."""
    layer = layer_of(asked, tileset)
    west, south, east, north = tileset.bounds
    first, last = zooms_of(tileset)
    return {
        "tilejson": "3.0.0",
        "name": tileset.title.in_(asked.lang),
        "description": layer.description.in_(asked.lang),
        "attribution": layer.attribution,
        "scheme": "xyz",
        "tiles": [f"{asked.base}/xyz/{tileset.id}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": first,
        "maxzoom": last,
        "bounds": list(tileset.bounds),
        "center": [(west + east) / 2, (south + north) / 2, min(first + 2, last)],
        "vector_layers": vector_layers(tileset, layer, asked.lang),
    }


def tileset_list(asked: Asked, tilesets: list[Tileset]) -> Json:
    """Return a list of tilesets (OGC API - Tiles, tilesets-list)."""
    return {
        "links": [link("self", asked.url(), JSON.type, _THIS.in_(asked.lang))],
        "tilesets": [
            {**_head(asked, tileset), "links": _links(asked, tileset)} for tileset in tilesets
        ],
    }


def tileset_document(asked: Asked, tileset: Tileset) -> Json:
    """Return the metadata of a tileset (OGC TileSet Metadata 2.0)."""
    layer = layer_of(asked, tileset)
    return {
        **_head(asked, tileset),
        "description": layer.description.in_(asked.lang),
        "attribution": layer.attribution,
        "license": LICENCES.get(layer.licence, layer.licence),
        "version": asked.served.release.id,
        "mediaTypes": [MVT],
        "boundingBox": _box(tileset),
        "tileMatrixSetLimits": [
            {
                "tileMatrix": str(tiles.zoom),
                "minTileRow": tiles.min_y,
                "maxTileRow": tiles.max_y,
                "minTileCol": tiles.min_x,
                "maxTileCol": tiles.max_x,
            }
            for tiles in limits(tileset.bounds, zooms_of(tileset))
        ],
        "layers": [_layer(asked, tileset, layer)],
        "links": _links(asked, tileset),
    }


def tile_matrix_sets(asked: Asked) -> Json:
    """Return the list of tile matrix sets: there is one."""
    here = link("self", f"{asked.base}/tileMatrixSets/{TMS}", JSON.type, _SCHEME.in_(asked.lang))
    item = {"id": TMS, "title": _GRID["title"], "uri": TMS_URI, "crs": _CRS, "links": [here]}
    return {"tileMatrixSets": [item]}


def tile_matrix_set() -> Json:
    """Return the definition of WebMercatorQuad."""
    return _GRID


def _head(asked: Asked, tileset: Tileset) -> Json:
    return {
        "title": tileset.title.in_(asked.lang),
        "dataType": "vector",
        "crs": _CRS,
        "tileMatrixSetURI": TMS_URI,
    }


def _box(tileset: Tileset) -> Json:
    west, south, east, north = tileset.bounds
    return {"lowerLeft": [west, south], "upperRight": [east, north], "crs": _CRS84}


def _dimension(layer: Layer) -> int:
    return 0 if layer.geometry == "Point" else 2


def _layer(asked: Asked, tileset: Tileset, layer: Layer) -> Json:
    first, last = zooms_of(tileset)
    return {
        "id": tileset.id,
        "title": tileset.title.in_(asked.lang),
        "dataType": "vector",
        **({} if layer.geometry == "Geometry" else {"geometryDimension": _dimension(layer)}),
        "minTileMatrix": str(first),
        "maxTileMatrix": str(last),
        "propertiesSchema": {
            "type": "object",
            "properties": {
                field.name: {"title": field.title.in_(asked.lang), "type": _TYPES[field.type]}
                for field in layer.fields
            },
        },
    }


def _links(asked: Asked, tileset: Tileset) -> list[Any]:
    base, here = asked.base, f"{asked.base}{home(tileset)}"
    tile: Json = {
        **link(
            "item", f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", MVT, _TILE.in_(asked.lang)
        ),
        "templated": True,
    }
    links: list[Any] = [
        link("self", here, JSON.type, _TILESET.in_(asked.lang)),
        tile,
        link(
            f"{OGC}tiling-scheme",
            f"{base}/tileMatrixSets/{TMS}",
            JSON.type,
            _SCHEME.in_(asked.lang),
        ),
        link("alternate", f"{base}/xyz/{tileset.id}.json", JSON.type, "TileJSON 3.0"),
    ]
    return links if tileset.theme else [*links, _geodata(asked, tileset)]


def _geodata(asked: Asked, tileset: Tileset) -> Link:
    return link(
        f"{OGC}geodata", f"{asked.base}/collections/{tileset.id}", JSON.type, _DATA.in_(asked.lang)
    )
