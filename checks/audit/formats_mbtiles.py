"""MBTiles are the archive of tiles in another shape: the same tiles, the same words, and no more.

The file is written once more from what it holds, by the SQLite of the audit; bytes in its
header that tell the version and what was changed aside, that is the file.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any, Final

from checks.audit.findings import Tally
from checks.audit.published import Tileset
from checks.audit.site import CannotAudit, gunzip

_SAME: Final = ("name", "description", "attribution", "type", "version")
"""Members of the archive's document that MBTiles call so, too."""

_TOLD: Final = {"bounds", "center", "format", "minzoom", "maxzoom", "json", *_SAME}
_TABLES: Final = """
CREATE TABLE metadata (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tiles (zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL,
  tile_row INTEGER NOT NULL, tile_data BLOB NOT NULL);
"""
_INDEX: Final = "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)"
_APPLICATION: Final = int.from_bytes(b"MPBX")
_HEADER: Final = (slice(24, 28), slice(92, 100))
"""Bytes of the counter of changes and of the version of SQLite (file format, section 1.3)."""


def check(tally: Tally, name: str, raw: bytes, tileset: Tileset | None) -> None:
    """Compare MBTiles with the archive they are made of."""
    if tileset is None:
        tally.find(name, "MBTiles of no tileset")
        return
    try:
        with closing(sqlite3.connect(":memory:")) as file:
            file.deserialize(raw)
            words = file.execute("SELECT name, value FROM metadata").fetchall()
            rows = file.execute("SELECT * FROM tiles").fetchall()
        again = _again(words, rows)
        tiles = {(z, x, 2**z - 1 - y): gunzip(data) for z, x, y, data in rows}
    except (sqlite3.Error, CannotAudit, TypeError, ValueError) as error:
        tally.find(name, f"MBTiles that cannot be read: {error}")
        return
    tally.require(
        _plain(raw) == _plain(again), name, "tables or bytes that no row of the file needs"
    )
    _tiles(tally, name, tiles, tileset)
    _words(tally, name, dict(words), tileset)


def _again(words: list[Any], rows: list[Any]) -> bytes:
    """Write the file of these rows."""
    with closing(sqlite3.connect(":memory:")) as file:
        file.execute(f"PRAGMA application_id = {_APPLICATION}")
        file.executescript(_TABLES)
        file.executemany("INSERT INTO metadata VALUES (?, ?)", words)
        file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
        file.execute(_INDEX)
        file.commit()
        return file.serialize()


def _plain(raw: bytes) -> bytes:
    out = bytearray(raw)
    for part in _HEADER:
        out[part] = bytes(part.stop - part.start)
    return bytes(out)


def _tiles(tally: Tally, name: str, tiles: dict[Any, bytes], tileset: Tileset) -> None:
    for key in tiles.keys() | tileset.tiles.keys():
        tally.require(
            tiles.get(key) == tileset.tiles.get(key),
            name,
            "a tile that differs from that in the archive",
            tile=list(key),
        )


def _words(tally: Tally, name: str, said: dict[str, str], tileset: Tileset) -> None:
    """Check the metadata: those of the archive, and of the document of the tileset."""
    document, stored = tileset.document, tileset.stored
    numbers = {key: [float(part) for part in said.get(key, "0").split(",")] for key in _LISTS}
    right = {
        "members": set(said) <= _TOLD,
        "format": said.get("format") == "pbf",
        "json": json.loads(said.get("json", "{}"))
        == {"vector_layers": stored.get("vector_layers")},
        **{key: said.get(key) == stored.get(key) for key in _SAME},
        **{key: found == document.get(key) for key, found in numbers.items() if key in _MANY},
        **{key: found == [document.get(key)] for key, found in numbers.items() if key not in _MANY},
    }
    wrong = sorted(key for key, holds in right.items() if not holds)
    tally.require(not wrong, name, "metadata that are not those of the archive", members=wrong)


_MANY: Final = ("bounds", "center")
_LISTS: Final = (*_MANY, "minzoom", "maxzoom")
