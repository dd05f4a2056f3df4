"""Which real municipalities and residents the invented district is made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.sources import geopop

PROVINCE: Final = "002"
YEAR: Final = 2023
REGION: Final = ("001", "002", "003", "004", "005", "006", "096", "103")
"""The provinces of Piedmont: the district grows over these before any other."""


@dataclass(frozen=True)
class Extent:
    """Real municipalities, and the residents to settle there.

    Attributes
    ----------
    municipalities : GeoDataFrame
        As `geo_core.sources.geopop.municipalities` gives them, ordered by code.
    population : dict of DataFrame
        By year: ``cod_istat``, ``eta``, ``sesso``, ``n``, every combination.
    drawn : bool
        The residents are a random part of the real ones, so no total is an official one.
    """

    municipalities: gpd.GeoDataFrame
    population: dict[int, pd.DataFrame]
    drawn: bool = False

    @property
    def residents(self) -> pd.Series:
        """Residents of `YEAR` by municipality."""
        return self.population[YEAR].groupby("cod_istat")["n"].sum()


def extent(
    rng: np.random.Generator, *, members: Collection[str] = (), residents: int | None = None
) -> Extent:
    """Choose municipalities and residents.

    Without `residents` these are the province and the `members`, with all who live there. More
    residents than that: real municipalities are added whole, with their real totals, province
    by province (those of the region first, the nearest first), until there are enough; so the
    sum exceeds what was asked by less than the last municipality. Fewer: every municipality
    stays, and exactly that many of its real residents are drawn without replacement.

    Parameters
    ----------
    rng : Generator
        Draws the residents that stay.
    members : collection of str
        ISTAT codes of further municipalities.
    residents : int | None
        How many residents are wanted.

    Raises
    ------
    SourceError
        The real figures cannot be read.
    """
    own = sorted({PROVINCE, *(code[:3] for code in members)})
    near = _read(own)
    inside = near.municipalities["cod_provincia"].eq(PROVINCE)
    wanted = inside | near.municipalities["cod_istat"].isin(list(members))
    whole = _only(near, near.municipalities.loc[wanted, "cod_istat"])
    if residents is None or residents == whole.residents.sum():
        return whole
    if residents < whole.residents.sum():
        return _fewer(whole, residents, rng)
    return _more(whole, residents)


def _read(provinces: Sequence[str | None]) -> Extent:
    return Extent(
        pd.concat([geopop.municipalities(p) for p in provinces], ignore_index=True),
        {
            year: pd.concat([geopop.population(year, p) for p in provinces], ignore_index=True)
            for year in geopop.YEARS
        },
    )


def _only(given: Extent, codes: Collection[str]) -> Extent:
    """Keep these municipalities, unless nobody is counted there."""
    counted = set(given.population[YEAR]["cod_istat"])
    kept = set(codes) & counted
    places = given.municipalities
    return Extent(
        places[places["cod_istat"].isin(kept)].sort_values("cod_istat", ignore_index=True),
        {
            year: rows[rows["cod_istat"].isin(kept)].reset_index(drop=True)
            for year, rows in given.population.items()
        },
    )


def _fewer(whole: Extent, residents: int, rng: np.random.Generator) -> Extent:
    share = residents / whole.residents.sum()
    return Extent(
        whole.municipalities,
        {year: _drawn(rows, share, rng) for year, rows in whole.population.items()},
        drawn=True,
    )


def _drawn(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    n = rows["n"].to_numpy()
    kept = rng.multivariate_hypergeometric(n, round(share * n.sum()), method="marginals")
    return rows.assign(n=kept)


def _more(whole: Extent, residents: int) -> Extent:
    own = set(whole.municipalities["cod_provincia"])
    near = _read(sorted(own.union(REGION)))
    # All of Italy takes ten times as long to read, and is seldom asked for.
    wide = near if near.residents.sum() >= residents else _read([None])
    drawable = _only(wide, wide.municipalities["cod_istat"])
    order = _from_here(drawable.municipalities, set(whole.municipalities["cod_istat"]))
    reached = drawable.residents.reindex(order).cumsum().to_numpy()
    enough = int(np.searchsorted(reached, residents)) + 1
    return _only(drawable, order[:enough])


def _from_here(places: gpd.GeoDataFrame, present: set[str]) -> list[str]:
    """Order municipalities: those present, then province by province, the nearest first."""
    bounds = places.bounds
    frame = pd.DataFrame(
        {
            "cod_istat": places["cod_istat"],
            "provincia": places["cod_provincia"],
            "x": (bounds["minx"] + bounds["maxx"]) / 2,
            "y": (bounds["miny"] + bounds["maxy"]) / 2,
        }
    )
    here = frame.loc[frame["provincia"] == PROVINCE, ["x", "y"]].mean()
    # One degree of longitude is about 0.7 of one of latitude here.
    frame["away"] = np.hypot(0.7 * (frame["x"] - here["x"]), frame["y"] - here["y"])
    frame["province_away"] = frame.groupby("provincia")["away"].transform("mean")
    frame["new"] = ~frame["cod_istat"].isin(present)
    frame["abroad"] = ~frame["provincia"].isin(REGION)
    by = ["new", "abroad", "province_away", "away", "cod_istat"]
    order: list[str] = frame.sort_values(by)["cod_istat"].tolist()
    return order
