"""Opening hours, from OpenStreetMap's syntax to the weekly rules of calendars."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY: Final = "|".join(_DAYS)
_SPAN: Final = rf"(?:{_DAY})(?:-(?:{_DAY}))?"
_TIME: Final = r"(?:[01][0-9]|2[0-4]):[0-5][0-9]"
_HOURS: Final = rf"{_TIME}-{_TIME}"
_RULE: Final = re.compile(rf"({_SPAN}(?:,{_SPAN})*) ({_HOURS}(?:,{_HOURS})*)")
_MAX: Final = 1_000


class Weekly(NamedTuple):
    """The same hours on some days of every week; days as in RFC 5545 (`MO,TU`)."""

    byday: str
    opens_at: str
    closes_at: str


def weekly(hours: str) -> list[Weekly]:
    """Return weekly rules; none when the text says more than days and hours.

    Parameters
    ----------
    hours : str
        Such as `Mo-Fr 09:00-12:30; Tu,Th 14:00-17:00`. Holidays, months, weeks of the month and
        comments have no counterpart: a text with any of them is left to people to read.
    """
    if len(hours) > _MAX:
        return []
    rules = [_RULE.fullmatch(part.strip()) for part in hours.split(";") if part.strip()]
    if not all(rules):
        return []
    return [
        Weekly(",".join(day.upper() for day in sorted(days, key=_DAYS.index)), *span.split("-"))
        for days, said in in_force((days_of(rule[1]), rule[2]) for rule in rules if rule)
        for span in said.split(",")
    ]


def days_of(spans: str) -> list[str]:
    """Return the days that spans such as `Mo-We,Sa` name, as they are named."""
    days: dict[str, None] = {}
    for span in spans.split(","):
        first, _, last = span.partition("-")
        if first not in _DAYS:  # public holidays
            days[first] = None
            continue
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        # `Sa-Mo` goes over the end of the week.
        count = (end - begin) % len(_DAYS) + 1
        days |= dict.fromkeys(_DAYS[(begin + step) % len(_DAYS)] for step in range(count))
    return list(days)


def in_force(rules: Iterable[tuple[list[str], str]]) -> list[tuple[list[str], str]]:
    """Return rules (days, hours) without the days that a later one names.

    After a semicolon hours replace those said before (specification of `opening_hours`).
    """
    kept: list[tuple[list[str], str]] = []
    named: set[str] = set()
    for days, said in reversed(list(rules)):
        own = [day for day in days if day not in named]
        named.update(days)
        kept += [(own, said)] if own else []
    return kept[::-1]
