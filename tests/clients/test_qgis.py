"""QGIS 3.22, unmodified and without a window: layers open, and vector tiles are drawn in style."""

from __future__ import annotations

import pytest

TILESETS = ("rischio_comuni", "bisogni_h3_r7", "bisogni_h3")
MIXED = ("opportunita", "patti", "buone_prassi")


@pytest.fixture(scope="session")
def seen(qgis, demo_server, out):
    """Return what QGIS saw of every collection and drew of some tilesets, in one run."""
    collections = [info.layer.id for info in demo_server.release.manifest.collections]
    layers = (*collections, "--tiles", *TILESETS, *MIXED)
    return qgis("qgis_check.py", demo_server.url, out, *layers, timeout=600)


def test_every_collection_opens_with_all_its_features(seen, shown_rows, demo_release, collection):
    layer, info = seen["collections"][collection], demo_release.info(collection)
    assert layer["valid"], layer.get("error")
    assert layer["count"] == len(layer["ids"]) == len(shown_rows)
    assert layer["crs"] == ("" if info.layer.geometry == "none" else "EPSG:4326")
    assert layer["with_geometry"] == _placed(shown_rows)


def test_a_collection_of_points_and_areas_opens_as_points_and_its_areas_as_polygons(
    seen, demo_release, collection
):
    layer = seen["collections"][collection]
    drawn = {"Point": "Point", "Geometry": "Point", "MultiPolygon": "MultiPolygon"}
    kind = demo_release.info(collection).layer.geometry
    assert layer["geometry"] == drawn.get(kind, "NoGeometry") or not layer["with_geometry"]


def test_every_collection_has_its_fields_in_qgis(seen, demo_release, collection):
    fields = set(seen["collections"][collection]["fields"])
    assert fields == set(demo_release.info(collection).layer.field_names)


def test_qgis_shows_the_licence_of_every_collection(seen, demo_release, collection):
    published = demo_release.info(collection).layer.licence
    assert published in seen["collections"][collection]["licences"]


def _placed(table):
    """Count the features that have a place: a reserved office has none."""
    return len(table) - table["geometry"].null_count if "geometry" in table.column_names else 0


@pytest.mark.parametrize("tileset", TILESETS)
def test_tiles_are_drawn_in_more_than_one_class(seen, demo_release, tileset):
    drawn = seen["tiles"][tileset]
    assert drawn["valid"], drawn.get("error")
    assert drawn["styled"], drawn["message"]
    family = tileset.removesuffix("_r7")
    classes = {c.colour for c in demo_release.manifest.styles[family].classes}
    assert len(classes & set(drawn["colours"])) >= 2, drawn["colours"]


@pytest.mark.parametrize("tileset", MIXED)
def test_points_and_areas_of_one_tileset_are_drawn(seen, demo_release, tileset):
    drawn = seen["tiles"][tileset]
    assert drawn["styled"], drawn["message"]
    (colour,) = [c.colour for c in demo_release.manifest.styles[tileset].classes]
    assert colour in drawn["few"], drawn["few"]
