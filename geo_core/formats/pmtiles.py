"""PMTiles v3 archives: one file of vector tiles, written whole and read by memory map.

Bytes depend on the tiles and the metadata only: gzip stores no time, equal tiles are found by
their content. Source: protomaps/PMTiles, spec/v3/spec.md.
"""

from __future__ import annotations

import gzip
import mmap
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_header,
    serialize_header,
    tileid_to_zxy,
    zxy_to_tileid,
)
from pmtiles.writer import optimize_directories

from geo_core.errors import ReleaseDamaged
from geo_core.model.mercator import Bounds

type TileKey = tuple[int, int, int]
"""Zoom, column, row."""

MAX_TILE: Final = 16 << 20
"""Bytes of one tile after inflating; ours are far below, a bomb is above."""

_LEVEL: Final = 6
"""Level 9 takes three times as long for half a percent."""

_HEADER: Final = 127
_ROOT: Final = 16384 - _HEADER
_MAX_DIRECTORY: Final = 64 << 20
_MAX_TILES: Final = 10_000_000
_MAX_ZOOM: Final = 26


def pack(tile: bytes) -> bytes:
    """Compress one tile; the same tile always gives the same bytes."""
    return gzip.compress(tile, _LEVEL, mtime=0)


def inflate(data: bytes, limit: int = MAX_TILE) -> bytes:
    """Decompress gzip, at most `limit` bytes of it.

    Raises
    ------
    ReleaseDamaged
        Not one whole gzip member, or larger than the limit.
    """
    inflater = zlib.decompressobj(wbits=31)
    try:
        out = inflater.decompress(data, limit)
    except zlib.error:
        raise ReleaseDamaged("a compressed part of a tile archive is damaged") from None
    if not inflater.eof or inflater.unused_data:
        raise ReleaseDamaged("a compressed part of a tile archive is cut off or too large")
    return out


def write_archive(
    target: Path,
    tiles: Mapping[TileKey, bytes],
    *,
    bounds: Bounds,
    zooms: tuple[int, int],
    metadata: Mapping[str, Any],
) -> None:
    """Write an archive of vector tiles, which may have none.

    Parameters
    ----------
    target : Path
        File to write; its folder exists.
    tiles : Mapping
        Compressed tiles (`pack`). Equal ones are stored once.
    bounds : tuple of 4 floats
        West, south, east, north, degrees, OGC:CRS84.
    zooms : tuple of 2 ints
        First and last zoom of the tileset.
    metadata : Mapping
        The archive's JSON document.
    """
    entries, contents = _entries(tiles)
    root, leaves, _ = optimize_directories(entries, _ROOT)  # type: ignore[no-untyped-call]  # pmtiles
    document = gzip.compress(orjson.dumps(metadata, option=orjson.OPT_SORT_KEYS), mtime=0)
    data = b"".join(contents)
    after_root = _HEADER + len(root)
    after_document = after_root + len(document)
    header: Any = {
        "root_offset": _HEADER,
        "root_length": len(root),
        "metadata_offset": after_root,
        "metadata_length": len(document),
        "leaf_directory_offset": after_document,
        "leaf_directory_length": len(leaves),
        "tile_data_offset": after_document + len(leaves),
        "tile_data_length": len(data),
        "addressed_tiles_count": len(tiles),
        "tile_entries_count": len(entries),
        "tile_contents_count": len(contents),
        **_described(bounds, zooms),
    }
    target.write_bytes(b"".join((serialize_header(header), root, document, leaves, data)))


def _entries(tiles: Mapping[TileKey, bytes]) -> tuple[list[Entry], list[bytes]]:
    """Return the directory in tile id order and the distinct contents in file order."""
    entries: list[Entry] = []
    offsets: dict[bytes, int] = {}
    end = 0
    for ident, tile in sorted((zxy_to_tileid(*key), tile) for key, tile in tiles.items()):
        if tile not in offsets:
            offsets[tile] = end
            end += len(tile)
        last = entries[-1] if entries else None
        if last and last.offset == offsets[tile] and ident == last.tile_id + last.run_length:
            last.run_length += 1
        else:
            entries.append(Entry(ident, offsets[tile], len(tile), 1))
    return entries, list(offsets)


