"""Turns the typed columns of a format into the text a person would have written."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from geo_core.sources.base import Cell, Job, refuse

SPOILT: Final = "\N{REPLACEMENT CHARACTER}"


def number(value: float) -> Cell:
    """Return the shortest decimal text of a number, without an exponent; not-a-number is None."""
    if math.isnan(value):
        return None
    if math.isinf(value):
        return str(value)
    return format(Decimal(repr(value)).normalize(), "f") if value else "0"


def moment(value: datetime) -> str:
    """Return a day, or a day and an hour, as ISO 8601."""
    return value.isoformat(sep="T")


def items(values: list[Any]) -> str:
    """Return a list as codes separated by semicolons.

    Raises
    ------
    ValueError
        An item holds a semicolon itself, or is not a scalar.
    """
    parts = [plain(value) or "" for value in values]
    if any(";" in part for part in parts):
        raise ValueError("an item holds a semicolon")
    return ";".join(parts)


def plain(value: Any) -> Cell:
    """Return the text of one value.

    Raises
    ------
    ValueError
        It is binary or nested.
    """
    if value is None:
        return None
    writer = _WRITERS.get(type(value))
    if writer is None:
        raise ValueError("it is binary or nested")
    return writer(value)


def cell(job: Job, value: Any, *, column: str, row: int) -> Cell:
    """Return the text of one cell without surrounding blanks; refuse what is none, or endless."""
    at = f"row {row}, column {column}"
    try:
        text = plain(value)
    except ValueError as error:
        hint = "keep one value in a cell; a list holds codes"
        refuse(job, f"a cell is not text: {error}", at=at, hint=hint)
    if text is None:
        return None
    if SPOILT in text:
        refuse(job, "a cell holds a character that could not be read", at=at, hint="save as UTF-8")
    text = text.strip()
    if len(text) > job.limits.cell:
        refuse(job, f"a cell is longer than {job.limits.cell} characters", at=at, hint="shorten it")
    return text


_WRITERS: Final[dict[type, Callable[[Any], Cell]]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: number,
    Decimal: lambda value: format(value, "f"),
    datetime: moment,
    date: date.isoformat,
    time: time.isoformat,
    list: items,
}
