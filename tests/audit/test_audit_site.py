"""The frame: what is asked, what is refused, what is said, and with which exit code."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_mvt import TileFeature, encode, tags

from checks.audit import command, mvt, site
from checks.audit.findings import FINDINGS_SHOWN, Report, Tally, as_json, as_text, closing
from checks.audit.site import CannotAudit, FolderSite, HttpSite, open_site
from checks.audit.tiles import table


class Handler(BaseHTTPRequestHandler):
    """Answers from `pages` of the server: status, headers, body."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.server.heads.append(dict(self.headers))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        running.pages, running.heads = {}, []
        running.url = f"http://127.0.0.1:{running.server_port}/"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def asked(server):
    found = HttpSite(server.url)
    yield found
    found.close()


def test_an_answer_is_read_with_its_headers(server, asked):
    server.pages["/a"] = (200, {"ETag": '"1"'}, b"x")
    answer = asked.get("a", "text/html", "en")
    assert (answer.status, answer.headers["etag"], answer.body) == (200, '"1"', b"x")
    assert server.heads[0]["Accept"] == "text/html"
    assert server.heads[0]["Accept-Language"] == "en"
    assert asked.get("nothing").status == 404


def test_a_redirect_is_followed_on_the_same_host_only(server, asked):
    server.pages["/a"] = (302, {"Location": "/b"}, b"")
    server.pages["/b"] = (200, {}, b"here")
    server.pages["/out"] = (302, {"Location": "http://192.0.2.1/"}, b"")
    server.pages["/loop"] = (302, {"Location": "/loop"}, b"")
    assert asked.get("a").body == b"here"
    with pytest.raises(CannotAudit, match="not below"):
        asked.get("out")
    with pytest.raises(CannotAudit, match="redirects"):
        asked.get("loop")
    with pytest.raises(CannotAudit, match="not below"):
        asked.get("http://192.0.2.1/x")


