"""The published examples of CQL2: read both ways, and evaluated or refused for a stated reason."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from cql2_reference import truth
from cql2_tables import GEOMETRIES, KINDS, ROWS, table

from api.features.cql2 import document, evaluate, text
from api.features.crs import CRS84
from geo_core.errors import InvalidParameter

EXAMPLES = Path(__file__).parents[3] / "shared" / "fixtures" / "cql2-examples"
if not EXAMPLES.exists():
    pytest.skip(
        "the published examples of CQL2 are not beside the project", allow_module_level=True
    )

NO_FUNCTION = "an unknown function"
OTHER_KIND = "a number with a text"
NOT_VALID = "not valid"
NOT_A_CODE = "may hold texts"
REFUSED = {
    "clause6_01": NO_FUNCTION,  # a number alone is no filter either
    "clause6_02b": NO_FUNCTION,
    "clause7_18": NO_FUNCTION,
    "example03": OTHER_KIND,
    "example40": OTHER_KIND,
    "example46": NOT_VALID,  # the polygon crosses itself
    "example49": NOT_VALID,  # a hole lies outside
    "example68": NO_FUNCTION,
    "example69": NO_FUNCTION,
    "example81": NOT_A_CODE,  # what a feature lists are codes, and codes are texts
    "example82": NOT_A_CODE,
}
"""Examples that are not answered, and what the answer says."""

TEXTS = sorted((EXAMPLES / "text").glob("*.txt"))
TABLE = table(KINDS, ROWS)


def stem(path):
    return path.stem.removesuffix("-alt01")


def ours(said):
    """Name our one geometry where an example has one of another name; write instants alike."""
    if isinstance(said, dict):
        if said.get("property") in GEOMETRIES:
            return {"property": "geometry"}
        if "timestamp" in said:
            return {"timestamp": datetime.fromisoformat(said["timestamp"]).isoformat()}
        return {k: v.lower() if k == "op" else ours(v) for k, v in said.items()}
    if isinstance(said, list):
        return [ours(one) for one in said]
    if isinstance(said, str) and said.endswith("00Z"):
        return datetime.fromisoformat(said).isoformat()
    return said


def test_all_examples_are_there():
    assert len(TEXTS) == 120
    assert len(list((EXAMPLES / "json").glob("*.json"))) == 109
    assert {stem(path) for path in TEXTS} >= set(REFUSED)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_an_example_is_read_the_same_from_text_and_json(path):
    same = EXAMPLES / "json" / f"{path.stem}.json"
    node = text.parse(path.read_text())
    written = document.written(node)
    assert document.written(document.read(json.dumps(written))) == written
    if same.exists():
        assert ours(written) == ours(json.loads(same.read_text()))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_an_example_is_evaluated_or_refused_for_its_reason(path):
    said = ours(document.written(text.parse(path.read_text())))
    node = document.read(json.dumps(said).replace("+00:00", "Z"))
    if stem(path) in REFUSED:
        with pytest.raises(InvalidParameter, match=REFUSED[stem(path)]):
            evaluate.matching(node, TABLE, CRS84)
        return
    found = evaluate.matching(node, TABLE, CRS84).tolist()
    assert found == [truth(said, row) is True for row in ROWS]
