"""What is said to robots is held to words that can carry no figure."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from checks.audit.findings import Tally
from checks.audit.hidden import check_robots
from checks.audit.site import Answer


def found(body: bytes, status: int = 200):
    tally = Tally("hidden")
    check_robots(tally, SimpleNamespace(get=lambda _: Answer(status, {}, body)))
    return [finding.what for finding in tally.findings]


def test_our_robots_are_let_pass(root):
    assert found((root / "api" / "static" / "robots.txt").read_bytes()) == []
    assert found(b"", status=404) == []


@pytest.mark.parametrize(
    "line", [b"# n_fam 3", b"Disallow: /861f98317ffffff/3", b"Sitemap: https://x", b"\xff"]
)
def test_anything_else_is_found(line):
    assert found(b"User-agent: *\n" + line + b"\n") == ["a line that says nothing to robots"]
