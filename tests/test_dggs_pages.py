"""Pages about zones: what they show is what the documents say."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.dggs.pages import RULES, STATUS_WORDS
from api.dggs.status import STATUSES
from api.settings import Settings

GRID = "/collections/bisogni_h3_r8/dggs/H3"


@pytest.fixture(scope="module")
def client(demo_home):
    with TestClient(create_app(Settings(releases=demo_home / "releases"))) as running:
        yield running


def page(client, address, **params):
    found = client.get(address, params={"f": "html", "lang": "it", **params})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"].startswith("text/html")
    return found.text


def test_people_are_led_from_the_landing_page_to_a_zone(client):
    links = client.get("/").json()["links"]
    (listed,) = (one["href"] for one in links if one["rel"] == "[ogc-rel:dggrs-list]")
    assert listed.endswith("/dggs")
    assert "/dggs/H3" in page(client, "/dggs")
    assert "/dggs/H3/zones?" in page(client, "/dggs/H3")
    listed = page(client, "/dggs/H3/zones", **{"zone-level": 6, "compact-zones": "false"})
    zones = re.findall(r"/dggs/H3/zones/([0-9a-f]{15})\?", listed)
    assert len(zones) > 50
    shown = page(client, f"/dggs/H3/zones/{zones[0]}")
    assert "/collections/popolazione_h3_r7/dggs/H3/zones/" in shown or "rischio" in shown
    assert shown.count("<polygon") == 7


def test_only_collections_on_hexagons_lead_to_zones(client):
    for one in client.get("/collections").json()["collections"]:
        rels = [link["rel"] for link in one["links"]]
        assert ("[ogc-rel:dggrs-list]" in rels) == bool(re.search(r"_h3_r\d$", one["id"]))


def test_a_list_for_people_is_short_and_leads_on(client):
    first = page(client, f"{GRID}/zones", **{"compact-zones": "false"})
    assert first.count("DGGS-JSON") == 100
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = client.get(following.replace("&amp;", "&")).text
    zones = [set(re.findall(r"/zones/([0-9a-f]{15})\?", text)) for text in (first, second)]
    assert len(zones[0]) == len(zones[1]) == 100
    assert not zones[0] & zones[1]


def test_a_zone_in_a_larger_area_leads_to_it_and_shows_no_figure(client):
    address = f"{GRID}/zones"
    for zone in client.get(address, params={"compact-zones": "false"}).json()["zones"][::25]:
        doc = client.get(f"{address}/{zone}").json()
        shown = page(client, f"{address}/{zone}")
        if doc["status"] == "merged":
            assert "area pubblicata" in shown
            assert "<table>" not in shown
        else:
            assert "<table>" in shown


def test_every_status_and_rule_has_words(client):
    assert set(STATUS_WORDS) == set(STATUSES)
    rules = client.get(GRID).json()["aggregation"].values()
    assert {one["rule"] for one in rules} - {"none"} <= set(RULES)
    text = unescape(page(client, GRID))
    assert all(said.it in text for said in STATUS_WORDS.values())


def test_robots_are_asked_not_to_walk_through_zones(client):
    said = client.get("/robots.txt")
    assert said.headers["content-type"].startswith("text/plain")
    assert "Disallow: */dggs/*/zones/*" in said.text.splitlines()
