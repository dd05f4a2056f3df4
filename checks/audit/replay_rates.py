"""Recomputes rates: a shown count per so many residents, with the bounds of its interval."""

from __future__ import annotations

from collections.abc import Mapping

import h3
import numpy as np

from checks.audit.areas import PLACE, WHOLE, Areas, is_cell
from checks.audit.bounds import SLACK, Floats, rounded
from checks.audit.findings import Tally
from checks.audit.mvt import Ints
from checks.audit.published import Collection
from checks.audit.themes import Classes, Rate

type Stated = Mapping[str | None, Classes]
"""Intervals by the column of a sum; None for categories."""


def resolution(areas: Areas) -> int | None:
    """Return the resolution of a collection: that of its smallest whole cells."""
    pairs = zip(areas.texts(PLACE), areas.texts("tipo_area"), strict=True)
    cells = [str(place) for place, kind in pairs if kind == WHOLE]
    return max((h3.get_resolution(c) for c in cells if is_cell(c)), default=None)


def of_areas(tally: Tally, areas: Areas) -> None:
    """Check the rates of areas with the intervals of their resolution."""
    theme = areas.theme
    if not theme.rates:
        return
    own = theme.resolutions.get(areas.collection.id, resolution(areas))
    stated = {column: of for (at, column), of in theme.intervals.items() if at == own}
    sums = set(theme.totals)
    check(tally, areas.collection, areas.at, theme.rates, stated, sums)


def check(  # noqa: PLR0913, PLR0917 - rows of a collection, their rates and intervals
    tally: Tally,
    collection: Collection,
    at: Ints,
    rates: Mapping[str, Rate],
    stated: Stated,
    sums: set[str],
) -> None:
    """Check every rate of some rows: it follows exactly from what is shown beside it.

    Parameters
    ----------
    tally : Tally
    collection : Collection
    at : int array
        Positions of the rows.
    rates : mapping
        By column.
    stated : mapping
        Intervals of the counts of these rows. Where none is stated there are no bounds.
    sums : set of str
        Columns that have an interval of their own.
    """
    for name, rate in rates.items():
        count = collection.numbers(rate.count)[at]
        residents = collection.numbers(rate.residents)[at]
        own = stated.get(rate.count if rate.count in sums else None, ())
        low, high = ends(count, residents, own)
        for column, numbers in ((name, count), (rate.low, low), (rate.high, high)):
            with np.errstate(divide="ignore", invalid="ignore"):
                exact = rate.per * numbers / residents
            _equal(tally, collection, at, column, (exact, rate.decimals))


def ends(count: Floats, residents: Floats, stated: Classes) -> tuple[Floats, Floats]:
    """Return the bounds of counts, each by the last interval that begins at its residents or less.

    They are NaN where the count is null or no interval is stated.
    """
    below, above = np.full(len(count), np.nan), np.full(len(count), np.nan)
    for start, interval in stated:
        below[residents >= start], above[residents >= start] = interval
    return np.maximum(0, count - below), count + above


def _equal(
    tally: Tally, collection: Collection, at: Ints, column: str, made: tuple[Floats, int]
) -> None:
    exact, decimals = made
    shown = collection.numbers(column)[at]
    near = np.abs(shown - exact) <= 0.5 * 10.0**-decimals + SLACK
    tally.each(
        np.where(np.isnan(exact), np.isnan(shown), near & rounded(shown, decimals)),
        collection.id,
        f"{column} does not follow from count, residents and interval",
        lambda i: {
            "id": collection.ids[int(at[i])],
            "shown": shown[i],
            "recomputed": exact[i],
        },
    )
