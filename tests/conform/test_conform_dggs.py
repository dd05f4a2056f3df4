"""Each fault planted in a server of zones is caught by the test of the requirement it breaks."""

from __future__ import annotations

from dataclasses import replace

import fake_dggs
import planted_dggs
import pytest
from api_client import BASE
from faulty import faulty

from checks.conform import dggs_sets, run
from checks.conform.dggs_sets import BASE as PART
from checks.conform.http import Client
from checks.conform.registry import TESTS
from checks.conform.service import Service

ZONAL = {
    (test.group.removeprefix(PART), test.requirement): test
    for test in TESTS.values()
    if test.group.startswith(PART)
}
NAMES = {
    "root": "/req/root-dggs/dggs",
    "collection": "/req/collection-dggs/dggs",
    "operation-ids": "/req/operation-ids/operation-ids",
    "data-json": "/req/data-json/content",
    "data-geojson": "/req/data-geojson/content",
    "zone-html": "/req/zone-html/content",
    "zone-geojson": "/req/zone-geojson/content",
    "zone-uint64": "/req/zone-uint64/content",
    "data-filter": "/req/data-cql2-filter/filter",
    "data-datetime": "/req/data-subsetting/datetime",
    "data-subset": "/req/data-subsetting/subset",
    "datetime": "/req/zone-query/datetime",
    "subset": "/req/zone-query/subset",
    "zone-filter": "/req/zone-query-cql2-filter/filter",
}
"""Requirements by the names that faults have here; others end in theirs."""


def check_of(fault):
    name = fault.requirement.removeprefix("plus:")
    (found,) = [
        test
        for (_group, requirement), test in ZONAL.items()
        if requirement == NAMES.get(name, requirement.rpartition("/")[0] + f"/{name}")
    ]
    return found


def service_of(send):
    return Service(Client(BASE, send))


def test_a_server_without_faults_meets_all_it_declares():
    report = run.conform(service_of(fake_dggs.send))
    found = {r.test.requirement: (r.outcome, r.expected, r.found, r.why) for r in report.results}
    assert {name: told for name, told in found.items() if told[0] != "passed"} == {}
    assert len(found) == len(ZONAL)
    assert all(result.seen for result in report.results)
    assert report.untested == ()


def test_every_test_has_a_planted_fault():
    recommended = {"/rec/core/robots-txt"}
    planted = {check_of(fault).requirement for fault in planted_dggs.FAULTS}
    assert planted == {requirement for _group, requirement in ZONAL} - recommended


@pytest.mark.parametrize("fault", planted_dggs.FAULTS, ids=lambda f: f"{f.requirement} {f.where}")
def test_a_planted_fault_is_caught(fault):
    concerned = []

    def watched(asked):
        concerned.append(fault.concerns(asked))
        return faulty(fake_dggs.send, fault)(asked)

    result = run.judge(check_of(fault), service_of(watched))
    assert any(concerned), "the fault was never met"
    assert result.outcome == "failed", (result.why, result.seen)
    assert result.expected
    assert result.found


def test_nothing_passes_where_there_are_no_zones():
    def empty(asked):
        answer = fake_dggs.send(asked)
        if "/dggs/H3/zones" not in asked.url:
            return answer
        return replace(answer, status=204, body=b"")

    results = [run.judge(test, service_of(empty)) for test in ZONAL.values()]
    passed = {r.test.requirement for r in results if r.outcome == "passed"}
    assert passed <= {
        "/req/core/dggrs-list",
        "/req/core/dggrs-description",
        "/rec/core/robots-txt",
    }


def test_a_grid_that_is_not_known_is_check_of_what_its_zones_tell(monkeypatch):
    monkeypatch.setattr(dggs_sets, "is_h3", lambda _document, _zones: False)
    results = [run.judge(test, service_of(fake_dggs.send)) for test in ZONAL.values()]
    assert {r.test.requirement: r.expected for r in results if r.outcome == "failed"} == {}
    assert {r.test.requirement for r in results if r.outcome == "skipped"} == {
        "/plus/core/geometry",
        "/plus/data/depths-agree",
        "/plus/data/same-values",
        "/plus/data/totals",
        "/req/data-cql2-filter/filter",
        "/req/zone-query-cql2-filter/filter",
    }


def test_a_server_that_wants_to_be_told_where_is_tested_all_the_same():
    def bounded(asked):
        everywhere = asked.url.endswith("/dggs/H3/zones")
        return replace(fake_dggs.send(asked), status=400) if everywhere else fake_dggs.send(asked)

    results = [run.judge(test, service_of(bounded)) for test in ZONAL.values()]
    refused = [r.test.requirement for r in results if r.outcome != "passed"]
    assert refused == ["/req/zone-query/zones-list"]


def test_a_recommendation_that_is_not_followed_fails_nothing():
    def silent(asked):
        answer = fake_dggs.send(asked)
        return replace(answer, status=404) if asked.url.endswith("robots.txt") else answer

    (test,) = [t for (_g, name), t in ZONAL.items() if name == "/rec/core/robots-txt"]
    assert run.judge(test, service_of(silent)).outcome == "skipped"
