"""Pages by token and addresses that name a release: neither is mixed, whatever is published."""

from __future__ import annotations

import shutil
from itertools import chain

import pytest
from api_client import BASE, local
from api_release import publish_small
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo_core.release.pointer import switch

ITEMS = "/collections/celle/items"
QUERY = "filter=NOT%20h3%20IS%20NULL&sortby=-indice"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    root = tmp_path_factory.mktemp("published")
    return root, [publish_small(root, shift=shift).id for shift in range(5)]


@pytest.fixture
def two(published, tmp_path):
    """Serve an older release beside a newer one; a test may do with both what it likes."""
    source, (older, newer, *_) = published
    shutil.copytree(source, tmp_path, dirs_exist_ok=True)
    switch(tmp_path, older)
    app = create_app(Settings(releases=tmp_path, public_url=BASE))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, app.releases, tmp_path, older, newer


def turned(two):
    _, releases, root, _, newer = two
    switch(root, newer)
    releases.refresh()
    assert releases.current.release.id == newer


def following(page, rel="next"):
    found = [link["href"] for link in page["links"] if link["rel"] == rel]
    return local(found[0]) if found else None


def ids(page):
    return [feature["id"] for feature in page["features"]]


def walked(client, address, rel="next"):
    pages = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        address = following(pages[-1], rel)
    return pages


def test_pages_go_on_in_the_release_they_began_in(two):
    client = two[0]
    whole = client.get(f"{ITEMS}?{QUERY}").json()
    first = client.get(f"{ITEMS}?{QUERY}&limit=9").json()
    turned(two)
    rest = walked(client, following(first))
    assert [*ids(first), *chain.from_iterable(map(ids, rest))] == ids(whole)
    assert {page["numberMatched"] for page in rest} == {whole["numberMatched"]}
    now = client.get(f"{ITEMS}?{QUERY}").json()
    assert now["features"] != whole["features"]


def test_pages_go_back_to_the_first(two):
    client = two[0]
    last = walked(client, f"{ITEMS}?limit=7")[-1]
    back = walked(client, following(last, "prev"), "prev")
    assert [*chain.from_iterable(map(ids, reversed(back))), *ids(last)] == ids(
        client.get(ITEMS).json()
    )


def test_a_release_that_is_gone_ends_its_pages_with_a_way_back(two):
    client, _, root, older, _ = two
    address = following(client.get(f"{ITEMS}?limit=9").json())
    turned(two)
    shutil.rmtree(root / older)
    answer = client.get(address)
    assert answer.status_code == 410
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"{BASE}{ITEMS}" in answer.json()["hint"]


def test_a_token_of_another_query_collection_or_release_is_refused(two):
    client, newer = two[0], two[4]
    token = (
        following(client.get(f"{ITEMS}?{QUERY}&limit=9").json()).split("token=")[1].split("&")[0]
    )
    release, first, check = token.split(".")
    other = f"{check[:-1]}{'0' if check[-1] != '0' else '1'}"
    for query in (
        f"{QUERY}&token={release}.{first}.{other}",
        f"{QUERY}&token={release}.{int(first, 16) + 1:x}.{check}",
        f"{QUERY}&token={newer}.{first}.{check}",
        f"{QUERY}&token=x",
        # No token at all, though it begins like one of a release that is gone.
        f"{QUERY}&token=2020-01-01-abc.1.nothing",
        f"{QUERY}&token=",
        f"token={token}",
        f"{QUERY.replace('-indice', 'indice')}&token={token}",
        f"{QUERY}&token={token}&offset=3",
        f"{QUERY}&token={token}&token={token}",
        f"{QUERY}&token={token}" + "&a=1" * 300,
    ):
        answer = client.get(f"{ITEMS}?{query}")
        assert answer.status_code == 400, query
    plain = following(client.get(f"{ITEMS}?limit=9").json())
    assert client.get(plain.replace("celle", "luoghi")).status_code == 400
    assert client.get(f"{ITEMS}?{QUERY}&token={token}&limit=3").status_code == 200


def test_a_token_is_read_as_every_parameter_however_it_is_encoded(two):
    client = two[0]
    first = client.get(f"{ITEMS}?limit=9").json()
    address = following(first)
    rest = client.get(address).json()["features"]
    turned(two)
    for written in (address, address.replace(".", "%2E"), address.replace("token", "t%6fken")):
        answer = client.get(written)
        assert (answer.status_code, answer.json().get("features")) == (200, rest), written


def test_where_the_address_names_a_release_no_token_leads_to_another(two):
    client, older, newer = two[0], two[3], two[4]
    search = ITEMS.replace("items", "search")
    turned(two)
    page = client.get(f"{ITEMS}?limit=9").json()
    (link,) = (k for k in client.post(search, json={"limit": 9}).json()["links"] if "body" in k)
    for ident, status in ((newer, 200), (older, 400)):
        pinned = f"/releases/{ident}"
        answers = (
            client.get(f"{pinned}{following(page)}"),
            client.post(f"{pinned}{search}", json=link["body"]),
        )
        for answer in answers:
            assert answer.status_code == status
            assert status == 200 or "`token` non è di" in answer.json()["detail"]


def test_an_address_that_names_a_release_is_that_tree_for_ever(two):
    client, _, _, older, newer = two
    turned(two)
    for ident, same in ((newer, True), (older, False)):
        pinned = client.get(f"/releases/{ident}{ITEMS}?limit=5")
        assert pinned.status_code == 200
        assert "immutable" in pinned.headers["cache-control"]
        assert pinned.headers["etag"]
        links = [k["href"] for k in pinned.json()["links"] if k["rel"] != "profile"]
        assert all(href.startswith(f"{BASE}/releases/{ident}/") for href in links)
        now = client.get(f"{ITEMS}?limit=5")
        assert now.headers["cache-control"] == "no-cache"
        assert (pinned.json()["features"] == now.json()["features"]) is same
    landing = client.get(f"/releases/{older}")
    assert landing.status_code == client.get(f"/releases/{older}/").status_code == 200
    tile = client.get(f"/releases/{older}/xyz/luoghi/8/133/91.mvt")
    assert "immutable" in tile.headers["cache-control"]
    assert (
        "immutable"
        in client.get(f"/releases/{older}/download/luoghi.parquet").headers["cache-control"]
    )
    assert client.get("/releases").status_code == 200


@pytest.mark.parametrize(
    "ident", ["2023-12-31-000000000000", "%2e%2e", "current", ".staging-x", "x" * 65]
)
def test_a_release_that_is_not_there_is_not_found(two, ident):
    answer = two[0].get(f"/releases/{ident}/collections")
    assert answer.status_code in {400, 404}
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_few_releases_stay_open(two, published):
    client, releases = two[:2]
    for ident in published[1]:
        assert client.get(f"/releases/{ident}/collections").status_code == 200
    assert len(releases._others) == 2
