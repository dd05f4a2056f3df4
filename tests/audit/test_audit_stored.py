"""What a folder holds is read when it is asked for, and not kept."""

from __future__ import annotations

import pytest

from checks.audit.stored import Lines, Stored


def test_lines_are_parsed_one_by_one_and_only_when_asked_for():
    lines = Lines([b'{"n":1}', b'{"n":2}', b"{"])
    assert len(lines) == 3
    assert lines[1] == {"n": 2}
    assert list(lines[:2]) == [{"n": 1}, {"n": 2}]
    assert next(iter(lines)) == {"n": 1}
    with pytest.raises(ValueError, match=r"unexpected|EOF|expected"):
        lines[2]


def test_of_the_parts_only_the_last_is_kept():
    read = []
    parts = Stored(["a", "b"], lambda name: read.append(name) or name.upper())
    assert (list(parts), len(parts), "a" in parts, "c" in parts) == (["a", "b"], 2, True, False)
    assert not read
    assert [parts["a"], parts["a"], parts["b"], parts["a"]] == ["A", "A", "B", "A"]
    assert read == ["a", "b", "a"]
    assert parts.get("c") is None
    with pytest.raises(KeyError):
        parts["c"]
