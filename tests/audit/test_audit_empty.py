"""A release whose collections have no rows yet passes the gate: real data come table by table."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from api_release import publish_small

from checks.audit import gate
from checks.audit.gate import judge


def test_collections_without_rows_are_no_finding(tmp_path):
    release = tmp_path / publish_small(tmp_path, rows=0).id
    tables = list(release.glob("collections/*/features.parquet"))
    assert len(tables) == 3
    assert {pq.read_metadata(path).num_rows for path in tables} == {0}
    assert judge(release).findings == ()


def test_an_audit_that_fails_stops_the_release_with_a_sentence(tmp_path, monkeypatch):
    release = tmp_path / publish_small(tmp_path).id

    def failing(*_):
        raise ZeroDivisionError("of a check")

    monkeypatch.setattr(gate, "run", failing)
    (finding,) = judge(release).findings
    assert "the audit failed: ZeroDivisionError: of a check" in finding


@pytest.mark.parametrize("rows", [1, None])
def test_few_rows_are_no_finding_either(tmp_path, rows):
    release = tmp_path / publish_small(tmp_path, rows=rows).id
    assert judge(release).findings == ()
