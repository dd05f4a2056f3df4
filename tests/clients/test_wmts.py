"""Rasters as WMTS in unmodified clients: QGIS 3.22 without a window, GDAL 3.6 and OWSLib."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import h3
import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
from owslib.wmts import WebMapTileService

from geo_core.model.mercator import metres, metres_of, tile_range

SHOWN = ("rischio_h3_r7", "accessibilita_h3_r8_min_nido", "accessibilita_h3_r8_a2sfca_nido")
FILE = "1.0.0/WMTSCapabilities.xml"
PAPER = "#ff00ff"


def cells(release, ident, most=150):
    """Return where cells of a raster lie (EPSG:3857), and their colour by the style."""
    raster = next(r for r in release.manifest.rasters if r.id == ident)
    family = release.info(raster.collection).layer.family
    style = release.manifest.styles[family].of(raster.field)
    path = release.path(f"collections/{raster.collection}/features.parquet")
    rows = pq.read_table(path, columns=["h3", raster.field]).to_pylist()[:most]
    places = [h3.cell_to_latlng(row["h3"])[::-1] for row in rows]
    colours = [
        next((c.colour for c in style.classes if value is not None and c.holds(value)), PAPER)
        for value in (row[raster.field] for row in rows)
    ]
    return metres(np.array(places)).tolist(), colours


@pytest.fixture(scope="module")
def seen(demo_server, demo_release, qgis, out, tmp_path_factory):
    """Return what QGIS saw of two rasters, and what it should have seen."""
    layers, expected = {}, {}
    for ident in SHOWN:
        info = next(r for r in demo_release.manifest.rasters if r.id == ident)
        west, south, east, north = metres_of(demo_release.info(info.collection).bbox)
        side = max(east - west, north - south)
        places, colours = cells(demo_release, ident)
        extent = [west, south, west + side, south + side]
        layers[ident] = {"extent": extent, "places": places}
        expected[ident] = (colours, [west, south, east, north])
    asked = tmp_path_factory.mktemp("wmts") / "asked.json"
    said = {"url": f"{demo_server.url}/raster/wmts/{FILE}", "layers": layers, "picture": str(out)}
    asked.write_text(json.dumps(said), encoding="utf-8")
    return qgis("qgis_wmts.py", asked, timeout=300), expected


@pytest.mark.parametrize("ident", SHOWN)
def test_qgis_opens_each_raster_where_it_lies(seen, ident):
    found, (_, box) = seen[0][ident], seen[1][ident]
    assert "error" not in found, found
    assert found["extent"] == pytest.approx(box, abs=1)


@pytest.mark.parametrize("ident", SHOWN)
def test_qgis_draws_every_cell_in_the_colour_of_its_class(seen, ident):
    colours = seen[1][ident][0]
    assert seen[0][ident]["colours"] == colours
    assert len(set(colours)) > 2


@pytest.mark.parametrize("ident", SHOWN)
def test_qgis_shows_the_legend(seen, ident):
    width, height = seen[0][ident]["legend"]
    assert width > 200
    assert height > 100


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("home", ["/raster/wmts", f"/raster/wmts/{FILE}"])
def test_owslib_lists_every_raster_and_reads_a_tile(demo_server, demo_release, home):
    service = WebMapTileService(f"{demo_server.url}{home}")
    assert set(service.contents) == {raster.id for raster in demo_release.manifest.rasters}
    assert service.identification.type == "OGC WMTS"
    layer = service.contents[SHOWN[0]]
    assert layer.formats == ["image/png"]
    assert list(layer.tilematrixsetlinks) == ["WebMercatorQuad"]
    box = demo_release.info(SHOWN[0]).bbox
    assert layer.boundingBoxWGS84 == pytest.approx(box)
    at = tile_range(box, 9)
    tile = service.gettile(
        layer=SHOWN[0], tilematrixset="WebMercatorQuad", tilematrix="9",
        row=at.min_y, column=at.min_x, format="image/png",
    )  # fmt: skip
    with rasterio.MemoryFile(io.BytesIO(tile.read())) as memory, memory.open() as picture:
        assert picture.shape == (256, 256)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("ident", SHOWN)
def test_gdal_draws_the_classes_of_the_style(demo_server, demo_release, ogrinfo, ident, tmp_path):
    translate = Path(ogrinfo).with_name("gdal_translate")
    source = f"WMTS:{demo_server.url}/raster/wmts/{FILE},layer={ident}"
    # The size of a zoom: else GDAL, not the server, makes colours between classes.
    command = [translate, "-q", "-of", "PNG", source, tmp_path / "a.png"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "a.png") as picture:
        red, green, blue, alpha = picture.read()
    shown = np.unique(np.stack((red, green, blue))[:, alpha > 0], axis=1).T.tolist()
    _, colours = cells(demo_release, ident, most=None)
    assert {f"#{r:02x}{g:02x}{b:02x}" for r, g, b in shown} == set(colours) - {PAPER}
