"""Whether an office is open at a moment of an ordinary week, by its opening hours.

The hours are the subset of OpenStreetMap's that `geo_core.ingest.rules.OPENING_HOURS` accepts. An
ordinary week has no public and no school holiday; a rule for the first or last such day of a month
says nothing about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
USUAL: Final = "Oct"
"""Month of a moment that names none: schools and offices are all at work."""

_MOMENT: Final = re.compile(
    rf"(?:(?P<month>{'|'.join(MONTHS)}) )?(?P<day>{'|'.join(DAYS)}) "
    r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9])"
)
_SPAN: Final = re.compile(r"(\d\d):(\d\d)(?:-(\d\d):(\d\d)|\+)")
_MONTH: Final = re.compile(rf"({'|'.join(MONTHS)})(?: \d{{1,2}})?")
_DAY: Final = re.compile(rf"({'|'.join(DAYS)}|PH|SH)(?:-({'|'.join(DAYS)}))?(\[-?\d\])?")
_WHOLE: Final = (0, 24 * 60)


@dataclass(frozen=True)
class Moment:
    """A moment of an ordinary week.

    Attributes
    ----------
    month : int
        0 is January.
    day : int
        0 is Monday.
    minute : int
        Since midnight.
    """

    month: int
    day: int
    minute: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a text such as ``Sa 10:00`` or ``Aug Sa 10:00``.

        Raises
        ------
        ValueError
            It is written otherwise.
        """
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no moment of a week, such as 'Sa 10:00'")
        month = MONTHS.index(found["month"] or USUAL)
        minute = 60 * int(found["hour"]) + int(found["minute"])
        return cls(month, DAYS.index(found["day"]), minute)


@dataclass(frozen=True)
class _Rule:
    """One rule: where it holds, and from when to when (minutes) it is open."""

    months: frozenset[int]
    days: frozenset[int]
    spans: tuple[tuple[int, int], ...]

    def holds(self, moment: Moment) -> bool:
        return moment.month in self.months and moment.day in self.days

    def opens(self, moment: Moment) -> bool:
        return any(start <= moment.minute < end for start, end in self.spans)


def is_open(hours: str, at: Moment) -> bool:
    """Tell whether these hours are open at a moment.

    A rule after a semicolon replaces earlier ones on its days, one after a comma adds to them,
    one after ``||`` holds where no other does. Of an open end (``09:00+``) the day's end is taken.

    Parameters
    ----------
    hours : str
        As an office gives them; not empty.
    at : Moment
        When.
    """
    yesterday = Moment(at.month, (at.day - 1) % 7, at.minute + 24 * 60)
    return any(_open_on(hours, moment) for moment in (at, yesterday))


def _open_on(hours: str, moment: Moment) -> bool:
    """Tell it for a minute counted from the midnight of its day, which may be after the next."""
    for choice in re.split(r" ?\|\| ?", hours):
        last: list[_Rule] = []
        for group in choice.split(";"):
            holding = [rule for rule in _rules(group.strip()) if rule.holds(moment)]
            last = holding or last
        if last:
            return any(rule.opens(moment) for rule in last)
    return False


def _rules(group: str) -> list[_Rule]:
    """Return the rules of one group: a day after a time begins a new one."""
    if group == "24/7":
        return [_Rule(frozenset(range(12)), frozenset(range(7)), (_WHOLE,))]
    texts: list[str] = []
    timed = False
    for piece in (part.strip() for part in group.split(",")):
        begins = re.match(r"\d", piece) is None
        if texts and not (begins and timed):
            texts[-1] += f",{piece}"
        else:
            texts.append(piece)
            timed = False
        timed = timed or _says_when(piece)
    return [_rule(text) for text in texts]


def _says_when(piece: str) -> bool:
    return _SPAN.search(piece) is not None or piece.endswith(("off", "closed", "open"))


def _rule(text: str) -> _Rule:
    months, rest = _months(text)
    spans = tuple(_span(*found.groups()) for found in _SPAN.finditer(rest))
    shut = rest.endswith(("off", "closed"))
    return _Rule(months, _days(rest), () if shut else spans or (_WHOLE,))


def _span(hour: str, minute: str, to_hour: str | None, to_minute: str | None) -> tuple[int, int]:
    start = 60 * int(hour) + int(minute)
    if to_hour is None:
        return start, 24 * 60
    end = 60 * int(to_hour) + int(to_minute or 0)
    return (start, end) if end > start else (start, end + 24 * 60)


def _months(text: str) -> tuple[frozenset[int], str]:
    """Return the months a rule is for, and what follows them."""
    found: set[int] = set()
    while match := _MONTH.match(text):
        first = last = MONTHS.index(match[1])
        text = text[match.end() :]
        if text.startswith("-") and (to := _MONTH.match(text[1:])):
            last, text = MONTHS.index(to[1]), text[1 + to.end() :]
        found |= _round(first, last, 12)
        text = text.lstrip(",")
    return frozenset(found or range(12)), text.lstrip(": ")


def _days(text: str) -> frozenset[int]:
    """Return the days of an ordinary week a rule is for: all, if it names none of any kind."""
    head = _SPAN.split(text)[0]
    named = list(_DAY.finditer(head))
    found: set[int] = set()
    for match in named:
        if match[1] in DAYS and match[3] is None:
            first = DAYS.index(match[1])
            found |= _round(first, DAYS.index(match[2]) if match[2] else first, 7)
    return frozenset(found if named else range(7))


def _round(first: int, last: int, size: int) -> set[int]:
    """Return the numbers from one to another, past the end of the circle if need be."""
    return {(first + step) % size for step in range((last - first) % size + 1)}
