"""Values of a whole collection at once, as filters compare them.

Every array has one entry per feature, or none at all (shape ``()``) for a value that is the same
for every feature. Null is kept apart from the values: a comparison with it is neither true nor
false (three-valued logic, as in SQL).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from api.features.columns import Column, ListColumn

type Mask = NDArray[np.bool_]
type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

NULL: Final = -1
"""Rank of a text that is null."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Truth values: `true` where it holds, `known` where it is not null."""

    true: Mask
    known: Mask

    def negated(self) -> Truth:
        """Return what holds where this is known not to."""
        return Truth(self.known & ~self.true, self.known)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers, NaN where null."""

    values: Floats

    @property
    def known(self) -> Mask:
        """Where it is not null."""
        known: Mask = ~np.isnan(self.values)
        return known


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts, as ranks (`NULL` where null) in a sorted vocabulary without repetition."""

    ranks: NDArray[np.integer]
    vocabulary: Sequence[str]

    @property
    def known(self) -> Mask:
        """Where it is not null."""
        known: Mask = self.ranks != NULL
        return known

    def matching(self, test: Callable[[str], bool]) -> Truth:
        """Return where a test of the text holds; each distinct text is tested once."""
        # One entry more: the rank of null is the last place, counted from the end.
        holds = np.array([*map(test, self.vocabulary), False], dtype=np.bool_)
        return Truth(holds[self.ranks], self.known)

    def changed(self, change: Callable[[str], str]) -> Texts:
        """Return other texts; each distinct text is changed once."""
        changed = [change(text) for text in self.vocabulary]
        vocabulary = sorted(set(changed))
        ranks = [bisect_left(vocabulary, text) for text in changed]
        return Texts(np.array([*ranks, NULL], dtype=np.int64)[self.ranks], vocabulary)


@dataclass(frozen=True, slots=True)
class Times:
    """Times from `start` to `end`, in microseconds since 1970, UTC.

    Attributes
    ----------
    start, end : array of int
        Of a day, both are its first microsecond; `FIRST` and `LAST` where open.
    known : Mask
        False where either end is null.
    days : bool
        Both ends are days, not instants.
    lasting : bool
        An interval, not one day or instant.
    """

    start: Ints
    end: Ints
    known: Mask
    days: bool
    lasting: bool


@dataclass(frozen=True, slots=True)
class Codes:
    """Lists of codes: which of a vocabulary each feature's list holds; null lists hold none."""

    holds: Mask
    vocabulary: Sequence[str]
    known: Mask


@dataclass(frozen=True)
class Shapes:
    """Geometries, OGC:CRS84; None where null. `tree` is an index of them, where there is one."""

    shapes: NDArray[np.object_]
    tree: shapely.STRtree | None = None

    @cached_property
    def known(self) -> Mask:
        """Which are not null."""
        return np.asarray(~shapely.is_missing(self.shapes))

    @cached_property
    def vertices(self) -> int:
        """How many vertices they have together."""
        return int(shapely.get_num_coordinates(self.shapes).sum())


type Value = Truth | Numbers | Texts | Times | Codes | Shapes

KINDS: Final[Mapping[type, str]] = {
    Truth: "a truth value",
    Numbers: "a number",
    Texts: "a text",
    Times: "a time",
    Codes: "a list of codes",
    Shapes: "a geometry",
}


@dataclass(frozen=True)
class Table:
    """What a filter is evaluated on.

    Attributes
    ----------
    size : int
        Number of features.
    columns, lists : mapping
        Properties that may be named.
    shapes : array of geometries or None
        OGC:CRS84; the property `geometry`.
    """

    size: int
    columns: Mapping[str, Column]
    lists: Mapping[str, ListColumn]
    shapes: NDArray[np.object_] | None
    tree: shapely.STRtree | None

    @cached_property
    def places(self) -> Shapes | None:
        """The property `geometry`; None in a table without."""
        return None if self.shapes is None else Shapes(self.shapes, self.tree)


def positions(a: Texts, b: Texts) -> tuple[Ints, Ints]:
    """Return numbers that compare as the texts do; those of nulls mean nothing."""
    if len(b.vocabulary) == 1:
        return 2 * a.ranks.astype(np.int64), _place(a.vocabulary, b.vocabulary[0])
    if len(a.vocabulary) == 1:
        second, first = positions(b, a)
        return first, second
    together = sorted({*a.vocabulary, *b.vocabulary})
    return _ranked(a, together), _ranked(b, together)


def _place(vocabulary: Sequence[str], text: str) -> Ints:
    """Return twice the rank of a text, or the odd number between its neighbours."""
    rank = bisect_left(vocabulary, text)
    found = rank < len(vocabulary) and vocabulary[rank] == text
    return np.array(2 * rank if found else 2 * rank - 1, dtype=np.int64)


def _ranked(texts: Texts, together: Sequence[str]) -> Ints:
    rank = {text: i for i, text in enumerate(together)}
    ranks = [*(rank[text] for text in texts.vocabulary), NULL]
    found: Ints = np.array(ranks, dtype=np.int64)[texts.ranks]
    return found