def _described(bounds: Bounds, zooms: tuple[int, int]) -> dict[str, Any]:
    west, south, east, north = (round(degrees * 10_000_000) for degrees in bounds)
    return {
        "clustered": True,
        "internal_compression": Compression.GZIP,
        "tile_compression": Compression.GZIP,
        "tile_type": TileType.MVT,
        "min_zoom": zooms[0],
        "max_zoom": zooms[1],
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
    }


@dataclass(frozen=True, slots=True)
class PMTilesReader:
    """An open archive: the directory in memory, the tiles memory-mapped.

    Attributes
    ----------
    zooms : tuple of 2 ints
        First and last zoom.
    metadata : dict
        The archive's JSON document.
    """

    zooms: tuple[int, int]
    metadata: dict[str, Any]
    _data: mmap.mmap
    _places: Mapping[TileKey, tuple[int, int]]

    def get(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return one tile as gzip, or None where the archive has none."""
        place = self._places.get((zoom, x, y))
        return None if place is None else self._data[place[0] : place[0] + place[1]]

    def __iter__(self) -> Iterator[TileKey]:
        """Iterate over the tiles the archive has: zoom, column, row."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return the number of tiles the archive has."""
        return len(self._places)


def open_archive(path: Path) -> PMTilesReader:
    """Open an archive of vector tiles and read its directory.

    Raises
    ------
    ReleaseDamaged
        Not a PMTiles v3 archive of gzipped vector tiles, or one whose directory points
        outside the file, loops or is too large.
    """
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = deserialize_header(data[:_HEADER])
        _check(header, len(data))
        metadata = orjson.loads(
            inflate(_part(data, header["metadata_offset"], header["metadata_length"]))
        )
        places = _places(data, header)
    except ReleaseDamaged as error:
        raise ReleaseDamaged(error.message, where=path.name) from None
    except Exception as error:  # the library raises several kinds, some of them bare
        raise ReleaseDamaged("not a PMTiles v3 archive", where=path.name) from error
    return PMTilesReader((header["min_zoom"], header["max_zoom"]), metadata, data, places)


def _check(header: Mapping[str, Any], size: int) -> None:
    kinds = (header["internal_compression"], header["tile_compression"], header["tile_type"])
    if kinds != (Compression.GZIP, Compression.GZIP, TileType.MVT):
        raise ReleaseDamaged("not an archive of gzipped vector tiles")
    if header["max_zoom"] > _MAX_ZOOM or header["addressed_tiles_count"] > _MAX_TILES:
        raise ReleaseDamaged("a tile archive claims too many tiles")
    if header["tile_data_offset"] + header["tile_data_length"] > size:
        raise ReleaseDamaged("a tile archive is cut off")


def _part(data: mmap.mmap, offset: int, length: int) -> bytes:
    part = data[offset : offset + length]
    if len(part) != length:
        raise ReleaseDamaged("a tile archive points outside itself")
    return part


def _places(data: mmap.mmap, header: Mapping[str, Any]) -> dict[TileKey, tuple[int, int]]:
    """Read the root directory and its leaves (one level, as our writer makes)."""
    places: dict[TileKey, tuple[int, int]] = {}
    directories = [(header["root_offset"], header["root_length"])]
    for offset, length in directories:
        is_root = offset == header["root_offset"]
        for tile_id, run, size, at in _directory(
            inflate(_part(data, offset, length), _MAX_DIRECTORY)
        ):
            if run == 0 and is_root:
                directories.append((header["leaf_directory_offset"] + at, size))
                continue
            if run == 0 or at + size > header["tile_data_length"]:
                raise ReleaseDamaged("a tile archive's directory is wrong")
            if len(places) + run > header["addressed_tiles_count"]:
                raise ReleaseDamaged("a tile archive has more tiles than it claims")
            place = (header["tile_data_offset"] + at, size)
            places |= {tileid_to_zxy(tile_id + i): place for i in range(run)}
    return places


def _directory(raw: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield (first tile id, run length, bytes, offset) of a directory's entries."""
    numbers = _varints(raw)
    count = next(numbers)
    if count > len(raw):
        raise ReleaseDamaged("a tile archive's directory is cut off")
    ids, runs, sizes, offsets = ([next(numbers) for _ in range(count)] for _ in range(4))
    tile_id = end = 0
    for step, run, size, offset in zip(ids, runs, sizes, offsets, strict=True):
        tile_id += step
        at = offset - 1 if offset else end
        end = at + size
        yield tile_id, run, size, at


def _varints(raw: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in raw:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
