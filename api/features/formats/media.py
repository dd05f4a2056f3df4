"""Which representations a page of features has: names, media types, endings, titles."""

from __future__ import annotations

from typing import Final

from api.language import GEOJSON, HTML, Media
from geo_core.model.layer import Layer

H3: Final = "h3"
"""Field that names a cell."""

_CSV_TYPE: Final = "text/csv; charset=utf-8; header=present"
_PARQUET_TYPE: Final = "application/vnd.apache.parquet"

# The standard took GeoJSON's media type; its drafts had two of their own.
_DRAFTS: Final = ("application/fg+json", "application/vnd.ogc.fg+json")
JSONFG: Final = Media("jsonfg", GEOJSON.type, _DRAFTS, "jsonfg")
JSONFG_PLUS: Final = Media("jsonfg", GEOJSON.type, _DRAFTS, "jsonfg-plus")
CSV: Final = Media("csv", _CSV_TYPE)
CSV_IT: Final = Media("csv-it", _CSV_TYPE)
FLATGEOBUF: Final = Media(
    "fgb", "application/flatgeobuf", ("application/vnd.flatgeobuf", "application/x-flatgeobuf")
)
GEOPACKAGE: Final = Media("gpkg", "application/geopackage+sqlite3")
PARQUET: Final = Media("parquet", _PARQUET_TYPE, ("application/x-parquet",))
H3_CSV: Final = Media("h3csv", _CSV_TYPE)
H3_PARQUET: Final = Media("h3parquet", _PARQUET_TYPE)

NAMES: Final = {
    GEOJSON.f: "GeoJSON",
    HTML.f: "HTML",
    JSONFG.f: "JSON-FG",
    CSV.f: "CSV",
    CSV_IT.f: "CSV (Excel, Calc)",
    FLATGEOBUF.f: "FlatGeobuf",
    GEOPACKAGE.f: "GeoPackage",
    PARQUET.f: "GeoParquet",
    H3_CSV.f: "H3 (CSV)",
    H3_PARQUET.f: "H3 (Parquet)",
}
"""What people call each format, by the value of `f`."""

ENDINGS: Final = {
    CSV.f: "csv",
    CSV_IT.f: "it.csv",
    FLATGEOBUF.f: "fgb",
    GEOPACKAGE.f: "gpkg",
    PARQUET.f: "parquet",
    H3_CSV.f: "h3.csv",
    H3_PARQUET.f: "h3.parquet",
}
"""Ending of the name of each format that is a file, by the value of `f`."""

ITEM: Final = (GEOJSON, HTML, JSONFG)
"""Representations of one feature."""


def offered(layer: Layer) -> tuple[Media, ...]:
    """Return the representations of features of a layer; the first is the default.

    FlatGeobuf is of features with a place only, H3 tables of features that name their cell.
    """
    return (
        *ITEM,
        CSV,
        CSV_IT,
        *((FLATGEOBUF,) if layer.geometry != "none" else ()),
        GEOPACKAGE,
        PARQUET,
        *((H3_CSV, H3_PARQUET) if any(field.name == H3 for field in layer.fields) else ()),
    )
