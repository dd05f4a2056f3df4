"""Long CSV files in chunks: the tables of the input folder, however long they are.

As strict as `geo_core.sources.csv`, and narrower: UTF-8 with commas, which is what the tables of
the input folder are. Memory grows with the chunk, not with the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import batched
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.errors import SourceError
from geo_core.sources.base import MIB, Job, check_names, refuse

ROWS: Final = 100_000
"""Rows of a chunk."""

LONGEST_LINE: Final = MIB


def chunks(path: Path, *, rows: int = ROWS) -> Iterator[pd.DataFrame]:
    """Read a CSV file as text, chunk by chunk.

    Parameters
    ----------
    path : Path
        UTF-8 with commas; any number of rows.
    rows : int
        Rows of each chunk but the last. There is at least one chunk.

    Yields
    ------
    DataFrame
        As `geo_core.sources.csv.read` returns; the row numbers run on.

    Raises
    ------
    SourceError
        Not readable, not UTF-8, a NUL byte, broken quotes, a missing or repeated column name, a
        row with more or fewer cells than the header, a line or cell that is too long.
    """
    job = Job(places=(str(path),))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _chunks(job, file, rows)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=path.name) from None
    except UnicodeDecodeError:
        refuse(job, "is not UTF-8 throughout", hint="import the file again")


def _chunks(job: Job, file: TextIOWrapper, rows: int) -> Iterator[pd.DataFrame]:
    reader = csv.reader(_lines(job, file), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not header:
            refuse(job, "is empty", hint="the first row names the columns")
        check_names(job, header)
        number = 2
        for group in batched(reader, rows):
            yield _frame(job, header, group, number)
            number += len(group)
        if number == 2:
            yield _frame(job, header, (), number)
    except csv.Error:
        refuse(job, "broken quotes", at=f"line {reader.line_num}")


def _lines(job: Job, file: TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            refuse(job, f"is longer than {LONGEST_LINE} characters", at=f"line {number}")
        if "\0" in line:
            refuse(job, "holds a NUL byte", at=f"line {number}")
        yield line


def _frame(job: Job, header: list[str], group: tuple[list[str], ...], number: int) -> pd.DataFrame:
    for position, row in enumerate(group, start=number):
        if len(row) != len(header):
            said = f"has {len(row)} cells, the header has {len(header)}"
            refuse(job, said, at=f"row {position}")
    columns = list(zip(*group, strict=True)) or [()] * len(header)
    for cells in columns:
        longest = max(map(len, cells), default=0)
        if longest > job.limits.cell:
            at = f"row {number + [len(cell) for cell in cells].index(longest)}"
            refuse(job, f"a cell is longer than {job.limits.cell} characters", at=at)
    index = pd.RangeIndex(number, number + len(group))
    return pd.DataFrame(
        {
            name: pd.Series(list(map(str.strip, cells)), index=index, dtype=object)
            for name, cells in zip(header, columns, strict=True)
        },
        index=index,
    )
