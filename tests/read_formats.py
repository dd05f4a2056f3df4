"""The features of an answer as the programs that people use read them: GDAL, Arrow, CSV readers.

Each reader gives what `expected` makes of GeoJSON: identifiers, values by name, geometry as WKB.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from codecs import BOM_UTF8
from contextlib import contextmanager
from datetime import date

import orjson
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pyogrio
import shapely

TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
LISTS_AS_TEXT = frozenset({"csv", "csv-it", "h3csv", "fgb", "gpkg"})
"""Formats without lists: codes are JSON text there."""


def expected(features, f):
    """Return what a reader of a format has to find, from the features as GeoJSON."""
    rows = []
    for one in features:
        values = {"id": one["id"], **one["properties"]}
        if f in LISTS_AS_TEXT:
            values = {name: _as_text(value) for name, value in values.items()}
        shape = one["geometry"] and shapely.from_geojson(orjson.dumps(one["geometry"]))
        without = f.startswith("h3") or (f == "csv-it" and shape and shape.geom_type != "Point")
        rows.append((values, None if without else shape and shape.wkb))
    return rows


def _as_text(value):
    return orjson.dumps(value).decode() if isinstance(value, list) else value


def read(body, f, layer):
    """Return (values, geometry) of each feature of a body, in order."""
    if f in {"fgb", "gpkg"}:
        return gdal(body, f)
    if f in {"parquet", "h3parquet"}:
        return arrow(body)
    if f == "csv-it":
        assert body.startswith(BOM_UTF8)
        return of_csv(body.removeprefix(BOM_UTF8), layer, between=";", decimal=",")
    return of_csv(body, layer) if f in {"csv", "h3csv"} else json_fg(body)


@contextmanager
def named(body, f):
    """Yield the name of a file that holds a body: GDAL minds how the name ends."""
    with tempfile.NamedTemporaryFile(suffix=f".{f}") as file:
        file.write(body)
        file.flush()
        yield file.name


def system_of(body, f):
    with named(body, f) as name:
        return pyogrio.read_info(name)["crs"]


def gdal(body, f):
    # GDAL 3.12 fails on FlatGeobuf, its own too, with features without a place, unless told this.
    pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})
    with named(body, f) as name:
        info, table = pyogrio.read_arrow(name)
    pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": None})
    name = info["geometry_name"] or "wkb_geometry"
    return [_split(row, name) for row in table.to_pylist()]


def arrow(body):
    return [_split(row, "geometry") for row in pq.read_table(io.BytesIO(body)).to_pylist()]


def _split(row, geometry):
    place = row.pop(geometry, None)
    row.pop("bbox", None)
    row.pop("h3_index", None)
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in row.items()}, place


def of_csv(body, layer, *, between=",", decimal="."):
    types = {f.name: TYPES.get(f.type, pa.string()) for f in layer.fields}
    options = pc.ConvertOptions(
        column_types={**types, "lon": pa.float64(), "lat": pa.float64()},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        decimal_point=decimal,
        true_values=["true"] if decimal == "." else ["VERO"],
        false_values=["false"] if decimal == "." else ["FALSO"],
    )
    parse = pc.ParseOptions(newlines_in_values=True, delimiter=between)
    rows = pc.read_csv(io.BytesIO(body), parse_options=parse, convert_options=options)
    return [_of_text(row) for row in rows.to_pylist()]


def _of_text(row):
    wkt, east, north = row.pop("wkt", None), None, None
    for names in (("lon", "lat"), ("x", "y")):
        if names[0] in row:
            east, north = (row.pop(name) for name in names)
    if east is not None:
        wkt = f"POINT ({east!r} {north!r})"
    values = {n: unharmed(v) if isinstance(v, str) else v for n, v in row.items()}
    return values, wkt and shapely.from_wkt(wkt).wkb


def unharmed(text):
    """Undo what CSV does to texts that look like formulas."""
    return re.sub(r"^'('*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n])", r"\1", text)


def json_fg(body):
    features = json.loads(body)["features"]
    return [
        (
            {"id": one["id"], **one["properties"]},
            one["geometry"] and shapely.from_geojson(orjson.dumps(one["geometry"])).wkb,
        )
        for one in features
    ]
