"""`atlante doctor` sees with real clients that a service is well, and each way it may be broken."""

from __future__ import annotations

import io
import json
import time
import zipfile
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from api_release import publish_small
from typer.testing import CliRunner

from checks.audit.site import HttpSite
from checks.doctor import programs as clients
from checks.doctor.asks import Door
from checks.doctor.programs import NAMES, Program, programs
from checks.doctor.report import Report, as_text
from checks.doctor.trial import tried
from checks.served import serve
from geo_core.cli import app

ITEMS = "/collections/luoghi/items"
PROJECT = "atlante.qgz"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    home = tmp_path_factory.mktemp("doctor")
    publish_small(home / "releases")
    with serve(home, log=home / "server.log") as running:
        yield running.url


@pytest.fixture(scope="module")
def installed():
    found = {one.name: one for one in programs(NAMES) if one.version}
    if missing := sorted({*NAMES} - {"sf"} - {*found}):
        pytest.skip(f"not installed: {', '.join(missing)}")
    return found


@contextmanager
def broken(service, change):
    """Serve what a service answers, changed; yield the address."""

    class Between(BaseHTTPRequestHandler):
        def do_GET(self):
            here = f"http://{self.headers['Host']}"
            try:
                with urlopen(Request(service + self.path, headers=self.wishes())) as answer:
                    status, headers, body = answer.status, answer.headers, answer.read()
            except HTTPError as error:
                status, headers, body = error.code, error.headers, error.read()
            agent = self.headers.get("User-Agent", "")
            status, body = change(
                self.path, agent, status, body.replace(service.encode(), here.encode())
            )
            self.send_response(status)
            self.send_header("Content-Type", headers["Content-Type"] or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            if "Content-Security-Policy" in headers:
                self.send_header("Content-Security-Policy", headers["Content-Security-Policy"])
            self.end_headers()
            self.wfile.write(body)

        def wishes(self):
            return {"Accept": self.headers.get("Accept", "*/*")}

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Between) as server:
        server.daemon_threads, server.block_on_close = True, False
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def examined(url, some, within_s=60, only=("luoghi", PROJECT)):
    with closing(HttpSite(url)) as site:
        return tried(Door(site), some, only=frozenset(only), within_s=within_s)


def test_every_installed_client_reads_every_collection(service, installed, out):
    absent = Program("assente", "", ("false",))
    trial = examined(service, [*installed.values(), absent], only=())
    text = as_text(Report(service, None, trial))
    (out / "doctor-clients.txt").write_text(f"{text}\n", encoding="utf-8")
    assert trial.wrong == []
    everyone = ("http", *installed)
    assert trial.seen.keys() == {
        *((ident, name) for ident in ("luoghi", "celle", "enti") for name in everyone),
        *((PROJECT, name) for name in ("http", "qgis")),
    }
    assert trial.seen[PROJECT, "qgis"].worked == ("opens", "layers")
    assert any("luoghi" in one.path for one in trial.log if one.collection == PROJECT)
    told = {name: trial.seen["luoghi", name] for name in installed}
    for name in {*installed} - {"chromium"}:
        assert {"opens", "features", "fields", "filter"} <= {*told[name].worked}, name
        assert told[name].pushed == (name != "qgis")
    assert told["qgis"].worked[-2:] == ("style", "tiles")
    assert "tiles" in trial.seen["celle", "qgis"].worked
    assert all(seen.requests for (_, name), seen in trial.seen.items() if name != "http")
    asked = {(one.collection, one.client) for one in trial.log}
    assert asked == {key for key in trial.seen if key[1] != "http"}
    assert "assente     non installato / not installed" in text


def of_items(change):
    def changed(path, _agent, status, body):
        if not path.startswith(ITEMS) or b'"FeatureCollection"' not in body[:100]:
            return status, body
        page = json.loads(body)
        change(path, page)
        return status, json.dumps(page).encode()

    return changed


def without_a_field(_path, page):
    for feature in page["features"]:
        del feature["properties"]["posti"]


def cut(path, page):
    if "limit=1&" not in f"{path}&":
        page["features"] = page["features"][:-1]


def for_all(path, page):
    if "filter=" in path:
        page["numberMatched"] = 60


