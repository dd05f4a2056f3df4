"""Counts of a census or of an office's own books, by municipality or body: `conteggi.csv`.

They are what indicators need that no other table holds: families, titles of study, employed
persons, foreigners, social workers. Counts of a census are published by the statistical office.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.sources import csv_chunks

COUNTS: Final = "conteggi"
OF_BODIES: Final = "OFF02"
"""Of managing bodies, and no whole number: the others are of municipalities."""
INDICATORS: Final = ("FAM01", "FAM02", "EDU01", "LAV01", "STR01", OF_BODIES)
_OLDEST: Final = 2001
_MOST: Final = 10_000_000


def columns(units: Collection[str] | None = None, *, year: int = 2100) -> tuple[Column, ...]:
    """Return the columns of the table.

    Parameters
    ----------
    units : collection of str, optional
        Codes that `unita` may name; any if left out.
    year : int
        The last one that `anno` may name.
    """
    known = None if units is None else frozenset(units)
    return (
        Column("indicatore", "text", required=True, codes=frozenset(INDICATORS)),
        Column(
            "unita",
            "text",
            required=True,
            codes=known,
            codes_from="the municipalities and bodies of the district",
        ),
        Column("anno", "integer", required=True, low=_OLDEST, high=year),
        Column("numeratore", "number", required=True, low=0, high=_MOST),
        Column("denominatore", "integer", required=True, low=1, high=_MOST),
    )


def check_counts(
    path: Path, rows: pd.DataFrame, *, towns: Collection[str], bodies: Collection[str], year: int
) -> Checked[pd.DataFrame]:
    """Check counts.

    Parameters
    ----------
    path : Path
        For messages only.
    rows : DataFrame
        Text: ``indicatore``, ``unita`` (a municipality; of `OF_BODIES` a managing body),
        ``anno``, ``numeratore`` and ``denominatore``.
    towns, bodies : collection of str
        Codes of the municipalities and bodies of the district.
    year : int
        Reference year.

    Returns
    -------
    Checked
        The same columns; `numeratore` as float64.
    """
    problems = Problems(path)
    typed = problems.remaining(
        read_columns(path, rows, columns({*towns, *bodies}, year=year), problems)
    )
    of_body = typed["indicatore"] == OF_BODIES
    fits = np.where(of_body, typed["unita"].isin(set(bodies)), typed["unita"].isin(set(towns)))
    kind = Refusal(
        "is not the kind of unit of this indicator",
        "OFF02 is of managing bodies, the others are of municipalities",
    )
    problems.add_where(~pd.Series(fits, typed.index), "unita", kind)
    whole = typed["numeratore"] == typed["numeratore"].round()
    broken = Refusal("is no whole number", "count persons or families")
    problems.add_where(~of_body & ~whole, "numeratore", broken)
    more = Refusal("is more than the denominator", "the part cannot be more than the whole")
    problems.add_where(typed["numeratore"] > typed["denominatore"], "numeratore", more)
    again = typed.duplicated(["indicatore", "unita", "anno"])
    problems.add_where(again, "unita", Refusal("repeats an earlier row", "remove one of them"))
    valid = problems.remaining(typed)
    return Checked(len(rows), valid.astype({"numeratore": np.float64}), problems.listed())


def read_counts(
    folder: Path, *, towns: Collection[str], bodies: Collection[str], year: int
) -> Checked[pd.DataFrame]:
    """Read and check the table of an input folder; without a file it has no rows."""
    path = folder / f"{COUNTS}.csv"
    if not path.exists():
        names = [column.name for column in columns()]
        return Checked(0, pd.DataFrame(columns=names, dtype=object), (), absent=True)
    return check_counts(path, csv_chunks.read(path), towns=towns, bodies=bodies, year=year)
