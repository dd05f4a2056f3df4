"""Deliberate leaks in the files of a release folder; each is sealed again as a release is."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
import rasterio
import tiny_folder
from pmtiles.tile import deserialize_header

type Plant = Callable[[Path], None]

FOLDER_LEAKS: dict[str, tuple[str, Plant]] = {}
"""Check that has to find it, and how it is planted in a folder, by what it is."""
TABLE = "collections/bisogni_r8/features.parquet"
LINES = "collections/bisogni_r8/features.geojsonl"
INDEX = "collections/bisogni_r8/features.idx"
TILES = "tiles/bisogni_r8.pmtiles"
PIXELS = "rasters/bisogni_r7.tif"


def leak(check: str, what: str) -> Callable[[Plant], Plant]:
    """Register a leak; the folder is sealed again after it is planted."""

    def registered(plant: Plant) -> Plant:
        def sealed(folder: Path) -> None:
            plant(folder)
            tiny_folder.seal(folder)

        FOLDER_LEAKS[what] = check, sealed
        return plant

    return registered


def file(what: str, path: str, change: Callable[[bytes], bytes], check: str = "formats") -> None:
    """Register a leak that changes the bytes of one file."""

    def plant(folder: Path) -> None:
        (folder / path).write_bytes(change((folder / path).read_bytes()))

    leak(check, what)(plant)


def document(what: str, path: str, change: Callable[[Any], Any], check: str = "allowlist") -> None:
    """Register a leak that changes a JSON document, which is written as it was."""

    def changed(raw: bytes) -> bytes:
        content = orjson.loads(raw)
        change(content)
        return orjson.dumps(content, option=orjson.OPT_INDENT_2)

    file(what, path, changed, check)


file("a number behind the last offset of an index", INDEX, lambda raw: raw + struct.pack("<Q", 117))
file("an index with one offset less", INDEX, lambda raw: raw[:-8])
file("a blank in a line of features", LINES, lambda raw: raw.replace(b'"n_a":', b'"n_a": ', 1))
file("an empty line among features", LINES, lambda raw: raw + b"\n", "collect")
file("a number written another way", LINES, lambda raw: raw.replace(b".5,", b".50,", 1)
     if b".5," in raw else raw.replace(b'"celle":2', b'"celle":2 ', 1))  # fmt: skip
file("bytes behind a raster", PIXELS, lambda raw: raw + b"117 persone")
file("bytes behind an archive of tiles", TILES, lambda raw: raw + b"117")
file("blanks in the statement", "disclosure.json", lambda raw: raw + b" \n" * 117)


@leak("formats", "rows in an order of their own")
def _order(folder: Path) -> None:
    lines = (folder / LINES).read_bytes().splitlines(keepends=True)[::-1]
    (folder / LINES).write_bytes(b"".join(lines))
    (folder / INDEX).write_bytes(np.cumsum([0, *map(len, lines)], dtype="<u8").tobytes())
    table = pq.read_table(folder / TABLE)
    _write(table.take(list(range(len(table)))[::-1]), folder / TABLE)


def _write(table: Any, target: Any, **options: Any) -> None:
    usual = {"row_group_size": 256, "compression": "zstd", "write_page_index": True}
    pq.write_table(table, target, **{**usual, **options})


@leak("formats", "a tag of a raster that no reader shows")
def _tag(folder: Path) -> None:
    with rasterio.open(folder / PIXELS, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as raster:
        raster.update_tags(ns="atlante", persone="117")


def _member(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return an archive whose last tile is packed otherwise, in as many bytes."""
    at = raw.rfind(b"\x1f\x8b\x08")
    return raw[:at] + change(raw[at:])


file("a time in the head of a packed tile", TILES,
     lambda raw: _member(raw, lambda m: m[:4] + struct.pack("<I", 117) + m[8:]))  # fmt: skip
file("the system in the head of a packed tile", TILES,
     lambda raw: _member(raw, lambda m: m[:9] + b"\x07" + m[10:]))  # fmt: skip
file("a map that opens at a number of persons", TILES,
     lambda raw: raw[:118] + bytes([7]) + raw[119:])  # fmt: skip


