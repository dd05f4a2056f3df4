"""The demonstration meets what it declares of tiles and zones, asked over HTTP."""

from __future__ import annotations

from checks.conform import run
from checks.conform.http import Client, Connection
from checks.conform.registry import TESTS
from checks.conform.service import Service

DRAWN = ("ogcapi-tiles-1/", "tms/", "ogcapi-dggs-1/")


def test_the_demonstration_meets_all_it_declares_of_tiles_and_zones(demo_server):
    connection = Connection()
    service = Service(Client(demo_server.url, connection.send, 20_000))
    wanted = [test for test in TESTS.values() if test.group.startswith(DRAWN)]
    assert {test.group for test in wanted} <= service.declared
    results = [run.judge(test, service) for test in wanted]
    connection.close()
    told = {r.test.requirement: (r.request, r.expected, r.found, r.why) for r in results}
    missed = {r.test.requirement for r in results if r.outcome != "passed"}
    assert {name: told[name] for name in missed} == {}
    assert all(result.seen for result in results)
