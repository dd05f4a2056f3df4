"""The rows of what is in reach."""

from __future__ import annotations

import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ground import Ground, on_hexagons, resolution
from geo_core.indicators.reach import reach
from geo_core.model.layer import Layer
from geo_core.place import population


def within_reach(layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    """Return what every inhabited cell has in reach."""
    register = ground.handed.register
    reached = reach(
        population.coarsen(ground.cells, resolution(layer)),
        register["sedi"],
        register["servizi"],
        how=ground.indicators.accessibility,
        fields=layer.field_names,
    )
    return on_hexagons(reached)