def test_what_is_too_large_is_refused(server, asked, monkeypatch):
    monkeypatch.setattr(site, "BODY_MAX", 100)
    server.pages["/large"] = (200, {}, b"x" * 101)
    server.pages["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 101))
    for path in ("large", "bomb"):
        with pytest.raises(CannotAudit, match="larger"):
            asked.get(path)


def test_too_many_addresses_are_refused(server, asked, monkeypatch):
    monkeypatch.setattr(site, "ANSWERS_MAX", 2)
    server.pages["/a"] = (200, {}, b"")
    asked.get("a")
    asked.get("a")
    with pytest.raises(CannotAudit, match="more than 2"):
        asked.get("a")


def test_a_folder_gives_its_files_and_nothing_else(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"y")
    folder = FolderSite(tmp_path / "in")
    assert folder.get("a").body == b"x"
    assert folder.get("b").status == 404
    with pytest.raises(CannotAudit, match="out of the folder"):
        folder.get("../secret")


@pytest.mark.parametrize(
    "landing",
    [b"<html>", b"[]", b"{}", b'{"links": [{"rel": "data", "href": "/x"}]}', b'{"links": 3}'],
)
def test_what_is_no_service_is_said_in_one_sentence(server, capsys, landing):
    server.pages["/"] = (200, {}, landing)
    assert command.main(server.url, None) == command.CANNOT
    said = capsys.readouterr().err
    assert said.startswith(f"errore {server.url}")
    assert f"\nerror {server.url}" in said
    assert "Traceback" not in said


def refused(what, capsys):
    assert command.main(str(what), None) == command.CANNOT
    return capsys.readouterr().err.splitlines()


def test_an_address_below_the_landing_page_is_told_where_that_is(server, capsys):
    links = {"links": [{"rel": "self", "href": "/collections"}], "collections": []}
    server.pages["/collections/"] = (200, {}, json.dumps(links).encode())
    for below in ("collections", "collections/nothing"):
        it, it_hint, en, en_hint = refused(server.url + below, capsys)
        assert (it[:7], en[:6]) == ("errore ", "error ")
        assert it_hint.endswith(f"per esempio {server.url}")
        assert en_hint.endswith(f"such as {server.url}")


def test_an_address_without_its_scheme_is_completed(capsys):
    said = refused("127.0.0.1:8791", capsys)
    assert said[1].endswith("per esempio http://127.0.0.1:8791")
    assert said[3].endswith("such as http://127.0.0.1:8791")


@pytest.mark.parametrize("what", ["var/releases/none", "/nowhere/at.all", "ftp://example.org"])
def test_what_is_no_address_is_not_completed(capsys, what):
    assert refused(what, capsys)[3].endswith("such as http://127.0.0.1:8791/")


def test_a_manifest_that_is_none_is_said_in_words(tmp_path, capsys):
    (tmp_path / "manifest.json").write_text("{}")
    it, _, en, _ = refused(tmp_path, capsys)
    assert it == "errore manifest.json non è quello di una versione: manca «files»"
    assert en == "error manifest.json is not that of a release: “files” is missing"
    (tmp_path / "manifest.json").write_text("[]")
    assert refused(tmp_path, capsys)[0].endswith("la forma è un'altra")


def test_a_service_whose_links_lead_elsewhere_is_not_followed(server, capsys):
    landing = {"links": [{"rel": "data", "href": "http://192.0.2.1/collections"}]}
    server.pages["/"] = (200, {}, json.dumps(landing).encode())
    assert command.main(server.url, None) == command.CANNOT
    assert "leads elsewhere" in capsys.readouterr().err


def test_nobody_there_and_no_release_are_said(tmp_path, capsys):
    for what in ("http://127.0.0.1:1/", str(tmp_path), str(tmp_path / "none")):
        assert command.main(what, None) == command.CANNOT
    (tmp_path / "manifest.json").write_text("{}")
    assert command.main(str(tmp_path), None) == command.CANNOT
    (tmp_path / "manifest.json").write_text("{")
    assert command.main(str(tmp_path), None) == command.CANNOT
    with pytest.raises(CannotAudit):
        open_site("ftp://example.org")
    assert "Traceback" not in capsys.readouterr().err


def test_an_address_where_nobody_answers_is_said_in_italian_first(capsys):
    it, it_hint, en, en_hint = refused("http://127.0.0.1:1", capsys)
    assert it.startswith("errore 127.0.0.1:1 non risponde")
    assert en.startswith("error 127.0.0.1:1 does not answer")
    assert "in funzione" in it_hint
    assert "running" in en_hint


def test_a_check_that_was_not_tried_has_no_count():
    tried, found = Tally("replay"), Tally("formats")
    tried.count(3)
    found.find("somewhere", "wrong")
    report = Report(
        "r1", {t.check: t.result() for t in (tried, found, Tally("oracle"), Tally("repetition"))}
    )
    counts = {line.split(":")[0]: line.split()[-2:] for line in as_text(report, {}).splitlines()}
    assert [counts[name] for name in report.checked] == [
        ["3", "0"], ["0", "1"], ["—", "—"], ["—", "—"],
    ]  # fmt: skip


def test_the_report_counts_all_and_shows_some():
    tally = Tally("replay")
    tally.each([True] * 10 + [False] * 60, "somewhere", "wrong", lambda i: {"row": i})
    tally.note("not seen")
    report = Report("r1", {"replay": tally.result()})
    said = json.loads(as_json(report))
    assert (report.exit_code, report.figures) == (1, 70)
    assert (said["figures"], said["findings"], said["release"]) == (70, 60, "r1")
    assert len(said["checks"][0]["shown"]) == FINDINGS_SHOWN
    text = as_text(report, {"replay": "ricalcolo"})
    assert "10 rilievi" in text
    assert "not seen" in text
    assert closing(report) == "60 rilievi / findings."
    assert Report("r1", {}).exit_code == 0


@pytest.mark.parametrize(
    ("wrong", "said"), [(0, "Nessun rilievo. / No findings."), (1, "1 rilievo / finding.")]
)
def test_the_last_line_says_what_was_found(monkeypatch, capsys, wrong, said):
    tally = Tally("replay")
    tally.each([False] * wrong, "somewhere", "wrong", lambda i: {"row": i})
    tally.note("not seen")
    report = Report("r1", {"replay": tally.result()})
    monkeypatch.setattr(command, "audit", lambda *_: report)
    assert command.main("x", None) == wrong
    assert capsys.readouterr().out.splitlines()[-1] == said


VALUES = {"a": 300, "b": -7, "c": 2.5, "d": True, "e": "è", "f": 1, "g": 1.0, "h": -0.0}
HEXAGON = [(0, 4), (2, 0), (6, 0), (8, 4), (6, 8), (2, 8)]


def drawn_tile():
    return encode(
        "x",
        [
            TileFeature(2**51 + 3, tags(VALUES.items()), polygons=[[HEXAGON]]),
            TileFeature(9, tags([("a", 1)]), points=[(5, 7)]),
        ],
    )


def test_tiles_are_read_as_a_release_has_them():
    rows = table({(0, 0, 0): drawn_tile()})
    assert rows.damaged == []
    assert rows.ids.tolist() == [2**51 + 3, 9]
    assert rows.kinds.tolist() == [3, 1]
    assert [rows.column(k)[0] for k in VALUES] == list(VALUES.values())
    assert [type(rows.column(k)[0]) for k in "dfg"] == [bool, int, float]
    assert str(rows.column("h")[0]) == "-0.0"
    assert [rows.column(k)[1] for k in VALUES] == [1, *[None] * 7]
    assert rows.counts.tolist() == [6, 1]
    assert rows.points.tolist() == [*map(list, HEXAGON), [5, 7]]
    assert np.flatnonzero(rows.begins).tolist() == [0, 6]
    assert rows.follows == set(pairwise(VALUES))


def test_a_tile_with_a_number_for_a_key_is_refused():
    layer = b"\x78\x02" + b"\x0a\x01x" + b"\x18\x03"
    with pytest.raises(mvt.InvalidTile):
        mvt.decode(bytes([0x1A, len(layer)]) + layer)


@given(st.data())
def test_a_damaged_tile_is_refused_and_nothing_else_happens(data):
    raw = drawn_tile()
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = bytearray(raw)
    damaged[at] ^= data.draw(st.integers(1, 255))
    for tile in (bytes(damaged), raw[:at]):
        try:
            mvt.decode(tile)
        except mvt.InvalidTile:
            continue
