"""Validators, content codings and kept answers: what is sent again, and what is not computed."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pyarrow as pa
import pytest
from api_client import ITEMS, client_of
from api_release import PLACES, publish_small
from starlette.responses import Response

from api import middleware
from api.answers import MOST, Answers, Heard, Named
from api.coding import preferred_coding
from api.features import routes

CODINGS = ("zstd", "br", "gzip")
ARROW = {"br": "brotli"}
WHOLE = {"limit": PLACES}


@pytest.fixture(scope="module")
def server(small_releases):
    with client_of(small_releases) as client:
        client.headers["Accept-Encoding"] = "identity"
        yield client


@pytest.fixture
def client(server):
    """Give the server as if it had answered nothing yet."""
    releases = server.app.releases
    releases.current = replace(releases.current, answers=Answers(1 << 24), heard=Heard())
    return server


@pytest.fixture
def evaluations(monkeypatch):
    """Count how often a query is run."""
    seen = []

    def counted(collection, query):
        seen.append(query)
        return select(collection, query)

    select = routes.select
    monkeypatch.setattr(routes, "select", counted)
    return seen


def raw(client, coding, path=ITEMS, **headers):
    """Ask for an answer and return it with the bytes as they were sent."""
    asked = {"Accept-Encoding": coding, **headers}
    with client.stream("GET", path, params=WHOLE, headers=asked) as answer:
        return answer, b"".join(answer.iter_raw())


def unpacked(body, coding, length):
    if coding == "gzip":
        return gzip.decompress(body)
    return pa.decompress(body, length, codec=ARROW.get(coding, coding), asbytes=True)


# --- repeated questions


def test_the_same_question_gives_the_same_bytes_and_is_answered_once(client, evaluations):
    first = client.get(f"{ITEMS}?limit=5&tipo=band&sortby=nome")
    again = client.get(f"{ITEMS}?sortby=nome&limit=5&tipo=%62and")
    assert (again.content, again.headers) == (first.content, first.headers)
    assert len(evaluations) == 1


@pytest.mark.parametrize("change", [{"limit": 6}, {"lang": "en"}, {"f": "html"}, {"f": "json"}])
def test_another_question_is_another_answer(client, evaluations, change):
    first = client.get(ITEMS, params={"limit": 5})
    other = client.get(ITEMS, params={"limit": 5} | change)
    assert other.content != first.content
    assert other.headers["etag"] != first.headers["etag"]
    assert len(evaluations) == 2


def test_what_the_client_holds_is_not_computed(client, evaluations):
    tag = client.get(ITEMS, params=WHOLE).headers["etag"]
    for named in (tag, f'"x", W/{tag}', "*"):
        held = client.get(ITEMS, params=WHOLE, headers={"If-None-Match": named})
        assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", tag)
    assert len(evaluations) == 1


def test_what_is_known_is_not_even_read_as_a_query(client, monkeypatch):
    asked = {"filter": "posti > 10", "limit": 3}
    first = client.get(ITEMS, params=asked)
    monkeypatch.setattr("api.features.routes.read_feature_query", None)
    assert client.get(ITEMS, params=asked).content == first.content
    held = client.get(ITEMS, params=asked, headers={"If-None-Match": first.headers["etag"]})
    assert held.status_code == 304


def test_a_request_in_the_same_words_is_not_even_routed(client, monkeypatch):
    first = client.get(ITEMS, params=WHOLE)
    refused = client.get(ITEMS, params={"limit": "0"})
    monkeypatch.setattr(middleware.Boundary, "_answered", None)
    assert client.get(ITEMS, params=WHOLE).content == first.content
    held = client.get(ITEMS, params=WHOLE, headers={"If-None-Match": first.headers["ETag"]})
    assert (held.status_code, held.headers["ETag"]) == (304, first.headers["ETag"])
    assert refused.status_code == 400
    for other in ({"Accept": "text/html"}, {"Accept-Language": "en"}, {"Accept-Encoding": "br"}):
        assert client.get(ITEMS, params=WHOLE, headers=other).status_code == 500
    assert client.get(ITEMS, params={"limit": "0"}).status_code == 500
    assert client.get(f"{ITEMS}/luogo-001").status_code == 500


def test_who_holds_an_answer_is_heard_too(client, monkeypatch):
    held = {"If-None-Match": client.get(ITEMS).headers["ETag"], "Accept-Language": "it, de"}
    assert client.get(ITEMS, headers=held).status_code == 304
    monkeypatch.setattr(middleware.Boundary, "_answered", None)
    assert client.get(ITEMS, headers=held).status_code == 304


def test_a_client_that_holds_it_costs_a_new_process_nothing(small_releases, client, evaluations):
    tag = client.get(ITEMS, params=WHOLE).headers["etag"]
    with client_of(small_releases) as other:
        held = other.get(ITEMS, params=WHOLE, headers={"If-None-Match": tag})
    assert held.status_code == 304
    assert len(evaluations) == 1


@pytest.mark.parametrize("sizes", [{"items_default": 9}, {"items_max": 2_000}])
@pytest.mark.parametrize("path", [ITEMS, "/api", "/collections/luoghi?f=html"])
def test_other_page_sizes_are_other_answers(small_releases, client, sizes, path):
    tag = client.get(path).headers["etag"]
    with client_of(small_releases, **sizes) as other:
        answer = other.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


def test_a_refusal_comes_before_any_validator(client):
    for value in ("*", '"x"'):
        answer = client.get(f"{ITEMS}?limit=0", headers={"If-None-Match": value})
        assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")


def test_head_is_answered_by_what_get_left(client, evaluations):
    get = client.get(ITEMS, params=WHOLE)
    head = client.head(ITEMS, params=WHOLE)
    assert {**head.headers} == {**get.headers}
    assert len(evaluations) == 1
    held = client.head(ITEMS, params=WHOLE, headers={"If-None-Match": get.headers["etag"]})
    assert held.status_code == 304


def test_a_fault_is_not_kept(client, monkeypatch):
    def broken(*_args):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("api.features.routes.select", broken)
        assert client.get(ITEMS).status_code == 500
    assert client.get(ITEMS).status_code == 200


def test_a_new_release_gives_the_new_answer_and_the_old_address_the_old_one(tmp_path):
    old = publish_small(tmp_path, rows=9)
    path = "/collections/celle/items"
    with client_of(tmp_path) as client:
        before = client.get(path)
        pinned = client.get(f"/releases/{old.id}{path}")
        publish_small(tmp_path, rows=9, shift=1)
        client.app.releases.refresh()
        after = client.get(path, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.json()["features"] != before.json()["features"]
        assert client.get(f"/releases/{old.id}{path}").content == pinned.content
        assert "immutable" in pinned.headers["cache-control"]
        assert after.headers["cache-control"] == "no-cache"


# --- content codings


@pytest.mark.parametrize("coding", CODINGS)
def test_every_coding_holds_the_same_answer_under_its_own_tag(client, evaluations, coding):
    plain, body = raw(client, "identity")
    packed, sent = raw(client, coding)
    assert packed.headers["content-encoding"] == coding
    assert packed.headers["content-length"] == str(len(sent))
    assert len(sent) < len(body) / 3
    assert unpacked(sent, coding, len(body)) == body
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + f'-{coding}"'
    assert {plain.headers["vary"], packed.headers["vary"]} == {
        "Accept, Accept-Encoding, Accept-Language"
    }
    assert raw(client, coding)[1] == sent
    assert len(evaluations) == 1


def test_an_answer_is_packed_once(client, monkeypatch):
    first = raw(client, "gzip")[1]
    monkeypatch.setattr("api.asked.packed", None)
    assert raw(client, "gzip")[1] == first


@pytest.mark.parametrize("coding", CODINGS)
def test_a_client_may_hold_any_coding_it_accepts(client, coding):
    plain, packed = raw(client, "identity")[0], raw(client, coding)[0]
    tags = {"": plain.headers["etag"], coding: packed.headers["etag"]}
    for accepts, held, status in (
        (coding, coding, 304),
        (coding, "", 304),
        ("identity", "", 304),
        ("identity", coding, 200),
    ):
        answer, sent = raw(client, accepts, **{"If-None-Match": tags[held]})
        assert answer.status_code == status
        assert answer.headers["etag"] == tags[held if status == 304 else ""]
        assert bool(sent) is (status == 200)


def test_small_answers_and_refusals_are_sent_as_they_are(client):
    small = client.get("/conformance?lang=it&f=json", headers={"Accept-Encoding": "gzip"})
    refused = client.get(f"{ITEMS}?limit=0", headers={"Accept-Encoding": "gzip"})
    one = client.get("/collections/enti/tiles", headers={"Accept-Encoding": "gzip"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in refused.headers
    assert "content-encoding" not in one.headers
    again = client.get("/collections/enti/tiles", headers={"Accept-Encoding": "gzip"})
    assert (again.content, again.headers) == (one.content, one.headers)


def test_downloads_are_ranges_of_the_file_whatever_coding_is_accepted(client):
    asked = {"Accept-Encoding": "gzip, br, zstd", "Range": "bytes=4-9"}
    whole = client.get("/download/luoghi.parquet", headers={"Accept-Encoding": "gzip"})
    part = client.get("/download/luoghi.parquet", headers=asked)
    assert (part.status_code, part.content) == (206, whole.content[4:10])
    assert not {"content-encoding", "vary"} & {*whole.headers, *part.headers}
    assert part.headers["etag"] == whole.headers["etag"]


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;q=1.0", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("*", "gzip"),
        ("*;q=0", ""),
        ("gzip;q=0, *", ""),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0, gzip", "gzip"),
        ("gzip;q=abc", ""),
        ("gzip;q=nan", ""),
        ("gzip;q=inf", ""),
        ("gzip;q=1_0", ""),
        ("gzip;q=.5", "gzip"),
        ("compress, " * 5_000 + "gzip", ""),
    ],
)
def test_the_coding_is_the_one_the_client_prefers(header, coding):
    assert preferred_coding(header) == coding


# --- bounds


def sized(length):
    return Response(bytes(length))


def test_kept_answers_have_a_bound_in_bytes_and_the_longest_unasked_leaves():
    answers = Answers(100_000)
    for i in range(9):
        answers.keep(str(i), sized(9_000))
    assert answers.get("0") is not None
    for i in range(9, 12):
        answers.keep(str(i), sized(9_000))
    assert [i for i in range(12) if answers.get(str(i)) is None] == [1, 2]


def test_kept_answers_have_a_bound_in_number():
    answers = Answers(1 << 30)
    for i in range(MOST + 10):
        answers.keep(str(i), sized(0))
    assert sum(answers.get(str(i)) is not None for i in range(MOST + 10)) == MOST


def test_a_giant_answer_pushes_nothing_out():
    answers = Answers(100_000)
    answers.keep("small", sized(10))
    answers.keep("giant", sized(50_000))
    assert answers.get("giant") is None
    assert answers.get("small") is not None


def test_requests_that_were_heard_have_a_bound_and_long_ones_are_not_kept():
    heard, named = Heard(), Named(('"a"',), "text/plain", "no-cache", "it")
    for n in range(MOST + 1):
        heard.keep(("a", str(n)), named)
    heard.keep(("a", "b" * 1_000), named)
    assert heard.get(("a", "0")) is None
    assert heard.get(("a", "1")) is named is heard.get(("a", str(MOST)))
    assert heard.get(("a", "b" * 1_000)) is None


def test_nothing_is_kept_where_the_operator_says_so(small_releases, evaluations):
    with client_of(small_releases, cache_mib=0) as client:
        bodies = {client.get(ITEMS).content for _ in range(2)}
    assert (len(bodies), len(evaluations)) == (1, 2)
