"""A small raster costs little, whatever is asked of it; what is refused opens and calls nothing."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.errors import RasterioError
from test_tiles_api import client, problem, releases  # noqa: F401 - fixtures
from tiles_release import CENTRE

from geo_core.model.mercator import tile_range

SECONDS, MIB = 0.1, 64
AT = tile_range((CENTRE[1], CENTRE[0]) * 2, 11)
HERE = "/raster/celle_r7"
TILE = f"{HERE}/tiles/WebMercatorQuad/11/{AT.min_x}/{AT.min_y}.png"


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("raster_cost.py"), tmp_path_factory.mktemp("c")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "ATLANTE_CACHE_MIB": "0"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_answer_about_a_small_raster_takes_long(measured):
    dear = {a: c for a, c in measured["costs"].items() if c["seconds"] > SECONDS}
    assert dear == {}
    assert len(measured["costs"]) >= 30


def test_no_answer_about_a_small_raster_takes_much_memory(measured):
    assert measured["mib"] < MIB
    assert max(c["bytes"] for c in measured["costs"].values()) < 100_000


def test_what_is_asked_for_in_other_sizes_is_refused(measured):
    assert {c["status"] for c in measured["costs"].values()} == {200, 400, 404}


def test_the_same_measure_finds_the_stock_factory_dear(measured):
    assert measured["control"]["status"] == 200
    assert measured["control"]["seconds"] > SECONDS
    assert measured["control"]["mib"] > MIB


SOURCES = (
    "http://127.0.0.1:{port}/a.tif",
    "/vsicurl/http://127.0.0.1:{port}/a.tif",
    "/vsizip/vsicurl/http://127.0.0.1:{port}/a.zip/a.tif",
    "WMS:http://127.0.0.1:{port}/wms",
    "<GDAL_WMS><Service><ServerUrl>http://127.0.0.1:{port}/</ServerUrl></Service></GDAL_WMS>",
    "<VRTDataset><VRTRasterBand><SourceFilename>{file}</SourceFilename></VRTRasterBand></VRTDataset>",
    "vrt://{file}",
    "file://{file}",
    "s3://127.0.0.1:{port}/a.tif",
    "{file}",
)
NAMES = (
    "url", "expression", "tilesize", "rescale", "colormap", "colormap_name", "algorithm",
    "algorithm_params", "width", "height", "max_size", "bidx", "assets", "nodata", "resampling",
    "reproject", "unscale", "buffer", "padding", "color_formula", "return_mask", "vrt_options",
    "src", "source", "dataset", "file", "path", "layer", "layers", "TileMatrix",
)  # fmt: skip
ADDRESSES = (TILE, f"{HERE}/info", f"{HERE}/tilejson.json", f"{HERE}/point/8.42,45.32", HERE,
             f"{HERE}/legend", f"{HERE}/wmts", "/raster", "/raster/wmts")  # fmt: skip


def foreign(port, file):
    return [source.format(port=port, file=file) for source in SOURCES]


@contextmanager
def watched(folder):
    """Yield what tells how often a file of a folder was opened, in Python or below it."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_NONBLOCK)
    opened = 0x20
    assert handle >= 0
    assert libc.inotify_add_watch(handle, bytes(folder), opened) >= 0

    def seen():
        try:
            return len(os.read(handle, 65_536)) > 0
        except BlockingIOError:
            return False

    try:
        yield seen
    finally:
        os.close(handle)


@contextmanager
def listening():
    """Yield the port of a server that answers nothing, and the list of who called."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            while True:
                try:
                    connection, who = server.accept()
                except OSError:
                    return
                calls.append(who)
                connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], calls
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def trap(tmp_path):
    """Return a file and a port that nobody may touch, and what tells whether somebody has."""
    file = tmp_path / "esca.tif"
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "height": 64, "width": 64}
    place = rasterio.Affine(100, 0, 900_000, 0, -100, 5_700_000)
    with rasterio.open(file, "w", **profile, transform=place, crs="EPSG:3857") as raster:
        raster.write(np.ones((1, 64, 64), np.uint8))
    with watched(tmp_path) as seen, listening() as (port, calls):
        yield file, port, seen, calls


def test_no_parameter_opens_or_calls_anything(client, trap, monkeypatch):  # noqa: F811
    file, port, seen, calls = trap
    opened = []
    real = rasterio.open
    monkeypatch.setattr(rasterio, "open", lambda *a, **k: opened.append(a) or real(*a, **k))
    tried = 0
    for address in ADDRESSES:
        for name in NAMES:
            for source in foreign(port, file):
                answer = client.get(address, params={name: source})
                problem(answer, 400)
                assert str(file) not in answer.text
                tried += 1
    assert tried == len(ADDRESSES) * len(NAMES) * len(SOURCES)
    assert (opened, seen(), calls) == ([], False, [])


@pytest.mark.parametrize("rest", ["", "/info", "/point/8.42,45.32", "/tilejson.json", "/wmts"])
def test_no_name_of_a_layer_opens_or_calls_anything(client, trap, rest):  # noqa: F811
    file, port, seen, calls = trap
    for source in foreign(port, file):
        for written in (source, urllib.request.quote(source, safe="")):
            assert client.get(f"/raster/{written}{rest}").status_code in {400, 404}
    assert (seen(), calls) == (False, [])


def test_the_trap_would_have_told(trap):
    file, port, seen, calls = trap
    with rasterio.open(file) as raster:
        raster.read()
    assert seen()
    with pytest.raises(RasterioError):
        rasterio.open(f"/vsicurl/http://127.0.0.1:{port}/a.tif")
    assert calls
