"""Treatment of outliers before indicators are normalised, with a record of what was done.

Source: OECD and JRC, Handbook on Constructing Composite Indicators, 2008; the two-stage rule as in
the package COINr (Becker et al. 2022): an indicator is treated if its skewness and its kurtosis
both are beyond the bounds, first by winsorising a few points, and if that is not enough by a
logarithm of the values as they were.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Action = Literal["none", "winsorised", "logarithm"]

MOST_SKEWNESS: Final = 2.0
MOST_KURTOSIS: Final = 3.5
MOST_POINTS: Final = 5
"""Points that are winsorised; more where they are tied."""


class Treated(NamedTuple):
    """Result of `treat`.

    Attributes
    ----------
    values : array, shape (units,)
        Winsorised: in the unit of the indicator. Logarithm: of another kind, in the same order.
    points : tuple of int
        Positions of the units that were winsorised.
    before, after : (float, float)
        Skewness and kurtosis; NaN where there are too few values for them.
    passed : bool
        Whether the result is within one of the bounds.
    """

    values: Floats
    action: Action
    points: tuple[int, ...]
    before: tuple[float, float]
    after: tuple[float, float]
    passed: bool


def skewness(values: Floats) -> float:
    """Return the sample skewness G1 (that of spreadsheets), NaN of fewer than three values.

    Parameters
    ----------
    values : array, shape (n,)
        Without NaN.
    """
    n = values.size
    apart = values - values.mean()
    squares = float((apart**2).sum())
    if n < 3 or squares == 0:
        return float("nan")
    g1 = np.sqrt(n) * float((apart**3).sum()) / squares**1.5
    return float(g1 * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(values: Floats) -> float:
    """Return the sample excess kurtosis G2 (that of spreadsheets), NaN of fewer than four."""
    n = values.size
    apart = values - values.mean()
    squares = float((apart**2).sum())
    if n < 4 or squares == 0:
        return float("nan")
    g2 = n * float((apart**4).sum()) / squares**2
    return ((n + 1) * (g2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))


def treat(values: Floats, *, most_points: int = MOST_POINTS) -> Treated:
    """Bring an indicator within the bounds of skewness or kurtosis.

    Parameters
    ----------
    values : array, shape (units,)
        NaN where missing.
    most_points : int
        Points that may be winsorised before the logarithm is taken instead; 0 for none.

    Returns
    -------
    Treated
        The order of the units is kept, but for those that winsorising makes equal.
    """
    known = ~np.isnan(values)
    given = values[known]
    before = _shape(given)
    if not _beyond(before):
        return Treated(values.copy(), "none", (), before, before, passed=True)
    out, changed = _winsorised(given, most_points)
    action: Action = "winsorised"
    if _beyond(_shape(out)):
        out, changed, action = (
            _logarithm(given, before[0]),
            np.zeros(given.shape, bool),
            "logarithm",
        )
    after = _shape(out)
    whole = np.full(values.shape, np.nan)
    whole[known] = out
    points = tuple(np.flatnonzero(known)[changed].tolist())
    return Treated(whole, action, points, before, after, passed=not _beyond(after))


def _shape(values: Floats) -> tuple[float, float]:
    return (skewness(values), kurtosis(values)) if values.size else (float("nan"), float("nan"))


def _beyond(shape: tuple[float, float]) -> bool:
    return abs(shape[0]) > MOST_SKEWNESS and shape[1] > MOST_KURTOSIS


def _winsorised(given: Floats, most: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Move the outermost points inwards, one value after another, on the side of the tail."""
    out = given.copy()
    high = low = np.zeros(given.shape, bool)
    while _beyond(_shape(out)) and high.sum() + low.sum() < most:
        if skewness(out) >= 0:
            high = out == out.max()
            out[high] = out[~high].max()
        else:
            low = out == out.min()
            out[low] = out[~low].min()
    return out, high | low


def _logarithm(given: Floats, skew: float) -> Floats:
    """Return the logarithm of the distance from the end without the tail, always increasing."""
    least, greatest = float(given.min()), float(given.max())
    margin = 0.01 * (greatest - least)
    if skew >= 0:
        return np.asarray(np.log(given - least + margin))
    return np.asarray(-np.log(greatest - given + margin))