def _described(raw: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return an archive with another description of itself."""
    head = deserialize_header(raw[:127])
    at, size = head["metadata_offset"], head["metadata_length"]
    said = json.loads(gzip.decompress(raw[at : at + size]))
    change(said)
    made = gzip.compress(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), mtime=0)
    moved = bytearray(raw[:at] + made + raw[at + size :])
    struct.pack_into("<Q", moved, 32, len(made))
    for place in (40, 56):
        (offset,) = struct.unpack_from("<Q", moved, place)
        struct.pack_into("<Q", moved, place, offset + len(made) - size)
    return bytes(moved)


file("a member in the description of tiles", TILES,
     lambda raw: _described(raw, lambda said: said.update({"persons": "tanti"})))  # fmt: skip
file("a version of tiles that counts", TILES,
     lambda raw: _described(raw, lambda said: said.update({"version": "117"})))  # fmt: skip


def _table(what: str, change: Callable[[Any], Any], **options: Any) -> None:
    def changed(raw: bytes) -> bytes:
        target = io.BytesIO()
        _write(change(pq.read_table(io.BytesIO(raw))), target, **options)
        return target.getvalue()

    file(what, TABLE, changed)


def _said(table: Any, name: bytes, change: Callable[[Any], None]) -> Any:
    content = orjson.loads(table.schema.metadata[name])
    change(content)
    metadata = {**table.schema.metadata, name: orjson.dumps(content, option=orjson.OPT_SORT_KEYS)}
    return table.replace_schema_metadata(metadata)


_table("groups of as many rows as there are cases", lambda table: table, row_group_size=7)
_table("a packing that tells", lambda table: table, compression="snappy")
_table("a text of the writer in a table",
       lambda t: t.replace_schema_metadata({**t.schema.metadata, b"n": b"117"}))  # fmt: skip
_table("a member in the description of a table",
       lambda t: _said(t, b"atlante", lambda said: said.update({"nota": "tanti"})))  # fmt: skip
_table("a member in the geometry of a table",
       lambda t: _said(t, b"geo", lambda said: said.update({"epoch": 117.5})))  # fmt: skip
file("a writer of a table with another version", TABLE,
     lambda raw: raw.replace(b"arrow version 2", b"arrow version 9"))  # fmt: skip


@leak("formats", "a file that nobody lists")
def _stray(folder: Path) -> None:
    (folder / "rilevazioni.csv").write_text("id\n1\n", encoding="utf-8")


@leak("formats", "a hidden file")
def _hidden(folder: Path) -> None:
    (folder / "tiles" / ".n").write_text("117", encoding="utf-8")


@leak("formats", "a folder named like a count")
def _empty(folder: Path) -> None:
    (folder / "tiles" / "117").mkdir()


@leak("formats", "a link to the records")
def _link(folder: Path) -> None:
    (folder / "rilevazioni.csv").symlink_to(folder / LINES)


@leak("formats", "permissions that count")
def _mode(folder: Path) -> None:
    (folder / LINES).chmod(0o617)


@leak("formats", "a second name of a file")
def _second(folder: Path) -> None:
    (folder.parent / "117").hardlink_to(folder / LINES)


@leak("formats", "an attribute of a file")
def _attribute(folder: Path) -> None:
    try:
        os.setxattr(folder / LINES, "user.n", b"117")
    except OSError:
        pytest.skip("this disk has no attributes")


def _listed(what: str, path: str, media: str) -> None:
    def plant(folder: Path) -> None:
        (folder / path).write_text('{"n": 117}', encoding="utf-8")
        manifest = tiny_folder.manifest_of(folder)
        entry = {"path": path, "sha256": "", "bytes": 0, "media_type": media}
        manifest["files"].append(entry)
        tiny_folder.seal(folder, manifest)

    leak("formats", what)(plant)


_listed("a listed table that no collection has", "collections/bisogni_r8/veri.parquet",
        "application/vnd.apache.parquet")  # fmt: skip
_listed("a listed file of an unknown kind", "collections/bisogni_r8/veri.txt", "text/plain")
_listed("a listed document", "collections/bisogni_r8/true.json", "application/json")


@leak("formats", "a kind of file that is not its own")
def _media(folder: Path) -> None:
    manifest = tiny_folder.manifest_of(folder)
    manifest["files"][0]["media_type"] += "; persons=117"
    tiny_folder.seal(folder, manifest)


def _unsealed(what: str, plant: Plant) -> None:
    FOLDER_LEAKS[what] = "formats", plant


def _rewritten(folder: Path, change: Callable[[str], str]) -> None:
    path = folder / "manifest.json"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


_unsealed("an id of its own",
          lambda folder: _rewritten(folder, lambda t: t.replace(
              tiny_folder.manifest_of(folder)["id"], "2023-12-31-000000000117")))  # fmt: skip
_unsealed("blanks in the manifest", lambda folder: _rewritten(folder, lambda t: t + " " * 117))
_unsealed("a member of the manifest twice",
          lambda folder: _rewritten(folder, lambda t: '{\n "id": "117",' + t[1:]))  # fmt: skip
_unsealed("another file than the one that is listed",
          lambda folder: (folder / PIXELS).write_bytes(
              (folder / PIXELS).read_bytes()[:-4] + b"n117"))  # fmt: skip
