"""Excel workbooks (.xlsx): one sheet, names in its first row, values only."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from geo_core.sources import zipped
from geo_core.sources.base import MIB, Cell, Job, Parsed, Source, check_names, check_size, refuse
from geo_core.sources.text import cell

_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{2,20})"')
_OVERLAP: Final = 200
_NOT_SHOWN: Final = re.compile(r'\[[^\]]*\]|"[^"]*"')
_ZEROS: Final = re.compile("0{2,20}")
_BLANK: Final = (None, "")


def parse(job: Job) -> Parsed:
    """Read one sheet: the one that is named, else the first.

    A column's name that is broken over several lines is one line again.
    Text, numbers, days and logical values come out as text; a number shown with leading zeros
    keeps them, a day shown as month and year is a month. Rows without any value are left out.

    Raises
    ------
    SourceError
        Not a workbook, a zip bomb, absurd dimensions, no such sheet, a formula, merged cells, a
        missing or repeated column name, or beyond the limits.
    """
    sizes = zipped.check(job)
    if "xl/workbook.xml" not in sizes:
        refuse(job, "is not an Excel workbook", hint="save it as .xlsx, without password")
    try:
        book = load_workbook(job.path, read_only=True, keep_links=False)
        sheet, shown = _sheet(job, book)
        _check_merged(job, sheet)
        _check_dimensions(job, sheet)
        lines = list(_lines(job, sheet))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, TypeError):
        refuse(job, "is not a readable workbook", hint="save it again as .xlsx")
    return _parsed(job, lines, shown)


def _sheet(job: Job, book: Any) -> tuple[Any, str]:
    names = [sheet.title for sheet in book.worksheets]
    listed = ", ".join(name for name in names[:20] if name.isprintable())
    if job.layer is None and names:
        return book.worksheets[0], f"the first of {len(names)} sheets ({listed})"
    if job.layer not in names:
        refuse(job, "has no sheet of that name", hint=f"it has: {listed}")
    return book.worksheets[names.index(job.layer)], "the sheet that was asked for"


def _check_merged(job: Job, sheet: Any) -> None:
    """Look for merged cells, which openpyxl does not tell of a sheet that it only reads."""
    with sheet._get_source() as raw:  # noqa: SLF001 - the path of a sheet is told nowhere else
        before = b""
        while block := raw.read(MIB):
            merged = _MERGED.search(before + block)
            if merged:
                hint = "unmerge the cells: every column has its name and every row its values"
                refuse(job, "has merged cells", at=f"cells {merged[1].decode()}", hint=hint)
            before = block[-_OVERLAP:]


def _check_dimensions(job: Job, sheet: Any) -> None:
    width, height = sheet.max_column or 0, sheet.max_row or 0
    if width > job.limits.columns or height > job.limits.rows + 1:
        hint = "delete the empty rows and columns beyond the table (also their colours), then save"
        message = f"is {height} rows high and {width} columns wide, more than is read"
        refuse(job, message, at="the sheet", hint=hint)
    # A sheet may say that it is smaller than it is: it is read by its cells.
    sheet.reset_dimensions()


def _lines(job: Job, sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the number and the cells of every row that has any."""
    total = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > job.limits.rows + 1 or len(cells) > job.limits.columns:
            message = f"has more than {job.limits.rows} rows or {job.limits.columns} columns"
            refuse(job, message, at=f"row {number}", hint="split the file")
        values = [_value(job, c, number, i) for i, c in enumerate(cells)]
        while values and values[-1] in _BLANK:
            values.pop()
        total += len(values)
        if total > job.limits.cells:
            message = f"has more than {job.limits.cells} cells"
            refuse(job, message, at=f"row {number}", hint="split the file")
        if values:
            yield number, values


def _value(job: Job, found: Any, row: int, column: int) -> Cell:
    value = found.value
    if value is None:
        return None
    if found.data_type in {"f", "e"}:
        place = f"cell {get_column_letter(column + 1)}{row}"
        what = "a formula" if found.data_type == "f" else "the error of a formula"
        hint = "copy the column and paste it as values, then save"
        refuse(job, f"holds {what}", at=place, hint=hint)
    if isinstance(value, datetime) and value.time() == time():
        value = _day(value.date(), str(found.number_format))
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = _number(value, str(found.number_format))
    return cell(job, value, column=get_column_letter(column + 1), row=row)


def _day(value: date, shape: str) -> date | str:
    """Keep the month that a spreadsheet stored as its first day and still shows as a month."""
    parts = _NOT_SHOWN.sub("", shape.lower())
    if value.day == 1 and "y" in parts and "m" in parts and "d" not in parts:
        return f"{value:%Y-%m}"
    return value


def _number(value: float, shape: str) -> str | float:
    """Keep the zeros in front of a code that is stored as a number."""
    if _ZEROS.fullmatch(shape) and value == int(value) and value >= 0:
        return str(int(value)).zfill(len(shape))
    return value


def _parsed(job: Job, lines: list[tuple[int, list[Cell]]], shown: str) -> Parsed:
    if not lines or lines[0][0] != 1:
        refuse(job, "has nothing in its first row", hint="the first row names the columns")
    header = [" ".join((name or "").split()) for name in lines[0][1]]
    if sum(map(bool, header)) == 1 and any(len(values) > len(header) for _, values in lines[1:]):
        hint = "the first row names the columns: delete the title above it"
        refuse(job, "has one name only, and more columns below", at="row 1", hint=hint)
    check_names(job, header)
    width = len(header)
    for number, values in lines[1:]:
        if len(values) > width:
            place = f"cell {get_column_letter(len(values))}{number}"
            refuse(job, "holds a value in a column without name", at=place, hint="name the column")
    check_size(job, rows=len(lines) - 1, columns=width)
    body = [[*values, *[None] * (width - len(values))] for _, values in lines[1:]]
    columns = list(zip(*body, strict=True)) or [()] * width
    return Parsed(
        columns=dict(zip(header, columns, strict=True)),
        rows=[number for number, _ in lines[1:]],
        found=(f"read {shown}",),
    )


SOURCE: Final = Source("Excel", (".xlsx",), parse)
