"""The receipt of an upload: what was taken, what was not and why, what it took the place of.

It names rows and columns and repeats no cell, apart from the code of the body and the period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import Field
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from geo_core import private
from geo_core.errors import IngestError
from geo_core.ingest.italian import in_italian
from geo_core.ingest.left_out import LeftOut
from geo_core.ingest.problems import RowProblem
from geo_core.model.text import Strict, Text

SHOWN: Final = 20
"""Reasons, bodies and runs of rows that a terminal shows; the file has all."""


class RefusedCell(Strict):
    """One wrong cell: its column, why it is refused, and how to mend it."""

    column: str
    reason: Text
    hint: Text


class RefusedRow(Strict):
    """One refused row: where it is, and all that is wrong with it."""

    file: str
    row: int
    cells: tuple[RefusedCell, ...]

    @classmethod
    def of(cls, problem: RowProblem) -> RefusedRow:
        """Say in both languages what a check found."""
        cells = (
            RefusedCell(
                column=cell.column,
                reason=Text(it=in_italian(cell.reason), en=cell.reason),
                hint=Text(it=in_italian(cell.hint), en=cell.hint),
            )
            for cell in problem.cells
        )
        return cls(file=problem.file, row=problem.row, cells=tuple(cells))


class Receipt(Strict):
    """What one upload came to: ``rows == accepted + len(refused)`` and the rows left out.

    Attributes
    ----------
    written : bool
        Whether anything was changed.
    withdrawn : bool
        Rows were to be taken out.
    invented : bool
        The rows are invented, for demonstrations and exercises.
    of : tuple of str
        Whose rows, and of which period, as far as the table tells.
    left_out_rows : tuple of LeftOut
        Rows that are neither accepted nor refused.
    broken : tuple of RefusedRow
        Rows of registers that would be refused after this upload: they refer to what it takes
        away.
    orphaned : mapping of str to int
        The same of other tables, above all those about persons: how many rows of which table,
        never which.
    unpeopled : tuple of str
        Years and municipalities that would lose their residents.
    replaced, unchanged : int
        Earlier rows that went, and new rows that are equal to one of them.
    left_out : tuple of str
        Columns that were not taken.
    translated : tuple of str
        Municipal codes that were replaced by today's.
    """

    name: str
    title: Text
    files: tuple[str, ...]
    written: bool
    withdrawn: bool = False
    invented: bool = False
    of: tuple[str, ...] = ()
    rows: int
    accepted: int
    left_out_rows: tuple[LeftOut, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    broken: tuple[RefusedRow, ...] = ()
    orphaned: dict[str, int] = Field(default_factory=dict)
    unpeopled: tuple[str, ...] = ()
    replaced: int = 0
    unchanged: int = 0
    left_out: tuple[str, ...] = ()
    translated: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def left_behind(self) -> int:
        """Rows of other tables that would be refused."""
        return len(self.broken) + sum(self.orphaned.values())


def check_written(receipt: Receipt) -> None:
    """Raise `IngestError`, with the way out, if nothing was changed."""
    if receipt.written:
        return
    if receipt.refused:
        rows = len(receipt.refused)
        raise IngestError(
            "one row is refused, so nothing was changed"
            if rows == 1
            else f"{rows} rows are refused, so nothing was changed",
            hint="correct them and import the file again, or take the others with --allow-partial",
        )
    if receipt.unpeopled:
        raise IngestError(
            f"{len(receipt.unpeopled)} municipalities would have no residents, first "
            f"{receipt.unpeopled[0]}, and nothing could be built: nothing was changed",
            hint="import the file of the whole province; or take it with --allow-partial, and "
            "import what it has not before the next build",
        )
    rows = receipt.left_behind
    raise IngestError(
        "one row of another table refers to what would go: nothing was changed"
        if rows == 1
        else f"{rows} rows of other tables refer to what would go: nothing was changed",
        hint="correct or withdraw those first, or leave them to be refused with --allow-partial",
    )


def keep(receipt: Receipt, folder: Path) -> Path:
    """Write a receipt, named by the time it is written at; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    now = datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%S%fZ")
    path = folder / f"{now}-{receipt.name}.json"
    private.write(path, receipt.model_dump_json(indent=1).encode())
    return path


