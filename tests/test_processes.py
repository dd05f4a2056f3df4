"""The process `sensibilita`: an index by its own choices, by others, and never a fault."""

from __future__ import annotations

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import numpy as np
import pytest
from api_client import PROBLEM, client_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.processes import routes
from api.processes.index import MEANS, SCALES, Choice, Index, outcome

HERE = "/processes/sensibilita"
EXECUTION = f"{HERE}/execution"
TOWNS, CELLS = "rischio_comuni", "rischio_h3_r7"
JSON = {"Content-Type": "application/json", "Accept-Language": "en"}
FEW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def served(demo_release):
    with client_of(demo_release.folder.parent) as client:
        yield client


def execute(client, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(EXECUTION, content=raw, headers={**JSON, **headers})


def asked(client, collection=TOWNS, **inputs):
    answer = execute(client, {"inputs": {"collection": collection, **inputs}})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture(scope="module")
def members(served):
    schema = served.get(HERE).json()["inputs"]["weights"]["schema"]
    return schema["required"]


# --- what it computes


@pytest.mark.parametrize("collection", [TOWNS, CELLS])
def test_the_usual_choices_give_exactly_what_is_published(served, members, collection):
    items = served.get(f"/collections/{collection}/items?limit=10000").json()["features"]
    published = {f["id"]: f["properties"] for f in items}
    plain = asked(served, collection, limit=10_000).json()
    said = {"weights": dict.fromkeys(members, 2), "aggregation": "ampi+"}
    for answer in (plain, asked(served, collection, limit=10_000, **said).json()):
        assert len(answer["units"]) == len(published)
        for unit in answer["units"]:
            of = published[unit["id"]]
            assert unit["score"] == unit["published_score"] == of["punteggio"]
            assert unit["rank_change"] == (None if of["punteggio"] is None else 0)
            assert unit["rank"] == of.get("rango", unit["rank"])
        assert answer["summary"]["moved"] == 0


def test_equal_shares_have_equal_percentiles_whatever_the_rounding_of_the_machine(served, members):
    weights = {name: int(name == "quota_80") for name in members}
    found = asked(served, CELLS, weights=weights, normalisation="percentile", limit=1_000).json()
    lineage = served.get(f"/download/{CELLS}.lineage.json").json()
    counted = {one["id"]: (one["inputs"][-1], sum(one["inputs"])) for one in lineage["features"]}
    by_share: dict[object, set[tuple[float, int]]] = {}
    for unit in found["units"]:
        if unit["score"] is not None:
            by_share.setdefault(counted[unit["id"]], set()).add((unit["score"], unit["rank"]))
    assert all(len(said) == 1 for said in by_share.values())


def test_the_order_of_weights_does_not_matter_and_bytes_are_the_same(served, members):
    weights = {name: i + 1 for i, name in enumerate(members)}
    other = dict(reversed(weights.items()))
    one, two, again = (asked(served, weights=w) for w in (weights, other, weights))
    assert one.content == two.content == again.content
    assert asked(served, weights=dict.fromkeys(members, 1)).content == asked(served).content


def test_other_choices_move_ranks(served, members):
    seen = set()
    for mean in MEANS:
        for scale in SCALES:
            answer = asked(served, aggregation=mean, normalisation=scale, limit=500).json()
            ranks = [u["rank"] for u in answer["units"]]
            assert ranks == sorted(ranks)
            assert answer["summary"]["rank_correlation"] > 0.5
            seen.add(json.dumps([u["score"] for u in answer["units"]]))
    assert len(seen) == len(MEANS) * len(SCALES)
    alone = asked(served, weights={n: float(n == members[0]) for n in members}).json()
    assert alone["summary"]["moved"] > 0


def test_named_units_come_in_their_order(served):
    ids = ["002158", "002156", "002016"]
    assert [u["id"] for u in asked(served, ids=ids).json()["units"]] == ids
    assert len(asked(served, ids=ids, limit=2).json()["units"]) == 2
    assert execute(served, {"inputs": {"collection": TOWNS, "ids": ["0"]}}).status_code == 400


def test_an_answer_may_be_a_document_of_outputs(served):
    inputs = {"collection": TOWNS, "limit": 1}
    body = {"inputs": inputs, "response": "document", "outputs": {"result": {}}, "mode": "sync"}
    assert execute(served, body).json() == {"result": asked(served, limit=1).json()}


def test_the_form_of_its_page_works_without_javascript(served, members):
    page = served.get(f"{HERE}?f=html&lang=en").text
    assert page.count('<form method="post"') == 3
    assert all(f'name="weight.{name}"' in page for name in members)
    assert "Old-age index" in page
    assert all(f'<option value="{one}">' in page for one in (*MEANS, *SCALES))
    form = {
        "collection": TOWNS,
        "aggregation": "geometric",
        **{f"weight.{n}": "2" for n in members},
    }
    answer = served.post(f"{EXECUTION}?f=html&lang=it", data=form)
    assert answer.status_code == 200
    assert "Posizione" in answer.text
    assert "Vercelli" in answer.text
    assert f"{HERE}?f=html" in served.get(f"/collections/{TOWNS}?f=html").text
    assert "Media geometrica · Riferimenti pubblicati" in answer.text
    assert "Si vedono le" not in answer.text
    other = re.search(r'href="([^"]+)" lang="en"', answer.text)
    assert other
    beside = urljoin(f"{EXECUTION}?f=html", html.unescape(other[1]))
    assert beside.partition("?")[0].endswith(HERE)  # what was posted has no page to come back to
    few = served.post(f"{EXECUTION}?f=html&lang=it", data={**form, "limit": "5"})
    assert "Si vedono le 5" in few.text
    as_json = served.post(EXECUTION, data=form).json()
    weights = dict.fromkeys(members, 2)
    assert as_json == asked(served, aggregation="geometric", weights=weights).json()
    assert served.post(EXECUTION, data={**form, "ids": "1"}).status_code == 400
    comma = served.post(EXECUTION, data={**form, "weight.quota_80": "0,5"}).json()
    assert comma["parameter"] == "weight.quota_80"
    assert "0.5" in comma["hint"]


# --- what it is


def test_it_is_found_from_the_landing_page(served):
    rel = "http://www.opengis.net/def/rel/ogc/1.0/processes"
    (link,) = [k for k in served.get("/").json()["links"] if k["rel"] == rel]
    assert link["href"].endswith("/processes")
    listed = served.get("/processes?limit=3").json()
    assert [one["id"] for one in listed["processes"]] == ["sensibilita"]
    described = served.get(HERE).json()
    assert described["jobControlOptions"] == ["sync-execute"]
    assert described["inputs"]["collection"]["schema"]["enum"] == [TOWNS, "rischio_h3_r6", CELLS]
    declared = served.get("/conformance").json()["conformsTo"]
    assert {one.rpartition("/")[2] for one in declared if "processes-1" in one} == {
        "core", "ogc-process-description", "json", "html", "oas30"}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/processes/altro", 404),
        *[(m, "/processes/altro/execution", 404) for m in ("GET", "POST", "PUT", "DELETE")],
        ("GET", "/releases/none/processes/altro/execution", 404),
        ("GET", "/jobs", 404),
        ("POST", "/jobs", 404),
        ("GET", "/jobs/1", 404),
        ("GET", f"{HERE}/jobs", 404),
        ("POST", "/processes", 405),
        ("POST", HERE, 405),
        ("DELETE", HERE, 405),
        ("GET", EXECUTION, 405),
        ("PUT", EXECUTION, 405),
        ("GET", "/processes?limit=0", 400),
        ("GET", "/processes?foo=1", 400),
        ("POST", f"{EXECUTION}?foo=1", 400),
    ],
)
def test_there_is_nothing_else(served, method, path, status):
    answer = served.request(method, path, content=b"{}", headers=JSON)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    if path.startswith("/processes/altro"):
        assert answer.json()["type"].endswith("/no-such-process")
    if status == 405:
        assert answer.headers["allow"] == (
            "POST, OPTIONS" if path == EXECUTION else "GET, HEAD, OPTIONS"
        )


