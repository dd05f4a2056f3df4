"""Common scales for indicators of different units, each respecting polarity.

Source: OECD and JRC, Handbook on Constructing Composite Indicators, 2008, chapter 5. Every function
takes `values` of shape (units, m), NaN where missing, and `polarity` of shape (m,): +1 where a
higher value means more of what is measured, -1 where less. It returns an array of the same shape,
NaN where `values` has it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Signs = NDArray[np.int64]


def centred(low: Floats, high: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """Return goalposts as far apart as before, with a reference in the middle.

    Parameters
    ----------
    low, high, reference : array, shape (m,)
        In the units of the indicators.

    Returns
    -------
    two arrays, shape (m,)
        ``reference - d`` and ``reference + d``, ``d = (high - low) / 2`` (Mazziotta and Pareto):
        the reference becomes 100 on the scale from 70 to 130.
    """
    half = (high - low) / 2
    return reference - half, reference + half


def minmax(values: Floats, *, low: Floats, high: Floats, polarity: Signs) -> Floats:
    """Map one goalpost to 0 and the other to 1, beyond them not clipped.

    Parameters
    ----------
    low, high : array, shape (m,)
        Goalposts, with ``low < high``.
    """
    distance = np.where(polarity > 0, values - low, high - values)
    return np.asarray(distance / (high - low), dtype=np.float64)


def z_scores(values: Floats, *, polarity: Signs, sample: bool = False) -> Floats:
    """Map the mean to 0 and one standard deviation to 1.

    Parameters
    ----------
    sample : bool
        The deviation divides by n - 1, not by n.
    """
    mean = np.nanmean(values, axis=0)
    deviation = np.nanstd(values, axis=0, ddof=int(sample))
    return np.asarray((values - mean) / deviation * polarity, dtype=np.float64)


def borda(values: Floats, *, polarity: Signs) -> Floats:
    """Count the units that each unit is above; of equal ones all have the least count."""
    return np.column_stack([_below(column) for column in (values * polarity).T])


def percentile(values: Floats, *, polarity: Signs) -> Floats:
    """Return the share of the other units that each unit is above: 0 to 1.

    NaN in a column of a single known value.
    """
    others = (~np.isnan(values)).sum(axis=0) - 1.0
    share: Floats = borda(values, polarity=polarity) / np.where(others > 0, others, np.nan)
    return share


def _below(column: Floats) -> Floats:
    known = np.sort(column[~np.isnan(column)])
    below = np.searchsorted(known, column, side="left")
    return np.where(np.isnan(column), np.nan, below)
