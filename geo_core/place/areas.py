"""Municipalities and plain hexagons as areas."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from geo_core.model.cells import CellId, polygon

METRIC = "EPSG:32632"
"""UTM zone 32N, in which areas of the province are measured."""

WGS84 = "EPSG:4326"


def municipalities(
    boundaries: gpd.GeoDataFrame, *, now: pd.Series, before: pd.Series, year: int
) -> gpd.GeoDataFrame:
    """Return the rows of `comuni`.

    Parameters
    ----------
    boundaries : GeoDataFrame
        `cod_istat`, `denominazione`, `cod_catastale`, `cod_provincia`, `geometry`.
    now, before : Series
        Residents by `cod_istat` in `year` and one year earlier.
    year : int
        Year of `now`.
    """
    out = boundaries.copy()
    square_km = boundaries.to_crs(METRIC).area / 1e6
    out["id"] = out["cod_istat"]
    out["sup_km2"] = square_km.round(3)
    out["pop"] = out["cod_istat"].map(now).to_numpy()
    out["pop_anno"] = year
    out["pop_precedente"] = out["cod_istat"].map(before).to_numpy()
    out["densita_km2"] = (out["pop"] / square_km).round(1)
    return out


def hexagons(cells: Iterable[CellId]) -> gpd.GeoDataFrame:
    """Return plain hexagons: `id` and `h3` (the index as text) and the outline of the cell."""
    # Cells are text also where there are none.
    names = pd.Series(list(cells), dtype=str)
    return gpd.GeoDataFrame(
        {"id": names, "h3": names}, geometry=[polygon(c) for c in names], crs=WGS84
    )
