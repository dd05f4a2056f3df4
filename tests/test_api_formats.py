"""Every format of a query holds what GeoJSON holds, as GDAL, Arrow and readers of CSV see it."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from dataclasses import replace

import geopandas as gpd
import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
import shapely
from api_release import NAUGHTY, layers
from hypothesis import given, settings
from hypothesis import strategies as st
from read_formats import expected, read, system_of, unharmed

from api.features.crs import CRS84, SUPPORTED
from api.features.encode import decoded
from api.features.engine import open_collection, select
from api.features.formats import found as pieces
from api.features.formats import jsonfg
from api.features.formats.csv_table import harmless
from api.features.formats.media import offered
from api.features.formats.writers import WRITERS, found_by
from api.features.query import FeatureQuery, sortables
from geo_core.formats.fragments import Fragments

FORMATS = (*WRITERS, "jsonfg")
PLACED = ("csv", "csv-it", "fgb", "gpkg", "parquet")
LAYERS = {layer.id: layer for layer in layers()}
ALL = FeatureQuery(limit=10_000)


@pytest.fixture(scope="module")
def collections(small_release):
    opened = {layer.id: open_collection(small_release, layer.id) for layer in layers()}
    return lambda ident: opened[ident]


def written(f, collection, query=ALL):
    rows = select(collection, query).rows
    found = found_by(query, collection, rows, f=f, lang="it")
    if f == "jsonfg":
        return b"".join(jsonfg.feature_collection(found, head={}, schema="x", plus=False))
    return b"".join(WRITERS[f](found))


def has(collection, f):
    return f in {media.f for media in offered(collection.layer)}


def features_of(collection, query=ALL):
    """Return features as GeoJSON, complete, in the order of a query."""
    return decoded(collection, select(collection, query).rows.tolist(), ALL)


def shown(features):
    """Return features so that 1 and True differ, and two ways to write a place do not.

    The reader of WKT is wrong by the last bit of a number now and then.
    """
    return [
        (
            sorted((name, repr(value)) for name, value in values.items()),
            place and shapely.to_wkt(shapely.from_wkb(place), rounding_precision=12),
        )
        for values, place in features
    ]


# --- the values


@st.composite
def queries(draw):
    """Yield a collection and a query: a place, an order, a page, some fields."""
    layer = LAYERS[draw(st.sampled_from(tuple(LAYERS)))]
    west, south = draw(st.floats(7.9, 8.9)), draw(st.floats(44.9, 45.6))
    area = shapely.box(west, south, west + draw(st.floats(0, 1)), south + 0.5)
    signed = st.tuples(st.sampled_from(("", "-")), st.sampled_from(sortables(layer)))
    names = st.sets(st.sampled_from(layer.field_names)).map(lambda s: tuple(sorted(s)))
    return layer.id, FeatureQuery(
        limit=draw(st.integers(1, 70)),
        offset=draw(st.sampled_from((0, 0, 7))),
        area=draw(st.none() | st.just(area)),
        sort=draw(st.lists(signed.map("".join), max_size=2).map(tuple)),
        properties=draw(st.none() | names),
    )


@pytest.mark.parametrize("f", FORMATS)
@settings(max_examples=12, deadline=None)
@given(asked=queries())
def test_every_format_answers_a_query_as_geojson_does(collections, f, asked):
    ident, query = asked
    collection = collections(ident)
    if not has(collection, f):
        return
    chosen = collection.layer.field_names if query.properties is None else query.properties
    names = {"id", "h3" if f.startswith("h3") else "id", *chosen}
    whole = expected(features_of(collection, query), f)
    kept = [({n: v for n, v in values.items() if n in names}, place) for values, place in whole]
    assert shown(read(written(f, collection, query), f, collection.layer)) == shown(kept)


TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=9)
VALUES = {
    "text": TEXTS | st.sampled_from(("=1+1", "'=1", "-5", "+39", "@a", "", " ", "\t", "a;b")),
    "date": st.dates().map(lambda day: day.isoformat()),
    "integer": st.integers(-(2**63), 2**63 - 1),
    # SQLite has no negative zero.
    "number": st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0),
    "boolean": st.booleans(),
    "codes": st.lists(st.sampled_from(("a", "b'", 'c"'))),
}
CELLS = st.sampled_from(("881f983847fffff", "8f283473fffffff", "800bfffffffffff"))
COORDINATES = st.floats(-179, 179).map(lambda x: round(x, 7))


@st.composite
def areas(draw):
    """Yield one or two squares, the first with a hole perhaps."""
    x, y = draw(st.floats(-170, 170)), draw(st.floats(-80, 80))
    square = shapely.box(x, y, x + 3, y + 3)
    if draw(st.booleans()):
        square = square.difference(shapely.box(x + 1, y + 1, x + 2, y + 2))
    more = [shapely.box(x + 5, y, x + 6, y + 1)] if draw(st.booleans()) else []
    return shapely.MultiPolygon([shapely.set_precision(p, 1e-7) for p in (square, *more)])


def invented(draw, collection):
    """Return the collection with other features: any values, of any shape it may have."""
    layer = collection.layer
    shape = (
        st.builds(shapely.Point, COORDINATES, COORDINATES) if layer.geometry == "Point" else areas()
    )
    number = draw(st.integers(0, 5))
    shapes = [draw(st.none() | shape) for _ in range(number)]
    rows = [
        {
            f.name: draw(st.none() | (CELLS if f.name == "h3" else VALUES[f.type]))
            for f in layer.fields
        }
        | {"id": f"n{i}"}
        for i in range(number)
    ]
    lines = [
        orjson.dumps(
            {
                "type": "Feature",
                "id": row["id"],
                "geometry": place and orjson.Fragment(shapely.to_geojson(place)),
                "properties": row,
            }
        )
        + b"\n"
        for row, place in zip(rows, shapes, strict=True)
    ]
    ends = np.cumsum([0, *map(len, lines)]).tolist()
    made = np.array([*shapes, None], dtype=object)[:-1]
    return replace(collection, fragments=Fragments(b"".join(lines), ends), shapes=made), number


@pytest.mark.parametrize("f", FORMATS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_format_holds_any_value(collections, f, data):
    ident = "celle" if f.startswith("h3") else data.draw(st.sampled_from(("luoghi", "celle")))
    collection, number = invented(data.draw, collections(ident))
    rows = np.arange(number)
    found = found_by(ALL, collection, rows, f=f, lang="en")
    if f == "jsonfg":
        body = b"".join(jsonfg.feature_collection(found, head={}, schema="x", plus=False))
    else:
        body = b"".join(WRITERS[f](found))
    features = [orjson.loads(collection.fragments[row]) for row in range(number)]
    assert shown(read(body, f, collection.layer)) == shown(expected(features, f))


def test_pieces_join_without_a_seam(collections, monkeypatch):
    for f in FORMATS:
        once = read(written(f, collections("celle")), f, LAYERS["celle"])
        with monkeypatch.context() as patched:
            for module in (pieces, jsonfg):
                patched.setattr(module, "PIECE", 7)
            body = written(f, collections("celle"))
        assert shown(read(body, f, LAYERS["celle"])) == shown(once)


@pytest.mark.parametrize("f", FORMATS)
def test_nothing_found_is_a_whole_file(collections, f):
    nowhere = FeatureQuery(limit=10, area=shapely.box(0, 0, 1, 1))
    assert read(written(f, collections("celle"), nowhere), f, LAYERS["celle"]) == []


@pytest.mark.parametrize("f", FORMATS)
def test_the_same_question_gives_the_same_bytes(collections, f):
    assert written(f, collections("celle")) == written(f, collections("celle"))


# --- places


@pytest.mark.parametrize("crs", SUPPORTED[1:])
@pytest.mark.parametrize("f", PLACED)
def test_coordinates_of_files_have_east_first_in_every_system(collections, f, crs):
    query = FeatureQuery(limit=3, crs=crs, sort=("id",))
    found = read(written(f, collections("luoghi"), query), f, LAYERS["luoghi"])
    place = shapely.from_wkb(found[1][1])
    east = gpd.GeoSeries([shapely.Point(8.1, 45)], crs=4326).to_crs(crs.rsplit("/", 1)[1])[0]
    assert (place.x, place.y) == pytest.approx((east.x, east.y), abs=2e-3)


def test_files_name_their_system(collections):
    for crs in SUPPORTED:
        query = FeatureQuery(limit=3, crs=crs)
        code = "EPSG:4326" if crs == CRS84 else f"EPSG:{crs.rsplit('/', 1)[1]}"
        for f in ("fgb", "gpkg"):
            assert system_of(written(f, collections("luoghi"), query), f) == code
        table = gpd.read_parquet(io.BytesIO(written("parquet", collections("luoghi"), query)))
        assert table.crs.to_string() == (code if crs != CRS84 else "OGC:CRS84")


def test_json_fg_puts_other_systems_in_place(collections):
    query = FeatureQuery(limit=3, crs=SUPPORTED[1], sort=("id",))
    rows = select(collections("luoghi"), query).rows
    found = found_by(query, collections("luoghi"), rows, f="jsonfg", lang="it")
    for plus in (False, True):
        body = json.loads(
            b"".join(jsonfg.feature_collection(found, head={}, schema="x", plus=plus))
        )
        one = body["features"][1]
        assert body["coordRefSys"] == SUPPORTED[1]
        assert one["place"] == {"type": "Point", "coordinates": [45.0, 8.1]}
        assert one["geometry"] == ({"type": "Point", "coordinates": [8.1, 45.0]} if plus else None)


def test_json_fg_says_when_a_feature_is_valid(collections):
    body = json.loads(
        written("jsonfg", collections("luoghi"), FeatureQuery(limit=60, sort=("id",)))
    )
    times = [one["time"] for one in body["features"]]
    assert times[0] == {"interval": ["..", "2015-12-31"]}
    assert times[1] == {"interval": ["2011-01-01", ".."]}
    assert times[3] == {"interval": ["2013-01-01", "2018-12-31"]}
    assert {"interval": ["..", ".."]} not in times


# --- what is particular to a format


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+39 0161",
        "-",
        "@SUM(A1)",
        "\ta",
        "\ra",
        "\n=1",
        "\uff1d1",
        "\uff20A1",
        "'=1",
        "''-",
    ],
)
def test_formulas_are_made_harmless_and_can_be_restored(text):
    assert harmless(text) == f"'{text}"
    assert unharmed(harmless(text)) == text


@pytest.mark.parametrize("text", ["età < 18 & co", "", " =1", "a=1", "'a", "'", "<5", 'a"b', "à-b"])
def test_other_texts_stay_as_they_are(text):
    assert harmless(text) == text == unharmed(text)


def test_a_negative_number_is_no_formula(collections):
    collection = collections("celle")
    line = collection.fragments[0].replace(b'"indice":', b'"indice":-')
    one = replace(collection, fragments=Fragments(line + b"\n", [0, len(line) + 1]))
    body = b"".join(WRITERS["h3csv"](found_by(ALL, one, np.array([0]), f="h3csv", lang="it")))
    value = json.loads(line)["properties"]["indice"]
    assert value < 0
    assert f",{value!r},".encode() in body


def test_texts_stand_in_csv_byte_for_byte(collections):
    body = written("csv", collections("luoghi")).decode()
    for text in NAUGHTY:
        assert ('"' + harmless(text).replace('"', '""') + '"') in body
    assert '"età < 18 & co"' in body


def test_a_table_of_cells_has_the_cell_as_text_and_number(collections):
    table = pq.read_table(io.BytesIO(written("h3parquet", collections("celle"))))
    assert table.column_names[:2] == ["h3", "h3_index"]
    assert "geometry" not in table.column_names
    cells, numbers = table["h3"].to_pylist(), table["h3_index"].to_pylist()
    assert [int(cell, 16) for cell in cells] == numbers


def test_only_layers_with_cells_have_tables_of_cells_and_only_placed_ones_flatgeobuf(collections):
    assert [ident for ident in LAYERS if has(collections(ident), "h3csv")] == ["celle"]
    assert [ident for ident in LAYERS if has(collections(ident), "fgb")] == ["luoghi", "celle"]


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="Debian's gdal-bin is not installed")
@pytest.mark.parametrize("f", ["fgb", "gpkg"])
def test_the_gdal_of_the_distribution_reads_the_files(collections, f, tmp_path):
    for ident in ("luoghi", "celle"):
        file = tmp_path / f"{ident}.{f}"
        file.write_bytes(written(f, collections(ident)))
        said = subprocess.run(
            ["ogrinfo", "-ro", "-al", "-so", file], capture_output=True, text=True, check=True
        )
        assert said.stderr == ""
        assert f"Feature Count: {collections(ident).info.count}" in said.stdout
        assert "Geometry: " + ("Point" if ident == "luoghi" else "Multi Polygon") in said.stdout
        assert all(f"{name}: " in said.stdout for name in LAYERS[ident].field_names)
