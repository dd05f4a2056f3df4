"""A delivery without rows: an organisation says that it has nothing to report of a month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.answers import month
from geo_core.ingest.deliveries import REPORTED
from geo_core.input_folder import held
from geo_core.model.text import Text
from geo_core.uploads import deliveries, storing
from geo_core.uploads.receipt import Receipt
from geo_core.uploads.tables import target
from geo_core.uploads.upload import Desk


def report_nothing(desk: Desk, name: str, key: Sequence[str], *, invented: bool) -> Receipt:
    """Record a delivery without rows.

    Parameters
    ----------
    desk : Desk
        Where.
    name : str
        Table of which there is nothing to report.
    key : sequence of str
        Organisation and month.
    invented : bool
        An exercise.

    Raises
    ------
    IngestError
        A table that is not handed in by month, an organisation or month that is not known, or
        there are rows of them.
    """
    with held(desk.settings.input):
        around = desk.around()
        table = target(name, desk.catalog, around.known)
        if name not in REPORTED or len(key) != len(table.replaces):
            raise IngestError(
                "nothing to report is said of a table, an organisation and a month",
                hint=f"atlante import {REPORTED[0]} --nothing 'ORG-1 2023-04'; the tables are "
                f"{', '.join(REPORTED)}",
            )
        organisation, period = key
        if organisation not in around.known.organisations:
            raise IngestError(
                "the organisation is not in organizzazioni.csv",
                hint="import the organisations first",
            )
        if refusal := month(period, around.known.years):
            raise IngestError(f"the period {refusal.reason}", hint=refusal.hint)
        said = pd.DataFrame([key], columns=list(table.replaces), dtype=object)
        earlier = storing.read_table(around.folder / f"{name}.csv")
        there = storing.merge(earlier, said, names=table.names, replaces=table.replaces)
        if len(there.replaced):
            raise IngestError(
                f"{name} has rows of this organisation and month",
                hint="if they are wrong, take them out first with --withdraw",
            )
        made = deliveries.made(around.folder, name, said, invented=invented)
        storing.store(around.folder, made, invented=list(made) if invented else ())
    return Receipt(
        name=name,
        title=table.title,
        files=(),
        written=True,
        invented=invented,
        of=(" ".join(key),),
        rows=0,
        accepted=0,
        notes=(Text(it="nulla da segnalare", en="nothing to report"),),
    )
