"""Columns of a collection, in arrays that filter and sort fast and weigh little.

Text and dates become ranks in their sorted vocabulary: equality is one search in the
vocabulary and one comparison of integers, and the ranks are the sort key.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from api.params import number
from geo_core.errors import InvalidParameter
from geo_core.model.field import Field

type Mask = NDArray[np.bool_]
"""One truth value per row of a collection."""

type Rows = NDArray[np.int64]
"""Row numbers of a collection, in the order of its files."""

RANKED: Final = frozenset({"text", "date"})
SORTABLE: Final = frozenset({"text", "date", "integer", "number", "boolean"})
"""Types with an order; a list of codes has none, and is filtered by what it holds."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NULL_RANK = -1


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    values : array, shape (rows,)
        Ranks (int32, -1 for null) of text and dates; numbers and booleans (0, 1) as float64,
        NaN for null: integers are exact up to 2^53, as in JSON.
    valid : Mask
        False where the value is null.
    vocabulary : list of str
        Sorted distinct texts; empty for numbers and booleans.
    """

    field: Field
    values: NDArray[Any]
    valid: Mask
    vocabulary: list[str]

    def equal(self, value: str) -> Mask:
        """Return where the column equals a value written as in a query string.

        Raises
        ------
        InvalidParameter
            The text is not a value of the column's type.
        """
        if self.field.type in RANKED:
            sought: float = self._rank(_checked(self.field, value))
        else:
            sought = _parsed(self.field, value)
        mask: Mask = self.valid & (self.values == sought)
        return mask

    def at_least(self, value: str) -> Mask:
        """Return where a text or date is `value` or after it; a null is nowhere."""
        mask: Mask = self.values >= bisect_left(self.vocabulary, value)
        return mask

    def at_most(self, value: str) -> Mask:
        """Return where a text or date is `value` or before it; a null is nowhere."""
        end = bisect_left(self.vocabulary, value)
        last = end if end < len(self.vocabulary) and self.vocabulary[end] == value else end - 1
        mask: Mask = self.valid & (self.values <= last)
        return mask

    def sort_keys(self, *, descending: bool) -> tuple[NDArray[Any], Mask]:
        """Return the minor and the major key of `numpy.lexsort`: nulls last either way."""
        return (-self.values if descending else self.values), ~self.valid

    def _rank(self, text: str) -> int:
        place = bisect_left(self.vocabulary, text)
        found = place < len(self.vocabulary) and self.vocabulary[place] == text
        return place if found else len(self.vocabulary)


@dataclass(frozen=True)
class ListColumn:
    """One column of lists of codes.

    Attributes
    ----------
    holds : array of bool, shape (rows, codes)
        Whether a row's list holds a code.
    vocabulary : list of str
        The codes that occur, sorted.
    valid : Mask
        False where there is no list.
    """

    holds: NDArray[np.bool_]
    vocabulary: list[str]
    valid: Mask

    def equal(self, value: str) -> Mask:
        """Return where the list holds a code; a code that is in no list is nowhere."""
        if value not in self.vocabulary:
            return np.zeros(len(self.holds), dtype=np.bool_)
        return self.holds[:, self.vocabulary.index(value)]


def read_list_column(values: Sequence[Sequence[str] | None]) -> ListColumn:
    """Turn lists of codes, None for null, into a `ListColumn`."""
    lists = [set(value or ()) for value in values]
    vocabulary = sorted(set().union(*lists))
    holds = np.array([[code in one for code in vocabulary] for one in lists], dtype=np.bool_)
    valid = np.array([value is not None for value in values], dtype=np.bool_)
    return ListColumn(holds.reshape(len(lists), len(vocabulary)), vocabulary, valid)


def read_column(field: Field, values: Sequence[Any]) -> Column:
    """Turn the values of one column, None for null, into a `Column`."""
    if field.type in RANKED:
        return _ranked(field, values)
    numbers = np.array(values, dtype=np.float64)
    return Column(field, numbers, ~np.isnan(numbers), [])


def _ranked(field: Field, values: Sequence[str | None]) -> Column:
    vocabulary = sorted({value for value in values if value is not None})
    rank_of: dict[str | None, int] = {value: rank for rank, value in enumerate(vocabulary)}
    rank_of[None] = _NULL_RANK
    ranks = np.array([rank_of[value] for value in values], dtype=np.int32)
    return Column(field, ranks, ranks != _NULL_RANK, vocabulary)


def _checked(field: Field, value: str) -> str:
    if field.type == "date" and not _is_day(value):
        raise InvalidParameter(field.name, f"`{field.name}` is a date", hint="2023-12-31")
    return value


def _is_day(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _parsed(field: Field, value: str) -> float:
    if field.type == "number":
        return number(field.name, value)
    if field.type == "integer":
        if not _INTEGER.fullmatch(value):
            raise InvalidParameter(field.name, f"`{field.name}` is a whole number")
        return int(value)
    if value not in {"true", "false"}:
        raise InvalidParameter(field.name, f"`{field.name}` is `true` or `false`")
    return int(value == "true")
