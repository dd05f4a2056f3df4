"""Rows of a register made into those of a layer, where the names beside codes do not matter."""

from __future__ import annotations

import geopandas as gpd

from geo_core.ingest.beside import NAMED_BY, with_names
from geo_core.ingest.complete import complete
from geo_core.model.layer import Layer

_NOBODY = {code: dict[str, str]() for code in NAMED_BY.values()}


def completed(rows: gpd.GeoDataFrame, layer: Layer, *, day: str = "2023-12-31") -> gpd.GeoDataFrame:
    """Return the rows of a layer; no code has a name."""
    return complete(with_names(rows, layer.field_names, _NOBODY), layer, reference_date=day)
