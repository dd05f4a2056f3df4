"""Counts every person once a year, over records that come in chunks.

A record without a pseudonym is counted at once. Of a person with a pseudonym some 30 bytes a year
are kept until the end (47 with the household), and then forgotten.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_core.ingest.earliest import Codes, Columns, Earliest, exact_first, halves, packed
from geo_core.ingest.households import HOUSEHOLD, Households, Members, counted, texts_of
from geo_core.ingest.tally import Tally
from geo_core.model.policy import WITHOUT_PLACE

_MONTHS: Final = 12
_NAMED: Final = 1
"""Added to twice the kind of a household, where it has a pseudonym."""


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
    households : DataFrame | None
        Counts of households by year, place and kind, where records may name them; known at the
        end.
    without_household : int
        Persons in no such count.
    """

    __slots__ = (
        "_bodies", "_categories", "_households", "_kinds", "_known", "_places", "_records",
        "_reserved", "_tally", "accepted", "households", "merged", "withheld",
    )  # fmt: skip

    def __init__(self, reserved: Collection[str]) -> None:
        self._reserved = frozenset(reserved)
        self._tally = Tally(("luogo", "categoria", "anno"))
        self._bodies, self._places, self._categories, self._kinds = (Codes() for _ in range(4))
        self._known = Earliest(_MONTHS, self._order)
        self._households: Households | None = None
        self.households: pd.DataFrame | None = None
        self._records = self.accepted = self.merged = self.withheld = 0

    @property
    def without_household(self) -> int:
        """Persons whose household is not counted."""
        return self._households.without if self._households else 0

    def add(self, chunk: pd.DataFrame) -> None:
        """Take in accepted records.

        Parameters
        ----------
        chunk : DataFrame
            ``periodo`` (YYYY-MM), ``luogo``, ``categoria``, ``n`` (persons), ``pseudonimo`` (32
            hexadecimal characters or None; then `n` is 1) and ``id_org`` (empty where the table
            does not name it). Households are counted if there are ``nucleo`` (kind) and
            `HOUSEHOLD` (as ``pseudonimo``). Every chunk has the same columns.
        """
        if self._households is None and HOUSEHOLD in chunk:
            self._households = Households(self._bodies, self._places, self._kinds)
        self._records += len(chunk)
        position, months = pd.factorize(chunk["periodo"].to_numpy(dtype=object))
        columns: Columns = (
            np.array([_month(text) for text in months], np.int32)[position],
            self._bodies.of(chunk["id_org"], np.int32),
            self._places.of(chunk["luogo"], np.int32),
            self._categories.of(chunk["categoria"], np.int16),
            *self._living(chunk),
        )
        known = chunk["pseudonimo"].notna().to_numpy(dtype=bool)
        n = chunk["n"].to_numpy(dtype=np.int64)
        self._count(tuple(a[~known] for a in columns), n[~known])
        names = halves(chunk.loc[known, "pseudonimo"])
        self._known.add((*names, *(a[known] for a in columns)))

    def finish(self) -> pd.DataFrame:
        """Count who has a pseudonym, and return all counts of persons.

        The record of the earliest month counts; among equals, the one whose organisation, then
        place, then category (then household) is first in the order of text, a cell before a
        municipality. Where a record stands in the file decides nothing: a draw of noise is charged
        for other counts, never for another order.

        Returns
        -------
        DataFrame
            ``anno``, ``luogo``, ``categoria``, ``n``, sorted by the first three.
        """
        kept = self._known.finish()
        if kept is not None:
            self._count(kept[2:], np.ones(len(kept[0]), np.int64))
        self.merged = self._records - self.accepted
        if self._households:
            self.households = self._households.finish()
        return counted(self._tally)

    def _living(self, chunk: pd.DataFrame) -> Columns:
        """Return the halves of the household's pseudonym, and its kind with whether it has one."""
        if not self._households:
            return ()
        named = chunk[HOUSEHOLD].notna().to_numpy(dtype=bool)
        high, low = np.zeros((2, len(chunk)), np.uint64)
        high[named], low[named] = halves(chunk.loc[named, HOUSEHOLD])
        kind = self._kinds.of(chunk["nucleo"], np.int8)
        return high, low, (2 * kind + _NAMED * named).astype(np.int8)

    def _order(self, columns: Columns) -> Columns:
        """Return what orders the records of one person and year, the most significant last."""
        when, body, place, category, *living = columns
        last = self._categories.ranked(category) << np.uint64(8)
        within: Columns = ()
        if living:
            high, low, kind = living
            last |= self._kinds.ranked(kind // 2) << np.uint64(1) | (kind % 2).astype(np.uint64)
            within = (low, high) if (kind % 2).any() else ()
        return (
            *within,
            packed(self._places.ranked(place, exact_first), last),
            packed(when, self._bodies.ranked(body)),
        )

    def _count(self, columns: Columns, n: npt.NDArray[np.int64]) -> None:
        """Count records, each of persons who are counted by no other."""
        shown = ~self._places.are(columns[2], self._reserved)
        self.accepted += len(n)
        self.withheld += int((~shown).sum())
        month, body, place, category, *living = (a[shown] for a in columns)
        self._tally.add(
            self._places.named(place),
            self._categories.named(category),
            texts_of(month // _MONTHS),
            n[shown],
        )
        if self._households:
            high, low, kind = living
            hidden = self._categories.are(category, WITHOUT_PLACE)
            named = kind % 2 == _NAMED
            self._households.add(
                Members(month, body, place, hidden, n[shown], named, high, low, kind // 2)
            )


def _month(text: str) -> int:
    """Return the number of a month; a twelfth of it, without the rest, is the year."""
    return int(text[:4]) * _MONTHS + int(text[5:]) - 1
