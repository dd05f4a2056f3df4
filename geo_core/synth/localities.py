"""Invented localities: names for inhabited cells, so that a place can be said without a map."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo_core.synth.settlement import Settlement

MOST: Final = 9
"""Most localities of one municipality."""


def localities(settlements: dict[str, Settlement]) -> pd.DataFrame:
    """Name the cells with most buildings of each municipality, the largest first.

    Returns
    -------
    DataFrame
        ``cod_istat``, ``denominazione``, ``lon``, ``lat`` (of a building, degrees, WGS 84). No
        name is a real one.
    """
    rows = [
        (code, f"Località {number} (inventata)", f"{lon:.6f}", f"{lat:.6f}")
        for code, settlement in settlements.items()
        for number, (lon, lat) in enumerate(_centres(settlement), start=1)
    ]
    return pd.DataFrame(rows, columns=["cod_istat", "denominazione", "lon", "lat"])


def _centres(settlement: Settlement) -> list[tuple[float, float]]:
    """Return the building in the middle of each of the largest cells."""
    names, position, count = np.unique(
        settlement.leaf.astype(str), return_inverse=True, return_counts=True
    )
    largest = np.lexsort((names, -count))[:MOST]
    return [_middle(settlement.buildings[position == cell]) for cell in largest]


def _middle(buildings: np.ndarray) -> tuple[float, float]:
    away = np.hypot(*(buildings - buildings.mean(axis=0)).T)
    lon, lat = buildings[int(np.argmin(away))]
    return float(lon), float(lat)
