"""Tiles are a part of the features: the same ids, keys, values and outlines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from checks.audit.findings import Tally
from checks.audit.folder_order import along
from checks.audit.mvt import POINT, Ints
from checks.audit.published import Collection, Published, Tileset
from checks.audit.themes import themes_of
from checks.audit.tile_outlines import check_outlines
from checks.audit.tiles import typed


def check_tiles(tally: Tally, tileset: Tileset, published: Published) -> None:
    """Compare every feature of every tile with the feature of its collection."""
    layers = [str(layer["id"]) for layer in tileset.document.get("vector_layers", [])]
    if layers and layers != [tileset.id]:
        _joined(tally, tileset, layers, published)
        return
    rows = tileset.rows
    for key, why in rows.damaged:
        tally.find(tileset.id, f"a tile cannot be read: {why}", tile=list(key))
    for key, raw in tileset.asked.items():
        tally.require(
            raw == tileset.tiles.get(key),
            tileset.id,
            "a tile that is asked for differs from that in the archive",
            tile=list(key),
        )
    _archive(tally, tileset)
    if len(rows.ids) == 0:
        own = published.collections.get(tileset.id)
        shown = own is not None and any(shape is not None for shape in own.geometry)
        tally.require(not shown, tileset.id, "tiles without the features of their collection")
        return
    themes = themes_of(published.disclosure)
    ids = [str(ident) for ident in rows.column("id")]
    zooms = np.array([zoom for zoom, _, _ in rows.tiles])[rows.tile]
    coded: dict[str, dict[str, Ints]] = {}
    for zoom in np.unique(zooms).tolist():
        at = np.flatnonzero(zooms == zoom)
        collection = _shown(tileset, published, {ids[i] for i in at.tolist()})
        if collection is None:
            tally.find(
                tileset.id, "features of a zoom that are not those of one collection", zoom=zoom
            )
            continue
        place = {ident: i for i, ident in enumerate(collection.ids)}
        of = np.array([place[ids[i]] for i in at.tolist()])
        covered = any(t.covers(collection.id, collection.fields) for t in themes)
        if covered and collection.id == tileset.id:
            _whole(tally, tileset, collection, zoom, of)
        _order(tally, tileset, (collection, at, of))
        if collection.id not in coded:
            coded[collection.id] = _coded(tileset, collection)
            _follows(tally, tileset, collection)
        _values(tally, tileset, coded[collection.id], (collection, at, of))
        _numbers(tally, tileset, collection, at, of)
        check_outlines(tally, tileset, (collection, at, of))


def _joined(tally: Tally, tileset: Tileset, layers: list[str], published: Published) -> None:
    """Check that tiles of several layers are those of tilesets of their own, one after another."""
    unknown = [name for name in layers if name == tileset.id or name not in published.tilesets]
    if unknown:
        tally.find(tileset.id, "layers that have no tiles of their own", layers=unknown)
        return
    tally.require(not tileset.stored, tileset.id, "an archive of several layers")
    parts = [published.tilesets[name].tiles for name in layers]
    for key in tileset.asked.keys() | {key for part in parts for key in part}:
        tally.require(
            (tileset.asked.get(key) or b"") == b"".join(part.get(key, b"") for part in parts),
            tileset.id,
            "a tile of several layers is not those of its layers, one after another",
            tile=list(key),
        )


def _archive(tally: Tally, tileset: Tileset) -> None:
    """Check that an archive has one layer and nothing beside its tiles."""
    tally.require(
        tileset.rows.layers in ([tileset.id], []),
        tileset.id,
        "the tiles have other layers than the one of the tileset",
        layers=tileset.rows.layers,
    )
    said = tileset.document.get("vector_layers", [])
    more = set(tileset.rows.keys) - {name for of in said for name in of.get("fields", {})}
    tally.require(
        not more, tileset.id, "the tiles have keys that are not declared", keys=sorted(more)
    )
    tally.require(
        tileset.loose == 0,
        tileset.id,
        "the archive has bytes that belong to no tile",
        number=tileset.loose,
    )


def _whole(tally: Tally, tileset: Tileset, collection: Collection, zoom: int, of: Ints) -> None:
    """Every zoom has all features: one that is left out somewhere would be marked by it."""
    missing = sorted(set(collection.ids) - {collection.ids[i] for i in np.unique(of).tolist()})
    tally.require(
        not missing, tileset.id, "features that a zoom lacks", zoom=zoom, missing=missing[:9]
    )


def _order(tally: Tally, tileset: Tileset, rows: tuple[Collection, Ints, Ints]) -> None:
    """Features of a tile come once each, along the curve over all that the zoom shows.

    Areas are drawn first, so that no point lies under one.
    """
    collection, at, of = rows
    shown = np.unique(of)
    order = along(collection.geometry[shown], [collection.ids[i] for i in shown.tolist()])
    rank = np.empty(len(collection.ids), np.int64)
    rank[shown[order]] = np.arange(len(shown))
    above = np.where(tileset.rows.kinds[at] == POINT, len(shown), 0)
    same = np.diff(tileset.rows.tile[at]) == 0
    tally.require(
        bool((np.diff(rank[of] + above)[same] > 0).all()),
        tileset.id,
        "features of a tile come in an order that places and ids do not make",
        collection=collection.id,
    )


def _shown(tileset: Tileset, published: Published, ids: set[str]) -> Collection | None:
    """Return the collection that has all features and keys of a zoom; the smallest of several."""
    own = published.collections.get(tileset.id)
    candidates = [own] if own is not None else list(published.collections.values())
    fitting = [
        c for c in candidates if ids <= set(c.ids) and set(tileset.rows.keys) <= set(c.fields)
    ]
    return min(fitting, key=lambda c: len(c.ids), default=None)


def _follows(tally: Tally, tileset: Tileset, collection: Collection) -> None:
    """Check that all features have their keys in the order of the fields."""
    place = {name: i for i, name in enumerate(collection.fields)}
    turned = sorted((a, b) for a, b in tileset.rows.follows if place[a] > place[b])
    tally.require(
        not turned, tileset.id, "keys of a feature are not in the order of the fields", keys=turned
    )


def _coded(tileset: Tileset, collection: Collection) -> dict[str, Ints]:
    """Return by field what tags must point at for each feature: -1 nowhere, -2 not in any tile."""
    codes = {typed(value): i for i, value in enumerate(tileset.rows.values)}
    coded = {}
    for name in collection.fields:
        real = map(_in_tile, collection.rows[name].tolist())
        found = [-1 if v is None else codes.get(typed(v), -2) for v in real]
        coded[name] = np.array(found, np.int64)
    return coded


def _values(
    tally: Tally,
    tileset: Tileset,
    coded: Mapping[str, Ints],
    features: tuple[Collection, Ints, Ints],
) -> None:
    """Every tag is the property of the feature; a null has no tag."""
    (collection, at, of), rows = features, tileset.rows
    for name, wanted in coded.items():
        shown = rows.tags[at, rows.keys.index(name)] if name in rows.keys else np.full(len(at), -1)
        tally.each(
            shown == wanted[of],
            tileset.id,
            f"{name} differs from the feature",
            lambda i, n=name, s=shown: {  # type: ignore[misc]
                "tile": list(rows.tiles[rows.tile[at[i]]]),
                "id": collection.ids[of[i]],
                "tile value": rows.values[s[i]] if s[i] >= 0 else None,
                "feature": collection.rows[n].iloc[of[i]],
            },
        )


def _in_tile(value: Any) -> Any:
    """Return a property as a tile holds it: lists as JSON text."""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _numbers(tally: Tally, tileset: Tileset, collection: Collection, at: Ints, of: Ints) -> None:
    """Check that no feature has a number beside its id: it could be a figure."""
    tally.each(
        tileset.rows.ids[at] == 0,
        tileset.id,
        "a feature has a number beside its id",
        lambda i: {"id": collection.ids[of[i]], "number": int(tileset.rows.ids[at[i]])},
    )
