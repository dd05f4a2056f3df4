"""What a filter may cost, and what it may ask: everything else is refused with its reason."""

from __future__ import annotations

import json

import pytest
import shapely
from cql2_tables import table
from hypothesis import given
from hypothesis import strategies as st

from api.features.cql2 import document, evaluate, nodes, text
from api.features.cql2.patterns import MAX_PATTERN, MAX_WILDCARDS
from api.features.crs import CRS84
from geo_core.errors import InvalidParameter

TABLE = table(
    {"nome": "text", "n": "number", "dal": "date", "codici": "codes", "aperto": "boolean"},
    [{"nome": "Ca' Rossa", "n": 2.0, "dal": None, "codici": ["a"], "aperto": True,
      "geometry": shapely.box(0, 0, 1, 1)}],
)  # fmt: skip
DEEP = nodes.MAX_DEPTH + 1
POINTS = ", ".join(f"{i / 100} 0" for i in range(nodes.MAX_VERTICES + 1))

REFUSED = {
    # What a filter may cost.
    "(" * 1563 + "nome='a'" + ")" * 1563: "nested",
    "(" * 24 + "nome='a' x" + ")" * 24: r"`\)` should come",
    "(" * 24 + "nome='a'": "ends where",
    "NOT " * 3515 + "nome='a'": "nested",
    "NOT (" * DEEP + "nome='a'" + ")" * DEEP: "nested",
    "casei(" * DEEP + "nome" + ")" * DEEP + "='a'": "nested",
    "nome='a'" + " AND nome='a'" * 2_000: "parts",
    "n" + "+1" * DEEP + ">0": "nested",
    "n" + "*1" * 590 + ">0": "nested",
    "nome='" + "a" * nodes.MAX_LENGTH + "'": "longer",
    f"nome IN ({','.join(['1'] * (nodes.MAX_LISTED + 1))})": "values",
    f"S_INTERSECTS(geometry,LINESTRING({POINTS}))": "positions",
    "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 21_182 + ")" * 21_182 + ")": "longer",
    "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 200: "nested",
    f"nome LIKE '{'%a' * (MAX_WILDCARDS + 1)}'": "wildcards",
    f"nome LIKE '{'_' * (MAX_WILDCARDS + 1)}'": "wildcards",
    f"nome LIKE '{'a' * (MAX_PATTERN + 1)}'": "more than 1000 characters",
    "S_TOUCHES(geometry,POINT(2e9 0))": "beyond",
    "S_INTERSECTS(geometry,POLYGON((46 415722,1e308 415722,1e308 3e7,46 3e7,46 415722),"
    "(180 500000,4e6 500000,4e6 2e7,180 2e7,180 500000)))": "beyond",
    # What is none of the language.
    "": "ends where",
    "nome=": "ends where",
    "nome='a": "cannot be read at character 6",
    "nome='a';DROP TABLE x": "cannot be read at character 9",
    "nome='a' OR": "ends where",
    "nome='a' nome": "`AND`, `OR` or the end",
    "nome IS 1": "`NULL`",
    "nome NOT = 'a'": "`BETWEEN`, `IN` or `LIKE`",
    "nome IN 'a'": r"`\(`",
    "nome IN ()": "is empty",
    "n BETWEEN 1 OR 2": "`AND`",
    "S_INTERSECTS(geometry,POINT(NaN NaN))": "a number",
    "S_INTERSECTS(geometry,POINT(1e400 0))": "not finite",
    "S_INTERSECTS(geometry,POINT EMPTY)": r"`\)` should come",
    "S_INTERSECTS(geometry,POINT(1))": "2 numbers",
    "S_INTERSECTS(geometry,POINT(1 2 3 4))": "2 numbers",
    "S_INTERSECTS(geometry,POLYGON((0 0, 1 1)))": "geometry that is none",
    "S_INTERSECTS(geometry,POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))": "not valid",
    "S_INTERSECTS(geometry,BBOX(1,2,3))": "4 numbers",
    "n > 1e999": "not finite",
    "n > 9999999999999999999999999999999999999999999": "`AND`",
    "dal > DATE('2023-02-30')": "day that is none",
    "dal > '2023'": "day that is none",
    "T_AFTER(dal, TIMESTAMP('2023-01-01T25:00:00Z'))": "instant that is none",
    "T_AFTER(dal, TIMESTAMP('2023-01-01T12:00:00+01:00'))": "instant that is none",
    "T_DURING(dal, INTERVAL('2023-01-01'))": "a start and an end",
    "T_DURING(dal, INTERVAL('2023-01-01', '2023-01-02'))": "two intervals",
    "T_AFTER(dal, INTERVAL(INTERVAL('..', '2023-01-01'), '..'))": "with an interval",
    # What does not go together.
    "nome": "a text where true or false is needed",
    "n": "a number where true or false is needed",
    "NOT n": "a number where true or false is needed",
    "n AND aperto": "a number where true or false is needed",
    "nome = 1": "a text with a number",
    "n = 'a'": "a number with a text",
    "aperto < TRUE": "does not compare a truth value",
    "codici = 'a'": "does not compare a list of codes",
    "codici = codici": "does not compare a list of codes",
    "geometry = geometry": "does not compare a geometry",
    "nome + 1 = 2": "takes two numbers",
    "n / 0 = 1": "divides by 0",
    "n % 0.0 = 1": "divides by 0",
    "n div (1 - 1) = 1": "divides by 0",
    "n LIKE 'a'": "no text",
    "nome LIKE nome": "not a text in single quotes",
    "casei(n) = 'a'": "`casei` takes a text",
    "abs(nome) = 1": "`abs` takes a number",
    "T_AFTER(nome, DATE('2023-01-01'))": "takes two times",
    "S_WITHIN(nome, geometry)": "takes two geometries",
    "A_CONTAINS(nome, ('a'))": "compares lists",
    "A_CONTAINS(codici, (1, 2))": "may hold texts",
    "dal = TIMESTAMP('2023-01-01T00:00:00Z')": "a day is not compared with an instant",
    # What is not there.
    "true_count > 0": "an unknown property",
    "__class__ = 'x'": "an unknown property",
    "exec(nome, 'id') = 1": "an unknown function",
    "and(n, n) = 1": "`AND`|a property, a value",
    "s_buffer(geometry, 1) = 1": "an unknown function",
}


