"""Official residents by municipality, age and sex: the input table `residenti`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.population import OLDEST
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.input_folder import is_invented
from geo_core.sources import csv_chunks

RESIDENTS: Final = "residenti"
KEY: Final = ("anno", "cod_istat", "eta", "sesso")


def check_residents(
    path: Path, rows: pd.DataFrame, *, municipalities: frozenset[str] | None = None
) -> Checked[pd.DataFrame]:
    """Check official residents.

    Parameters
    ----------
    path : Path
        For messages only.
    rows : DataFrame
        Text: ``anno``, ``cod_istat`` (six digits), ``eta`` (0-100; 100 is 100 and over),
        ``sesso`` (F or M), ``n`` (persons).
    municipalities : frozenset of str | None
        ISTAT codes that are taken; None for any.

    Returns
    -------
    Checked
        The same columns; all but `cod_istat` and `sesso` as int64.
    """
    problems = Problems(path)
    columns = (
        Column("anno", "integer", required=True, low=1990, high=2100),
        Column(
            "cod_istat",
            "text",
            required=True,
            codes=municipalities,
            codes_from="the municipalities of Italy",
            pattern=r"\d{6}",
            expected="six digits",
        ),
        Column("eta", "integer", required=True, low=0, high=OLDEST),
        Column("sesso", "text", required=True, codes=frozenset({"F", "M"})),
        Column("n", "integer", required=True, low=0, high=10_000_000),
    )
    typed = problems.remaining(read_columns(path, rows, columns, problems))
    again = Refusal("repeats an earlier row", "remove one of them")
    problems.add_where(typed.duplicated(list(KEY)), "eta", again)
    whole = {"anno": "int64", "eta": "int64", "n": "int64"}
    return Checked(len(rows), problems.remaining(typed).astype(whole), problems.listed())


def official_residents(folder: Path) -> pd.DataFrame | None:
    """Return the checked table of an input folder; None if it has none.

    Raises
    ------
    SourceError, IngestError
        It cannot be read, or a row of it is wrong: totals allow no partial reading.
    """
    path = folder / f"{RESIDENTS}.csv"
    if not path.exists():
        return None
    checked = check_residents(path, csv_chunks.read(path))
    if checked.problems:
        hint = "import it again: atlante import istat-posas"
        raise IngestError(f"{checked.problems[0]}", hint=hint)
    return checked.frame


def earlier_residents(folder: Path) -> pd.DataFrame:
    """Return the table of an input folder as text, empty if it has none or an invented one."""
    found = official_residents(folder)
    if found is None or is_invented(folder / f"{RESIDENTS}.csv"):
        return pd.DataFrame(columns=[*KEY, "n"], dtype=object)
    return found.astype(str)