def failing(path, _agent, status, body):
    return (500, b"{}") if path.startswith(ITEMS) else (status, body)


def failing_for_qgis(path, agent, status, body):
    return (500, b"{}") if path.startswith(ITEMS) and "QGIS" in agent else (status, body)


def without_tiles(path, _agent, status, body):
    return (500, b"") if path.endswith(".mvt") else (status, body)


def another_style(path, _agent, status, body):
    return (status, b"<qgis") if path.endswith("?f=qml") else (status, body)


def another_project(path, _agent, status, body):
    if not path.endswith(PROJECT):
        return status, body
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"luoghi", b"nessuna"))
    return status, made.getvalue()


def a_stranger(path, _agent, status, body):
    if path.startswith("/collections/luoghi?f=html"):
        body = body.replace(b"</main>", b'<img src="http://127.0.0.1:9/x.png" alt=""></main>')
    return status, body


READERS = ("qgis", "ogrinfo", "geopandas", "owslib")


FAULTS = {
    "field": (of_items(without_a_field), READERS, {"http", "owslib"}, "posti"),
    "pages": (of_items(cut), READERS, {"http", *READERS}, "/ features"),
    "filter": (of_items(for_all), ("owslib",), {"owslib"}, "/ filter"),
    "500": (failing, (), {"http"}, "500"),
    "500 for QGIS": (failing_for_qgis, ("qgis", "owslib"), {"qgis"}, ""),
    "style": (another_style, ("qgis",), {"qgis"}, "/ style"),
    "project": (another_project, ("qgis",), {"qgis"}, "/ invalid layers"),
    "tiles": (without_tiles, ("qgis",), {"qgis"}, "/ empty tiles"),
    "another host": (a_stranger, ("chromium",), {"chromium"}, "127.0.0.1:9"),
}
"""What is changed, who is asked, who sees it at least, and a word of what they say."""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_broken_is_told_of_who_sees_it(service, installed, fault):
    change, asked, seen_by, word = FAULTS[fault]
    with broken(service, change) as url:
        trial = examined(url, [installed[name] for name in asked])
    wrong = {one.client: " ".join(one.wrong) for one in trial.wrong}
    assert {*wrong} >= seen_by
    assert all(word in wrong[name] for name in seen_by)
    if "http" not in seen_by:
        assert {*wrong} == seen_by
    assert Report(url, None, trial).exit_code == 1


def test_a_client_that_hangs_is_ended_and_told(service, installed):
    def slow(path, agent, status, body):
        if path.startswith(ITEMS) and not agent.startswith(("atlante", "OWSLib", "python")):
            time.sleep(30)
        return status, body

    start = time.monotonic()
    with broken(service, slow) as url:
        trial = examined(url, [installed["ogrinfo"], installed["owslib"]], within_s=4)
    assert time.monotonic() - start < 25
    (wrong,) = trial.wrong
    assert wrong.client == "ogrinfo"
    assert "hung for 4 s" in wrong.wrong[0]


def test_a_client_that_ends_says_why(service):
    dying = Program("morente", "1", ("sh", "-c", "echo addio >&2; exit 3"))
    (wrong,) = examined(service, [dying]).wrong
    assert "addio" in wrong.wrong[0]


def test_the_command_writes_report_and_log(service, installed, tmp_path):  # noqa: ARG001 - all are
    report, log = tmp_path / "a.json", tmp_path / "a.log"
    asked = ["doctor", service, "--client", "ogrinfo,owslib"]
    done = CliRunner().invoke(app, [*asked, "--json", str(report), "--log", str(log)])
    assert done.exit_code == 0, done.output
    said = json.loads(report.read_bytes())
    assert said["passed"]
    assert "forms" not in said
    assert said["collections"]["luoghi"]["ogrinfo"]["filtered_by_server"]
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {one["client"] for one in lines} == {"ogrinfo", "owslib"}
    assert sum(one["collection"] == "celle" for one in lines) > 4


def test_the_command_refuses_clients_that_are_not_there(service, monkeypatch):
    assert CliRunner().invoke(app, ["doctor", service, "--client", "altro"]).exit_code == 2
    monkeypatch.setattr(clients, "_printed", lambda *_: "")
    assert CliRunner().invoke(app, ["doctor", service, "--client", "ogrinfo"]).exit_code == 2
