"""What a check says about the rows it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

MOST_CELLS: Final = 20
"""Wrong cells of one row that are told."""


class Refusal(NamedTuple):
    """Why one cell is refused, and how to mend it.

    Neither text repeats the cell: it may describe a person.
    """

    reason: str
    hint: str


class WrongCell(NamedTuple):
    """One refused cell of a row."""

    column: str
    reason: str
    hint: str

    def __str__(self) -> str:
        """Return a part of a line for a log or a terminal."""
        return f"column {self.column}: {self.reason} ({self.hint})"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row is refused.

    Attributes
    ----------
    row : int
        As a spreadsheet counts: the header is row 1.
    cells : tuple of WrongCell
        Its wrong cells, at least one and at most `MOST_CELLS`, each once.
    """

    file: str
    row: int
    cells: tuple[WrongCell, ...]

    @property
    def column(self) -> str:
        """Column of the first wrong cell."""
        return self.cells[0].column

    @property
    def reason(self) -> str:
        """Why the first wrong cell is refused."""
        return self.cells[0].reason

    @property
    def hint(self) -> str:
        """How to mend the first wrong cell."""
        return self.cells[0].hint

    def at(self, row: int, *, file: str | None = None) -> RowProblem:
        """Return the same problem of another row, or of the row in another file."""
        return RowProblem(file or self.file, row, self.cells)

    def __str__(self) -> str:
        """Return one line for a log or a terminal."""
        return f"{self.file}, row {self.row}, {'; '.join(map(str, self.cells))}"


class Problems:
    """The refused rows of one file, each with its wrong cells in the order they are found in."""

    __slots__ = ("_by_row", "_file")

    def __init__(self, path: Path) -> None:
        self._file = path.name
        self._by_row: dict[int, dict[str, Refusal]] = {}

    def add(self, row: int, column: str, refusal: Refusal) -> None:
        """Refuse a cell, unless it is refused already."""
        cells = self._by_row.setdefault(row, {})
        if len(cells) < MOST_CELLS:
            cells.setdefault(column, refusal)

    def add_where(self, wrong: pd.Series, column: str, refusal: Refusal) -> None:
        """Refuse every row where a mask (indexed by row number) is true."""
        for row in wrong.index[wrong.to_numpy(dtype=bool)]:
            self.add(int(row), column, refusal)

    def remaining(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that are not refused."""
        kept: pd.DataFrame = frame.loc[~frame.index.isin(list(self._by_row))]
        return kept

    def __len__(self) -> int:
        """Return how many rows are refused."""
        return len(self._by_row)

    def listed(self, most: int | None = None) -> tuple[RowProblem, ...]:
        """Return the problems in the order of the rows: all, or the first ones."""
        return tuple(
            RowProblem(self._file, row, tuple(WrongCell(name, *why) for name, why in cells.items()))
            for row, cells in sorted(self._by_row.items())[:most]
        )


@dataclass(frozen=True, slots=True)
class Checked[Frame]:
    """One checked file: ``rows_in == len(frame) + len(problems) + len(restricted)``.

    Attributes
    ----------
    frame : DataFrame or GeoDataFrame
        Accepted rows, typed; the index is the row number in the file.
    withheld : int
        Accepted rows whose place was dropped because it is reserved.
    geocoded : mapping of str to int
        Positions that were found for rows without one, by quality.
    restricted : frozenset of str
        Ids of rows that are right and not public: they stay with the offices (class C).
    absent : bool
        There was no file.
    """

    rows_in: int
    frame: Frame
    problems: tuple[RowProblem, ...]
    withheld: int = 0
    restricted: frozenset[str] = frozenset()
    absent: bool = False
    geocoded: Mapping[str, int] = field(default_factory=dict)
