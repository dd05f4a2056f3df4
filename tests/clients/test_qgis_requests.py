"""QGIS 3.22 pages by the size the server advertises, and leaves the extent of the map to it.

It knows nothing of filters (3.32 does: see `test_qgis_newer.py`): a condition is looked up in
all features, but for dates, which it takes for the time of the feature.
"""

from __future__ import annotations

import json
from itertools import groupby

import pytest
from api_release import PLACES, place

BOX = (8.1, 45.1, 8.35, 45.35)
ROWS = [place(i) for i in range(PLACES)]
NOWHERE = {p["id"] for p in ROWS if p["geometry"] is None}
READINGS = {
    "advertised": {"source": "pagingEnabled='true'"},
    "own size": {"source": "pagingEnabled='true' pageSize='20'"},
    "too large": {"source": "pagingEnabled='true' pageSize='1000'"},
    "extent": {"source": "pagingEnabled='true' restrictToRequestBBOX='1'", "box": BOX},
    "subset": {"source": "pagingEnabled='true'", "subset": "\"nome\" = 'Sede 07'"},
    "dates": {"source": "pagingEnabled='true'", "subset": "\"valido_dal\" >= '2015-01-01'"},
    "days as texts": {
        "source": "pagingEnabled='true'",
        "subset": "to_string(\"fatto_il\") >= '2023-10-01'",
    },
    "first": {"source": "pagingEnabled='true'", "first": 3},
}


@pytest.fixture(scope="module")
def readings(qgis, small_recorded):
    """Read the layer in each way, in one process: what QGIS got, and what it asked for."""
    layer = f"url='{small_recorded.url}' typename='luoghi' "
    asked = [one | {"source": layer + one["source"]} for one in READINGS.values()]
    small_recorded.forget()
    got = qgis("qgis_read.py", json.dumps(asked), timeout=120)
    return dict(zip(READINGS, zip(got, by_layer(small_recorded), strict=True), strict=True))


def by_layer(recorded):
    """Return the requests of each layer: QGIS begins each with the landing page."""
    opened = 0
    numbered = [((opened := opened + (one.path == "/")), one) for one in recorded.seen()]
    return [[one for _, one in group] for _, group in groupby(numbered, key=lambda pair: pair[0])]


def pages(requests):
    """Return the pages of features after the ten that QGIS looks at first."""
    sample, *rest = [one for one in requests if one.path.endswith("/items")]
    assert sample.query == {"limit": "10"}
    return rest


@pytest.mark.parametrize(("way", "size"), [("advertised", 25), ("own size", 20), ("too large", 25)])
def test_qgis_asks_for_pages_of_the_size_and_gets_every_feature_once(readings, way, size):
    got, requests = readings[way]
    asked = pages(requests)
    assert {page.query["limit"] for page in asked} == {str(size)}
    assert len(asked) == -(-PLACES // size)
    sent = [ident for page in asked for ident in page.ids]
    assert len(sent) == len(set(sent)) == len(got["ids"]) == got["count"] == PLACES
    assert set(sent) == set(got["ids"])


def test_qgis_opens_a_layer_in_four_requests(readings):
    first, again = readings["advertised"][1], readings["own size"][1]
    described = ["/", "/api", "/collections/luoghi", "/collections/luoghi/items"]
    assert [one.path for one in first[:4]] == described
    assert {one.status for one in first} == {200}
    # It asks again whether anything changed, and nothing is sent twice.
    assert [one.status for one in again[:4]] == [304] * 4


def test_qgis_asks_for_the_extent_of_the_map_only(readings):
    got, requests = readings["extent"]
    (page,) = pages(requests)
    assert [float(n) for n in page.query["bbox"].split(",")] == [*BOX]
    assert set(page.ids) == {*got["ids"], *NOWHERE}
    assert 0 < len(got["ids"]) == page.matched - len(NOWHERE) < PLACES


def test_qgis_looks_up_a_condition_itself(readings):
    got, requests = readings["subset"]
    assert not any("filter" in page.query for page in pages(requests))
    assert sorted(got["ids"]) == [p["id"] for p in ROWS if p["nome"] == "Sede 07"]


def test_qgis_takes_a_condition_on_a_date_for_the_time_of_the_feature(readings):
    got, requests = readings["dates"]
    asked = pages(requests)
    (time,) = {page.query["datetime"] for page in asked}
    assert time == "2015-01-01/9999-12-31T00:00:00Z"
    assert {page.status for page in asked} == {200}
    lasting = [p["id"] for p in ROWS if p["valido_al"] is None or p["valido_al"] >= "2015-01-01"]
    assert sorted(got["ids"]) == lasting


def test_qgis_looks_up_a_day_written_as_text_itself(readings):
    got, requests = readings["days as texts"]
    assert not any("datetime" in page.query for page in pages(requests))
    late = [p["id"] for p in ROWS if p["fatto_il"] and p["fatto_il"] >= "2023-10-01"]
    assert sorted(got["ids"]) == late


def test_the_first_features_are_the_first_in_the_order_of_the_collection(readings):
    got, requests = readings["first"]
    (page,) = pages(requests)
    assert page.query == {"limit": "3"}
    places = [p["posti"] for p in ROWS if p["id"] in got["ids"]]
    assert sorted(places) == sorted(p["posti"] for p in ROWS if p["posti"] is not None)[-3:]
