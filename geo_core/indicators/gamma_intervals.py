"""Intervals of rates by quantiles of the gamma distribution (SciPy): not for the server."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from geo_core.indicators.rates import Smoothed

type Floats = NDArray[np.float64]
type Interval = tuple[Floats, Floats]


def poisson_interval(events: Floats, *, confidence: float = 0.95) -> Interval:
    """Return the exact interval of the mean of a Poisson count (Garwood 1936).

    Returns
    -------
    low, high : arrays of the shape of `events`
        Events; low is 0 where none happened. NaN where `events` is.
    """
    tail = (1 - confidence) / 2
    low = np.where(events > 0, _gamma(tail, np.where(events > 0, events, 1)), 0 * events)
    return low, _gamma(1 - tail, events + 1)


def posterior_interval(
    smoothed: Smoothed, events: Floats, population: Floats, *, confidence: float = 0.95
) -> Interval:
    """Return the interval of empirical Bayes rates (Clayton and Kaldor 1987).

    True rates are gamma distributed with the mean and variance of `smoothed`, by the method of
    moments: shape ``m^2 / v``, rate ``m / v``. Given its events, a unit's rate is gamma too, with
    shape ``m^2 / v + e`` and rate ``m / v + b``; its mean is the smoothed rate. Where v is 0 all
    units have the one rate m, whose interval is that of the events of all units (`poisson_interval`
    over their population). That m and v are estimates themselves is left out.

    Parameters
    ----------
    smoothed : Smoothed
        Of `events` and `population`, by `empirical_bayes`.
    """
    tail = (1 - confidence) / 2
    mean, v = float(smoothed.mean), float(smoothed.variance)
    known = ~np.isnan(smoothed.rate)
    if not v > 0:
        total = np.asarray(events[known].sum())
        low, high = poisson_interval(total, confidence=confidence)
        people = population[known].sum()
        one = np.where(known, people, np.nan)
        return low / one, high / one
    shape = np.where(known, mean**2 / v + events, np.nan)
    rate = np.where(known, mean / v + population, np.nan)
    return _gamma(tail, shape) / rate, _gamma(1 - tail, shape) / rate


def direct_interval(
    events: Floats, population: Floats, standard: Floats, *, confidence: float = 0.95
) -> Interval:
    """Return the interval of rates standardised directly (Fay and Feuer 1997).

    Parameters
    ----------
    events, population : arrays of shape (units, strata)
    standard : array of shape (strata,) or (units, strata)

    Returns
    -------
    low, high : arrays of shape (units,)
        Events per person; NaN where a stratum has no population.
    """
    tail = (1 - confidence) / 2
    people = np.where(population > 0, population, np.nan)
    weight = standard / standard.sum(axis=-1, keepdims=True) / people
    rate, variance = (weight * events).sum(axis=-1), (weight**2 * events).sum(axis=-1)
    some = rate > 0
    shape = np.where(some, rate**2 / np.where(some, variance, 1), 1)
    low = np.where(some, _gamma(tail, shape) * rate / shape, 0 * rate)
    most = weight.max(axis=-1)
    above, spread = rate + most, variance + most**2
    return low, _gamma(1 - tail, above**2 / spread) * spread / above


def _gamma(chance: float, shape: Floats) -> Floats:
    """Return the quantile of the gamma distribution of scale 1."""
    quantile: Floats = gammaincinv(shape, chance)
    return quantile
