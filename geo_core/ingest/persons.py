"""Counts every person once a year, over records that come in chunks.

A record without a pseudonym is counted at once. Of a person with a pseudonym 30 bytes a year are
kept until the end, and then forgotten: memory grows with the persons, not with their records.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo_core.ingest.tally import Tally

_MONTHS: Final = 12
_MERGE_AT: Final = 1_000_000
"""Records that are kept, at least, before those of one person are merged."""

type Columns = tuple[npt.NDArray[np.integer], ...]


class Persons:
    """What chunks of accepted records come to.

    Parameters
    ----------
    reserved : collection of str
        Places of which nothing is counted.

    Attributes
    ----------
    merged : int
        Records of a person who is counted by another one of the same year; known at the end.
    """

    __slots__ = (
        "_bodies", "_categories", "_known", "_places", "_records", "_reserved", "_tally",
        "_waiting", "accepted", "merged", "withheld",
    )  # fmt: skip

    def __init__(self, reserved: Collection[str]) -> None:
        self._reserved = frozenset(reserved)
        self._tally = Tally(("luogo", "categoria", "anno"))
        self._bodies: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._categories: dict[str, int] = {}
        self._known: list[Columns] = []
        self._waiting = self._records = self.accepted = self.merged = self.withheld = 0

    def add(self, chunk: pd.DataFrame) -> None:
        """Take in accepted records.

        Parameters
        ----------
        chunk : DataFrame
            ``periodo`` (YYYY-MM), ``luogo``, ``categoria``, ``n`` (persons), ``pseudonimo`` (32
            hexadecimal characters or None; then `n` is 1) and ``id_org`` (empty where the table
            does not name it).
        """
        self._records += len(chunk)
        position, months = pd.factorize(chunk["periodo"].to_numpy(dtype=object))
        month = np.array([_month(text) for text in months], np.int32)[position]
        place = _coded(chunk["luogo"], self._places, np.int32)
        category = _coded(chunk["categoria"], self._categories, np.int16)
        known = chunk["pseudonimo"].notna().to_numpy(dtype=bool)
        self._count(place[~known], category[~known], month[~known],
                    chunk["n"].to_numpy(dtype=np.int64)[~known])  # fmt: skip
        names = _numbers(chunk.loc[known, "pseudonimo"])
        body = _coded(chunk.loc[known, "id_org"], self._bodies, np.int32)
        self._known.append((*names, month[known], body, place[known], category[known]))
        self._waiting += int(known.sum())
        if self._waiting > max(_MERGE_AT, len(self._known[0][0])):
            self._merge()

    def finish(self) -> pd.DataFrame:
        """Count who has a pseudonym, and return all counts.

        The record of the earliest month counts; among equals, the one whose organisation, then
        place, then category is first in the order of text, a cell before a municipality. Where a
        record stands in the file decides nothing: a draw of noise is charged for other counts,
        never for another order.

        Returns
        -------
        DataFrame
            ``anno``, ``luogo``, ``categoria``, ``n``, sorted by the first three.
        """
        if self._known:
            _, _, month, _, place, category = self._merge()
            self._count(place, category, month, np.ones(len(month), np.int64))
            self._known = []
        self.merged = self._records - self.accepted
        counts = self._tally.counts().to_pandas().astype({"anno": "int64"})
        by = ["anno", "luogo", "categoria"]
        return counts.sort_values(by, ignore_index=True)[[*by, "n"]]

    def _merge(self) -> Columns:
        """Keep, of the records of a person and year, the one that counts."""
        high, low, month, body, place, category = (
            np.concatenate(parts) for parts in zip(*self._known, strict=True)
        )
        self._known = []
        ties = (_ranked(self._categories, category), _ranked(self._places, place, _exact_first),
                _ranked(self._bodies, body))  # fmt: skip
        order = np.lexsort((*ties, month, low, high))
        del ties
        same = [np.diff(a[order]) == 0 for a in (high, low, month // _MONTHS)]
        first = order[np.concatenate([[True], ~np.logical_and.reduce(same)])[: len(order)]]
        kept = tuple(a[first] for a in (high, low, month, body, place, category))
        self._known, self._waiting = [kept], 0
        return kept

    def _count(
        self,
        place: npt.NDArray[np.integer],
        category: npt.NDArray[np.integer],
        month: npt.NDArray[np.integer],
        n: npt.NDArray[np.int64],
    ) -> None:
        secret = [code for text, code in self._places.items() if text in self._reserved]
        shown = ~np.isin(place, secret)
        self.accepted += len(place)
        self.withheld += int((~shown).sum())
        year, position = np.unique(month[shown] // _MONTHS, return_inverse=True)
        self._tally.add(
            _named(self._places, place[shown]),
            _named(self._categories, category[shown]),
            pa.DictionaryArray.from_arrays(position, [str(y) for y in year.tolist()]),
            n[shown],
        )


def _month(text: str) -> int:
    """Return the number of a month; a twelfth of it, without the rest, is the year."""
    return int(text[:4]) * _MONTHS + int(text[5:]) - 1


def _coded[Code: np.integer](
    texts: pd.Series, known: dict[str, int], kind: type[Code]
) -> npt.NDArray[Code]:
    position, distinct = pd.factorize(texts.to_numpy(dtype=object))
    code = np.array([known.setdefault(text, len(known)) for text in distinct], kind)
    codes: npt.NDArray[Code] = np.take(code, position)
    return codes


def _exact_first(place: str) -> tuple[bool, str]:
    """Return by what places are ordered: those known by their municipality alone come last."""
    return (len(place) == 6 and place.isdecimal(), place)


def _ranked[Code: np.integer](
    known: dict[str, int],
    codes: npt.NDArray[Code],
    key: Callable[[str], str | tuple[bool, str]] = str,
) -> npt.NDArray[Code]:
    """Replace codes, which are in the order of arrival, by places in the order of a key."""
    rank: npt.NDArray[Code] = np.empty(len(known), codes.dtype)
    rank[[known[text] for text in sorted(known, key=key)]] = np.arange(len(known))
    return np.take(rank, codes)


def _named(known: dict[str, int], codes: npt.NDArray[np.integer]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(known), pa.string()))


def _numbers(pseudonyms: pd.Series) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Read 32 hexadecimal characters as two numbers."""
    halves = np.frombuffer(bytes.fromhex("".join(pseudonyms)), ">u8").astype(np.uint64)
    return halves[::2], halves[1::2]
