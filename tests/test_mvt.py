"""The tile encoder and the cutting of collections, held against a strict decoder."""

from __future__ import annotations

import json

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from strict_mvt import POLYGON, decode
from tiles_release import layer, named, table

from geo_core.errors import ReleaseError
from geo_core.formats import pmtiles, tiling, vector_tiles
from geo_core.formats.mvt import EXTENT, TileFeature, encode, feature_id, tags
from geo_core.formats.rows import rows_of
from geo_core.model.mercator import MAX_LATITUDE, WORLD, metres, tile_range, world
from geo_core.model.zooms import shown_at

positions = st.tuples(st.integers(-64, EXTENT + 64), st.integers(-64, EXTENT + 64))
rings = st.lists(positions, min_size=1, max_size=8)
polygons = st.lists(st.lists(rings, min_size=1, max_size=3), min_size=1, max_size=3)
scalars = st.one_of(
    st.none(),
    st.text(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.text(), max_size=3),
)
properties = st.dictionaries(st.text(min_size=1), scalars, max_size=5)


def one(feature: TileFeature):
    (found,) = decode(encode("prova", [feature]))["prova"].features
    return found


@given(shape=polygons)
def test_any_polygons_become_a_valid_tile(shape):
    found = one(TileFeature(7, tags([]), polygons=shape))
    assert found.kind == POLYGON
    assert found.parts


@given(shape=st.lists(positions, min_size=1, max_size=5))
def test_points_come_back(shape):
    assert one(TileFeature(7, tags([]), points=shape)).parts == shape


@given(rows=st.lists(properties, min_size=1, max_size=4))
def test_properties_come_back_with_their_types(rows):
    features = [TileFeature(i, tags(row.items()), points=[(1, 2)]) for i, row in enumerate(rows)]
    found = decode(encode("prova", features))["prova"].features
    for row, feature in zip(rows, found, strict=True):
        expected = {
            k: json.dumps(v, ensure_ascii=False, separators=(",", ":"))
            if isinstance(v, list)
            else v
            for k, v in row.items()
            if v is not None
        }
        assert {
            k: (type(v), v) for k, v in feature.properties.items() if not isinstance(row[k], list)
        } == {k: (type(v), v) for k, v in expected.items() if not isinstance(row[k], list)}
        assert all(
            json.loads(feature.properties[k]) == row[k] for k in row if isinstance(row[k], list)
        )


def test_the_sign_of_zero_does_not_depend_on_what_was_encoded_before():
    (plain,), (negative,) = (tags([("a", value)]).values for value in (0.0, -0.0))
    assert plain[-8:] == bytes(8)
    assert negative[-8:] == bytes(7) + b"\x80"


def test_the_common_decoder_reads_it_too():
    feature = TileFeature(
        9,
        tags({"n": -3, "x": 0.5, "ok": True, "nome": "è"}.items()),
        polygons=[[[(0, 0), (9, 0), (9, 9)]]],
    )
    found = mapbox_vector_tile.decode(encode("prova", [feature]))["prova"]["features"][0]
    assert found["id"] == 9
    assert found["properties"] == {"n": -3, "x": 0.5, "ok": True, "nome": "è"}


def test_a_polygon_too_small_for_the_grid_is_the_smallest_square():
    found = one(TileFeature(1, tags([]), polygons=[[[(5, 6), (5, 6), (5, 6)]]]))
    assert shapely.Polygon(found.parts[0][0]).equals(shapely.box(5, 6, 6, 7))


def test_no_feature_gives_an_empty_tile_and_a_repeated_one_stops_the_build():
    assert encode("prova", []) == b""
    twice = TileFeature(1, tags([]), points=[(0, 0)])
    with pytest.raises(ReleaseError, match="twice"):
        encode("prova", [twice, twice])
    with pytest.raises(ReleaseError, match="geometry"):
        encode("prova", [TileFeature(1, tags([]))])


def test_the_feature_id_is_52_bits_of_the_hash():
    assert feature_id("abc") == 0xBA7816BF8F01C
    assert feature_id("abc") < 2**52


