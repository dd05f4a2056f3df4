"""What the map page takes from the figures themselves: a table of values, and names to write."""

from __future__ import annotations

from operator import itemgetter
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import shapely

from api.embed.config import BASE, first_area
from geo_core.model.layer import Layer
from geo_core.model.text import Text
from geo_core.release.read import Release
from geo_core.styling.legend import Row, row_of, rows

type _Records = list[dict[str, Any]]


class Line(NamedTuple):
    """One feature of the table: its name, its row of the legend and whether it is shaky."""

    name: str
    row: Row | None
    unreliable: bool


class Figures(NamedTuple):
    """The values of one layer, in its default order, with their legend."""

    layer: Layer
    title: Text
    legend: tuple[Row, ...]
    lines: tuple[Line, ...]


class Place(NamedTuple):
    """A name to write on the map, where to write it (OGC:CRS84, degrees), and its residents."""

    name: str
    lon: float
    lat: float
    residents: int


def figures(release: Release) -> Figures | None:
    """Return the values of the layer that is shown first; None if the release has none."""
    layer = first_area(release.manifest)
    if layer is None:
        return None
    style = release.manifest.styles[layer.family]
    legend, field = rows(style), style.fields[0]
    reliability = next((f.name for f in layer.fields if f.codelist == "affidabilita"), "id")
    sort = [key.removeprefix("-") for key in layer.sort]
    names = dict.fromkeys(("id", layer.title_field, field, reliability, *sort))
    records = _records(release, layer.id, list(names))
    lines = tuple(
        Line(
            str(r[layer.title_field]),
            row_of(legend, r[field], banded=False),
            _shaky(r, field, reliability),
        )
        for r in _ordered(records, layer.sort)
    )
    return Figures(layer, style.title, legend, lines)


def places(release: Release) -> tuple[Place, ...]:
    """Return the municipalities, most residents first, each with a point well inside it."""
    if all(info.layer.id != BASE for info in release.manifest.collections):
        return ()
    records = _records(release, BASE, ["denominazione", "pop", "geometry"])
    shapes = shapely.simplify(shapely.from_wkb([r["geometry"] for r in records]), 0.001)
    # The radius drawn from the centre of the largest circle inside starts at that centre.
    radii = shapely.maximum_inscribed_circle(shapes, tolerance=0.002)
    centres = shapely.get_coordinates(shapely.get_point(radii, 0)).round(5).tolist()
    placed = (
        Place(r["denominazione"], lon, lat, r["pop"] or 0)
        for r, (lon, lat) in zip(records, centres, strict=True)
    )
    return tuple(sorted(placed, key=lambda p: (-p.residents, p.name)))


def _records(release: Release, collection: str, columns: list[str]) -> _Records:
    path = release.path(f"collections/{collection}/features.parquet")
    # `pq.read_table` would import pandas into the server.
    with pq.ParquetFile(path) as file:
        found: _Records = file.read(columns=columns, use_threads=False).to_pylist()
    return found


def _ordered(records: _Records, sort: tuple[str, ...]) -> _Records:
    """Return records by the layer's default order: nulls last, ties by id."""
    out = sorted(records, key=itemgetter("id"))
    for key in reversed(sort):
        name = key.removeprefix("-")
        known = [r for r in out if r[name] is not None]
        known.sort(key=itemgetter(name), reverse=key.startswith("-"))
        out = known + [r for r in out if r[name] is None]
    return out


def _shaky(record: dict[str, Any], field: str, reliability: str) -> bool:
    return record[field] is not None and record[reliability] == "bassa"
