"""Counts of a stream of records by cell, category and month.

Memory grows with the groups, not with the records: three keys are packed into one number, and
equal numbers are summed batch by batch.
"""

from __future__ import annotations

from typing import Final

import h3.api.basic_int as h3_int
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo_core.model.cells import LEAF

CELL: Final = "h3"
CATEGORY: Final = "categoria"
MONTH: Final = "mese"
N: Final = "n"

MAX_CODES: Final = 1 << 16
"""Most different categories, and most different months."""

_CODE_BITS: Final = np.uint64(16)
_CODE: Final = np.uint64(MAX_CODES - 1)
# Of an index of resolution 8 only 7 bits of base cell and 8 digits of 3 bits differ; the finer
# digits are all ones. See the H3 documentation, "Index Bit Layout".
_CELL: Final = np.uint64((1 << 7 + 3 * LEAF) - 1)
_FINER_BITS: Final = np.uint64(3 * (15 - LEAF))
_MERGE_AT: Final = 1_000_000
"""Rows of partial sums that are kept before they are merged."""

type Cells = npt.NDArray[np.uint64]
type Ints = npt.NDArray[np.int64]


class Tally:
    """Sums over batches that come one after the other.

    Attributes
    ----------
    total : int
        Sum of everything that was added; the counts sum to it.
    """

    __slots__ = ("_categories", "_months", "_parts", "_rest", "_rows", "_size", "total")

    def __init__(self) -> None:
        self._categories: dict[str, int] = {}
        self._months: dict[str, int] = {}
        self._parts: list[tuple[Cells, Ints]] = []
        self._rest = _rest(np.array([h3_int.latlng_to_cell(0, 0, LEAF)], np.uint64))[0]
        self._rows = self._size = self.total = 0

    def add(
        self, cells: Cells, categories: pa.Array, months: pa.Array, n: Ints | None = None
    ) -> None:
        """Count one batch.

        Parameters
        ----------
        cells : array of uint64
            H3 indexes of the leaf resolution, as numbers.
        categories, months : Array
            Text or dictionary of text, without nulls, as long as `cells`.
        n : array of int64 | None
            What each record counts; one each if left out.

        Raises
        ------
        ValueError
            A cell is not of the leaf resolution, or there are more than `MAX_CODES` categories
            or months.
        """
        if len(cells) and (_rest(cells) != self._rest).any():
            raise ValueError(f"a cell is not of resolution {LEAF}")
        keys: Cells = cells >> _FINER_BITS & _CELL
        for codes in (_coded(categories, self._categories), _coded(months, self._months)):
            keys = keys << _CODE_BITS | codes
        part = _summed(keys, n)
        self.total += int(part[1].sum())
        self._parts.append(part)
        self._rows += len(part[0])
        if self._rows > _MERGE_AT + 2 * self._size:
            self._merge()

    def counts(self) -> pa.Table:
        """Return ``h3`` (text), ``categoria``, ``mese``, ``n`` (int64), sorted by the keys."""
        keys, sums = self._merge()
        categories = _ranked(self._categories, keys >> _CODE_BITS & _CODE)
        months = _ranked(self._months, keys & _CODE)
        order = np.lexsort((months.indices, categories.indices, keys >> _CODE_BITS >> _CODE_BITS))
        cells = keys[order] >> _CODE_BITS >> _CODE_BITS << _FINER_BITS | self._rest
        columns = {
            CELL: _named(cells),
            CATEGORY: categories.take(pa.array(order)).dictionary_decode(),
            MONTH: months.take(pa.array(order)).dictionary_decode(),
            N: sums[order],
        }
        return pa.table(columns)

    def _merge(self) -> tuple[Cells, Ints]:
        keys = [np.empty(0, np.uint64), *(keys for keys, _ in self._parts)]
        sums = [np.empty(0, np.int64), *(sums for _, sums in self._parts)]
        whole = _summed(np.concatenate(keys), np.concatenate(sums))
        self._parts = [whole]
        self._rows = self._size = len(whole[0])
        return whole


def _rest(cells: Cells) -> Cells:
    """Return indexes without the bits in which cells of one resolution differ."""
    return cells & ~(_CELL << _FINER_BITS)


def _coded(column: pa.Array, known: dict[str, int]) -> Cells:
    """Return the number of each text, in the order in which they first come."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    number = [known.setdefault(text, len(known)) for text in coded.dictionary.to_pylist()]
    if len(known) > MAX_CODES:
        raise ValueError(f"more than {MAX_CODES} different categories or months")
    numbers: Cells = np.array(number, np.uint64)[coded.indices.to_numpy(zero_copy_only=False)]
    return numbers


def _summed(keys: Cells, n: Ints | None) -> tuple[Cells, Ints]:
    if n is None:
        return np.unique(keys, return_counts=True)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.flatnonzero(np.diff(ordered, prepend=~ordered[:1]))
    return ordered[first], np.add.reduceat(n[order], first) if len(first) else n[:0]


def _named(ordered: Cells) -> pa.Array:
    """Write ascending indexes as text."""
    distinct, times = np.unique(ordered, return_counts=True)
    names = [h3_int.int_to_str(cell) for cell in distinct.tolist()]
    return pa.array(names, pa.string()).take(pa.array(np.repeat(np.arange(len(names)), times)))


def _ranked(known: dict[str, int], codes: Cells) -> pa.DictionaryArray:
    """Return the texts of codes, as positions in their ascending order."""
    texts = sorted(known)
    rank = np.empty(len(texts), np.int32)
    rank[[known[text] for text in texts]] = np.arange(len(texts))
    return pa.DictionaryArray.from_arrays(rank[codes], pa.array(texts, pa.string()))
