"""Recomputes estimates: protected numbers of areas, shared out to places by open residents.

The number of an area is known, or in its band, or part of a known sum. An estimate has to fit
with numbers that fit everything else that is shown: all estimates of a column at once, by one
linear programme. Where every number of a place is known, the estimate has to be the exact one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from checks.audit import replay_rates
from checks.audit.areas import RESIDENTS, Areas, parents, years_of
from checks.audit.bounds import RANGE, STATUS, Bounds, Floats, read
from checks.audit.findings import Tally
from checks.audit.linear import EXACT, Contradiction, Terms, excess
from checks.audit.mvt import Ints
from checks.audit.published import Collection, Published
from checks.audit.replay_weights import weights
from checks.audit.themes import Estimate, Theme

HALF = 0.5
"""What rounding may take off."""


@dataclass(frozen=True)
class Known:
    """What is known of the base table.

    Attributes
    ----------
    base : Areas
    counts : dict
        Bounds of each column of the base table; merged where the number is part of a larger area.
    sums : dict
        For each column: sums of areas of the base table, as rows of terms with bounds.
    """

    base: Areas
    counts: Mapping[str, Bounds]
    sums: Mapping[str, list[Terms]]


def known(tables: Sequence[Areas], counts: Sequence[Mapping[str, Bounds]]) -> Known:
    """Gather what all tables of one theme and year say; the base table comes first."""
    base = tables[0]
    sums: dict[str, list[Terms]] = {name: [] for name in counts[0]}
    for table, of in zip(tables[1:], counts[1:], strict=True):
        inside = parents(base, table)
        if inside is None:
            continue
        for name, bounds in of.items():
            shown = np.isfinite(bounds.high)
            at = np.flatnonzero(shown[inside])
            sums[name].append(
                Terms(inside[at], at, np.ones(len(at)), *(b * shown for b in _ends(bounds)))
            )
    return Known(base, counts[0], sums)


def _ends(bounds: Bounds) -> tuple[Floats, Floats]:
    return bounds.low, np.where(np.isfinite(bounds.high), bounds.high, 0)


def check(tally: Tally, published: Published, theme: Theme, of_base: Known) -> None:
    """Recompute every collection of estimates of a theme."""
    for made in theme.estimates.values():
        collection = _of_year(published.collections.get(made.collection), theme.year)
        if collection is None:
            tally.find(made.collection, f"no estimates are shown for the year {theme.year}")
            continue
        found = weights(tally, published, made, theme.leaf)
        if not _has_columns(tally, collection, made) or found is None:
            continue
        keys = collection.rows[made.key].astype(str).tolist()
        parts = _shared(tally, collection, made, found, of_base.base)
        own = theme.seen_in(made.collection)
        for name, categories in own.sums.items():
            shown = read(tally, collection, own, name)
            source = _source(theme, made, name, categories)
            if source is None or source not in of_base.counts:
                tally.find(collection.id, f"{name}: the theme has no such figure")
                continue
            _column(tally, collection, (name, shown), parts, (of_base, source))
            _bounds(tally, collection, made, name)
        at = np.arange(len(keys))
        replay_rates.check(tally, collection, at, made.rates, made.intervals, set(made.totals))


def _of_year(collection: Collection | None, year: int) -> Collection | None:
    """Return a collection with the rows of one year only; None if it has none."""
    if collection is None:
        return None
    pairs = zip(collection.features, years_of(collection), strict=True)
    features = [feature for feature, own in pairs if own == year]
    return replace(collection, features=features) if features else None


def _has_columns(tally: Tally, collection: Collection, made: Estimate) -> bool:
    counts = [*made.counts.values(), *made.totals]
    endings = ("", STATUS, RANGE, *made.ends)
    rates = [n for name, r in made.rates.items() for n in (name, r.low, r.high)]
    needed = {made.key, RESIDENTS, *rates, *(n + e for n in counts for e in endings)}
    missing = sorted(needed - set(collection.fields))
    tally.require(not missing, collection.id, "columns of estimates are missing", missing=missing)
    numeric = {n for n, f in collection.fields.items() if f.type in {"integer", "number"}}
    more = sorted(numeric - needed)
    tally.require(not more, collection.id, "figures that no rule explains", columns=more)
    return not missing


def _source(theme: Theme, made: Estimate, name: str, columns: tuple[str, ...]) -> str | None:
    """Return the column of areas that a column of estimates is made of."""
    back = {column: theme.counts.get(category) for category, column in made.counts.items()}
    if len(columns) == 1 and name in back:
        return back[name]
    parts = {back[c] for c in columns}
    return next((n for n, p in theme.sums.items() if set(p) == parts and n in theme.totals), None)


@dataclass(frozen=True)
class _Parts:
    """Residents that a place (row) and an area of the base table (`at`) share, and the area's."""

    row: Ints
    at: Ints
    shared: Floats
    of: Floats


