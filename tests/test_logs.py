"""What is logged names the program and the release, never who asked or what was asked for."""

from __future__ import annotations

import http.client
import logging
import sys
from urllib.parse import urlsplit

import pytest
from api_release import publish_small

from api.logs import Impersonal, trail
from checks.served import serve

MARK = "RSSMRA80A01L750X"
BROKEN = f"""
import api.features.routes
mark = "{MARK[:5]}" + "{MARK[5:]}"  # a trail quotes lines of the program
def broken(*_args, **_named):
    import logging
    logging.getLogger("other").error("asked %s", mark)
    try:
        int(mark)
    except ValueError as error:
        raise RuntimeError(mark) from error
api.features.routes.select = broken
"""
ITEMS = "/collections/luoghi/items"
HEADERS = {"User-Agent": MARK, "Referer": f"http://{MARK}/", "X-Forwarded-For": MARK}
ASKED = {
    f"{ITEMS}?limit=59&q={MARK}": 500,
    f"{ITEMS}?nome={MARK}&limit=58": 500,
    f"{ITEMS}?limit={MARK}": 400,
    f"{ITEMS}?filter=nome='{MARK}": 400,
    f"{ITEMS}?bbox={MARK}": 400,
    f"{ITEMS}/{MARK}": 404,
    f"/collections/{MARK}": 404,
    f"/{MARK}": 404,
    f"/releases/{MARK}/": 404,
    f"/download/{MARK}.parquet": 404,
    f"/embed?comune={MARK}": 404,
    f"/xyz/{MARK}/1/1/1.mvt": 404,
}


def ask(url, path, **headers):
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    link.request("GET", path, headers=HEADERS | headers)
    answer = link.getresponse()
    answer.read()
    link.close()
    return answer.status


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """Ask a real server whose pages of items are broken, and return what it logged."""
    home = tmp_path_factory.mktemp("logged")
    publish_small(home / "releases")
    (home / "sitecustomize.py").write_text(BROKEN, encoding="utf-8")
    before = [path for path in sys.path if path]
    settings = {"PYTHONPATH": ":".join([str(home), *before]), "ATLANTE_WORKERS": "2"}
    with serve(home, log=home / "log", settings=settings) as running:
        statuses = {path: ask(running.url, path) for path in ASKED}
        assert ask(running.url, "/", Host=f"{MARK}/") == 400
        assert ask(running.url, f"{ITEMS}?limit=57&q={MARK}", Accept="text/html") == 500
    assert statuses == ASKED
    return (home / "log").read_text(encoding="utf-8")


def test_a_real_server_logs_nothing_of_a_request(logged):
    assert MARK.lower() not in logged.lower()
    assert "127.0.0.1:" not in logged.replace("http://127.0.0.1:", "")


def test_a_fault_is_logged_with_its_route_and_the_lines_of_the_program(logged):
    assert logged.count("fault while answering /collections/{collection}/items\n") == 3
    assert "in broken" in logged
    assert "builtins.RuntimeError\n" in logged
    assert "builtins.ValueError\n" in logged
    assert "ERROR other (sitecustomize:" in logged


def test_a_record_is_one_line_whatever_is_in_it():
    record = logging.LogRecord("atlante.x", logging.ERROR, "x", 1, "a\nb\x1b[31m\u2028", (), None)
    assert Impersonal().format(record) == r"ERROR atlante.x a\nb\x1b[31m\u2028"


def test_a_ring_of_causes_ends():
    one, two = ValueError("a"), KeyError("b")
    one.__cause__, two.__cause__ = two, one
    assert trail(one).count("Traceback") == 2
