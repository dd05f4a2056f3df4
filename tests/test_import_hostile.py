"""Files made to do harm, given to the command itself: a clear error, and nothing written."""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from checks.served import program

MIB = 2**20
MOST_MEMORY_KIB = 512 * 1024
MOST_SECONDS = 30
MEASURED = """
import json, os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    json.dump([used.ru_maxrss, used.ru_utime + used.ru_stime], file)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command and writes what it took: from a small process, whose own memory counts with it."""
ENDLESS = struct.pack("<BII", 1, 2, 2**32 - 1)
"""A line in WKB that claims 2^32 - 1 points and has none."""


def nested(path: Path) -> None:
    depth = 100_000
    shape = '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{shape}}}'
    path.write_text(f'{{"type":"FeatureCollection","features":[{feature}]}}', encoding="utf-8")


def endless_geopackage(path: Path) -> None:
    line = shapely.LineString([(8, 45), (8.1, 45)])
    gpd.GeoDataFrame({"nome": ["a"]}, geometry=[line], crs=4326).to_file(path, layer="a")
    database = sqlite3.connect(path)
    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
        database.execute(f'DROP TRIGGER "{trigger}"')
    ((whole,),) = database.execute("SELECT geom FROM a")
    head = whole[: whole.index(shapely.to_wkb(line))]
    database.execute("UPDATE a SET geom = ?", (head + ENDLESS,))
    database.commit()
    database.close()


def endless_geoparquet(path: Path) -> None:
    column = {"encoding": "WKB", "geometry_types": []}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    schema = pa.schema([("geometry", pa.binary())], metadata={b"geo": json.dumps(geo).encode()})
    pq.write_table(pa.table({"geometry": [ENDLESS]}, schema=schema), path)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(bytes(MIB))


def wide(path: Path) -> None:
    path.write_bytes(b"a," * 10_000_000 + b"a\n")


def gzipped(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(300):
            file.write(bytes(MIB))


def endless_cell(path: Path) -> None:
    packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed as archive, archive.open("POSAS_2023_it_Comuni.csv", "w") as file:
        file.write(b'a;b\n"')
        for _ in range(100):
            file.write(b"x\n" * (MIB // 2))


def virtual(path: Path) -> None:
    path.write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )


def virtual_raster(path: Path) -> None:
    path.write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1">'
        "<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )


def way_out(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../a.shp", "x")


def absurd(block: int):
    def made(path: Path) -> None:
        side = 200_000
        with rasterio.open(
            path, "w", driver="GTiff", width=side, height=side, count=1, dtype="uint8",
            crs="EPSG:4326", transform=from_origin(7.8, 46.1, 5e-6, 5e-6), tiled=True,
            blockxsize=block, blockysize=block, sparse_ok=True,
        ):  # fmt: skip
            pass

    return made


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


FILES = [
    ("sedi", "a.geojson", nested, "readable|broke|nested|needs more"),
    ("sedi", "a.gpkg", endless_geopackage, "claims more than it holds"),
    ("sedi", "a.parquet", endless_geoparquet, "claims more than it holds"),
    ("sedi", "a.xlsx", bomb, "unpacks to"),
    ("sedi", "a.csv", wide, "a row of more than"),
    ("sedi", "b.csv", gzipped, "NUL byte"),
    ("sedi", "b.csv.gz", gzipped, "is not read"),
    ("sedi", "a.shp", virtual, "is not a shapefile"),
    ("sedi", "a.vrt", virtual, "is not read"),
    ("sedi", "a.zip", way_out, "leads outside"),
    ("sedi", "b.gpkg", link_to_a_device, "is not a file"),
    ("sedi", "c.gpkg", link_to_itself, "cannot be read"),
    ("sedi", "c.csv", os.mkfifo, "is not a file"),
    ("sedi", "d.gpkg", Path.mkdir, "is not a file"),
    ("popolazione-raster", "a.tif", absurd(16_384), "is stored in blocks"),
    ("popolazione-raster", "b.tif", absurd(256), "pixels in the district"),
    ("popolazione-raster", "c.tif", virtual_raster, "is not a GeoTIFF"),
    ("popolazione-raster", "d.tif", os.mkfifo, "is not a file"),
    ("istat-posas", "b.zip", endless_cell, "."),
    ("istat-posas", "e.csv", wide, "a line of more than"),
    ("istat-posas", "f.csv", os.mkfifo, "is not a file"),
]


@pytest.mark.parametrize(
    ("name", "file", "make", "said"), FILES, ids=[f"{name}-{file}" for name, file, *_ in FILES]
)
def test_a_hostile_file_is_refused_by_the_command(tmp_path, name, file, make, said):
    path, home = tmp_path / file, tmp_path / "home"
    make(path)
    home.mkdir()
    used = tmp_path / "used.json"
    command = subprocess.run(
        [sys.executable, "-c", MEASURED, used, program(), "import", name, path, "--home", home],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    printed = command.stdout
    memory_kib, seconds = json.loads(used.read_text())
    assert command.returncode == 4, printed
    italian, english = printed.partition("errore ")[2].split("\nerror ", 1)
    for told in (italian, english):
        what, mend = told.strip().split("\n", 1)
        assert what.startswith(file)
        assert mend.strip()
    assert re.search(said, english)
    assert italian.split() != english.split(), "it is not told in Italian"
    assert "Traceback" not in printed
    # Of the command or of any process it started, whichever took most.
    assert memory_kib < MOST_MEMORY_KIB
    assert seconds < MOST_SECONDS
    assert [p for p in home.rglob("*") if p.is_file() and p.stat().st_size] == []
