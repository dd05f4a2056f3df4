"""Days, instants and intervals, and how they lie to each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Final

import numpy as np

from api.features.columns import Column
from api.features.cql2.nodes import refused
from api.features.cql2.values import Ints, Mask, Times, Truth
from api.features.instants import read_instant

FIRST: Final = -(2**62)
LAST: Final = 2**62
"""Ends of an open interval."""
_DAY: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def on_day(text: str) -> Times:
    """Return a day written in ISO 8601."""
    try:
        day = date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise refused("`filter` holds a day that is none", "DATE('2023-12-31')") from None
    return _at((day.toordinal() - _EPOCH.toordinal()) * _DAY, days=True)


def at_instant(text: str) -> Times:
    """Return an instant written in RFC 3339, in UTC as CQL2 has it."""
    try:
        moment = read_instant(text if text.upper().endswith("Z") else "")
    except ValueError:
        hint = "TIMESTAMP('2023-12-31T12:00:00Z'), in UTC"
        raise refused("`filter` holds an instant that is none", hint) from None
    return _at((moment - _EPOCH) // _MICROSECOND, days=False)


def of_column(column: Column) -> Times:
    """Return the days of a column of dates."""
    days = [on_day(text).start for text in column.vocabulary]
    start = np.array([*days, 0], dtype=np.int64)[column.values]
    return Times(start, start, column.valid, days=True, lasting=False)


def interval(start: Times | None, end: Times | None) -> Times:
    """Return the interval from one time to another; None where it is open.

    Where one end is a day and the other an instant, the day counts from its first to its last
    microsecond (CQL2, requirement on temporal literals).

    Raises
    ------
    InvalidParameter
        An end is an interval itself.
    """
    given = [one for one in (start, end) if one is not None]
    if any(one.lasting for one in given):
        raise refused("an interval of `filter` starts or ends with an interval")
    days = all(one.days for one in given)
    fine = [one if days else finer(one) for one in given]
    # Arrays of one entry per feature and of none at all: numpy reduces no list of both.
    known = reduce(np.logical_and, (one.known for one in given), np.array(True))
    return Times(
        fine[0].start if start is not None else np.array(FIRST),
        fine[-1].end if end is not None else np.array(LAST),
        np.asarray(known),
        days=days,
        lasting=True,
    )


def finer(times: Times) -> Times:
    """Return days as the time from their first to their last microsecond."""
    if not times.days:
        return times
    end = np.where(times.end == LAST, LAST, times.end + _DAY - 1)
    return Times(times.start, end, times.known, days=False, lasting=times.lasting)


def _at(start: int, *, days: bool) -> Times:
    moment = np.array(start, dtype=np.int64)
    return Times(moment, moment, np.array(True), days=days, lasting=False)


type _Relation = Callable[[Ints, Ints, Ints, Ints], Mask]
"""Of start and end of one time, then of the other."""

_OF_ANY: Final[Mapping[str, _Relation]] = {
    "t_after": lambda s, _e, _s2, e2: s > e2,
    "t_before": lambda _s, e, s2, _e2: e < s2,
    "t_disjoint": lambda s, e, s2, e2: (s > e2) | (e < s2),
    "t_equals": lambda s, e, s2, e2: (s == s2) & (e == e2),
    "t_intersects": lambda s, e, s2, e2: (s <= e2) & (e >= s2),
}
_OF_INTERVALS: Final[Mapping[str, _Relation]] = {
    "t_contains": lambda s, e, s2, e2: (s < s2) & (e > e2),
    "t_during": lambda s, e, s2, e2: (s > s2) & (e < e2),
    "t_finishedby": lambda s, e, s2, e2: (s < s2) & (e == e2),
    "t_finishes": lambda s, e, s2, e2: (s > s2) & (e == e2),
    "t_meets": lambda _s, e, s2, _e2: e == s2,
    "t_metby": lambda s, _e, _s2, e2: s == e2,
    "t_overlappedby": lambda s, e, s2, e2: (s > s2) & (s < e2) & (e > e2),
    "t_overlaps": lambda s, e, s2, e2: (s < s2) & (e > s2) & (e < e2),
    "t_startedby": lambda s, e, s2, e2: (s == s2) & (e > e2),
    "t_starts": lambda s, e, s2, e2: (s == s2) & (e < e2),
}
FUNCTIONS: Final = frozenset({*_OF_ANY, *_OF_INTERVALS})
"""Relations of times (Allen's, as CQL2 names them)."""


def related(name: str, a: Times, b: Times) -> Truth:
    """Return where a relation of two times holds.

    Raises
    ------
    InvalidParameter
        The relation is one of intervals, and a day or an instant is given.
    """
    if name in _OF_INTERVALS and not (a.lasting and b.lasting):
        raise refused(
            f"`{name}` compares two intervals",
            "INTERVAL('2023-01-01', '2023-12-31'), or t_intersects",
        )
    if a.days != b.days:
        a, b = finer(a), finer(b)
    relation = {**_OF_ANY, **_OF_INTERVALS}[name]
    known = np.asarray(a.known & b.known)
    return Truth(known & relation(a.start, a.end, b.start, b.end), known)


def compared(a: Times, b: Times) -> tuple[Ints, Ints]:
    """Return numbers that compare as two days or two instants do.

    Raises
    ------
    InvalidParameter
        One is an interval, or one is a day and the other an instant.
    """
    if a.lasting or b.lasting:
        raise refused("intervals are not compared", "use t_before, t_intersects and the like")
    if a.days != b.days:
        raise refused("a day is not compared with an instant", "DATE('2023-12-31'), or t_before")
    return a.start, b.start