def _shared(
    tally: Tally,
    collection: Collection,
    made: Estimate,
    found: Mapping[tuple[str, str], float],
    base: Areas,
) -> _Parts:
    keys = collection.rows[made.key].astype(str).tolist()
    place = {key: i for i, key in enumerate(keys)}
    pairs: dict[tuple[int, int], float] = {}
    lived, lost = np.zeros(len(keys)), 0.0
    for (key, cell), number in found.items():
        row, at = place.get(key, -1), base.of_cell.get(cell, -1)
        if at < 0:
            lost += number
        if row < 0 or at < 0:
            continue
        pairs[row, at] = pairs.get((row, at), 0) + number
        lived[row] += number
    where = collection.id
    tally.require(len(place) == len(keys), where, "a place is shown twice")
    tally.require(lost == 0, where, "residents of no area", residents=lost)
    shown = collection.numbers(RESIDENTS)
    tally.each(
        shown == lived,
        where,
        f"{RESIDENTS} is not the sum of the open residents of the place",
        lambda i: {"id": keys[i], "shown": shown[i], "sum": lived[i]},
    )
    ends = np.array([*pairs], np.int64).reshape(-1, 2)
    shared = np.array([*pairs.values()])
    return _Parts(ends[:, 0], ends[:, 1], shared, base.numbers(RESIDENTS)[ends[:, 1]])


def _column(
    tally: Tally,
    collection: Collection,
    shown: tuple[str, Bounds],
    parts: _Parts,
    source: tuple[Known, str],
) -> None:
    """Check one column: jointly possible, and equal where all numbers of a place are known."""
    name, bounds = shown
    of_base, column = source
    counts, size = of_base.counts[column], len(collection.ids)
    terms = Terms(
        parts.row, parts.at, parts.shared / parts.of, bounds.low - HALF, bounds.high + HALF
    )
    try:
        wrong = excess(counts.low, counts.high, of_base.sums[column], terms)
    except Contradiction:
        tally.note(f"{collection.id}: {column} contradicts itself, so {name} is not recomputed")
        return
    tally.each(
        (wrong <= EXACT) & ~bounds.merged,
        collection.id,
        f"{name} does not follow from the protected numbers and the open residents",
        lambda i: {"id": collection.ids[i], "shown": bounds.low[i], "off by": wrong[i]},
    )
    open_ = np.bincount(parts.row, ~counts.exact[parts.at], size) > 0
    exact = _exact(parts, counts.low, size)
    low, high = bounds.low, bounds.high
    tally.each(
        [o or low[i] <= round(exact[i]) <= high[i] for i, o in enumerate(open_.tolist())],
        collection.id,
        f"{name} is not the sum of the protected numbers by residents, rounded",
        lambda i: {"id": collection.ids[i], "shown": low[i], "recomputed": float(exact[i])},
    )


def _exact(parts: _Parts, numbers: Floats, size: int) -> list[Fraction]:
    """Return the estimates as fractions, so that a half can be told from what is near it."""
    found = [Fraction(0)] * size
    terms = zip(parts.row, parts.at, parts.shared, parts.of, strict=True)
    for row, at, shared, of in terms:
        if np.isfinite(numbers[at]):
            found[row] += Fraction(int(numbers[at]) * int(shared), int(of))
    return found


def _bounds(tally: Tally, collection: Collection, made: Estimate, name: str) -> None:
    """Check the stated bounds of a figure: of the interval for its residents, null where it is."""
    count, residents = collection.numbers(name), collection.numbers(RESIDENTS)
    stated = made.intervals.get(name if name in made.totals else None, ())
    for ending, right in zip(made.ends, replay_rates.ends(count, residents, stated), strict=True):
        shown = collection.numbers(name + ending)
        tally.each(
            (shown == right) | (np.isnan(shown) & np.isnan(right)),
            collection.id,
            f"{name}{ending} is not that of the stated interval",
            lambda i, s=shown, r=right: {  # type: ignore[misc]
                "id": collection.ids[i],
                "residents": residents[i],
                "shown": s[i],
                "recomputed": r[i],
            },
        )
