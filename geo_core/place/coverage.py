"""Records by managing body: how many, and how precisely they are placed."""

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


def by_body(
    counts: pd.DataFrame,
    bodies: pd.DataFrame,
    *,
    population: pd.DataFrame,
    municipalities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Sum counts of places to the managing bodies they lie in.

    Parameters
    ----------
    counts : DataFrame
        ``anno``, ``luogo`` (leaf cell or ISTAT code), ``categoria``, ``n``.
    bodies, population, municipalities
        As in `placed_counts`.

    Returns
    -------
    DataFrame
        The same columns; ``luogo`` is the id of a body. What lies in municipalities without a
        body is left out.
    """
    town = _known_by_town(counts)
    towns = town_of(set(counts.loc[~town, "luogo"]), population, municipalities)
    places = counts["luogo"].map(lambda place: towns.get(place, place))
    named = counts.assign(luogo=places.map(body_of(bodies)))
    kept = named[named["luogo"].notna()]
    return kept.groupby(["anno", "luogo", "categoria"], sort=True)["n"].sum().reset_index()


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
    how = _known_by_town(together).map({True: BY_TOWN, False: BY_CELL}).astype(object)
    return by_body(
        together.assign(categoria=how), bodies, population=population, municipalities=municipalities
    )


def _known_by_town(counts: pd.DataFrame) -> pd.Series:
    return counts["luogo"].str.fullmatch("[0-9]{6}").astype(bool)
