"""Every raster says what the features say at the centre of their cells: file, point and tile."""

from __future__ import annotations

import io
import json
import math
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import h3
import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
import yaml

from geo_core.catalog import read_catalog
from geo_core.model.mercator import HALF_WORLD, metres, world

ROOT = Path(__file__).resolve().parents[1]
RASTERS = {ident: x for x in read_catalog(ROOT).layers for ident in x.rasters}
ASKED = 25
"""Cells of each raster whose value is asked for over HTTP."""


@dataclass(frozen=True)
class Cells:
    """The features of a raster: where the centres of their cells lie, and their values."""

    names: list
    resolution: int
    lonlat: np.ndarray
    values: np.ndarray
    classes: tuple
    path: Path

    def colour(self, value):
        """Return the colour of a class, found as the style file says it."""
        return next((c["colour"] for c in self.classes if _holds(c, value)), None)

    def title(self, value):
        """Return the title of a class."""
        return next((c["title"]["it"] for c in self.classes if _holds(c, value)), None)


def _holds(row, value):
    if "value" in row:
        return value == row["value"]
    return row.get("min", -math.inf) <= value < row.get("max", math.inf)


@pytest.fixture(params=RASTERS)
def ident(request):
    return request.param


@pytest.fixture
def cells(ident, demo_release):
    raster = next(r for r in demo_release.manifest.rasters if r.id == ident)
    layer = demo_release.info(raster.collection).layer
    rows = pq.read_table(
        demo_release.path(f"collections/{layer.id}/features.parquet"), columns=["h3", raster.field]
    )
    names = rows["h3"].to_pylist()
    centres = np.array([h3.cell_to_latlng(cell)[::-1] for cell in names])
    file = ROOT / "styles" / f"{layer.family}.yml"
    style = yaml.safe_load(file.read_text(encoding="utf-8"))
    scale = next(x for x in (style, *style.get("also", ())) if raster.field in x["fields"])
    values = rows[raster.field].cast("double").to_numpy(zero_copy_only=False)
    path = demo_release.path(raster.path)
    found = Cells(names, layer.resolution, centres, values, scale["classes"], path)
    assert np.isfinite(found.values).sum() > 100
    return found


def test_the_release_has_every_declared_raster(demo_release):
    assert {raster.id for raster in demo_release.manifest.rasters} == set(RASTERS)
    assert {layer.family for layer in RASTERS.values()} >= {"rischio_h3", "accessibilita_h3"}


def test_the_file_has_the_value_of_every_feature_at_its_centre(cells):
    with rasterio.open(cells.path) as source:
        pixels = np.array([p[0] for p in source.sample(metres(cells.lonlat).tolist())])
    assert np.array_equal(pixels, cells.values.astype(np.float32), equal_nan=True)


def test_a_pixel_of_an_overview_has_the_value_of_the_cell_that_holds_its_centre(cells):
    """Pixels within ten metres of an edge are left out: outlines are not the grid to the metre."""
    of_cell = dict(zip(cells.names, cells.values.astype(np.float32), strict=True))
    with rasterio.open(cells.path) as source:
        levels = len(source.overviews(1))
    assert levels > 1
    for level in range(levels):
        with rasterio.open(cells.path, overview_level=level) as source:
            pixels, place = source.read(1), source.transform
        found = cells_at(place, pixels.shape, cells.resolution)
        clear = found != ""
        expected = np.array([of_cell.get(name, np.nan) for name in found[clear]])
        assert np.array_equal(pixels[clear], expected, equal_nan=True)
        assert clear.mean() > 0.9
        assert np.isfinite(expected).sum() > 50


@cache
def cells_at(place, shape, resolution):
    """Return the cell that holds the centre of each pixel; none near an edge."""
    rows, columns = (n.ravel() + 0.5 for n in np.indices(shape))
    x, y = place.a * columns + place.c, place.e * rows + place.f
    near = [(0, 0), (10, 10), (10, -10), (-10, 10), (-10, -10)]
    named = [
        [h3.latlng_to_cell(*at, resolution) for at in lat_lon(x + east, y + north)]
        for east, north in near
    ]
    return np.array(
        [one[0] if len(set(one)) == 1 else "" for one in zip(*named, strict=True)]
    ).reshape(shape)


def lat_lon(x, y):
    """Return latitude and longitude of places in EPSG:3857 (EPSG guidance note 7-2)."""
    lat = np.degrees(np.arctan(np.sinh(y * math.pi / HALF_WORLD)))
    return zip(lat.tolist(), (x * 180 / HALF_WORLD).tolist(), strict=True)


def test_a_point_has_the_value_and_the_class_in_words(cells, ident, demo_server):
    whole = np.isfinite(cells.values)
    chosen = np.random.default_rng(1).permutation(len(whole))
    some = [*chosen[whole[chosen]][:ASKED], *chosen[~whole[chosen]][:3]]
    for index in some:
        lon, lat = cells.lonlat[index]
        found = _json(f"{demo_server.url}/raster/{ident}/point/{lon:.9f},{lat:.9f}")
        value = cells.values[index]
        if math.isnan(value):
            assert (found["values"], found["class"]) == ([None], None)
            assert found["nothing"]
        else:
            assert found["values"] == [value]  # the very figure, not its nearest 32 bits
            assert found["class"] == cells.title(value)
            assert found["colour"] == cells.colour(value)
            assert found["nothing"] is None


def test_outside_every_cell_there_is_no_value_and_far_away_no_answer(cells, ident, demo_server):
    west, north = cells.lonlat[:, 0].min(), cells.lonlat[:, 1].max()
    corner = _json(f"{demo_server.url}/raster/{ident}/point/{west:.6f},{north:.6f}")
    assert (corner["values"], corner["class"]) == ([None], None)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        _json(f"{demo_server.url}/raster/{ident}/point/12.49,41.9")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("above", [0, 2])
def test_every_cell_has_the_colour_of_its_class_in_the_tile(cells, ident, demo_server, above):
    zoom = _json(f"{demo_server.url}/raster/{ident}/tilejson.json")["maxzoom"] - above
    pixels = world(cells.lonlat) * 2**zoom * 256
    tiles, within = np.divmod(pixels.astype(int), 256)
    for tile in np.unique(tiles, axis=0).tolist():
        x, y = tile
        address = f"{demo_server.url}/raster/{ident}/tiles/WebMercatorQuad/{zoom}/{x}/{y}.png"
        with urllib.request.urlopen(address) as answer:
            image = _picture(answer.read())
        for index in np.flatnonzero((tiles == tile).all(axis=1)):
            column, row = within[index]
            red, green, blue, alpha = image[:, row, column].tolist()
            expected = cells.colour(cells.values[index])
            found = f"#{red:02x}{green:02x}{blue:02x}" if alpha == 255 else None
            assert found == expected, (tile, index)
            assert alpha in {0, 255}


def _picture(content):
    with rasterio.MemoryFile(io.BytesIO(content)) as memory, memory.open(driver="PNG") as source:
        return source.read()


def _json(address):
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)
