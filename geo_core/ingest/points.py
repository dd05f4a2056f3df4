"""Checks that a point lies where its row says: in its declared municipality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import shapely

from geo_core.ingest.problems import Problems, Refusal

NULL_ISLAND: Final = 0.01
"""Degrees around 0, 0 that are a missing position, not a place."""


def check_points(
    frame: pd.DataFrame, municipalities: Mapping[str, Any], problems: Problems
) -> None:
    """Refuse rows whose `lon`, `lat` are not in the municipality `cod_istat`.

    Parameters
    ----------
    frame : DataFrame
        ``lon``, ``lat`` (degrees, WGS 84, already in range; None if empty) and ``cod_istat``.
    municipalities : Mapping
        Boundary (EPSG:4326) by six-digit ISTAT code.
    problems : Problems
        Receives what is refused.
    """
    for row, lon, lat, code in zip(
        frame.index, frame["lon"], frame["lat"], frame["cod_istat"], strict=True
    ):
        refusal = _misplaced(lon, lat, municipalities[code])
        if refusal is not None:
            problems.add(int(row), "lon, lat", refusal)


def _misplaced(lon: float | None, lat: float | None, area: Any) -> Refusal | None:
    if lon is None or lat is None:
        return Refusal("has no position", "give lon and lat, degrees, WGS 84")
    if abs(lon) < NULL_ISLAND and abs(lat) < NULL_ISLAND:
        return Refusal("is the point 0, 0", "a missing position is left empty, never 0")
    if shapely.intersects_xy(area, lon, lat):
        return None
    if shapely.intersects_xy(area, lat, lon):
        return Refusal("lies outside its municipality", "lon and lat are swapped")
    return Refusal("lies outside its municipality", "check lon and lat, or cod_istat")