GOOD = {"collection": TOWNS}
BAD = [
    ({"inputs": GOOD, "subscriber": {"successUri": "http://127.0.0.1/"}}, "subscriber"),
    ({"inputs": GOOD, "mode": "async"}, "mode"),
    ({"inputs": GOOD, "subscriber": None}, "subscriber"),
    ({"inputs": None}, "collection"),
    ({"inputs": {"collection": None}}, "collection"),
    ({"inputs": GOOD, "response": "other"}, "response"),
    ({"inputs": GOOD, "outputs": {"altro": {}}}, "outputs"),
    ({"inputs": GOOD, "outputs": {"result": {"transmissionMode": "reference"}}}, "outputs"),
    ({"inputs": GOOD, "outputs": []}, "outputs"),
    ({"inputs": GOOD, "extra": 1}, "extra"),
    ({"inputs": {**GOOD, "extra": 1}}, "extra"),
    ({"inputs": {}}, "collection"),
    ({}, "collection"),
    ({"inputs": []}, "inputs"),
    ({"inputs": {"collection": "comuni"}}, "collection"),
    ({"inputs": {"collection": 1}}, "collection"),
    ({"inputs": {**GOOD, "aggregation": "median"}}, "aggregation"),
    ({"inputs": {**GOOD, "normalisation": ["goalposts"]}}, "normalisation"),
    ({"inputs": {**GOOD, "weights": {}}}, "weights"),
    ({"inputs": {**GOOD, "weights": {"dipendenza": 1}}}, "weights"),
    ({"inputs": {**GOOD, "limit": 0}}, "limit"),
    ({"inputs": {**GOOD, "limit": True}}, "limit"),
    ({"inputs": {**GOOD, "limit": 10_001}}, "limit"),
    ({"inputs": {**GOOD, "limit": 1.5}}, "limit"),
    ({"inputs": {**GOOD, "ids": []}}, "ids"),
    ({"inputs": {**GOOD, "ids": ["002158", "002158"]}}, "ids"),
    ({"inputs": {**GOOD, "ids": [1]}}, "ids"),
    ({"inputs": {**GOOD, "ids": [str(i) for i in range(1_001)]}}, "ids"),
]


