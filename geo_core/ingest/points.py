"""Checks that a point lies where its row says: in its declared municipality."""

from __future__ import annotations

from typing import Any, Final

import shapely

from geo_core.ingest.problems import Refusal

NULL_ISLAND: Final = 0.01
"""Degrees around 0, 0 that are a missing position, not a place."""


def misplaced(lon: float | None, lat: float | None, area: Any) -> Refusal | None:
    """Return why a point is not where its row says, or None.

    Parameters
    ----------
    lon, lat : float | None
        Degrees, WGS 84, already in range; None if empty.
    area : geometry
        Boundary of the declared municipality (EPSG:4326).
    """
    if lon is None or lat is None:
        return Refusal("has no position", "give lon and lat, degrees, WGS 84")
    if abs(lon) < NULL_ISLAND and abs(lat) < NULL_ISLAND:
        return Refusal("is the point 0, 0", "a missing position is left empty, never 0")
    if shapely.intersects_xy(area, lon, lat):
        return None
    if shapely.intersects_xy(area, lat, lon):
        return Refusal("lies outside its municipality", "lon and lat are swapped")
    return Refusal("lies outside its municipality", "check lon and lat, or cod_istat")
