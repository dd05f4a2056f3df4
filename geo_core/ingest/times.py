"""Travel times that an office hands in, or that are made of a road network: `tempi.csv`.

A pair of cell and office that has no row is unreachable: there is no other way to say it, so that
no number stands for "far".
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.ingest.rules import IDENTIFIER
from geo_core.model import cells as h3_cells
from geo_core.sources import csv_chunks

TIMES: Final = "tempi"
COARSE: Final = 7
"""Resolution of a row that stands for every leaf cell in it that has no row of its own."""

_DAY: Final = 24 * 60
_OFFICES: Final = "the table sedi"


def columns(offices: Collection[str] | None = None) -> tuple[Column, ...]:
    """Return the columns of the table.

    Parameters
    ----------
    offices : collection of str, optional
        Codes that `id_sede` may name; any if left out.
    """
    return (
        Column("h3", "text", required=True, check=_cell),
        Column(
            "id_sede",
            "text",
            required=True,
            pattern=IDENTIFIER[0],
            expected=IDENTIFIER[1],
            codes=None if offices is None else frozenset(offices),
            codes_from=_OFFICES,
        ),
        Column("minuti", "number", required=True, low=0, high=_DAY),
        Column("km", "number", low=0, high=2_000),
        Column("metodo", "text", required=True),
    )


def check_times(
    path: Path, rows: pd.DataFrame, *, offices: Collection[str], cells: Collection[str]
) -> Checked[pd.DataFrame]:
    """Check travel times.

    Parameters
    ----------
    path : Path
        For messages only.
    rows : DataFrame
        Text: ``h3`` (resolution 7 or 8), ``id_sede``, ``minuti``, maybe ``km``, and ``metodo``,
        which says how they were found: the same in every row.
    offices : collection of str
        Codes that a row may name.
    cells : collection of str
        Leaf cells of the district.

    Returns
    -------
    Checked
        The same columns; `minuti` and `km` as float64, NaN where `km` is not given.
    """
    problems = Problems(path)
    typed = problems.remaining(read_columns(path, rows, columns(offices), problems))
    known = {*cells, *(h3_cells.parent(h3_cells.CellId(c), COARSE) for c in cells)}
    outside = Refusal("is a cell outside the district", "leave the row out")
    problems.add_where(~typed["h3"].isin(known), "h3", outside)
    again = typed.duplicated(["h3", "id_sede"])
    problems.add_where(again, "h3", Refusal("repeats an earlier row", "remove one of them"))
    hint = "find all times in one way, and write the same in every row"
    other = typed["metodo"] != (typed["metodo"].iloc[0] if len(typed) else "")
    problems.add_where(other, "metodo", Refusal("differs from the first row", hint))
    valid = problems.remaining(typed)
    return Checked(
        len(rows), valid.astype({"minuti": np.float64, "km": np.float64}), problems.listed()
    )


def read_times(
    folder: Path, *, offices: Collection[str], cells: Collection[str]
) -> Checked[pd.DataFrame]:
    """Read and check the table of an input folder; without a file it has no rows."""
    path = folder / f"{TIMES}.csv"
    if not path.exists():
        names = [column.name for column in columns()]
        return Checked(0, pd.DataFrame(columns=names, dtype=object), (), absent=True)
    return check_times(path, csv_chunks.read(path), offices=offices, cells=cells)


def _cell(text: str) -> Refusal | None:
    try:
        res = h3_cells.resolution(h3_cells.cell(text))
    except h3_cells.InvalidCell:
        return Refusal("is not an H3 cell", "15 hexadecimal characters, lower case")
    if res in {COARSE, h3_cells.LEAF}:
        return None
    hint = "write the cell of resolution 8 from which the time is, or one of 7 for all in it"
    return Refusal(f"is neither of resolution {COARSE} nor of {h3_cells.LEAF}", hint)
