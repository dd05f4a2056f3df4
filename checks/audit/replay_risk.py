"""Recomputes what is said of scores from the scores: ranks, their classes, clusters, changes.

A rank, a class of stability, a hot spot or a change follows from published scores and bounds, and
has no room for anything that they do not say. Bounds come from a thousand draws each: of these it
is only known between what they lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from checks.audit import replay_clusters
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published

SCORE: Final = "punteggio"
BOUNDS: Final = ("punteggio_inf", "punteggio_sup")
RANK: Final = "rango"
BOTH: Final = (("rango_inf", "rango_sup"), ("rango_caso_inf", "rango_caso_sup"))
"""Intervals of a rank: over other methods, and over chance."""
STABILITY: Final = "stabilita"
RANKED: Final = {SCORE, *BOUNDS, RANK, *BOTH[0], *BOTH[1], STABILITY, "classe"}
WIDTHS: Final = (0.1, 0.25)
"""Of the wider interval, as a part of the steps between first and last rank: stable up to the
first, uncertain up to the second."""
CHANGE: Final = ("variazione", "variazione_inf", "variazione_sup", "variazione_classe")
CHANGES: Final = ["no-data", "aumento", "diminuzione"]
YEAR: Final = "periodo_inizio"
UNIT: Final = "cod_istat"
SERIES: Final = "rischio_comuni_serie"
LATEST: Final = "rischio_comuni"
CORRELATIONS: Final = "correlazioni_indici"
LEVELS: Final = {"comune": LATEST, "h3_r6": "rischio_h3_r6", "h3_r7": "rischio_h3_r7"}
VARIABLES: Final = {
    "DEM01": "eb_indice_vecchiaia",
    "DEM02": "eb_dipendenza",
    "DEM03": "eb_quota_80",
    "DEM05": "eb_carico_cura",
    "IFS": SCORE,
}
HALF: Final = 0.5e-4 + 1e-9
"""Half of the last decimal of a score, a bound or a correlation."""

type Floats = npt.NDArray[np.float64]
type Holds = npt.NDArray[np.bool_]


def check(tally: Tally, published: Published) -> None:
    """Check every collection of scores with ranks, where they are published."""
    scored = [c for c in published.collections.values() if set(c.fields) >= RANKED]
    for collection in scored:
        for at in _years(collection):
            _ranks(tally, collection, at)
            _stability(tally, collection, at)
        replay_clusters.check(tally, collection)
    _classes(tally, scored)
    _changes(tally, published)
    _correlations(tally, published)


def _years(collection: Collection) -> Iterator[npt.NDArray[np.int64]]:
    """Yield the rows of each year: all of them where a collection has but one."""
    rows = collection.rows
    years = rows[YEAR].to_numpy() if YEAR in rows else np.zeros(len(rows))
    yield from (np.flatnonzero(years == year) for year in sorted(set(years.tolist())))


def _ranks(tally: Tally, collection: Collection, at: npt.NDArray[np.int64]) -> None:
    """Check that ranks are those of the scores, and lie in their intervals."""
    score, rank = (collection.numbers(name)[at] for name in (SCORE, RANK))
    known = ~np.isnan(score)
    for name in (RANK, *BOUNDS, *BOTH[0], *BOTH[1]):
        same = np.isnan(collection.numbers(name)[at]) != known
        _each(tally, collection, at, same, f"{name} where there is no score, or none where it is")
    at, score, rank = at[known], score[known], rank[known]
    n, rising, ranks = len(at), np.sort(score), np.sort(rank)
    # Equal published scores may differ in digits that are not published.
    best = n - np.searchsorted(rising, score, "right") + 1
    worst = n - np.searchsorted(rising, score, "left")
    right = (best <= rank) & (rank <= worst) & (rank == np.searchsorted(ranks, rank) + 1)
    _each(tally, collection, at, right, "rango is not that of the score")
    for names in BOTH:
        low, high = (collection.numbers(name)[at] for name in names)
        whole = (low == np.floor(low)) & (high == np.floor(high))
        right = whole & (low >= 1) & (low <= rank) & (rank <= high) & (high <= n)
        _each(tally, collection, at, right, f"{' and '.join(names)} do not hold the rank")
    low, high = (collection.numbers(name)[at] for name in BOUNDS)
    right = (low <= score) & (score <= high)
    _each(tally, collection, at, right, f"{' and '.join(BOUNDS)} do not hold the score")


def _stability(tally: Tally, collection: Collection, at: npt.NDArray[np.int64]) -> None:
    known = ~np.isnan(collection.numbers(RANK)[at])
    widths = [collection.numbers(high)[at] - collection.numbers(low)[at] for low, high in BOTH]
    part = np.max(widths, axis=0) / max(int(known.sum()) - 1, 1)
    named = np.select([part <= WIDTHS[0], part <= WIDTHS[1]], ["stabile", "incerta"], "instabile")
    right = [name if has else None for name, has in zip(named.tolist(), known, strict=True)]
    same = np.array(
        [a == b for a, b in zip(collection.rows[STABILITY].iloc[at], right, strict=True)]
    )
    _each(tally, collection, at, same, f"{STABILITY} does not follow from the wider interval")


def _classes(tally: Tally, scored: list[Collection]) -> None:
    """Check that of any two scores, in whatever collection, the higher has no lower class."""
    found = [
        (score, kind, collection.id, ident)
        for collection in scored
        for score, kind, ident in zip(
            collection.numbers(SCORE).tolist(),
            collection.numbers("classe").tolist(),
            collection.ids,
            strict=True,
        )
        if score == score  # noqa: PLR0124 - not NaN
    ]
    found.sort()
    kinds = np.array([kind for _, kind, _, _ in found])
    highest = np.maximum.accumulate(kinds) if kinds.size else kinds
    tally.each(
        kinds == highest,
        LATEST,
        "a class below that of a lower score",
        lambda i: {"of": found[i][2], "id": found[i][3], "class": kinds[i]},
    )


def _changes(tally: Tally, published: Published) -> None:
    """Check changes between the years of a series, whose last year is the map of today."""
    series, latest = (published.collections.get(name) for name in (SERIES, LATEST))
    if series is None or not {SCORE, *BOUNDS, *CHANGE, UNIT, YEAR} <= set(series.fields):
        return
    rows = series.rows
    place = {key: i for i, key in enumerate(zip(rows[UNIT], rows[YEAR].str[:4], strict=True))}
    before = np.array([place.get((unit, str(int(year) - 1)), -1) for unit, year in place])
    value, low, high = (series.numbers(name) for name in (SCORE, *BOUNDS))
    was = {name: np.where(before >= 0, of[before], np.nan) for name, of in
           (("value", value), ("low", low), ("high", high))}  # fmt: skip
    made = value - was["value"]
    down = np.hypot(value - low, was["high"] - was["value"])
    up = np.hypot(high - value, was["value"] - was["low"])
    everywhere = np.arange(len(rows))
    shown = [series.numbers(name) for name in CHANGE[:3]]
    for name, own, right in zip(CHANGE, shown, (made, made - down, made + up), strict=False):
        # Three rounded numbers and their own last decimal.
        near = (np.abs(own - right) <= 8 * HALF) | (np.isnan(own) & np.isnan(right))
        _each(
            tally, series, everywhere, near, f"{name} does not follow from the scores of both years"
        )
    kinds = np.select([np.isnan(shown[1]), shown[1] > 0, shown[2] < 0], CHANGES, "rumore")
    touching = (np.abs(shown[1]) <= HALF) | (np.abs(shown[2]) <= HALF)
    same = (rows[CHANGE[3]].to_numpy() == kinds) | touching
    _each(tally, series, everywhere, same, f"{CHANGE[3]} does not follow from the bounds")
    if latest is not None and {*RANKED, UNIT} <= set(latest.fields):
        _ends(tally, series, latest)


def _ends(tally: Tally, series: Collection, latest: Collection) -> None:
    """Check that the last year of a series says what the collection of today says."""
    own = [feature["properties"] for feature in series.features]
    last = max((row[YEAR] for row in own), default="")
    rows = {row[UNIT]: row for row in own if row[YEAR] == last}
    shared = sorted((RANKED & set(series.fields)) | {"residenti", "affidabilita"})
    now = [feature["properties"] for feature in latest.features]
    differing = [
        [name for name in shared if rows.get(row[UNIT], {}).get(name) != row.get(name)]
        for row in now
    ]
    tally.each(
        [not names for names in differing],
        series.id,
        f"the last year is not that of {latest.id}",
        lambda i: {"id": latest.ids[i], "fields": differing[i]},
    )


def _correlations(tally: Tally, published: Published) -> None:
    """Check correlations against the columns that they are of."""
    table = published.collections.get(CORRELATIONS)
    if table is None:
        return
    made: dict[str, tuple[float, float, int]] = {}
    for level, name in LEVELS.items():
        units = published.collections.get(name)
        if units is not None and {*VARIABLES.values()} <= set(units.fields):
            columns = {of: units.numbers(field) for of, field in VARIABLES.items()}
            for one, other in combinations(columns, 2):
                made[f"{level}-{one}-{other}"] = _correlated(columns[one], columns[other])
    tally.require(
        sorted(made) == sorted(table.ids), CORRELATIONS, "pairs that are not those of the index"
    )
    shown = [table.numbers(name) for name in ("pearson", "spearman", "unita")]
    for i, ident in enumerate(table.ids):
        right = made.get(ident, (np.nan, np.nan, 0))
        for name, own, value in zip(("pearson", "spearman", "unita"), shown, right, strict=True):
            tally.require(
                bool(abs(own[i] - value) <= 2 * HALF) or bool(np.isnan(own[i]) and np.isnan(value)),
                CORRELATIONS,
                f"{name} is not that of the published columns",
                id=ident,
                made=value,
            )


def _correlated(one: Floats, other: Floats) -> tuple[float, float, int]:
    both = ~(np.isnan(one) | np.isnan(other))
    x, y = one[both], other[both]
    if x.size < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan, np.nan, x.size
    return _linear(x, y), _linear(_middle_ranks(x), _middle_ranks(y)), x.size


def _linear(x: Floats, y: Floats) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def _middle_ranks(x: Floats) -> Floats:
    rising = np.sort(x)
    ranks: Floats = (np.searchsorted(rising, x) + np.searchsorted(rising, x, "right")) / 2
    return ranks


def _each(
    tally: Tally, collection: Collection, at: npt.NDArray[np.int64], holds: Holds, what: str
) -> None:
    tally.each(holds, collection.id, what, lambda i: {"id": collection.ids[at[i]]})
