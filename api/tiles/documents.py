"""Documents about tiles: TileJSON 3, and OGC tilesets, lists and the tile matrix set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import morecantile

from api.asked import Asked
from api.describe.links import LICENCES, OGC, Said, link, self_links
from api.language import HTML, JSON
from api.tiles.grid import limits
from api.tiles.views import TMS, View, zooms_of
from geo_core.formats.vector_tiles import vector_layers
from geo_core.model.field import FieldType
from geo_core.model.layer import Layer
from geo_core.model.manifest import Tileset

type Json = dict[str, Any]

MVT: Final = "application/vnd.mapbox-vector-tile"
TMS_URI: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{TMS}"
OFFERED: Final = (JSON, HTML)

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


def tilejson(asked: Asked, view: View) -> Json:
    """Return the TileJSON 3.0 document of a view, its bounds and fields complete."""
    west, south, east, north = view.bounds
    first, last = view.zooms
    return {
        "tilejson": "3.0.0",
        "name": view.title.in_(asked.lang),
        "description": view.description.in_(asked.lang),
        "attribution": view.attribution,
        "scheme": "xyz",
        "tiles": [xyz(asked, view)],
        "minzoom": first,
        "maxzoom": last,
        "bounds": list(view.bounds),
        "center": [(west + east) / 2, (south + north) / 2, min(first + 2, last)],
        "vector_layers": [
            one
            for tileset, layer in zip(view.tilesets, view.layers, strict=True)
            for one in vector_layers(tileset, layer, asked.lang)
        ],
    }


def xyz(asked: Asked, view: View) -> str:
    """Return the template of the addresses of a view's tiles, columns before rows."""
    return f"{asked.base}/xyz/{view.id}/{{z}}/{{x}}/{{y}}.mvt{view.query}"


def tileset_list(asked: Asked, views: Sequence[View]) -> Json:
    """Return a list of tilesets (OGC API - Tiles, tilesets-list)."""
    return {
        "links": self_links(asked, OFFERED),
        "tilesets": [
            {**_head(asked, view), "links": [_itself(asked, view), *_links(asked, view)]}
            for view in views
        ],
    }


def tileset_document(asked: Asked, view: View) -> Json:
    """Return the metadata of a tileset (OGC TileSet Metadata 2.0)."""
    licence = view.licence
    return {
        **_head(asked, view),
        "description": view.description.in_(asked.lang),
        "attribution": view.attribution,
        **({"license": LICENCES.get(licence, licence)} if licence else {}),
        "version": asked.served.release.id,
        "mediaTypes": [MVT],
        "boundingBox": _box(view),
        "tileMatrixSetLimits": [
            {
                "tileMatrix": str(tiles.zoom),
                "minTileRow": tiles.min_y,
                "maxTileRow": tiles.max_y,
                "minTileCol": tiles.min_x,
                "maxTileCol": tiles.max_x,
            }
            for tiles in limits(view.bounds, view.zooms)
        ],
        "layers": [
            _layer(asked, tileset, layer)
            for tileset, layer in zip(view.tilesets, view.layers, strict=True)
        ],
        "links": [*self_links(asked, OFFERED), *_links(asked, view)],
    }


def tile_matrix_sets(asked: Asked) -> Json:
    """Return the list of tile matrix sets: there is one."""
    here = link("self", f"{asked.base}/tileMatrixSets/{TMS}", JSON.type, _SCHEME.in_(asked.lang))
    item = {"id": TMS, "title": _GRID["title"], "uri": TMS_URI, "crs": _CRS, "links": [here]}
    return {"tileMatrixSets": [item], "links": self_links(asked, OFFERED)}


def tile_matrix_set() -> Json:
    """Return the definition of WebMercatorQuad."""
    return _GRID


def _head(asked: Asked, view: View) -> Json:
    return {
        "title": view.title.in_(asked.lang),
        "dataType": "vector",
        "crs": _CRS,
        "tileMatrixSetURI": TMS_URI,
    }


def _box(view: View) -> Json:
    west, south, east, north = view.bounds
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


def _itself(asked: Asked, view: View) -> Json:
    address = f"{asked.base}{view.home}{view.query}"
    return {**link("self", address, JSON.type, _TILESET.in_(asked.lang))}


def _links(asked: Asked, view: View) -> list[Json]:
    """Return the links of a tileset beside those to itself."""
    base, lang = asked.base, asked.lang
    tile = f"{base}{view.home}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{view.query}"
    scheme = f"{base}/tileMatrixSets/{TMS}"
    links: list[Json] = [
        {**link("item", tile, MVT, _TILE.in_(lang)), "templated": True},
        {**link(f"{OGC}tiling-scheme", scheme, JSON.type, _SCHEME.in_(lang))},
        {**link("alternate", f"{base}/xyz/{view.id}.json{view.query}", JSON.type, "TileJSON 3.0")},
    ]
    if view.collection is not None:
        address = f"{base}/collections/{view.collection}"
        links.append({**link(f"{OGC}geodata", address, JSON.type, _DATA.in_(lang))})
    return links
