"""GeoPackage 1.3: one file of SQLite, with one table made in memory, or with many on the disk.

The only format that cannot be sent while it is made. It has no spatial index, which is optional
and would need an extension of SQLite; the most features of an answer are few for one.
Source: OGC 12-128r17.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from api.features.formats.found import Found, Shapes, Value
from geo_core.model.field import FieldType
from geo_core.model.layer import GeometryKind
from geo_core.model.tables import GEOMETRY

_APPLICATION: Final = int.from_bytes(b"GPKG")
_VERSION: Final = 10300
_WGS84: Final = 4326
"""Named in every GeoPackage."""

_HEADER: Final = struct.Struct("<2sBBi4d")
_LITTLE_WITH_BOX: Final = 0b11

_TYPES: Final[dict[FieldType, str]] = {
    "text": "TEXT",
    "date": "DATE",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "BOOLEAN",
    "codes": "TEXT",
}
_KINDS: Final[dict[GeometryKind, str]] = {
    "Point": "POINT",
    "MultiPolygon": "MULTIPOLYGON",
    "Geometry": "GEOMETRY",
}
_TABLES: Final = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
  identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT
  (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id)
  REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""

_STYLES: Final = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_catalog TEXT, f_table_schema TEXT,
  f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME);
INSERT INTO gpkg_contents VALUES ('layer_styles', 'attributes', 'layer_styles', '',
  '1970-01-01T00:00:00.000Z', NULL, NULL, NULL, NULL, NULL);
"""
"""The table in which QGIS keeps styles beside features, and looks for the one to open them in."""


class Drawn(NamedTuple):
    """Features, and how QGIS and others draw them; None of a table without geometry.

    Attributes
    ----------
    qml, sld : bytes | None
        Style documents.
    """

    found: Found
    qml: bytes | None = None
    sld: bytes | None = None


def write(found: Found) -> Iterator[bytes]:
    """Yield the file, whole."""
    with closing(sqlite3.connect(":memory:")) as file:
        _begin(file, {found.epsg})
        _describe(file, found, _rows(file, found))
        file.commit()
        yield file.serialize()


def write_styled(path: Path, every: Iterable[Drawn]) -> None:
    """Write a file with many tables in OGC:CRS84, each with the style that QGIS opens it in.

    Parameters
    ----------
    path : Path
        Where; nothing is there yet.
    every : iterable of Drawn
        Held one after the other.
    """
    with closing(sqlite3.connect(path)) as file:
        # Whoever reads it gets it when it is done: nothing is to be kept from a crash.
        file.execute("PRAGMA journal_mode = OFF")
        _begin(file, {_WGS84})
        file.executescript(_STYLES)
        for one in every:
            _describe(file, one.found, _rows(file, one.found))
            if one.qml is not None:
                _style(file, one)
        file.commit()


def _begin(file: sqlite3.Connection, codes: set[int]) -> None:
    """Make the tables that every GeoPackage has, with the reference systems of features."""
    file.execute(f"PRAGMA application_id = {_APPLICATION}")
    file.execute(f"PRAGMA user_version = {_VERSION}")
    file.executescript(_TABLES)
    insert = "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)"
    file.executemany(insert, _systems(codes | {_WGS84}))


def _style(file: sqlite3.Connection, one: Drawn) -> None:
    layer = one.found.collection.layer
    title = layer.title.in_(one.found.lang)
    file.execute(
        "INSERT INTO layer_styles VALUES (NULL, '', '', ?, ?, ?, ?, ?, 1, ?, '', NULL, ?)",
        (
            *(layer.id, GEOMETRY, title),
            *(text.decode() if text else None for text in (one.qml, one.sld)),
            *(title, f"{one.found.collection.reference_date}T00:00:00.000Z"),
        ),
    )


def _rows(file: sqlite3.Connection, found: Found) -> tuple[float | None, ...]:
    """Make the table of the features; return their smallest and largest coordinates."""
    placed = found.kind != "none"
    columns = {GEOMETRY: _KINDS[found.kind]} if placed else {}
    columns |= {field.name: _TYPES[field.type] for field in found.fields}
    # Names of layers and fields are lower-case ASCII; the quotes are for words of SQL.
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    file.execute(f'CREATE TABLE "{found.collection.id}" (fid INTEGER PRIMARY KEY, {declared})')
    insert = f'INSERT INTO "{found.collection.id}" VALUES (NULL{", ?" * len(columns)})'  # noqa: S608 - as above
    boxes = [np.full((1, 4), np.nan)]
    for piece in found.pieces():
        values = [_cells(f.type, piece.columns[f.name]) for f in found.fields]
        if piece.shapes is not None:
            values.insert(0, _geometries(piece.shapes, found.epsg))
            boxes.append(shapely.bounds(piece.shapes))
        file.executemany(insert, zip(*values, strict=True))
    return _bounds(np.concatenate(boxes))


def _describe(file: sqlite3.Connection, found: Found, bounds: tuple[float | None, ...]) -> None:
    layer, srs = found.collection.layer, found.epsg
    placed = found.kind != "none"
    file.execute(
        "INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            layer.id,
            "features" if placed else "attributes",
            layer.title.in_(found.lang),
            layer.description.in_(found.lang),
            f"{found.collection.reference_date}T00:00:00.000Z",
            *bounds,
            srs if placed else None,
        ),
    )
    if placed:
        file.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
            (layer.id, GEOMETRY, _KINDS[found.kind], srs),
        )


def _systems(codes: Iterable[int]) -> Iterator[tuple[object, ...]]:
    """Yield the systems that every GeoPackage names, and those of the features."""
    yield "Undefined Cartesian SRS", -1, "NONE", -1, "undefined", None
    yield "Undefined geographic SRS", 0, "NONE", 0, "undefined", None
    for code in sorted(codes):
        system = CRS.from_epsg(code)
        yield system.name, code, "EPSG", code, system.to_wkt("WKT1_GDAL"), None


def _cells(kind: FieldType, values: list[Value]) -> list[Any]:
    if kind == "codes":
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    return values


def _geometries(shapes: Shapes, srs: int) -> list[bytes | None]:
    """Return geometries as GeoPackage stores them: a header with their box, then WKB."""
    wkb = shapely.to_wkb(shapes, byte_order=1).tolist()
    boxes = shapely.bounds(shapes)[:, [0, 2, 1, 3]].tolist()
    return [
        None if one is None else _HEADER.pack(b"GP", 0, _LITTLE_WITH_BOX, srs, *box) + one
        for one, box in zip(wkb, boxes, strict=True)
    ]


def _bounds(boxes: NDArray[np.float64]) -> tuple[float | None, ...]:
    known = boxes[~np.isnan(boxes).any(axis=1)]
    if not len(known):
        return (None,) * 4
    return (*known[:, :2].min(axis=0).tolist(), *known[:, 2:].max(axis=0).tolist())
