"""Queries in the body of a request: the same answers as to an address, and bounded."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode

import pytest
from api_client import ITEMS, PROBLEM, local

from api.features import posted
from api.features.posted import FORM, JSON, MAX_BODY

SEARCH = "/collections/luoghi/search"
OLD = "/releases/nessuna"


def sent(client, body, media=JSON, **headers):
    headers = {"Content-Type": media, "Accept-Language": "en", **headers}
    return client.post(SEARCH, content=body, headers=headers)


def features(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    return answer.json()["features"]


AS_IN_AN_ADDRESS = [
    {},
    {"filter": "posti >= 10 AND nome LIKE 'Sede%'", "sortby": "-posti,nome", "limit": "7"},
    {"bbox": "8.2,45.1,8.6,45.4", "aperto": "true", "properties": "nome,posti"},
    {"q": "sede 07,sede 08", "crs": "http://www.opengis.net/def/crs/EPSG/0/32632"},
    {"filter": '{"op":">","args":[{"property":"posti"},20]}', "filter-lang": "cql2-json"},
]


@pytest.mark.parametrize("said", AS_IN_AN_ADDRESS)
def test_a_form_and_an_object_ask_what_an_address_asks(client, said):
    expected = client.get(ITEMS, params=said).json()
    for media, body in ((FORM, urlencode(said)), (JSON, json.dumps(said))):
        answer = sent(client, body, media)
        assert features(answer) == expected["features"]
        assert answer.json()["numberMatched"] == expected["numberMatched"]
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_an_object_may_hold_numbers_lists_and_a_filter_in_json(client):
    said = {
        "filter": {"op": "<", "args": [{"property": "posti"}, 12.5]},
        "bbox": [8.2, 45.1, 8.6, 45.4],
        "aperto": True,
        "sortby": ["-posti", "nome"],
        "limit": 5,
    }
    plain = {
        "filter": "posti < 12.5",
        "bbox": "8.2,45.1,8.6,45.4",
        "aperto": "true",
        "sortby": "-posti,nome",
        "limit": "5",
    }
    found = features(sent(client, json.dumps(said)))
    assert found == features(client.get(ITEMS, params=plain)) != []


def test_a_filter_too_long_for_an_address_is_answered_page_by_page(client):
    names = ",".join(f"'{'x' * 90}{i}'" for i in range(400))
    said = {"filter": f"nome LIKE 'Sede%' OR nome IN ({names})", "limit": 11}
    assert client.get(ITEMS, params=said).status_code == 400
    pages, address, body = [], SEARCH, said
    while body:
        page = client.post(address, json=body).json()
        pages.append([feature["id"] for feature in page["features"]])
        following = [link for link in page["links"] if link["rel"] == "next"]
        address, body = (
            (local(following[0]["href"]), following[0]["body"]) if following else ("", 0)
        )
    expected = client.get(ITEMS, params={"filter": "nome LIKE 'Sede%'"}).json()["features"]
    assert [ident for page in pages for ident in page] == [one["id"] for one in expected]
    assert len(pages) > 3
    assert all(link["method"] == "POST" for link in page["links"] if link["rel"] == "prev")


def test_a_release_is_asked_at_its_own_address(client):
    ident = client.get("/releases").json()["releases"][0]["id"]
    pinned = client.post(f"/releases/{ident}{SEARCH}", json={"limit": 3})
    assert features(pinned) == client.get(ITEMS, params={"limit": 3}).json()["features"]
    assert client.post(f"{OLD}{SEARCH}", json={}).status_code == 404


BAD = {
    b"": "not JSON",
    b"{": "not JSON",
    b"[]": "not an object",
    b"null": "not an object",
    b'{"limit":NaN}': "not JSON",
    b'{"filter":"\\ud800"}': "not JSON",
    b"\xff\xfe": "not JSON",
    b"[" * 100_000: "not JSON",
    b'{"filter":' + b'{"op":"not","args":[' * 40 + b"true" + b"]}" * 40 + b"}": "nested",
    b'{"limit":1,"limit":2}': "twice",
    b'{"filter":{"op":"=","op":"<","args":[]}}': "twice",
    b'{"limit":null}': "not a text",
    b'{"sortby":["nome,posti"]}': "not a text",
    b'{"bbox":{"a":1}}': "not a text",
    b'{"foo":1}': "not a parameter",
    b'{"f":"html"}': "not a parameter",
    b'{"limit":0}': "whole number",
    b'{"limit":1e400}': "not JSON|whole number",
    b'{"nome":"a\\u0000b"}': "control character",
    b'{"filter":{"op":"="},"filter-lang":"cql2-text"}': "character",
    b'{"filter":"true_count > 0"}': "unknown property",
    b'{"token":"a.b.c"}': "does not belong",
}


@pytest.mark.parametrize(("body", "reason"), BAD.items(), ids=range(len(BAD)))
def test_a_body_that_asks_nothing_clear_is_refused(client, body, reason):
    answer = sent(client, body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert any(part in answer.text for part in reason.split("|")), answer.text


TWICE = 'filter={"op":"=","op":"<","args":[1,1]}&filter-lang=cql2-json'


@pytest.mark.parametrize(
    "body", ["limit=1&limit=2", "foo=1", "limit=%ff", "&".join(["a=1"] * 300), TWICE]
)
def test_a_form_is_read_as_strictly_as_an_address(client, body):
    assert sent(client, body, FORM).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/geo+json"},
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
    ],
)
def test_other_media_types_are_refused_with_those_that_are_read(client, headers):
    answer = client.post(SEARCH, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert FORM in answer.json()["hint"]


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("charset=utf-8", 200), ('charset="UTF-8"', 200), ("a=b;Charset = UTF8", 200),
        ("charset=us-ascii", 200), ("charset=latin1", 415), ('charset="utf-16"', 415),
        ("charset=utf-8; charset=latin1", 415), ("charset=", 415), ("a=charset", 200),
    ],
)  # fmt: skip
def test_a_body_is_utf_8_and_may_say_so(client, stated, status):
    for media, body in ((JSON, b"{}"), (FORM, b"limit=1")):
        answer = client.post(SEARCH, content=body, headers={"Content-Type": f"{media}; {stated}"})
        assert answer.status_code == status


def test_the_coding_that_is_none_may_be_named(client):
    assert sent(client, b"{}", **{"Content-Encoding": "Identity"}).status_code == 200


def test_a_body_is_bounded_whatever_length_it_states(client):
    long = b'{"filter":"' + b" AND nome='a'" * 20_000 + b'"}'

    def pieces():
        for start in range(0, len(long), 10_000):
            yield long[start : start + 10_000]

    for body in (long, pieces()):
        answer = sent(client, body)
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert sent(client, b'{"filter":"' + b" " * (MAX_BODY - 30) + b'"}').status_code == 400


def asked_slowly(client, messages):
    """Return the status of a request whose body comes as these messages, then never."""
    scope = {
        "type": "http", "method": "POST", "path": SEARCH, "query_string": b"",
        "headers": [(b"content-type", JSON.encode())], "scheme": "http", "server": ("a", 80),
    }  # fmt: skip
    waiting, statuses = list(messages), []

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(client.app(scope, receive, send))
    return statuses


def test_who_does_not_send_the_body_is_not_waited_for(client, monkeypatch):
    monkeypatch.setattr(posted, "_PATIENCE", 0.05)
    begun = {"type": "http.request", "body": b'{"fil', "more_body": True}
    assert asked_slowly(client, [begun]) == [408]
    assert asked_slowly(client, [begun, {"type": "http.disconnect"}]) == [400]


def test_only_this_address_is_posted_to_and_it_is_not_read(client):
    # QGIS takes a collection whose items can be posted for one that can be edited.
    assert client.post(ITEMS, json={}).status_code == 405
    assert client.options(ITEMS).headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options(SEARCH).headers["access-control-allow-methods"] == "POST, OPTIONS"
    refused = client.get(SEARCH)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
    assert client.post("/collections/nessuna/search", json={}).status_code == 404
    assert client.post(f"{SEARCH}?limit=3", json={}).status_code == 400
    assert client.post(f"{SEARCH}?lang=en", json={}).headers["content-language"] == "en"


def test_the_openapi_document_says_what_may_be_posted(client):
    api = client.get("/api").json()
    described = api["paths"][SEARCH]["post"]
    content = described["requestBody"]["content"]
    assert set(content) == {FORM, JSON}
    asked = api["paths"][ITEMS]["get"]["parameters"]
    named = {one.get("name") or one["$ref"].rsplit("/", 1)[1] for one in asked}
    named -= {"f", "lang", "profile"}  # of the answer, so they stand in the address
    for media in content.values():
        schema = api["components"]["schemas"][media["schema"]["$ref"].rsplit("/", 1)[1]]
        assert set(schema["properties"]) == named
    assert {"408", "413", "415"} <= set(described["responses"])
