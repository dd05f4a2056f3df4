"""Instants as RFC 3339 writes them, for `datetime` and for filters."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

_WRITTEN: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.IGNORECASE,
)
_LEAP: Final = "60"


def read_instant(text: str) -> datetime:
    """Return an instant in UTC.

    Python has no leap second: one is the last microsecond of its day. It may stand at the end of
    a month in UTC only (RFC 3339, 5.6 and appendix D).

    Raises
    ------
    ValueError
        The text is no instant, or names a second that cannot be.
    """
    if not _WRITTEN.fullmatch(text):
        raise ValueError(text)
    leaps = text[17:19] == _LEAP
    moment = datetime.fromisoformat((f"{text[:17]}59{text[19:]}" if leaps else text).upper())
    with suppress(OverflowError):  # the first or last day of the calendar, in another time zone
        moment = moment.astimezone(UTC)
    return _last_of_month(moment) if leaps else moment


def _last_of_month(moment: datetime) -> datetime:
    """Return the last microsecond of a day that ends a month; `moment` is in its last second."""
    end = moment.replace(microsecond=999_999)
    with suppress(OverflowError):  # the last day of the calendar
        after = end + timedelta(microseconds=1)
        if (after.day, after.hour, after.minute, after.second) != (1, 0, 0, 0):
            raise ValueError(moment)
    return end
