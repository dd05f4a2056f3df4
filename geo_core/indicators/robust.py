"""How far a rank can be trusted: ranks of an index over other ways to compute it, and over chance.

Source: OECD and JRC, Handbook on Constructing Composite Indicators, 2008, step 7; Saisana, Saltelli
and Tarantola 2005. A variant takes one scale, one mean, one rule for what is missing, and weights
up to a quarter more or less than those of the index. Every combination of the first three is there
equally often.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.composite import ampi, arithmetic, geometric, rank
from geo_core.indicators.scale import borda, z_scores

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Scale = Literal["goalposts", "z", "percentile", "borda"]
type Mean = Literal["ampi", "arithmetic", "geometric"]
type Missing = Literal["drop", "available", "median"]

SCALES: Final[tuple[Scale, ...]] = ("goalposts", "z", "percentile", "borda")
MEANS: Final[tuple[Mean, ...]] = ("ampi", "arithmetic", "geometric")
RULES: Final[tuple[Missing, ...]] = ("drop", "available", "median")

VARIANTS: Final = 1_000
SEED: Final = 20_231_231
APART: Final = 0.25
"""Weights differ from those of the index by up to this part, more or less."""
OUTSIDE: Final = 0.05
"""Part of the variants in which a rank is below its interval, and above it."""

STABLE: Final = 0.1
UNSTABLE: Final = 0.25
"""Width of the interval, as a part of the ranks there are, up to which a rank is stable, and
beyond which it is unstable."""

_AT_ONCE: Final = 4_096


class Variant(NamedTuple):
    """One way to compute an index; `weights` has shape (m,)."""

    scale: Scale
    mean: Mean
    missing: Missing
    weights: Floats


class Ranks(NamedTuple):
    """Ranks with the bounds of their intervals, each an array of shape (units,), 0 where none.

    Attributes
    ----------
    rank : array of int
        1 for the highest score.
    low, high : array of int
        From the one to the other lies the rank of nine variants in ten, and always `rank`.
    """

    rank: Ints
    low: Ints
    high: Ints


def variants(weights: Floats, *, count: int = VARIANTS, seed: int = SEED) -> list[Variant]:
    """Draw ways to compute an index of these weights; the same seed draws the same.

    Parameters
    ----------
    weights : array, shape (m,)
        Each variant multiplies each by a number between 0.75 and 1.25 of its own.
    """
    rng = np.random.default_rng(seed)
    drawn = weights * rng.uniform(1 - APART, 1 + APART, (count, weights.size))
    ways = list(product(SCALES, MEANS, RULES))
    return [Variant(*ways[i % len(ways)], drawn[i]) for i in range(count)]


def rank_intervals(
    values: Floats,
    normalised: Floats,
    score: Floats,
    *,
    polarity: Ints,
    ways: Iterable[Variant],
) -> Ranks:
    """Rank units by a score, and by every variant of it.

    Parameters
    ----------
    values, normalised : array, shape (units, m)
        Indicators in their own units, and as the index has them between its goalposts; NaN where
        missing.
    score : array, shape (units,)
        The index; units without (NaN) have no rank, and the others are ranked without them.
    polarity : array, shape (m,)
        +1 where a higher value means more of what is measured, -1 where less.
    ways : iterable of Variant
        What `variants` returns.
    """
    known = np.flatnonzero(~np.isnan(score))
    tables = _tables(values[known], normalised[known], polarity)
    each = [rank(scored(tables[w.scale, w.missing == "median"], w)).astype(np.int32) for w in ways]
    return _ranks(score, each)


def chance_intervals(score: Floats, drawn: NDArray[np.floating]) -> Ranks:
    """Rank units by a score, and by every drawing of it.

    Parameters
    ----------
    score : array, shape (units,)
        NaN for units without, which have no rank.
    drawn : array, shape (drawings, units)
        What the scores might have been.
    """
    known = np.flatnonzero(~np.isnan(score))
    return _ranks(score, [rank(row[known]).astype(np.int32) for row in drawn])


def scored(table: Floats, way: Variant) -> Floats:
    """Return the scores of one variant, shape (units,); NaN for units that it leaves out.

    Parameters
    ----------
    table : array, shape (units, m)
        On the scale of the variant, and filled if it fills.
    """
    share = 0.0 if way.missing == "available" else 1.0
    if way.mean == "ampi":
        return ampi(table, penalty=1, weights=way.weights, minimum_share=share).score
    mean = arithmetic if way.mean == "arithmetic" else geometric
    return mean(table, weights=way.weights, minimum_share=share)


def stability(*intervals: Ranks) -> NDArray[np.str_]:
    """Return the class of each rank by its widest interval, as a part of the ranks there are.

    Returns
    -------
    array of str, shape (units,)
        `stabile` up to `STABLE`, `incerta` up to `UNSTABLE`, else `instabile`; "" without a rank.
    """
    ranked = intervals[0].rank > 0
    width = np.max([of.high - of.low for of in intervals], axis=0) / max(ranked.sum() - 1, 1)
    return np.select(
        [~ranked, width <= STABLE, width <= UNSTABLE], ["", "stabile", "incerta"], "instabile"
    )


def _ranks(score: Floats, each: list[NDArray[np.int32]]) -> Ranks:
    """Return the ranks of a score with what lies between most of the ranks of its known units."""
    known, own = ~np.isnan(score), rank(score)
    low, high = own.copy(), own.copy()
    inner = _bounds(np.array(each))
    low[known] = np.where(inner[0] > 0, np.minimum(inner[0], own[known]), own[known])
    high[known] = np.maximum(inner[1], own[known])
    return Ranks(own, low, high)


def _tables(values: Floats, normalised: Floats, polarity: Ints) -> dict[tuple[Scale, bool], Floats]:
    """Return the indicators on each scale, as they are and filled with medians."""
    if not len(values):
        return {(scale, fill): normalised for scale in SCALES for fill in (False, True)}
    as_is, filled = _scales(values, normalised, polarity), None
    if np.isnan(values).any():
        filled = _scales(_with_medians(values), _with_medians(normalised), polarity)
    return {
        (scale, fill): (filled or as_is)[scale] if fill else as_is[scale]
        for scale in SCALES
        for fill in (False, True)
    }


def _scales(values: Floats, normalised: Floats, polarity: Ints) -> dict[Scale, Floats]:
    """Return indicators on each scale, between 70 and 130: there all three means are monotone.

    Goalposts as the index has them; z, and Borda points turned into z, with mean 100 and deviation
    10 (Mazziotta and Pareto), what is further out being at the end; percentiles from end to end.
    What tells units apart in nothing is in the middle.
    """
    points = borda(values, polarity=polarity)
    share = points / np.maximum((~np.isnan(values)).sum(axis=0) - 1, 1)
    share[:, ~_telling(values)] += 0.5
    scales: dict[Scale, Floats] = {
        "goalposts": normalised,
        "z": _around_100(values, polarity),
        "percentile": 70 + 60 * share,
        "borda": _around_100(points, np.ones_like(polarity)),
    }
    # Columns in one piece: sums over them are what takes the time.
    return {name: np.asfortranarray(table) for name, table in scales.items()}


def _around_100(values: Floats, polarity: Ints) -> Floats:
    telling = _telling(values)
    z = np.where(np.isnan(values), np.nan, 0.0)
    z[:, telling] = z_scores(values[:, telling], polarity=polarity[telling])
    scaled: Floats = np.clip(100 + 10 * z, 70, 130)
    return scaled


def _telling(values: Floats) -> NDArray[np.bool_]:
    """Tell of each column whether it has two values or more."""
    least = np.fmin.reduce(values, axis=0)
    telling: NDArray[np.bool_] = np.fmax.reduce(values, axis=0) > least
    return telling


def _with_medians(values: Floats) -> Floats:
    """Fill what is missing with the median of its column; a column without any stays."""
    some = ~np.isnan(values).all(axis=0)
    filled = values.copy()
    filled[:, some] = np.where(
        np.isnan(values[:, some]), np.nanmedian(values[:, some], axis=0), values[:, some]
    )
    return filled


def _bounds(found: NDArray[np.int32]) -> Ints:
    """Return the 5th and the 95th percentile of the ranks above 0 in each column; 0 if none.

    Percentiles are ranks that occur: the least one with at least that part of the ranks up to it.
    """
    bounds = np.zeros((2, found.shape[1]), dtype=np.int64)
    for start in range(0, found.shape[1], _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        ranks = np.sort(found[:, part].T.copy(), axis=1)
        some = (ranks > 0).sum(axis=1)
        for side, share in enumerate((OUTSIDE, 1 - OUTSIDE)):
            place = ranks.shape[1] - some + np.ceil(some * share - 1e-9).astype(int) - 1
            place = np.clip(place, 0, ranks.shape[1] - 1)
            bounds[side, part] = np.take_along_axis(ranks, place[:, None], axis=1)[:, 0]
    return bounds
