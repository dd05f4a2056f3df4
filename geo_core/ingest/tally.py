"""Counts of a stream of records by place, category and period.

Memory grows with the groups, not with the records: the three keys of a record are packed into
one number, and equal numbers are summed batch by batch.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MOST: Final = (1 << 31, 1 << 16, 1 << 16)
"""Most different texts of each key."""

_BITS: Final = np.uint64(16)
_CODE: Final = np.uint64(MOST[1] - 1)
_MERGE_AT: Final = 1_000_000
"""Rows of partial sums that are kept before they are merged."""

type Keys = npt.NDArray[np.uint64]
type Ints = npt.NDArray[np.int64]


class Tally:
    """Sums over batches that come one after the other.

    Parameters
    ----------
    names : three str
        What the keys are called in the result: place, category, period.

    Attributes
    ----------
    total : int
        Sum of everything that was added; the counts sum to it.
    """

    __slots__ = ("_known", "_names", "_parts", "_rows", "_size", "total")

    def __init__(self, names: tuple[str, str, str]) -> None:
        self._names = names
        self._known: tuple[dict[str, int], ...] = ({}, {}, {})
        self._parts: list[tuple[Keys, Ints]] = []
        self._rows = self._size = self.total = 0

    def add(self, places: pa.Array, categories: pa.Array, periods: pa.Array, n: Ints) -> None:
        """Count one batch.

        Parameters
        ----------
        places, categories, periods : Array
            Text or dictionary of text, without nulls, equally long.
        n : array of int64
            What each record counts.

        Raises
        ------
        ValueError
            There are more different texts than `MOST`.
        """
        keys: Keys = np.zeros(len(places), np.uint64)
        columns = zip((places, categories, periods), self._known, MOST, strict=True)
        for column, known, most in columns:
            keys = keys << _BITS | _coded(column, known)
            if len(known) > most:
                raise ValueError(f"more than {most} different texts in a key")
        part = _summed(keys, n)
        self.total += int(part[1].sum())
        self._parts.append(part)
        self._rows += len(part[0])
        if self._rows > _MERGE_AT + 2 * self._size:
            self._merge()

    def counts(self) -> pa.Table:
        """Return the three keys (text) and ``n`` (int64), one row per group, sorted by the keys."""
        keys, sums = self._merge()
        codes = (keys >> _BITS >> _BITS, keys >> _BITS & _CODE, keys & _CODE)
        columns = [_ranked(k, c) for k, c in zip(self._known, codes, strict=True)]
        order = np.lexsort([column.indices for column in reversed(columns)])
        texts = [column.take(pa.array(order)).dictionary_decode() for column in columns]
        return pa.table([*texts, pa.array(sums[order])], names=[*self._names, "n"])

    def _merge(self) -> tuple[Keys, Ints]:
        keys = [np.empty(0, np.uint64), *(keys for keys, _ in self._parts)]
        sums = [np.empty(0, np.int64), *(sums for _, sums in self._parts)]
        whole = _summed(np.concatenate(keys), np.concatenate(sums))
        self._parts = [whole]
        self._rows = self._size = len(whole[0])
        return whole


def _coded(column: pa.Array, known: dict[str, int]) -> Keys:
    """Return the number of each text, in the order in which they first come."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    number = [known.setdefault(text, len(known)) for text in coded.dictionary.to_pylist()]
    numbers: Keys = np.array(number, np.uint64)[coded.indices.to_numpy(zero_copy_only=False)]
    return numbers


def _summed(keys: Keys, n: Ints) -> tuple[Keys, Ints]:
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.flatnonzero(np.diff(ordered, prepend=~ordered[:1]))
    return ordered[first], np.add.reduceat(n[order], first) if len(first) else n[:0]


def _ranked(known: dict[str, int], codes: Keys) -> pa.DictionaryArray:
    """Return the texts of codes, as positions in their ascending order."""
    texts = sorted(known)
    rank = np.empty(len(texts), np.int32)
    rank[[known[text] for text in texts]] = np.arange(len(texts))
    return pa.DictionaryArray.from_arrays(rank[codes], pa.array(texts, pa.string()))
