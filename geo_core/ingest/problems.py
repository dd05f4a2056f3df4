"""What a check says about the rows it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd


class Refusal(NamedTuple):
    """Why one cell is refused. Neither text repeats the cell: it may describe a person."""

    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row is refused: its first wrong cell.

    Attributes
    ----------
    row : int
        As a spreadsheet counts: the header is row 1.
    """

    file: str
    row: int
    column: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        """Return one line for a log or a terminal."""
        head = f"{self.file}, row {self.row}, column {self.column}: {self.reason}"
        return f"{head} ({self.hint})" if self.hint else head


class Problems:
    """The refused rows of one file, at most one problem each: the first that is found."""

    __slots__ = ("_by_row", "_file")

    def __init__(self, path: Path) -> None:
        self._file = path.name
        self._by_row: dict[int, RowProblem] = {}

    def add(self, row: int, column: str, refusal: Refusal) -> None:
        """Refuse a row, unless it is refused already."""
        self._by_row.setdefault(row, RowProblem(self._file, row, column, *refusal))

    def add_where(self, wrong: pd.Series, column: str, refusal: Refusal) -> None:
        """Refuse every row where a mask (indexed by row number) is true."""
        for row in wrong.index[wrong.to_numpy(dtype=bool)]:
            self.add(int(row), column, refusal)

    def remaining(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that are not refused."""
        kept: pd.DataFrame = frame.loc[~frame.index.isin(list(self._by_row))]
        return kept

    def listed(self) -> tuple[RowProblem, ...]:
        """Return the problems in the order of the rows."""
        return tuple(self._by_row[row] for row in sorted(self._by_row))


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
