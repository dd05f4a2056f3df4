"""Coordinates of Italian files, against PROJ and against formulas and constants written down here.

The published constants: the transverse Mercator series of Krüger (1912) to the fourth order;
ellipsoids GRS 80, WGS 84 and International 1924; the seven parameters of EPSG:1660 (position
vector) from Monte Mario to WGS 84 on the mainland; the origin of Roma 40 at Monte Mario,
latitude 41°55'25.51" N, longitude 12°27'08.40" E, in the register of the Bundesamt für
Kartographie und Geodäsie.
"""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo_core.errors import SourceError
from geo_core.sources import registry
from geo_core.sources.base import Job
from geo_core.sources.crs import ACCEPTED, to_lonlat

# Vercelli, Alagna Valsesia, Torino, Roma Monte Mario (west of 12 degrees 30).
PLACES = [(8.4234, 45.3256), (7.9375, 45.8536), (7.6869, 45.0703), (12.4523, 41.9238)]
WGS84 = (6378137.0, 1 / 298.257223563)
HAYFORD = (6378388.0, 1 / 297)
JOB = Job(places=("punti.gpkg",))


def mercator(lon: float, lat: float, ellipsoid: tuple[float, float], east: float):
    """Krüger's series: central meridian 9 degrees, scale 0.9996."""
    a, f = ellipsoid
    n = f / (2 - f)
    alpha = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    )
    phi, dlon = math.radians(lat), math.radians(lon - 9)
    e = math.sqrt(f * (2 - f))
    t = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
    xi, eta = (
        math.atan2(t, math.cos(dlon)),
        math.asinh(math.sin(dlon) / math.hypot(t, math.cos(dlon))),
    )
    x, y = eta, xi
    for k, factor in enumerate(alpha, start=1):
        x += factor * math.cos(2 * k * xi) * math.sinh(2 * k * eta)
        y += factor * math.sin(2 * k * xi) * math.cosh(2 * k * eta)
    scale = 0.9996 * a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    return east + scale * x, scale * y


def from_monte_mario(lon: float, lat: float) -> tuple[float, float]:
    """Bring a position on Monte Mario to WGS 84 with EPSG:1660."""
    a, f = HAYFORD
    e2 = f * (2 - f)
    phi, lam = math.radians(lat), math.radians(lon)
    v = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    p = np.array(
        [
            v * math.cos(phi) * math.cos(lam),
            v * math.cos(phi) * math.sin(lam),
            v * (1 - e2) * math.sin(phi),
        ]
    )
    rx, ry, rz = (math.radians(s / 3600) for s in (0.971, -2.917, 0.714))
    turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
    x, y, z = np.array([-104.1, -49.1, -9.9]) + (1 - 11.68e-6) * turn @ p
    a, f = WGS84
    e2 = f * (2 - f)
    latitude = math.atan2(z, math.hypot(x, y) * (1 - e2))
    for _ in range(10):
        v = a / math.sqrt(1 - e2 * math.sin(latitude) ** 2)
        latitude = math.atan2(z + e2 * v * math.sin(latitude), math.hypot(x, y))
    return math.degrees(math.atan2(y, x)), math.degrees(latitude)


def placed(crs: str | None, *points: tuple[float, float]) -> np.ndarray:
    shapes = shapely.points(points)
    return shapely.get_coordinates(to_lonlat(JOB, shapes, crs, rows=np.arange(1, 9)).shapes)


@pytest.mark.parametrize("code", ACCEPTED)
@pytest.mark.parametrize("place", PLACES[:3])
def test_proj_agrees_in_longitude_and_latitude(code, place):
    xy = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(*place)
    assert placed(f"EPSG:{code}", xy)[0] == pytest.approx(place, abs=1e-7)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("code", [32632, 25832, 7791])
def test_utm_agrees_with_kruegers_series(code, place):
    xy = mercator(*place, WGS84, 500_000)
    assert placed(f"EPSG:{code}", xy)[0] == pytest.approx(place, abs=1e-8)


@pytest.mark.parametrize("place", PLACES)
def test_gauss_boaga_agrees_with_krueger_and_the_published_parameters(place):
    xy = mercator(*place, HAYFORD, 1_500_000)
    assert placed("EPSG:3003", xy)[0] == pytest.approx(from_monte_mario(*place), abs=1e-7)


def test_the_origin_of_roma_40_lies_where_it_is_known_to_lie():
    origin = (12 + 27 / 60 + 8.40 / 3600, 41 + 55 / 60 + 25.51 / 3600)
    lon, lat = placed("EPSG:3003", mercator(*origin, HAYFORD, 1_500_000))[0]
    # Roma 40 and WGS 84 are some tens of metres apart there: north of it, and east.
    assert 40 < (lat - origin[1]) * 111_000 < 100
    assert abs(lon - origin[0]) * 82_800 < 40


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:6706", "OGC:CRS84"])
def test_geographic_systems_are_taken_longitude_first(crs):
    assert placed(crs, *PLACES).tolist() == [list(place) for place in PLACES]


@pytest.mark.parametrize("code", ACCEPTED)
def test_swapped_coordinates_are_named(code):
    xy = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(*PLACES[0])
    with pytest.raises(SourceError, match="x and y swapped") as caught:
        placed(f"EPSG:{code}", xy, xy[::-1])
    assert caught.value.where == "punti.gpkg, row 2"


@pytest.mark.parametrize("code", ACCEPTED)
@pytest.mark.parametrize("ending", [".shp", ".gpkg"])
def test_every_system_is_recognised_in_a_file(tmp_path: Path, code, ending):
    points = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(PLACES[0])], crs=4326)
    path = tmp_path / f"punti{ending}"
    points.to_crs(code).to_file(path)
    reading = registry.read(path)
    assert f"EPSG:{code}" in reading.found[-1]
    assert reading.frame.geometry.iloc[0].distance(points.geometry.iloc[0]) < 1e-6
