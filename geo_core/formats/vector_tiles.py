"""Vector tilesets of a release: one per collection, one per family with several resolutions.

A collection's tileset holds exactly its features at every zoom, in a layer named like the
collection. A family's (a theme) shows one resolution per zoom, in a layer named like the
family. Tags are the features' properties: whole numbers stay whole, a null is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo_core.errors import ReleaseError
from geo_core.formats.mvt import Pieces, encode, properties
from geo_core.formats.pmtiles import TileKey, pack, write_archive
from geo_core.formats.rows import box, rows_of
from geo_core.formats.tiling import Shapes
from geo_core.model.field import FieldType
from geo_core.model.layer import Layer, family_title
from geo_core.model.manifest import Tileset
from geo_core.model.mercator import WORLD, Bounds, TileRange, tile_range
from geo_core.model.tables import GEOMETRY, Table
from geo_core.model.text import Lang
from geo_core.model.zooms import Zooms, shown_at

name: Final = "vector-tiles"
media_type: Final = "application/vnd.pmtiles"

TAG_TYPES: Final[Mapping[FieldType, str]] = {
    "text": "String",
    "date": "String",
    "codes": "String",
    "integer": "Number",
    "number": "Number",
    "boolean": "Boolean",
}
"""How `vector_layers` names the type of a field (MBTiles 1.3 has these three words)."""


def covers(layer: Layer) -> bool:
    """Tell whether a layer has vector tiles: it has geometry and declares zooms."""
    return layer.geometry != "none" and layer.zooms is not None


def write(table: Table, target: Path) -> None:
    """Write the tileset of one collection as a PMTiles archive."""
    write_tileset(collection_tileset(table), [table], target)


def tilesets(tables: Sequence[Table]) -> tuple[Tileset, ...]:
    """Return every tileset of a release: collections first, then themes.

    Parameters
    ----------
    tables : Sequence[Table]
        All tables of the release; those that no tileset covers are passed over.
    """
    covered = [table for table in tables if covers(table.layer)]
    families: dict[str, list[Table]] = defaultdict(list)
    for table in covered:
        if table.layer.resolution is not None:
            families[table.layer.family].append(table)
    return (
        *(collection_tileset(table) for table in covered),
        *(theme_tileset(members) for members in families.values() if len(members) > 1),
    )


def collection_tileset(table: Table) -> Tileset:
    """Describe the tileset of one collection; its id is the collection's."""
    layer = table.layer
    return Tileset(
        id=layer.id,
        title=layer.title,
        theme=False,
        path=f"tiles/{layer.id}.pmtiles",
        collections=dict.fromkeys(_zooms(layer), layer.id),
        bounds=_bounds([table]),
    )


def theme_tileset(members: Sequence[Table]) -> Tileset:
    """Describe the tileset that switches the resolution of a family by zoom.

    Parameters
    ----------
    members : Sequence[Table]
        The collections of one family, each of another H3 resolution.
    """
    layer = members[0].layer
    by_resolution = {t.layer.resolution: t.layer.id for t in members if t.layer.resolution}
    return Tileset(
        id=layer.family,
        title=family_title(layer),
        theme=True,
        path=f"tiles/{layer.family}.pmtiles",
        collections={z: by_resolution[shown_at(z, by_resolution)] for z in _zooms(layer)},
        bounds=_bounds(members),
    )


def write_tileset(tileset: Tileset, tables: Sequence[Table], target: Path) -> None:
    """Cut, encode and write one tileset.

    Parameters
    ----------
    tileset : Tileset
        What to write; its bounds are those of the tables.
    tables : Sequence[Table]
        At least the collections it shows.
    target : Path
        File to write; its folder exists.

    Raises
    ------
    ReleaseError
        A feature got lost on the way.
    """
    by_id = {table.layer.id: table for table in tables}
    shown = {ident: _Source(by_id[ident]) for ident in sorted(set(tileset.collections.values()))}
    tiles: dict[TileKey, Future[bytes]] = {}
    # zlib lets go of the interpreter: tiles are packed while the next ones are cut.
    with ThreadPoolExecutor() as pool:
        for zoom, ident in tileset.collections.items():
            within = tile_range(tileset.bounds, zoom)
            for key, tile in shown[ident].tiles(tileset.id, within):
                tiles[key] = pool.submit(pack, tile)
    layer = next(iter(by_id.values())).layer
    write_archive(
        target,
        {key: packed.result() for key, packed in tiles.items()},
        bounds=tileset.bounds,
        zooms=(min(tileset.collections), max(tileset.collections)),
        metadata=_metadata(tileset, layer),
    )


def vector_layers(tileset: Tileset, layer: Layer, lang: Lang) -> list[dict[str, Any]]:
    """Return TileJSON's `vector_layers`: the one layer, with all its fields, always.

    Parameters
    ----------
    tileset : Tileset
        A tileset.
    layer : Layer
        A collection it shows; the members of a family have the same fields.
    lang : Lang
        Language of the description.
    """
    return [
        {
            "id": tileset.id,
            "description": layer.description.in_(lang),
            "minzoom": min(tileset.collections),
            "maxzoom": max(tileset.collections),
            "fields": {field.name: TAG_TYPES[field.type] for field in layer.fields},
        }
    ]


class _Source:
    """One collection, projected and with its properties encoded, ready to be cut at any zoom."""

    def __init__(self, table: Table) -> None:
        rows = rows_of(table)
        self._layer = rows.layer
        self._properties = properties(rows.columns)
        self._shapes = Shapes(rows.geometry)
        self._placed = ~shapely.is_missing(rows.geometry)

    def tiles(self, layer: str, within: TileRange) -> Iterator[tuple[TileKey, bytes]]:
        """Yield the tiles of one zoom, their features in the order of the release."""
        cut = self._shapes.cut(within)
        unseen = self._placed.copy()
        unseen[cut.rows] = False
        if unseen.any():
            raise ReleaseError(
                f"{np.count_nonzero(unseen)} features are in no tile of zoom {within.zoom}",
                where=self._layer.id,
            )
        first = np.flatnonzero((np.diff(cut.tiles, axis=0, prepend=-1) != 0).any(axis=1))
        counts = np.diff(first, append=len(cut.rows))
        pieces = Pieces(counts, cut.rows, cut.outlines)
        tiles = encode(layer, pieces, self._properties)
        for (x, y), tile in zip(cut.tiles[first].tolist(), tiles, strict=True):
            yield (within.zoom, x, y), tile


def _zooms(layer: Layer) -> range:
    zooms = layer.zooms or Zooms()
    return range(zooms.min, zooms.max + 1)


def _bounds(tables: Sequence[Table]) -> Bounds:
    """Return the box of all features; the world where there is none, so no tile is refused."""
    shapes = [np.asarray(table.frame[GEOMETRY], dtype=object) for table in tables]
    return box(np.concatenate(shapes)) or WORLD


def _metadata(tileset: Tileset, layer: Layer) -> dict[str, Any]:
    return {
        "name": tileset.title.it,
        "description": layer.description.it,
        "attribution": layer.attribution,
        "type": "overlay",
        "version": "1",
        "vector_layers": vector_layers(tileset, layer, "it"),
    }
