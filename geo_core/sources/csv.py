"""CSV and TSV as Italian offices write them, read strictly into text.

Nothing is guessed. The encoding is UTF-8 (a byte order mark is allowed), and Windows-1252 for
bytes that are not UTF-8. The separator is the tab if the header has one outside quotes, else
the semicolon if it has one, else the comma. Quotes are as in RFC 4180. What was found is
reported. No cell is converted: a decimal comma stays a comma for the stage that checks the
rows. Errors name file and row and repeat no cell, because a cell may describe a person.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo_core.sources.base import (
    MIB,
    Job,
    Parsed,
    Source,
    check_names,
    check_size,
    refuse,
    unreadable,
)

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES: Final = 64 * MIB
MAX_RECORD: Final = MIB
"""Longest row, in characters: a row is held in memory before its cells are counted."""

FIRST_ROW: Final = 2
"""Number of the first row under the header, as a spreadsheet counts."""

SEPARATORS: Final = {"\t": "tab", ";": "semicolon", ",": "comma"}
"""In the order in which they are looked for."""

_QUOTED: Final = re.compile('"[^"]*"')
# A capital A with tilde before one of these: never Italian, always UTF-8 read as Windows-1252.
_TWO_BYTES: Final = re.compile(rb"\xc3[\x80-\xbf]")


class _TooLongError(Exception):
    """A row is longer than `MAX_RECORD`."""


def read(path: Path) -> pd.DataFrame:
    """Read one CSV file as text.

    Parameters
    ----------
    path : Path
        At most 64 MiB, 2,500,000 rows, 200 columns, 2,000 characters in a cell.

    Returns
    -------
    DataFrame
        Every cell as text without surrounding blanks, empty cells as ``""``. The index is the
        row number a spreadsheet shows (the header is row 1).

    Raises
    ------
    SourceError
        Not readable, too large, neither UTF-8 nor Windows-1252, a NUL byte, broken quotes, a
        missing or repeated column name, a row with more or fewer cells than the header.
    """
    from geo_core.sources.frame import assemble  # noqa: PLC0415 - parsers import no pandas

    job = Job(places=(str(path),))
    return assemble(job, parse(job)).frame


def parse(job: Job) -> Parsed:
    """Read one CSV file."""
    text, encoding = _decoded(job, _bytes(job))
    separator = _separator(text)
    rows = _rows(job, text, separator)
    if not rows:
        refuse(job, "is empty", hint="the first row names the columns")
    header = [name.strip() for name in rows[0]]
    check_names(job, header)
    columns = list(zip(*rows[1:], strict=True)) or [()] * len(header)
    return Parsed(
        columns={
            name: [cell.strip() for cell in column]
            for name, column in zip(header, columns, strict=True)
        },
        rows=range(FIRST_ROW, FIRST_ROW + len(rows) - 1),
        found=(f"encoding {encoding}", f"separator {SEPARATORS[separator]}"),
    )


def _bytes(job: Job) -> bytes:
    most = min(MAX_BYTES, job.limits.bytes)
    try:
        if job.path.stat().st_size > most:
            refuse(job, f"is larger than {most} bytes", hint="split the file")
        raw = job.path.read_bytes()
    except OSError as error:
        raise unreadable(job.path, error) from None
    nul = raw.find(b"\0")
    if nul >= 0:
        hint = "save the file as CSV (UTF-8)"
        refuse(job, "holds a NUL byte", at=_line(raw, nul), hint=hint)
    return raw


def _decoded(job: Job, raw: bytes) -> tuple[str, str]:
    hint = "save the file as CSV (UTF-8)"
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        at = _line(raw, error.start)
    if raw.startswith(b"\xef\xbb\xbf") or _TWO_BYTES.search(raw):
        refuse(job, "is partly UTF-8 and partly not", at=at, hint=hint)
    try:
        return raw.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        at = _line(raw, error.start)
        refuse(job, "is neither UTF-8 nor Windows-1252", at=at, hint=hint)


def _line(raw: bytes, position: int) -> str:
    number = raw.count(b"\n", 0, position) + 1
    return f"row {number}"


def _separator(text: str) -> str:
    end = text.find("\n")
    header = _QUOTED.sub("", text[: min(end if end >= 0 else len(text), MAX_RECORD)])
    return next((separator for separator in SEPARATORS if separator in header), ",")


def _rows(job: Job, text: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True, delimiter=separator)
    try:
        for row in reader:
            lines.room = MAX_RECORD
            rows.append(row)
            if len(rows) <= 2 or len(rows) % 10_000 == 0:
                check_size(job, rows=len(rows) - 1, columns=len(rows[0]))
    except _TooLongError:
        hint = "end every row with a line break and close every quote"
        refuse(job, f"has a row of more than {MAX_RECORD} characters", at=_at(rows), hint=hint)
    except csv.Error:
        hint = 'a quote inside a quoted cell is written twice: ""'
        refuse(job, "broken quotes or an endless cell", at=_at(rows), hint=hint)
    while rows and not rows[-1]:
        rows.pop()
    check_size(job, rows=len(rows) - 1, columns=len(rows[0]) if rows else 0)
    for number, row in enumerate(rows[1:], start=FIRST_ROW):
        _check_row(job, number, row, len(rows[0]), separator)
    return rows


class _Lines:
    """Lines of a text; stops where a row has used up its room."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.room = MAX_RECORD

    def __iter__(self) -> Iterator[str]:
        while line := self._lines.readline(self.room + 1):
            self.room -= len(line)
            if self.room < 0:
                raise _TooLongError
            yield line


def _at(rows: list[list[str]]) -> str:
    return f"row {len(rows) + 1}"


def _check_row(job: Job, number: int, row: list[str], width: int, separator: str) -> None:
    if len(row) != width:
        name = SEPARATORS[separator]
        hint = f"cells are separated by a {name}; a cell that holds one stands in quotes"
        refuse(job, f"has {len(row)} cells, the header has {width}", at=f"row {number}", hint=hint)
    if any(len(cell) > job.limits.cell for cell in row):
        most = f"a cell is longer than {job.limits.cell} characters"
        refuse(job, most, at=f"row {number}", hint="shorten it; a forgotten quote swallows rows")


SOURCE: Final = Source("CSV", (".csv", ".tsv"), parse, bounded=False)
