"""Intervals of counts that are shown, and rates: counts per so many residents with intervals.

They are made of the published column, so where a count is a band nothing is said of its rate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from geo_core.disclose import figures
from geo_core.disclose.figures import Number
from geo_core.model.accuracy import Around
from geo_core.model.policy import Rate
from geo_core.model.text import Name

LOW: Final = "_min"
HIGH: Final = "_max"
"""Endings of the columns that hold the bounds of a figure."""


def bounds(
    count: Name,
    shown: Sequence[Number],
    residents: Sequence[int],
    around: Around,
    *,
    sums: Iterable[Name],
) -> tuple[list[Number], list[Number]]:
    """Return the least and the most that counts stand for; None where one is not shown.

    Parameters
    ----------
    count : str
        Column of the counts.
    shown : sequence
        The published numbers.
    residents : sequence of int
        Of each feature: they decide which interval holds.
    around : mapping
        The stated intervals. A count of which none is stated has no bounds.
    sums : iterable of str
        Columns that are sums of categories, which have intervals of their own.
    """
    stated = around.get(count if count in sums else None)
    if not stated:
        return [None] * len(shown), [None] * len(shown)
    starts = [interval.residents_from for interval in stated]
    own = [stated[bisect_right(starts, people) - 1] for people in residents]
    pairs = list(zip(shown, own, strict=True))
    low = [None if n is None else max(0, n - i.below) for n, i in pairs]
    return low, [None if n is None else n + i.above for n, i in pairs]


def rated(
    rates: Mapping[Name, Rate],
    counts: Mapping[Name, Sequence[Number]],
    residents: Sequence[int],
    around: Around | None,
    *,
    sums: Iterable[Name],
) -> dict[str, object]:
    """Return the columns of rates: each with its bounds, null where its count is not shown.

    Parameters
    ----------
    rates : mapping
        By column; a rate's `count` names one of `counts`.
    counts : mapping
        The published numbers by column, None where a number is not shown.
    residents : sequence of int
        Of each feature.
    around, sums
        As in `bounds`. None where no errors are measured: a rate is nowhere without its bounds.
    """
    columns: dict[str, object] = {}
    for name, rate in rates.items():
        shown = [None] * len(residents) if around is None else counts[rate.count]
        low, high = bounds(rate.count, shown, residents, around or {}, sums=sums)
        for column, numbers in ((name, shown), (name + LOW, low), (name + HIGH, high)):
            columns[column] = figures.decimals(_per(rate.per, numbers, residents))
    return columns


def _per(per: int, numbers: Sequence[Number], residents: Sequence[int]) -> list[float | None]:
    pairs = zip(numbers, residents, strict=True)
    return [None if n is None else round(per * n / of, figures.DECIMALS) for n, of in pairs]
