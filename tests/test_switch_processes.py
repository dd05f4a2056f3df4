"""A switch of releases under load, in a server of two processes: no answer is of two releases."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import orjson
import pytest
from test_switch_of_shapes import ADDRESSES, publish_number

from checks.audit.site import HttpSite
from checks.served import serve
from geo_core.release.pointer import switch

SWITCHES = 21
CLIENTS = 4
ITEMS = "/collections/prova_h3_r7/items"
ASKED = (
    *(quote(path, safe="/?&=") for path in ADDRESSES.values()),
    "/releases",
    "/collections/prova_h3_r7",
    "/collections/prova_h3_r7/dggs/H3/zones",
    "/download/prova_h3_r7.pmtiles",
    "/download/prova_h3_r7.mbtiles",
    "/download/prova_h3_r7.parquet",
)
TILE = ADDRESSES["tile"]
SAME = {"/collections/prova_h3_r7/dggs/H3/zones"}
"""Which zones there are is the same in both."""


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    home = tmp_path_factory.mktemp("switched")
    return home, [publish_number(home / "releases", number) for number in (7, 4000)]


def told(raw):
    """Return a body without the address of the server, which differs between servers."""
    return re.sub(rb"http://127\.0\.0\.1:\d+", b"", raw)


def walked(get, path):
    """Return the ids and values of all pages, from the links `next`."""
    found = []
    while path:
        page = orjson.loads(get(path).body)
        found += [(f["id"], f["properties"]["numero"]) for f in page["features"]]
        path = next((k["href"] for k in page["links"] if k["rel"] == "next"), None)
    return found


def whole(home, ident, log):
    """Return what a server says that has one release alone, and the pages of a query."""
    switch(home / "releases", ident)
    with serve(home, log=log) as running:
        site = HttpSite(f"{running.url}/")
        answers = {path: told(site.get(running.url + path).body) for path in ASKED}
        pages = walked(site.get, f"{running.url}{ITEMS}?limit=20")
        site.close()
    return answers, pages


def test_no_answer_is_of_two_releases_while_two_processes_switch(two, tmp_path):
    home, idents = two
    log = tmp_path / "log"
    alone = {ident: whole(home, ident, log) for ident in idents}
    (older, _), (newer, _) = alone.values()
    changing = {path for path in ASKED if older[path] != newer[path]}
    assert set(ASKED) - changing == SAME
    stop, seen, bodies = threading.Event(), {path: set() for path in ASKED}, {}
    asked = [0]

    def ask(url):
        with closing(HttpSite(f"{url}/")) as site:
            while not stop.is_set():
                for path in ASKED:
                    answer = site.get(url + path)
                    assert answer.status == 200, (path, answer.status)
                    body = told(answer.body)
                    seen[path] |= {i for i, (one, _) in alone.items() if one[path] == body}
                    assert body in {older[path], newer[path]}, path
                    if etag := answer.headers.get("etag"):
                        assert bodies.setdefault((path, etag), answer.body) == answer.body, path
                    asked[0] += 1
                for ident, (one, _) in alone.items():
                    assert site.get(f"{url}/releases/{ident}{TILE}").body == one[TILE]
                pages = walked(site.get, f"{url}{ITEMS}?limit=20")
                assert pages in [one for _, one in alone.values()]

    with (
        serve(home, log=log, settings={"ATLANTE_WORKERS": "2"}) as running,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        clients = [pool.submit(ask, running.url) for _ in range(CLIENTS)]
        try:
            for at in range(SWITCHES):
                switch(home / "releases", idents[at % 2])
                time.sleep(0.8)  # a process looks at the pointer every second
        finally:
            stop.set()
        for client in clients:
            client.result()
    assert all(found == set(idents) for found in seen.values()), seen
    assert asked[0] > SWITCHES * CLIENTS
    assert set(ASKED) - {path for path, _ in bodies} == {"/releases"}  # has no ETag
    assert "Traceback" not in log.read_text(encoding="utf-8")
