"""An archive of tiles is made again from its tiles: no packed part may hold more than it unpacks.

Gzip has room for a time, a name, a comment and for choices of the packer; the head of an archive
for numbers; its description for text. All of it follows from the tiles and the manifest.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
import shapely
from pmtiles import tile as pm
from pmtiles.writer import optimize_directories

from checks.audit.findings import Tally
from checks.audit.folder import Folder
from checks.audit.published import Collection, Published
from checks.audit.tiles import TileKey

EDGE: Final = math.degrees(math.atan(math.sinh(math.pi)))
WORLD: Final = (-180.0, -EDGE, 180.0, EDGE)
"""Bounds where there is nothing: the square of Web Mercator."""
HEAD: Final = 127
"""Bytes before the first directory."""
ROOT: Final = 16_384 - HEAD
"""Bytes of a first directory."""
LEVEL: Final = 6
"""Of gzip, for tiles."""
TYPES: Final = {
    "text": "String", "date": "String", "codes": "String",
    "integer": "Number", "number": "Number", "boolean": "Boolean",
}  # fmt: skip
START: Final = "valido_dal"
END: Final = "valido_al"


def check(tally: Tally, folder: Folder, ident: str, published: Published) -> None:
    """Check one archive and what the manifest says of it."""
    said = next(one for one in folder.manifest["tilesets"] if one["id"] == ident)
    where = f"{said['id']}.pmtiles"
    members = _members(folder, said)
    if not members:
        tally.find(where, "tiles of no collection")
        return
    layer = folder.layers[next(iter(said["collections"].values()))]
    _stated(tally, said, members, layer)
    shown = {m["id"]: _drawn(folder, m, published.collections[m["id"]]) for m in members}
    bounds = _bounds([shape for of in shown.values() for _, shape in of])
    tally.require(
        said["bounds"] == list(bounds),
        where,
        "the bounds are not those of the features",
        stated=said["bounds"],
        features=bounds,
    )
    tileset = published.tilesets[said["id"]]
    if not said["theme"]:
        own = {ident for ident, _ in shown[said["id"]]}
        there = {str(ident) for ident in tileset.rows.column("id")}
        tally.require(own == there, where, "tiles of other features than are valid today",
                      ids=sorted(own ^ there)[:9])  # fmt: skip
    zooms = [int(zoom) for zoom in said["collections"]]
    made = _archive(tileset.tiles, bounds, (min(zooms), max(zooms)), _description(said, layer))
    raw = folder.read(f"tiles/{said['id']}.pmtiles")
    tally.require(
        made == raw or bool(folder.elsewhere),
        where,
        "the archive holds more than its tiles: written again it has other bytes",
        bytes=len(raw),
        again=len(made),
    )


def _members(folder: Folder, said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the declarations of the collections that a tileset is about."""
    every = [x for x in folder.layers.values() if x["geometry"] != "none" and x["zooms"]]
    if said["theme"]:
        return [x for x in every if x["family"] == said["id"] and x["resolution"] is not None]
    return [x for x in every if x["id"] == said["id"]]


def _stated(
    tally: Tally,
    said: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    layer: Mapping[str, Any],
) -> None:
    """Check title and zooms: those of the collection, or what the titles of all begin with."""
    zooms = layer["zooms"]
    expected = [str(zoom) for zoom in range(zooms["min"], zooms["max"] + 1)]
    ids = {member["id"] for member in members}
    titles = [
        all(
            m["title"][lang].startswith(text) if said["theme"] else m["title"][lang] == text
            for m in members
        )
        for lang, text in said["title"].items()
    ]
    right = {
        "title": all(titles),
        "collections": list(said["collections"]) == expected
        and set(said["collections"].values()) <= ids,
        "path": said["path"] == f"tiles/{said['id']}.pmtiles",
    }
    wrong = sorted(name for name, holds in right.items() if not holds)
    tally.require(not wrong, said["id"], "a tileset is not what its collections are", members=wrong)


