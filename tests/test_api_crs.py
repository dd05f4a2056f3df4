"""Reference systems: which there are, the order of their axes, and boxes given in them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely
from api_client import ITEMS
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from api.features.crs import CRS84, SUPPORTED, area_in_crs84, in_crs84, latitude_first, project

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
AXES = {
    CRS84: ("east", "north"),
    f"{EPSG}4326": ("north", "east"),
    f"{EPSG}3857": ("east", "north"),
    f"{EPSG}32632": ("east", "north"),
    f"{EPSG}25832": ("east", "north"),
    f"{EPSG}7791": ("east", "north"),
    f"{EPSG}6706": ("north", "east"),
    f"{EPSG}6707": ("north", "east"),
    f"{EPSG}3003": ("east", "north"),
}
"""The systems in the order they are published, and where their axes point."""
STORED = CRS("EPSG:4326")
PLACES = st.tuples(st.floats(7.5, 9.0), st.floats(45.0, 46.0))


@cache
def known(uri):
    return CRS("OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rsplit('/', 1)[1]}")


def test_the_systems_are_those_promised_with_the_axes_of_their_authority():
    assert tuple(AXES) == SUPPORTED
    for uri, axes in AXES.items():
        assert tuple(axis.direction for axis in known(uri).axis_info) == axes
        assert latitude_first(uri) is (axes[0] == "north")


@cache
def to_stored(uri):
    return Transformer.from_crs(known(uri), STORED, always_xy=False)


@cache
def from_stored(uri):
    """Return the way to a system, always with the east first."""
    return Transformer.from_crs(STORED, known(uri), always_xy=True)


@pytest.mark.parametrize("uri", SUPPORTED)
@settings(max_examples=20)
@given(place=PLACES)
def test_a_point_is_where_pyproj_has_it(uri, place):
    (found,) = shapely.get_coordinates(project(shapely.points([place]), uri))
    # Always east first here: turned by hand where the authority has north first.
    east, north = from_stored(uri).transform(*place)
    expected = (north, east) if AXES[uri][0] == "north" else (east, north)
    assert found == pytest.approx(expected, abs=1e-6 if known(uri).is_geographic else 1e-3)


@pytest.mark.parametrize("uri", SUPPORTED)
def test_coordinates_are_written_to_the_centimetre_in_degrees_and_the_millimetre_in_metres(uri):
    found = shapely.get_coordinates(project(shapely.points([[8.123456789, 45.987654321]]), uri))
    digits = 7 if known(uri).is_geographic else 3
    assert found.tolist() == np.round(found, digits).tolist()


@pytest.mark.parametrize("uri", SUPPORTED)
def test_a_collection_an_item_and_their_headers_agree(client, uri):
    for address in (ITEMS, f"{ITEMS}/luogo-025"):
        answer = client.get(address, params={"crs": uri, "lang": "it"})
        assert answer.headers["content-crs"] == f"<{uri}>"
        features = answer.json().get("features", [answer.json()])
        (feature,) = (one for one in features if one["id"] == "luogo-025")
        (expected,) = project(shapely.points([[8.5, 45.2]]), uri)
        assert feature["geometry"]["coordinates"] == pytest.approx(list(expected.coords[0]))
    assert client.get("/collections/luoghi").json()["crs"] == list(SUPPORTED)


@pytest.mark.parametrize("uri", SUPPORTED)
@settings(max_examples=20)
@given(place=PLACES, sides=st.tuples(st.floats(0.02, 0.5), st.floats(0.02, 0.5)))
def test_a_box_holds_what_lies_between_its_sides_in_its_own_system(uri, place, sides):
    """Points on a fine grid of the box's own system lie in it, and those just outside do not."""
    (x, y), (a, b) = shapely.get_coordinates(
        project(shapely.points([place, [place[0] + sides[0], place[1] + sides[1]]]), uri)
    )
    lower, upper = np.minimum((x, y), (a, b)), np.maximum((x, y), (a, b))
    area = area_in_crs84((*lower, *upper), uri)
    # Edges are followed in 20 steps: their sagitta is far below a thousandth of the box.
    steps, margin = np.array([0.001, 0.37, 0.5, 0.999]), 0.001
    inside = [lower + (upper - lower) * (i, j) for i in steps for j in steps]
    outside = [lower + (upper - lower) * (i, j) for i in (-margin, 1 + margin) for j in steps]
    for points, held in ((inside, True), (outside, False)):
        lat, lon = to_stored(uri).transform(*np.transpose(points))
        assert set(shapely.contains_xy(area, lon, lat)) == {held}


