"""Where high scores lie together, and low ones, told apart from what chance does among many."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.hotspots import gi_star
from geo_core.indicators.moran import QUADRANTS, local_moran
from geo_core.indicators.neighbours import Neighbours
from geo_core.indicators.significance import false_discovery, two_sided

type Floats = NDArray[np.float64]
type Columns = dict[str, NDArray[np.generic]]

PERMUTATIONS: Final = 9_999
SEED: Final = 20_231_231

LEVELS: Final = ((0.01, "99"), (0.05, "95"), (0.1, "90"))
"""Adjusted p up to which a hot spot is one, and the confidence in its name."""
ALIKE: Final = 0.05
"""Adjusted p up to which a unit resembles its neighbours, or differs from them."""
NOT: Final = "ns"
"""Code of what is not significant (codelists `hotspot` and `moran`)."""


def clusters(score: Floats, near: Neighbours) -> Columns:
    """Return Gi* and local Moran of a score, with p adjusted for the number of units.

    Parameters
    ----------
    score : array, shape (units,)
        NaN where missing.
    near : Neighbours
        Of the same units.

    Returns
    -------
    dict of arrays, shape (units,)
        `hotspot_z`, `hotspot_p`, `hotspot` (`caldo_99` to `freddo_99`, or `ns`); `moran_i`,
        `moran_p`, `moran` (`HH`, `LL`, `HL`, `LH`, or `ns`). Both p are false discovery rates.
        NaN and "" where they are not defined.
    """
    z = gi_star(score, near)
    hot = false_discovery(two_sided(z))
    found = local_moran(score, near, permutations=PERMUTATIONS, seed=SEED)
    alike = false_discovery(found.p)
    names = np.array(QUADRANTS)[found.quadrant]
    return {
        "hotspot_z": z,
        "hotspot_p": hot,
        "hotspot": hotspot(z, hot),
        "moran_i": found.i,
        "moran_p": alike,
        "moran": np.select([np.isnan(alike), alike <= ALIKE], ["", names], NOT),
    }


def hotspot(z: Floats, p: Floats) -> NDArray[np.str_]:
    """Return the class of each Gi*, by its sign and its adjusted p; "" where there is none."""
    side = np.where(z > 0, "caldo_", "freddo_")
    names = [np.char.add(side, confidence) for _, confidence in LEVELS]
    return np.select([np.isnan(p), *(p <= most for most, _ in LEVELS)], ["", *names], NOT)
