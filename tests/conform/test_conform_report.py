"""The report, the command, the bounds of the client, and the evaluation of filters."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from checks.conform import command, http
from checks.conform.evaluate import evaluate
from checks.conform.expressions import as_text, both, either, no, op, prop
from checks.conform.http import Answer, Asked, CannotTest, Client, Connection, NoAnswer, Spent
from checks.conform.outcome import Failed, Skipped, object_of
from checks.conform.page import as_html
from checks.conform.registry import TESTS, Check, conformance_class
from checks.conform.report import WIDTH, as_json, closing
from checks.conform.report import as_text as report_text
from checks.conform.run import Report, conform, judge
from checks.conform.service import Service
from geo_core.cli import app

ROOT = "http://example.test/base"
ODD = "<b>&\"'\x1b[2J"
FEATURE = {
    "id": "1",
    "geometry": {"type": "Point", "coordinates": [8, 45]},
    "properties": {"n": 3, "t": "Università", "d": "2020-05-01", "no": None, "l": ["a", "b"]},
}


def raising(error):
    def run(_service):
        raise error

    return run


def checks():
    runs = (lambda _s: None, raising(Failed("GET /x", ODD, 7)), raising(Skipped("perché / why")))
    return [Check("a/1.0/conf/b", f"/req/b/{i}", "titolo", ODD, run) for i, run in enumerate(runs)]


def service_of(send, requests=100):
    return Service(Client(ROOT, send, requests))


def answering(document, status=200):
    body = json.dumps(document).encode()
    return lambda asked: Answer(asked, status, {"content-type": "application/json"}, body)


@pytest.fixture
def report():
    service = service_of(answering({}))
    results = tuple(judge(test, service) for test in checks())
    return Report(ROOT, results, ("not/declared",), ("not/tested",), 3)


def test_a_report_says_how_each_test_ended(report):
    assert [r.outcome for r in report.results] == ["passed", "failed", "skipped"]
    document = json.loads(as_json(report))
    assert (document["passed"], document["failed"], document["skipped"]) == (1, 1, 1)
    requirements = document["classes"][0]["requirements"]
    assert requirements[1] == {
        "requirement": "/req/b/1",
        "outcome": "failed",
        "request": "GET /x",
        "expected": ODD,
        "found": "7",
    }
    assert requirements[2]["why"] == "perché / why"
    assert report.exit_code == 1
    lines = report_text(report)
    for text in ("a/1.0/conf/b", "GET /x", "perché / why", "not/declared", "not/tested"):
        assert text in lines
    assert "\x1b" not in lines
    assert closing(report).startswith("1 requisiti")


def test_the_page_of_a_report_escapes_and_needs_nothing_else(report):
    page = as_html(report)
    assert ODD not in page
    assert "&lt;b&gt;&amp;" in page
    leads = []

    class Links(HTMLParser):
        def handle_starttag(self, _tag, attrs):
            leads.extend(v for k, v in attrs if k in {"src", "href"} and not v.startswith("#"))

    Links().feed(page)
    assert leads == []


def test_a_document_of_another_form_fails_and_does_not_stop_the_run():
    test = Check("a", "/req/b/x", "", "", lambda service: service.landing["links"][0]["href"])
    result = judge(test, service_of(answering({"links": 5})))
    assert (result.outcome, result.expected) == ("failed", "documents of the required form")


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff\xfe", b"{", b"null", b"1e999"])
def test_a_hostile_document_fails_and_does_not_stop_the_run(body):
    test = Check("a", "/req/b/x", "", "", lambda service: object_of(service.ask("/")))
    result = judge(test, service_of(lambda asked: Answer(asked, 200, {}, body)))
    assert result.outcome == "failed"


def test_a_requirement_has_one_test():
    register = conformance_class("a/b")("/req/b/twice", "due")
    register(lambda _service: None)
    try:
        with pytest.raises(ValueError, match="has a test"):
            register(lambda _service: None)
    finally:
        del TESTS["a/b", "/req/b/twice"]


def test_what_is_no_landing_page_cannot_be_tested():
    for document in ({}, {"links": 3}, []):
        with pytest.raises(CannotTest, match="no landing page"):
            conform(service_of(answering(document)))
    with pytest.raises(CannotTest, match="no landing page"):
        conform(service_of(lambda asked: Answer(asked, 200, {}, b"[" * 100_000)))
    below = answering({"links": [{"rel": "self", "href": f"{ROOT}/"}]})
    gone = answering({}, 404)
    with pytest.raises(CannotTest, match="no landing page"):
        conform(service_of(lambda k: (gone if k.url.endswith("/conformance") else below)(k)))
    with pytest.raises(CannotTest, match="does not answer"):
        conform(service_of(raising(NoAnswer("refused"))))


@pytest.mark.parametrize("url", ["ftp://x", "example.org", "http://127.0.0.1:9/"])
def test_the_command_ends_with_two_where_there_is_nothing_to_test(url, capsys):
    ended = command.main(url, json_file=None, html_file=None, collections=1, requests=10)
    assert ended == command.CANNOT
    told = capsys.readouterr().err
    assert "errore / error" in told
    assert "pagina iniziale" in told.splitlines()[-2]
    assert "landing page" in told.splitlines()[-1]


def test_the_command_line_knows_it():
    assert CliRunner().invoke(app, ["conform", "ftp://x"]).exit_code == command.CANNOT


def test_the_command_writes_what_it_found(tmp_path, monkeypatch, capsys, report):
    monkeypatch.setattr(command, "conform", lambda _service, _show: report)
    files = {"json_file": tmp_path / "a.json", "html_file": tmp_path / "a.html"}
    assert command.main(f"{ROOT}/?f=json", **files, collections=1, requests=10) == 1
    assert json.loads(files["json_file"].read_text())["url"] == ROOT
    assert files["html_file"].read_text().startswith("<!DOCTYPE html>")
    assert "1 requisiti non rispettati" in capsys.readouterr().out


def test_a_report_has_no_line_that_is_wider_than_its_table(report):
    names = tuple(f"example-{i}/1.0/conf/a-class" for i in range(20))
    lines = report_text(replace(report, undeclared=names, untested=names)).splitlines()
    assert sum(line.count("/conf/a-class") for line in lines) == 40
    assert {len(line) for line in lines if "/conf/" in line} <= set(range(WIDTH + 1))


def test_a_file_is_not_told_what_is_being_tested(monkeypatch, capsys):
    for terminal in (False, True):
        monkeypatch.setattr(command.sys.stderr, "isatty", lambda terminal=terminal: terminal)
        command._show("/req/b/1")
        assert ("/req/b/1" in capsys.readouterr().err) == terminal


def test_requests_are_counted_and_answers_are_asked_for_once():
    client = Client(ROOT, answering({}), 2)
    for path in ("/a", "/a", "/b"):
        client.ask(path)
    with pytest.raises(Spent):
        client.ask("/c")
    assert [str(answer.asked) for answer in client.log] == [f"GET {ROOT}/a", f"GET {ROOT}/b"]


def test_no_other_host_is_asked():
    client = Client(ROOT, answering({}))
    for address in ("http://other.test/", "https://example.test/base", "//other.test/x"):
        with pytest.raises(NoAnswer, match="not on the host"):
            client.ask(address)
    assert client.ask("/base/a").asked.url == client.ask("/a").asked.url == f"{ROOT}/a"
    away = {"location": "http://other.test/"}
    with pytest.raises(NoAnswer, match="not on the host"):
        Client(ROOT, lambda asked: Answer(asked, 302, away, b"")).ask("/")
    with pytest.raises(NoAnswer, match="redirects"):
        Client(ROOT, lambda asked: Answer(asked, 302, {"location": "/"}, b"")).ask("/")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/rude":
            self.wfile.write(b"no http at all\r\n\r\n")
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * 3_000)

    def log_message(self, *_args):
        pass


@pytest.fixture
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_answers_are_bounded(address, monkeypatch):
    connection = Connection()
    assert len(connection.send(Asked("GET", f"{address}/")).body) == 3_000
    with pytest.raises(NoAnswer):
        connection.send(Asked("GET", f"{address}/rude"))
    monkeypatch.setattr(http, "BODY_MAX", 1_000)
    with pytest.raises(NoAnswer, match="longer"):
        connection.send(Asked("GET", f"{address}/"))
    monkeypatch.setattr(http, "ANSWER_WITHIN_S", -1)
    monkeypatch.setattr(http, "BODY_MAX", 10_000)
    with pytest.raises(NoAnswer, match="takes longer"):
        connection.send(Asked("GET", f"{address}/"))
    connection.close()


X = prop("n")
TEXTS = [
    (both(either(True, False), no(op("=", X, 1))), "(TRUE OR FALSE) AND NOT n = 1"),
    (op("=", op("*", op("+", X, 1), 2), 8), "(n + 1) * 2 = 8"),
    (op("=", op("-", X, op("-", 1, 2)), 4), "n - (1 - 2) = 4"),
    (op("like", op("casei", prop("t")), op("casei", "a'%")), "CASEI(t) LIKE CASEI('a''%')"),
    (no(op("isNull", prop("date"))), 'NOT "date" IS NULL'),
    (op("between", X, 1, op("+", X, 2)), "n BETWEEN 1 AND n + 2"),
    (op("in", prop("t"), ["a", "b"]), "t IN ('a', 'b')"),
    (op("t_after", {"interval": ["..", prop("d")]}, {"date": "2020-01-01"}),
     "T_AFTER(INTERVAL('..', d), DATE('2020-01-01'))"),
    (op("s_within", prop("g"), FEATURE["geometry"]), "S_WITHIN(g, POINT (8 45))"),
    (op("a_overlaps", prop("l"), ["a"]), "A_OVERLAPS(l, ('a'))"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "text"), TEXTS)
def test_a_filter_is_written_as_text(expression, text):
    assert as_text(expression) == text


HOLDS = [
    (op("=", prop("no"), 1), None),
    (no(op("=", prop("no"), 1)), None),
    (both(op("=", prop("no"), 1), False), False),
    (either(op("=", prop("no"), 1), True), True),
    (op("isNull", prop("nobodys")), True),
    (op("=", op("accenti", op("casei", prop("t"))), "universita"), True),
    (op("like", prop("t"), "Uni_ers%"), True),
    (op("like", prop("t"), "Uni\\_ers%"), False),
    (op("between", prop("n"), 3, 3), True),
    (op("in", prop("d"), [{"date": "2020-05-01"}]), True),
    (op("=", op("+", op("div", prop("n"), 2), op("^", 2, 2)), 5), True),
    (op(">", prop("d"), {"date": "2020-04-30"}), True),
    (op("t_during", {"interval": ["2020-02-01", "2020-03-01"]},
        {"interval": ["2020-01-01", "2020-04-01"]}), True),
    (op("s_intersects", prop("geometry"), {"bbox": [7, 44, 9, 46]}), True),
    (op("a_containedby", prop("l"), ["a", "b", "c"]), True),
    (op("a_equals", prop("l"), ["b", "a"]), True),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "value"), HOLDS)
def test_a_filter_is_evaluated(expression, value):
    assert evaluate(expression, FEATURE, "geometry") is value
