"""How far columns say the same: linear correlation, and that of ranks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


class Correlation(NamedTuple):
    """Correlation of two columns, from -1 to 1, over `units` that have both.

    NaN where fewer than three have, or where a column has one value.
    """

    pearson: float
    spearman: float
    units: int


def correlation(one: Floats, other: Floats) -> Correlation:
    """Return the correlation of two columns, and that of their ranks (ties share the mean rank).

    Parameters
    ----------
    one, other : array, shape (units,)
        NaN where missing.
    """
    both = ~(np.isnan(one) | np.isnan(other))
    x, y = one[both], other[both]
    if x.size < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(np.nan, np.nan, x.size)
    return Correlation(_linear(x, y), _linear(_mean_ranks(x), _mean_ranks(y)), x.size)


def _linear(x: Floats, y: Floats) -> float:
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1, 1))


def _mean_ranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    ranks: Floats = (below + up_to) / 2
    return ranks
