"""The gap between need and supply: how far each is from its mean, one less the other (GAP01)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

NEED: Final = "bisogno"
SUPPLY: Final = "offerta"
EVEN: Final = "rumore"
UNKNOWN: Final = "no-data"
"""Codes of `tipo_divario`."""

ALIKE: Final = 1e-9
"""Part of the largest value by which values differ that means alone made differ: a mean of equal
numbers is that number but for its last digits."""


class Gap(NamedTuple):
    """Gaps with their parts, arrays of shape (units,); NaN where need or supply is missing.

    Attributes
    ----------
    need, supply : array
        Standard deviations from the mean of the units where both are known.
    value, low, high : array
        ``need - supply`` and its bounds.
    kind : array of str
        `bisogno` or `offerta` where the bounds leave 0 out, `rumore` where they do not.
    """

    need: Floats
    supply: Floats
    value: Floats
    low: Floats
    high: Floats
    kind: NDArray[np.str_]


def gap(need: Floats, low: Floats, high: Floats, supply: Floats) -> Gap:
    """Return the gaps of units.

    Parameters
    ----------
    need, low, high : array, shape (units,)
        Rates of need with the bounds of their intervals: the noise that protects persons.
    supply : array, shape (units,)
        Places in reach per person.

    Returns
    -------
    Gap
        All missing where need or supply is the same in all units: nothing is above the mean then.
        The bounds are those of the unit's own rate; that mean and deviation have noise too is
        left out, for it is small over many units.
    """
    both = ~np.isnan(need) & ~np.isnan(supply)
    where = np.where(both, 0.0, np.nan)
    mean, deviation = _moments(need[both])
    supplied = (supply - _moments(supply[both])[0]) / _moments(supply[both])[1] + where
    needed, least, most = ((rate - mean) / deviation + where for rate in (need, low, high))
    below, above = least - supplied, most - supplied
    kind = np.select([np.isnan(below), below > 0, above < 0], [UNKNOWN, NEED, SUPPLY], EVEN)
    return Gap(needed, supplied, needed - supplied, below, above, kind)


def _moments(values: Floats) -> tuple[float, float]:
    """Return mean and population standard deviation; one that is 0 but for rounding is missing."""
    if not values.size:
        return np.nan, np.nan
    alike = np.ptp(values) <= ALIKE * np.abs(values).max()
    return float(values.mean()), np.nan if alike else float(values.std())
