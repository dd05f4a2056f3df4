"""The decoder that tiles are held against: right in every published case, and bounded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from strict_mvt import LARGEST, Invalid, decode

from checks.audit import mvt as audited

FIXTURES = Path(__file__).parents[2] / "shared" / "fixtures" / "mvt-fixtures" / "fixtures"
CASES = sorted(FIXTURES.iterdir()) if FIXTURES.exists() else []
needs_fixtures = pytest.mark.skipif(not CASES, reason="the fixtures are not here")


CONTRADICTED = {"016": "003", "057": "051"}
"""Said to be valid, and drawn as another case is that is said not to be: no reader can agree with
both. A feature must have a kind, and a move as many places as it counts: both are refused."""


def read(case: Path, name: str) -> dict:
    return json.loads((case / name).read_text())


def valid(case: Path) -> bool:
    return read(case, "info.json")["validity"]["v2"] and case.name not in CONTRADICTED


@needs_fixtures
def test_every_case_is_there():
    said = [read(case, "info.json")["validity"]["v2"] for case in CASES]
    assert (len(said), sum(said)) == (74, 46)


@needs_fixtures
def test_the_cases_that_contradict_each_other_do():
    same = [(FIXTURES / name / "tile.mvt").read_bytes() for name in ("003", "016")]
    assert same[0] == same[1]
    moves = [
        read(FIXTURES / name, "tile.json")["layers"][0]["features"][0]["geometry"]
        for name in ("051", "057")
    ]
    assert {(move[0], len(move)) for move in moves} == {(2**32 - 7, 3)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_accepted_exactly_if_it_is_valid(case):
    raw = (case / "tile.mvt").read_bytes()
    if valid(case):
        said = read(case, "tile.json").get("layers", ())
        found = decode(raw)
        assert [layer["name"] for layer in said] == list(found)
        assert [len(layer.get("features", ())) for layer in said] == [
            len(layer.features) for layer in found.values()
        ]
        return
    with pytest.raises(Invalid):
        decode(raw)
    # The audit reads only what a release would write: it may refuse more, never less.
    with pytest.raises(audited.InvalidTile):
        audited.decode(raw)


def test_what_is_too_large_is_not_read():
    with pytest.raises(Invalid, match="too large"):
        decode(bytes(LARGEST + 1))
    # One move of 2**29 - 1 points, of which two numbers are there.
    feature = b"\x18\x01\x22\x07\xf9\xff\xff\xff\x0f\x02\x02"
    layer = b"\x78\x02\x0a\x01x\x12" + bytes([len(feature)]) + feature
    with pytest.raises(Invalid, match="number of points"):
        decode(b"\x1a" + bytes([len(layer)]) + layer)
