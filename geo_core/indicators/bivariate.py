"""Two figures of the same units in nine classes: thirds of one crossed with thirds of the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.access import Floats


class Thirds(NamedTuple):
    """Units in three groups of about the same number.

    Attributes
    ----------
    third : array of int of shape (n,)
        1 the lowest third, 3 the highest; 0 where the value is missing.
    breaks : (float, float)
        Upper bounds of the first and second third, included; NaN if every value is missing.
    """

    third: NDArray[np.int64]
    breaks: tuple[float, float]


def thirds(values: Floats, *, decimals: int) -> Thirds:
    """Put units in thirds of their own values, each unit counted once.

    Parameters
    ----------
    values : array of shape (n,)
        NaN where missing.
    decimals : int
        To which the bounds are rounded before anything is compared with them, so that whoever
        has the published values and bounds finds the same thirds.

    Notes
    -----
    The bounds are the quantiles 1/3 and 2/3 by linear interpolation (type 7 of Hyndman and Fan
    1996). Equal values share a third, so that with many ties the thirds are not alike in number.
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return Thirds(np.zeros(len(values), dtype=np.int64), (np.nan, np.nan))
    low, high = np.quantile(known, [1 / 3, 2 / 3]).round(decimals).tolist()
    third = 1 + (values > low).astype(np.int64) + (values > high)
    return Thirds(np.where(np.isnan(values), 0, third), (low, high))


def crossed(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return classes 1 to 9: three for each third of the first, ascending in both; 0 if missing."""
    return np.where((first > 0) & (second > 0), 3 * (first - 1) + second, 0)
