"""MBTiles 1.3: the tiles of an archive as one file of SQLite, made in memory.

The tiles are those of the archive, byte for byte; rows are counted from the south, as TMS has
it. The same archive gives the same file, as long as SQLite is of the same version. Source:
mapbox/mbtiles-spec, 1.3/spec.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import orjson

from geo_core.formats.pmtiles import PMTilesReader
from geo_core.model.mercator import Bounds

MEDIA_TYPE: Final = "application/vnd.sqlite3"
WRITTEN_BY: Final = sqlite3.sqlite_version
"""Version of the library: it is part of the file."""

_APPLICATION: Final = int.from_bytes(b"MPBX")
_TABLES: Final = """
CREATE TABLE metadata (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tiles (zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL,
  tile_row INTEGER NOT NULL, tile_data BLOB NOT NULL);
"""
_INDEX: Final = "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)"


def write(archive: PMTilesReader, bounds: Bounds) -> bytes:
    """Return the file.

    Parameters
    ----------
    archive : PMTilesReader
        An open archive of gzipped vector tiles, which may have none.
    bounds : tuple of 4 floats
        West, south, east, north, degrees, OGC:CRS84.
    """
    with closing(sqlite3.connect(":memory:")) as file:
        file.execute(f"PRAGMA application_id = {_APPLICATION}")
        file.executescript(_TABLES)
        # In the order in which they are read: whoever writes the rows again gets the same bytes.
        words = sorted(_metadata(archive, bounds))
        file.executemany("INSERT INTO metadata VALUES (?, ?)", words)
        file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", _tiles(archive))
        file.execute(_INDEX)
        file.commit()
        return file.serialize()


def _tiles(archive: PMTilesReader) -> Iterator[tuple[int, int, int, bytes | None]]:
    for zoom, column, row in sorted(archive):
        yield zoom, column, 2**zoom - 1 - row, archive.get(zoom, column, row)


def _metadata(archive: PMTilesReader, bounds: Bounds) -> Iterator[tuple[str, str]]:
    west, south, east, north = bounds
    first, last = archive.zooms
    said = archive.metadata
    yield "bounds", ",".join(map(str, bounds))
    yield "center", f"{(west + east) / 2},{(south + north) / 2},{min(first + 2, last)}"
    yield "format", "pbf"
    yield "minzoom", str(first)
    yield "maxzoom", str(last)
    yield from ((key, str(said[key])) for key in _SAME if key in said)
    yield "json", orjson.dumps({"vector_layers": said.get("vector_layers", [])}).decode()


_SAME: Final = ("name", "description", "attribution", "type", "version")
"""What both formats call so."""
