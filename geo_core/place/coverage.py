"""How complete and how precise the records of each managing body are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.place.towns import town_of

BY_CELL: Final = "cella"
BY_TOWN: Final = "comune"

ENOUGH: Final = 10
"""Records of a year from which an organisation counts as one that reports. With one alone, the
figure would tell that somebody went there."""


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


def sources(
    reported: Iterable[pd.DataFrame], organisations: pd.DataFrame, bodies: pd.DataFrame
) -> pd.DataFrame:
    """Count the organisations of each body that ever reported, and those that still do.

    An organisation belongs to the body of the municipality of its seat.

    Parameters
    ----------
    reported : iterable of DataFrame
        ``anno``, ``id_org``, ``n`` (records), one for each table.
    organisations : DataFrame
        ``id``, ``cod_istat``.
    bodies : DataFrame
        ``id``, ``comuni``.

    Returns
    -------
    DataFrame
        Index: id of every body. ``fonti_attese``: organisations with `ENOUGH` records in some
        year; ``fonti_attive``: those with `ENOUGH` in the latest year; ``quota_fonti``: percent,
        missing where none is expected.
    """
    together = pd.concat(list(reported)).groupby(["anno", "id_org"])["n"].sum().reset_index()
    enough = together[together["n"] >= ENOUGH]
    seats = organisations.set_index("id")["cod_istat"].map(body_of(bodies))
    ever = _by_body(enough["id_org"].unique(), seats)
    latest = enough[enough["anno"] == together["anno"].max()]
    out = pd.DataFrame(index=pd.Index(bodies["id"].astype(object), name="id"))
    out["fonti_attese"] = out.index.map(ever).fillna(0).astype("int64")
    now = _by_body(latest["id_org"].unique(), seats)
    out["fonti_attive"] = out.index.map(now).fillna(0).astype("int64")
    share = 100 * out["fonti_attive"] / out["fonti_attese"].where(out["fonti_attese"] > 0)
    out["quota_fonti"] = share.round(1).astype("Float64")
    return out


def _by_body(names: Iterable[str], seats: Mapping[str, str]) -> dict[str, int]:
    bodies = [seats.get(name) for name in names]
    return {b: bodies.count(b) for b in set(bodies) if isinstance(b, str)}
