"""Demographic indicators from residents by single year of age.

Every function takes `ages`, an array of shape (units, 101) with residents of age 0, 1, ... 99
and 100 or more, and returns an array of shape (units,). A ratio whose denominator is zero is
missing (NaN): never zero, never infinite.

Formulas: ISTAT, Indicatori demografici.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ages = NDArray[np.int64]


def residents(ages: Ages, first: int = 0, last: int = 100) -> Floats:
    """Return residents from age `first` to age `last`, both included (persons)."""
    return ages[:, first : last + 1].sum(axis=1).astype(np.float64)


def ratio(numerator: Floats, denominator: Floats, *, per: float) -> Floats:
    """Return `per * numerator / denominator`, NaN where the denominator is zero."""
    out = np.full(numerator.shape, np.nan)
    np.divide(per * numerator, denominator, out=out, where=denominator > 0)
    return out


def old_age_index(ages: Ages) -> Floats:
    """Return 100 x P65+ / P0-14 (%)."""
    return ratio(residents(ages, 65), residents(ages, 0, 14), per=100)


def dependency_ratio(ages: Ages) -> Floats:
    """Return 100 x (P0-14 + P65+) / P15-64 (%)."""
    dependent = residents(ages, 0, 14) + residents(ages, 65)
    return ratio(dependent, residents(ages, 15, 64), per=100)


def share_over_80(ages: Ages) -> Floats:
    """Return 100 x P80+ / P (%)."""
    return ratio(residents(ages, 80), residents(ages), per=100)


def carers_ratio(ages: Ages) -> Floats:
    """Return P80+ / P50-64: persons of great age per potential carer (pure number)."""
    return ratio(residents(ages, 80), residents(ages, 50, 64), per=1)


def population_change(now: Ages, before: Ages) -> Floats:
    """Return 100 x (P_t - P_t-1) / P_t-1 (%)."""
    earlier = residents(before)
    return ratio(residents(now) - earlier, earlier, per=100)


FROM_AGES: Final = MappingProxyType[str, Callable[[Ages], Floats]](
    {
        "DEM01": old_age_index,
        "DEM02": dependency_ratio,
        "DEM03": share_over_80,
        "DEM05": carers_ratio,
    }
)
"""Indicators that need one period; DEM04 (`population_change`) needs two."""
