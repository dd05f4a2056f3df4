"""Municipal codes of yesterday: written as today's where the history leaves no choice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.ingest.history import HISTORY, abolished, current, read_history
from geo_core.ingest.problems import Problems, Refusal

COLUMNS: Final = ("cod_istat", "unita_luogo")
DATED: Final = frozenset({"ambiti", HISTORY})
"""Tables that tell the past: their codes stay as they are."""


@dataclass(frozen=True)
class Renamed:
    """Rows with today's codes.

    Attributes
    ----------
    codes : tuple of str
        Each old code with the new one and the number of rows, in words.
    """

    rows: pd.DataFrame
    codes: tuple[str, ...]


def renamed(folder: Path, table: str, rows: pd.DataFrame, problems: Problems) -> Renamed:
    """Write abolished codes as the ones that took their place.

    Parameters
    ----------
    folder : Path
        The input folder; without `comuni_storia.csv` nothing is known of the past.
    table : str
        Name of the table.
    rows : DataFrame
        Text.
    problems : Problems
        Receives rows with an abolished code that has no one successor.
    """
    if table in DATED:
        return Renamed(rows, ())
    gone = abolished(read_history(folder))
    out = rows.copy()
    counted: Counter[tuple[str, str]] = Counter()
    for column in [name for name in COLUMNS if name in rows]:
        for code in sorted(set(rows[column]) & set(gone)):
            here = rows[column] == code
            after = current(code, gone)
            if after is None:
                problems.add_where(here, column, _abolished(gone[code].on))
            else:
                out.loc[here, column] = after
                counted[code, after] += int(here.sum())
    said = (f"{old} → {new} ({n})" for (old, new), n in sorted(counted.items()))
    return Renamed(out, tuple(said))


def _abolished(day: str) -> Refusal:
    return Refusal(
        f"is the code of a municipality abolished on {day}, and its history names no one successor",
        "write the code of today's municipality",
    )
