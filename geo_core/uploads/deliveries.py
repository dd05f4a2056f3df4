"""Keeps book of what organisations hand in: the table `consegne` (`geo_core.ingest.deliveries`).

What a delivery covers is said with it and never read from its rows: a month without a row would
tell that nobody was in it. The book is written in the same change as the rows themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.answers import month
from geo_core.ingest.deliveries import DELIVERIES, DELIVERY_COLUMNS, REPORTED
from geo_core.ingest.kinds import References
from geo_core.input_folder import is_invented
from geo_core.uploads import storing

COVERED: Final = ("id_org", "periodo")
"""Columns that say whose delivery it is, and of which month."""

_NAMES: Final = tuple(column.name for column in DELIVERY_COLUMNS)
_KEY: Final = _NAMES[:3]
_MONTH_OR_MONTHS: Final = (2, 3)


def covered(table: str, said: Sequence[str], known: References) -> pd.DataFrame:
    """Return the organisations and months that a delivery is said to cover.

    Parameters
    ----------
    table : str
        The table that is handed in.
    said : sequence of str
        Each an organisation and a month, or an organisation, a first and a last month:
        ``ORG-1 2023-01 2023-12``.
    known : References
        Organisations and years that there are.

    Returns
    -------
    DataFrame
        `COVERED`, each pair once.

    Raises
    ------
    IngestError
        The table is not handed in by month, or an organisation or a month is not known.
    """
    pairs = dict.fromkeys(pair for one in said for pair in _months(table, one.split(), known))
    return pd.DataFrame(list(pairs), columns=list(COVERED), dtype=object)


def _months(table: str, words: Sequence[str], known: References) -> list[tuple[str, str]]:
    if table not in REPORTED or len(words) not in _MONTH_OR_MONTHS:
        raise IngestError(
            "a delivery is of a table, an organisation and a month",
            hint=f"write 'ORG-1 2023-04', or 'ORG-1 2023-01 2023-12' for several months; the "
            f"tables are {', '.join(REPORTED)}",
        )
    organisation, first, last = words[0], words[1], words[-1]
    if organisation not in known.organisations:
        raise IngestError(
            "the organisation is not in organizzazioni.csv", hint="import the organisations first"
        )
    for period in (first, last):
        if refusal := month(period, known.years):
            raise IngestError(f"the period {refusal.reason}", hint=refusal.hint)
    months = [(organisation, str(p)) for p in pd.period_range(first, last, freq="M")]
    if not months:
        raise IngestError("the last month is before the first", hint="write the first month first")
    return months


def check_covered(
    table: str, said: pd.DataFrame, *, rows: pd.DataFrame, earlier: pd.DataFrame
) -> None:
    """Refuse a delivery that has rows of other months, or none where there were some.

    Parameters
    ----------
    said : DataFrame
        From `covered`.
    rows, earlier : DataFrame
        What is handed in, and what was there: `COVERED` and more.

    Raises
    ------
    IngestError
        So it is.
    """
    named, given, before = (_pairs(frame) for frame in (said, rows, earlier))
    if given - named:
        raise IngestError(
            f"{table} has rows of organisations or months that --covers does not name",
            hint="name all that the file covers, or leave them out of it",
        )
    if (named - given) & before:
        raise IngestError(
            f"{table} has earlier rows of a month of which there are none now",
            hint="if they are wrong, take them out first with --withdraw",
        )


def _pairs(frame: pd.DataFrame) -> set[tuple[str, ...]]:
    return set(frame[list(COVERED)].itertuples(index=False, name=None)) if len(frame) else set()


def made(
    folder: Path, table: str, said: pd.DataFrame, *, invented: bool
) -> dict[str, pd.DataFrame]:
    """Return `consegne` with what a delivery covers; nothing where it stays as it is.

    Parameters
    ----------
    folder : Path
        The input folder; the caller holds it.
    table : str
        The table that was handed in.
    said : DataFrame
        From `covered`.
    invented : bool
        An exercise. Invented deliveries do not stay beside real ones.
    """
    path = folder / f"{DELIVERIES}.csv"
    stale = table in REPORTED and path.exists() and is_invented(path) and not invented
    if not len(said) and not stale:
        return {}
    earlier = pd.DataFrame() if stale else storing.read_table(path)
    day = datetime.now(tz=UTC).date().isoformat()
    new = said.assign(tabella=table, giorno=day)
    return {DELIVERIES: storing.merge(earlier, new, names=_NAMES, replaces=_KEY).table}


def withdrawn(folder: Path, table: str, key: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return `consegne` without a delivery that is withdrawn; nothing if it is not in it."""
    path = folder / f"{DELIVERIES}.csv"
    if table not in REPORTED or not path.exists():
        return {}
    asked = pd.DataFrame([[key[0], table, key[1], ""]], columns=_NAMES, dtype=object)
    found = storing.merge(storing.read_table(path), asked, names=_NAMES, replaces=_KEY)
    return {DELIVERIES: found.kept} if len(found.replaced) else {}
