"""The rows of the risk maps."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo_core.catalog import Catalog
from geo_core.ground import Ground, on_hexagons, own, resolution
from geo_core.indicators.composite import rank
from geo_core.indicators.demography import by_group
from geo_core.indicators.risk import FEWEST_FOR_A_SCORE, FEWEST_FOR_RELIABLE, fragility
from geo_core.model.indicator import Indicators
from geo_core.model.layer import Layer
from geo_core.place import population

DECIMALS: Final = 4
"""Decimals of published indicators and scores: far below their uncertainty."""


def municipalities(_layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the index of the municipalities of the province."""
    places = own(ground)[["cod_istat", "denominazione", "geometry"]]
    ages = ground.ages.loc[sorted(places["cod_istat"])]
    scored = _scored(ages, [int(code) for code in ages.index], ground.indicators, catalog)
    scored["rango"] = rank(scored["punteggio"].to_numpy(float))
    return places.merge(scored, left_on="cod_istat", right_index=True, validate="1:1").assign(
        id=lambda rows: rows["cod_istat"]
    )


def hexagons(layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the index of hexagons."""
    ages = population.coarsen(ground.cells, resolution(layer)).sort_index()
    keys = [int(cell, 16) for cell in ages.index]
    return on_hexagons(_scored(ages, keys, ground.indicators, catalog, fewest=FEWEST_FOR_A_SCORE))


def _scored(
    ages: pd.DataFrame, keys: list[int], indicators: Indicators, catalog: Catalog, fewest: int = 1
) -> pd.DataFrame:
    """Return the columns every risk layer shares: score, class in words, parts, method."""
    composite = indicators.composites["ifs"]
    found = fragility(
        by_group(ages.to_numpy()), keys, composite=composite, catalogue=indicators, fewest=fewest
    )
    out = pd.DataFrame(found.columns, index=ages.index).round(DECIMALS)
    known = out["punteggio"].notna()
    names = {int(c.code): c.title for c in catalog.codelists["classe"]}
    titles = [names.get(k) for k in out["classe"]]
    out["classe"] = out["classe"].astype("Int64").where(known)
    out["classe_nome"] = [t.it if t else None for t in titles]
    out["classe_nome_en"] = [t.en if t else None for t in titles]
    few = out["residenti"] < FEWEST_FOR_RELIABLE
    out["affidabilita"] = np.where(few, "bassa", "normale")
    out["stato"] = np.where(known, "published", "no-data")
    out["metodo_id"] = indicators.method
    out["riferimenti_id"] = indicators.goalposts_id
    return out
