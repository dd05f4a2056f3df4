"""Residents by single year of age, per municipality or per hexagon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo_core.model.cells import CellId, parent

AGES = 101
"""Single years 0 to 99, and 100 or more."""

BANDS: dict[str, tuple[int, int]] = {
    "p0_2": (0, 2),
    "p3_5": (3, 5),
    "p6_13": (6, 13),
    "p14_17": (14, 17),
    "p18_34": (18, 34),
    "p35_64": (35, 64),
    "p65_74": (65, 74),
    "p75p": (75, 100),
}
"""Age bands of `popolazione_h3`: first and last age, both included."""

MISPLACED: dict[tuple[str, int], float] = {("areale", 6): 29.0, ("areale", 7): 60.0}
"""Residents per 100 that a method puts in another cell than theirs, by method and resolution.

Measured on the invented settlement of the district (docs/decisions/0028-risk.md). Of other methods
it is not known.
"""


def ages_by(rows: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Count residents by unit and age.

    Parameters
    ----------
    rows : DataFrame
        Columns `unit`, `eta` (0-100) and `n` (persons); further columns are summed over.
    unit : str
        Column to count by: `cod_istat` or `h3`.

    Returns
    -------
    DataFrame
        One row per unit in ascending order, columns 0 to 100, persons. Its total is that of
        `rows`.
    """
    table = rows.pivot_table(index=unit, columns="eta", values="n", aggfunc="sum", fill_value=0)
    return table.reindex(columns=range(AGES), fill_value=0).sort_index().astype(np.int64)


def coarsen(ages: pd.DataFrame, res: int) -> pd.DataFrame:
    """Sum residents per cell up the index to a coarser resolution.

    Parameters
    ----------
    ages : DataFrame
        What `ages_by` returns for `h3`.
    res : int
        Resolution of the result, not finer than that of `ages`.
    """
    parents = pd.Index([parent(CellId(cell), res) for cell in ages.index], name="h3")
    return ages.groupby(parents).sum().sort_index()


def method(people: pd.DataFrame, res: int, *, otherwise: str) -> pd.Series:
    """Return by which method most residents of each cell were placed.

    Parameters
    ----------
    people : DataFrame
        `h3` (leaf cells), `n` (persons), `metodo` (a code, or None).
    res : int
        Resolution of the result, not finer than that of `people`.
    otherwise : str
        Code for rows that do not tell.
    """
    up = {cell: parent(CellId(cell), res) for cell in people["h3"].unique()}
    told = people.assign(
        h3=people["h3"].map(up), metodo=people["metodo"].astype(object).fillna(otherwise)
    )
    counted = told.pivot_table(index="h3", columns="metodo", values="n", aggfunc="sum")
    most: pd.Series = counted.fillna(0).idxmax(axis=1)
    return most


def bands(ages: pd.DataFrame) -> pd.DataFrame:
    """Return residents in all (`pop`) and by the age bands of `BANDS`; the bands sum to `pop`."""
    values = ages.to_numpy()
    out = pd.DataFrame({"pop": values.sum(axis=1)}, index=ages.index)
    for name, (first, last) in BANDS.items():
        out[name] = values[:, first : last + 1].sum(axis=1)
    return out
