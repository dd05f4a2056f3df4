"""What programs find in the files of a query: CSV, FlatGeobuf, GeoPackage, Parquet.

Each is read by a library that did not write it where there is one, and told as GeoJSON, so that it
can be held against the features.
"""

from __future__ import annotations

import io
import re
import tempfile
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pyogrio
import shapely

from checks.audit.published import Feature, Field

_HARMLESS: Final = re.compile(r"'('*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n].*)", re.DOTALL)
"""A text with the apostrophe that keeps spreadsheets from taking it for a formula."""

_INDEX: Final = "h3_index"
type Row = dict[str, Any]


def read(media_type: str, body: bytes, fields: Mapping[str, Field]) -> list[Feature] | None:
    """Return the features of a file, as GeoJSON; None for a media type that is no file.

    Features of a table without places have no member `geometry`.
    """
    reader = _READERS.get(media_type.partition(";")[0])
    if reader is _table and body.startswith(BOM_UTF8):
        return [_feature(row, fields) for row in _italian(body, fields)]
    return None if reader is None else [_feature(row, fields) for row in reader(body)]


def _feature(row: Row, fields: Mapping[str, Field]) -> Feature:
    shapes = {"geometry": _shape(row.pop("geometry"))} if "geometry" in row else {}
    index = row.pop(_INDEX, None)
    if index is not None and index != int(row["h3"], 16):
        row[_INDEX] = index  # a value that no feature has
    properties = {name: _value(value, fields.get(name)) for name, value in row.items()}
    return {"id": row.get("id"), "properties": properties, **shapes}


def _shape(place: Any) -> Any:
    if place is None:
        return None
    return orjson.loads(shapely.to_geojson(place))


def _value(value: Any, field: Field | None) -> Any:
    """Return a value as JSON has it: texts of what a format has no type for are read."""
    kind = "string" if field is None else field.type
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or kind == "string":
        return value
    return orjson.loads(value)


def _table(body: bytes) -> Iterator[Row]:
    for line in _lines(body, ","):
        yield _placed({name: value and _text(value) for name, value in line.items()})


def _italian(body: bytes, fields: Mapping[str, Field]) -> Iterator[Row]:
    """Yield the rows of a table for Italian spreadsheets: of areas it has no outline."""
    for line in _lines(body.removeprefix(BOM_UTF8), ";"):
        spelt = {name: value and _spelt(value, fields.get(name)) for name, value in line.items()}
        row = _placed(spelt)
        if row.get("geometry", ...) is None:
            del row["geometry"]
        yield row


def _spelt(value: str, field: Field | None) -> str:
    kind = "number" if field is None else field.type
    if kind == "boolean":
        return {"VERO": "true", "FALSO": "false"}[value]
    return value.replace(",", ".") if kind == "number" else _text(value)


def _lines(body: bytes, between: str) -> Iterator[dict[str, str | None]]:
    names = [name.strip('"') for name in body.partition(b"\r\n")[0].decode().split(between)]
    options = pc.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    parse = pc.ParseOptions(newlines_in_values=True, delimiter=between)
    table = pc.read_csv(io.BytesIO(body), parse_options=parse, convert_options=options)
    yield from table.to_pylist()


def _placed(row: Row) -> Row:
    if "wkt" in row:
        wkt = row.pop("wkt")
        row["geometry"] = shapely.from_wkt(wkt) if wkt else None
    elif "lon" in row:
        lon, lat = row.pop("lon"), row.pop("lat")
        row["geometry"] = shapely.Point(float(lon), float(lat)) if lon else None
    return row


def _text(value: str) -> str:
    found = _HARMLESS.fullmatch(value)
    return found[1] if found else value


def _of_gdal(ending: str) -> Callable[[bytes], Iterator[Row]]:
    def rows(body: bytes) -> Iterator[Row]:
        # GDAL 3.12 fails on FlatGeobuf with features without a place, unless told this.
        pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})
        with tempfile.NamedTemporaryFile(suffix=ending) as file:
            file.write(body)
            file.flush()
            said, table = pyogrio.read_arrow(file.name)
        yield from _unpacked(table, said["geometry_name"] or "wkb_geometry")

    return rows


def _parquet(body: bytes) -> Iterator[Row]:
    yield from _unpacked(pq.read_table(io.BytesIO(body)), "geometry")


def _unpacked(table: pa.Table, name: str) -> Iterator[Row]:
    for row in table.to_pylist():
        row.pop("bbox", None)
        place = {"geometry": shapely.from_wkb(row.pop(name))} if name in row else {}
        yield {**row, **place}


_READERS: Final[Mapping[str, Callable[[bytes], Iterator[Row]]]] = {
    "text/csv": _table,
    "application/flatgeobuf": _of_gdal(".fgb"),
    "application/geopackage+sqlite3": _of_gdal(".gpkg"),
    "application/vnd.apache.parquet": _parquet,
}
