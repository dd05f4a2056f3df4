"""The tile encoder, held against a strict decoder and a plainer encoder."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from plain_mvt import TileFeature, area, tags
from plain_mvt import encode as encode_plainly
from pmtiles.reader import MemorySource, all_tiles
from strict_mvt import POINT, POLYGON, decode
from tiles_release import layer, named, table

from geo_core.errors import ReleaseError
from geo_core.formats import mvt, pmtiles, vector_tiles
from geo_core.formats.mvt import EXTENT, Pieces, encode, properties
from geo_core.formats.outlines import Outlines
from geo_core.formats.rows import rows_of
from geo_core.model.mercator import MAX_LATITUDE, WORLD, metres, tile_range, world
from geo_core.model.zooms import shown_at

positions = st.tuples(st.integers(-64, EXTENT + 64), st.integers(-64, EXTENT + 64))


def apart(ring):
    return area(ring) != 0 and all(a != b for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


rings = st.lists(positions, min_size=3, max_size=7).filter(apart)
outlines = st.one_of(
    positions.map(lambda at: [[at]]),
    st.lists(rings, min_size=1, max_size=4),
)
numbers = st.integers(-(2**62), 2**62)
columns = st.one_of(
    *(
        st.lists(st.none() | values, min_size=6, max_size=6)
        for values in (
            st.text(),
            st.booleans(),
            numbers,
            st.integers(0, 2),
            st.floats(allow_nan=False, allow_infinity=False),
            st.lists(st.text(), max_size=3),
        )
    )
)
tables = st.dictionaries(st.text(min_size=1), columns, max_size=5)


def wound(shape):
    """Wind the first ring as an exterior, the others as they are."""
    first, *others = shape
    return [first[::-1] if area(first) < 0 else first, *others]


def flat(shapes) -> Outlines:
    """Return outlines, lists of rings, as arrays."""
    every = [ring for shape in shapes for ring in shape]
    places = np.array([at for ring in every for at in ring], np.int64).reshape(-1, 2).T
    return Outlines(places, np.array([len(r) for r in every]), np.array([len(s) for s in shapes]))


def pieces(counts, rows, shapes) -> Pieces:
    rows = np.array(rows, np.int64)
    return Pieces(np.array(counts), rows, flat(shapes))


def tiles_of_one(shape, said=None) -> list:
    """Return the features of a tile with one feature of this outline."""
    (raw,) = encode("prova", pieces([1], [0], [shape]), properties(said or {"a": ["x"]}))
    return decode(raw)["prova"].features


def as_feature(row, shape, said) -> TileFeature:
    own = tags((key, column[row]) for key, column in said.items())
    if len(shape[0]) == 1:
        return TileFeature(None, own, points=shape[0])
    return TileFeature(None, own, polygons=[shape])


@pytest.mark.parametrize("at_once", [1, 2, mvt._AT_ONCE])
@given(said=tables, shapes=st.lists(outlines, min_size=6, max_size=6), data=st.data())
def test_bytes_are_those_of_a_plain_encoder(at_once, said, shapes, data):
    """Three tiles, of which any two may share features, in pieces of any size."""
    said = {k: [v + 0.0 if isinstance(v, float) else v for v in c] for k, c in said.items()}
    said = said or {"a": [None] * 6}
    shapes = [wound(shape) for shape in shapes]
    some = st.lists(st.integers(0, 5), min_size=1, unique=True)
    rows = data.draw(st.tuples(some, some, some))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mvt, "_AT_ONCE", at_once)
        every = [row for of in rows for row in of]
        shown = pieces([len(of) for of in rows], every, [shapes[row] for row in every])
        made = list(encode("prova", shown, properties(said)))
    assert made == [
        encode_plainly("prova", [as_feature(row, shapes[row], said) for row in of]) for of in rows
    ]


@given(said=tables, at=positions)
def test_properties_come_back_with_their_types(said, at):
    assume(said)
    rows = list(range(6))
    (raw,) = encode("prova", pieces([6], rows, [[[at]]] * 6), properties(said))
    for row, feature in enumerate(decode(raw)["prova"].features):
        assert (feature.kind, feature.parts) == (POINT, [at])
        expected = {k: column[row] for k, column in said.items() if column[row] is not None}
        found = {
            k: json.loads(v) if isinstance(expected[k], list) else v
            for k, v in feature.properties.items()
        }
        assert {k: (type(v), v) for k, v in found.items()} == {
            k: (type(v), v) for k, v in expected.items()
        }


def test_a_zero_has_no_sign():
    assert properties({"a": [0.0]}).values == properties({"a": [-0.0]}).values


def test_the_common_decoder_reads_it_too():
    said = {"n": [-3], "x": [0.5], "ok": [True], "nome": ["è"]}
    (raw,) = encode("prova", pieces([1], [0], [[[(0, 0), (9, 0), (9, 9)]]]), properties(said))
    found = mapbox_vector_tile.decode(raw)["prova"]["features"][0]
    assert not found.get("id")
    assert found["properties"] == {"n": -3, "x": 0.5, "ok": True, "nome": "è"}


SQUARE = [(0, 0), (9, 0), (9, 9), (0, 9)]
INSIDE = [(2, 2), (2, 5), (5, 5)]


def test_a_hole_is_one():
    (found,) = tiles_of_one([SQUARE, INSIDE])
    assert (found.kind, found.parts) == (POLYGON, [[SQUARE, INSIDE]])


@pytest.mark.parametrize(
    "shape",
    [
        [SQUARE[::-1]],
        [[(0, 0), (9, 0)]],
        [[(0, 0), (4, 4), (9, 9)]],
        [[*SQUARE, (0, 0)]],
        [[*SQUARE[:2], *SQUARE[1:]]],
        [SQUARE, [(1, 1), (2, 2), (3, 3)]],
    ],
    ids=["turned", "two", "flat", "closed", "again", "flat hole"],
)
def test_an_outline_that_is_not_valid_stops_the_build(shape):
    with pytest.raises(ReleaseError, match="not valid"):
        tiles_of_one(shape)


def test_no_tile_gives_none_and_a_repeated_feature_stops_the_build():
    assert list(encode("prova", pieces([], [], []), properties({"a": []}))) == []
    said = properties({"a": [1, 2]})
    assert len(list(encode("prova", pieces([1, 1], [1, 1], [[[(0, 0)]]] * 2), said))) == 2
    with pytest.raises(ReleaseError, match="twice"):
        list(encode("prova", pieces([2], [1, 1], [[[(0, 0)]]] * 2), said))


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
        out[name] = {
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
        found = {f.properties["id"]: f.properties for t in here for f in t.features}
        assert found == expected(ident)
        assert all(t.extent == EXTENT for t in here)


def test_a_lost_feature_stops_the_build(monkeypatch, tmp_path):
    within = vector_tiles.tile_range
    elsewhere = (9.0, 45.0, 9.1, 45.1)
    monkeypatch.setattr(vector_tiles, "tile_range", lambda _, zoom: within(elsewhere, zoom))
    with pytest.raises(ReleaseError, match="in no tile"):
        vector_tiles.write(named("punti"), tmp_path / "p.pmtiles")


def test_a_point_on_the_edge_of_a_tile_is_in_it(tmp_path):
    vector_tiles.write(table("punti", {"a": shapely.Point(0, 0)}), tmp_path / "p.pmtiles")
    archive = pmtiles.open_archive(tmp_path / "p.pmtiles")
    assert (6, 32, 32) in set(archive)


@pytest.mark.parametrize("threads", [1, 7])
def test_bytes_do_not_depend_on_how_many_threads_pack(folder, monkeypatch, tmp_path, threads):
    real = vector_tiles.ThreadPoolExecutor
    monkeypatch.setattr(vector_tiles, "ThreadPoolExecutor", lambda: real(threads))
    vector_tiles.write(named("celle_r8"), tmp_path / "c.pmtiles")
    tiles_of("celle_r8", folder)
    assert (tmp_path / "c.pmtiles").read_bytes() == (folder / "celle_r8.pmtiles").read_bytes()


WRITE = """
import sys
from pathlib import Path
from tiles_release import named
from geo_core.formats import vector_tiles
vector_tiles.write(named(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("ident", ["punti", "aree", "celle_r7"])
def test_bytes_do_not_depend_on_the_process(folder, tmp_path, ident):
    tiles_of(ident, folder)
    path = os.pathsep.join(sys.path)
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", WRITE, ident, str(tmp_path / seed)],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            check=True,
        )
        assert (tmp_path / seed).read_bytes() == (folder / f"{ident}.pmtiles").read_bytes()


def test_every_tile_of_the_demonstration_is_valid(demo_release):
    assert demo_release.manifest.tilesets
    for tileset in demo_release.manifest.tilesets:
        source = MemorySource(demo_release.path(tileset.path).read_bytes())
        for (zoom, x, y), packed in all_tiles(source):
            ((name, tile),) = decode(pmtiles.inflate(packed)).items()
            assert (name, tile.version, tile.extent) == (tileset.id, 2, EXTENT)
            assert all(f.kind in {POINT, POLYGON} for f in tile.features)
            assert all(f.id is None for f in tile.features)
            ids = [f.properties["id"] for f in tile.features]
            assert len(set(ids)) == len(ids)
            assert (x, y) in tile_range(tileset.bounds, zoom)
