"""GeoParquet (and plain Parquet, a table without geometry), read by Arrow alone."""

from __future__ import annotations

import json
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from geo_core.sources.base import Job, Parsed, Source, check_names, check_size, refuse
from geo_core.sources.vector import HEADER, texts

_LONLAT: Final = "OGC:CRS84"
"""What the specification says of a geometry column that names no system."""


def parse(job: Job) -> Parsed:
    """Read one GeoParquet whose geometry is well-known binary.

    Raises
    ------
    SourceError
        Not Parquet, another encoding of geometry, no reference system, or beyond the limits.
    """
    pa.set_cpu_count(1)
    try:
        with job.path.open("rb") as raw, pq.ParquetFile(raw, pre_buffer=False) as file:
            geo = _described(job, file.schema_arrow.metadata or {})
            names = [n for n in file.schema_arrow.names if n not in _boxes(geo)]
            _check(job, file.metadata, names)
            table = file.read(columns=names, use_threads=False)
    except MemoryError:  # also one of Arrow's own
        raise
    except (pa.ArrowException, OSError):
        refuse(job, "is not a readable Parquet file", hint="write it again, as GeoParquet 1.1")
    shape = geo.get("primary_column")
    columns = {n: texts(job, n, table.column(n)) for n in names if n != shape}
    rows = range(1, table.num_rows + 1)
    if shape is None:
        return Parsed(columns, rows)
    return Parsed(columns, rows, wkb=_wkb(job, table, shape), crs=_crs(geo["columns"][shape]))


def _described(job: Job, metadata: dict[bytes, bytes]) -> dict[str, Any]:
    if b"geo" not in metadata:
        return {}
    try:
        geo: dict[str, Any] = json.loads(metadata[b"geo"])
        encoding = geo["columns"][geo["primary_column"]]["encoding"]
    except (ValueError, KeyError, TypeError, RecursionError):
        refuse(job, "has no usable description of its geometry", hint="write it as GeoParquet 1.1")
    if encoding != "WKB":
        hint = "write it again with the encoding WKB"
        refuse(job, "holds its geometry in another encoding than WKB", hint=hint)
    return geo


def _boxes(geo: dict[str, Any]) -> set[str]:
    """Return the columns that only hold the bounds of the geometries."""
    described = geo.get("columns", {}).values()
    return {
        str(path[0])
        for column in described
        for path in column.get("covering", {}).get("bbox", {}).values()
    }


def _check(job: Job, metadata: Any, names: list[str]) -> None:
    check_names(job, names, at=HEADER)
    check_size(job, rows=metadata.num_rows, columns=len(names))
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > job.limits.bytes:
        refuse(job, f"unpacks to more than {job.limits.bytes} bytes", hint="split the file")


def _wkb(job: Job, table: pa.Table, shape: str) -> list[bytes | None]:
    column = table.column(shape)
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        refuse(job, "has a geometry that is not binary", hint="write it as GeoParquet 1.1")
    values: list[bytes | None] = column.to_pylist()
    return values


def _crs(column: dict[str, Any]) -> str | None:
    system = column.get("crs", _LONLAT)
    return json.dumps(system) if isinstance(system, dict) else system


SOURCE: Final = Source("GeoParquet", (".parquet",), parse)
