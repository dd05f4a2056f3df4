"""Maps as pictures: every feature where it lies, as large as it is, in the colour of its class."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from api.embed.drawing import WIDTH, Narrowed, drawing
from geo_core.errors import NotFound
from geo_core.model.mercator import world

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def shapes(demo_release):
    """Return what gives the geometries of a collection by id."""

    def of(name):
        path = demo_release.path(f"collections/{name}/features.parquet")
        rows = pq.read_table(path, columns=["id", "geometry"]).to_pylist()
        return {r["id"]: shapely.from_wkb(r["geometry"]) for r in rows if r["geometry"]}

    return of


def drawn(release, name, field=None):
    return ET.fromstring(drawing(release, release.info(name), "it", Narrowed(field)))


def outline(path):
    """Return a path as the area that it fills."""
    rings = [
        shapely.LinearRing(np.array([pair.split() for pair in ring.split("L")], dtype=float))
        for ring in re.findall(r"M([^Z]*)Z", path)
    ]
    area = shapely.Polygon()
    for ring in rings:  # what an even number of rings enclose is a hole
        area = shapely.symmetric_difference(area, shapely.Polygon(ring))
    return area


AREAS = ("bisogni_h3_r7", "bisogni_h3_r6", "rischio_comuni", "ambiti", "popolazione_h3_r8")


@pytest.mark.parametrize("name", AREAS)
def test_every_area_is_drawn_where_it_lies_and_whole(demo_release, shapes, name):
    picture, wanted = drawn(demo_release, name), shapes(name)
    nodes = {n.get("data-id"): n for n in picture.iter(f"{SVG}path") if n.get("data-id")}
    assert nodes.keys() == wanted.keys()
    corners = np.array([shapely.total_bounds(list(wanted.values()))]).reshape(2, 2)
    (left, bottom), (right, top) = world(corners)
    several = 0
    for ident, shape in wanted.items():
        found, true = outline(nodes[ident].get("d")), shapely.transform(shape, world)
        several += shapely.get_num_geometries(shape) > 1
        # One scale for all: the picture is a map.
        boxes = np.array([found.bounds, true.bounds]).reshape(2, 2, 2)
        (x0, y0), (x1, y1) = boxes[0]
        scale = (WIDTH - 24) / (right - left)
        scale = min(scale, (1200 - 24) / (bottom - top))
        assert x1 - x0 == pytest.approx((true.bounds[2] - true.bounds[0]) * scale, abs=1.5)
        assert y1 - y0 == pytest.approx((true.bounds[3] - true.bounds[1]) * scale, abs=1.5)
        size = true.area * scale**2
        assert found.area == pytest.approx(size, rel=0.06, abs=0.6 * true.length * scale)
    if name == "bisogni_h3_r7":
        assert several, "no area of several parts: this test proves nothing of them"


def test_points_are_circles_at_their_places(demo_release, shapes):
    picture, wanted = drawn(demo_release, "sedi"), shapes("sedi")
    circles = {n.get("data-id"): n for n in picture.iter(f"{SVG}circle") if n.get("data-id")}
    assert circles.keys() == wanted.keys()
    places = np.array([[float(circles[i].get("cx")), float(circles[i].get("cy"))] for i in wanted])
    true = world(shapely.get_coordinates(list(wanted.values())))
    for axis in (0, 1):
        a, b = np.polyfit(true[:, axis], places[:, axis], 1)
        assert np.abs(a * true[:, axis] + b - places[:, axis]).max() < 0.1
        assert a > 0


def test_a_picture_says_what_it_shows_and_of_what(demo_release):
    picture = drawn(demo_release, "rischio_comuni", "stabilita")
    layer = demo_release.info("rischio_comuni").layer
    assert picture.findtext(f"{SVG}title").startswith(layer.title.it)
    assert picture.findtext(f"{SVG}desc") == layer.description.it
    words = " ".join(n.text for n in picture.iter(f"{SVG}text"))
    assert demo_release.manifest.id in words
    assert layer.attribution.split(";")[0] in words
    assert "Stabile: al più un decimo" in words
    assert "molto alta" not in words


def test_what_cannot_be_drawn_is_said(demo_release):
    with pytest.raises(NotFound, match="no geometry"):
        drawing(demo_release, demo_release.info("indicatori"), "it")
    with pytest.raises(NotFound, match="punteggi"):
        drawing(demo_release, demo_release.info("rischio_comuni"), "it", Narrowed("punteggi"))


def test_what_is_over_is_not_drawn(demo_release):
    path = demo_release.path("collections/opportunita/features.parquet")
    day = demo_release.manifest.reference_date
    found = pq.read_table(path, columns=["id", "geometry", "valido_dal", "valido_al"]).to_pylist()
    placed = [r for r in found if r["geometry"]]
    now = {r["id"] for r in placed if (r["valido_dal"] or day) <= day <= (r["valido_al"] or day)}
    assert 0 < len(now) < len(placed)
    nodes = drawn(demo_release, "opportunita").iter()
    assert {n.get("data-id") for n in nodes if n.get("data-id")} == now


def test_a_municipality_fills_its_picture_and_leaves_the_legend_free(demo_release, shapes):
    picture = ET.fromstring(
        drawing(demo_release, demo_release.info("rischio_comuni"), "it", Narrowed(town="002156"))
    )
    assert picture.findtext(f"{SVG}title").endswith("· Varallo")
    (inner,) = (n for n in picture.findall(f"{SVG}svg") if list(n.iter(f"{SVG}path"))[:1])
    drawn_ids = {n.get("data-id") for n in inner.iter(f"{SVG}path") if n.get("data-id")}
    areas = shapes("rischio_comuni")
    assert "002156" in drawn_ids
    assert len(drawn_ids) < len(areas)
    own = next(n for n in inner.iter(f"{SVG}path") if n.get("data-id") == "002156")
    left, top, right, bottom = outline(own.get("d")).bounds
    assert min(left, top) > 0
    assert (right, bottom) < (WIDTH, float(inner.get("height")))
    assert max(right - left, bottom - top) > WIDTH / 2
    touching = {k for k, v in areas.items() if shapely.touches(v, areas["002156"])}
    assert touching <= drawn_ids


def test_an_unknown_municipality_has_no_picture(demo_release):
    with pytest.raises(NotFound, match="002999"):
        drawing(demo_release, demo_release.info("rischio_comuni"), "it", Narrowed(town="002999"))


def test_what_a_few_persons_would_change_is_stippled_and_said(demo_release):
    path = demo_release.path("collections/rischio_comuni/features.parquet")
    found = pq.read_table(path, columns=["id", "classe", "affidabilita"]).to_pylist()
    shaky = {r["id"] for r in found if r["classe"] and r["affidabilita"] == "bassa"}
    assert 0 < len(shaky) < len(found)
    for chosen, wanted in ((Narrowed(), True), (Narrowed(town="002158"), None)):
        info = demo_release.info("rischio_comuni")
        picture = ET.fromstring(drawing(demo_release, info, "it", chosen))
        nodes = list(picture.iter(f"{SVG}path"))
        there = {n.get("data-id") for n in nodes if n.get("data-id")} & shaky
        dotted = [n.get("d") for n in nodes if n.get("fill") == "url(#stipple)"]
        said = [n.text for n in picture.iter(f"{SVG}text") if n.text]
        assert bool(dotted) is bool(there) is any("Puntinato" in text for text in said)
        assert wanted is None or bool(dotted) is wanted
        drawn_of = {n.get("data-id"): n.get("d") for n in nodes}
        assert "".join(dotted).count("M") == sum(drawn_of[i].count("M") for i in there)
        assert ("Vercelli" in said) is (chosen.town is not None)
    assert "Puntinato" not in "".join(n.text or "" for n in drawn(demo_release, "sedi").iter())