@pytest.mark.parametrize(("filter_", "reason"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_filter_is_refused_with_its_reason(filter_, reason):
    with pytest.raises(InvalidParameter, match=reason) as caught:
        evaluate.matching(text.parse(filter_), TABLE, CRS84)
    assert len(str(caught.value)) < 400


REFUSED_JSON = {
    "[" * 100_000: "longer",
    "[" * 50_000: "not JSON",
    "{": "not JSON",
    "NaN": "not JSON",
    "null": "null",
    "1e400": "not JSON|not finite",
    '{"op":"="}': "`args`",
    '{"op":1,"args":[]}': "`op`",
    '{"op":"=","args":[{"property":"n"}]}': "takes 2 values",
    '{"op":"and","args":[]}': "takes 2 values",
    '{"op":"in","args":[{"property":"nome"},[]]}': "is empty",
    '{"property":1}': "`property`",
    '{"bbox":["a"]}': "a number",
    '{"interval":["2023-01-01"]}': "a start and an end",
    '{"type":"Sphere","coordinates":[]}': "unknown type",
    '{"type":"Point","coordinates":[[1,2]]}': "a number|2 numbers",
    '{"type":"LineString","coordinates":[1,2]}': "not nested",
    '{"type":"GeometryCollection","geometries":[1]}': "something else",
    '{"unknown":1}': "no part of the language",
    '{"op":"not","args":[' * 40 + "true" + "]}" * 40: "nested",
    '{"op":"and","args":[' * 400 + "true" + "]}" * 400: "nested",
    json.dumps({"op": "in", "args": [{"property": "nome"}, ["a"] * 501]}): "values",
}  # fmt: skip


@pytest.mark.parametrize(("filter_", "reason"), REFUSED_JSON.items(), ids=range(len(REFUSED_JSON)))
def test_a_filter_in_json_is_refused_with_its_reason(filter_, reason):
    with pytest.raises(InvalidParameter, match=reason):
        evaluate.matching(document.read(filter_), TABLE, CRS84)


@given(st.text(alphabet="()'\"%_\\ nome=<>1.eE+-*/^,ANDORNTILKBSPT:é\n\x00", max_size=60))
def test_whatever_is_sent_is_answered_or_refused(filter_):
    try:
        evaluate.matching(text.parse(filter_), TABLE, CRS84)
    except InvalidParameter:
        return


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["op", "args", "property", "date", "interval", "bbox", "type",
                         "coordinates", "timestamp", "geometries"]), inner, max_size=3),
    max_leaves=8,
))  # fmt: skip
def test_whatever_json_is_sent_is_answered_or_refused(said):
    try:
        evaluate.matching(document.read(json.dumps(said)), TABLE, CRS84)
    except InvalidParameter:
        return


