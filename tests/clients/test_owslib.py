"""OWSLib's `Features`, unmodified: what a researcher's script calls."""

from __future__ import annotations

import pytest
from owslib.ogcapi.features import Features

ALWAYS = "../.."
"""Some collections show what is valid on the reference date unless asked for more."""


@pytest.fixture
def service(demo_server):
    return Features(demo_server.url)


@pytest.fixture
def info(demo_release, collection):
    return demo_release.info(collection)


def test_the_landing_page_leads_to_the_api(service):
    assert {link["rel"] for link in service.links} >= {"self", "conformance", "data"}
    assert service.api()["openapi"].startswith("3.")


def test_conformance_names_the_core_of_features(service):
    core = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
    assert core in service.conformance()["conformsTo"]


def test_the_collections_are_those_of_the_release(service, demo_release):
    listed = [c["id"] for c in service.collections()["collections"]]
    assert sorted(listed) == sorted(i.layer.id for i in demo_release.manifest.collections)
    assert sorted(service.feature_collections()) == sorted(listed)


def test_a_collection_says_where_and_when_it_is(service, info, collection):
    described = service.collection(collection)
    assert described["title"] == info.layer.title.it
    if info.bbox is not None:
        assert described["extent"]["spatial"]["bbox"][0] == pytest.approx(info.bbox)


def test_the_queryables_are_the_fields(service, info, collection):
    properties = service.collection_queryables(collection)["properties"]
    assert set(info.layer.field_names) <= set(properties)


def test_a_page_is_as_long_as_asked(service, info, collection):
    page = service.collection_items(collection, limit=5, datetime_=ALWAYS)
    assert len(page["features"]) == page["numberReturned"] == min(5, info.count)
    assert page["numberMatched"] == info.count
    for feature in page["features"]:
        assert tuple(feature["properties"]) == info.layer.field_names


def test_following_next_gives_every_feature_once(service, info, collection):
    size = max(1, info.count // 3)
    seen = []
    while len(seen) < info.count:
        page = service.collection_items(collection, limit=size, offset=len(seen), datetime_=ALWAYS)
        assert page["features"], "a page before the end is empty"
        seen.extend(feature["id"] for feature in page["features"])
        more = any(link["rel"] == "next" for link in page["links"])
        assert more == (len(seen) < info.count)
    assert len(set(seen)) == len(seen) == info.count


def test_one_feature_is_the_same_alone_and_in_a_page(service, collection):
    first = service.collection_items(collection, limit=1)["features"][0]
    alone = service.collection_item(collection, first["id"])
    assert alone["properties"] == first["properties"]
    assert alone["geometry"] == first["geometry"]


def test_a_box_gives_what_lies_in_it(service, demo_release):
    west, south, east, north = demo_release.info("comuni").bbox
    half = service.collection_items("comuni", bbox=[west, south, (west + east) / 2, north])
    assert 0 < half["numberMatched"] < demo_release.info("comuni").count
    nowhere = service.collection_items("comuni", bbox=[0, 0, 1, 1])
    assert nowhere["numberMatched"] == 0


def test_a_time_outside_the_period_gives_nothing(service, demo_release):
    start, end = demo_release.info("bisogni_h3_r6").interval
    count = demo_release.info("bisogni_h3_r6").count
    inside = service.collection_items("bisogni_h3_r6", datetime_=f"{start}/{end}")
    before = service.collection_items("bisogni_h3_r6", datetime_="1990-01-01/1990-12-31")
    assert (inside["numberMatched"], before["numberMatched"]) == (count, 0)


def test_the_first_of_a_sorted_page_is_the_largest(service, demo_release):
    count = demo_release.info("comuni").count
    page = service.collection_items("comuni", sortby=("pop", "desc"), limit=count)
    people = [feature["properties"]["pop"] for feature in page["features"]]
    assert people == sorted(people, reverse=True)


def test_a_wrong_request_is_explained(service):
    with pytest.raises(RuntimeError, match="bbox"):
        service.collection_items("comuni", bbox=[1, 2, 3])
