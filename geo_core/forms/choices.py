"""What may be chosen where an answer is a code: code lists, months, places, rows of registers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from geo_core.catalog import Catalog
from geo_core.forms.known import Body, Known, Named
from geo_core.ingest.kinds import Question
from geo_core.ingest.placing import DISTRICT
from geo_core.ingest.rules import SEVERAL, TABLES

type Choice = tuple[str, str]
"""A code and its Italian title."""

_MONTHS: Final = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
    "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
_REFERS: Final = {"id_org": "organizzazioni", "id_sede": "sedi"}
"""Of the records about persons; the tables say themselves what they refer to."""
_ANYBODYS: Final = frozenset({"soggetti", "attori"})
"""Columns that name partners, so the rows of everybody are offered."""


def options(
    question: Question, name: str, catalog: Catalog, known: Known, body: Body | None
) -> list[Choice] | None:
    """Return the codes that may be chosen with their Italian titles; None for an open answer.

    Parameters
    ----------
    name : str
        The kind of row.
    body : Body | None
        Only what is its own is offered; None for everybody's that is public.
    """
    column = question.column
    if question.type == "boolean":
        return [("true", "Sì"), ("false", "No")]
    if question.type == "month":
        return months(known.references.years)
    if question.codelist is not None:
        return [(c.code, c.title.it) for c in catalog.codelists[question.codelist]]
    if column.name in {"cod_istat", "comuni", "ambito_territoriale"}:
        return _areas(column.name, known)
    refers = TABLES[name].refers if name in TABLES else _REFERS
    table = refers.get(column.name)
    if table is None or (table not in known.registers and column.name not in SEVERAL):
        return None
    return _rows(table, known, None if column.name in _ANYBODYS else body)


def months(years: Iterable[int]) -> list[Choice]:
    """Return every month of some years with its Italian name, in order."""
    return [
        (f"{year}-{i:02d}", f"{month} {year}")
        for year in sorted(years)
        for i, month in enumerate(_MONTHS, start=1)
    ]


def _areas(column: str, known: Known) -> list[Choice]:
    towns = known.municipalities
    listed = list(zip(towns["cod_istat"], towns["denominazione"], strict=True))
    if column != "ambito_territoriale":
        return listed
    return [(DISTRICT, "Tutto il distretto"), *sorted(known.bodies.items()), *listed]


def _rows(table: str, known: Known, body: Body | None) -> list[Choice]:
    return [
        (row.code, row.name) for row in known.registers.get(table, ()) if _is_offered(row, body)
    ]


def _is_offered(row: Named, body: Body | None) -> bool:
    """Say whether a row may be chosen: what is not public, by the organisation itself only."""
    if not row.public:
        return body is not None and row.owner == body.code
    return body is None or not row.owner or row.owner in body.organisations
