"""Each fault planted in a server of processes is caught by the test of what it breaks."""

from __future__ import annotations

from dataclasses import replace

import planted_processes
import pytest
from api_client import BASE, client_of
from faulty import faulty

from checks.conform import run
from checks.conform.http import Answer, Client
from checks.conform.registry import TESTS
from checks.conform.service import Service

PART = "ogcapi-processes-1/1.0/conf/"
KNOWN = {
    test.group.removeprefix(PART) + test.requirement: test
    for test in TESTS.values()
    if test.group.startswith(PART)
}


@pytest.fixture(scope="module")
def send(demo_release):
    """Return the transport to a server with one process; it remembers its answers."""
    known: dict[tuple[object, ...], Answer] = {}
    with client_of(demo_release.folder.parent) as client:

        def answered(asked):
            key = (asked.method, asked.url, asked.headers.get("Accept", "*/*"), asked.body)
            if key not in known:
                path = asked.url.removeprefix(BASE) or "/"
                headers = {**asked.headers, "Accept-Encoding": "identity"}
                got = client.request(asked.method, path, headers=headers, content=asked.body)
                found = {name.lower(): value for name, value in got.headers.items()}
                known[key] = Answer(asked, got.status_code, found, got.content)
            return replace(known[key], asked=asked)

        yield answered


def judged(send, name):
    return run.judge(KNOWN[name], Service(Client(BASE, send)))


def test_every_test_has_a_planted_fault():
    assert {fault.requirement for fault in planted_processes.FAULTS} == set(KNOWN)


@pytest.mark.parametrize("name", KNOWN)
def test_a_server_without_faults_meets_it(send, name):
    result = judged(send, name)
    assert (result.outcome, result.found, result.why) == ("passed", "", "")


@pytest.mark.parametrize(
    "fault", planted_processes.FAULTS, ids=lambda f: f"{f.requirement} {f.where}"
)
def test_a_planted_fault_is_caught(send, fault):
    concerned = []

    def watched(asked):
        concerned.append(fault.concerns(asked))
        return faulty(send, fault)(asked)

    result = judged(watched, fault.requirement)
    assert any(concerned), "the fault was never met"
    assert result.outcome == "failed", result.why


def test_what_needs_inputs_that_nobody_knows_is_skipped(send):
    def asking_more(asked):
        answer = send(asked)
        if not asked.url.endswith("/processes/sensibilita"):
            return answer
        return replace(answer, body=answer.body.replace(b'"enum":["rischio_comuni"', b'"x":["a"'))

    result = judged(asking_more, "core/req/core/process-execute-sync-raw-value-one")
    assert result.outcome == "skipped"


def test_a_server_of_processes_alone_needs_no_features(send):
    only = [f"http://www.opengis.net/spec/{PART}{name}" for name in ("core", "json")]

    def declaring(asked):
        answer = send(asked)
        if not asked.url.endswith("/conformance"):
            return answer
        return replace(answer, body=b'{"conformsTo":["%s","%s"]}' % tuple(o.encode() for o in only))

    report = run.conform(Service(Client(BASE, declaring)))
    assert {r.test.group for r in report.results} == {f"{PART}core", f"{PART}json"}
    assert report.exit_code == 0
