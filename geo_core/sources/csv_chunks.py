"""Long CSV files in chunks: the tables of the input folder, however long they are.

As strict as `geo_core.sources.csv`, and narrower: UTF-8 with commas, which is what the tables of
the input folder are. Memory grows with the chunk, not with the file.

A block of whole lines without a quote or anything odd is split by pyarrow, which is fast. From the
first other block on the `csv` module reads: it alone decides what is refused, and says where.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import batched
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow

from geo_core.errors import SourceError
from geo_core.sources.base import MIB, Job, check_names, refuse
from geo_core.sources.csv import FIRST_ROW

BLOCK: Final = 8 * MIB
"""Bytes that are split at a time."""

ROWS: Final = 100_000
"""Rows of a chunk that the `csv` module reads."""

LONGEST_LINE: Final = MIB

AGAIN: Final = "import the file again"
"""What to do about a table that is not as `atlante import` writes it."""

_BOM: Final = b"\xef\xbb\xbf"
_ODD: Final = (b'"', b"\r", b"\0", b"\n\n")
"""What only the `csv` module reads, or refuses. One column may not be told from an empty line."""


def chunks(path: Path, *, block: int = BLOCK) -> Iterator[pd.DataFrame]:
    """Read a CSV file as text, chunk by chunk.

    Parameters
    ----------
    path : Path
        UTF-8 with commas; any number of rows.
    block : int
        Bytes of the file that make a chunk, about.

    Yields
    ------
    DataFrame
        Text without surrounding blanks, empty cells as ``""``; the columns categorical, or of
        dtype object from the `csv` module. The index is the row number a spreadsheet shows, and
        runs on. There is at least one chunk.

    Raises
    ------
    SourceError
        Not readable, not UTF-8, a NUL byte, broken quotes, a missing or repeated column name, a
        row with more or fewer cells than the header, a line or cell that is too long.
    """
    job = Job(places=(str(path),))
    try:
        with path.open("rb") as file:
            yield from _chunks(job, file, block)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=path.name) from None
    except UnicodeDecodeError:
        refuse(job, "is not UTF-8 throughout", hint=AGAIN)


def read(path: Path) -> pd.DataFrame:
    """Read a table of the input folder as a whole: see `chunks`; each column is of dtype object."""
    parts = [part.astype(object) for part in chunks(path)]
    return pd.concat(parts) if len(parts) > 1 else parts[0]


def _chunks(job: Job, file: BinaryIO, block: int) -> Iterator[pd.DataFrame]:
    header: list[str] = []
    number, start = FIRST_ROW, 0
    while lines := file.read(block) + file.readline(LONGEST_LINE):
        if not _plain(lines):
            break
        if not header:
            first, _, lines = lines.partition(b"\n")
            header = _header(job, first.removeprefix(_BOM).decode().split(","))
            start = len(first) + 1
        if lines:
            part = _split(job, header, lines, number)
            if part is None:
                break
            yield part
            number += len(part)
        start = file.tell()
    else:
        if header:
            if number == FIRST_ROW:
                yield _frame(job, header, (), number)
            return
    file.seek(start)
    yield from _strictly(job, file, header, number)


def _plain(lines: bytes) -> bool:
    """Tell whether these are whole lines without anything that only the `csv` module reads."""
    whole = lines.endswith(b"\n") and not lines.startswith(b"\n")
    return whole and not any(odd in lines for odd in _ODD)


def _header(job: Job, names: list[str]) -> list[str]:
    header = [name.strip() for name in names]
    if not header:
        refuse(job, "is empty", hint="the first row names the columns")
    if len(header) == 1 and any(separator in header[0] for separator in ";\t"):
        refuse(job, "is not separated by commas", hint=AGAIN)
    check_names(job, header)
    return header


def _split(job: Job, header: list[str], lines: bytes, number: int) -> pd.DataFrame | None:
    """Return the cells of plain lines, or None where the `csv` module refuses one of them."""
    text = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow.read_csv(
            pa.BufferReader(lines),
            read_options=arrow.ReadOptions(column_names=header, block_size=len(lines)),
            parse_options=arrow.ParseOptions(quote_char=False),
            convert_options=arrow.ConvertOptions(
                column_types=dict.fromkeys(header, text), null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [column.combine_chunks() for column in table.columns]
    if any(pc.max(pc.utf8_length(c.dictionary)).as_py() > job.limits.cell for c in columns):
        return None
    index = pd.RangeIndex(number, number + table.num_rows)
    cells = {name: _categorical(c) for name, c in zip(header, columns, strict=True)}
    return pd.DataFrame(cells, index=index)


def _categorical(column: pa.DictionaryArray) -> pd.Categorical:
    """Strip each different text once."""
    texts = np.array([text.strip() for text in column.dictionary.to_pylist()], dtype=object)
    position, distinct = pd.factorize(texts)
    codes = position[column.indices.to_numpy()]
    return pd.Categorical.from_codes(codes, pd.Index(distinct, dtype=object))


def _strictly(job: Job, file: BinaryIO, header: list[str], number: int) -> Iterator[pd.DataFrame]:
    """Read what is left of a file with the `csv` module."""
    before = number - 1 if header else 0
    encoding = "utf-8" if header else "utf-8-sig"
    with TextIOWrapper(file, encoding, newline="") as text:
        reader = csv.reader(_lines(job, text, before), strict=True)
        try:
            header = header or _header(job, next(reader, []))
            for group in batched(reader, ROWS):
                yield _frame(job, header, group, number)
                number += len(group)
            if number == FIRST_ROW:
                yield _frame(job, header, (), number)
        except csv.Error:
            refuse(job, "broken quotes", at=f"line {before + reader.line_num}", hint=AGAIN)


def _lines(job: Job, file: TextIOWrapper, before: int) -> Iterator[str]:
    number = before
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            refuse(
                job, f"is longer than {LONGEST_LINE} characters", at=f"line {number}", hint=AGAIN
            )
        if "\0" in line:
            refuse(job, "holds a NUL byte", at=f"line {number}", hint=AGAIN)
        yield line


def _frame(job: Job, header: list[str], group: tuple[list[str], ...], number: int) -> pd.DataFrame:
    for position, row in enumerate(group, start=number):
        if len(row) != len(header):
            said = f"has {len(row)} cells, the header has {len(header)}"
            refuse(job, said, at=f"row {position}", hint=AGAIN)
    columns = list(zip(*group, strict=True)) or [()] * len(header)
    for cells in columns:
        longest = max(map(len, cells), default=0)
        if longest > job.limits.cell:
            at = f"row {number + [len(cell) for cell in cells].index(longest)}"
            said = f"a cell is longer than {job.limits.cell} characters"
            refuse(job, said, at=at, hint=AGAIN)
    index = pd.RangeIndex(number, number + len(group))
    return pd.DataFrame(
        {
            name: pd.Series(list(map(str.strip, cells)), index=index, dtype=object)
            for name, cells in zip(header, columns, strict=True)
        },
        index=index,
    )
