"""Whether a value changed by more than its uncertainty."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

MORE: Final = "aumento"
LESS: Final = "diminuzione"
NOISE: Final = "rumore"
UNKNOWN: Final = "no-data"
"""Codes of `tipo_variazione`."""


class Estimate(NamedTuple):
    """Values with the bounds of their intervals, three arrays of one shape; NaN where missing."""

    value: Floats
    low: Floats
    high: Floats


class Change(NamedTuple):
    """Differences with the bounds of their intervals, and their class in `kind`."""

    value: Floats
    low: Floats
    high: Floats
    kind: NDArray[np.str_]


def change(now: Estimate, before: Estimate) -> Change:
    """Return the difference of two values, with an interval made of theirs.

    ``L = d - sqrt((x - l)^2 + (U' - x')^2)`` and ``U = d + sqrt((u - x)^2 + (x' - L')^2)``, where
    x, l, u are of the first and x', L', U' of the second value (Zou and Donner 2008, method of
    variance estimates recovery). The two are taken as independent. Values of successive years are
    of mostly the same people, so the interval is too wide rather than too narrow: what is called
    a change is hardly due to chance (no correction for many comparisons), and some that is called
    noise may be a change.

    Returns
    -------
    Change
        `kind` is `rumore` where the interval contains 0, `no-data` where a value or a bound is
        missing, else `aumento` or `diminuzione`.
    """
    difference = now.value - before.value
    down = np.hypot(now.value - now.low, before.high - before.value)
    up = np.hypot(now.high - now.value, before.value - before.low)
    low, high = difference - down, difference + up
    kind = np.select(
        [np.isnan(low) | np.isnan(high), low > 0, high < 0], [UNKNOWN, MORE, LESS], NOISE
    )
    return Change(difference, low, high, kind)
