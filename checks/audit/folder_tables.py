"""A table is made again from rows and declaration: even its texts of the writer are known."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from checks.audit.findings import Tally
from checks.audit.folder import Folder
from checks.audit.published import Collection

ROW_GROUP: Final = 256
"""Rows of a group."""
SAID: Final = ("id", "title", "description", "licence", "attribution", "source", "synthetic")
"""Members of the declaration that a file repeats."""
CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
TYPES: Final = {
    "text": pa.string(),
    "date": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "codes": pa.list_(pa.string()),
}
"""Of columns, by the type of their field."""


def check(tally: Tally, folder: Folder, collection: Collection) -> None:
    """Check the table of a collection of a release folder."""
    where = f"{collection.id}.parquet"
    raw = folder.read(f"collections/{collection.id}/features.parquet")
    try:
        file = pq.ParquetFile(io.BytesIO(raw))
        made = _table(folder.layers[collection.id], collection)
    except (OSError, ValueError, TypeError, pa.ArrowException) as error:
        tally.find(where, f"the file cannot be read, or its rows have other types: {error}")
        return
    layer = folder.layers[collection.id]
    metadata = {b"atlante": described(layer)}
    if layer["geometry"] != "none":
        metadata[b"geo"] = _geo(collection)
    tally.require(
        file.metadata.created_by
        == f"parquet-cpp-arrow version {folder.manifest['versions'].get('pyarrow')}",
        where,
        "a text of the writer that is not its name and version",
        created_by=file.metadata.created_by,
    )
    said = file.schema_arrow.metadata or {}
    odd = sorted(k.decode() for k in said.keys() | metadata if said.get(k) != metadata.get(k))
    tally.require(
        not odd, where, "texts of the writer that rows and declaration do not make", names=odd
    )
    target = io.BytesIO()
    made = made.replace_schema_metadata(metadata)
    pq.write_table(
        made, target, row_group_size=ROW_GROUP, compression="zstd", write_page_index=True
    )
    tally.require(
        target.getvalue() == raw or bool(folder.elsewhere),
        where,
        "the file is not what its features make: written again it has other bytes",
        bytes=len(raw),
        again=len(target.getvalue()),
    )


def _table(layer: Mapping[str, Any], collection: Collection) -> pa.Table:
    """Return the table of the features: columns, types, outlines and boxes follow from them."""
    columns = {
        field["name"]: pa.array(collection.rows[field["name"]].tolist(), TYPES[field["type"]])
        for field in layer["fields"]
    }
    if layer["geometry"] != "none":
        shapes = collection.geometry
        columns["geometry"] = pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary())
        sides = shapely.bounds(shapes).reshape(-1, len(CORNERS)).T
        columns["bbox"] = pa.StructArray.from_arrays(
            [pa.array(np.ascontiguousarray(side)) for side in sides],
            fields=[pa.field(corner, pa.float64()) for corner in CORNERS],
            mask=pa.array(shapely.is_missing(shapes)),
        )
    return pa.table(columns)


def described(layer: Mapping[str, Any]) -> bytes:
    """Return what a file says of its collection."""
    return orjson.dumps({name: layer[name] for name in SAID}, option=orjson.OPT_SORT_KEYS)


def _geo(collection: Collection) -> bytes:
    """Return what GeoParquet 1.1 says of the geometry of these rows."""
    shapes = [shape for shape in collection.geometry if shape is not None]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in shapes}),
        "crs": CRS.from_user_input("OGC:CRS84").to_json_dict(),
        "orientation": "counterclockwise",
        "covering": {"bbox": {corner: ["bbox", corner] for corner in CORNERS}},
    }
    if shapes:
        column["bbox"] = shapely.total_bounds(shapes).tolist()
    said = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
