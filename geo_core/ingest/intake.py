"""Need records of the third sector: checked, de-duplicated, and reduced to counts.

Nothing of a single record leaves this module but its place in a count. Pseudonyms serve to
count a person once and are then dropped.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.problems import Problems, Refusal, RowProblem


@dataclass(frozen=True, slots=True)
class Intake:
    """What one file of need records came to.

    ``rows_in == accepted + merged + len(problems)``.

    Attributes
    ----------
    accepted : int
        Records that count.
    merged : int
        Records of a person who is counted by another record.
    problems : tuple of RowProblem
        One for each refused row.
    counts : DataFrame
        ``h3`` (leaf resolution), ``area_utenza``, ``n`` (persons, at least 1), sorted by both;
        each person once, by main need. This alone goes on to the next stage.
    """

    rows_in: int
    accepted: int
    merged: int
    problems: tuple[RowProblem, ...]
    counts: pd.DataFrame


def check_needs(path: Path, rows: pd.DataFrame, *, columns: Collection[Column]) -> Intake:
    """Check need records and count persons by cell and main need.

    A record with a pseudonym counts one person; of the records with the same pseudonym the one
    of the earliest month counts (the first in the file among equals). Other records count
    `n_persone`.

    Parameters
    ----------
    path : Path
        File the rows come from; only its name is used.
    rows : DataFrame
        Text, indexed by row number, as `geo_core.sources.csv.read` returns.
    columns : Collection[Column]
        The rules of the columns, from `geo_core.ingest.kinds`.

    Raises
    ------
    IngestError
        A column is missing or unknown: then no row is read.
    """
    problems = Problems(path)
    records = problems.remaining(read_columns(path, rows, columns, problems))
    _check_across(records, problems)
    valid = problems.remaining(records)
    counted = _one_per_person(valid)
    return Intake(
        rows_in=len(rows),
        accepted=len(counted),
        merged=len(valid) - len(counted),
        problems=problems.listed(),
        counts=_count(counted),
    )


def _check_across(records: pd.DataFrame, problems: Problems) -> None:
    """Check what holds between the cells of one row."""
    pairs = zip(records["area_utenza"], records["bisogni"], strict=True)
    absent = pd.Series([main not in needs for main, needs in pairs], index=records.index)
    problems.add_where(absent, "bisogni", Refusal("does not list the main need of area_utenza"))
    several = records["pseudonimo"].notna() & (records["n_persone"] != 1)
    problems.add_where(
        several,
        "n_persone",
        Refusal("is not 1 although the pseudonym stands for one person"),
    )


def _one_per_person(records: pd.DataFrame) -> pd.DataFrame:
    ordered = records.sort_values("periodo", kind="stable")
    known = ordered["pseudonimo"].notna()
    again = known & ordered["pseudonimo"].duplicated()
    return ordered.loc[~again, ["unita_luogo", "area_utenza", "n_persone"]]


def _count(records: pd.DataFrame) -> pd.DataFrame:
    named = records.rename(columns={"unita_luogo": "h3", "n_persone": "n"})
    named["n"] = named["n"].astype("int64")
    counts = named.groupby(["h3", "area_utenza"], sort=True)["n"].sum().reset_index()
    return counts[["h3", "area_utenza", "n"]]
