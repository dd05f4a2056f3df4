"""Each fault planted in a server of tiles is caught by the test of the requirement it breaks."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import mapbox_vector_tile
import planted_tiles
import pytest
import strict_mvt
from api_client import BASE, client_of
from faulty import faulty
from hypothesis import given
from hypothesis import strategies as st
from tiles_release import publish_tiles

from checks.conform import mvt, run
from checks.conform.http import Answer, Client
from checks.conform.registry import TESTS
from checks.conform.service import Service
from checks.conform.tiles_sets import tilesets

PARTS = ("ogcapi-tiles-1/1.0/conf/", "tms/2.0/conf/")
TILED = {
    test.group.partition("/conf/")[2] + test.requirement: test
    for test in TESTS.values()
    if test.group.startswith(PARTS)
}


@pytest.fixture(scope="module")
def send(tmp_path_factory):
    """Return the transport to a server of tiles without faults; it remembers its answers."""
    root = tmp_path_factory.mktemp("tiled")
    publish_tiles(root)
    known: dict[tuple[str, ...], Answer] = {}
    with client_of(root) as client:

        def answered(asked):
            key = (asked.method, asked.url, asked.headers.get("Accept", "*/*"))
            if key not in known:
                path = asked.url.removeprefix(BASE) or "/"
                headers = {**asked.headers, "Accept-Encoding": "identity"}
                got = client.request(asked.method, path, headers=headers)
                found = {name.lower(): value for name, value in got.headers.items()}
                known[key] = Answer(asked, got.status_code, found, got.content)
            return replace(known[key], asked=asked)

        yield answered


def test_tiles_are_read_as_another_reader_reads_them(send):
    service = service_of(send)
    features = 0
    for one in tilesets(service):
        for tiles in one.ranges:
            raw = one.tile(tiles.matrix, *tiles.corners[-1]).body
            ours, theirs = mvt.decode(raw), strict_mvt.decode(raw)
            assert list(ours) == list(theirs)
            for name, layer in ours.items():
                read = [(f.id, f.kind, f.properties) for f in layer.features]
                assert read == [(f.id, f.kind, f.properties) for f in theirs[name].features]
                features += len(read)
    assert features > 100


LINE = {"type": "LineString", "coordinates": [[0, 0], [5, 5], [9, 5]]}
HOLED = {
    "type": "Polygon",
    "coordinates": [[[0, 0], [90, 0], [90, 90], [0, 90], [0, 0]],
                    [[10, 10], [10, 20], [20, 20], [20, 10], [10, 10]]],
}  # fmt: skip


def tile(geometry, **properties):
    features = [{"geometry": geometry, "properties": properties}]
    return mapbox_vector_tile.encode({"name": "a", "features": features})


def test_tiles_of_other_writers_are_read():
    values = {"t": "è", "i": 2**40, "n": -3, "f": 0.5, "yes": True}
    layer = mvt.decode(tile(LINE, **values))["a"]
    assert layer.features[0].properties == values
    assert layer.features[0].kind == mvt.LINE
    assert len(layer.features[0].parts[0]) == 3
    assert len(mvt.decode(tile(HOLED))["a"].features[0].parts) == 2


@given(cut=st.integers(0, 200), at=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_damaged_tile_is_refused_or_read_but_never_stops_the_run(cut, at, byte):
    raw = bytearray(tile(HOLED, name="x", number=4))
    raw[at % len(raw)] = byte
    for damaged in (bytes(raw), bytes(raw[: cut % len(raw)])):
        with contextlib.suppress(mvt.InvalidTile):
            mvt.decode(damaged)


WRONG = {
    "a version": "1a030a0161",
    "two layers of one name": "1a0578020a01611a0578020a0161",
    "a type and a geometry": "1a0c78020a016112052203093222",
    "points nowhere": "1a1278020a0161120b1202000018012203093222",
    "number of points": "1a0e78020a0161120718012203113222",
}


@pytest.mark.parametrize(("why", "raw"), WRONG.items())
def test_an_invalid_tile_is_refused(why, raw):
    assert mvt.decode(bytes.fromhex("1a0e78020a0161120718012203093222"))["a"].features
    with pytest.raises(mvt.InvalidTile, match=why):
        mvt.decode(bytes.fromhex(raw))


def service_of(send):
    return Service(Client(BASE, send), sampled=3)


def test_a_server_without_faults_meets_all_it_declares(send):
    service = service_of(send)
    wanted = [test for test in TILED.values() if test.group in service.declared]
    results = [run.judge(test, service) for test in wanted]
    found = {r.test.requirement: r.expected or r.why for r in results if r.outcome != "passed"}
    assert found == {}
    assert all(result.seen for result in results if result.outcome == "passed")


def test_every_test_has_a_planted_fault():
    assert {fault.requirement for fault in planted_tiles.FAULTS} == set(TILED)


@pytest.mark.parametrize("fault", planted_tiles.FAULTS, ids=lambda f: f"{f.requirement} {f.where}")
def test_a_planted_fault_is_caught(send, fault):
    concerned = []

    def watched(asked):
        concerned.append(fault.concerns(asked))
        return faulty(send, fault)(asked)

    result = run.judge(TILED[fault.requirement], service_of(watched))
    assert any(concerned), "the fault was never met"
    assert result.outcome == "failed", (result.why, result.seen)
    assert result.expected
    assert result.found
