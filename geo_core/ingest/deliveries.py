"""Who should hand in records of persons, and who did: two tables that hold no record.

`fonti` says which organisation hands in which table, from when to when; the office keeps it.
`consegne` says which months of which table an organisation's deliveries are declared to cover, with
rows or without. How many sources reported is known from these two alone, and no record moves it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.answers import month
from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.sources import csv

SOURCES: Final = "fonti"
DELIVERIES: Final = "consegne"

REPORTED: Final = ("rilevazioni", "domanda", "segnalazioni")
"""Tables that organisations hand in month by month."""

_TABLE: Final = Column("tabella", "text", required=True, codes=frozenset(REPORTED))

SOURCE_COLUMNS: Final = (
    Column("id_org", "text", required=True),
    _TABLE,
    Column("dal", "date", required=True),
    Column("al", "date"),
)
DELIVERY_COLUMNS: Final = (
    Column("id_org", "text", required=True),
    _TABLE,
    Column("periodo", "text", required=True, check=lambda text: month(text, range(2000, 2100))),
    Column("giorno", "date", required=True),
)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What was to be handed in, and what was.

    Attributes
    ----------
    expected : DataFrame
        ``id_org``, ``tabella``, ``dal``, ``al`` (None while it lasts), ISO dates.
    made : DataFrame
        ``id_org``, ``tabella``, ``periodo`` (``YYYY-MM``), ``giorno`` (the day of the latest
        upload, which is not published: it would tell of corrections).
    """

    expected: pd.DataFrame
    made: pd.DataFrame


def check_sources(
    path: Path, rows: pd.DataFrame, *, organisations: Collection[str] | None = None
) -> Checked[pd.DataFrame]:
    """Check the table `fonti`; ``id_org`` must be one of `organisations`, if these are given."""
    problems = Problems(path)
    typed = problems.remaining(read_columns(path, rows, SOURCE_COLUMNS, problems))
    backwards = typed["al"].notna() & (typed["al"].fillna("9999") < typed["dal"])
    problems.add_where(backwards, "al", Refusal("is before dal", "check both days"))
    if organisations is not None:
        unknown = ~typed["id_org"].isin(list(organisations))
        wrong = Refusal("is not a known code", "write a code of organizzazioni")
        problems.add_where(unknown, "id_org", wrong)
    return Checked(len(rows), problems.remaining(typed), problems.listed())


def read_deliveries(folder: Path) -> Deliveries:
    """Read both tables of an input folder; no file is no row.

    Raises
    ------
    SourceError, IngestError
        One cannot be read, or a row of it is wrong.
    """
    path = folder / f"{DELIVERIES}.csv"
    problems = Problems(path)
    made = read_columns(path, _rows(path, DELIVERY_COLUMNS), DELIVERY_COLUMNS, problems)
    sources = folder / f"{SOURCES}.csv"
    expected = check_sources(sources, _rows(sources, SOURCE_COLUMNS))
    if found := (*expected.problems, *problems.listed()):
        raise IngestError(str(found[0]), hint=f"import it again: atlante import {SOURCES} FILE")
    return Deliveries(expected.frame, made)


def _rows(path: Path, columns: Collection[Column]) -> pd.DataFrame:
    names = [column.name for column in columns]
    return csv.read(path) if path.exists() else pd.DataFrame(columns=names, dtype=object)


def coverage(
    deliveries: Deliveries, bodies: Mapping[str, str], *, year: int, until: str
) -> pd.DataFrame:
    """Return how many sources of each body reported in a year.

    Parameters
    ----------
    deliveries : Deliveries
        What was to be handed in, and what was.
    bodies : mapping
        Organisation to the managing body in which it has its seat; others are left out.
    year : int
        Calendar year of the records.
    until : str
        ISO date of the release: later months are not due yet.

    Returns
    -------
    DataFrame
        By body (index): `fonti_attese` and `fonti_presenti` (organisations of which something is
        due, and those of them that handed in any of it; Int64), `copertura_fonti` (deliveries
        made of those due, percent, 1 decimal). The last two are missing for a body of whose
        sources no delivery is declared. Bodies without sources are not in it.
    """
    months = [m for m in (f"{year}-{i:02d}" for i in range(1, 13)) if m <= until[:7]]
    due = {
        (row.id_org, row.tabella, m)
        for row in deliveries.expected.itertuples()
        for m in months
        if row.id_org in bodies and row.dal[:7] <= m <= (row.al or "9999")[:7]
    }
    made = deliveries.made[["id_org", "tabella", "periodo"]].itertuples(index=False, name=None)
    done = due.intersection(made)
    rows = pd.DataFrame(
        [(bodies[key[0]], key[0], key in done) for key in sorted(due)],
        columns=["ambito", "id_org", "fatta"],
    ).astype({"fatta": "bool"})
    by_body, reporting = rows.groupby("ambito"), rows[rows["fatta"]].groupby("ambito")
    expected = by_body["id_org"].nunique()
    present = reporting["id_org"].nunique().reindex(expected.index)
    share = (100 * by_body["fatta"].mean()).round(1)
    return pd.DataFrame(
        {
            "fonti_attese": expected.astype("Int64"),
            "fonti_presenti": present.astype("Int64"),
            "copertura_fonti": share.where(present.notna()).astype("Float64"),
        }
    )