@given(lon=st.floats(-180, 180), lat=st.floats(-85, 85), zoom=st.integers(0, 14))
def test_world_coordinates_are_those_of_the_web_map(lon, lat, zoom):
    ((x, y),) = world(np.array([[lon, lat]])) * 2**zoom
    within = tile_range((lon, lat, lon, lat), zoom)
    last = 2**zoom - 1
    assert (within.min_x, within.min_y) == (min(int(x), last), min(int(y), last))
    assert (within.min_x, within.min_y) in within
    assert (within.min_x + 1, within.min_y) not in within


def test_the_corners_of_the_world():
    assert world(np.array([[-180.0, MAX_LATITUDE], [180.0, -MAX_LATITUDE]])) == pytest.approx(
        np.array([[0.0, 0.0], [1.0, 1.0]]), abs=1e-12
    )
    east_north = metres(np.array([[180.0, 89.0]]))
    assert east_north == pytest.approx(np.array([[20037508.342789244] * 2]))
    assert tile_range(WORLD, 3).max_x == 7


@pytest.mark.parametrize(
    ("zoom", "resolutions", "shown"),
    [
        (6, (6, 7, 8), 6),
        (8, (6, 7, 8), 6),
        (9, (6, 7, 8), 7),
        (10, (6, 7, 8), 7),
        (11, (6, 7, 8), 8),
        (6, (7, 8), 7),
        (12, (6, 7), 7),
        (9, (6, 8), 6),
        (14, (6,), 6),
    ],
)
def test_a_theme_shows_the_resolution_that_fits_the_zoom(zoom, resolutions, shown):
    assert shown_at(zoom, resolutions) == shown


def tiles_of(ident: str, folder):
    """Return the decoded tiles of one tileset: (zoom, x, y) to layer."""
    path = folder / f"{ident}.pmtiles"
    if not path.exists():
        vector_tiles.write(named(ident), path)
    archive = pmtiles.open_archive(path)
    return {key: decode(pmtiles.inflate(archive.get(*key)))[ident] for key in archive}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tiles")


def expected(ident: str) -> dict:
    """Return the properties that a tile must have, by feature id."""
    rows = rows_of(named(ident))
    out = {}
    for i, name in enumerate(rows.ids):
        if rows.geometry[i] is None:
            continue
        values = {field: column[i] for field, column in rows.columns.items()}
        out[feature_id(name)] = {
            k: json.dumps(v, separators=(",", ":")) if isinstance(v, list) else v
            for k, v in values.items()
            if v is not None
        }
    return out


@pytest.mark.parametrize("ident", ["punti", "aree", "celle_r6", "celle_r7", "celle_r8"])
def test_every_zoom_holds_exactly_the_features(folder, ident):
    tiles = tiles_of(ident, folder)
    zooms = layer(ident).zooms
    for zoom in range(zooms.min, zooms.max + 1):
        here = [t for (z, _, _), t in tiles.items() if z == zoom]
        found = {f.id: f.properties for t in here for f in t.features}
        assert found == expected(ident)
        assert all(t.extent == EXTENT for t in here)


@pytest.mark.parametrize("ident", ["punti", "aree", "celle_r8"])
def test_nothing_lies_beyond_the_buffer(folder, ident):
    low, high = -tiling.BUFFER - 1, EXTENT + tiling.BUFFER + 1
    for tile in tiles_of(ident, folder).values():
        for feature in tile.features:
            at = shapely.get_coordinates([shapely.MultiPoint(p) for p in _positions(feature)])
            assert at.min() >= low
            assert at.max() <= high


def _positions(feature):
    if feature.kind != POLYGON:
        return [feature.parts]
    return [ring for polygon in feature.parts for ring in polygon]


