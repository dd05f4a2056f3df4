"""GeoParquet 1.1 of a query, in the columns of the download; and H3 tables, without places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from api.features.formats.arrow import binary, column, numbers, structs
from api.features.formats.csv_table import h3_first
from api.features.formats.found import Found, Piece, Shapes
from api.features.formats.media import H3
from api.sink import Sink
from geo_core.formats.geoparquet import BBOX, BBOX_TYPE, TYPES, described, geo
from geo_core.formats.rows import box
from geo_core.model.tables import GEOMETRY

H3_INDEX: Final = "h3_index"
"""The cell as an unsigned integer: in H3 tables only, beside its text."""


def write(found: Found) -> Iterator[bytes]:
    """Yield a Parquet file whose row groups are the pieces; without places where there are none."""
    fields = [(field.name, TYPES[field.type]) for field in found.fields]
    placed = found.kind != "none"
    seen = _Seen()

    def rows(piece: Piece) -> list[pa.Array]:
        columns = [column(field.type, piece.columns[field.name]) for field in found.fields]
        return columns if piece.shapes is None else [*columns, *seen.places(piece.shapes)]

    places = [(GEOMETRY, pa.binary()), (BBOX, BBOX_TYPE)] if placed else []
    end = (lambda: {"geo": geo(seen.types, found.system, seen.bounds)}) if placed else dict
    yield from _file(found, pa.schema([*fields, *places]), map(rows, found.pieces()), end)


def write_h3(found: Found) -> Iterator[bytes]:
    """Yield a table of cells as Parquet: the cell as text and as integer, then the other fields."""
    by_name = {field.name: field for field in found.fields}
    names = h3_first(found)
    types = [(name, TYPES[by_name[name].type]) for name in names]

    def rows(piece: Piece) -> list[pa.Array]:
        cells = piece.columns[H3]
        index = np.array([int(str(cell), 16) if cell else 0 for cell in cells], dtype="<u8")
        columns = [column(by_name[name].type, piece.columns[name]) for name in names]
        return [columns[0], numbers(pa.uint64(), index, cells), *columns[1:]]

    schema = pa.schema([types[0], (H3_INDEX, pa.uint64()), *types[1:]])
    yield from _file(found, schema, map(rows, found.pieces()), dict)


class _Seen:
    """Which geometries there were, once all are written."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self._corners: list[shapely.Geometry] = []

    def places(self, shapes: Shapes) -> tuple[pa.Array, pa.Array]:
        """Return geometries and their boxes as columns, and remember them."""
        self.types |= {shape.geom_type for shape in shapes if shape is not None}
        if (bounds := box(shapes)) is not None:
            self._corners.append(shapely.box(*bounds))
        packed = shapely.to_wkb(shapes, byte_order=1).tolist()
        return binary(packed), structs(BBOX_TYPE, shapely.bounds(shapes), packed)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        return box(np.array(self._corners, dtype=object))


def _file(
    found: Found,
    schema: pa.Schema,
    pieces: Iterable[list[pa.Array]],
    end: Callable[[], dict[str, bytes]],
) -> Iterator[bytes]:
    """Yield a file of these columns; `end` says what is known only after the last."""
    schema = schema.with_metadata({"atlante": described(found.collection.layer)})
    sink = Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for columns in pieces:
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            yield sink.taken()
        writer.add_key_value_metadata(end())
    yield sink.taken()
