"""The query engine against an oracle that reads the encoded features one by one."""

from __future__ import annotations

from functools import cmp_to_key

import orjson
import pytest
import shapely
from api_release import PLACES, layers
from hypothesis import given, settings
from hypothesis import strategies as st

from api.features.crs import CRS84, SUPPORTED, area_in_crs84, project
from api.features.encode import decoded
from api.features.engine import PERIODS, open_collection, select
from api.features.query import FeatureQuery, Limits, read_feature_query, sortables
from geo_core.errors import InvalidParameter, ReleaseDamaged
from geo_core.release.read import Release

LIMITS = Limits(default=1000, maximum=10_000)
IDS = tuple(layer.id for layer in layers())


@pytest.fixture(scope="module")
def collections(small_release):
    return {ident: open_collection(small_release, ident) for ident in IDS}


def features(collection):
    return [orjson.loads(collection.fragments[row]) for row in range(collection.info.count)]


def compare(sort):
    def order(a, b):
        for key in (*sort, "id"):
            name = key.removeprefix("-")
            left, right = a["properties"][name], b["properties"][name]
            if left == right:
                continue
            if left is None or right is None:
                return 1 if left is None else -1
            return (-1 if left < right else 1) * (-1 if key.startswith("-") else 1)
        return 0

    return cmp_to_key(order)


def overlaps(properties, period):
    start, end = next((properties[a], properties[b]) for a, b in PERIODS if a in properties)
    return (period.last is None or start is None or start <= period.last) and (
        period.first is None or end is None or end >= period.first
    )


def expected(collection, query):
    found = features(collection)
    if query.area is not None and collection.shapes is not None:
        found = [
            f
            for f in found
            if f["geometry"] is None
            or shapely.intersects(query.area, shapely.geometry.shape(f["geometry"]))
        ]
    if query.period is not None:
        found = [f for f in found if overlaps(f["properties"], query.period)]
    for name, value in query.equal:
        found = [f for f in found if equals(f["properties"][name], value)]
    return sorted(found, key=compare(query.sort or collection.layer.sort))


def equals(value, asked):
    return asked in value if isinstance(value, list) else written(value) == asked


def written(value):
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


@st.composite
def params(draw, collection):
    """Draw parameters whose values are those of a feature, or near them."""
    one = draw(st.sampled_from(features(collection)))
    names = sortables(collection.layer)
    out = {}
    if draw(st.booleans()):
        held = {n: v for n, v in one["properties"].items() if v is not None and v != []}
        name = draw(st.sampled_from(sorted(held)))
        value = held[name]
        out[name] = value[0] if isinstance(value, list) else written(value)
    if draw(st.booleans()):
        west, south = draw(st.floats(7.9, 9.0)), draw(st.floats(44.9, 45.6))
        width, height = draw(st.floats(0, 0.3)), draw(st.floats(0, 0.3))
        out["bbox"] = f"{west},{south},{west + width},{south + height}"
    if draw(st.booleans()):
        year = draw(st.integers(2008, 2026))
        out["datetime"] = draw(
            st.sampled_from(
                [f"{year}-06-30", f"../{year}-12-31", f"{year}-01-01/", "2012-01-01/2016-06-01"]
            )
        )
    if draw(st.booleans()):
        keys = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        out["sortby"] = ",".join(draw(st.sampled_from(["", "-", "+"])) + key for key in keys)
    out["limit"] = str(draw(st.integers(1, 40)))
    out["offset"] = str(draw(st.integers(0, 70)))
    return out


