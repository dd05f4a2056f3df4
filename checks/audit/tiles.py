"""Puts the features of all tiles of a tileset into one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pmtiles.reader
from pmtiles.tile import Compression

from checks.audit.mvt import EXTENT, Ints, InvalidTile, Layer, decode
from checks.audit.site import CannotAudit, gunzip

_PMTILES: Final[Any] = pmtiles.reader  # it has no types

type TileKey = tuple[int, int, int]
"""Zoom, column and row, counted from the north-west."""

HEADER: Final = 127
"""Bytes before the directory of an archive (PMTiles 3)."""
TILES_MAX: Final = 50_000
"""Tiles of one tileset that are asked for one by one."""


@dataclass(frozen=True)
class TileRows:
    """Every feature of every tile of a tileset, in one table.

    Attributes
    ----------
    keys : list of str
        Columns of `tags`.
    values : list
        Distinct values of the tags.
    tags : int array, (n, keys)
        Position in `values`, -1 where the feature has no such key.
    tiles : list of TileKey
    tile : int array, (n,)
        Position in `tiles`.
    layers : list of str
        Names of the layers of the tiles, distinct.
    ids : uint64 array, (n,)
        Numeric identifiers.
    kinds : int array, (n,)
        1 point, 2 line, 3 polygon.
    points : int array, (m, 2)
        The vertices of all outlines, feature by feature, in units of their zoom from the corner
        of the world, y to the south.
    counts : int array, (n,)
        How many of them each feature has.
    begins : bool array, (m,)
        Which of them begin a ring.
    follows : set of pairs of str
        Keys one of which stands right behind the other in a feature.
    damaged : list
        Tiles that cannot be read, with the reason.
    """

    keys: list[str]
    values: list[Any]
    tags: Ints
    tiles: list[TileKey]
    tile: Ints
    layers: list[str]
    ids: npt.NDArray[np.uint64]
    kinds: Ints
    points: Ints
    counts: Ints
    begins: npt.NDArray[np.bool_]
    follows: set[tuple[str, str]]
    damaged: list[tuple[TileKey, str]]

    def column(self, key: str) -> list[Any]:
        """Return the value of a key for every feature, None where it is absent."""
        if key not in self.keys:
            return [None] * len(self.ids)
        return [
            None if at < 0 else self.values[at]
            for at in self.tags[:, self.keys.index(key)].tolist()
        ]


def archive(raw: bytes) -> tuple[dict[str, Any], dict[TileKey, bytes], int]:
    """Return metadata and tiles, not packed, of a PMTiles archive, and the bytes of neither.

    Raises
    ------
    CannotAudit
        It cannot be read.
    """
    source = _PMTILES.MemorySource(raw)
    try:
        reader = _PMTILES.Reader(source)
        header = reader.header()
        packed = header["tile_compression"] == Compression.GZIP
        metadata = dict(reader.metadata())
        stored = dict(_PMTILES.all_tiles(source))
        tiles = {key: gunzip(tile) if packed else tile for key, tile in stored.items()}
    except (KeyError, ValueError, IndexError, OSError, EOFError) as error:
        raise CannotAudit(f"an archive of tiles cannot be read: {error}") from error
    used = sum(map(len, set(stored.values())))
    heads = ("root_length", "metadata_length", "leaf_directory_length")
    return metadata, tiles, len(raw) - HEADER - used - sum(header[name] for name in heads)


def table(tiles: Mapping[TileKey, bytes]) -> TileRows:
    """Decode all tiles; those that are damaged are listed, not raised."""
    damaged: list[tuple[TileKey, str]] = []
    found = list(_decoded(tiles, damaged))
    keys = list(dict.fromkeys(key for _, layer in found for key in layer.keys))
    values: dict[tuple[str, str], tuple[int, Any]] = {}
    tags = [_renumbered(layer, keys, values) for _, layer in found]
    sizes = [len(layer.ids) for _, layer in found]
    places = [key for key, _ in found]
    return TileRows(
        keys=keys,
        values=[value for _, value in values.values()],
        tags=np.concatenate([np.empty((0, len(keys)), np.int64), *tags]),
        tiles=places,
        tile=np.repeat(np.arange(len(found)), sizes),
        layers=list(dict.fromkeys(layer.name for _, layer in found)),
        ids=np.concatenate([np.empty(0, np.uint64), *(layer.ids for _, layer in found)]),
        kinds=np.concatenate([np.empty(0, np.int64), *(layer.kinds for _, layer in found)]),
        points=np.concatenate([np.empty((0, 2), np.int64), *(_placed(*item) for item in found)]),
        counts=np.concatenate([np.empty(0, np.int64), *(layer.counts for _, layer in found)]),
        begins=np.concatenate([np.empty(0, bool), *(layer.begins for _, layer in found)]),
        follows={(of.keys[a], of.keys[b]) for _, of in found for a, b in of.follows},
        damaged=damaged,
    )


def _decoded(
    tiles: Mapping[TileKey, bytes], damaged: list[tuple[TileKey, str]]
) -> Iterator[tuple[TileKey, Layer]]:
    for key, raw in tiles.items():
        try:
            layers = decode(raw)
        except InvalidTile as error:
            damaged.append((key, str(error)))
            continue
        idle = sum(layer.idle for layer in layers)
        if idle:
            damaged.append((key, f"it has {idle} keys or values that no feature has"))
        yield from ((key, layer) for layer in layers)


def typed(value: Any) -> tuple[str, str]:
    """Return what tells values apart: 1, 1.0 and True are three, 0.0 and -0.0 are two."""
    return type(value).__name__, str(value)


def _renumbered(
    layer: Layer, keys: list[str], values: dict[tuple[str, str], tuple[int, Any]]
) -> Any:
    """Return the tags of a layer by the keys and values of the whole tileset."""
    known = [values.setdefault(typed(v), (len(values), v))[0] for v in layer.values]
    renamed = np.array([*known, -1], np.int64)[layer.tags]  # -1 stays -1: it is the last
    tags = np.full((len(layer.ids), len(keys)), -1, np.int64)
    tags[:, [keys.index(key) for key in layer.keys]] = renamed
    return tags


def _placed(key: TileKey, layer: Layer) -> npt.NDArray[np.int64]:
    """Return the vertices of a tile in units from the corner of the world."""
    _, column, row = key
    return layer.points + np.array([column, row], np.int64) * EXTENT


def in_world(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Any, Any]:
    """Return places in the square of the world (Web Mercator, 0 to 1, y to the south)."""
    x = (np.asarray(lon) + 180.0) / 360.0
    y = (1.0 - np.arcsinh(np.tan(np.radians(np.asarray(lat)))) / np.pi) / 2.0
    return x, y


def addressed(document: Mapping[str, Any]) -> Iterator[tuple[TileKey, str]]:
    """Yield the address of every tile inside the bounds of a TileJSON document.

    Raises
    ------
    CannotAudit
        There are more than `TILES_MAX`.
    """
    west, south, east, north = document["bounds"]
    (x0, x1), (y1, y0) = in_world([west, east], [south, north])
    number = 0
    for zoom in range(document["minzoom"], document["maxzoom"] + 1):
        side = 2**zoom
        for column in range(int(x0 * side), min(int(x1 * side), side - 1) + 1):
            for row in range(int(y0 * side), min(int(y1 * side), side - 1) + 1):
                number += 1
                if number > TILES_MAX:
                    raise CannotAudit(f"a tileset has more than {TILES_MAX} tiles")
                address = document["tiles"][0].replace("{z}", str(zoom))
                address = address.replace("{x}", str(column)).replace("{y}", str(row))
                yield (zoom, column, row), address
