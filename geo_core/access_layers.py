"""The rows of what is in reach."""

from __future__ import annotations

import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ground import Ground, on_hexagons, resolution
from geo_core.indicators.reach import coarsen
from geo_core.model.layer import Layer


def within_reach(layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    """Return what every inhabited cell has in reach."""
    rows = on_hexagons(coarsen(ground.reached, resolution(layer)))
    return rows[[name for name in rows if name in {"id", "geometry", *layer.field_names}]]
