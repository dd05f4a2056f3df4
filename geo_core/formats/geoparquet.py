"""GeoParquet 1.1: the columnar download, and what the server filters and sorts.

Written by pyarrow directly, because geopandas labels the CRS EPSG:4326, leaves the type of an
all-null text column open and may write large strings.
A layer without geometry becomes plain Parquet: no geometry, no `bbox`, no `geo` metadata,
rows by id. Either file says in its `atlante` metadata (JSON) what it holds, whose data these
are and under which licence, so that a copy keeps saying it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from geo_core.formats.rows import Rows, box, rows_of
from geo_core.model.layer import Layer
from geo_core.model.mercator import Bounds
from geo_core.model.tables import GEOMETRY, Table

name: Final = "geoparquet"
media_type: Final = "application/vnd.apache.parquet"

ROW_GROUP: Final = 256
"""Rows per group: a small map area then costs a small part of the file."""

BBOX: Final = "bbox"

TYPES: Final = {
    "text": pa.string(),
    "date": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "codes": pa.list_(pa.string()),
}
"""Arrow type of each field type; dates are ISO text, as in every other format."""

_DESCRIPTION: Final = {
    "id", "title", "description", "licence", "attribution", "source", "synthetic",
}  # fmt: skip
_CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
BBOX_TYPE: Final = pa.struct([(corner, pa.float64()) for corner in _CORNERS])
"""Type of the column that holds the box of each geometry."""


def covers(layer: Layer) -> bool:  # noqa: ARG001 - the contract of every format
    """Tell whether this format can hold a layer: always."""
    return True


def write(table: Table, target: Path) -> None:
    """Write a collection as one Parquet file.

    Parameters
    ----------
    table : Table
        Rows that may be published.
    target : Path
        File to write; its folder exists.
    """
    rows = rows_of(table)
    arrays = {f.name: pa.array(rows.columns[f.name], TYPES[f.type]) for f in rows.layer.fields}
    metadata = {"atlante": described(rows.layer)}
    if rows.layer.geometry != "none":
        arrays[GEOMETRY] = pa.array(shapely.to_wkb(rows.geometry, byte_order=1), pa.binary())
        arrays[BBOX] = _boxes(rows)
        metadata["geo"] = geo(
            {shape.geom_type for shape in rows.geometry if shape},
            CRS.from_user_input("OGC:CRS84"),
            box(rows.geometry),
        )
    pq.write_table(
        pa.table(arrays).replace_schema_metadata(metadata),
        target,
        row_group_size=ROW_GROUP,
        compression="zstd",
        write_page_index=True,
    )


def described(layer: Layer) -> bytes:
    """Return the `atlante` metadata of a file: what it holds, whose it is, its licence."""
    said = layer.model_dump(include=_DESCRIPTION)
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def _boxes(rows: Rows) -> pa.Array:
    boxes = shapely.bounds(rows.geometry).reshape(-1, 4)
    missing = pa.array(shapely.is_missing(rows.geometry))
    return pa.StructArray.from_arrays(
        [pa.array(np.ascontiguousarray(boxes[:, i])) for i in range(4)],
        fields=list(BBOX_TYPE),
        mask=missing,
    )


def geo(types: Iterable[str], system: CRS, bounds: Bounds | None) -> bytes:
    """Return the `geo` metadata of GeoParquet 1.1.

    Parameters
    ----------
    types : Iterable[str]
        Names of the geometry types that occur.
    system : CRS
        Reference system of the coordinates, whose axis that points east stands first.
    bounds : Bounds | None
        Their smallest and largest values.
    """
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(types),
        "crs": system.to_json_dict(),
        "orientation": "counterclockwise",
        "covering": {BBOX: {corner: [BBOX, corner] for corner in _CORNERS}},
    }
    if bounds:
        column["bbox"] = bounds
    said = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
