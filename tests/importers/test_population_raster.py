"""Population rasters onto cells: totals to the person, pixels where they lie, nothing hostile."""

from __future__ import annotations

import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from accounts import notes
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from geo_core.errors import AtlanteError, IngestError, SourceError
from geo_core.importers import raster as importer
from geo_core.ingest.population import check_population, reconcile
from geo_core.model.cells import LEAF, at, centre
from geo_core.place import overlay
from geo_core.sources import geopop, raster

SYSTEMS = {"EPSG:3035": 1000, "ESRI:54009": 1000, "EPSG:4326": 0.01, "EPSG:32632": 1000}
LAT, LON = 45.325, 8.42
"""In the town of Vercelli."""


def grid_over(box, crs, size):
    """Return the transform and the shape of a raster that covers a box, a pixel to spare."""
    move = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    west, south, east, north = move.transform_bounds(*box)
    across, down = int((east - west) / size) + 3, int((north - south) / size) + 3
    return from_origin(west - size, north + size, size, size), (down, across)


def write(path, values, transform, crs="EPSG:3035", **options):
    height, width = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=values.dtype,
        crs=crs, transform=transform, **options,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


def checked(made, municipalities):
    done = check_population(
        Path("popolazione.csv"),
        made.tables["popolazione"],
        municipalities=set(municipalities["cod_istat"]),
    )
    assert done.problems == ()
    return done.frame


@pytest.fixture(scope="module")
def box(municipalities):
    return tuple(municipalities.total_bounds)


@pytest.fixture(scope="module")
def residents():
    return geopop.population(2023, "002")


@pytest.mark.parametrize("crs", SYSTEMS)
def test_one_hot_pixel_takes_its_whole_municipality(
    tmp_path, context, municipalities, residents, crs
):
    """A pixel that lies within the cell of a point puts everybody there."""
    transform, shape = grid_over(municipalities.total_bounds, crs, SYSTEMS[crs] / 10)
    lon, lat = centre(at(LAT, LON, LEAF))
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    values = np.full(shape, -200.0, dtype=np.float32)
    column, row = ~transform @ (x, y)
    values[int(row), int(column)] = 12.5
    path = write(tmp_path / "ghs.tif", values, transform, crs, nodata=-200)
    made = importer.read([path], context)
    people = checked(made, municipalities)
    reconcile(people, residents)
    here = people[people["cod_istat"] == "002158"]
    assert set(here["h3"]) == {at(lat, lon, LEAF)}
    assert set(here["metodo"]) == {"dasimetrico"}
    assert set(people.loc[people["cod_istat"] != "002158", "metodo"]) == {"areale"}
    assert "residents by the grid: 12\n" in notes(made)
    assert (made.rows, made.accepted) == (1, 1)


def test_a_real_looking_grid_keeps_every_total(tmp_path, context, municipalities, residents, box):
    transform, shape = grid_over(box, "EPSG:3035", 1000)
    values = np.random.default_rng(1).gamma(0.3, 90, shape)
    path = write(tmp_path / "estat.tif", values, transform)
    people = checked(importer.read([path], context), municipalities)
    reconcile(people, residents)
    assert set(people["metodo"]) == {"dasimetrico"}


def test_without_a_raster_residents_are_shared_by_area(context, municipalities, residents):
    made = importer.read_nothing([], context)
    people = checked(made, municipalities)
    reconcile(people, residents)
    assert "165505 residents of 2023" in notes(made)
    assert set(people["metodo"]) == {"areale"}
    area = overlay.measure(overlay.hexagons(people["h3"].unique()))
    town = people[people["cod_istat"] == "002158"].groupby("h3")["n"].sum()
    inner = town[town > 0.9 * town.max()]
    assert len(inner) > 30
    assert inner.std() / inner.mean() < 0.03
    assert area.std() / area.mean() < 0.05
    with pytest.raises(IngestError, match="takes no file"):
        importer.read_nothing([Path("x.tif")], context)


@pytest.fixture(scope="module")
def pieces(municipalities):
    return overlay.cut(municipalities.geometry.to_numpy()[:12])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(7.9, 8.5), st.floats(45.2, 45.9)), min_size=1, max_size=15),
    st.floats(0.001, 0.05),
    st.integers(2, 4),
)
def test_splitting_pixels_changes_nothing(pieces, corners, size, parts):
    whole = np.array([shapely.box(x, y, x + size, y + size) for x, y in corners], dtype=object)
    counts = np.arange(1.0, len(whole) + 1)
    step = size / parts
    split = [
        shapely.box(x + i * step, y + j * step, x + (i + 1) * step, y + (j + 1) * step)
        for x, y in corners
        for i in range(parts)
        for j in range(parts)
    ]
    shares = np.repeat(counts / parts**2, parts**2)
    one = importer.areal(whole, counts, pieces)
    other = importer.areal(np.array(split, dtype=object), shares, pieces)
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert one.sum() <= counts.sum() * (1 + 1e-9)


