"""Hostile requests to the real server: each has its answer, and the server is as before."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import time
from urllib.parse import urlsplit

import pytest
from api_release import publish_small
from hostile_rows import SEARCH, TABLE

from benchmarks.processes import memory_mib
from checks.served import serve

PROBLEM = "application/problem+json"
SECONDS = 2.0
"""Generous: the machine may be busy. The benchmark of serving holds the real bound."""
GROWTH_MIB = 32
TOLD = re.compile(r"Traceback|site-packages|\.py\b|granian|starlette|/etc/|evil\.example")
INERT = re.compile(r"<script>alert|<img src=x|\r\nSet-Cookie", re.IGNORECASE)


ITEMS = "/collections/luoghi/items"
WARM = (ITEMS, f"{ITEMS}?f=html&q=sede", f"{ITEMS}?filter=S_INTERSECTS(geometry,POINT(8%2045))")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    publish_small(home / "releases", rows=40)
    with serve(home, log=home / "server.log") as running:
        for target in WARM:
            response, _, _ = exchange(running, get(target))
            assert response.status == 200
        yield running


@pytest.fixture(scope="module")
def before(server):
    return memory_mib(server.pid)


def get(target):
    return f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()


def exchange(server, sent):
    """Send bytes and return the response, its body and the seconds it took."""
    parts = urlsplit(server.url)
    began = time.perf_counter()
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        with contextlib.suppress(OSError):  # it may answer and hang up before it has heard all
            connection.sendall(sent)
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = response.read()
    return response, body, time.perf_counter() - began


def spelled(row, accept):
    """Return a row as it goes over the wire."""
    named = {name.lower() for name, _ in row.headers}
    headers = [("Host", "localhost"), ("Accept", accept), ("Connection", "close")]
    kept = [(name, value) for name, value in headers if name.lower() not in named]
    length = [("Content-Length", str(len(row.body)))] if row.body else []
    lines = [f"{name}: {value}" for name, value in (*kept, *row.headers, *length)]
    head = "\r\n".join([f"{row.method} {row.target} HTTP/1.1", *lines, "", ""])
    return head.encode() + row.body


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("row", TABLE, ids=lambda row: re.sub(r"[^ -~]", "?", row.name))
@pytest.mark.parametrize("accept", ["*/*", "text/html, */*;q=0.1"])
def test_what_is_hostile_gets_its_answer(server, row, accept):
    response, body, seconds = exchange(server, spelled(row, accept))
    text = body.decode("latin-1")
    assert response.status in row.expected, text[:300]
    assert seconds < SECONDS
    page = response.headers.get("content-type", "").startswith("text/html")
    assert not (page and INERT.search(text))
    if response.status >= 400 and not (row.bare and not body):
        refusal(row, response, text, page=page)
    livez, alive, _ = exchange(
        server, b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    assert (livez.status, alive) == (200, b'{"status":"ok"}')


def refusal(row, response, text, *, page):
    assert page or response.headers["content-type"] == PROBLEM
    assert response.headers["x-content-type-options"] == "nosniff"
    assert not {"location", "set-cookie", "x-powered-by"} & {k.lower() for k in response.headers}
    assert not TOLD.search(text), text[:500]
    if not page:
        assert len(text) < 2_000
    if response.status == 405:
        expected = "POST, OPTIONS" if row.target == SEARCH else "GET, HEAD, OPTIONS"
        assert response.headers["allow"] == expected


def test_the_same_processes_serve_and_have_not_grown(server, before):
    after = memory_mib(server.pid)
    assert after.keys() == before.keys()
    assert max(after.values()) - max(before.values()) < GROWTH_MIB
