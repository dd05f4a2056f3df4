"""Keeps one record of each person, or household, and year, of records that come in chunks.

Memory grows with the persons, not with their records: what is kept is merged from time to time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

_MERGE_AT: Final = 1_000_000
"""Records that are kept, at least, before those of one person are merged."""

type Columns = tuple[npt.NDArray[np.integer], ...]
type Keys = npt.NDArray[np.uint64]


class Codes:
    """Numbers for texts, in the order of arrival."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of[Code: np.integer](self, texts: pd.Series, kind: type[Code]) -> npt.NDArray[Code]:
        """Return the number of each text."""
        position, distinct = pd.factorize(texts.to_numpy(dtype=object))
        known = self._known
        code = np.array([known.setdefault(text, len(known)) for text in distinct], kind)
        codes: npt.NDArray[Code] = np.take(code, position)
        return codes

    def ranked(
        self, codes: npt.NDArray[np.integer], key: Callable[[str], str | tuple[bool, str]] = str
    ) -> Keys:
        """Replace numbers by the places of their texts in the order of a key."""
        rank = np.empty(len(self._known), np.uint64)
        rank[[self._known[text] for text in sorted(self._known, key=key)]] = np.arange(len(rank))
        return np.take(rank, codes)

    def are(self, codes: npt.NDArray[np.integer], texts: frozenset[str]) -> npt.NDArray[np.bool_]:
        """Tell of each number whether its text is one of some."""
        return np.isin(codes, [self._known[text] for text in texts & self._known.keys()])

    def named(self, codes: npt.NDArray[np.integer]) -> pa.DictionaryArray:
        """Return the text of each number."""
        return pa.DictionaryArray.from_arrays(codes, pa.array(list(self._known), pa.string()))


class Earliest:
    """The first record of each pseudonym and year.

    Parameters
    ----------
    span : int
        What `when` of two records of one year is less apart; a multiple of it begins each year.
    order : callable
        Of all columns but the pseudonym: numbers to order the records of one year by, the most
        significant last. They must order records that differ in any way, and say for each the
        same whatever else was added.
    """

    __slots__ = ("_order", "_parts", "_span", "_waiting")

    def __init__(self, span: int, order: Callable[[Columns], Columns]) -> None:
        self._span = span
        self._order = order
        self._parts: list[Columns] = []
        self._waiting = 0

    def add(self, columns: Columns) -> None:
        """Take in records.

        Parameters
        ----------
        columns : tuple of arrays
            High and low half of the pseudonym, `when`, and whatever `order` needs; always as many.
        """
        self._parts.append(columns)
        self._waiting += len(columns[0])
        if self._waiting > max(_MERGE_AT, len(self._parts[0][0])):
            self._merge()

    def finish(self) -> Columns | None:
        """Return the columns of the records that are kept, and forget them; None if none came."""
        if not self._parts:
            return None
        self._merge()
        (kept,) = self._parts
        self._parts = []
        return kept

    def _merge(self) -> None:
        every = tuple(np.concatenate(parts) for parts in zip(*self._parts, strict=True))
        self._parts = []
        high, low, when = every[:3]
        order = np.lexsort((*self._order(every[2:]), low, high))
        same = [np.diff(a[order]) == 0 for a in (high, low, when // self._span)]
        first = order[np.concatenate([[True], ~np.logical_and.reduce(same)])[: len(order)]]
        self._parts, self._waiting = [tuple(a[first] for a in every)], 0


def halves(pseudonyms: pd.Series) -> tuple[Keys, Keys]:
    """Read 32 hexadecimal characters as two numbers, high and low."""
    read = np.frombuffer(bytes.fromhex("".join(pseudonyms)), ">u8").astype(np.uint64)
    return read[::2], read[1::2]


def exact_first(place: str) -> tuple[bool, str]:
    """Return by what places are ordered: those known by their municipality alone come last."""
    return (len(place) == 6 and place.isdecimal(), place)


def packed(high: npt.NDArray[np.integer], low: npt.NDArray[np.integer]) -> Keys:
    """Put two columns of numbers below 2^32 into one: sorting by it costs half."""
    return high.astype(np.uint64) << np.uint64(32) | low.astype(np.uint64)
