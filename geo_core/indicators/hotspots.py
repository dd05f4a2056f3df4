"""Where high or low values lie together: the statistics G of Getis and Ord, binary weights.

Formulas: Getis and Ord 1992 (global G), Ord and Getis 1995 (Gi and Gi*, standardised). A unit
without a value counts neither as a unit nor as a neighbour.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.composite import IndexInputError
from geo_core.indicators.neighbours import Neighbours
from geo_core.indicators.significance import two_sided

type Floats = NDArray[np.float64]


class GlobalG(NamedTuple):
    """Whether high values lie together anywhere; each NaN where it is not defined.

    Attributes
    ----------
    g : float
        Share of the products of all pairs that falls to pairs of neighbours.
    expected, variance : float
        Of g, were the values dealt out to the units by chance.
    z, p : float
        g in standard deviations from `expected`, and the chance of being as far (two sides).
    """

    g: float
    expected: float
    variance: float
    z: float
    p: float


def gi_star(values: Floats, near: Neighbours) -> Floats:
    """Return Gi* of each unit: how far its sum, itself and neighbours, is from what is usual.

    Parameters
    ----------
    values : array of shape (units,)
        NaN where missing.
    near : Neighbours
        Of the same units.

    Returns
    -------
    array of shape (units,)
        ``(sum_j w_ij x_j - mean W_i) / (s sqrt((n W_i - W_i^2) / (n - 1)))`` with w 1 for the
        unit itself and its neighbours, W_i their number, and s the standard deviation that
        divides by n: standard deviations above or below what is usual. A unit without neighbours
        has ``(x_i - mean) / s``. NaN where the value is missing, where all values are one, and
        where every unit is a neighbour.
    """
    known, x, among = _known(values, near)
    if not x.size:
        return np.full(values.shape, np.nan)
    deviation = x - x.mean()
    total = deviation + among.sums(deviation)
    variance = np.full(x.shape, np.square(deviation).mean() if np.ptp(x) > 0 else 0.0)
    return _back(known, _standardised(total, among.counts + 1, variance, x.size))


def gi(values: Floats, near: Neighbours) -> Floats:
    """Return Gi of each unit: as Gi* without the unit itself.

    Mean and standard deviation are those of the other n - 1 units, and n - 1 stands for n.

    Returns
    -------
    array of shape (units,)
        NaN where the value is missing, where a unit has no neighbours or all the others as
        neighbours, and where the others have one value.
    """
    known, x, among = _known(values, near)
    others = x.size - 1
    if others < 1:
        return np.full(values.shape, np.nan)
    deviation = x - x.mean()
    mean = -deviation / others
    total = among.sums(deviation) - among.counts * mean
    squares = np.square(deviation)
    variance = (squares.sum() - squares) / others - np.square(mean)
    # Beside one value far from all, the difference of large squares would be rounding alone.
    for far in np.flatnonzero(2 * squares > squares.sum()):
        variance[far] = np.delete(x, far).var()
    variance[_others_alike(x)] = 0
    return _back(known, _standardised(total, among.counts, variance, others))


def global_g(values: Floats, near: Neighbours) -> GlobalG:
    """Return the global G.

    Parameters
    ----------
    values : array of shape (units,)
        From 0 on, with a natural zero; NaN where missing.

    Raises
    ------
    IndexInputError
        A value is negative.
    """
    _, x, among = _known(values, near)
    if (x < 0).any():
        raise IndexInputError(
            "global G is for values from 0 on",
            hint="Moran's I and Gi* take negative values too",
        )
    pairs = x.sum() ** 2 - np.square(x).sum()
    if x.size < 4 or np.ptp(x) == 0 or not pairs > 0 or not among.others.size:
        return GlobalG(*[np.nan] * 5)
    g = float(x @ among.sums(x) / pairs)
    expected = among.others.size / (x.size * (x.size - 1))
    variance = float(_second_moment(x, among) / pairs**2 - expected**2)
    # Where everybody is everybody's neighbour, G is 1 whoever has what.
    z = (g - expected) / variance**0.5 if variance > 1e-15 else np.nan
    return GlobalG(g, expected, max(variance, 0.0), z, float(two_sided(np.array([z]))[0]))


def _second_moment(x: Floats, among: Neighbours) -> float:
    """Return the mean square of the numerator of G over all ways to deal the values out."""
    n = x.size
    both = among.units * n + among.others
    mutual = np.isin(both, among.others * n + among.units).sum()
    s0 = float(among.others.size)
    s1 = s0 + float(mutual)
    s2 = float(np.square(among.counts + np.bincount(among.others, minlength=n)).sum())
    b0 = (n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2
    b1 = -((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    b2 = -(2 * n * s1 - (n + 3) * s2 + 6 * s0**2)
    b3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2
    b4 = s1 - s2 + s0**2
    m1, m2, m3, m4 = (float((x**power).sum()) for power in (1, 2, 3, 4))
    moment = b0 * m2**2 + b1 * m4 + b2 * m1**2 * m2 + b3 * m1 * m3 + b4 * m1**4
    return moment / (n * (n - 1) * (n - 2) * (n - 3))


def _standardised(total: Floats, count: NDArray[np.int64], variance: Floats, n: int) -> Floats:
    spread = variance * count * (n - count) / max(n - 1, 1)
    out = np.full(total.shape, np.nan)
    np.divide(total, np.sqrt(spread, where=spread > 0, out=out.copy()), out=out, where=spread > 0)
    return out


def _others_alike(x: Floats) -> NDArray[np.bool_]:
    """Tell of each unit whether all the others have one value."""
    kinds, which, counts = np.unique(x, return_inverse=True, return_counts=True)
    alone = counts[which] == 1
    alike: NDArray[np.bool_] = alone if kinds.size == 2 else np.full(x.shape, kinds.size == 1)
    return alike


def _known(values: Floats, near: Neighbours) -> tuple[NDArray[np.bool_], Floats, Neighbours]:
    known = ~np.isnan(values)
    return known, values[known], near if known.all() else near.only(known)


def _back(known: NDArray[np.bool_], found: Floats) -> Floats:
    out = np.full(known.shape, np.nan)
    out[known] = found
    return out