def shown(receipt: Receipt) -> RenderableType:
    """Return a receipt for a terminal, in Italian."""
    table = Table(
        show_header=False, title=Styled(f"Ricevuta: {receipt.title.it}"), title_justify="left"
    )
    for name, value in _lines(receipt):
        table.add_row(name, Styled(value))
    parts: list[RenderableType] = [table]
    if receipt.refused:
        parts += [_heading("Righe rifiutate", len(receipt.refused)), *_reasons(receipt.refused)]
    if receipt.left_behind:
        title = "Righe di altre tabelle che non sarebbero più valide"
        parts += [_heading(title, receipt.left_behind), *_reasons(receipt.broken)]
        for name, rows in receipt.orphaned.items():
            said = "1 riga" if rows == 1 else f"{rows} righe"
            parts.append(Styled(f"• {name}: {said}; quali, qui non si dice"))
    return Group(*parts)


def _heading(title: str, rows: int) -> Styled:
    return Styled(f"\n{title}: {rows}", style="bold")


def _reasons(rows: tuple[RefusedRow, ...]) -> list[RenderableType]:
    """Tell every reason once, with the rows for which it holds."""
    found: dict[tuple[str, str, str, str], list[int]] = {}
    for row in rows:
        for cell in row.cells:
            key = (row.file, cell.column, cell.reason.it, cell.hint.it)
            found.setdefault(key, []).append(row.row)
    parts: list[RenderableType] = []
    for (file, column, reason, hint), numbers in list(found.items())[:SHOWN]:
        parts += [
            Styled(f"• {file}, {_numbered(numbers)}, {column}: {reason}"),
            Padding(Styled(f"rimedio: {hint}"), (0, 0, 0, 4)),
        ]
    more = len(found) - SHOWN
    if more > 0:
        parts.append(Styled(f"e altri {more} motivi, elencati nel file della ricevuta"))
    return parts


def _numbered(rows: Sequence[int]) -> str:
    """Return rows as runs: ``riga 3`` or ``3 righe (2-3, 7)``."""
    if len(rows) == 1:
        return f"riga {rows[0]}"
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    said = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:SHOWN]]
    return f"{len(rows)} righe ({', '.join(said)}{', …' if len(runs) > SHOWN else ''})"


def _lines(receipt: Receipt) -> list[tuple[str, str]]:
    said = {
        "esito": _outcome(receipt),
        "file": ", ".join(receipt.files),
        "ente e periodo": _some(receipt.of),
        **(_read(receipt) if receipt.files else {}),
        "lasciate fuori": "\n".join(f"{x.rows}: {x.why.it}" for x in receipt.left_out_rows),
        "ritirate" if receipt.withdrawn else "di prima, sostituite": str(receipt.replaced),
        "di cui senza modifiche": str(receipt.unchanged),
        "non più valide altrove": _behind(receipt),
        "senza più residenti": _some(receipt.unpeopled),
        "colonne non usate": ", ".join(receipt.left_out),
        "codici aggiornati": "; ".join(receipt.translated),
        "note": "\n".join(note.it for note in receipt.notes),
    }
    return [(name, value) for name, value in said.items() if value]


def _read(receipt: Receipt) -> dict[str, str]:
    """Tell what was read of the files; without a file nothing was."""
    return {
        "righe lette": str(receipt.rows),
        "accolte": str(receipt.accepted),
        "rifiutate": str(len(receipt.refused)),
    }


def _outcome(receipt: Receipt) -> str:
    if not receipt.written:
        return "nulla è cambiato"
    if receipt.withdrawn:
        return "ritirato"
    return "caricato (dati inventati)" if receipt.invented else "caricato"


def _behind(receipt: Receipt) -> str:
    """Tell of rows of other tables that refer to what goes: tables and counts."""
    tables = Counter(row.file.removesuffix(".csv") for row in receipt.broken)
    tables.update(receipt.orphaned)
    return "\n".join(
        f"{rows} {'riga' if rows == 1 else 'righe'} di {table}" for table, rows in tables.items()
    )


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" e altri {more}" if more > 0 else "")
