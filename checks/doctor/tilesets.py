"""Tiles: each zoom of an archive has all features; MBTiles and addresses have the same tiles."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final

import orjson

from checks.audit.mvt import InvalidTile, decode
from checks.audit.site import CannotAudit, gunzip
from checks.audit.tiles import TileKey, addressed, archive
from checks.doctor.asks import Collection, Door, hrefs
from checks.doctor.told import Row, Told

EMPTY: Final = 20
"""Addresses in range without a tile that are asked for, of each tileset."""
OGC: Final = 12
"""Tiles asked for at the addresses of OGC API - Tiles, of each tileset."""

type Tiles = Mapping[TileKey, bytes]


def check(told: Told, door: Door, of: Collection) -> Tiles:
    """Compare the tiles of a collection with its features; return the tiles."""
    found: Tiles = {}
    for href in of.hrefs("enclosure", ".pmtiles"):
        found = archive(door.bytes(href))[1]
        for href_json in of.hrefs("related", f"/{of.id}.json"):
            document = door.json(href_json)
            zooms = range(document["minzoom"], document["maxzoom"] + 1)
            _zooms(told, of, found, zooms)
            _addresses(told, door, of.id, document, found)
        for href_set in of.hrefs("tilesets-vector"):
            _sampled(told, door, of.id, href_set, found)
    for href in of.hrefs("enclosure", ".mbtiles"):
        _mbtiles(told, of, found, door.bytes(href))
    return found


def held(of: Collection) -> list[Row]:
    """Return the features as tiles hold them: null is absence, a list is JSON text."""
    return [
        (ident, {name: _held(value) for name, value in row.items() if value is not None})
        for ident, row in of.rows
        if ident in of.placed
    ]


def _held(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list) else value


def shown(tiles: Tiles, zoom: int) -> list[Row]:
    """Return the distinct features of a zoom: one that is cut by tiles is told by each, alike.

    Raises
    ------
    CannotAudit
        A tile is not valid.
    """
    found: dict[tuple[str, bytes], Row] = {}
    for key, raw in tiles.items():
        if key[0] == zoom:
            for ident, row in _features(key, raw):
                found[ident, orjson.dumps(row, option=orjson.OPT_SORT_KEYS)] = (ident, row)
    return list(found.values())


def _features(key: TileKey, raw: bytes) -> Iterator[Row]:
    try:
        layers = decode(raw)
    except InvalidTile as error:
        raise CannotAudit(f"tile {key} is not valid: {error}") from error
    for layer in layers:
        ids = []
        for tags in layer.tags.tolist():
            pairs = zip(layer.keys, tags, strict=True)
            row = {name: layer.values[at] for name, at in pairs if at >= 0}
            ids.append(str(row["id"]))
            yield ids[-1], row
        if len(set(ids)) != len(ids):
            raise CannotAudit(f"tile {key} has a feature twice")


def _zooms(told: Told, of: Collection, tiles: Tiles, zooms: range) -> None:
    wanted = held(of)
    odd = sorted({key[0] for key in tiles} - set(zooms))
    if odd:
        told.find(of.id, "pmtiles", f"zooms that the document does not have: {odd}")
    for zoom in zooms:
        try:
            told.same(of.id, "pmtiles", wanted, shown(tiles, zoom))
        except CannotAudit as error:
            told.find(of.id, "pmtiles", f"zoom {zoom}: {error}")


def _addresses(
    told: Told, door: Door, ident: str, document: Mapping[str, Any], tiles: Tiles
) -> None:
    """Ask for every tile there is, and for some that are empty."""
    asked, empty = 0, 0
    for key, address in addressed(document):
        if key not in tiles:
            empty += 1
            if empty > EMPTY:
                continue
        answer = door.get(address)
        asked += 1
        if answer.status not in {200, 204} or answer.body != tiles.get(key, b""):
            told.find(ident, "xyz", f"tile {key} is not that of the archive ({answer.status})")
    beyond = tiles.keys() - {key for key, _ in addressed(document)}
    if beyond:
        told.find(ident, "xyz", f"tiles outside the bounds: {sorted(beyond)[:3]}")
    told.tiles(ident, "xyz", asked, sum(map(len, tiles.values())))


def _sampled(told: Told, door: Door, ident: str, href: str, tiles: Tiles) -> None:
    """Ask for tiles by the addresses of OGC API - Tiles: spread over all that there are."""
    said = door.json(door_set(door, href))
    (template,) = {
        link["href"]
        for link in said["links"]
        if link["rel"] == "item" and "mapbox-vector-tile" in link["type"]
    }
    keys = sorted(tiles)
    for z, x, y in keys[:: max(1, len(keys) // OGC)]:
        parts = {"{tileMatrix}": z, "{tileRow}": y, "{tileCol}": x}
        address = template
        for part, number in parts.items():
            address = address.replace(part, str(number))
        if door.bytes(address) != tiles[z, x, y]:
            told.find(ident, "tiles", f"tile {z, x, y} is not that of the archive")
        told.tiles(ident, "tiles", 1, len(tiles[z, x, y]))


def door_set(door: Door, href: str) -> str:
    """Return the address of the first tileset of a list."""
    return hrefs(door.json(href)["tilesets"][0]["links"], "self")[0]


def _mbtiles(told: Told, of: Collection, tiles: Tiles, raw: bytes) -> None:
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(raw)
        rows = file.execute(
            "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"
        ).fetchall()
    found = {(z, x, 2**z - 1 - y): gunzip(data) for z, x, y, data in rows}
    wrong = [key for key in found.keys() | tiles.keys() if found.get(key) != tiles.get(key)]
    if wrong:
        told.find(of.id, "mbtiles", f"tiles that are not those of the archive: {sorted(wrong)[:3]}")
    told.tiles(of.id, "mbtiles", len(found), sum(map(len, found.values())))


def check_joined(
    told: Told,
    door: Door,
    known: Mapping[str, tuple[Collection, Tiles]],
    only: frozenset[str] = frozenset(),
) -> None:
    """Compare tilesets of themes and of the whole: each zoom is one collection, or one theme.

    Parameters
    ----------
    only : set of str
        Those to look at; all if it is empty.
    """
    parts: dict[str, dict[TileKey, bytes]] = {}
    documents: list[tuple[str, Mapping[str, Any]]] = []
    for href in hrefs(door.landing["links"], "tilesets-vector"):
        for said in door.json(href)["tilesets"]:
            for link in hrefs(said["links"], "alternate", ".json"):
                ident = link.rpartition("/")[2].removesuffix(".json")
                if only and ident not in only:
                    continue
                document = door.json(link)
                documents.append((ident, document))
                parts[ident] = dict(_asked(told, door, ident, document))
    every = {**{name: tiles for name, (_, tiles) in known.items()}, **parts}
    for ident, document in documents:
        layers = [str(layer["id"]) for layer in document["vector_layers"]]
        if layers == [ident]:
            _theme(told, ident, document, parts[ident], known)
        else:
            _whole(told, ident, parts[ident], [every.get(name, {}) for name in layers])


def _asked(
    told: Told, door: Door, ident: str, document: Mapping[str, Any]
) -> Iterator[tuple[TileKey, bytes]]:
    for key, address in addressed(document):
        answer = door.get(address)
        if answer.status not in {200, 204}:
            told.find(ident, "xyz", f"tile {key} answers {answer.status}")
        elif answer.body:
            yield key, answer.body


def _theme(
    told: Told,
    ident: str,
    document: Mapping[str, Any],
    tiles: Tiles,
    known: Mapping[str, tuple[Collection, Tiles]],
) -> None:
    """Each zoom has the features of one collection of the theme, and finer ones further in."""
    family = {name: of for name, (of, _) in known.items() if name.startswith(f"{ident}_r")}
    before = ""
    for zoom in range(document["minzoom"], document["maxzoom"] + 1):
        found = shown(tiles, zoom)
        ids = {one for one, _ in found}
        names = sorted(name for name, of in family.items() if ids == of.placed)
        if not names or names[0] < before:
            told.find(ident, "theme", f"zoom {zoom} has the features of no collection in its turn")
            continue
        before = names[0]
        told.same(ident, "theme", held(family[before]), found)


def _whole(told: Told, ident: str, tiles: Tiles, parts: Sequence[Tiles]) -> None:
    for key in tiles.keys() | {key for part in parts for key in part}:
        made = b"".join(part.get(key, b"") for part in parts)
        if tiles.get(key, b"") != made:
            told.find(ident, "dataset", f"tile {key} is not those of its layers")
    told.tiles(ident, "dataset", len(tiles), sum(map(len, tiles.values())))
