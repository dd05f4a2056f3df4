"""One score of several indicators on a common scale: AMPI and weighted means.

Sources: Mazziotta and Pareto 2016 (adjusted Mazziotta-Pareto index, AMPI; used by ISTAT for its
index of social and material vulnerability: the standard deviation divides by the number of
indicators m, not by m - 1); OECD and JRC, Handbook on Constructing Composite Indicators, 2008.
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
    exit_code = 5


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
        raise IndexInputError(
            "every indicator needs finite goalposts with min below max",
            hint="give goalposts, or leave the indicator out",
        )
    span = high - low
    distance = np.where(polarity > 0, values - low, high - values)
    return np.asarray(distance / span * 60 + 70, dtype=np.float64)


def ampi(
    normalised: Floats,
    *,
    penalty: Literal[1, -1],
    weights: Floats | None = None,
    minimum_share: float = 1.0,
) -> Ampi:
    """Combine normalised indicators with a penalty for imbalance among them.

    Parameters
    ----------
    normalised : array, shape (units, m)
        What `normalise` returns; NaN where missing.
    penalty : 1 or -1
        +1 for risk and vulnerability (an unbalanced unit scores higher), -1 for well-being.
    weights : array, shape (m,) | None
        Positive; only their proportions count. None for equal ones.
    minimum_share : float
        Share of the weights that a unit must have indicators for; the others then count in
        proportion. 1: it must have all.

    Returns
    -------
    Ampi
        Weighted mean M, weighted population standard deviation S, and score
        ``M + penalty * S * S / M``. A unit with too few indicators has none of these (NaN), and
        one whose mean is not positive has no score.
    """
    w, total = _weighed(normalised, weights, minimum_share)
    mean = (w * np.where(w > 0, normalised, 0)).sum(axis=1) / total
    apart = np.where(w > 0, normalised - mean[:, None], 0)
    deviation = np.sqrt((w * apart * apart).sum(axis=1) / total)
    positive = np.where(mean > 0, mean, np.nan)
    return Ampi(mean, deviation, mean + penalty * deviation * deviation / positive)


def arithmetic(
    normalised: Floats, *, weights: Floats | None = None, minimum_share: float = 1.0
) -> Floats:
    """Return the weighted arithmetic mean of each row: what one indicator lacks another makes good.

    Parameters
    ----------
    normalised : array, shape (units, m)
        Indicators on a common scale; NaN where missing.
    weights, minimum_share
        As in `ampi`.

    Returns
    -------
    array, shape (units,)
        NaN where too few indicators are known.
    """
    w, total = _weighed(normalised, weights, minimum_share)
    mean: Floats = (w * np.where(w > 0, normalised, 0)).sum(axis=1) / total
    return mean


def geometric(
    normalised: Floats, *, weights: Floats | None = None, minimum_share: float = 1.0
) -> Floats:
    """Return the weighted geometric mean of each row: a low indicator is only partly made good.

    Parameters and result are those of `arithmetic`. A zero makes the mean zero; a negative number
    leaves it undefined (NaN).
    """
    w, total = _weighed(normalised, weights, minimum_share)
    used = np.where(w > 0, normalised, 1)
    logs = np.log(np.where(used > 0, used, 1))
    mean = np.exp((w * logs).sum(axis=1) / total)
    mean = np.where((used == 0).any(axis=1) & ~np.isnan(total), 0, mean)
    return np.where((used < 0).any(axis=1), np.nan, mean)


def harmonic(
    normalised: Floats, *, weights: Floats | None = None, minimum_share: float = 1.0
) -> Floats:
    """Return the weighted harmonic mean of each row: it stays near the lowest indicator.

    Parameters and result are those of `arithmetic`. A zero makes the mean zero; a negative number
    leaves it undefined (NaN).
    """
    w, total = _weighed(normalised, weights, minimum_share)
    used = np.where(w > 0, normalised, 1)
    mean = total / (w / np.where(used > 0, used, 1)).sum(axis=1)
    mean = np.where((used == 0).any(axis=1) & ~np.isnan(total), 0, mean)
    return np.where((used < 0).any(axis=1), np.nan, mean)


def _weighed(
    normalised: Floats, weights: Floats | None, minimum_share: float
) -> tuple[Floats, Floats]:
    """Return the weight of every known indicator (units, m), and their sum or NaN if too small."""
    given = np.ones(normalised.shape[1]) if weights is None else weights
    w: Floats = ~np.isnan(normalised) * given
    total = w.sum(axis=1)
    # A sum of weights may come out a little below what it is.
    enough = (total > 0) & (total >= given.sum() * minimum_share * (1 - 1e-12))
    return w, np.where(enough, total, np.nan)


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
    falling = np.argsort(-score)
    ordered = score[falling]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ranks = np.empty(score.shape, dtype=np.int64)
    ranks[falling] = np.repeat(first + 1, np.diff(np.r_[first, score.size]))
    return np.where(np.isnan(score), 0, ranks)
