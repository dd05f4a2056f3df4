"""Streams the large CSV files of ISTAT: one line at a time, plain or alone in a zip.

A national file has close to a million rows, of which a district needs one in a hundred. Rows
are therefore never all in memory; what is not wanted is counted and let go.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from geo_core.errors import SourceError
from geo_core.sources import zipped
from geo_core.sources.base import MIB, Job, Limits, refuse
from geo_core.sources.bounded import check_file

LIMITS: Final = Limits(bytes=256 * MIB, rows=5_000_000, columns=400)
LONGEST_LINE: Final = 64 * 1024
"""Characters; the widest published row has a few thousand."""

_PROBE: Final = MIB

type Row = tuple[int, list[str]]
"""Line number as a text editor shows it, and the cells without surrounding blanks."""


def rows(path: Path) -> Iterator[Row]:
    """Yield every line of a published file, titles and headers included.

    The separator is the semicolon if the first three lines have one, else the comma. UTF-8
    (with or without byte order mark) is tried first, then Windows-1252.

    Parameters
    ----------
    path : Path
        A `.csv`, or a `.zip` with exactly one of them.

    Raises
    ------
    SourceError
        Not such a file, larger than `LIMITS`, a NUL byte, an endless line, broken quotes.
    """
    job = Job(places=(str(check_file(path, LIMITS.bytes)),), limits=LIMITS)
    encoding = _encoding(job)
    with _opened(job) as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
        yield from _split(job, _lines(job, text), _separator(job, encoding))


def _split(job: Job, lines: Iterator[str], separator: str) -> Iterator[Row]:
    reader = csv.reader(lines, strict=True, delimiter=separator)
    try:
        for cells in reader:
            if reader.line_num > LIMITS.rows:
                refuse(job, f"has more than {LIMITS.rows} rows", hint="send one region at a time")
            if len(cells) > LIMITS.columns:
                message = f"has more than {LIMITS.columns} columns"
                refuse(job, message, at=f"row {reader.line_num}", hint="download it again")
            yield reader.line_num, [cell.strip() for cell in cells]
    except UnicodeDecodeError:
        hint = "download it again"
        refuse(job, "is neither UTF-8 nor Windows-1252", at=f"row {reader.line_num}", hint=hint)
    except (csv.Error, zipfile.BadZipFile, EOFError):
        hint = "download it again"
        refuse(job, "is damaged", at=f"row {reader.line_num + 1}", hint=hint)


def _lines(job: Job, text: IO[str]) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: text.readline(LONGEST_LINE + 1), ""), start=1):
        if len(line) > LONGEST_LINE:
            message = f"has a line of more than {LONGEST_LINE} characters"
            refuse(job, message, at=f"row {number}", hint="it is not the published file")
        if "\0" in line:
            refuse(job, "holds a NUL byte", at=f"row {number}", hint="download it again")
        yield line


@contextmanager
def _opened(job: Job) -> Iterator[IO[bytes]]:
    if job.path.suffix.lower() != ".zip":
        with job.path.open("rb") as file:
            yield file
        return
    names = [name for name in zipped.check(job) if name.lower().endswith(".csv")]
    if len(names) != 1:
        hint = "unpack it and send the file of municipalities or sections alone"
        refuse(job, f"holds {len(names)} CSV files", hint=hint)
    with zipfile.ZipFile(job.path) as archive, archive.open(names[0]) as file:
        yield file


def _encoding(job: Job) -> str:
    """Return UTF-8 if the whole file is, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with _opened(job) as raw:
            while block := raw.read(_PROBE):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    except (zipfile.BadZipFile, EOFError, OSError):
        raise SourceError("is damaged", where=job.path.name, hint="download it again") from None
    return "utf-8-sig"


def _separator(job: Job, encoding: str) -> str:
    with _opened(job) as raw:
        head = b"".join(raw.readline(LONGEST_LINE) for _ in range(3))
    return ";" if ";" in head.decode(encoding, errors="replace") else ","
