"""Whether neighbours resemble each other: Moran's I, global and local, weights 1 / neighbours.

Formulas: Moran 1950; Anselin 1995 (local), with ``z`` the deviation from the mean and ``lag_i``
the mean of z over the neighbours of i. A unit without a value counts neither as a unit nor as
a neighbour.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.neighbours import Neighbours

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

QUADRANTS: Final = ("", "HH", "LH", "LL", "HL")
"""Name of each quadrant: high (H) or low (L), among neighbours that are high or low."""

_ALIKE: Final = 1e-9
"""Means of neighbours this close, in standard deviations, are equal but for rounding."""

_AT_ONCE: Final = 1 << 22
"""How many drawn units are in memory at a time."""


class LocalMoran(NamedTuple):
    """What is found at each unit, each an array of shape (units,).

    Attributes
    ----------
    i : array of float
        ``(n - 1) z_i lag_i / sum_j z_j^2``: above 0 among its like, below 0 among others. NaN
        where a value is missing, where a unit has no neighbours, or where all values are one.
    p : array of float
        Chance of a lag as far out, on its side, twice (both sides), had the other values been
        dealt out by chance.
    quadrant : array of int
        Place of its name in `QUADRANTS`; 0 where there is no `i`. What is not above the mean
        is low.
    """

    i: Floats
    p: Floats
    quadrant: Ints


class GlobalMoran(NamedTuple):
    """Moran's I, its mean under chance and p (two sides); each NaN where it is not defined."""

    i: float
    expected: float
    p: float


def local_moran(
    values: Floats, near: Neighbours, *, permutations: int = 999, seed: int = 0
) -> LocalMoran:
    """Return the local Moran's I of each unit.

    Parameters
    ----------
    values : array of shape (units,)
        NaN where missing.
    near : Neighbours
        Of the same units.
    permutations : int
        How often the values are dealt out anew: p is never below ``2 / (permutations + 1)``.
    seed : int
        Of the drawing. The same seed gives the same p, whatever the machine.
    """
    known = ~np.isnan(values)
    among = near.only(known)
    found = LocalMoran(
        np.full(values.shape, np.nan), np.full(values.shape, np.nan), np.zeros(values.shape, int)
    )
    z = _standardised(values[known])
    if z is None:
        return found
    count = among.counts
    lag = among.sums(z) / np.where(count > 0, count, 1)
    some, at = count > 0, np.flatnonzero(known)
    found.i[at[some]] = ((z.size - 1) * z * lag / np.square(z).sum())[some]
    high, among_high = z > _ALIKE, lag > _ALIKE
    quadrant = np.where(high, np.where(among_high, 1, 4), np.where(among_high, 2, 3))
    found.quadrant[at[some]] = quadrant[some]
    p = _chances(z, lag, count, np.random.default_rng(seed), permutations)
    found.p[at[some]] = p[some]
    return found


def global_moran(
    values: Floats, near: Neighbours, *, permutations: int = 999, seed: int = 0
) -> GlobalMoran:
    """Return the global Moran's I; parameters as in `local_moran`.

    ``I = n / n' sum_i z_i lag_i / sum_i z_i^2`` with n' the units that have neighbours.
    """
    known = ~np.isnan(values)
    among = near.only(known)
    z, count = _standardised(values[known]), among.counts
    if z is None or not count.any():
        return GlobalMoran(np.nan, np.nan, np.nan)
    share = np.where(count > 0, 1 / np.maximum(count, 1), 0) / np.count_nonzero(count)
    rng = np.random.default_rng(seed)
    i = float(share * z @ among.sums(z))
    dealt = (rng.permutation(z) for _ in range(permutations))
    others = np.array([float(share * x @ among.sums(x)) for x in dealt])
    above, below = int(np.sum(others >= i - _ALIKE)), int(np.sum(others <= i + _ALIKE))
    p = min(1.0, 2 * (min(above, below) + 1) / (permutations + 1))
    return GlobalMoran(i, -1 / (z.size - 1), p)


def _standardised(x: Floats) -> Floats | None:
    if x.size < 3 or np.ptp(x) == 0:
        return None
    deviation = x - x.mean()
    return np.asarray(deviation / deviation.std(), dtype=np.float64)


def _chances(
    z: Floats, lag: Floats, count: Ints, rng: np.random.Generator, permutations: int
) -> Floats:
    """Return the two-sided p of each lag."""
    most = int(count.max()) + 1
    above, below = np.zeros(z.size, dtype=np.int64), np.zeros(z.size, dtype=np.int64)
    for first in range(0, permutations, max(_AT_ONCE // most, 1)):
        rounds = min(permutations - first, max(_AT_ONCE // most, 1))
        drawn = np.stack([rng.choice(z.size, most, replace=False) for _ in range(rounds)])
        above += _as_high(z, lag, count, drawn)
        below += _as_high(-z, -lag, count, drawn)
    return np.minimum(1.0, 2 * (np.minimum(above, below) + 1) / (permutations + 1))


def _as_high(z: Floats, lag: Floats, count: Ints, drawn: Ints) -> Ints:
    """Return how often each unit is dealt neighbours whose mean is at least its lag.

    One drawing, a row of `drawn`, serves all units: its first k are the neighbours dealt to the
    units with k neighbours. A unit that is dealt to itself gets the one after them instead, and
    this is a fair drawing from the others. So how often a unit is dealt enough is found among
    the sorted sums by bisection, and corrected for the few drawings the unit is in.
    """
    sums = np.cumsum(z[drawn], axis=1)
    often = np.zeros(z.size, dtype=np.int64)
    for k in np.unique(count[count > 0]).tolist():
        dealt, least = sums[:, k - 1], lag * k - _ALIKE
        units = np.flatnonzero(count == k)
        often[units] = dealt.size - np.searchsorted(np.sort(dealt), least[units])
        drawing, place = np.nonzero(count[drawn[:, :k]] == k)
        unit = drawn[drawing, place]
        exchanged = dealt[drawing] - z[unit] + z[drawn[drawing, k]]
        now, before = exchanged >= least[unit], dealt[drawing] >= least[unit]
        np.add.at(often, unit, now.astype(np.int64) - before)
    return often
