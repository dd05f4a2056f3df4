"""Layers that show what is valid on the day of the release, and the rest when a day is asked."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from currency import shown
from pmtiles.reader import MemorySource, Reader, all_tiles
from pyarrow import parquet
from starlette.testclient import TestClient

from api.app import create_app
from api.features.provider import ReleaseProvider, releases_folder
from api.settings import Settings
from geo_core.release.read import Release

CURRENT = ("opportunita", "opportunita_aree", "buone_prassi")


@pytest.fixture(scope="module")
def client(demo_home: Path, demo_release: Release) -> TestClient:
    assert demo_release.manifest.id
    return TestClient(create_app(Settings(releases=demo_home / "releases")))


def rows(release: Release, collection: str) -> list[dict[str, object]]:
    path = release.path(f"collections/{collection}/features.parquet")
    return parquet.read_table(path).to_pylist()


def ids(client: TestClient, collection: str, query: str = "") -> list[str]:
    answer = client.get(f"/collections/{collection}/items?limit=10000{query}").json()
    found = [feature["id"] for feature in answer["features"]]
    assert answer["numberMatched"] == answer["numberReturned"] == len(found)
    return sorted(found)


@pytest.mark.parametrize("collection", CURRENT)
def test_only_what_is_valid_on_the_day_of_the_release_is_shown(
    client: TestClient, demo_release: Release, collection: str
):
    wanted = sorted(shown(demo_release, collection)["id"].to_pylist())
    everything = sorted(str(row["id"]) for row in rows(demo_release, collection))
    assert 0 < len(wanted) < len(everything)
    assert ids(client, collection) == wanted
    day = demo_release.manifest.reference_date
    assert ids(client, collection, f"&datetime={day}") == wanted
    assert ids(client, collection, "&datetime=../..") == everything


def test_a_day_in_the_past_finds_what_was_valid_then(client: TestClient, demo_release: Release):
    day = "2023-03-15"
    wanted = sorted(
        str(row["id"])
        for row in rows(demo_release, "opportunita")
        if str(row["valido_dal"]) <= day and (row["valido_al"] is None or row["valido_al"] >= day)
    )
    assert wanted
    assert ids(client, "opportunita", f"&datetime={day}") == wanted
    assert not set(wanted) <= set(ids(client, "opportunita"))


def test_what_is_over_is_still_found_by_its_id(client: TestClient):
    over = set(ids(client, "opportunita", "&datetime=../..")) - set(ids(client, "opportunita"))
    assert client.get(f"/collections/opportunita/items/{min(over)}").status_code == 200


def test_filters_and_boxes_see_the_same_features(client: TestClient, demo_release: Release):
    current = set(ids(client, "opportunita"))
    everywhere = "&bbox=7,44,10,47"
    placed = {str(r["id"]) for r in rows(demo_release, "opportunita") if r["geometry"]}
    assert set(ids(client, "opportunita", everywhere)) == current & placed
    norms = {str(r["id"]) for r in rows(demo_release, "opportunita") if r["tipo"] == "norma"}
    assert set(ids(client, "opportunita", "&tipo=norma")) == current & norms


@pytest.mark.parametrize("collection", CURRENT)
def test_maps_draw_what_is_current(demo_release: Release, collection: str):
    source = MemorySource(demo_release.path(f"tiles/{collection}.pmtiles").read_bytes())
    assert Reader(source).header()
    drawn = b"".join(gzip.decompress(tile) for _, tile in all_tiles(source))
    current = {row["id"] for row in shown(demo_release, collection).to_pylist() if row["geometry"]}
    for row in rows(demo_release, collection):
        assert (str(row["id"]).encode() in drawn) == (row["id"] in current), row["id"]


@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_collection_says_that_it_shows_what_is_current(client: TestClient, lang: str):
    for form in ("json", "html"):
        said = client.get(f"/collections/opportunita?lang={lang}&f={form}").text
        assert "datetime=../.." in said
        assert "datetime=../.." not in client.get(f"/collections/patti?lang={lang}&f={form}").text


def test_an_opportunity_without_a_point_has_the_area_it_is_valid_in(demo_release: Release):
    for row in rows(demo_release, "opportunita"):
        assert row["geometry"] is not None
        assert (row["tipo_geometria"] == "area") == (row["ambito_territoriale"] is not None)


@pytest.mark.parametrize("family", ["opportunita", "patti", "buone_prassi"])
def test_areas_are_once_more_in_a_collection_of_their_own(demo_release: Release, family: str):
    areas = [row for row in rows(demo_release, family) if row["tipo_geometria"] == "area"]
    again = rows(demo_release, f"{family}_aree")
    assert areas
    assert sorted(areas, key=lambda r: str(r["id"])) == sorted(again, key=lambda r: str(r["id"]))


@pytest.mark.parametrize("family", ["opportunita", "patti", "buone_prassi"])
def test_points_come_before_areas(client: TestClient, family: str):
    answer = client.get(f"/collections/{family}/items?datetime=../..&limit=10000").json()
    kinds = "".join((f["geometry"] or {"type": "none"})["type"][0] for f in answer["features"])
    assert re.fullmatch("P+M+n*", kinds), kinds


def test_both_doors_show_the_same(client: TestClient, demo_home: Path, monkeypatch):
    monkeypatch.setenv("ATLANTE_RELEASES", str(demo_home / "releases"))
    releases_folder.cache_clear()
    provider = ReleaseProvider(
        {
            "name": "x", "type": "feature", "id_field": "id",
            "data": {"release": "current", "layer": "opportunita"},
        }
    )  # fmt: skip
    for query, asked in (("", None), ("&datetime=../..", "../..")):
        found = provider.query(limit=10_000, datetime_=asked)
        assert sorted(f["id"] for f in found["features"]) == ids(client, "opportunita", query)
    releases_folder.cache_clear()
