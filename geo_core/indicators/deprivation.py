"""Indices of multiple deprivation: ranks made exponential, so that high ranks do not cancel out.

Source: Scottish Indices of Deprivation 2003, appendix 5; English Indices of Deprivation, technical
report. An area that is worst in one domain and best in another scores far above the middle.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

SHAPE: Final = 23.0
"""With it the most deprived tenth of the areas has scores from 50 to 100."""


def deprivation_ranks(values: Floats, *, polarity: int) -> Floats:
    """Rank areas, 1 for the most deprived; equal areas share the better place.

    Parameters
    ----------
    values : array, shape (areas,)
        NaN where missing; these have no rank and are not counted.
    polarity : 1 or -1
        +1 where a higher value means more deprivation.
    """
    worse = -values * polarity
    known = np.sort(worse[~np.isnan(worse)])
    ranks = np.searchsorted(known, worse, side="left") + 1.0
    return np.where(np.isnan(worse), np.nan, ranks)


def exponential(ranks: Floats, areas: Floats) -> Floats:
    """Transform ranks to scores from 0 to 100.

    Parameters
    ----------
    ranks : array, shape (areas, domains)
        1 for the most deprived; NaN where missing.
    areas : array, shape (domains,)
        Number N of ranked areas.

    Returns
    -------
    array, shape (areas, domains)
        ``-23 ln(1 - R (1 - exp(-100 / 23)))`` with ``R = (N - rank + 1) / N``: 100 for rank 1.
    """
    share = (areas - ranks + 1) / areas
    scores: Floats = -SHAPE * np.log(1 - share * (1 - np.exp(-100 / SHAPE)))
    return scores


def weighted_sum(scores: Floats, weights: Floats) -> Floats:
    """Return ``sum_j w_j X_j``, the weights as they are; NaN where a domain is missing.

    Parameters
    ----------
    scores : array, shape (areas, domains)
    weights : array, shape (domains,)
        The weights of England sum to 0.999, and are used so.
    """
    total: Floats = (scores * weights).sum(axis=1)
    return total
