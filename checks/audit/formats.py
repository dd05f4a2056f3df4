"""Check (e): every format, language and address carries the same values of the same feature.

The features as GeoJSON are the reference. Other languages, other coordinate systems, single
features, Parquet and pages are held against them value by value; tiles are a part of them: no
feature, no key and no value that the features do not have, and outlines inside theirs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq
import shapely

from checks.audit.findings import Checked, Tally
from checks.audit.formats_tiles import check_tiles
from checks.audit.published import Collection, Feature, Field, Published

_DIGITS: Final = re.compile(r"\D")


def check(published: Published) -> Checked:
    """Compare every copy with the features."""
    tally = Tally("formats")
    for collection in published.collections.values():
        _features(tally, collection)
        for how, copy in collection.copies.items():
            _copy(tally, collection, how, copy)
        for lang, rows in collection.pages.items():
            _pages(tally, collection, lang, rows)
        if (raw := published.files.get(f"{collection.id}.parquet")) is not None:
            _parquet(tally, collection, raw)
    for tileset in published.tilesets.values():
        check_tiles(tally, tileset, published)
    return tally.result()


def _features(tally: Tally, collection: Collection) -> None:
    """Every feature has exactly the properties of the schema, and an id of its own."""
    names = [name for name, field in collection.fields.items() if field.type != "geometry"]
    tally.each(
        [list(f["properties"]) == names for f in collection.features],
        collection.id,
        "the properties are not those of the schema",
        lambda i: {
            "id": collection.ids[i],
            "differ": sorted(set(collection.features[i]["properties"]) ^ set(names)),
        },
    )
    tally.require(
        len(set(collection.ids)) == len(collection.ids), collection.id, "two features of one id"
    )
    pairs = zip(collection.features, collection.ids, strict=True)
    tally.each(
        [feature["properties"].get("id", ident) == ident for feature, ident in pairs],
        collection.id,
        "the id of a feature is not its property",
        lambda i: {"id": collection.ids[i]},
    )


def _copy(tally: Tally, collection: Collection, how: str, copy: Sequence[Feature]) -> None:
    where = f"{collection.id}?{how}"
    tally.require(
        len(copy) == len(collection.features),
        where,
        "another number of features",
        features=len(collection.features),
        copy=len(copy),
    )
    for one, other in zip(collection.features, copy, strict=False):
        tally.count(len(one["properties"]) + 1)
        same = one["properties"] == other["properties"] and one.get("id") == other.get("id")
        if not how.startswith("crs="):
            same = same and one["geometry"] == other["geometry"]
        if not same:
            tally.find(where, "a feature differs", id=one.get("id"), **_difference(one, other))


def _difference(one: Feature, other: Feature) -> dict[str, Any]:
    a, b = one["properties"], other["properties"]
    for name in dict.fromkeys([*a, *b]):
        if a.get(name) != b.get(name):
            return {"property": name, "features": a.get(name), "copy": b.get(name)}
    return {"property": "id or geometry"}


def _pages(tally: Tally, collection: Collection, lang: str, rows: Sequence[Sequence[str]]) -> None:
    """Check that the digits of every cell of a page are those of the value it shows."""
    where = f"{collection.id} (HTML, {lang})"
    tally.require(
        len(rows) == len(collection.features),
        where,
        "another number of rows",
        features=len(collection.features),
        rows=len(rows),
    )
    fields = [(name, field) for name, field in collection.fields.items()]
    for feature, row in zip(collection.features, rows, strict=False):
        tally.require(len(row) == len(fields), where, "another number of cells", id=feature["id"])
        for (name, field), cell in zip(fields, row, strict=False):
            tally.count(1)
            value = feature["properties"].get(name)
            if not _shows(cell, value, field):
                tally.find(
                    where, f"{name} shows other digits", id=feature["id"], cell=cell, value=value
                )


def _shows(cell: str, value: object, field: Field) -> bool:
    digits = _DIGITS.sub("", cell)
    if not digits:
        return value is None or not _DIGITS.sub("", str(value)) or bool(field.codes)
    if isinstance(value, float):
        return digits in {_DIGITS.sub("", f"{value:.{n}f}") for n in range(8)}
    # The title of a code has the digits of the code, if any: a band is one.
    return digits == _DIGITS.sub("", str(value))


def _parquet(tally: Tally, collection: Collection, raw: bytes) -> None:
    where = f"{collection.id}.parquet"
    try:
        table = pq.read_table(io.BytesIO(raw))
    except (OSError, ValueError) as error:
        tally.find(where, f"the file cannot be read: {error}")
        return
    names = [n for n in table.column_names if n not in {"geometry", "bbox"}]
    tally.require(
        names == list(collection.fields),
        where,
        "the columns are not those of the schema",
        differ=sorted(set(names) ^ set(collection.fields)),
    )
    ids = [str(v) for v in table.column("id").to_pylist()] if "id" in names else []
    if sorted(ids) != sorted(collection.ids):
        tally.find(where, "the features are not those of the collection")
        return
    place = {ident: i for i, ident in enumerate(collection.ids)}
    order = [place[ident] for ident in ids]
    for name in names:
        if name in collection.fields:
            _column(tally, where, collection, name, table.column(name).to_pylist(), order)
    if "geometry" in table.column_names:
        _outlines(tally, where, collection, table.column("geometry").to_pylist(), order)


def _column(  # noqa: PLR0913, PLR0917 - a column of a file and what it is compared with
    tally: Tally,
    where: str,
    collection: Collection,
    name: str,
    values: list[Any],
    order: list[int],
) -> None:
    real = collection.rows[name].tolist()
    tally.each(
        [_same(value, real[i]) for value, i in zip(values, order, strict=True)],
        where,
        f"{name} differs",
        lambda i: {"id": collection.ids[order[i]], "file": values[i], "feature": real[order[i]]},
    )


def _same(value: object, other: object) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _outlines(
    tally: Tally, where: str, collection: Collection, packed: list[Any], order: list[int]
) -> None:
    shapes = shapely.from_wkb(np.array([*packed, None], dtype=object)[:-1])
    real = collection.geometry[order]
    none = np.array([s is None for s in shapes], bool)
    tally.each(
        np.where(none, [r is None for r in real], shapely.equals_exact(shapes, real, 0)),
        where,
        "a geometry differs",
        lambda i: {"id": collection.ids[order[i]]},
    )
