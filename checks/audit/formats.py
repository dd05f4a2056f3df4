"""Check (e): every format, language and address carries the same values of the same feature.

The features as GeoJSON are the reference. Other languages, other coordinate systems, single
features, Parquet and pages are held against them value by value; tiles are a part of them: no
feature, no key and no value that the features do not have, and outlines inside theirs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from checks.audit import (
    folder_archives,
    folder_files,
    formats_mbtiles,
    formats_parquet,
    formats_zones,
    markup,
)
from checks.audit.findings import Checked, Tally
from checks.audit.formats_tiles import check_tiles
from checks.audit.published import CRS_ROWS, Collection, Feature, Progress, Published
from checks.audit.themes import themes_of

_MBTILES: Final = ".mbtiles"
_DIGITS: Final = re.compile(r"\D")


def check(published: Published, progress: Progress = lambda _text: None) -> Checked:
    """Compare every copy with the features, and every file with what it is made of."""
    tally = Tally("formats")
    themes = themes_of(published.disclosure)
    protected = {
        c.id for c in published.collections.values() for t in themes if t.covers(c.id, c.fields)
    }
    for collection in published.collections.values():
        progress(collection.id)
        _features(tally, collection)
        for how, copy in collection.copies.items():
            _copy(tally, collection, how, copy)
        for lang, rows in collection.pages.items():
            _pages(tally, collection, lang, rows)
        if (raw := published.files.get(f"{collection.id}.parquet")) is not None:
            _parquet(tally, collection, raw, protected=collection.id in protected)
    formats_parquet.check(tally, published)
    markup.check(tally, published)
    formats_zones.check(tally, published)
    tally.count(len(published.seen))
    for where in published.padded:
        tally.find(where, "JSON that is not what its content alone makes: blanks, or a key twice")
    for ident in published.tilesets:
        progress(ident)
        check_tiles(tally, published.tilesets[ident], published)
        if published.folder is not None:  # at once: tiles are not kept
            folder_archives.check(tally, published.folder, ident, published)
    for name, raw in published.files.items():
        if name.endswith(_MBTILES):
            formats_mbtiles.check(
                tally, name, raw, published.tilesets.get(name.removesuffix(_MBTILES))
            )
    folder_files.check(tally, published, progress)
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
    tally.each(
        [f["geometry"] is None for f in collection.features]
        == shapely.is_missing(collection.geometry),
        collection.id,
        "a geometry that is none",
        lambda i: {"id": collection.ids[i]},
    )
    tally.each(
        ~shapely.has_z(collection.geometry),
        collection.id,
        "a position of more than two numbers",
        lambda i: {"id": collection.ids[i]},
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
    number = len(collection.features)
    tally.require(
        len(copy) == (min(number, CRS_ROWS) if how.startswith("crs=") else number),
        where,
        "another number of features",
        features=len(collection.features),
        copy=len(copy),
    )
    for one, other in zip(collection.features, copy, strict=False):
        tally.count(len(one["properties"]) + 1)
        same = one["properties"] == other["properties"] and one.get("id") == other.get("id")
        if not how.startswith("crs=") and "geometry" in other:
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
    """Check that every cell of a page shows its value: the digits of a number, or a text.

    Equal values have equal texts: a page may name a code, and then always by the same words.
    """
    where = f"{collection.id} (HTML, {lang})"
    tally.require(
        len(rows) == len(collection.features),
        where,
        "another number of rows",
        features=len(collection.features),
        rows=len(rows),
    )
    names = list(_columns(collection, lang))
    words: dict[tuple[str, object], str] = {}
    for feature, row in zip(collection.features, rows, strict=False):
        tally.require(len(row) == len(names), where, "another number of cells", id=feature["id"])
        for name, cell in zip(names, row, strict=False):
            tally.count(1)
            value = feature["properties"].get(name)
            if not _shows(cell, value, words.setdefault((name, str(value)), cell)):
                tally.find(
                    where, f"{name} shows another value", id=feature["id"], cell=cell, value=value
                )


def _columns(collection: Collection, lang: str) -> Iterator[str]:
    """Yield the property of each column of a page: of a text in two languages only one."""
    for name in collection.fields:
        if name.endswith("_en") and name.removesuffix("_en") in collection.fields:
            continue
        translated = f"{name}_en" in collection.fields and lang == "en"
        yield f"{name}_en" if translated else name


def _shows(cell: str, value: object, before: str) -> bool:
    digits = _DIGITS.sub("", cell)
    if value is None:
        return not digits
    if isinstance(value, int | float) and not isinstance(value, bool):
        return digits in {
            _DIGITS.sub("", str(value)),
            *(_DIGITS.sub("", f"{value:.{n}f}") for n in range(4)),
        }
    return cell == before


def _parquet(tally: Tally, collection: Collection, raw: bytes, *, protected: bool) -> None:
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
    place = {ident: i for i, ident in enumerate(collection.ids)}
    missing, more = sorted(place.keys() - ids), sorted(set(ids) - place.keys())
    tally.require(not missing, where, "the file lacks features", missing=missing[:9])
    if more and not protected:
        tally.note(
            f"{where}: {len(more)} oggetti in più delle pagine, per esempio {more[0]} / "
            f"{where}: {len(more)} features more than the items, such as {more[0]}"
        )
    else:
        tally.require(not more, where, "the file has features that no item is", ids=more[:9])
    kept = [i for i, ident in enumerate(ids) if ident in place]
    table, order = table.take(pa.array(kept, pa.int64())), [place[ids[i]] for i in kept]
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