def global_shapes(tiles, zoom: int) -> dict[int, list]:
    """Return the pieces of each feature on the zoom's grid, cut to the tiles without buffer."""
    out: dict[int, list] = {}
    for (z, x, y), tile in tiles.items():
        if z != zoom:
            continue
        frame = shapely.box(x * EXTENT, y * EXTENT, (x + 1) * EXTENT, (y + 1) * EXTENT)
        for feature in tile.features:
            parts = [shapely.Polygon(p[0], p[1:]) for p in feature.parts]
            at = np.array([x * EXTENT, y * EXTENT])
            moved = shapely.transform(np.array(parts), lambda c, at=at: c + at)
            assert shapely.is_valid(moved).all()
            out.setdefault(feature.id, []).extend(shapely.intersection(moved, frame))
    return out


@pytest.mark.parametrize("ident", ["celle_r6", "celle_r7", "celle_r8"])
@pytest.mark.parametrize("zoom", [6, 9, 12])
def test_hexagons_meet_without_gaps_or_overlaps(folder, ident, zoom):
    """Cut into tiles and put together again, they are a tessellation on the zoom's grid."""
    pieces = global_shapes(tiles_of(ident, folder), zoom)
    shapes = [shapely.union_all(parts) for parts in pieces.values()]
    apart = sum(shapely.area(shape) for shape in shapes)
    together = shapely.union_all(shapes)
    # Where a clip crosses an edge its new vertex is rounded, by half a unit at most.
    crossings = sum(len(parts) - 1 for parts in pieces.values())
    side = max(shape.length for shape in shapes) / 6
    assert abs(apart - together.area) <= crossings * side
    assert together.geom_type == "Polygon"
    assert not together.interiors


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
    within = tile_range(shapely.bounds(shape).tolist(), zoom)
    (there,) = tiling.snap(tiling.to_world(np.array([shape])), zoom)
    tiles = tiling.cut_polygons(tiling.to_world(np.array([shape])), within)
    total = 0.0
    for pieces in tiles.values():
        ((row, parts),) = pieces
        assert row == 0
        frame = shapely.box(0, 0, EXTENT, EXTENT)
        total += sum(shapely.Polygon(p[0], p[1:]).intersection(frame).area for p in parts)
    assert total == pytest.approx(there.area, abs=there.length + 4)


def test_an_area_is_cut_alike_however_its_rings_are_written():
    parts = [shapely.box(8.0, 45.0, 9.1, 45.9) - shapely.box(8.3, 45.2, 8.4, 45.3), OCTAGON]
    turned = [
        shapely.Polygon(begun(part.exterior), [begun(hole) for hole in part.interiors])
        for part in reversed(parts)
    ]
    assert cut_at(parts, 10) == cut_at(turned, 10)


OCTAGON = shapely.Point(9.3, 45.4).buffer(0.1, quad_segs=2)


def begun(ring):
    """Return a ring the other way round, from its third vertex."""
    places = list(ring.coords)[:-1]
    return (places[2:] + places[:2])[::-1]


def cut_at(parts, zoom):
    whole = shapely.MultiPolygon(parts)
    return tiling.cut_polygons(tiling.to_world(np.array([whole])), tile_range(whole.bounds, zoom))


def test_a_lost_feature_stops_the_build(monkeypatch, tmp_path):
    monkeypatch.setattr(vector_tiles, "cut_points", lambda *_: {})
    with pytest.raises(ReleaseError, match="in no tile"):
        vector_tiles.write(named("punti"), tmp_path / "p.pmtiles")


def test_two_features_of_one_tile_id_stop_the_build(monkeypatch, tmp_path):
    monkeypatch.setattr("geo_core.formats.mvt.feature_id", lambda _: 1)
    with pytest.raises(ReleaseError, match="same id"):
        vector_tiles.write(named("punti"), tmp_path / "p.pmtiles")


def test_a_point_on_the_edge_of_a_tile_is_in_it(tmp_path):
    vector_tiles.write(table("punti", {"a": shapely.Point(0, 0)}), tmp_path / "p.pmtiles")
    archive = pmtiles.open_archive(tmp_path / "p.pmtiles")
    assert (6, 32, 32) in set(archive)
