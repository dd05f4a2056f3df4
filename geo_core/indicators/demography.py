"""Demographic indicators from residents by age.

`ages` are arrays of shape (units, 101) with residents of age 0, 1, ... 99 and 100 or more. What
indicators count are groups of ages, so residents, or shares of them, in these groups suffice. A
ratio whose denominator is zero is missing (NaN): never zero, never infinite.

Formulas: ISTAT, Indicatori demografici.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ages = NDArray[np.int64]

GROUPS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"0_14": (0, 14), "15_49": (15, 49), "50_64": (50, 64), "65_79": (65, 79), "80": (80, 100)}
)
"""First and last age, both included. They share out everybody."""


class Ratio(NamedTuple):
    """An indicator: ``per`` times the residents of some groups over those of others."""

    above: tuple[str, ...]
    below: tuple[str, ...]
    per: float


RATIOS: Final[Mapping[str, Ratio]] = MappingProxyType(
    {
        "DEM01": Ratio(("65_79", "80"), ("0_14",), 100),
        "DEM02": Ratio(("0_14", "65_79", "80"), ("15_49", "50_64"), 100),
        "DEM03": Ratio(("80",), tuple(GROUPS), 100),
        "DEM05": Ratio(("80",), ("50_64",), 1),
    }
)
"""Old-age index (%), dependency ratio (%), share aged 80 and over (%), carers ratio."""


def residents(ages: Ages, first: int = 0, last: int = 100) -> Floats:
    """Return residents from age `first` to age `last`, both included (persons)."""
    return ages[:, first : last + 1].sum(axis=1).astype(np.float64)


def by_group(ages: Ages) -> Floats:
    """Return residents in each of `GROUPS`, shape (units, groups)."""
    return np.column_stack([residents(ages, *span) for span in GROUPS.values()])


def parts(ratio_of: Ratio, groups: Floats) -> tuple[Floats, Floats]:
    """Return what an indicator divides, from numbers or shares in groups (last axis)."""
    names = list(GROUPS)
    above, below = (
        groups[..., [names.index(name) for name in side]].sum(axis=-1)
        for side in (ratio_of.above, ratio_of.below)
    )
    return above, below


def indicators(names: tuple[str, ...], groups: Floats) -> Floats:
    """Return indicators of `RATIOS` from numbers or shares in groups.

    Returns
    -------
    array of shape (..., len(names))
    """
    each = [RATIOS[name] for name in names]
    columns = [ratio(*parts(one, groups), per=one.per) for one in each]
    return np.stack(columns, axis=-1)


def ratio(numerator: Floats, denominator: Floats, *, per: float) -> Floats:
    """Return `per * numerator / denominator`, NaN where the denominator is zero."""
    out = np.full(numerator.shape, np.nan)
    np.divide(per * numerator, denominator, out=out, where=denominator > 0)
    return out
