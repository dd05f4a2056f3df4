"""The formats that are files, by the value of `f`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from api.features.columns import Rows
from api.features.engine import Collection
from api.features.formats import csv_table, flatgeobuf, geopackage, geoparquet
from api.features.formats.found import Found
from api.features.formats.media import (
    CSV,
    CSV_IT,
    FLATGEOBUF,
    GEOPACKAGE,
    H3,
    H3_CSV,
    H3_PARQUET,
    PARQUET,
)
from api.features.query import FeatureQuery
from geo_core.model.text import Lang

WRITERS: Final[Mapping[str, Callable[[Found], Iterator[bytes]]]] = {
    CSV.f: csv_table.write,
    CSV_IT.f: csv_table.write_italian,
    FLATGEOBUF.f: flatgeobuf.write,
    GEOPACKAGE.f: geopackage.write,
    PARQUET.f: geoparquet.write,
    H3_CSV.f: csv_table.write_h3,
    H3_PARQUET.f: geoparquet.write_h3,
}
"""Each yields a file in pieces, so that a large one need not be held."""


def found_by(
    query: FeatureQuery, collection: Collection, rows: Rows, *, f: str, lang: Lang
) -> Found:
    """Return what a query found, to be written in a format: a table of cells names the cell."""
    properties = query.properties
    if properties is not None and f in {H3_CSV.f, H3_PARQUET.f}:
        properties = (*properties, H3)
    return Found(collection, rows, query.crs, properties, lang)
