"""What a collection answers to filters and sorts, worked out from its downloaded features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from checks.audit.areas import years_of
from checks.audit.bounds import BAND, STATUS
from checks.audit.mvt import Ints
from checks.audit.published import Collection
from checks.audit.themes import Theme

VALUES_MAX: Final = 3
"""Values of one column that are asked for: the first, one in the middle and the last."""
BOXES_MAX: Final = 5
"""Features whose box is asked for."""
DAYS: Final = ("{}-03-01", "{0}-04-01/{0}-04-30", "{0}-10-15T00:00:00Z/{0}-10-15T23:59:59Z")
"""Times inside a year: all of them match all features of the year."""
MARGIN: Final = 1e-9
"""Degrees by which a box is made smaller, so that rounding decides nothing."""


def questions(collection: Collection, theme: Theme) -> Iterator[tuple[dict[str, str], set[str]]]:
    """Yield filters with the identifiers of the features that match.

    Each column is asked for some of its values; each count also for the numbers of the band, and
    together with its status.
    """
    ids = np.array(collection.ids, dtype=object)
    yield {}, set(ids)
    for name, field in collection.fields.items():
        if field.type not in {"string", "integer", "number", "boolean"}:
            continue
        values = collection.rows[name].to_numpy()
        distinct = sorted({v for v in values if v is not None}, key=str)
        for value in distinct[:: max(1, len(distinct) // VALUES_MAX)]:
            yield {name: _text(value)}, set(ids[np.array([v == value for v in values], bool)])
    for name in [n for n in theme.sums if n in collection.fields]:
        yield from _banded(collection, theme, name, ids)
    yield from _boxes(collection, ids)
    years = np.array(years_of(collection))
    for year in sorted({*years.tolist()} - {0}):
        for day in DAYS:
            yield {"datetime": day.format(year)}, set(ids[years == year])


def conditions(collection: Collection, theme: Theme) -> Iterator[tuple[str, set[str]]]:
    """Yield filters in CQL2 about each count with the identifiers of the features that match.

    A server that compares the number behind a band, or takes it for 0, is told by its answer.
    """
    ids = np.array(collection.ids, dtype=object)
    high = (theme.band or (0, 4))[1]
    for name in [n for n in theme.sums if n in collection.fields]:
        values = collection.numbers(name)
        middle = int(np.nanmedian(values)) if not np.isnan(values).all() else high
        asked = {
            f"{name} IS NULL": np.isnan(values),
            f"NOT {name} IS NULL": ~np.isnan(values),
            f"{name} BETWEEN 0 AND {high}": values <= high,
            f"{name} <= {middle}": values <= middle,
            f"NOT ({name} > {middle})": values <= middle,
            f"{name} <> {middle}": ~np.isnan(values) & (values != middle),
            f"{name} + 0 >= 0 OR {name} < 0": ~np.isnan(values),
            f"{name} * 0 = 0": ~np.isnan(values),
            f"{name} IN ({', '.join(map(str, range(high + 1)))})": values <= high,
        }
        for condition, match in asked.items():
            yield condition, set(ids[match])


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _banded(
    collection: Collection, theme: Theme, name: str, ids: npt.NDArray[np.object_]
) -> Iterator[tuple[dict[str, str], set[str]]]:
    low, high = theme.band or (0, 4)
    values = collection.rows[name].to_numpy()
    for number in range(low, high + 1):
        match = np.array([v == number for v in values], bool)
        yield {name: str(number)}, set(ids[match])
        if name + STATUS in collection.fields:
            state = collection.rows[name + STATUS].to_numpy()
            both = match & np.array([s == BAND for s in state], bool)
            yield {name: str(number), name + STATUS: BAND}, set(ids[both])


def _boxes(
    collection: Collection, ids: npt.NDArray[np.object_]
) -> Iterator[tuple[dict[str, str], set[str]]]:
    shapes = collection.geometry
    for at in range(0, len(shapes), max(1, -(-len(shapes) // BOXES_MAX))):
        if shapes[at] is None:
            continue
        west, south, east, north = shapely.bounds(shapes[at]).tolist()
        box = (west + MARGIN, south + MARGIN, east - MARGIN, north - MARGIN)
        if box[0] < box[2] and box[1] < box[3]:
            within = shapely.intersects(shapes, shapely.box(*box))
            yield {"bbox": ",".join(f"{v:.10f}" for v in box)}, set(ids[within])


def sorted_by(collection: Collection, name: str, ids: list[str], *, descending: bool) -> bool:
    """Tell whether features come sorted by a column, and equal ones in the usual order.

    Usual is the order without a sort, that of the identifiers, or either one backwards. What is
    null comes last, or first.
    """
    if sorted(ids) != sorted(collection.ids):
        return False
    values = dict(zip(collection.ids, collection.rows[name].tolist(), strict=True))
    known = [values[i] for i in ids if values[i] is not None]
    ascending = known[::-1] if descending else known
    if any(a > b for a, b in pairwise(ascending)):
        return False
    empty = [values[i] is None for i in ids]
    if empty not in (sorted(empty), sorted(empty, reverse=True)):
        return False
    usual = {ident: at for at, ident in enumerate(collection.ids)}
    return any(_ties(ids, values, rank) for rank in (usual, _ranks(sorted(ids))))


def _ties(ids: list[str], values: Mapping[str, object], rank: Mapping[str, int]) -> bool:
    pairs = [rank[a] < rank[b] for a, b in pairwise(ids) if values[a] == values[b]]
    return all(pairs) or not any(pairs)


def _ranks(ids: list[str]) -> dict[str, int]:
    return {ident: at for at, ident in enumerate(ids)}


def order_explained(collection: Collection) -> bool:
    """Tell whether some published columns, one after the other, then the identifiers, give it.

    Each column, ascending or descending, may contradict no pair of neighbours that those before
    it leave undecided: what it decides it decides rightly, so none has to be tried twice.
    """
    idents = _ranks(sorted(collection.ids))
    undecided = np.ones(max(len(collection.ids) - 1, 0), bool)
    steps = [np.diff(of) for name in collection.fields for of in _column_ranks(collection, name)]
    while undecided.any():
        fitting = [s for s in steps if not (s[undecided] < 0).any()]
        best = max(fitting, key=lambda s: int((s[undecided] > 0).sum()), default=None)
        if best is None or not (best[undecided] > 0).any():
            break
        undecided &= best == 0
    own = np.diff(np.array([idents[i] for i in collection.ids]))
    return bool((own[undecided] > 0).all())


def _column_ranks(collection: Collection, name: str) -> list[Ints]:
    """Return the ranks of a column, ascending and descending; nulls come last in both."""
    values = collection.rows[name].tolist()
    if any(isinstance(v, list | dict) for v in values):
        return []
    kinds = sorted({v for v in values if v is not None})
    rank = {v: at for at, v in enumerate(kinds)}
    last = len(kinds)
    return [
        np.array([sign * rank[v] if v is not None else last for v in values], np.int64)
        for sign in (1, -1)
    ]
