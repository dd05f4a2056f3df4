"""Published columns made of protected counts: numbers with band and status, shares, medians."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import pandas as pd

from geo_core.model.policy import AreaPolicy, Category, Share, UnitPolicy, count_name

type Number = int | None
"""A protected number; None where the outlines of its parts do not fit the feature."""

type Numbers = Mapping[str, Sequence[Number]]
"""One number per feature, by category or by published column."""

type Status = Literal["published", "band", "merged"]

DECIMALS = 1
"""Decimals of a percentage or mean: less than its noise."""

STATUS: Final = "_stato"
BAND: Final = "_fascia"
"""Endings of the columns that say whether a figure is shown, and which band is shown instead."""


def counted(numbers: Numbers, policy: AreaPolicy | UnitPolicy) -> dict[str, list[Number]]:
    """Return every published count by column: the categories, then the sums of categories."""
    own = {count_name(c): list(numbers[c]) for c in policy.categories}
    sums = {name: _sums([numbers[c] for c in parts]) for name, parts in policy.sums.items()}
    return own | sums


def on_areas(numbers: Numbers, policy: AreaPolicy) -> dict[str, object]:
    """Return the columns of a theme that is published on areas.

    People live in every area (`p_min`), so a protected 0 is in the band like a 4: nowhere is
    it known that nobody is counted.

    Parameters
    ----------
    numbers : mapping
        One protected number per feature, by category.
    policy : AreaPolicy
        Gives the band, the sums and what is made of them.
    """
    counts = counted(numbers, policy)
    columns: dict[str, object] = {}
    for name, values in counts.items():
        columns |= banded(name, values, policy.band_max)
    for name, share in policy.shares.items():
        columns |= _share(name, share, counts, policy)
    for name, parts in policy.medians.items():
        columns |= _median(name, parts, numbers, policy.fewest)
    return columns


def shown(numbers: Numbers, policy: AreaPolicy) -> dict[str, list[Number]]:
    """Return the counts that are published as numbers, None where a band stands or nothing."""
    return {
        name: [v if _status(v, policy.band_max) == "published" else None for v in values]
        for name, values in counted(numbers, policy).items()
    }


def on_units(numbers: Numbers, policy: UnitPolicy) -> dict[str, object]:
    """Return the columns of a theme that is published for units: all figures of one, or none.

    Parameters
    ----------
    numbers : mapping
        One protected number per unit, by category.
    policy : UnitPolicy
        Gives the least number that is shown, and what is made of the counts.
    """
    counts = counted(numbers, policy)
    shown = [(n or 0) >= policy.fewest for n in counts[policy.total]]
    columns: dict[str, object] = {
        name: integers(_only(values, shown)) for name, values in counts.items()
    }
    for name, share in policy.shares.items():
        percent = map(_percent, counts[share.part], counts[share.whole])
        columns[name] = decimals(_only(list(percent), shown))
    if policy.mean is not None:
        columns[policy.mean] = decimals(_only(_means(numbers, policy), shown))
    columns["stato"] = texts(["published" if s else "band" for s in shown])
    return columns


def texts(values: Iterable[str | None]) -> pd.Series:
    """Return a column of text."""
    return pd.Series(list(values), dtype=object)


def _sums(parts: Sequence[Sequence[Number]]) -> list[Number]:
    return [
        None if any(n is None for n in row) else sum(n for n in row if n is not None)
        for row in zip(*parts, strict=True)
    ]


def _status(value: Number, band_max: int) -> Status:
    if value is None:
        return "merged"
    return "band" if value <= band_max else "published"


def banded(name: str, values: Sequence[Number], band_max: int) -> dict[str, object]:
    """Return the columns of a count: the number, or the band that is shown in its place."""
    status = [_status(v, band_max) for v in values]
    number = [v if s == "published" else None for v, s in zip(values, status, strict=True)]
    band = [f"0-{band_max}" if s == "band" else None for s in status]
    return {
        name: integers(number),
        f"{name}{BAND}": texts(band),
        f"{name}{STATUS}": texts(status),
    }


def _share(
    name: str, share: Share, counts: Mapping[str, Sequence[Number]], policy: AreaPolicy
) -> dict[str, object]:
    """Return a percentage, null where its part is a band or its whole too small."""
    pairs = list(zip(counts[share.part], counts[share.whole], strict=True))
    status: list[Status] = [
        "merged"
        if part is None or whole is None
        else "band"
        if part <= policy.band_max or whole < policy.fewest
        else "published"
        for part, whole in pairs
    ]
    shown = [s == "published" for s in status]
    percent = _only([_percent(part, whole) for part, whole in pairs], shown)
    return {name: decimals(percent), f"{name}{STATUS}": texts(status)}


def _percent(part: Number, whole: Number) -> float | None:
    return round(100 * part / whole, DECIMALS) if part is not None and whole else None


def _median(
    name: str, parts: Sequence[Category], numbers: Numbers, fewest: int
) -> dict[str, object]:
    """Return the class that holds the median: the first that half of all do not exceed."""
    found: list[str | None] = []
    status: list[Status] = []
    for row in zip(*(numbers[c] for c in parts), strict=True):
        known = [n for n in row if n is not None]
        enough = len(known) == len(row) and sum(known) >= fewest
        status.append("published" if enough else "merged" if len(known) < len(row) else "band")
        found.append(_middle(parts, known) if enough else None)
    return {name: texts(found), f"{name}{STATUS}": texts(status)}


def _middle(classes: Sequence[Category], counts: Sequence[int]) -> Category:
    passed = 0
    for code, n in zip(classes, counts, strict=True):
        passed += n
        if 2 * passed >= sum(counts):
            return code
    raise ValueError("nothing is counted")


def _means(numbers: Numbers, policy: UnitPolicy) -> list[float | None]:
    """Return the mean of marks, each as often as its protected count."""
    marks = [int(c) for c in policy.categories]
    rows = zip(*(numbers[c] for c in policy.categories), strict=True)
    return [_mean(marks, [n or 0 for n in row]) for row in rows]


def _mean(marks: Sequence[int], counts: Sequence[int]) -> float | None:
    if not (total := sum(counts)):
        return None
    return round(sum(m * n for m, n in zip(marks, counts, strict=True)) / total, DECIMALS)


def _only[T](values: Sequence[T], shown: Sequence[bool]) -> list[T | None]:
    return [v if s else None for v, s in zip(values, shown, strict=True)]


def integers(values: Sequence[Number]) -> object:
    """Return a column of whole numbers."""
    return pd.array(list(values), dtype="Int64")


def decimals(values: Sequence[float | None]) -> object:
    """Return a column of numbers with decimals."""
    return pd.array(list(values), dtype="Float64")
