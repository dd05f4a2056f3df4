"""Filters over HTTP: with every other parameter, in both doors' clients, and refused in public."""

from __future__ import annotations

import json

import pytest
from api_client import local
from api_release import PLACES

from api.features.cql2.times import at_instant

ITEMS = "/collections/luoghi/items"


def ids(client, **params):
    answer = client.get(ITEMS, params=params)
    assert answer.status_code == 200, answer.text
    found = [feature["id"] for feature in answer.json()["features"]]
    assert answer.json()["numberMatched"] == len(found)
    return found


@pytest.mark.parametrize("language", ["cql2-text", "cql-text", None])
def test_a_filter_in_text_has_a_default_and_an_older_name(client, language):
    params = {"filter": "posti >= 10 AND posti < 12"} | (
        {"filter-lang": language} if language else {}
    )
    found = ids(client, **params)
    assert found
    assert {f["properties"]["posti"] for f in features(client, **params)} <= {10, 11}


def features(client, **params):
    return client.get(ITEMS, params=params).json()["features"]


def test_a_filter_in_json_says_the_same_as_in_text(client):
    said = {"op": "like", "args": [{"op": "casei", "args": [{"property": "nome"}]}, "sede 0%"]}
    as_json = ids(client, filter=json.dumps(said), **{"filter-lang": "cql2-json"})
    assert as_json == ids(client, filter="CASEI(nome) LIKE 'sede 0%'") != []


def test_white_space_of_a_filter_is_tabs_and_line_ends_too(client):
    said = "posti >= 10\r\n\tAND posti < 12"
    assert ids(client, filter=said) == ids(client, filter="posti >= 10 AND posti < 12") != []
    posted = client.post("/collections/luoghi/search", json={"filter": said})
    assert [one["id"] for one in posted.json()["features"]] == ids(client, filter=said)
    assert client.get(ITEMS, params={"nome": "a\nb"}).status_code == 400
    assert client.get(ITEMS, params={"filter": "posti\v> 10"}).status_code == 400


def test_a_line_end_in_a_filter_is_not_taken_for_another_parameter(client):
    one = client.get(ITEMS, params={"filter": "posti > 1", "limit": "3"})
    other = client.get(
        ITEMS,
        params={"filter": "posti > 1\nlimit=3"},
        headers={"If-None-Match": one.headers["etag"]},
    )
    assert other.status_code == 400


def test_a_filter_goes_with_every_other_condition(client):
    both = ids(client, filter="posti > 5", bbox="8.2,45.1,8.6,45.4", aperto="true", sortby="nome")
    alone = [
        ids(client, filter="posti > 5"),
        ids(client, bbox="8.2,45.1,8.6,45.4"),
        ids(client, aperto="true"),
    ]
    assert both
    assert set(both) == set.intersection(*map(set, alone))


def test_the_pages_of_a_filter_are_its_features_once(client):
    address, seen = f"{ITEMS}?filter=posti%20%3E%203&limit=7", []
    while address:
        page = client.get(address).json()
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        address = local(following[0]) if following else None
    assert seen == ids(client, filter="posti > 3")
    assert len(seen) > 7


def test_a_place_in_a_filter_is_where_a_box_is(client):
    # A box also matches what has no place; no relation holds for that.
    box = [ident for ident in ids(client, bbox="8.2,45.1,8.6,45.4") if ident != "luogo-008"]
    assert ids(client, filter="S_INTERSECTS(geometry, BBOX(8.2,45.1,8.6,45.4))") == box != []
    turned = "S_INTERSECTS(geometry, POLYGON((45.1 8.2,45.1 8.6,45.4 8.6,45.4 8.2,45.1 8.2)))"
    assert (
        ids(client, filter=turned, **{"filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4326"})
        == box
    )


