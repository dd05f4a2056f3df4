"""MBTiles: the tiles of the archive, byte for byte, in a file that others open."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from api_client import BASE, client_of
from hypothesis import given
from hypothesis import strategies as st
from tiles_release import publish_tiles

from api import downloads
from geo_core.formats import mbtiles
from geo_core.formats.pmtiles import open_archive, pack, write_archive

BOUNDS = (8.0, 45.0, 9.0, 46.0)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root: Path = tmp_path_factory.mktemp("releases")
    publish_tiles(root)
    return root


@pytest.fixture(scope="module")
def client(root):
    with client_of(root) as running:
        yield running


@pytest.fixture(scope="module")
def current(client):
    return client.app.releases.current


def opened(body):
    file = sqlite3.connect(":memory:")
    file.deserialize(body)
    return closing(file)


def tiles_of(body):
    with opened(body) as file:
        rows = file.execute("SELECT * FROM tiles").fetchall()
    return {(z, x, 2**z - 1 - y): data for z, x, y, data in rows}


@given(
    keys=st.sets(st.integers(0, 6).flatmap(
        lambda z: st.tuples(st.just(z), st.integers(0, 2**z - 1), st.integers(0, 2**z - 1))
    )),
    same=st.booleans(),
)  # fmt: skip
def test_any_archive_comes_back_as_it_was(tmp_path_factory, keys, same):
    tiles = {key: pack(b"mare" if same else str(key).encode()) for key in keys}
    path = tmp_path_factory.mktemp("archive") / "a.pmtiles"
    write_archive(path, tiles, bounds=BOUNDS, zooms=(0, 6), metadata={"name": "prova"})
    body = mbtiles.write(open_archive(path), BOUNDS)
    assert tiles_of(body) == tiles
    assert mbtiles.write(open_archive(path), BOUNDS) == body
    with opened(body) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("ident", ["punti", "aree", "celle_r8", "celle", "vuota"])
def test_a_tileset_is_a_download(client, current, ident):
    answer = client.get(f"/download/{ident}.mbtiles")
    assert answer.headers["content-type"] == "application/vnd.sqlite3"
    assert f'filename="{ident}.mbtiles"' in answer.headers["content-disposition"]
    archive = current.tiles[ident]
    assert tiles_of(answer.content) == {key: archive.get(*key) for key in archive}
    described = client.get(f"/xyz/{ident}.json").json()
    with opened(answer.content) as file:
        said = dict(file.execute("SELECT * FROM metadata"))
        assert file.execute("PRAGMA application_id").fetchone() == (0x4D504258,)
    assert [float(part) for part in said["bounds"].split(",")] == described["bounds"]
    assert [float(part) for part in said["center"].split(",")] == described["center"]
    zooms = (int(said["minzoom"]), int(said["maxzoom"]))
    assert zooms == (described["minzoom"], described["maxzoom"])
    assert (said["format"], said["attribution"]) == ("pbf", described["attribution"])
    assert json.loads(said["json"])["vector_layers"] == described["vector_layers"]


def test_a_client_that_has_the_file_gets_304_before_it_is_made(client, monkeypatch):
    address = "/download/aree.mbtiles"
    first = client.get(address)
    assert client.get(address).content == first.content
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(first.content))
    monkeypatch.setattr(mbtiles, "write", None)
    held = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")
    others = client.get("/download/punti.mbtiles", headers={"If-None-Match": '"x"'})
    assert others.status_code == 500
    monkeypatch.undo()
    assert client.get("/download/punti.mbtiles").headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("name", ["nessuna", "righe", "dataset", "", "aree.mbtiles", "../aree"])
def test_there_is_none_of_what_has_no_tiles(client, name):
    assert client.get(f"/download/{name}.mbtiles").status_code == 404
    assert client.get("/download/aree.mbtiles?f=json").status_code == 400


def test_a_giant_is_offered_as_pmtiles_alone(client, current, monkeypatch):
    sizes = {entry.path: entry.bytes for entry in current.release.manifest.files}
    monkeypatch.setattr(downloads, "_LARGEST", sizes["tiles/aree.pmtiles"] - 1)
    assert client.get("/download/aree.mbtiles").status_code == 404
    assert client.get("/download/aree.pmtiles").status_code == 200
    offered = {one.id for one in downloads.packable(current.release.manifest)}
    assert "vuota" in offered
    assert "aree" not in offered


def test_collections_and_pages_lead_to_it(client):
    links = client.get("/collections/aree").json()["links"]
    files = [one["href"] for one in links if one["rel"] == "enclosure"]
    assert f"{BASE}/download/aree.mbtiles" in files
    for path in ("/collections/aree", "/collections/aree/tiles", "/tiles/celle/WebMercatorQuad"):
        text = client.get(path, params={"f": "html"}).text
        name = "celle" if "celle" in path else "aree"
        assert f'href="{BASE}/download/{name}.mbtiles"' in text


def test_gdal_of_the_distribution_reads_every_feature(client, ogrinfo, tmp_path):
    path = tmp_path / "aree.mbtiles"
    path.write_bytes(client.get("/download/aree.mbtiles").content)
    command = [ogrinfo, "-ro", "-so", "-oo", "ZOOM_LEVEL=9", str(path), "aree"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "MBTiles" in said
    # The format has one type of numbers.
    assert "n_persone: Real" in said
    copy = Path(ogrinfo).with_name("ogr2ogr")
    command = [copy, "-f", "GeoJSON", "/vsistdout/", path, "aree", "-oo", "ZOOM_LEVEL=9"]
    whole = subprocess.run(command, capture_output=True, text=True, check=True)
    found = {one["properties"]["id"] for one in json.loads(whole.stdout)["features"]}
    assert found == {"ovest", "est", "parti", "puntino"}
