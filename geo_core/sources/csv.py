"""CSV read strictly into text: what an office hands in, before anything is believed.

UTF-8 (a byte order mark is allowed), one header row, commas, quotes as in RFC 4180. Nothing is
guessed and no cell is converted: types belong to the stage that checks the rows. Errors name
file and row and repeat no cell, because a cell may describe a person.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final, NoReturn

import pandas as pd

from geo_core.errors import SourceError

MAX_BYTES: Final = 64 * 2**20
MAX_COLUMNS: Final = 200
MAX_ROWS: Final = 1_000_000
MAX_FIELD: Final = 2_000
"""Longest cell, in characters."""

FIRST_ROW: Final = 2
"""Number of the first row under the header, as a spreadsheet counts."""


def read(path: Path) -> pd.DataFrame:
    """Read one CSV file as text.

    Parameters
    ----------
    path : Path
        At most 64 MiB, 1,000,000 rows, 200 columns, 2,000 characters in a cell.

    Returns
    -------
    DataFrame
        Every cell as text without surrounding blanks, empty cells as ``""``. The index is the
        row number a spreadsheet shows (the header is row 1).

    Raises
    ------
    SourceError
        Not readable, too large, not UTF-8, a NUL byte, broken quotes, a missing or repeated
        column name, a row with more or fewer cells than the header.
    """
    rows = _rows(path, _text(path))
    if not rows:
        _refuse(path, "is empty", hint="the first row names the columns")
    header = [name.strip() for name in rows[0]]
    _check_header(path, header)
    for number, row in enumerate(rows[1:], start=FIRST_ROW):
        _check_row(path, number, row, len(header))
    columns = list(zip(*rows[1:], strict=True)) or [()] * len(header)
    return pd.DataFrame(
        {
            name: pd.Series([cell.strip() for cell in column], dtype=object)
            for name, column in zip(header, columns, strict=True)
        }
    ).set_index(pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(rows) - 1, name="row"))


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            _refuse(path, f"is larger than {MAX_BYTES} bytes", hint="split the file")
        raw = path.read_bytes()
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror}")
    nul = raw.find(b"\0")
    if nul >= 0:
        _refuse(path, "holds a NUL byte", row=_line(raw, nul), hint="save the file as CSV (UTF-8)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(path, "is not UTF-8", row=_line(raw, error.start), hint="save the file as UTF-8")


def _line(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _rows(path: Path, text: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MAX_ROWS + 1:
                _refuse(path, f"has more than {MAX_ROWS} rows", hint="split the file")
    except csv.Error:
        _refuse(
            path,
            "broken quotes or an endless cell",
            row=len(rows) + 1,
            hint='a quote inside a quoted cell is written twice: ""',
        )
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _check_header(path: Path, header: list[str]) -> None:
    if len(header) > MAX_COLUMNS:
        _refuse(path, f"has more than {MAX_COLUMNS} columns", row=1)
    for position, name in enumerate(header, start=1):
        if not name or len(name) > MAX_FIELD:
            _refuse(path, f"column {position} has no usable name", row=1)
        if header.index(name) + 1 != position:
            _refuse(path, f"column {position} repeats the name of an earlier one", row=1)


def _check_row(path: Path, number: int, row: list[str], width: int) -> None:
    if len(row) != width:
        _refuse(
            path,
            f"has {len(row)} cells, the header has {width}",
            row=number,
            hint="cells are separated by commas; a cell with a comma stands in quotes",
        )
    if any(len(cell) > MAX_FIELD for cell in row):
        _refuse(path, f"a cell is longer than {MAX_FIELD} characters", row=number)


def _refuse(path: Path, message: str, *, row: int | None = None, hint: str = "") -> NoReturn:
    where = path.name if row is None else f"{path.name}, row {row}"
    raise SourceError(message, where=where, hint=hint)
