"""Cutting collections into tiles: nothing moves, overlaps, gapes or vanishes."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plain_mvt import TileFeature, cut_at, encode, tags
from strict_mvt import decode
from tiles_release import cells, named

from geo_core.formats import tiling
from geo_core.formats.mvt import EXTENT
from geo_core.formats.plain import Plain, is_plain
from geo_core.formats.rows import rows_of
from geo_core.model.cells import footprint, polygon
from geo_core.model.mercator import tile_range

PENTAGONS = [
    cell
    for cell in sorted(h3.get_pentagons(8))
    if abs(h3.cell_to_latlng(cell)[0]) < 80 and abs(h3.cell_to_latlng(cell)[1]) < 179
]
EARTH_UNITS = EXTENT / 40_075_016.686
"""Units at zoom 0 for a metre of Web Mercator."""


def cut(shapes, zoom):
    """Return by tile the row and the shape of each piece in units of the tile."""
    bounds = tuple(shapely.total_bounds(np.array(shapes, dtype=object)).tolist())
    return cut_at(shapes, tile_range(bounds, zoom))


def polygons(piece) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in piece["polygons"]])


def placed(tiles) -> dict:
    """Return by tile the row and the shape of each piece in units of the zoom."""
    return {
        (x, y): {
            row: shapely.transform(
                polygons(piece), lambda at, x=x, y=y: at + EXTENT * np.array([x, y])
            )
            for row, piece in pieces
        }
        for (x, y), pieces in tiles.items()
    }


def assert_apart(shapes):
    """Hold shapes to lie beside each other, edge by edge."""
    shapes = np.array(list(shapes))
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == shapely.union_all(shapes).area


def hold_tessellation(tiles, n, *, one_disk=True):
    """Hold hexagons to meet in every tile without gaps or overlaps, and over all tiles.

    Returns whether they are whole in every tile, as is needed for the latter.
    """
    found: dict[int, set] = {}
    for (x, y), shapes in placed(tiles).items():
        assert_apart(shapes.values())
        low, high = np.split(shapely.total_bounds(list(shapes.values())) / EXTENT, 2)
        assert (low >= (x - 1, y - 1)).all()  # beyond the neighbours of the tile nothing is drawn
        assert (high <= (x + 2, y + 2)).all()
        for row, shape in shapes.items():
            found.setdefault(row, set()).add(shapely.to_wkb(shape))
    assert sorted(found) == list(range(n))
    if max(map(len, found.values())) > 1:
        return False  # the tiles have clipped them
    shapes = [shapely.from_wkb(next(iter(found[row]))) for row in range(n)]
    assert_apart(shapes)
    if one_disk:
        (disk,) = shapely.get_parts(shapely.union_all(shapes))
        assert not disk.interiors
    return True


def edge_in_units(res, lat, zoom):
    """Return the shortest edge of the cells of a resolution, about, in units of a zoom."""
    metres = 0.8 * h3.average_hexagon_edge_length(res, "m") / np.cos(np.radians(lat))
    return metres * EARTH_UNITS * 2**zoom


@settings(max_examples=60, deadline=None)
@given(
    lat=st.floats(-60, 60),
    lon=st.floats(-170, 170),
    res=st.integers(5, 9),
    zoom=st.integers(0, 14),
    rings=st.integers(0, 5),
)
def test_hexagons_meet_without_gaps_or_overlaps_at_every_zoom(lat, lon, res, zoom, rings):
    # An edge of three units is longer than what two vertices can move by rounding.
    assume(edge_in_units(res, lat, zoom) > 3)
    disk = sorted(h3.grid_disk(h3.latlng_to_cell(lat, lon, res), rings))
    whole = hold_tessellation(cut([polygon(cell) for cell in disk], zoom), len(disk))
    assert whole or 3 * edge_in_units(res, lat, zoom) > tiling.SMALL


@pytest.mark.parametrize("zoom", [7, 9, 12])
@pytest.mark.parametrize("cell", PENTAGONS)
def test_around_pentagons_too(cell, zoom):
    disk = sorted(h3.grid_disk(cell, 3))
    assert hold_tessellation(cut([polygon(cell) for cell in disk], zoom), len(disk))


@pytest.mark.parametrize("res", [6, 7, 8])
def test_at_every_zoom_of_a_collection_also_across_tiles(res):
    shapes = list(cells(res).values())
    several = 0
    for zoom in range(5, 13):
        tiles = cut(shapes, zoom)
        several += sum(map(len, tiles.values())) - len(shapes)
        assert hold_tessellation(tiles, len(shapes), one_disk=False) or (res, zoom) == (6, 12)
    assert several > 0


@settings(max_examples=40, deadline=None)
@given(
    lat=st.floats(35, 48), lon=st.floats(6, 19), zoom=st.integers(6, 12), seed=st.integers(0, 999)
)
def test_an_area_is_the_union_of_its_hexagons(lat, lon, zoom, seed):
    """Also as it is drawn in tiles: it has the very vertices of its hexagons."""
    disk = sorted(h3.grid_disk(h3.latlng_to_cell(lat, lon, 8), 4))
    some = np.random.default_rng(seed).choice(disk, 25, replace=False).tolist()
    area = footprint(some)
    (there,) = tiling.snap(tiling.to_world(np.array([area])), zoom)
    hexagons = tiling.snap(tiling.to_world(np.array([polygon(cell) for cell in some])), zoom)
    assert there.equals(shapely.union_all(hexagons))
    for (x, y), shapes in placed(cut([area], zoom)).items():
        at = np.array([x, y]) * EXTENT
        low, high = at - tiling.BUFFER, at + EXTENT + tiling.BUFFER
        lost = shapely.symmetric_difference(shapes[0], there.intersection(shapely.box(*low, *high)))
        assert lost.area < there.length
        vertices = [shapely.get_coordinates(shape) for shape in (there, shapes[0])]
        inside = [{*map(tuple, v[((low < v) & (v < high)).all(axis=1)])} for v in vertices]
        assert inside[0] == inside[1]


@given(zoom=st.integers(0, 8), seed=st.integers(0, 999))
@settings(max_examples=30, deadline=None)
def test_no_feature_vanishes_at_a_low_zoom(zoom, seed):
    rng = np.random.default_rng(seed)
    disk = sorted(h3.grid_disk(h3.latlng_to_cell(45.3, 8.4, 8), 3))
    shapes = [polygon(cell) for cell in disk]
    shapes += [shapely.box(x, y, x + 1e-9, y + 1e-9) for x, y in rng.uniform(8, 9, (5, 2))]
    shapes += [footprint(disk[:5]), shapes[0].centroid]
    tiles = cut(shapes, zoom)
    assert {row for pieces in tiles.values() for row, _ in pieces} == set(range(len(shapes)))
    for pieces in tiles.values():
        raw = encode("x", [TileFeature(row, tags([]), **piece) for row, piece in pieces])
        assert len(decode(raw)["x"].features) == len(pieces)


corner = st.tuples(st.floats(7, 9), st.floats(44, 46))
steps = st.tuples(*[st.floats(-1, 1)] * 2)
scale = st.sampled_from([1e-6, 1e-4, 1e-2, 1])


@settings(max_examples=300, deadline=None)
@given(at=corner, by=st.lists(steps, min_size=3, max_size=24), size=scale, zoom=st.integers(0, 12))
def test_any_areas_become_valid_tiles(at, by, size, zoom):
    """Whatever its shape: plain, folded by rounding, in parts, or too small to see."""
    ring = [(at[0] + x * size, at[1] + y * size) for x, y in by]
    shape = shapely.make_valid(shapely.Polygon(ring))
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
    assume(parts)
    tiles = cut([shapely.MultiPolygon(parts)], zoom)
    assert tiles
    for ((row, piece),) in tiles.values():
        (found,) = decode(encode("x", [TileFeature(row, tags([]), **piece)]))["x"].features
        assert found.parts == piece["polygons"]
        assert polygons(piece).is_valid


@settings(max_examples=200, deadline=None)
@given(at=corner, by=st.lists(steps, min_size=3, max_size=9), size=scale, zoom=st.integers(0, 12))
def test_plain_outlines_are_those_that_geos_rounds(at, by, size, zoom):
    """What is drawn without GEOS is what GEOS makes of it, and hexagons are drawn without it."""
    ring = shapely.Polygon([(at[0] + x * size, at[1] + y * size) for x, y in by])
    assume(ring.is_valid and ring.area > 0)
    areas = tiling.to_world(np.array([ring, polygon(h3.latlng_to_cell(at[1], at[0], 8))]))
    assert is_plain(areas, tiling.FEW).all()
    outlines, of = Plain(areas).snapped(EXTENT << zoom)
    assert zoom < 7 or 1 in of
    expected, _ = tiling._outlines(tiling.snap(areas[of], zoom))
    assert outlines.places.tolist() == expected.places.tolist()
    assert outlines.rings.tolist() == expected.rings.tolist()


def test_hexagons_share_their_snapped_vertices_exactly():
    shapes = tiling.to_world(rows_of(named("celle_r8")).geometry)
    for zoom in (6, 9, 12):
        snapped = tiling.snap(shapes, zoom)
        assert shapely.coverage_is_valid(snapped)


def test_neighbouring_areas_keep_their_common_border():
    t = named("aree")
    both = t.frame.set_index("id").geometry.loc[["ovest", "est"]].to_numpy()
    for zoom in (9, 12):
        west, east = tiling.snap(tiling.to_world(both), zoom)
        assert shapely.intersection(west, east).area <= 2
        assert shapely.is_valid([west, east]).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), zoom=st.integers(6, 12))
def test_any_valid_area_is_cut_into_pieces_of_its_own_size(seed, zoom):
    rng = np.random.default_rng(seed)
    shape = shapely.concave_hull(
        shapely.MultiPoint(np.column_stack((rng.uniform(8, 9, 60), rng.uniform(45, 46, 60)))),
        ratio=0.3,
    )
    (there,) = tiling.snap(tiling.to_world(np.array([shape])), zoom)
    frame = shapely.box(0, 0, EXTENT, EXTENT)
    total = 0.0
    for ((row, piece),) in cut([shape], zoom).values():
        assert row == 0
        total += polygons(piece).intersection(frame).area
        low, _, _, high = polygons(piece).bounds
        assert low >= -tiling.BUFFER
        assert high <= EXTENT + tiling.BUFFER
    assert total == pytest.approx(there.area, abs=there.length + 4)


def test_what_is_far_larger_than_a_tile_is_clipped_though_it_has_few_vertices():
    tiles = cut([shapely.box(7, 44, 9, 46)], 12)
    assert len(tiles) > 400
    for ((_, piece),) in tiles.values():
        at = shapely.get_coordinates(polygons(piece))
        assert at.min() >= -tiling.BUFFER
        assert at.max() <= EXTENT + tiling.BUFFER


def test_an_area_is_cut_alike_however_its_rings_are_written():
    parts = [shapely.box(8.0, 45.0, 9.1, 45.9) - shapely.box(8.3, 45.2, 8.4, 45.3), OCTAGON]
    turned = [
        shapely.Polygon(begun(part.exterior), [begun(hole) for hole in part.interiors])
        for part in reversed(parts)
    ]
    assert cut([shapely.MultiPolygon(parts)], 10) == cut([shapely.MultiPolygon(turned)], 10)
    assert cut(parts[1:], 10) == cut(turned[:1], 10)


OCTAGON = shapely.Point(9.3, 45.4).buffer(0.1, quad_segs=2)


def begun(ring):
    """Return a ring the other way round, from its third vertex."""
    places = list(ring.coords)[:-1]
    return (places[2:] + places[:2])[::-1]


def test_areas_of_one_outline_are_cut_once_and_shown_each(monkeypatch):
    disk = h3.grid_disk(h3.latlng_to_cell(45.3, 8.4, 8), 3)
    town, other = footprint(sorted(disk)), polygon(min(disk))
    clipped = []
    real = tiling.snap
    monkeypatch.setattr(
        tiling, "snap", lambda areas, zoom: clipped.append(len(areas)) or real(areas, zoom)
    )
    shown = cut([town, other, None, town, other.centroid, town], 9)
    assert clipped == [1]
    assert {row for pieces in shown.values() for row, _ in pieces} == {0, 1, 3, 4, 5}
    for pieces in shown.values():
        assert [row for row, _ in pieces if row != 1] in ([0, 3, 5], [0, 3, 5, 4])
        shapes = dict(pieces)
        assert shapes[0] == shapes[3] == shapes[5]
