"""The server over HTTP: documents, pages, validators, headers and refusals."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from api_client import BASE, ITEMS, PAGES, PROBLEM, links, local
from api_release import NAUGHTY, PLACES

from api.features.crs import CRS84, SUPPORTED

# --- the data plane


def test_following_next_meets_every_feature_once(client):
    seen, path = [], f"{ITEMS}?limit=7"
    while path:
        page = client.get(path).json()
        assert page["numberMatched"] == PLACES
        assert page["numberReturned"] == len(page["features"])
        seen += [f["id"] for f in page["features"]]
        following = links(page, "next")
        path = local(following[0]) if following else None
    assert len(seen) == len(set(seen)) == PLACES


def test_no_next_link_leads_to_an_empty_page(client):
    page = client.get(ITEMS, params={"limit": PLACES // 2, "offset": PLACES // 2}).json()
    assert not links(page, "next")
    before = client.get(local(links(page, "prev")[0])).json()
    assert before["numberReturned"] == PLACES // 2
    assert links(before, "next")


def test_prev_stops_at_the_first_feature(client):
    page = client.get(ITEMS, params={"limit": 10, "offset": 3}).json()
    before = client.get(local(links(page, "prev")[0])).json()
    assert before["numberReturned"] == 3
    assert not links(before, "prev")


def test_links_keep_the_query(client):
    query = {"limit": 5, "nome": "=, & +%", "lang": "en", "sortby": "-posti,nome"}
    page = client.get(ITEMS, params=query).json()
    assert page["numberMatched"] == 1
    again = client.get(local(links(page, "self")[0])).json()
    assert again == page


def test_text_comes_out_byte_for_byte(client):
    for i, text in enumerate(NAUGHTY):
        raw = client.get(f"{ITEMS}/luogo-{i:03d}")
        assert json.dumps(text, ensure_ascii=False).encode() in raw.content
        page = client.get(f"{ITEMS}/luogo-{i:03d}", params={"f": "html"})
        assert "<img src=x" not in page.text


def test_an_item_is_the_feature_of_the_page(client):
    feature = client.get(ITEMS, params={"limit": 1}).json()["features"][0]
    item = client.get(f"{ITEMS}/{feature['id']}")
    assert item.headers["content-type"] == "application/geo+json"
    alone = item.json()
    assert links(alone, "collection") == [f"{BASE}/collections/luoghi"]
    del alone["links"]
    assert alone == feature


def test_coordinates_follow_the_asked_system_in_its_axis_order(client):
    def first(crs):
        answer = client.get(f"{ITEMS}/luogo-025", params={"crs": crs} if crs else {})
        assert answer.headers["content-crs"] == f"<{crs or CRS84}>"
        return answer.json()["geometry"]["coordinates"]

    assert first(None) == [8.5, 45.2]
    assert first(SUPPORTED[1]) == [45.2, 8.5]
    x, y = first(SUPPORTED[3])
    assert (400_000 < x < 500_000, 5_000_000 < y < 5_010_000) == (True, True)


def test_properties_are_those_asked_for_in_their_order(client):
    answer = client.get(ITEMS, params={"properties": "posti,nome", "limit": 1})
    assert list(answer.json()["features"][0]["properties"]) == ["nome", "posti"]
    assert client.get(f"{ITEMS}?nome=ghost").json()["features"] == []


@pytest.mark.parametrize("f", ["json", "jsonfg"])
def test_no_answer_says_when_it_was_made(client, f):
    """An answer is kept and given again; `timeStamp` may only be when it was made."""
    assert "timeStamp" not in client.get(ITEMS, params={"f": f}).json()


def test_the_download_is_the_file_and_honours_ranges(client, small_releases):
    whole = client.get("/download/luoghi.parquet")
    file = next(small_releases.glob("*/collections/luoghi/features.parquet"))
    assert whole.content == file.read_bytes()
    assert pq.read_table(file).num_rows == PLACES
    part = client.get("/download/luoghi.parquet", headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, whole.content[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{len(whole.content)}"
    etag = whole.headers["etag"]
    assert (
        client.get("/download/luoghi.parquet", headers={"If-None-Match": etag}).status_code == 304
    )
    stale = {"Range": "bytes=4-9", "If-Range": '"other"'}
    assert client.get("/download/luoghi.parquet", headers=stale).status_code == 200
    assert client.get("/download/luoghi.pmtiles").content[:7] == b"PMTiles"


# --- validators and negotiation


@pytest.mark.parametrize("path", [p for p in PAGES if p != "/releases"])
def test_a_known_answer_is_304_and_another_is_not(client, path):
    answer = client.get(path)
    etag = answer.headers["etag"]
    assert not etag.startswith("W/")
    again = client.get(path, headers={"If-None-Match": f'"x", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    others = [client.get(path, params={"lang": "en"}), client.get(path, params={"f": "html"})]
    assert etag not in {other.headers["etag"] for other in others}


def test_an_unchanged_page_is_not_computed(client, monkeypatch):
    etag = client.get(ITEMS, params={"limit": 3}).headers["etag"]
    monkeypatch.setattr("api.features.routes.select", None)
    headers = {"If-None-Match": etag}
    assert client.get(ITEMS, params={"limit": 3}, headers=headers).status_code == 304


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/geo+json"),
        ("*/*", "application/geo+json"),
        ("application/geo+json, application/json", "application/geo+json"),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html; charset=utf-8",
        ),
        ("text/html;q=0.1,application/json", "application/geo+json"),
        ("application/*", "application/geo+json"),
        ("text/html;q=abc, application/json;q=0.1", "application/geo+json"),
        (",".join(f"a/{i}" for i in range(10_000)), None),
        ("image/png", None),
        ("*/*;q=0", None),
        ("text/html, text/html;q=0.5", "text/html; charset=utf-8"),
        ("text/*;q=0.9, */*;q=0.5, text/html;q=0", "text/csv; charset=utf-8; header=present"),
        ("application/geo+json;q=0", "text/html; charset=utf-8"),
    ],
)
def test_the_representation_follows_accept(client, accept, expected):
    answer = client.get(ITEMS, headers={"Accept": accept})
    assert answer.status_code == (200 if expected else 406)
    assert answer.headers["content-type"] == (expected or PROBLEM)


def test_what_accept_excludes_is_not_brought_back_by_what_fits_everything(client):
    excluded = "application/geo+json;q=0, application/json;q=0, */*;q=0.5"
    answer = client.get(ITEMS, headers={"Accept": excluded})
    assert answer.status_code == 200
    assert "json" not in answer.headers["content-type"]
    assert (
        client.get("/conformance", headers={"Accept": f"{excluded}, text/*;q=0"}).status_code == 406
    )


# --- refusals


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("foo=bar", "foo"),
        ("limitt=3", "limitt"),
        ("limit=1&limit=2", "limit"),
        ("limit=%D9%A1", "limit"),
        ("bbox=8,45,nan,9,46,nan", "bbox"),
        ("bbox=8,45,x,9,46,y", "bbox"),
        ("bbox=8,45,100,9,46,0", "bbox"),
        ("sortby=%2B-nome", "sortby"),
        ("sortby=--nome", "sortby"),
        ("sortby=%2B%2Bnome", "sortby"),
        ("bbox=1,2,3", "bbox"),
        ("datetime=..", "datetime"),
        ("datetime=2023-05-01T12:00:60Z", "datetime"),
        ("datetime=2016-12-31T23:59:60%2B01:00", "datetime"),
        ("crs=file:///etc/passwd", "crs"),
        ("f=../../etc/passwd", "f"),
        ("f=json%00", "f"),
        ("lang=de", "lang"),
        ("nome=%00", "nome"),
        ("nome=%ff%fe", "query"),
        ("nome=%ED%A0%80", "query"),
        ("filter=nessuno='a'", "filter"),
        ("nome=" + "x" * 20_000, "query"),
        ("&".join(f"a{i}=1" for i in range(300)), "query"),
    ],
)
def test_a_bad_query_is_a_problem_naming_its_parameter(client, query, parameter):
    answer = client.get(f"{ITEMS}?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    body = answer.json()
    assert body["parameter"] == parameter
    assert body["status"] == 400
    assert body["code"] == "invalid-parameter"
    assert body["detail"] == body["description"]


def test_a_misspelt_parameter_gets_a_hint(client):
    assert "`limit`" in client.get(f"{ITEMS}?limitt=3").json()["hint"]


def test_a_person_gets_a_page_even_for_a_mistake(client):
    answer = client.get("/nope", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Content-Security-Policy" in answer.headers


def test_options_says_the_service_is_read_only(client):
    answer = client.options(ITEMS)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


def test_head_has_the_headers_of_get(client):
    head, get = client.head(ITEMS), client.get(ITEMS)
    assert head.status_code == 200
    assert {**head.headers} == {**get.headers}


# --- headers


@pytest.mark.parametrize(
    "path", ["/", ITEMS, "/nope", f"{ITEMS}?foo=1", "/download/luoghi.parquet"]
)
def test_every_answer_carries_the_safe_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["access-control-allow-origin"] == "*"
    assert not {"set-cookie", "x-powered-by", "access-control-allow-credentials"} & set(headers)


def test_pages_load_nothing_from_elsewhere_and_only_the_map_may_be_framed(client):
    policy = client.get("/?f=html").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'self'")
    assert client.get("/embed").headers["content-security-policy"].endswith("frame-ancestors *")


def test_a_fault_shows_nothing_and_is_logged(client, monkeypatch, caplog):
    def broken(*_args):
        raise RuntimeError("segreto")

    monkeypatch.setattr("api.features.routes.select", broken)
    answer = client.get(ITEMS, params={"limit": 59})
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "segreto" not in answer.text
    assert "segreto" in caplog.text


def test_health_names_the_release(client, small_releases):
    assert client.get("/livez").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert ready == {"release": (small_releases / "current").read_text().strip(), "degraded": False}


def test_another_language_is_another_answer_to_validate(client):
    tags = {
        lang: client.get("/collections/celle", headers={"Accept-Language": lang}).headers["etag"]
        for lang in ("it", "en")
    }
    assert tags["it"] != tags["en"]
    held = {"Accept-Language": "en", "If-None-Match": tags["it"]}
    assert client.get("/collections/celle", headers=held).status_code == 200