def _drawn(
    folder: Folder, layer: Mapping[str, Any], collection: Collection
) -> list[tuple[str, shapely.Geometry]]:
    """Return id and shape of what maps show: what has a place and, maybe, is valid today."""
    day = folder.manifest["reference_date"]
    found = []
    for feature, shape in zip(collection.features, collection.geometry, strict=True):
        properties = feature["properties"]
        begun = (properties.get(START) or "") <= day
        valid = begun and (properties.get(END) or day) >= day
        if shape is not None and (valid or not layer["current_only"]):
            found.append((str(feature["id"]), shape))
    return found


def _bounds(shapes: list[shapely.Geometry]) -> tuple[float, ...]:
    return tuple(shapely.total_bounds(shapes).tolist()) if shapes else WORLD


def _description(said: Mapping[str, Any], layer: Mapping[str, Any]) -> bytes:
    """Return what the archive says of itself, packed."""
    text = layer["description"]["it"]
    zooms = [int(zoom) for zoom in said["collections"]]
    shown = {
        "id": said["id"],
        "description": text,
        "minzoom": min(zooms),
        "maxzoom": max(zooms),
        "fields": {field["name"]: TYPES[field["type"]] for field in layer["fields"]},
    }
    document = {
        "name": said["title"]["it"],
        "description": text,
        "attribution": layer["attribution"],
        "type": "overlay",
        "version": "1",
        "vector_layers": [shown],
    }
    return gzip.compress(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), mtime=0)


def _archive(
    tiles: Mapping[TileKey, bytes],
    bounds: Sequence[float],
    zooms: tuple[int, int],
    document: bytes,
) -> bytes:
    """Return the bytes of an archive of these tiles (PMTiles 3)."""
    packed = {raw: gzip.compress(raw, LEVEL, mtime=0) for raw in set(tiles.values())}
    contents: dict[bytes, int] = {}
    entries = list(_entries({k: packed[raw] for k, raw in tiles.items()}, contents))
    first, leaves, _ = optimize_directories(entries, ROOT)  # type: ignore[no-untyped-call]  # pmtiles
    data = b"".join(contents)
    after = _parts(len(first), len(document), len(leaves), len(data))
    west, south, east, north = (round(degrees * 10**7) for degrees in bounds)
    head: Any = after | {
        "addressed_tiles_count": len(tiles),
        "tile_entries_count": len(entries),
        "tile_contents_count": len(contents),
        "clustered": True,
        "internal_compression": pm.Compression.GZIP,
        "tile_compression": pm.Compression.GZIP,
        "tile_type": pm.TileType.MVT,
        "min_zoom": zooms[0],
        "max_zoom": zooms[1],
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
    }
    return b"".join((pm.serialize_header(head), first, document, leaves, data))


def _parts(first: int, document: int, leaves: int, data: int) -> dict[str, int]:
    """Return where the four parts of an archive lie, one after the other."""
    found: dict[str, int] = {}
    at = HEAD
    names = ("root", "metadata", "leaf_directory", "tile_data")
    for name, length in zip(names, (first, document, leaves, data), strict=True):
        found |= {f"{name}_offset": at, f"{name}_length": length}
        at += length
    return found


def _entries(tiles: Mapping[TileKey, bytes], contents: dict[bytes, int]) -> Iterator[pm.Entry]:
    """Yield the directory in the order of tile numbers; equal tiles are stored once."""
    end, last = 0, None
    for number, raw in sorted((pm.zxy_to_tileid(*key), raw) for key, raw in tiles.items()):
        if raw not in contents:
            contents[raw], end = end, end + len(raw)
        at = contents[raw]
        if last is not None and last.offset == at and number == last.tile_id + last.run_length:
            last.run_length += 1
            continue
        if last is not None:
            yield last
        last = pm.Entry(number, at, len(raw), 1)
    if last is not None:
        yield last
