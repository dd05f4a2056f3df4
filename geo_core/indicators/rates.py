"""Rates of few events: raw, smoothed, standardised, with intervals that need no quantile.

Events are counted over a population; where that is zero there is no rate (NaN). Intervals that
need quantiles of the gamma distribution are in `geo_core.indicators.gamma_intervals`.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.composite import IndexInputError
from geo_core.indicators.neighbours import Neighbours

type Floats = NDArray[np.float64]
type Mask = NDArray[np.bool_]


class Smoothed(NamedTuple):
    """Rates drawn towards the mean, the more the fewer people they rest on.

    Attributes
    ----------
    rate : array of shape (units,)
        ``mean + weight (raw - mean)``, events per person.
    weight : array of shape (units,)
        Trust in the unit's own rate: 0 (none) to 1.
    mean : float or array of shape (units,)
        Rate of all units together, or of the unit and its neighbours.
    variance : float or array of shape (units,)
        Of the true rates, beyond what chance makes; 0 where chance explains all.
    """

    rate: Floats
    weight: Floats
    mean: Floats
    variance: Floats


class Standardised(NamedTuple):
    """Rates as if every unit had the ages (or other strata) of a standard population.

    Attributes
    ----------
    rate : array of shape (units,)
        Events per person.
    observed : array of shape (units,)
        Events.
    expected : array of shape (units,)
        Events if each stratum had the rate of the standard population.
    """

    rate: Floats
    observed: Floats
    expected: Floats


def crude(events: Floats, population: Floats) -> Floats:
    """Return events per person; NaN where either is missing or nobody lives."""
    rate = np.full(np.broadcast_shapes(events.shape, population.shape), np.nan)
    np.divide(events, population, out=rate, where=population > 0)
    return rate


def excess_risk(events: Floats, population: Floats) -> Floats:
    """Return events over those expected at the rate of all units together; 1 is as usual."""
    mean = _together(events, population)
    return crude(events, population * mean)


def wilson(events: Floats, trials: Floats, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of a proportion (Wilson 1927, without correction for continuity).

    Parameters
    ----------
    events, trials : arrays of one shape
        ``0 <= events <= trials``; the interval is NaN where there is no trial.

    Raises
    ------
    IndexInputError
        More events than trials.
    """
    if (events > trials).any():
        raise IndexInputError(
            "more events than those they may happen to",
            hint="a proportion counts each person once; ask for a rate instead",
        )
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = crude(events, trials)
    n = np.where(trials > 0, trials, np.nan)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At 0 and at all, rounding would leave the interval a hair beside its estimate.
    low = np.where(share == 0, 0.0, np.clip(centre - half, 0, 1))
    high = np.where(share == 1, 1.0, np.clip(centre + half, 0, 1))
    return np.where(np.isnan(share), np.nan, low), np.where(np.isnan(share), np.nan, high)