MATCHED = {
    "nome = 'Ca'' Rossa'": True,
    r"nome = 'Ca\' Rossa'": True,
    "nome='x'' OR 1=1--'": False,
    "\"nome\" LIKE 'ca%'": False,
    "CASEI(nome) LIKE CASEI('CA%ROSSA')": True,
    "nome LIKE 'Ca_ R%'": True,
    r"nome LIKE 'Ca\_ R%'": False,
    "nome LIKE '%%%'": True,
    # What stands before a `%` and what stands after it share no character.
    "nome LIKE 'Ca'' Ross%ssa'": False,
    "nome LIKE 'Ca'' Ro%ssa'": True,
    "nome LIKE ''": False,
    "n = 2 AND NOT n = 3": True,
    "n = -(-2)": True,
    "n*2+1 = 5 AND 2^n = 4 AND 7 div n = 3 AND 7 % n = 1": True,
    "dal IS NULL": True,
    "dal > DATE('2023-01-01')": False,
    "NOT dal > DATE('2023-01-01')": False,
    "dal > DATE('2023-01-01') OR aperto": True,
    "T_EQUALS(INTERVAL('2023-01-01','..'), INTERVAL('2023-01-01T00:00:00Z','..'))": True,
    "S_WITHIN(geometry, BBOX(-1,-1,2,2))": True,
    "S_INTERSECTS(geometry, BBOX(179,-1,0.5,1))": True,
    "S_EQUALS(geometry, POLYGON((0 0,1 0,1 1,0 1,0 0)))": True,
    "a_contains(codici, ('a'))": True,
    "a_contains(codici, 'a')": True,
    "aperto": True,
    "aperto = false": False,
    "TRUE": True,
    "length(nome) = 9": True,
}


@pytest.mark.parametrize(("filter_", "matches"), MATCHED.items())
def test_a_filter_matches(filter_, matches):
    assert evaluate.matching(text.parse(filter_), TABLE, CRS84).tolist() == [matches]


def test_what_has_no_place_is_not_apart_from_one_either():
    """Not known is not true, whatever it is joined to."""
    places = [{"n": 1.0, "geometry": one} for one in (None, shapely.Point(5, 5))]
    for said in ("", " AND n = 1", " AND 1 = 1", " AND NOT n = 2"):
        filter_ = text.parse(f"S_DISJOINT(geometry, BBOX(0,0,1,1)){said}")
        found = evaluate.matching(filter_, table({"n": "number"}, places), CRS84)
        assert found.tolist() == [False, True], said


def test_coordinates_follow_the_axis_order_of_their_system():
    lat_lon = "http://www.opengis.net/def/crs/EPSG/0/4326"
    filter_ = text.parse(
        "S_INTERSECTS(geometry, POINT(0.9 0.1)) AND S_WITHIN(geometry, BBOX(-1,-2,3,4))"
    )
    assert evaluate.matching(filter_, TABLE, lat_lon).tolist() == [True]
    far = text.parse("S_INTERSECTS(geometry, POINT(8.4 45.3))")
    turin = table(
        {"nome": "text"}, [{"nome": "a", "geometry": shapely.Point(45.3, 8.4).buffer(0.1)}]
    )
    assert evaluate.matching(far, turin, lat_lon).tolist() == [True]
    assert evaluate.matching(far, turin, CRS84).tolist() == [False]


EMPTY_HOLES = (
    {"type": "Polygon", "coordinates": [[[0, 0], [3, 0], [3, 3], [0, 3], [0, 0]], []]},
    {"type": "MultiPolygon", "coordinates": [[[[0, 0], [3, 0], [3, 3], [0, 0]], [], []]]},
    {"type": "MultiLineString", "coordinates": [[]]},
)


@pytest.mark.parametrize("shape", EMPTY_HOLES)
def test_an_empty_hole_is_refused_before_it_reaches_the_geometry_library(shape):
    """Of an outline with an empty hole the library calls the process to an end."""
    for said in (shape, {"type": "GeometryCollection", "geometries": [shape]}):
        with pytest.raises(InvalidParameter, match="empty part"):
            document.read(
                json.dumps({"op": "s_overlaps", "args": [{"property": "geometry"}, said]})
            )


OUTLINE = shapely.Point(0, 0).buffer(1, quad_segs=50)
MANY = table(
    {"nome": "text"},
    [{"nome": f"{i} " + "abcdefgh" * 20, "geometry": OUTLINE} for i in range(200)],
)
COSTLY = {
    "S_TOUCHES(geometry, geometry)": 60,
    "S_OVERLAPS(geometry, geometry)": 60,
    "accenti(casei(nome)) = nome": 90,
    "nome LIKE '%a_c%b_d%c_e%x%'": 290,
    "nome IN (accenti(nome), casei(nome))": 90,
}


@pytest.mark.parametrize("part", COSTLY)
def test_what_is_asked_too_often_is_refused_before_it_is_done(part):
    once = evaluate.matching(text.parse(part), MANY, CRS84)
    assert len(once) == 200
    often = text.parse(" OR ".join([part] * COSTLY[part]))
    with pytest.raises(InvalidParameter, match="too much work"):
        evaluate.matching(often, MANY, CRS84)


def test_simple_conditions_may_be_many():
    parts = (f"nome = '{i}' OR S_INTERSECTS(geometry, BBOX(0,0,{i + 1},1))" for i in range(120))
    assert evaluate.matching(text.parse(" OR ".join(parts)), MANY, CRS84).all()