@pytest.mark.parametrize("ident", IDS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_query_answers_as_reading_feature_by_feature_would(ident, collections, data):
    collection = collections[ident]
    query = read_feature_query(data.draw(params(collection)), collection.layer, LIMITS)
    page = select(collection, query)
    found = expected(collection, query)
    assert page.matched == len(found)
    assert decoded(collection, page.rows.tolist(), query) == found[query.offset :][: query.limit]


def test_the_default_order_puts_nulls_last_and_breaks_ties_by_id(collections):
    collection = collections["luoghi"]
    rows = select(collection, FeatureQuery(limit=1000)).rows.tolist()
    found = decoded(collection, rows, FeatureQuery(limit=1000))
    assert found == sorted(features(collection), key=compare(("-posti", "nome")))
    assert found[0]["properties"]["posti"] == max(f["properties"]["posti"] or 0 for f in found)
    assert found[-1]["properties"]["posti"] is None


def test_a_box_returns_what_intersects_not_only_what_it_contains(collections):
    collection = collections["celle"]
    hexagon = collection.shapes[0]
    inside = hexagon.representative_point().buffer(1e-5)
    query = FeatureQuery(limit=10, area=shapely.box(*inside.bounds))
    assert select(collection, query).rows.tolist() == [0]


def test_a_feature_without_geometry_is_matched_by_every_box(collections):
    collection = collections["luoghi"]
    nowhere = FeatureQuery(limit=1000, area=shapely.box(-80, -70, -79, -69))
    assert select(collection, nowhere).rows.tolist() == [collection.row("luogo-008")]


@pytest.mark.parametrize("crs", SUPPORTED)
def test_a_box_around_a_point_finds_it_in_every_reference_system(crs, collections):
    collection = collections["luoghi"]
    row = collection.row("luogo-025")
    x, y = project(collection.shapes[[row]], crs)[0].coords[0]
    margin = 1e-4 if abs(x) < 400 else 10
    box = f"{x - margin},{y - margin},{x + margin},{y + margin}"
    query = read_feature_query({"bbox": box, "bbox-crs": crs}, collection.layer, LIMITS)
    assert set(select(collection, query).rows) == {row, collection.row("luogo-008")}


def test_a_box_over_the_antimeridian_has_two_sides():
    area = area_in_crs84((179, -10, -179, 10), CRS84)
    assert area.intersects(shapely.Point(179.5, 0))
    assert area.intersects(shapely.Point(-179.5, 0))
    assert not area.intersects(shapely.Point(0, 0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", v) for v in ("0", "-1", "abc", "1e3", " 10", "10 ", "٣", "1_0", "", "9" * 20)),
        *(("offset", v) for v in ("-1", "x", "1.0", "9" * 30)),
        *(
            ("bbox", v)
            for v in (
                "1,2,3",
                "1,2,3,4,5,6,7",
                "9,46,8,45",
                "8,46,9,45",
                "nan,nan,nan,nan",
                "-inf,0,1,1",
                "1e309,0,1e309,1",
                "a,b,c,d",
                "1_0,2,3,4",
                "",
                "8,45,9,",
                "8;45;9;46",
            )
        ),
        *(
            ("datetime", v)
            for v in (
                "9999-99-99",
                "..",
                "",
                "/",
                "2026-13-01/..",
                "2023-12-31/2023-01-01",
                "2023",
                "2023-1-1",
                "2023-01-01T00:00:00",
                "2023-01-01/2023-02-01/2023-03-01",
                "x" * 1000,
                "2023-02-30",
                "٢٠٢٣-01-01",
            )
        ),
        *(("crs", v) for v in ("EPSG:4326", "file:///etc/passwd", "http://127.0.0.1:1/x", "")),
        *(
            ("sortby", v)
            for v in ("ghost", "", "nome,nome", "nome,-nome", "--nome", "tipi", "nome,")
        ),
        *(("properties", v) for v in ("ghost", "", "nome,nome", "nome,", "geometry")),
        *(("posti", v) for v in ("x", "1.5", "", "01", "9" * 40)),
        *(("quota", v) for v in ("x", "nan", "inf", "1e999", "1_0")),
        *(("aperto", v) for v in ("True", "1", "si", "")),
        *(("fatto_il", v) for v in ("2023", "yesterday", "2023-02-30", "2023-01-01T00:00:00Z")),
    ],
)
def test_a_malformed_value_is_refused_naming_its_parameter(name, value, collections):
    with pytest.raises(InvalidParameter) as caught:
        ask(collections["luoghi"], {name: value})
    assert caught.value.parameter == name


def ask(collection, given):
    return select(collection, read_feature_query(given, collection.layer, LIMITS))


def test_a_box_system_without_a_box_is_refused(collections):
    with pytest.raises(InvalidParameter, match="bbox-crs"):
        read_feature_query({"bbox-crs": CRS84}, collections["luoghi"].layer, LIMITS)


def test_a_box_outside_the_domain_of_its_system_is_refused(collections):
    box = {"bbox": "1e30,1e30,1e31,1e31", "bbox-crs": SUPPORTED[3]}
    with pytest.raises(InvalidParameter, match="bbox"):
        read_feature_query(box, collections["luoghi"].layer, LIMITS)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023-05-01", "2023-05-01", "2023-05-01"),
        ("0000-01-01/9999-12-31", "0000-01-01", "9999-12-31"),
        ("0000-01-01T00:00:00Z/9999-12-31T23:59:59Z", "0000-01-01", "9999-12-31"),
        ("../2023-01-01", None, "2023-01-01"),
        ("/2023-01-01", None, "2023-01-01"),
        ("2023-01-01/..", "2023-01-01", None),
        ("2023-12-31T23:30:00-02:00", "2024-01-01", "2024-01-01"),
        ("9999-12-31T23:30:00-02:00", "9999-12-31", "9999-12-31"),
        ("2023-05-01T12:00:00.123456Z", "2023-05-01", "2023-05-01"),
        # A leap second is the end of its day in UTC, wherever it is written.
        ("2016-12-31T23:59:60Z", "2016-12-31", "2016-12-31"),
        ("2017-01-01T00:59:60.5+01:00", "2016-12-31", "2016-12-31"),
        ("9999-12-31T23:59:60-02:00", "9999-12-31", "9999-12-31"),
        ("2023-05-01t12:00:00z", "2023-05-01", "2023-05-01"),
    ],
)
def test_days_instants_and_open_intervals_are_understood(text, first, last, collections):
    period = read_feature_query({"datetime": text}, collections["luoghi"].layer, LIMITS).period
    assert (period.first, period.last) == (first, last)


def test_a_limit_above_the_maximum_is_clamped(collections):
    layer = collections["luoghi"].layer
    assert read_feature_query({"limit": str(10**18)}, layer, LIMITS).limit == 10_000
    assert read_feature_query({}, layer, LIMITS).limit == 1000


def test_a_list_of_codes_is_filtered_by_what_it_holds_and_not_sorted(collections):
    collection = collections["luoghi"]
    assert ask(collection, {"tipi": "band"}).matched == PLACES // 2
    assert ask(collection, {"tipi": "ghost"}).matched == 0
    assert "tipi" not in sortables(collection.layer)


def test_files_that_disagree_are_a_damaged_release(small_release, tmp_path):
    folder = tmp_path / small_release.id
    for entry in small_release.manifest.files:
        target = folder / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(small_release.path(entry.path).read_bytes())
    short = folder / "collections/enti"
    for name in ("features.geojsonl", "features.idx"):
        source = small_release.path(f"collections/luoghi/{name}")
        (short / name).write_bytes(source.read_bytes())
    with pytest.raises(ReleaseDamaged, match="number of features"):
        open_collection(Release(folder, small_release.manifest), "enti")
