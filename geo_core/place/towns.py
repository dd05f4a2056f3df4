"""Cells and municipalities: a leaf cell on a border lies in several."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_core.model import cells as h3_cells


def town_of(
    cells: Collection[str], population: pd.DataFrame, municipalities: gpd.GeoDataFrame
) -> dict[str, str]:
    """Return the municipality of each cell: where most of its residents live.

    A cell where nobody lives goes to the municipality nearest to its centre, ties to the
    smallest code.

    Parameters
    ----------
    cells : collection of str
        Leaf cells.
    population : DataFrame
        ``cod_istat``, ``h3``, ``n``.
    municipalities : GeoDataFrame
        ``cod_istat``, ``geometry`` (EPSG:4326).
    """
    lived = population[(population["n"] > 0) & population["h3"].isin(set(cells))]
    shares = lived.groupby(["h3", "cod_istat"], sort=True)["n"].sum().reset_index()
    most = shares.sort_values(["n", "cod_istat"], ascending=[False, True], kind="stable")
    found: dict[str, str] = dict(
        most.drop_duplicates("h3")[["h3", "cod_istat"]].itertuples(index=False, name=None)
    )
    empty = sorted(set(cells) - set(found))
    shapes = municipalities.sort_values("cod_istat")
    for cell in empty:
        point = shapely.Point(h3_cells.centre(h3_cells.cell(cell)))
        nearest = int(np.argmin(shapely.distance(shapes.geometry.to_numpy(), point)))
        found[cell] = str(shapes["cod_istat"].iloc[nearest])
    return found


def residents_by_cell(population: pd.DataFrame, body: Mapping[str, str]) -> pd.DataFrame:
    """Return the residents of each municipality in each cell: the rows of `celle_comuni`.

    Parameters
    ----------
    population : DataFrame
        ``cod_istat``, ``h3`` (leaf cell), ``n``; further rows of a pair are summed.
    body : mapping
        Managing body by municipality; those in none are not in it.

    Returns
    -------
    DataFrame
        ``id``, ``h3``, ``cod_istat``, ``cod_ambito`` (None without a body), ``residenti``: pairs
        in which somebody lives, sorted by cell and municipality.
    """
    lived = population[population["n"] > 0].groupby(["h3", "cod_istat"], sort=True)["n"].sum()
    rows = lived.rename("residenti").reset_index()
    rows["id"] = rows["h3"] + "_" + rows["cod_istat"]
    bodies = [body.get(str(code)) for code in rows["cod_istat"]]
    rows["cod_ambito"] = pd.Series(bodies, dtype=object)
    return rows