def ratio_interval(a: Floats, b: Floats, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of a / b for counts of different people; NaN where b is 0.

    Given their sum, a is binomial with the share ``p = a / (a + b)``, and a / b is
    ``p / (1 - p)``: the interval of p (`wilson`), carried over.
    """
    low, high = wilson(a, np.where(b > 0, a + b, np.nan), confidence=confidence)
    return low / (1 - low), high / (1 - high)


def empirical_bayes(events: Floats, population: Floats) -> Smoothed:
    """Return rates smoothed towards that of all units (Marshall 1991, global).

    ``mean + C (e / b - mean)``, ``C = v / (v + mean / b)``, where v is the variance of the rates
    weighted by population, less ``mean`` over the mean population, or 0 if that is negative.

    Returns
    -------
    Smoothed
        NaN for units without events known or without population, which count for nothing.
    """
    raw = crude(events, population)
    known = ~np.isnan(raw)
    people = population[known]
    mean = np.asarray(_together(events, population))
    spread = _over(people @ np.square(raw[known] - mean), people.sum())
    return _drawn(raw, population, mean, spread - _over(mean * people.size, people.sum()))


def spatial_rate(events: Floats, population: Floats, near: Neighbours) -> Floats:
    """Return the rate of each unit and its neighbours together; NaN where it has none itself."""
    known = ~np.isnan(crude(events, population))
    among, e, b = near.only(known), events[known], population[known]
    return _back(known, (e + among.sums(e)) / (b + among.sums(b)))


def spatial_bayes(events: Floats, population: Floats, near: Neighbours) -> Smoothed:
    """Return rates smoothed towards that of the unit and its neighbours (Marshall 1991, local).

    As `empirical_bayes`, with mean, variance and mean population of the unit and its neighbours.
    A unit without neighbours has its own raw rate, with variance 0.
    """
    raw = crude(events, population)
    known = ~np.isnan(raw)
    among, b, r = near.only(known), population[known], raw[known]
    mean = spatial_rate(events, population, near)
    m, people = mean[known], b + among.sums(b)
    # sum_j b_j (r_j - m_i)^2, multiplied out: both r and m are small, so that little cancels.
    first, second = b * r, b * np.square(r)
    squares = second + among.sums(second) - 2 * m * (first + among.sums(first)) + m**2 * people
    variance = squares / people - m * (among.counts + 1) / people
    return _drawn(raw, population, mean, _back(known, variance))


def direct(events: Floats, population: Floats, standard: Floats) -> Floats:
    """Return rates as if every unit had the strata of a standard population.

    Parameters
    ----------
    events, population : arrays of shape (units, strata)
        A stratum in which nobody lives leaves the unit without a rate.
    standard : array of shape (strata,) or (units, strata)
        Standard population.

    Returns
    -------
    array of shape (units,)
        ``sum_s w_s e_s / b_s`` with w the shares of the standard population.
    """
    shares = standard / standard.sum(axis=-1, keepdims=True)
    rate: Floats = (shares * crude(events, population)).sum(axis=-1)
    return rate


def indirect(
    events: Floats, population: Floats, standard_events: Floats, standard_population: Floats
) -> Standardised:
    """Return the rates that the events are as often of as they are of those expected.

    Parameters
    ----------
    events : array of shape (units,)
        In all strata.
    population : array of shape (units, strata)
        A stratum without people expects nothing.
    standard_events, standard_population : arrays of shape (strata,) or (units, strata)
        Of the standard population.

    Returns
    -------
    Standardised
        ``observed / expected`` times the rate of the standard population; the rate is NaN where
        nothing is expected.
    """
    expected = (population * crude(standard_events, standard_population)).sum(axis=-1)
    overall = standard_events.sum() / standard_population.sum()
    return Standardised(crude(events, expected) * overall, events, expected)


def lognormal_interval(found: Standardised, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of observed over expected on the logarithm, deviation 1 / sqrt(O).

    Parameters
    ----------
    found : Standardised
        With events in every unit.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    ratio, factor = crude(found.observed, found.expected), np.exp(z / np.sqrt(found.observed))
    return ratio / factor, ratio * factor


def _together(events: Floats, population: Floats) -> float:
    """Return the rate of all units that have one; NaN if none has."""
    known = ~np.isnan(crude(events, population))
    return float(_over(events[known].sum(), population[known].sum()))


def _drawn(raw: Floats, population: Floats, mean: Floats, variance: Floats) -> Smoothed:
    variance = np.maximum(variance, 0)
    weight = np.where(np.isnan(raw), np.nan, 0.0)
    noise = variance + crude(np.broadcast_to(mean, raw.shape), population)
    np.divide(variance, noise, out=weight, where=noise > 0)
    return Smoothed(mean + weight * (raw - mean), weight, mean, variance)


def _over(part: Floats | float, whole: Floats | float) -> Floats:
    return np.asarray(part / whole if whole else np.nan, dtype=np.float64)


def _back(known: Mask, found: Floats) -> Floats:
    out = np.full(known.shape, np.nan)
    out[known] = found
    return out