CLASSES = {
    "cql2-text": "nome IS NOT NULL",
    "cql2-json": '{"op":"not","args":[{"op":"isNull","args":[{"property":"nome"}]}]}',
    "basic-cql2": "NOT (posti < 5 OR aperto = TRUE) AND fatto_il >= DATE('2023-03-01')",
    "advanced-comparison-operators": "nome LIKE 'Sede%' AND posti BETWEEN 3 AND 9",
    "case-insensitive-comparison": "CASEI(nome) = CASEI('SEDE 07')",
    "accent-insensitive-comparison": "ACCENTI(nome) LIKE ACCENTI('et\u00e0 %')",
    "basic-spatial-functions": "S_INTERSECTS(geometry, POINT(8.5 45.2))",
    "basic-spatial-functions-plus": "S_INTERSECTS(geometry, BBOX(8.2,45.1,8.6,45.4))",
    "basic-spatial-operators": "S_INTERSECTS(geometry, POLYGON((8 45,9 45,9 46,8 46,8 45)))",
    "spatial-functions": "S_WITHIN(geometry, BBOX(8.1,45,8.9,46)) AND S_EQUALS(geometry, geometry)",
    "temporal-functions": "T_DURING(INTERVAL(valido_dal, valido_al), INTERVAL('2000-01-01', '..'))",
    "array-functions": "A_CONTAINS(tipi, ('band'))",
    "property-property": "valido_dal < valido_al",
    "functions": "year(fatto_il) = 2023 AND length(nome) < 8",
    "arithmetic": "posti * 2 + 1 > quota / 10",
}
"""A filter that only a server of the class answers, with features in the answer."""


def test_every_class_of_cql2_that_is_declared_is_met(client):
    base = "http://www.opengis.net/spec/cql2/1.0/conf/"
    declared = client.get("/conformance").json()["conformsTo"]
    assert {one.removeprefix(base) for one in declared if one.startswith(base)} == set(CLASSES)
    for name, said in CLASSES.items():
        language = {"filter-lang": "cql2-json"} if name == "cql2-json" else {}
        found = ids(client, filter=said, **language)
        assert 0 < len(found) < PLACES, name


REFUSED = {
    "filter=true_count%20%3E%200": "unknown property",
    "filter=nome": "true or false",
    "filter=": "ends where",
    "filter=(nome%3D%27a%27": "ends where",
    "filter=nome%3D%27a%27&filter-lang=ecql": "not allowed",
    "filter=nome%3D%27a%27&filter-crs=file%3A%2F%2F%2Fetc%2Fpasswd": "not offered",
    "filter-lang=cql2-text": "without `filter`",
    "filter-crs=http%3A%2F%2Fwww.opengis.net%2Fdef%2Fcrs%2FOGC%2F1.3%2FCRS84": "without `filter`",
    'filter={"op":"=","op":"<","args":[1,1]}&filter-lang=cql2-json': "twice",
    "filter=%7B%7D&filter-lang=cql2-json": "no part of the language",
    "filter=nome%3D%27%ED%A0%80%27": "UTF-8",
    "filter=nome%3D%27%00%27": "control character",
}


@pytest.mark.parametrize(("query", "reason"), REFUSED.items())
def test_a_filter_that_is_not_answered_is_a_problem_with_its_reason(client, query, reason):
    for headers in ({}, {"If-None-Match": "*"}):
        answer = client.get(f"{ITEMS}?{query}", headers={"Accept-Language": "en", **headers})
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert reason in answer.text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2016-12-31T23:59:60Z", True),
        ("2016-06-30T23:59:60.25Z", True),
        ("2016-06-30t23:59:60z", True),
        ("2016-06-29T23:59:60Z", False),
        ("2016-12-31T12:59:60Z", False),
        ("2016-12-31T23:60:00Z", False),
        ("2016-12-31T23:59:61Z", False),
    ],
)
def test_a_leap_second_is_read_alike_in_a_filter_and_in_an_interval_of_time(client, text, right):
    asked = {"filter": f"T_BEFORE(fatto_il, TIMESTAMP('{text}'))"}
    answers = [client.get(ITEMS, params=params) for params in (asked, {"datetime": text})]
    assert [answer.status_code for answer in answers] == [200 if right else 400] * 2


def test_a_leap_second_is_the_end_of_its_day():
    leap, last, after = (
        at_instant(f"20{text}Z").start
        for text in ("16-12-31T23:59:60", "16-12-31T23:59:59.999999", "17-01-01T00:00:00")
    )
    assert leap == last == after - 1
