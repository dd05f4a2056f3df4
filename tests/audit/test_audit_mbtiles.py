"""Check (e) on MBTiles: what is not in the archive, in tiles, words or bytes, is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from api_client import client_of
from tiles_release import publish_tiles

from checks.audit import formats_mbtiles
from checks.audit.findings import Tally
from checks.audit.published import Tileset
from checks.audit.tiles import archive


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Return MBTiles of a real server, and the tileset as the audit reads it."""
    root: Path = tmp_path_factory.mktemp("releases")
    publish_tiles(root)
    with client_of(root) as client:
        stored, tiles, loose = archive(client.get("/download/aree.pmtiles").content)
        document = client.get("/xyz/aree.json").json()
        tileset = Tileset("aree", document, tiles, {}, stored, loose)
        return client.get("/download/aree.mbtiles").content, tileset


def found(raw, tileset):
    tally = Tally("formats")
    formats_mbtiles.check(tally, "aree.mbtiles", raw, tileset)
    checked = tally.result()
    return " | ".join(f"{one.what} {one.evidence}" for one in checked.findings), checked.figures


def changed(raw, *statements):
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(raw)
        for statement in statements:
            file.execute(statement)
        file.commit()
        return file.serialize()


def test_those_of_the_server_are_clean_and_every_tile_is_compared(given):
    raw, tileset = given
    said, figures = found(raw, tileset)
    assert said == ""
    assert figures >= len(tileset.tiles) > 10


PLANTED = {
    "another table": ("CREATE TABLE casi (n)", "tables or bytes"),
    "a view": ("CREATE VIEW casi AS SELECT 5", "tables or bytes"),
    "a deleted row": ("DELETE FROM tiles WHERE zoom_level = 12", "tables or bytes"),
    "a word": ("INSERT INTO metadata VALUES ('casi', '5')", "not those of the archive"),
    "other words": ("UPDATE metadata SET value = 'x' WHERE name = 'name'", "not those of the"),
    "other bounds": ("UPDATE metadata SET value = '8,45,9,46' WHERE name = 'bounds'", "bounds"),
    "another number in the header": ("PRAGMA user_version = 7", "tables or bytes"),
    "a tile elsewhere": ("UPDATE tiles SET tile_row = 0 WHERE zoom_level = 6", "differs from"),
    "a tile that is no tile": ("UPDATE tiles SET tile_data = x'00'", "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANTED)
def test_what_is_not_in_the_archive_is_found(given, case):
    raw, tileset = given
    statement, expected = PLANTED[case]
    assert expected in found(changed(raw, statement), tileset)[0]


def test_bytes_in_and_behind_the_file_are_found(given):
    raw, tileset = given
    assert "tables or bytes" in found(raw + b"casi: 5", tileset)[0]
    assert found(b"casi: 5", tileset)[0]
    assert found(raw[:-4096], tileset)[0]
    assert "of no tileset" in found(raw, None)[0]
    hole = raw.index(bytes(64), 4096)
    assert "tables or bytes" in found(raw[:hole] + b"casi: 5" + raw[hole + 7 :], tileset)[0]