@pytest.mark.parametrize(("body", "named"), BAD)
def test_what_is_not_supported_is_refused_by_name(served, body, named):
    answer = execute(served, body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["parameter"] == named
    italian = execute(served, body, **{"Accept-Language": "it"}).json()
    assert italian["detail"] != answer.json()["detail"]


def test_what_is_null_is_not_said(served):
    for name in ("weights", "aggregation", "normalisation", "ids"):
        assert asked(served, limit=2, **{name: None}).content == asked(served, limit=2).content
    assert asked(served, limit=None).content == asked(served).content
    nothing = dict.fromkeys(("outputs", "response", "mode"))
    answer = execute(served, {"inputs": GOOD, **nothing})
    assert answer.content == asked(served).content


def test_what_is_wrong_is_told_with_its_name_and_an_example(served, members):
    def told(inputs):
        return execute(served, {"inputs": {**GOOD, **inputs}}).json()["detail"]

    assert "`quota_80`" in told({"weights": {**dict.fromkeys(members, 1), "quota_80": -1}})
    assert "`999999`" in told({"ids": ["002158", "999999"]})
    assert "a unit" in told({"ids": ["\n"]})
    for raw in (b"", b"[]", b'{"inputs":{},"inputs":{}}'):
        example = json.loads(execute(served, raw).json()["hint"])
        assert execute(served, example).status_code == 200


@pytest.mark.parametrize("weight", [-1, 1_001, "1", None, True, [1], float("nan"), 1e400])
def test_weights_are_numbers(served, members, weight):
    weights = {**dict.fromkeys(members, 1), members[0]: weight}
    answer = execute(served, {"inputs": {**GOOD, "weights": weights}})
    assert answer.status_code == 400
    none = dict.fromkeys(members, 0)
    assert execute(served, {"inputs": {**GOOD, "weights": none}}).status_code == 400


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b"\xff", 400),
        (b'{"inputs":{"collection":"a","collection":"a"}}', 400),
        (b'{"inputs":{"limit":NaN}}', 400),
        (b"[" * 60_000, 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
        (b" " * (routes.MAX_BODY + 1), 413),
    ],
)  # fmt: skip
def test_a_body_that_is_no_plain_object_is_refused(served, raw, status):
    assert execute(served, raw).status_code == status


