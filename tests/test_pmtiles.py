"""The archive: the library's reader opens what we write, ours opens nothing that is damaged."""

from __future__ import annotations

import gzip
from random import Random

import pytest
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import deserialize_header
from tiles_release import layers, named, tables

from geo_core.errors import ReleaseDamaged
from geo_core.formats import pmtiles, vector_tiles
from geo_core.formats.pmtiles import inflate, open_archive, pack, write_archive
from geo_core.model.mercator import tile_range

BOUNDS = (8.0, 45.0, 9.0, 46.0)


def write(path, tiles, zooms=(0, 14)):
    write_archive(path, tiles, bounds=BOUNDS, zooms=zooms, metadata={"name": "prova"})
    return path


def test_another_reader_finds_the_same_tiles(tmp_path):
    tiles = {(3, x, y): pack(bytes([x, y])) for x in range(8) for y in range(8)}
    raw = write(tmp_path / "a.pmtiles", tiles).read_bytes()
    assert dict(all_tiles(MemorySource(raw))) == tiles
    reader = Reader(MemorySource(raw))
    assert reader.metadata() == {"name": "prova"}
    assert reader.header()["max_lat_e7"] == 460_000_000
    ours = open_archive(tmp_path / "a.pmtiles")
    assert {key: ours.get(*key) for key in ours} == tiles
    assert ours.get(3, 8, 0) is None
    assert ours.metadata == {"name": "prova"}


def test_equal_tiles_are_stored_once(tmp_path):
    tiles = {(5, x, y): pack(b"mare") for x in range(32) for y in range(32)}
    path = write(tmp_path / "a.pmtiles", tiles)
    header = deserialize_header(path.read_bytes())
    assert header["addressed_tiles_count"] == 1024
    assert header["tile_contents_count"] == header["tile_entries_count"] == 1
    assert len(open_archive(path)) == 1024


def test_a_directory_with_leaves_is_read_whole(tmp_path):
    random = Random(7)
    tiles = {
        (8, x, y): random.randbytes(random.randint(1, 255)) for x in range(256) for y in range(80)
    }
    path = write(tmp_path / "a.pmtiles", tiles)
    assert deserialize_header(path.read_bytes())["leaf_directory_length"] > 0
    ours = open_archive(path)
    assert {key: ours.get(*key) for key in ours} == tiles


def test_an_archive_without_tiles_is_written_and_read(tmp_path):
    vector_tiles.write(named("vuota"), tmp_path / "v.pmtiles")
    ours = open_archive(tmp_path / "v.pmtiles")
    assert len(ours) == 0
    assert ours.zooms == (6, 12)
    assert ours.get(6, 33, 22) is None
    (described,) = ours.metadata["vector_layers"]
    assert described["fields"]["n_persone"] == "Number"


def test_the_metadata_name_every_field_always(tmp_path):
    for t in tables():
        if vector_tiles.covers(t.layer):
            vector_tiles.write(t, tmp_path / "x.pmtiles")
            (described,) = open_archive(tmp_path / "x.pmtiles").metadata["vector_layers"]
            assert list(described["fields"]) == sorted(t.layer.field_names)
            assert described["id"] == t.layer.id


def test_tilesets_of_a_release(tmp_path):
    found = {tileset.id: tileset for tileset in vector_tiles.tilesets(tables())}
    geographic = [x.id for x in layers() if x.geometry != "none"]
    assert list(found) == [*geographic, "celle"]
    theme = found["celle"]
    assert theme.theme
    assert theme.title.it == "Celle"
    assert theme.collections == {
        6: "celle_r6", 7: "celle_r6", 8: "celle_r6",
        9: "celle_r7", 10: "celle_r7", 11: "celle_r8", 12: "celle_r8",
    }  # fmt: skip
    assert all(set(found[x].collections.values()) == {x} for x in geographic)
    vector_tiles.write_tileset(theme, tables(), tmp_path / "celle.pmtiles")
    archive = open_archive(tmp_path / "celle.pmtiles")
    for zoom, x, y in archive:
        assert (x, y) in tile_range(theme.bounds, zoom)
    assert {zoom for zoom, _, _ in archive} == set(range(6, 13))


def bomb() -> bytes:
    return gzip.compress(bytes(pmtiles.MAX_TILE + 1), mtime=0)


def test_inflating_is_bounded():
    assert inflate(pack(b"x" * 1000)) == b"x" * 1000
    for damaged in (bomb(), pack(b"x")[:-3], pack(b"x") + b"y", b"", b"plain"):
        with pytest.raises(ReleaseDamaged):
            inflate(damaged)


def _harmed(raw: bytes, offset: int, value: bytes) -> bytes:
    return raw[:offset] + value + raw[offset + len(value) :]


DAMAGE = {
    "nothing": lambda _: b"",
    "another kind of file": lambda _: b"%PDF-1.7" * 40,
    "a later version": lambda raw: _harmed(raw, 7, b"\x04"),
    "cut off": lambda raw: raw[:-1],
    "a root directory outside": lambda raw: _harmed(raw, 8, b"\xff" * 8),
    "too many tiles": lambda raw: _harmed(raw, 72, b"\xff" * 8),
    "fewer tiles than listed": lambda raw: _harmed(raw, 72, bytes(8)),
    "a directory that is not gzip": lambda raw: _harmed(raw, 127, b"\x00" * 4),
    "tiles of another kind": lambda raw: _harmed(raw, 99, b"\x02"),
    "tile data shorter than its entries": lambda raw: _harmed(raw, 64, bytes(8)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_archive_is_refused_by_name(tmp_path, damage):
    raw = write(
        tmp_path / "a.pmtiles", {(1, 0, 0): pack(b"uno"), (1, 1, 1): pack(b"due")}
    ).read_bytes()
    (tmp_path / "b.pmtiles").write_bytes(DAMAGE[damage](raw))
    with pytest.raises(ReleaseDamaged) as caught:
        open_archive(tmp_path / "b.pmtiles")
    assert caught.value.where == "b.pmtiles"
