"""The adjusted Mazziotta-Pareto index (AMPI).

Source: Mazziotta and Pareto; used by ISTAT for its index of social and material vulnerability.
The standard deviation divides by the number of indicators m, not by m - 1.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.errors import AtlanteError

type Floats = NDArray[np.float64]


class IndexInputError(AtlanteError):
    """The inputs of an index do not make sense together."""

    code = "index-input"


class Ampi(NamedTuple):
    """Result of `ampi`, each an array of shape (units,)."""

    mean: Floats
    deviation: Floats
    score: Floats


def normalise(values: Floats, *, low: Floats, high: Floats, polarity: NDArray[np.int64]) -> Floats:
    """Map indicators onto a common scale: 70 at one goalpost, 130 at the other.

    Parameters
    ----------
    values : array, shape (units, m)
        Indicators in their own units; NaN where missing.
    low, high : array, shape (m,)
        Goalposts, with ``low < high``.
    polarity : array, shape (m,)
        +1 where a higher value means more of what the index measures, -1 where less.

    Returns
    -------
    array, shape (units, m)
        ``(x - low) / (high - low) * 60 + 70`` or, for polarity -1,
        ``(high - x) / (high - low) * 60 + 70``. Not clipped.

    Raises
    ------
    IndexInputError
        A goalpost is not finite, or low is not below high.
    """
    if not (np.isfinite(low).all() and np.isfinite(high).all() and (low < high).all()):
        raise IndexInputError("every indicator needs finite goalposts with min below max")
    span = high - low
    distance = np.where(polarity > 0, values - low, high - values)
    return np.asarray(distance / span * 60 + 70, dtype=np.float64)


def ampi(normalised: Floats, *, penalty: Literal[1, -1]) -> Ampi:
    """Combine normalised indicators with a penalty for imbalance among them.

    Parameters
    ----------
    normalised : array, shape (units, m)
        What `normalise` returns.
    penalty : 1 or -1
        +1 for risk and vulnerability (an unbalanced unit scores higher), -1 for well-being.

    Returns
    -------
    Ampi
        Mean M, population standard deviation S, and score ``M + penalty * S * S / M``. A unit
        with a missing indicator has no score (NaN in all three).
    """
    mean = normalised.mean(axis=1)
    deviation = normalised.std(axis=1)
    return Ampi(mean, deviation, mean + penalty * deviation * deviation / mean)


def classify(score: Floats, breaks: tuple[float, ...]) -> NDArray[np.int64]:
    """Return the class of each score, 1 for the lowest; 0 where the score is missing.

    Parameters
    ----------
    score : array, shape (units,)
        Scores; NaN where missing.
    breaks : tuple of floats
        Upper bounds of all classes but the last, ascending; a score on a bound belongs to the
        class below it.
    """
    classes = np.searchsorted(np.asarray(breaks), score, side="left") + 1
    return np.where(np.isnan(score), 0, classes).astype(np.int64)


def rank(score: Floats) -> NDArray[np.int64]:
    """Return ranks, 1 for the highest score; ties share the better rank; 0 where missing."""
    known = np.sort(score[~np.isnan(score)])
    above = known.size - np.searchsorted(known, score, side="right")
    return np.where(np.isnan(score), 0, above + 1).astype(np.int64)
