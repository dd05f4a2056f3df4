"""The data of a zone as rows, one per sub-zone with figures: GeoJSON, CSV, Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from api.dggs.packet import Depth
from api.dggs.status import MERGED, PUBLISHED, STATUSES
from api.dggs.values import values_of
from api.dggs.zones import NOWHERE, Area
from api.features.formats.arrow import column, numbers
from api.features.formats.csv_table import cells_of, lines
from api.sink import Sink
from geo_core.formats.geoparquet import TYPES
from geo_core.model.field import Field, FieldType
from geo_core.model.grid import Cells, outlines, texts

ZONE, LEVEL, STATUS, AREA = "zoneID", "zone_level", "zone_status", "zone_area"
"""Columns before those of the fields: the zone, its level, whether it has figures of its own, and
the areas that hold it where it has not, as `collection/id`."""

_HEAD: Final[Mapping[str, FieldType]] = {
    ZONE: "text", LEVEL: "integer", STATUS: "text", AREA: "text",
}  # fmt: skip
H3_INDEX: Final = "h3_index"


@dataclass(frozen=True)
class Rows:
    """Zones with what is known of them.

    Attributes
    ----------
    cells : array
        The zone of each row.
    types : mapping
        Type of each column, in order.
    columns : mapping
        Values of each column; None for null.
    """

    cells: Cells
    types: Mapping[str, FieldType]
    columns: Mapping[str, list[Any]]


def rows_of(depths: Iterable[Depth], fields: Mapping[str, Field]) -> Rows:
    """Return one row for each sub-zone that is shown and of which anything is known."""
    types = dict(_HEAD) | {name: field.type for name, field in fields.items()}
    columns: dict[str, list[Any]] = {name: [] for name in types}
    cells = [np.empty(0, dtype=np.uint64)]
    for one in depths:
        places = one.places[(one.places != NOWHERE) & one.shown]
        cells.append(one.zones.cells[places])
        _head(one, places.tolist(), columns)
        for name in fields:
            columns[name] += _values(one, name, places.tolist())
    return Rows(np.concatenate(cells), types, columns)


def _head(one: Depth, places: Sequence[int], columns: dict[str, list[Any]]) -> None:
    held = [one.zones.areas(place) for place in places]
    columns[ZONE] += texts(one.zones.cells[places])
    columns[LEVEL] += [one.zones.level] * len(places)
    columns[STATUS] += [STATUSES[PUBLISHED if own else MERGED] for own in one.zones.own[places]]
    columns[AREA] += [" ".join(map(_written, areas)) or None for areas in held]


def _values(one: Depth, name: str, places: Sequence[int]) -> list[Any]:
    if name not in one.zones.fields:
        return [None] * len(places)
    own = values_of(one.zones.column(name))
    return [own[place] for place in places]


def _written(area: Area) -> str:
    return f"{area.collection}/{area.id}" if area.collection else area.id


def geojson(rows: Rows, *, head: Mapping[str, Any]) -> bytes:
    """Return the rows as GeoJSON features, with the outlines of the zones."""
    written = shapely.to_geojson(outlines(rows.cells.tolist()))
    zipped = zip(*rows.columns.values(), strict=True)
    features = [
        {
            "type": "Feature",
            "id": properties[0],
            "geometry": orjson.Fragment(geometry),
            "properties": dict(zip(rows.columns, properties, strict=True)),
        }
        for geometry, properties in zip(written.tolist(), zipped, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", **head, "features": features})


def csv_table(rows: Rows) -> bytes:
    """Return the rows as CSV, without places."""
    columns = [cells_of(rows.types[name], values) for name, values in rows.columns.items()]
    return lines([list(rows.columns)]) + lines(zip(*columns, strict=True))


def parquet(rows: Rows) -> bytes:
    """Return the rows as Parquet, without places: the zone as text and as integer."""
    own = [(name, TYPES[kind]) for name, kind in rows.types.items()]
    schema = pa.schema([own[0], (H3_INDEX, pa.uint64()), *own[1:]])
    arrays = [column(rows.types[name], values) for name, values in rows.columns.items()]
    index = numbers(pa.uint64(), rows.cells, [True] * len(rows.cells))
    sink = Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        writer.write_table(pa.Table.from_arrays([arrays[0], index, *arrays[1:]], schema=schema))
    return sink.taken()