def test_a_pixel_inside_the_district_is_shared_in_full(pieces):
    inside = shapely.union_all(pieces.shape).representative_point()
    pixel = inside.buffer(0.004, cap_style="square")
    assert importer.areal(np.array([pixel]), np.array([7.0]), pieces).sum() == pytest.approx(
        7 * pixel.intersection(shapely.union_all(pieces.shape)).area / pixel.area
    )


def test_pieces_cover_their_areas_and_none_is_named_twice(municipalities):
    areas = municipalities.geometry.to_numpy()
    pieces = overlay.cut(areas)
    assert len(set(zip(pieces.of, pieces.cell, strict=True))) == len(pieces.of)
    covered = np.bincount(pieces.of, weights=shapely.area(pieces.shape))
    np.testing.assert_allclose(covered, shapely.area(areas), rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"crs": None}, "does not say where its pixels are"),
        ({"transform": from_origin(0, 10, 1, 1), "crs": "EPSG:4326"}, "does not cover"),
        ({"values": np.full((60, 60), -5.0)}, "fewer than 0"),
        ({"values": np.full((60, 60), 1e9)}, "more than"),
        ({"values": np.full((60, 60), 1 + 1j)}, "one count"),
    ],
    ids=["no-crs", "elsewhere", "negative", "huge", "complex"],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_of_something_else_is_refused(tmp_path, box, change, said):
    values = change.pop("values", np.ones((60, 60)))
    how = {"transform": from_origin(4_100_000, 2_600_000, 10_000, 10_000), **change}
    path = write(tmp_path / "x.tif", values, **how)
    with pytest.raises(SourceError, match=said):
        raster.read(path, box)


def tiff(width, height, *, strip, rows):
    """Return a one-band deflated GeoTIFF in EPSG:4326 that claims a size."""
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1),
        (273, 4, 1, 0), (277, 3, 1, 1), (278, 4, 1, rows), (279, 4, 1, len(strip)),
        (33550, 12, 3, 0), (33922, 12, 6, 0), (34735, 3, 16, 0),
    ]  # fmt: skip
    after = 8 + 2 + 12 * len(tags) + 4
    scale = struct.pack("<3d", 1e-6, 1e-6, 0)
    tie = struct.pack("<6d", 0, 0, 0, 7.0, 46.5, 0)
    keys = struct.pack("<16H", 1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    places = {33550: after, 33922: after + 24, 34735: after + 72, 273: after + 104}
    entries = b"".join(
        struct.pack("<HHII", tag, kind, n, places.get(tag, value)) for tag, kind, n, value in tags
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0)
    return head + scale + tie + keys + strip


VRT = """<VRTDataset rasterXSize="10" rasterYSize="10"><VRTRasterBand band="1">
<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource>
</VRTRasterBand></VRTDataset>"""

HOSTILE = {
    "absurd": tiff(2**31 - 1, 2**31 - 1, strip=zlib.compress(b""), rows=1),
    "bomb": tiff(200_000, 200_000, strip=zlib.compress(b"\1" * 2**27), rows=200_000),
    "strips": tiff(1_500_000, 1_500_000, strip=zlib.compress(b"\1" * 2**20), rows=1),
    "loop": b"II*\0" + struct.pack("<IHI", 8, 0, 8),
    "cut": tiff(100, 100, strip=b"", rows=100)[:60],
    "vrt": VRT.encode(),
    "magic-vrt": b"II*\0" + VRT.encode(),
    "empty": b"",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_raster_ends_in_a_clear_error(tmp_path, box, content):
    path = tmp_path / "pop.tif"
    path.write_bytes(content)
    start = time.monotonic()
    with pytest.raises(AtlanteError) as refused:
        raster.read(path, box)
    assert "pop.tif" in str(refused.value)
    assert "root:" not in str(refused.value)
    assert time.monotonic() - start < 60  # the parser's own limit is 30


def test_the_file_made_by_hand_is_a_geotiff(tmp_path, box):
    """The hostile ones differ from this in their size only."""
    path = tmp_path / "pop.tif"
    path.write_bytes(tiff(1000, 1000, strip=zlib.compress(b"\1" * 10**6), rows=1000))
    with pytest.raises(SourceError, match="does not cover the district"):
        raster.read(path, box)
    assert len(raster.read(path, (7.0001, 46.4995, 7.0002, 46.4999)).count) > 1000
