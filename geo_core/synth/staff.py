"""Invented counts of an office's own books: social workers of each managing body."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

WORKERS: Final = "OFF02"
"""The indicator that they are counted for."""

PER_WORKER: Final = (4_000, 8_000)
"""Residents per social worker: around the essential level, one per 5,000."""


def staff(
    members: pd.DataFrame, population: pd.DataFrame, year: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return rows of `conteggi.csv`.

    Parameters
    ----------
    members : DataFrame
        ``cod_istat``, ``cod_ambito``: each municipality in one body.
    population : DataFrame
        ``cod_istat``, ``n``.

    Returns
    -------
    DataFrame
        ``indicatore``, ``unita``, ``anno``, ``numeratore`` (full-time equivalents to a half) and
        ``denominatore`` (residents). A body where nobody lives has no row.
    """
    people = population.groupby("cod_istat")["n"].sum()
    lived = members["cod_istat"].map(people).fillna(0).groupby(members["cod_ambito"]).sum()
    lived = lived[lived > 0].sort_index()
    workers = np.round(2 * lived.to_numpy() / rng.uniform(*PER_WORKER, len(lived))) / 2
    return pd.DataFrame(
        {
            "indicatore": WORKERS,
            "unita": lived.index,
            "anno": year,
            "numeratore": workers,
            "denominatore": lived.to_numpy(dtype=np.int64),
        }
    )
