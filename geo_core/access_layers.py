"""The rows of what is in reach."""

from __future__ import annotations

import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ground import Ground, on_hexagons, resolution
from geo_core.indicators.borders import borders
from geo_core.indicators.reach import coarsen, told_of
from geo_core.ingest.bodies import members_on
from geo_core.model.layer import Layer


def within_reach(layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    """Return what every inhabited cell has in reach."""
    rows = on_hexagons(coarsen(ground.reached, resolution(layer)))
    return rows[[name for name in rows if name in {"id", "geometry", *layer.field_names}]]


def at_borders(layer: Layer, ground: Ground, _catalog: Catalog) -> pd.DataFrame:
    """Return what both sides of every border between managing bodies have in reach."""
    members = members_on(ground.handed.membership, ground.district.reference_date)
    rows = borders(
        ground.municipalities,
        {code: name for name, codes in members.items() for code in codes},
        ground.reached,
        ground.handed.population,
        kinds=list(ground.indicators.accessibility.services),
    )
    if not len(rows):  # one body alone
        return rows.reindex(columns=[*layer.field_names, "geometry"])
    how, wanted = ground.indicators.accessibility, {"id", "geometry", *layer.field_names}
    shown = [kind for kind in how.services if f"min_a_{kind}" in wanted]
    rows["metodo_costo"] = told_of(ground.reached["metodo_costo"].iloc[0], how, shown)
    return rows[[name for name in rows if name in wanted]]
