"""What the columns of an input table are, for the person who prepares a file."""

from __future__ import annotations

import math
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from geo_core.catalog import Catalog
from geo_core.importers.registry import REGISTRY
from geo_core.ingest.columns import SHOWN_CODES, Column, natural
from geo_core.ingest.italian import in_italian
from geo_core.ingest.kinds import References, kind
from geo_core.ingest.rules import TABLES
from geo_core.uploads.tables import Target, target

_TYPES: Final = {
    "text": "testo",
    "codes": "codici separati da punto e virgola",
    "integer": "numero intero",
    "number": "numero, con virgola o punto prima dei decimali",
    "boolean": "sì o no",
    "date": "data, 31/12/2023 o 2023-12-31",
}


def described(catalog: Catalog, name: str) -> RenderableType:
    """Return the columns of a table for a terminal, in Italian; of an importer its files.

    Raises
    ------
    NotFound
        There is no such table.
    """
    if name in REGISTRY:
        return Styled(f"{name}: {REGISTRY[name].files.it}")
    table = target(name, catalog, References())
    filled_in = name in catalog.intake or name in TABLES
    questions = kind(catalog, name, References()).questions if filled_in else ()
    titles = {question.column.name: question.title.it for question in questions}
    shown = Table(
        "colonna",
        "necessaria",
        "come si scrive",
        title=Styled(table.title.it),
        title_justify="left",
    )
    for column in table.columns:
        said = ": ".join(filter(None, [titles.get(column.name), written(column)]))
        shown.add_row(column.name, "sì" if column.required else "", Styled(said))
    return Group(shown, Styled(_below(table, filled_in=filled_in)))


def _below(table: Target, *, filled_in: bool) -> str:
    keys = " e ".join(table.replaces)
    replaced = f"le righe con gli stessi {keys}" if keys else "tutta la tabella"
    template = f"\nUn foglio Excel pronto: atlante template {table.name}" if filled_in else ""
    return f"Un caricamento sostituisce {replaced}.{template}"


def written(column: Column) -> str:
    """Say in Italian how the cells of a column are written."""
    said = in_italian(column.expected) if column.expected else _TYPES[column.type]
    if column.codes is None:
        return f"{said}{_bounds(column)}"
    codes = sorted(column.codes, key=natural)
    several = f"{said}: " if column.type == "codes" else ""
    if 0 < len(codes) <= SHOWN_CODES:
        return f"{several}{', '.join(codes)}"
    return several + in_italian(column.codes_from)


def _bounds(column: Column) -> str:
    low, high = (f"{bound:.12g}" for bound in (column.low, column.high))
    if math.isfinite(column.low) and math.isfinite(column.high):
        return f", fra {low} e {high}"
    return f", almeno {low}" if math.isfinite(column.low) else ""
