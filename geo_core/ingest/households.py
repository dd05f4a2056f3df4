"""Counts every household once a year, from the records that count its persons.

Each person is in one household at most: that of the one record that counts the person. So one
person more or less adds or removes a household, or moves its place or kind: two counts change by
one at most.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo_core.ingest.earliest import Codes, Columns, Earliest, exact_first, packed
from geo_core.ingest.tally import Tally

HOUSEHOLD: Final = "pseudonimo_nucleo"
"""The pseudonym of a household: without this column households are not counted."""

ALONE: Final = "singolo"
"""The kind of household in which a person lives alone."""

UNKNOWN: Final = "nd"
"""The kind of a household whose record does not say it."""

_MONTHS: Final = 12
_SPAN: Final = 2 * _MONTHS
"""A year of months in which a hidden person is counted, then a year of the other months."""


type Ints = npt.NDArray[np.integer]
type Bools = npt.NDArray[np.bool_]


class Members(NamedTuple):
    """Records that count persons: equally long arrays.

    Attributes
    ----------
    month : array
        The number of the month; a twelfth of it, without the rest, is the year.
    body, place : array
        Numbers of the texts.
    hidden : array of bool
        The household of the person must not be found: it is in no count.
    n : array
        Persons of the record.
    family : array of bool
        Whether the record has a pseudonym of the household.
    high, low : array
        Its halves, where it has.
    kind : array
        Number of the kind of household.
    """

    month: Ints
    body: Ints
    place: Ints
    hidden: Bools
    n: npt.NDArray[np.int64]
    family: Bools
    high: Ints
    low: Ints
    kind: Ints


class Households:
    """What counted records come to in households.

    Parameters
    ----------
    bodies, places, kinds : Codes
        What the numbers in the records mean.

    Attributes
    ----------
    without : int
        Persons whose household nobody names, unless they live alone: they are in no count.
    """

    __slots__ = ("_bodies", "_kinds", "_named", "_places", "_tally", "without")

    def __init__(self, bodies: Codes, places: Codes, kinds: Codes) -> None:
        self._bodies, self._places, self._kinds = bodies, places, kinds
        self._named = Earliest(_SPAN, self._order)
        self._tally = Tally(("luogo", "categoria", "anno"))
        self.without = 0

    def add(self, of: Members) -> None:
        """Take in records, each of persons who are counted by no other record of the year."""
        alone = self._kinds.are(of.kind, frozenset({ALONE})) & ~of.family & ~of.hidden
        self.without += int(of.n[~of.family & ~alone].sum())
        self._count(of.month[alone] // _MONTHS, of.place[alone], of.kind[alone], of.n[alone])
        year, month = np.divmod(of.month, _MONTHS)
        when = year * _SPAN + month + _MONTHS * ~of.hidden
        columns = (of.high, of.low, when, of.body, of.place, of.kind)
        self._named.add(tuple(a[of.family] for a in columns))

    def finish(self) -> pd.DataFrame:
        """Count the households that have a pseudonym, and return all counts.

        The earliest record gives place and kind; among equals the first by organisation, place,
        kind. A household of a hidden person is not counted: where it is would tell of the person.

        Returns
        -------
        DataFrame
            ``anno``, ``luogo``, ``categoria`` (kind), ``n``, sorted by the first three.
        """
        kept = self._named.finish()
        if kept is not None:
            _, _, when, _, place, kind = kept
            shown = when % _SPAN >= _MONTHS
            one = np.ones(int(shown.sum()), np.int64)
            self._count(when[shown] // _SPAN, place[shown], kind[shown], one)
        return counted(self._tally)

    def _order(self, columns: Columns) -> Columns:
        when, body, place, kind = columns
        return (
            self._kinds.ranked(kind),
            self._places.ranked(place, exact_first),
            packed(when, self._bodies.ranked(body)),
        )

    def _count(self, years: Ints, place: Ints, kind: Ints, n: npt.NDArray[np.int64]) -> None:
        self._tally.add(self._places.named(place), self._kinds.named(kind), texts_of(years), n)


def texts_of(years: Ints) -> pa.DictionaryArray:
    """Write years as text."""
    year, position = np.unique(years, return_inverse=True)
    return pa.DictionaryArray.from_arrays(position, [str(y) for y in year.tolist()])


def counted(tally: Tally) -> pd.DataFrame:
    """Return what a tally of place, category and year has: ``anno luogo categoria n``, sorted."""
    counts = tally.counts().to_pandas().astype({"anno": "int64"})
    by = ["anno", "luogo", "categoria"]
    return counts.sort_values(by, ignore_index=True)[[*by, "n"]]
