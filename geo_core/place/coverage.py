"""How precisely the records of each managing body are placed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.place.towns import town_of

BY_CELL: Final = "cella"
BY_TOWN: Final = "comune"


def body_of(bodies: pd.DataFrame) -> dict[str, str]:
    """Return the body of each municipality, from the `comuni` of the layer `ambiti`."""
    return {
        code: str(ident)
        for ident, codes in zip(bodies["id"], bodies["comuni"], strict=True)
        for code in str(codes).split(";")
    }


def placed_counts(
    counts: Iterable[pd.DataFrame],
    bodies: pd.DataFrame,
    *,
    population: pd.DataFrame,
    municipalities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Count persons by body: placed by their cell, or known by their municipality alone.

    Parameters
    ----------
    counts : iterable of DataFrame
        ``anno``, ``luogo`` (leaf cell or ISTAT code), ``categoria``, ``n``, one for each table.
    bodies : DataFrame
        ``id``, ``comuni`` (codes, separated by semicolons).
    population : DataFrame
        ``cod_istat``, ``h3``, ``n``.
    municipalities : GeoDataFrame
        ``cod_istat``, ``geometry``.

    Returns
    -------
    DataFrame
        ``anno``, ``luogo`` (id of a body), ``categoria`` (`BY_CELL`, `BY_TOWN`), ``n``. Persons
        in municipalities without a body are left out.
    """
    together = pd.concat([part[["anno", "luogo", "n"]] for part in counts])
    town = together["luogo"].str.fullmatch("[0-9]{6}").astype(bool)
    towns = town_of(set(together.loc[~town, "luogo"]), population, municipalities)
    places = together["luogo"].map(lambda place: towns.get(place, place))
    body = places.map(body_of(bodies))
    categories = town.map({True: BY_TOWN, False: BY_CELL}).astype(object)
    named = together.assign(luogo=body, categoria=categories)
    kept = named[named["luogo"].notna()]
    return kept.groupby(["anno", "luogo", "categoria"], sort=True)["n"].sum().reset_index()
