"""Recomputes what files and documents say in short of the features: extremes, extents, ranges.

Statistics of row groups, ranges of tilesets and extents are figures too: a greatest value taken
before protection would reveal it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from checks.audit import replay_rasters
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published, Tileset
from checks.audit.themes import themes_of

DEGREES: Final = 1e-6
"""Tolerance of extents."""
_READS: Final = {"get", "has", "!has"}
"""Operators of MapLibre expressions that read a property."""


def check(tally: Tally, published: Published) -> None:
    """Check every collection, every table, every raster and every tileset."""
    themes = themes_of(published.disclosure)
    for collection in published.collections.values():
        is_open = not any(t.covers(collection.id, collection.fields) for t in themes)
        raw = published.files.get(f"{collection.id}.parquet") if is_open else None
        _description(tally, collection, raw)
    for name, raw in published.files.items():
        if name.endswith(".parquet"):
            _statistics(tally, name, raw)
        elif name.endswith(".tif"):
            replay_rasters.check(tally, name, raw, published)
    for tileset in published.tilesets.values():
        _ranges(tally, tileset)
    counts = {name for theme in themes for name in theme.shown}
    for ident, style in published.styles.items():
        _style(tally, ident, style, published)
        if ident in published.collections:
            _breaks(tally, published.collections[ident], style, counts)


def _description(tally: Tally, collection: Collection, file: bytes | None) -> None:
    """Check that the stated number and extent are those of the features.

    The extent of an open collection may be that of its file, which has what is past as well.
    """
    document = collection.document
    tally.require(
        document.get("numberMatched") == len(collection.features),
        collection.id,
        "numberMatched is not the number of features",
        stated=document.get("numberMatched"),
        features=len(collection.features),
    )
    extent = document.get("extent") or {}
    shapes = [shape for shape in collection.geometry if shape is not None]
    box = (extent.get("spatial") or {}).get("bbox", [None])[0]
    if shapes and box:
        real = shapely.total_bounds(shapes)
        if file is not None and (np.abs(real - box) > DEGREES).any():
            real = _of_file(file)
        tally.each(
            np.abs(real - box) <= DEGREES,
            collection.id,
            "the extent is not that of the features",
            lambda i: {"stated": box[i], "features": real[i]},
        )
    interval = (extent.get("temporal") or {}).get("interval", [None])[0]
    dates = [name for name, field in collection.fields.items() if field.date][:2]
    if interval and len(dates) == 2 and all(interval):
        first = min((str(d) for d in collection.rows[dates[0]] if d), default="")
        last = max((str(d) for d in collection.rows[dates[1]] if d), default="")
        tally.each(
            [interval[0][:10] == first, interval[1][:10] == last],
            collection.id,
            "the interval of time is not that of the features",
            lambda i: {"stated": interval[i], "features": [first, last][i]},
        )


def _of_file(raw: bytes) -> npt.NDArray[np.float64]:
    """Return the box of all rows of a table."""
    packed = pq.read_table(io.BytesIO(raw), columns=["geometry"]).column("geometry").to_pylist()
    return np.asarray(shapely.total_bounds(shapely.from_wkb([w for w in packed if w])))


def _statistics(tally: Tally, name: str, raw: bytes) -> None:
    """Least, greatest and number of nulls of every column of every row group."""
    try:
        file = pq.ParquetFile(io.BytesIO(raw))
        for group in range(file.metadata.num_row_groups):
            rows = file.read_row_group(group).flatten()
            _group(tally, f"{name}, row group {group}", file.metadata.row_group(group), rows)
    except (OSError, ValueError) as error:
        tally.find(name, f"the file cannot be read: {error}")


def _group(tally: Tally, where: str, metadata: Any, rows: Any) -> None:
    for i in range(metadata.num_columns):
        chunk = metadata.column(i)
        said, path = chunk.statistics, chunk.path_in_schema
        if said is None or path not in rows.column_names:
            continue
        real = rows.column(path)
        if said.has_null_count:
            tally.require(
                said.null_count == real.null_count,
                where,
                f"the statistics of {path} count other nulls than there are",
                stated=said.null_count,
                rows=real.null_count,
            )
        if (said.has_min_max and chunk.physical_type != "BYTE_ARRAY") or _is_text(real):
            extremes = pc.min_max(real).as_py()
            tally.require(
                not said.has_min_max or [said.min, said.max] == [extremes["min"], extremes["max"]],
                where,
                f"the statistics of {path} are not those of its rows",
                stated=[said.min, said.max] if said.has_min_max else None,
                rows=[extremes["min"], extremes["max"]],
            )


def _is_text(column: Any) -> bool:
    return str(column.type) in {"string", "large_string"}


def _ranges(tally: Tally, tileset: Tileset) -> None:
    """Ranges of attributes that a tileset states are those of its tiles."""
    stated: list[Mapping[str, Any]] = [
        item
        for layer in (tileset.document.get("tilestats") or {}).get("layers", [])
        for item in layer.get("attributes", [])
    ]
    for item in stated:
        values = [v for v in tileset.rows.column(item["attribute"]) if v is not None]
        more = sorted(set(item.get("values", ())) - set(values), key=str)
        tally.require(not more, tileset.id, "values that no tile has are listed", values=more[:9])
        for name, real in (("min", min), ("max", max)):
            if name in item:
                tally.require(
                    bool(values) and item[name] == real(values),
                    tileset.id,
                    f"the {name} of {item['attribute']} is not that of the tiles",
                    stated=item[name],
                )


def _style(tally: Tally, ident: str, style: Any, published: Published) -> None:
    """Check that a style names published fields only."""
    named = set(_fields_named(style))
    fields = set(published.collections[ident].fields) if ident in published.collections else named
    tally.require(
        named <= fields,
        ident,
        "the style names fields that are not published",
        fields=sorted(named - fields),
    )


def _breaks(tally: Tally, collection: Collection, style: Any, counts: set[str]) -> None:
    """Check that classes of counts begin at a round or a published number.

    A break at the quantile of the counts before protection would reveal one of them.
    """
    for name, number in _compared(style):
        if name in counts & set(collection.fields):
            tally.require(
                f"{number:g}".strip("0.")[1:] in {"", "5"} or number in collection.numbers(name),
                collection.id,
                f"a class of {name} begins at a number that is neither round nor published",
                number=number,
            )


def _compared(node: Any) -> list[tuple[str, float]]:
    """Return the properties that expressions of a style compare with numbers, and these."""
    if isinstance(node, Mapping):
        return [pair for child in node.values() for pair in _compared(child)]
    if not isinstance(node, list):
        return []
    if len(node) > 2 and isinstance(node[0], str) and isinstance(node[1], list | str):
        names = _fields_named(node[1]) if isinstance(node[1], list) else [node[1]]
        numbers = [n for n in node[2:] if isinstance(n, int | float) and not isinstance(n, bool)]
        if names and numbers:
            return [(name, float(number)) for name in names for number in numbers]
    return [pair for child in node for pair in _compared(child)]


def _fields_named(node: Any) -> list[str]:
    """Return the properties that the expressions of a style read (MapLibre `get` and `has`)."""
    if isinstance(node, Mapping):
        return [name for child in node.values() for name in _fields_named(child)]
    if not isinstance(node, list):
        return []
    if len(node) == 2 and all(isinstance(n, str) for n in node) and node[0] in _READS:
        return [node[1]]
    return [name for child in node for name in _fields_named(child)]
