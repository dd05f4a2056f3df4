"""How surprising a statistic is, and how surprising it still is among many."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def two_sided(z: Floats) -> Floats:
    """Return the chance that a standard normal number is as far from 0 as `z`; NaN stays."""
    return np.array([math.erfc(abs(each) / math.sqrt(2)) for each in z.tolist()])


def false_discovery(p: Floats) -> Floats:
    """Return p values adjusted for their number: the false discovery rate.

    Calling significant whatever has an adjusted p up to 0.05 makes, on average, at most 5 % of
    the calls wrong, if the tests are independent or depend on one another positively.

    Parameters
    ----------
    p : array of shape (units,)
        NaN where there was no test: it stays, and counts for none.

    Returns
    -------
    array of shape (units,)
        ``min over k >= j of m p_(k) / k`` for the j-th least of m values, at most 1.
        Benjamini and Hochberg 1995.
    """
    known = np.flatnonzero(~np.isnan(p))
    falling = known[np.argsort(-p[known], kind="stable")]
    tests = falling.size
    scaled = p[falling] * (tests / np.arange(tests, 0, -1))
    adjusted = np.full(p.shape, np.nan)
    adjusted[falling] = np.minimum(np.minimum.accumulate(scaled), 1)
    return adjusted
