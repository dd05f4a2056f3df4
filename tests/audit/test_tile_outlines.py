"""Outlines in tiles are compared vertex by vertex and area by area."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import h3
import numpy as np
import pytest
import shapely

from checks.audit.findings import Tally
from checks.audit.tile_outlines import check_outlines
from checks.audit.tiles import table
from geo_core.formats.mvt import TileFeature, encode, tags
from geo_core.formats.tiling import cut_points, cut_polygons, to_world
from geo_core.model.mercator import tile_range

ZOOM = 10
CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(45.32, 8.42, 7), 8))
HEXAGONS = [shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(c)]) for c in CELLS]
AREAS = [
    *HEXAGONS,
    shapely.box(8.0, 45.0, 8.9, 45.9) - shapely.box(8.3, 45.2, 8.4, 45.3),
    shapely.union_all([*HEXAGONS[:5], *HEXAGONS[-5:]]),
    # So fine a saw folds over when it is rounded.
    shapely.Polygon([(8 + i / 4000, 45 + i % 2 / 5000) for i in range(80)] + [(8.01, 45.4)]),
]
POINTS = [hexagon.centroid for hexagon in HEXAGONS]


def tiled(shapes):
    """Return rows of tiles of the shapes as a release has them, and their collection."""
    world = to_world(np.array(shapes, dtype=object))
    within = tile_range(tuple(shapely.total_bounds(shapes)), ZOOM)
    polygons = shapes[0].geom_type != "Point"
    made = {}
    if polygons:
        for tile, cut in cut_polygons(world, within).items():
            made[tile] = [TileFeature(row, tags([]), polygons=shape) for row, shape in cut]
    else:
        for tile, cut in cut_points(world, within).items():
            made[tile] = [TileFeature(row, tags([]), points=(point,)) for row, point in cut]
    rows = table({(ZOOM, *tile): encode("x", features) for tile, features in made.items()})
    assert rows.damaged == []
    return rows, SimpleNamespace(ids=[str(i) for i in range(len(shapes))], geometry=shapes)


def found(rows, collection):
    tally = Tally("formats")
    of = rows.ids.astype(np.int64)
    check_outlines(tally, SimpleNamespace(id="x", rows=rows), (collection, np.arange(len(of)), of))
    return [dict(finding.evidence) for finding in tally.findings]


@pytest.mark.parametrize("shapes", [AREAS, POINTS], ids=["areas", "points"])
def test_what_a_release_draws_is_found_in_its_features(shapes):
    rows, collection = tiled(shapes)
    assert len(rows.tiles) > 1
    assert len(np.unique(rows.ids)) == len(shapes)
    assert found(rows, collection) == []


def first(rows, at):
    return int(rows.counts[:at].sum())


@pytest.mark.parametrize("shapes", [AREAS, POINTS], ids=["areas", "points"])
@pytest.mark.parametrize("step", [(1, 1), (0, -1), (40, 40)])
def test_every_vertex_that_is_moved_is_found(shapes, step):
    rows, collection = tiled(shapes)
    for at in range(0, len(rows.ids), 29):
        points = rows.points.copy()
        points[first(rows, at)] += step
        moved = found(replace(rows, points=points), collection)
        assert [m["id"] for m in moved] == [str(rows.ids[at])]


def without(rows, at, kept):
    """Leave of the outline of a feature the vertices that are kept, and work out its area."""
    start = first(rows, at)
    own = rows.points[start : start + rows.counts[at]][kept]
    points = np.concatenate([rows.points[:start], own, rows.points[start + rows.counts[at] :]])
    x, y = own.T
    counts, areas = rows.counts.copy(), rows.areas.copy()
    counts[at] = len(own)
    areas[at] = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum()
    return replace(rows, points=points, counts=counts, areas=areas)


def test_an_outline_that_lacks_vertices_is_found():
    rows, collection = tiled(AREAS)
    for at in range(0, len(rows.ids), 29):
        if rows.ids[at] >= len(HEXAGONS):
            continue
        (told,) = found(without(rows, at, slice(0, 3)), collection)
        assert told["id"] == str(rows.ids[at])


def test_a_vertex_that_is_repeated_is_found():
    rows, collection = tiled(AREAS)
    whole = int(np.flatnonzero(rows.counts == 6)[0])
    (told,) = found(without(rows, whole, [0, 0, 1, 2, 3, 4, 5]), collection)
    assert told["id"] == str(rows.ids[whole])


def test_an_outline_of_another_feature_is_found():
    rows, collection = tiled(HEXAGONS)
    collection.geometry = [HEXAGONS[1], HEXAGONS[0], *HEXAGONS[2:]]
    assert {told["id"] for told in found(rows, collection)} == {"0", "1"}