@pytest.mark.parametrize("uri", SUPPORTED)
def test_an_outline_holds_what_a_box_of_its_corners_holds(uri):
    """600 km of straight edge in metres bend by kilometres in degrees, in a filter too."""
    (x, y), (a, b) = shapely.get_coordinates(project(shapely.points([[5, 42.5], [12.5, 48]]), uri))
    lower, upper = np.minimum((x, y), (a, b)), np.maximum((x, y), (a, b))
    box, outline = area_in_crs84((*lower, *upper), uri), in_crs84(shapely.box(*lower, *upper), uri)
    assert shapely.symmetric_difference(box, outline).area < 1e-4 * box.area
    assert len(shapely.get_coordinates(outline)) <= 2_500


def test_the_two_forms_of_one_zone_differ_by_their_axes_only():
    east_first, north_first = (
        shapely.get_coordinates(project(shapely.points([[8.4, 45.3]]), f"{EPSG}{code}"))[0]
        for code in (7791, 6707)
    )
    assert east_first.tolist() == north_first.tolist()[::-1]
    # On the central meridian of zone 32 the grid is 0.9996 of the ground.
    _, _, metres = Geod(ellps="GRS80").inv(8.99, 45, 9.01, 45)
    ends = shapely.get_coordinates(project(shapely.points([[8.99, 45], [9.01, 45]]), f"{EPSG}7791"))
    assert np.hypot(*(ends[1] - ends[0])) == pytest.approx(0.9996 * metres, rel=1e-5)


REFUSED = {
    "crs=EPSG:32632": "crs",
    "crs=http://www.opengis.net/def/crs/EPSG/0/23032": "crs",
    "crs=http://www.opengis.net/def/crs/EPSG/9.9/4326": "crs",
    "crs=https://www.opengis.net/def/crs/OGC/1.3/CRS84": "crs",
    "crs=": "crs",
    "bbox=8,45,9,46&bbox-crs=http://127.0.0.1:1/x": "bbox-crs",
    f"bbox=8,45,9,46&bbox-crs={EPSG}2154": "bbox-crs",
    f"bbox-crs={CRS84}": "bbox-crs",
}


@pytest.mark.parametrize(("query", "parameter"), REFUSED.items())
def test_other_systems_are_refused_and_nothing_is_fetched(client, query, parameter):
    answer = client.get(f"{ITEMS}?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


@pytest.mark.parametrize(
    ("code", "degrees", "expected", "metres"),
    [
        # By definition: false easting on the central meridian, half the equator at 180 degrees.
        (32632, (9, 0), (500_000, 0), 0.001),
        (25832, (9, 0), (500_000, 0), 1),
        (7791, (9, 0), (500_000, 0), 1),
        (3857, (180, 0), (20_037_508.343, 0), 0.001),
        # Monte Mario differs from WGS 84 by up to two hundred metres.
        (3003, (9, 45), (1_500_000, 4_983_000), 250),
    ],
)
def test_coordinates_are_those_of_the_definition(code, degrees, expected, metres):
    uri = next(crs for crs in SUPPORTED if crs.endswith(f"/{code}"))
    ((x, y),) = project(shapely.points([degrees]), uri)[0].coords
    assert (x, y) == pytest.approx(expected, abs=metres)


def test_the_edges_of_a_projected_box_are_followed():
    area = area_in_crs84((300_000, 4_900_000, 700_000, 5_300_000), f"{EPSG}32632")
    corners = shapely.box(*(300_000, 4_900_000, 700_000, 5_300_000))
    middle = project(shapely.points([[9.0, area.bounds[3]]]), f"{EPSG}32632")[0]
    assert middle.distance(corners) < 1000