def test_a_wish_to_be_answered_later_is_refused(served):
    for wish in ("respond-async", "wait=10, Respond-Async"):
        assert execute(served, {"inputs": GOOD}, Prefer=wish).status_code == 400
    assert execute(served, {"inputs": GOOD}, **{"Content-Type": "text/plain"}).status_code == 415
    packed = {"Content-Encoding": "gzip"}
    assert execute(served, {"inputs": GOOD}, **packed).status_code == 415


def test_a_pinned_release_has_the_process(served, demo_release):
    here = f"/releases/{demo_release.id}{EXECUTION}"
    answer = served.post(here, content=json.dumps({"inputs": GOOD}), headers=JSON)
    assert answer.content == asked(served).content


def test_a_release_without_an_index_says_so(client):
    assert client.get(HERE).status_code == 200
    assert "no index" in client.get(f"{HERE}?f=html&lang=en").text
    assert execute(client, {"inputs": GOOD}).status_code == 400


def test_who_comes_when_too_many_wait_is_told_when_to_come_again(served, monkeypatch):
    monkeypatch.setattr(routes, "_WAITING", 0)
    answer = execute(served, {"inputs": GOOD})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == PROBLEM


def test_many_at_once_are_answered_or_told_to_wait(served):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: execute(served, {"inputs": GOOD}).status_code, range(48)))
    assert set(answers) <= {200, 503}
    assert 200 in answers
    assert execute(served, {"inputs": GOOD}).status_code == 200


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from([TOWNS, CELLS, *MEANS, *SCALES, "raw", "document", "002158"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["collection", "weights", "aggregation", "normalisation", "limit", "ids",
                         "result", "indice_vecchiaia", "dipendenza", "quota_80", "carico_cura"])
        | st.text(max_size=8), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "inputs": st.fixed_dictionaries(
            {"collection": st.just(TOWNS) | VALUES},
            optional=dict.fromkeys(
                ("weights", "aggregation", "normalisation", "limit", "ids"), VALUES
            ),
        )
        | VALUES,
        **dict.fromkeys(("outputs", "response", "mode", "subscriber", "x"), VALUES),
    },
)  # fmt: skip


@FEW
@given(body=BODIES | VALUES)
def test_no_body_is_a_fault(served, body):
    answer = execute(served, body)
    assert answer.status_code in {200, 400}
    assert json.loads(answer.content)


@FEW
@given(raw=st.binary(max_size=300))
def test_no_bytes_are_a_fault(served, raw):
    assert execute(served, raw).status_code in {400, 413}


# --- the index by itself


def small(rows):
    values = np.array(rows, float).reshape(-1, 2)
    scaled = 70 + values * 60
    return Index([str(i) for i in range(len(values))], ("a", "b"), values, scaled,
                  np.array([1, -1]), np.full(len(values), np.nan), 4)  # fmt: skip


PART = st.one_of(st.just(float("nan")), st.floats(0, 1))
ROWS = st.lists(st.tuples(PART, PART), max_size=6)
CHOICES = st.builds(
    Choice,
    weights=st.none() | st.fixed_dictionaries({"a": st.floats(0.1, 1_000), "b": st.floats(0.1, 9)}),
    aggregation=st.sampled_from(MEANS),
    normalisation=st.sampled_from(SCALES),
)


@given(rows=ROWS, choice=CHOICES)
def test_no_units_or_alike_ones_or_missing_ones_are_no_fault(rows, choice):
    found = outcome(small(rows), choice)
    assert not np.isinf(found.score).any()
    assert ((found.rank > 0) == ~np.isnan(found.score)).all()
    lacking = np.isnan(np.array(rows, float).reshape(-1, 2)).any(axis=1)
    assert np.isnan(found.score[lacking]).all()
