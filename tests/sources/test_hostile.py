"""Files made to do harm end in a clear error, within the memory and time a worker has."""

from __future__ import annotations

import json
import resource
import sqlite3
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo_core.errors import SourceError
from geo_core.sources import bounded, registry, worker
from geo_core.sources.base import Limits

MIB = 2**20
POINT = shapely.to_wkb(shapely.Point(8.4, 45.3))


def refused(path: Path, match: str, **more: object) -> SourceError:
    """Read a file; no process of ours may have held more than a worker is allowed."""
    with pytest.raises(SourceError, match=match) as caught:
        registry.read(path, **more)
    assert caught.value.where.startswith(path.name)
    assert caught.value.hint
    return caught.value


def parquet(path: Path, *shapes: bytes, **column: object) -> Path:
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], **column}},
    }
    schema = pa.schema([("geometry", pa.binary())], metadata={b"geo": json.dumps(geo).encode()})
    pq.write_table(pa.table({"geometry": list(shapes)}, schema=schema), path)
    return path


@pytest.mark.parametrize(
    ("shape", "match"),
    [
        (struct.pack("<BII", 1, 2, 2**32 - 1), "claims more"),
        (struct.pack("<BII", 1, 4, 2**32 - 1), "claims more"),
        (struct.pack("<BII", 1, 3, 2**32 - 1), "claims more"),
        (struct.pack("<BII", 1, 7, 1) * 20_000 + POINT, "nested more than 4"),
        (struct.pack("<BIIdd", 1, 0x20000001, 4326, 8.4, 45.3), "own reference system"),
        (struct.pack("<BI", 1, 8), "curve"),
        (struct.pack("<BII", 1, 5, 1) + POINT, "wrong kind"),
        (POINT + b"x", "followed by"),
        (b"\x07" + POINT[1:], "in which order"),
        (b"", "claims more"),
        (struct.pack("<BIdd", 1, 1, float("inf"), 45.3), "not on Earth"),
        (struct.pack("<BIdd", 1, 1, 45.3, 8.4), "x and y swapped"),
        (struct.pack("<BIdd", 1, 1, 0, 0), "at 0, 0"),
    ],
)
def test_a_geometry_that_lies_is_refused_with_its_row(tmp_path, shape, match):
    error = refused(parquet(tmp_path / "a.parquet", POINT, shape), match)
    assert error.where.endswith("row 2")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type":"Point","coordinates":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
        + '{"type":"GeometryCollection","geometries":[' * 100_000
        + "]}" * 100_000
        + "}]}",
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        + '{"a":' * 100_000
        + "1"
        + "}" * 100_000
        + ',"geometry":null}]}',
        '{"type":"Point","coordinates":[Infinity,1e999]}',
    ],
    ids=["brackets", "coordinates", "collections", "properties", "infinity"],
)
def test_geojson_that_is_nested_or_infinite_is_refused(tmp_path, text):
    path = tmp_path / "a.geojson"
    path.write_text(text, encoding="utf-8")
    refused(path, "readable|GeoJSON|broke|nested|Earth|needs more")


def test_json_that_is_nested_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"contents":' + "[" * 100_000, encoding="utf-8")
    refused(path, "nested too deeply")


def test_ten_million_columns_are_refused_in_little_memory(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a," * 10_000_000 + b"a\n")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))\n"
        "from geo_core.errors import SourceError\n"
        "from geo_core.sources import csv\n"
        "from geo_core.sources.base import Job\n"
        "try: csv.parse(Job(places=(sys.argv[1],)))\n"
        "except SourceError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, path], capture_output=True, text=True, check=True
    )
    assert "a row of more than" in done.stdout


@pytest.mark.parametrize("cell", ['"\n",', '"\n\n"', "x" * 100])
def test_an_endless_row_of_a_csv_is_refused(tmp_path, cell):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + cell * (40 * MIB // len(cell)), encoding="utf-8")
    error = refused(path, "a row of more than|broken quotes|longer than")
    assert "row 2" in error.where


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(bytes(MIB))
    refused(path, "unpacks to")


def test_a_workbook_whose_entities_expand_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    bomb = '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)
    )
    rewrite(path, "xl/worksheets/sheet1.xml", f"{bomb}]><worksheet>&a11;</worksheet>".encode())
    refused(path, "readable")


def rewrite(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, old in parts.items():
            archive.writestr(entry, content if entry == name else old)


def test_a_zip_with_a_way_out_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../a.shp", "x")
    refused(path, "leads outside")


@pytest.mark.parametrize("ending", [".shp", ".gpkg", ".fgb", ".geojson", ".parquet"])
def test_a_virtual_layer_under_another_name_opens_nothing(tmp_path, ending):
    secret = tmp_path / "segreto.geojson"
    gpd.GeoDataFrame({"a": ["x"]}, geometry=[shapely.Point(8, 45)], crs=4326).to_file(secret)
    path = tmp_path / f"a{ending}"
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='segreto'><SrcDataSource>{secret}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    refused(path, "is not")


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        ("CREATE TRIGGER spia AFTER INSERT ON a BEGIN SELECT 1; END", "holds a trigger"),
        ("CREATE VIEW vista AS SELECT * FROM a", "holds a view"),
        ("CREATE VIRTUAL TABLE virtuale USING fts4(x)", "holds a virtual table"),
    ],
)
def test_a_geopackage_with_programs_is_refused(tmp_path, statement, match):
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"x": ["1"]}, geometry=[shapely.Point(8, 45)], crs=4326).to_file(path)
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    refused(path, match)


def test_a_shapefile_without_prj_is_refused(tmp_path):
    path = tmp_path / "a.shp"
    gpd.GeoDataFrame({"x": ["1"]}, geometry=[shapely.Point(8, 45)], crs=4326).to_file(path)
    path.with_suffix(".prj").unlink()
    refused(path, "has no .prj")


def test_no_reference_system_or_a_foreign_one_is_refused(tmp_path):
    refused(parquet(tmp_path / "a.parquet", POINT, crs=None), "does not say")
    path = tmp_path / "a.fgb"
    gpd.GeoDataFrame({"x": ["1"]}, geometry=[shapely.Point(8, 45)], crs=3857).to_file(path)
    assert "EPSG:32632" in refused(path, "not read here .3857.").hint


def test_a_table_that_unpacks_beyond_the_memory_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table({"a": pa.array([b"x"]).cast(pa.string()).take(pa.array([0] * 900_000))})
    pq.write_table(table.append_column("b", pa.array(["y" * 1_500] * 900_000)), path)
    assert path.stat().st_size < 8 * MIB
    refused(path, "needs more than|unpacks to more|broke", limits=Limits(bytes=4_000 * MIB))


def test_a_worker_that_never_ends_is_stopped(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    parquet(path, POINT)
    monkeypatch.setattr(bounded, "SECONDS", 0.05)
    refused(path, "took more than")


def test_a_worker_limits_itself_and_reads_only_what_is_registered():
    program = (
        "import resource\n"
        "from geo_core.sources import worker\n"
        "worker._limit()\n"
        "kinds = ('AS', 'CPU', 'CORE', 'FSIZE')\n"
        "print(*(resource.getrlimit(getattr(resource, f'RLIMIT_{k}'))[1] for k in kinds))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(512 * MIB), "30", "0", "0"]
    parsers = {source.parse.__module__ for source in registry.FILES if source.bounded}
    others = {"geo_core.sources.postgis", "geo_core.sources.raster"}
    assert parsers | others == worker.PARSERS
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 512 * MIB
