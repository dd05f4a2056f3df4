"""Tables read strictly: every cell is what it is declared to be, or an error that says where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from geo_core.errors import IngestError
from geo_core.index.spec import LARGEST, SMALLEST, Decimal, Spec
from geo_core.indicators.composite import Floats
from geo_core.sources.base import Job
from geo_core.sources.csv import parse

_NUMBER: Final = re.compile(
    r"[+-]?([0-9]{1,20}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?"
)
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}([ .,'\u00a0\u202f][0-9]{3})+([.,][0-9]*)?")
_COMMA: Final = re.compile(r"[+-]?[0-9]*,[0-9]*")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    cells : mapping of column to cells
        In the order of the file, without surrounding blanks.
    rows : sequence of int
        Number of each row as a spreadsheet counts (the header is 1).
    decimal : "point" or "comma"
    missing : frozenset of str
        Cells that mean "not known".
    """

    name: str
    cells: Mapping[str, Sequence[str]]
    rows: Sequence[int]
    decimal: Decimal
    missing: frozenset[str]

    def column(self, name: str) -> Sequence[str]:
        """Return the cells of a column as text.

        Raises
        ------
        IngestError
            There is no such column; names the nearest.
        """
        if name not in self.cells:
            close = get_close_matches(name, self.cells, n=1)
            raise IngestError(
                f"the column {name} is missing",
                where=self.name,
                hint=f"did you mean '{close[0]}'?"
                if close
                else f"the columns are: {', '.join(list(self.cells)[:40])}",
            )
        return self.cells[name]

    def texts(self, name: str) -> list[str]:
        """Return a column of names, in which no cell may be empty.

        What means "not known" among numbers may be a name: NA is also the province of Naples.
        """
        cells = list(self.column(name))
        for row, cell in zip(self.rows, cells, strict=True):
            if not cell:
                self.refuse(row, name, "is empty and must not be", "fill it in")
        return cells

    def keys(self, *names: str) -> list[tuple[str, ...]]:
        """Return the columns that together name each row; no two rows may agree in all."""
        found = list(zip(*(self.texts(name) for name in names), strict=True))
        seen: dict[tuple[str, ...], int] = {}
        for row, key in zip(self.rows, found, strict=True):
            if seen.setdefault(key, row) != row:
                hint = f"row {seen[key]} has it too: remove one of them"
                self.refuse(row, names[0], "repeats the name of an earlier row", hint)
        return found

    def numbers(self, name: str, *, least: float | None = None) -> Floats:
        """Return a column of numbers, NaN where not known.

        Parameters
        ----------
        name : str
            The column.
        least : float | None
            A number below it is refused.

        Raises
        ------
        IngestError
            A cell is not a number, too large, too small or below `least`: names row and column.
        """
        cells = self.column(name)
        known = {cell: self._number(cell) for cell in dict.fromkeys(cells)}
        values = np.array([known[cell][0] for cell in cells], dtype=np.float64)
        for row, cell in zip(self.rows, cells, strict=True):
            refusal = known[cell][1]
            if refusal:
                self.refuse(row, name, *refusal)
            if least is not None and known[cell][0] < least:
                self.refuse(row, name, f"is less than {least:g}", "check the number")
        return values

    def _number(self, cell: str) -> tuple[float, tuple[str, str] | None]:
        if cell in self.missing:
            return np.nan, None
        text = cell.replace(",", ".") if self.decimal == "comma" and "." not in cell else cell
        if _NUMBER.fullmatch(text) is None or (self.decimal == "comma" and "." in cell):
            return np.nan, ("is not a number", self._remedy(cell))
        value = float(text) + 0.0  # a negative zero is zero
        if abs(value) > LARGEST or 0 < abs(value) < SMALLEST:
            return np.nan, ("is too large or too small a number", "use another unit")
        return value, None

    def _remedy(self, cell: str) -> str:
        if self.decimal == "comma" and "." in cell:
            return (
                "write decimals with a comma, as the specification says, thousands without a sign"
            )
        if _COMMA.fullmatch(cell):
            return "write decimals with a point, or `decimal: comma` in the specification"
        if _GROUPED.fullmatch(cell):
            return "write thousands without any sign between them"
        return "leave it empty if it is not known, or name what stands for it in `missing_values`"

    def refuse(self, row: int, column: str, message: str, hint: str) -> NoReturn:
        """Raise the error of a cell."""
        where = f"{self.name}, row {row}, column {column}"
        raise IngestError(message, where=where, hint=hint)


def refuse_first(
    table: Table, wrong: NDArray[np.bool_], column: str, message: str, hint: str
) -> None:
    """Raise the error of the first row that is wrong, if any is.

    Parameters
    ----------
    wrong : array of shape (rows,)
    """
    if wrong.any():
        table.refuse(table.rows[int(wrong.argmax())], column, message, hint)


def read_table(path: Path, *, decimal: Decimal = "point", missing: Sequence[str] = ()) -> Table:
    """Read a CSV file.

    Parameters
    ----------
    path : Path
        As `geo_core.sources.csv` reads it: comma, semicolon or tab; UTF-8 or Windows-1252.
    decimal : "point" or "comma"
        Sign of decimals.
    missing : sequence of str
        Cells that mean "not known" besides empty ones.

    Raises
    ------
    SourceError
        Not readable, or no table.
    IngestError
        No rows under the header.
    """
    parsed = parse(Job(places=(str(path),)))
    if not parsed.rows:
        hint = "the first row names the columns, and each row below it is a unit"
        raise IngestError("has no rows", where=path.name, hint=hint)
    cells = {name: [cell or "" for cell in column] for name, column in parsed.columns.items()}
    return Table(path.name, cells, parsed.rows, decimal, frozenset({"", *missing}))


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a method works on.

    Attributes
    ----------
    table : Table
        The units.
    spec : Spec
        How numbers are written in every table.
    folder : Path
        Where the specification is: the further tables that it names are sought from there.
    files : dict
        SHA-256 of every table that was read, by its name.
    paths : list
        Where these tables are.
    """

    table: Table
    spec: Spec
    folder: Path
    files: dict[str, str] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, spec: Spec, folder: Path) -> Inputs:
        """Read the table of units."""
        table = read_table(path, decimal=spec.decimal, missing=spec.missing_values)
        return cls(table, spec, folder, {path.name: _digest(path)}, [path])

    def other(self, name: str) -> Table:
        """Read a further table that the specification names."""
        path = self.folder / name
        table = read_table(path, decimal=self.spec.decimal, missing=self.spec.missing_values)
        self.files[name] = _digest(path)
        self.paths.append(path)
        return table


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
