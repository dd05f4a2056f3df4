"""What was compared and what differs: counts of each form of each collection, and findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

SHOWN: Final = 3
"""Ids of a finding that are shown."""

type Row = tuple[str, Mapping[str, Any]]
"""Id and attributes of a feature."""


@dataclass(frozen=True)
class Finding:
    """A form of a collection or tileset that does not say what its features say."""

    where: str
    form: str
    what: str
    ids: tuple[str, ...] = ()


@dataclass
class Told:
    """Counts by collection and form, and keeps what differs.

    Attributes
    ----------
    counts : dict
        Features and attributes that were compared.
    packed : dict
        Answers and bytes that were compared as they are: tiles with those of the archive, files
        of a copy with its list of hashes.
    findings : list of Finding
    """

    counts: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    packed: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def count(self, where: str, form: str, features: int, attributes: int) -> None:
        """Count features whose attributes were compared."""
        before = self.counts.get((where, form), (0, 0))
        self.counts[where, form] = (before[0] + features, before[1] + attributes)

    def tiles(self, where: str, form: str, tiles: int, size: int) -> None:
        """Count tiles, or files, whose bytes were compared."""
        before = self.packed.get((where, form), (0, 0))
        self.packed[where, form] = (before[0] + tiles, before[1] + size)

    def find(self, where: str, form: str, what: str, ids: Iterable[str] = ()) -> None:
        """Add a finding."""
        self.findings.append(Finding(where, form, what, tuple(ids)))

    def same(self, where: str, form: str, wanted: Sequence[Row], found: Sequence[Row]) -> None:
        """Compare two multisets of features; 1 and 1.0 differ, as null and absence do."""
        self.count(where, form, len(found), sum(len(row) for _, row in found))
        a, b = Counter(map(_key, wanted)), Counter(map(_key, found))
        if a == b:
            return
        missing, more = a - b, b - a
        ids = sorted({ident for ident, _ in (*missing, *more)})
        self.find(
            where,
            form,
            f"{missing.total()} features are missing or other, {more.total()} are too many or "
            f"other: {_difference(wanted, found)}",
            ids[:SHOWN],
        )


def _key(row: Row) -> tuple[str, bytes]:
    return row[0], orjson.dumps(row[1], option=orjson.OPT_SORT_KEYS)


def _difference(wanted: Sequence[Row], found: Sequence[Row]) -> str:
    """Say what the first feature that differs has and should have."""
    own, other = dict(wanted), dict(found)
    for ident in sorted(own.keys() & other.keys()):
        a, b = own[ident], other[ident]
        for name in sorted(a.keys() | b.keys()):
            x, y = a.get(name, "(absent)"), b.get(name, "(absent)")
            if (type(x), x) != (type(y), y):
                return f"{name} is {y!r}, not {x!r}"
    return "other ids or numbers of features"
