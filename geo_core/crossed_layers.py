"""The rows of layers that cross two others."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo_core import risk_layers
from geo_core.catalog import Catalog
from geo_core.ground import Ground, resolution
from geo_core.indicators.bivariate import crossed, thirds
from geo_core.indicators.reach import coarsen, told_of
from geo_core.model.layer import Layer

DECIMALS: Final = 4
"""Decimals of the bounds of thirds, as of the scores and minutes that they part."""

DESK: Final = "min_sportello_sociale"
"""The access that risk is crossed with: the desk is the door of every other service, and has no
places that 2SFCA could share out."""

STATUS: Final = ("published", "no-access", "no-risk", "no-data")
"""By what is missing: nothing, access (1), risk (2), both (3)."""


def risk_and_access(layer: Layer, ground: Ground, catalog: Catalog) -> pd.DataFrame:
    """Return the risk of hexagons crossed with their distance from the nearest social desk."""
    res = resolution(layer)
    scored = risk_layers.scores_of_hexagons(res, ground, catalog)
    reached = coarsen(ground.reached, res).reindex(scored["h3"])
    kept = ("id", "h3", "geometry", "residenti", "punteggio", "affidabilita", "metodo_id")
    rows = scored[[name for name in scored if name in kept]].copy()
    rows[DESK] = reached[DESK].to_numpy()
    how, kind = ground.indicators.accessibility, DESK.removeprefix("min_")
    said = reached["metodo_costo"].map(lambda text: told_of(text, how, [kind]), na_action="ignore")
    rows["metodo_costo"] = said.to_numpy()
    risk = thirds(rows["punteggio"].to_numpy(np.float64, na_value=np.nan), decimals=DECIMALS)
    access = thirds(rows[DESK].to_numpy(np.float64), decimals=DECIMALS)
    for name, found in (("rischio", risk), ("accesso", access)):
        rows[f"terzo_{name}"] = pd.Series(found.third, rows.index).astype("Int64").replace(0, pd.NA)
        rows[f"soglia_{name}_1"], rows[f"soglia_{name}_2"] = found.breaks
    classes = crossed(risk.third, access.third)
    rows["classe"] = pd.Series(classes, rows.index).astype("Int64").replace(0, pd.NA)
    words = {int(c.code): c.title for c in catalog.codelists["rischio_accesso"]}
    rows["classe_nome"] = [words[k].it if k else None for k in classes.tolist()]
    rows["classe_nome_en"] = [words[k].en if k else None for k in classes.tolist()]
    lacking = 2 * (risk.third == 0) + (access.third == 0)
    rows["stato"] = [STATUS[lack] for lack in lacking.tolist()]
    return rows
