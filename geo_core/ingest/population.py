"""Checks population by cell, age and sex, and holds it against the official totals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.errors import DisclosureError, IngestError
from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.ingest.rules import MUNICIPALITIES
from geo_core.model import cells

OLDEST: Final = 100
"""The last age stands for 100 and over."""

METHODS: Final = frozenset({"areale", "dasimetrico", "sintetico"})
"""Codes of the list `metodo_popolazione`."""

_NOT_KNOWN: Final = frozenset({"areale", "sintetico"})
_KEY: Final = ["cod_istat", "h3", "eta", "sesso"]


def check_population(
    path: Path, rows: pd.DataFrame, *, municipalities: Collection[str]
) -> Checked[pd.DataFrame]:
    """Check population by cell.

    Parameters
    ----------
    path : Path
        For messages only.
    rows : DataFrame
        Text: ``cod_istat``, ``h3`` (leaf resolution), ``eta`` (0-100), ``sesso`` (F or M),
        ``n`` (persons), and maybe ``metodo``.
    municipalities : Collection[str]
        Accepted ISTAT codes.

    Returns
    -------
    Checked
        The same columns, `eta` and `n` as int64; `metodo` is None where the file does not tell.
        A cell may belong to several municipalities.
    """
    problems = Problems(path)
    columns = (
        Column(
            "cod_istat",
            "text",
            required=True,
            codes=frozenset(municipalities),
            codes_from=MUNICIPALITIES,
        ),
        Column("h3", "text", required=True, check=_leaf),
        Column("eta", "integer", required=True, low=0, high=OLDEST),
        Column("sesso", "text", required=True, codes=frozenset({"F", "M"})),
        Column("n", "integer", required=True, low=0, high=1_000_000),
        Column("metodo", "text", codes=METHODS),
    )
    typed = problems.remaining(read_columns(path, rows, columns, problems))
    again = typed.duplicated(_KEY)
    problems.add_where(again, "h3", Refusal("repeats an earlier row", "remove one of them"))
    valid = problems.remaining(typed).astype({"eta": "int64", "n": "int64"})
    return Checked(len(rows), valid, problems.listed())


def unplaced(people: pd.DataFrame, official: pd.DataFrame, *, province: str) -> tuple[str, ...]:
    """Return the municipalities of other provinces of which no resident is in a cell.

    A body may gain a member before anybody knows where its people live. In the province itself
    that is an error, which `reconcile` finds.
    """
    codes = set(official["cod_istat"]) - set(people["cod_istat"])
    return tuple(sorted(code for code in codes if not code.startswith(province)))


def reconcile(people: pd.DataFrame, official: pd.DataFrame) -> None:
    """Raise unless the cells' population sums to the official one, person for person.

    Parameters
    ----------
    people : DataFrame
        As `check_population` returns.
    official : DataFrame
        ``cod_istat``, ``eta``, ``sesso``, ``n``.

    Raises
    ------
    IngestError
        A total by municipality, age and sex differs; names the first municipality.
    """
    by = ["cod_istat", "eta", "sesso"]
    difference = people.groupby(by)["n"].sum().sub(official.groupby(by)["n"].sum(), fill_value=0)
    wrong = difference[difference != 0]
    if len(wrong):
        places = sorted({code for code, _, _ in wrong.index})
        raise IngestError(
            f"population by cell differs from the official figures in {len(places)} "
            f"municipalities, first {places[0]}",
            hint="totals by municipality, age and sex must be kept to the person",
        )


def refuse_unknown(people: pd.DataFrame, real: Sequence[str]) -> None:
    """Raise `DisclosureError` if nobody knows where residents live and real records are there.

    Residents decide which areas are published. Spread over fields and woods, they would make an
    area of a hundred out of a few houses.

    Parameters
    ----------
    people : DataFrame
        As `check_population` returns.
    real : sequence of str
        Tables with real records that are published on areas.
    """
    unknown = sorted(people.loc[people["metodo"].isin(_NOT_KNOWN), "cod_istat"].unique())
    if real and unknown:
        raise DisclosureError(
            f"of {len(unknown)} municipalities, first {unknown[0]}, residents by cell are not "
            f"known (metodo: areale or sintetico), and real records are in: {', '.join(real)}",
            where="popolazione.csv",
            hint="import a finer population: atlante import istat-sezioni FILES, or "
            "atlante import popolazione-raster FILE",
        )


def _leaf(text: str) -> Refusal | None:
    try:
        res = cells.resolution(cells.cell(text))
    except cells.InvalidCell:
        return Refusal("is not an H3 cell", "15 hexadecimal characters, lower case")
    wrong = Refusal(f"is not of resolution {cells.LEAF}", "write the cell that holds the place")
    return None if res == cells.LEAF else wrong
