"""Outlines in tiles are drawn again: not a vertex, ring or tile may differ."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import h3
import numpy as np
import pytest
import shapely
from plain_mvt import TileFeature, cut_at, encode, tags

from checks.audit.findings import Tally
from checks.audit.tile_outlines import check_outlines
from checks.audit.tiles import table
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
    # Smaller than a unit.
    shapely.box(8.2, 45.1, 8.200001, 45.100001),
    shapely.MultiPolygon(
        [shapely.box(8.2, 45.1, 8.25, 45.12), shapely.box(8.1, 45.1, 8.15, 45.12)]
    ),
]
POINTS = [hexagon.centroid for hexagon in HEXAGONS]


def tiled(shapes):
    """Return rows of tiles of the shapes as a release has them, and their collection."""
    within = tile_range(tuple(shapely.total_bounds(shapes)), ZOOM)
    made = {
        tile: [TileFeature(row + 1, tags([]), **shape) for row, shape in cut]
        for tile, cut in cut_at(shapes, within).items()
    }
    rows = table({(ZOOM, *tile): encode("x", features) for tile, features in made.items()})
    assert rows.damaged == []
    rows = replace(rows, ids=rows.ids - 1)  # numbers tell here which feature is which
    ids = [str(i) for i in range(len(shapes))]
    return rows, SimpleNamespace(ids=ids, geometry=np.array(shapes, dtype=object))


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


def redrawn(rows, at, order, rings=(0,)):
    """Give a feature the vertices at some positions of its outline, in an order."""
    start = first(rows, at)
    own = slice(start, start + rows.counts[at])
    counts = rows.counts.copy()
    counts[at] = len(order)
    begins = np.zeros(len(order), bool)
    begins[[*rings]] = True
    return replace(
        rows,
        points=np.vstack(
            [rows.points[: own.start], rows.points[own][order], rows.points[own.stop :]]
        ),
        begins=np.concatenate([rows.begins[: own.start], begins, rows.begins[own.stop :]]),
        counts=counts,
    )


WHOLE = [0, 1, 2, 3, 4, 5]
"""The vertices of a hexagon."""


@pytest.mark.parametrize(
    "order",
    [
        WHOLE[:3],
        [0, *WHOLE],
        [0, 1, 1, *WHOLE[2:]],
        [*WHOLE[1:], 0],
        WHOLE[::-1],
        [0, 5, 4, 3, 2, 1],
    ],
    ids=["fewer", "twice", "again", "begin", "back", "turned"],
)
def test_a_hexagon_that_is_drawn_otherwise_is_found(order):
    rows, collection = tiled(HEXAGONS)
    for at in np.flatnonzero(rows.counts == len(WHOLE))[::29].tolist():
        assert found(redrawn(rows, at, WHOLE), collection) == []
        (told,) = found(redrawn(rows, at, order), collection)
        assert told["id"] == str(rows.ids[at])


def test_rings_that_are_parted_otherwise_or_in_another_order_are_found():
    rows, collection = tiled(AREAS)
    (at,) = np.flatnonzero((rows.ids == len(AREAS) - 1) & (rows.counts == 8)).tolist()
    start = first(rows, at)
    assert np.flatnonzero(rows.begins[start : start + 8]).tolist() == [0, 4]
    order = [0, 1, 2, 3, 4, 5, 6, 7]
    assert found(redrawn(rows, at, order, (0, 4)), collection) == []
    for other, rings in ((order, (0,)), (order, (0, 3)), ([*order[4:], *order[:4]], (0, 4))):
        (told,) = found(redrawn(rows, at, other, rings), collection)
        assert told["id"] == str(rows.ids[at])


def test_an_outline_of_another_feature_is_found():
    rows, collection = tiled(HEXAGONS)
    collection.geometry = np.array([HEXAGONS[1], HEXAGONS[0], *HEXAGONS[2:]], dtype=object)
    assert {told["id"] for told in found(rows, collection)} == {"0", "1"}


@pytest.mark.parametrize("shapes", [AREAS, POINTS], ids=["areas", "points"])
def test_a_tile_that_lacks_a_feature_or_has_one_too_many_is_found(shapes):
    rows, collection = tiled(shapes)
    times = np.bincount(rows.ids.astype(int))[rows.ids.astype(int)]
    several = np.flatnonzero((times > 1) & (times < len(rows.tiles)))
    at = int(several[0])
    (told,) = found(without(rows, at), collection)
    assert told == {"tile": list(rows.tiles[rows.tile[at]]), "id": str(rows.ids[at])}
    twice = rows.tile.copy()
    twice[at] = twice[several[rows.ids[several] == rows.ids[at]][1]]
    assert len(found(replace(rows, tile=twice), collection)) >= 2
    elsewhere = rows.tile.copy()
    there = {int(t) for t, i in zip(rows.tile, rows.ids, strict=True) if i == rows.ids[at]}
    elsewhere[at] = next(t for t in range(len(rows.tiles)) if t not in there)
    assert len(found(replace(rows, tile=elsewhere), collection)) == 2


def without(rows, at):
    """Leave out one feature of a tile."""
    start = first(rows, at)
    own = range(start, start + rows.counts[at])
    kept = {n: np.delete(getattr(rows, n), at, axis=0) for n in ("tile", "ids", "kinds", "counts")}
    cut = {n: np.delete(getattr(rows, n), own, axis=0) for n in ("points", "begins")}
    return replace(rows, **kept, **cut)


def test_a_point_that_is_drawn_twice_is_found():
    rows, collection = tiled(POINTS)
    (told,) = found(redrawn(rows, 3, [0, 0]), collection)
    assert told["id"] == str(rows.ids[3])


def test_a_feature_that_is_drawn_and_has_no_place_is_found():
    rows, collection = tiled(POINTS)
    collection.geometry = np.array([None] * len(POINTS), dtype=object)
    assert len(found(rows, collection)) == len(rows.ids)


def test_features_of_one_outline_are_each_drawn_in_every_tile_it_touches():
    wide, other = AREAS[len(HEXAGONS) : len(HEXAGONS) + 2]
    shared = [wide, other, wide, other, wide]
    rows, collection = tiled(shared)
    assert not found(rows, collection)
    held = {t: rows.ids[rows.tile == i].tolist() for i, t in enumerate(rows.tiles)}
    # In the order of the features, and not in that in which outlines are met.
    assert all(ids == sorted(ids) for ids in held.values())
    assert {t for t, ids in held.items() if 0 in ids} == {t for t, ids in held.items() if 4 in ids}
    for lost in range(len(shared)):
        at = np.flatnonzero(rows.ids == lost)[0]
        assert found(without(rows, at), collection)[0]["id"] == str(lost)


def test_a_shape_that_ends_a_hair_before_a_tile_is_not_looked_for_in_the_next():
    # Rounded to the grid it ends where the next tile begins, which no feature lies in.
    edge = 536 * 360 / 2**ZOOM - 180
    unit = 360 / 2**ZOOM / 4096
    shape = shapely.box(edge - 90 * unit, 45.0, edge - 0.3 * unit, 45.001)
    rows, collection = tiled([shape])
    assert {tile[1] for tile in rows.tiles} == {535}
    assert found(rows, collection) == []
