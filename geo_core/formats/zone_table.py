"""The rows of a protected theme at the levels for which it has no collection.

One Parquet file per theme, without geometry: `livello`, the fields of the theme's layers, and
`parti`, the areas of the theme's coarsest collection that each row is the union of.
Sums of what a band hides are made in the build alone, so a server finds them here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geo_core.formats.geoparquet import TYPES, described
from geo_core.formats.rows import rows_of
from geo_core.model.layer import family_title
from geo_core.model.tables import Levels

LEVEL: Final = "livello"
PARTS: Final = "parti"
media_type: Final = "application/vnd.apache.parquet"


def write(levels: Levels, target: Path) -> None:
    """Write the rows of coarser levels, by level and id.

    Parameters
    ----------
    levels : mapping of ZoneLevel
        At least one; all of one layer.
    target : Path
        File to write; its folder exists.
    """
    layer = levels[min(levels)].table.layer
    numbers: list[int] = []
    parts: list[list[str]] = []
    columns: dict[str, list[Any]] = {field.name: [] for field in layer.fields}
    for level, of in sorted(levels.items()):
        rows = rows_of(of.table)
        order = np.argsort(np.array(rows.ids)).tolist()
        numbers += [level] * len(rows)
        parts += [sorted(of.parts[rows.ids[row]]) for row in order]
        for name, values in rows.columns.items():
            columns[name] += [values[row] for row in order]
    arrays = {LEVEL: pa.array(numbers, pa.int8())} | {
        field.name: pa.array(columns[field.name], TYPES[field.type]) for field in layer.fields
    }
    arrays[PARTS] = pa.array(parts, TYPES["codes"])
    theme = layer.model_copy(update={"id": layer.family, "title": family_title(layer)})
    table = pa.table(arrays).replace_schema_metadata({"atlante": described(theme)})
    pq.write_table(table, target, compression="zstd")


def read(path: Path) -> dict[int, dict[str, list[Any]]]:
    """Return the values of each column, None for null, by level."""
    # `read_table` of pyarrow imports pandas, which the server must not carry.
    with pq.ParquetFile(path) as file:
        table = file.read(use_threads=False)
    columns = {name: table[name].to_pylist() for name in table.column_names}
    levels = columns.pop(LEVEL)
    return {
        level: {
            name: [v for v, at in zip(values, levels, strict=True) if at == level]
            for name, values in columns.items()
        }
        for level in sorted(set(levels))
    }
