"""The tileset of everything: layers of several collections in one tile, chosen by the client."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_client import BASE, client_of
from hypothesis import given
from hypothesis import strategies as st
from strict_mvt import decode
from tiles_release import publish_tiles

from api.tiles.views import MOST, dataset
from geo_core.formats.pmtiles import inflate
from geo_core.model.manifest import Tileset

AT = (9, 267, 183)
IDS = ("aree", "punti", "celle", "celle_r6", "celle_r7", "celle_r8", "vuota")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    root: Path = tmp_path_factory.mktemp("releases")
    publish_tiles(root)
    with client_of(root) as running:
        yield running


@pytest.fixture(scope="module")
def current(client):
    return client.app.releases.current


def tile(client, chosen=None, at=AT, **headers):
    z, x, y = at
    query = {} if chosen is None else {"collections": chosen}
    xyz = client.get(f"/xyz/dataset/{z}/{x}/{y}.mvt", params=query, headers=headers)
    ogc = client.get(f"/tiles/WebMercatorQuad/{z}/{y}/{x}", params=query, headers=headers)
    assert (xyz.status_code, xyz.content) == (ogc.status_code, ogc.content)
    assert xyz.headers.get("etag") == ogc.headers.get("etag")
    return xyz


@given(chosen=st.lists(st.sampled_from(IDS), min_size=1, max_size=MOST, unique=True))
def test_a_tile_has_the_chosen_layers_in_their_order_as_they_are_alone(client, current, chosen):
    answer = tile(client, ",".join(chosen))
    assert answer.status_code == 200
    alone = [current.tiles[ident].get(*AT) for ident in chosen]
    assert answer.content == b"".join(inflate(one) for one in alone if one)
    assert list(decode(answer.content)) == [i for i, one in zip(chosen, alone, strict=True) if one]


def test_without_a_choice_it_shows_themes_by_zoom(client, current):
    document = client.get("/tiles/WebMercatorQuad").json()
    shown = [layer["id"] for layer in document["layers"]]
    assert shown[0] == "celle"
    for zoom, x, y in ((6, 33, 22), AT, (12, 2143, 1467)):
        answer = tile(client, at=(zoom, x, y))
        assert answer.content == tile(client, ",".join(shown), at=(zoom, x, y)).content
        whole = decode(answer.content)
        member = next(t for t in current.release.manifest.tilesets if t.id == "celle")
        alone = decode(inflate(current.tiles[member.collections[zoom]].get(zoom, x, y)))
        found = {f.properties["id"] for f in whole["celle"].features}
        assert found == {f.properties["id"] for layer in alone.values() for f in layer.features}


def test_addresses_of_collections_are_names_of_them(client):
    full = f"{BASE}/collections/punti,{BASE}/collections/aree"
    assert tile(client, full).content == tile(client, "punti,aree").content
    release = client.app.releases.current.release.id
    pinned = f"{BASE}/releases/{release}/collections/punti"
    answer = client.get(
        f"/releases/{release}/xyz/dataset/9/267/183.mvt", params={"collections": pinned}
    )
    assert answer.content == tile(client, "punti").content
    assert "immutable" in answer.headers["cache-control"]


REFUSED = [
    "", ",", "punti,", "nessuna", "punti,punti", "righe", "Punti", "punti aree", "../punti",
    f"{BASE}/collections/nessuna", "https://evil.example/collections/punti",
    f"punti,{BASE}/collections/punti", "dataset",
    ",".join(f"x{i}" for i in range(11)),
    "punti," * 1_500,
]  # fmt: skip


@pytest.mark.parametrize("chosen", REFUSED)
def test_a_choice_that_cannot_be_is_refused(client, chosen):
    for path in ("/xyz/dataset/9/267/183.mvt", "/xyz/dataset.json", "/tiles/WebMercatorQuad"):
        answer = client.get(path, params={"collections": chosen})
        assert (answer.status_code, answer.json()["parameter"]) == (400, "collections")
        assert "hint" in answer.json() or "due volte" in answer.json()["detail"]


def test_more_than_a_tile_may_show_are_refused(client, monkeypatch):
    monkeypatch.setattr("api.tiles.views.MOST", 2)
    assert tile(client, "punti,aree").status_code == 200
    answer = tile(client, "punti,aree,celle")
    assert answer.status_code == 400
    assert "seconda tessera" in answer.json()["hint"]


def test_only_a_choice_is_a_parameter(client):
    assert client.get("/xyz/dataset/9/267/183.mvt?f=mvt").status_code == 400
    again = "/xyz/dataset/9/267/183.mvt?collections=punti&collections=aree"
    assert client.get(again).status_code == 400
    assert client.get("/xyz/punti/9/267/183.mvt?collections=punti").status_code == 400
    assert client.get("/tiles/celle/WebMercatorQuad?collections=celle_r8").status_code == 400


def test_a_tile_is_packed_validated_and_made_once(client, monkeypatch):
    first = tile(client, "aree,punti")
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["vary"] == "Accept-Encoding"
    monkeypatch.setattr("api.tiles.joined.inflate", None)  # whatever is made anew would fail
    assert tile(client, "aree,punti").content == first.content
    held = tile(client, "aree,punti", **{"if-none-match": first.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")
    monkeypatch.undo()
    plain = tile(client, "aree,punti", **{"accept-encoding": "identity"})
    assert plain.content == first.content
    assert "content-encoding" not in plain.headers
    other = tile(client, "punti,aree")
    assert len({a.headers["etag"] for a in (first, plain, other)}) == 3


def test_in_range_and_empty_and_out_of_range(client, current, monkeypatch):
    empty = tile(client, "vuota")
    assert (empty.status_code, empty.content) == (200, b"")
    assert "content-encoding" not in empty.headers

    class Untouchable:
        def get(self, *_):
            raise AssertionError("the archive was asked")

    for ident in current.tiles:
        monkeypatch.setitem(current.tiles, ident, Untouchable())
    for at in ((5, 16, 11), (13, 4000, 2900), (9, 0, 0), (9, 267, 10**8)):
        assert tile(client, "punti,aree", at=at).status_code == 404
    assert client.get("/tiles/WebMercatorQuad/9/0183/267").status_code == 404


@pytest.mark.parametrize("query", ["", "?collections=punti,celle_r7"])
def test_documents_tell_the_layers_and_lead_to_the_same_tiles(client, query):
    document = client.get(f"/tiles/WebMercatorQuad{query}").json()
    described = client.get(f"/xyz/dataset.json{query}").json()
    shown = [layer["id"] for layer in document["layers"]]
    if query:
        assert shown == ["punti", "celle_r7"]
    assert [layer["id"] for layer in described["vector_layers"]] == shown
    west, south, east, north = described["bounds"]
    assert document["boundingBox"]["lowerLeft"] == [west, south]
    assert document["boundingBox"]["upperRight"] == [east, north]
    (item,) = (link for link in document["links"] if link["rel"] == "item")
    ogc = item["href"].format(tileMatrix=9, tileRow=183, tileCol=267)
    (xyz,) = described["tiles"]
    one, two = (
        client.get(address.removeprefix(BASE)) for address in (ogc, xyz.format(z=9, x=267, y=183))
    )
    assert one.content == two.content != b""
    assert list(decode(one.content)) == shown
    (own,) = (link["href"] for link in document["links"] if link["rel"] == "self")
    assert client.get(own.removeprefix(BASE)).json() == document


def test_bounds_and_zooms_are_those_of_all_that_is_shown(current):
    def one(ident: str) -> Tileset:
        return next(t for t in current.release.manifest.tilesets if t.id == ident)

    both = dataset(current, "punti,aree")
    assert both.bounds == (
        *map(min, zip(one("punti").bounds[:2], one("aree").bounds[:2], strict=True)),
        *map(max, zip(one("punti").bounds[2:], one("aree").bounds[2:], strict=True)),
    )
    assert both.zooms == (6, 12)
