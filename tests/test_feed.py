"""The feed of releases: every release once, and what changed in each."""

from __future__ import annotations

import json
import os
import shutil
from xml.etree import ElementTree as ET

import pytest
from api_release import publish_small
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://example.org/atlante"


@pytest.fixture(scope="module")
def entries(small_releases):
    with TestClient(create_app(Settings(releases=small_releases, public_url=BASE))) as running:
        answer = running.get("/releases.atom", params={"lang": "en"})
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        listed = [one["id"] for one in running.get("/releases").json()["releases"]]
        held = {"if-none-match": answer.headers["etag"]}
        assert running.get("/releases.atom", params={"lang": "en"}, headers=held).status_code == 304
        assert running.get("/releases.atom", params={"lang": "it"}, headers=held).status_code == 200
        assert answer.headers["vary"] == "Accept, Accept-Language"
    return ET.fromstring(answer.content), listed


def test_every_release_is_an_entry_with_an_address_that_lasts(entries):
    feed, listed = entries
    links = [e.find(f"{ATOM}link").get("href") for e in feed.iter(f"{ATOM}entry")]
    assert links == [f"{BASE}/releases/{ident}/?lang=en" for ident in listed]


def test_what_the_form_of_a_feed_asks_for_is_there(entries):
    feed, _ = entries
    for node in (feed, *feed.iter(f"{ATOM}entry")):
        assert all(node.find(f"{ATOM}{name}").text for name in ("id", "title", "updated"))
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    idents = [e.find(f"{ATOM}id").text for e in feed.iter(f"{ATOM}entry")]
    assert len(set(idents)) == len(idents)


@pytest.fixture
def changing(tmp_path):
    """Return the summaries of a feed, the last first, of three releases."""
    root = tmp_path / "releases"
    fewer = [publish_small(root, rows=9, shift=shift) for shift in (0, 1)]
    made = [*fewer, publish_small(root)]
    for at, release in enumerate(made):
        os.utime(root / release.id / "manifest.json", (1_700_000_000 + at, 1_700_000_000 + at))
    with TestClient(create_app(Settings(releases=root, public_url=BASE))) as running:
        feed = ET.fromstring(running.get("/releases.atom", params={"lang": "en"}).content)
    return feed, made


def test_an_entry_says_what_changed_since_the_one_before(changing):
    feed, made = changing
    entries = list(feed.iter(f"{ATOM}entry"))
    hrefs = [one.find(f"{ATOM}link").get("href") for one in entries]
    assert hrefs == [f"{BASE}/releases/{one.id}/?lang=en" for one in reversed(made)]
    said = [one.findtext(f"{ATOM}summary") for one in entries]
    contents = [{e.path: e.sha256 for e in one.files} for one in reversed(made)]
    for summary, now, before in zip(said, contents, contents[1:], strict=False):
        for info in made[0].collections:
            path = f"collections/{info.layer.id}/features.parquet"
            changed = summary.partition("Changed collections: ")[2]
            assert (info.layer.title.en in changed) == (now[path] != before[path])
    assert "Changed" not in said[-1]
    assert feed.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")


def test_an_entry_names_collections_that_came_and_went(tmp_path):
    root = tmp_path / "releases"
    made = [publish_small(root, without=name) for name in ("luoghi", "enti")]
    for at, release in enumerate(made):
        os.utime(root / release.id / "manifest.json", (1_700_000_000 + at, 1_700_000_000 + at))
    with TestClient(create_app(Settings(releases=root, public_url=BASE))) as running:
        feed = ET.fromstring(running.get("/releases.atom", params={"lang": "en"}).content)
    said, first = (one.findtext(f"{ATOM}summary") for one in feed.iter(f"{ATOM}entry"))
    now, before = ({i.layer.id: i.layer.title.en for i in one.collections} for one in made[::-1])
    (came,), (went,) = (now.keys() - before.keys(), before.keys() - now.keys())
    rows = sum(info.count for info in made[1].collections)
    assert (came, went) == ("luoghi", "enti")
    assert said == (
        f"{len(now)} collections, {rows:,} features. New collections: {now[came]}. "
        f"Removed collections: {before[went]}."
    )
    assert "collections:" not in first


def test_a_release_that_cannot_be_read_is_left_out(small_releases, tmp_path):
    root = tmp_path / "releases"
    shutil.copytree(small_releases, root)
    old = root / "2020-01-01-0123456789ab"
    old.mkdir()
    (old / "manifest.json").write_text(json.dumps({"id": old.name}))
    with TestClient(create_app(Settings(releases=root, public_url=BASE))) as running:
        answer = running.get("/releases.atom")
    assert answer.status_code == 200
    assert old.name not in answer.text
