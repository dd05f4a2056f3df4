"""Each planted fault is caught by the test of the requirement it breaks."""

from __future__ import annotations

from dataclasses import replace

import planted_cql2
import planted_part1
import planted_parts
import pytest
from api_client import BASE, client_of
from faulty import faulty

from checks.conform import run
from checks.conform.http import Answer, Client
from checks.conform.registry import TESTS
from checks.conform.service import Service

FAULTS = [*planted_part1.FAULTS, *planted_parts.FAULTS, *planted_cql2.FAULTS]
FEATURES = ("ogcapi-features-", "ogcapi-common-", "cql2/")
BY_REQUIREMENT = {
    test.requirement: test for test in TESTS.values() if test.group.startswith(FEATURES)
}
assert run.MODULES


@pytest.fixture(scope="module")
def send(small_releases):
    """Return the transport to a server without faults; it remembers its answers."""
    known: dict[tuple[str, ...], Answer] = {}
    with client_of(small_releases) as client:

        def answered(asked):
            key = (asked.method, asked.url, asked.headers.get("Accept", "*/*"))
            if key not in known:
                path = asked.url.removeprefix(BASE) or "/"
                got = client.request(asked.method, path, headers=dict(asked.headers))
                headers = {name.lower(): value for name, value in got.headers.items()}
                known[key] = Answer(asked, got.status_code, headers, got.content)
            return replace(known[key], asked=asked)

        yield answered


def service_of(send):
    return Service(Client(BASE, send), sampled=3)


def test_a_server_without_faults_meets_all_it_declares(send):
    report = run.conform(service_of(send))
    features = [r for r in report.results if r.test.group.startswith(FEATURES)]
    report = replace(report, results=tuple(features))
    assert [(r.test.requirement, r.expected, r.found) for r in report.failed] == []
    skipped = {r.test.requirement for r in report.results if r.outcome == "skipped"}
    assert skipped == {
        "/req/core/fc-timeStamp",
        "/req/crs/fc-md-crs-list-global",
        "/req/schemas/definition",
        "/req/schemas/nullvalues",
        "/req/oas30/security",
    }
    assert report.exit_code == 0


def test_every_test_has_a_planted_fault():
    assert {fault.requirement for fault in FAULTS} == set(BY_REQUIREMENT)
    assert len(BY_REQUIREMENT) == sum(t.group.startswith(FEATURES) for t in TESTS.values())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.requirement} {f.where}")
def test_a_planted_fault_is_caught(send, fault):
    concerned = []

    def watched(asked):
        concerned.append(fault.concerns(asked))
        return faulty(send, fault)(asked)

    result = run.judge(BY_REQUIREMENT[fault.requirement], service_of(watched))
    assert any(concerned), "the fault was never met"
    assert result.outcome == "failed", result.why
    assert result.request
    assert result.expected
    assert result.found
