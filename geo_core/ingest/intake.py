"""Need records of the third sector: checked, de-duplicated, and reduced to counts.

Nothing of a single record leaves this module but its place in a count. Pseudonyms serve to
count a person once and are then dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.ingest.columns import Column, read_columns, suspected
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.model import cells as h3_cells
from geo_core.model.manifest import Code

MAX_NEEDS: Final = 3
MAX_PERSONS: Final = 50
"""Most persons of one record: more is a total that was not meant to be a record."""

COORDINATE: Final = re.compile(r"-?\d{1,3}[.,]\d+(\s*[,; ]\s*-?\d{1,3}[.,]\d+)?")

_CODED: Final = {
    # column: code list; these may be empty
    "prestazione": "prestazione",
    "fascia_eta": "fascia_eta",
    "sesso": "sesso",
    "nucleo": "nucleo",
    "cittadinanza": "cittadinanza",
    "esito": "esito",
    "canale": "canale",
}


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


def check_needs(  # noqa: PLR0913 - each is a different thing a row is held against
    path: Path,
    rows: pd.DataFrame,
    *,
    year: int,
    cells: Collection[str],
    codelists: Mapping[str, Collection[Code]],
    organisations: Collection[str],
) -> Intake:
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
    year : int
        Calendar year that every record must fall in.
    cells : Collection[str]
        Cells of the district at the leaf resolution.
    codelists : Mapping
        Code lists by name, as in `geo_core.catalog.Catalog`.
    organisations : Collection[str]
        Accepted values of `id_org`.

    Raises
    ------
    IngestError
        A column is missing or unknown: then no row is read.
    """
    problems = Problems(path)
    columns = _columns(year, frozenset(cells), codelists, frozenset(organisations))
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


def _columns(
    year: int,
    cells: frozenset[str],
    codelists: Mapping[str, Collection[Code]],
    organisations: frozenset[str],
) -> tuple[Column, ...]:
    codes = {name: frozenset(c.code for c in entries) for name, entries in codelists.items()}
    areas = codes["area_utenza"]
    return (
        Column("id_org", "text", required=True, codes=organisations),
        Column("periodo", "text", required=True, check=lambda text: _month(text, year)),
        Column("unita_luogo", "text", required=True, check=lambda text: _place(text, cells)),
        Column("area_utenza", "text", required=True, codes=areas),
        Column("bisogni", "codes", required=True, codes=areas, max_items=MAX_NEEDS),
        *(Column(name, "text", codes=codes[codelist]) for name, codelist in _CODED.items()),
        Column("n_persone", "integer", required=True, low=1, high=MAX_PERSONS),
        Column(
            "pseudonimo",
            "text",
            pattern="[0-9a-f]{32}",
            expected="a pseudonym of 32 hexadecimal characters in lower case",
        ),
    )


def _month(text: str, year: int) -> Refusal | None:
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) is None:
        return suspected(text, Refusal("is not a month", f"write it as {year}-01"))
    if not text.startswith(f"{year:04d}-"):
        return Refusal(f"is a month outside the year {year}")
    return None


def _place(text: str, cells: frozenset[str]) -> Refusal | None:
    """Refuse everything but a cell of the district at the leaf resolution."""
    if text in cells:
        return None
    if COORDINATE.fullmatch(text):
        return _too_fine()
    if re.fullmatch("[0-9]{6}", text):
        return Refusal(
            "is a municipality instead of a cell",
            "records known by municipality only cannot be allotted to cells yet",
        )
    try:
        res = h3_cells.resolution(h3_cells.cell(text))
    except h3_cells.InvalidCell:
        return suspected(text, Refusal("is not an H3 cell", "15 hexadecimal characters"))
    return _wrong_cell(res)


def _wrong_cell(res: int) -> Refusal:
    if res > h3_cells.LEAF:
        return _too_fine()
    if res < h3_cells.LEAF:
        return Refusal(f"is a cell of resolution {res}, coarser than {h3_cells.LEAF}")
    return Refusal("is a cell outside the district")


def _too_fine() -> Refusal:
    return Refusal(
        "holds coordinates finer than a cell",
        f"write the H3 cell of resolution {h3_cells.LEAF} and nothing finer",
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
