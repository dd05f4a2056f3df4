"""What a method gives back, and how it is written: at full precision, with nothing unexplained."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo_core.errors import CatalogError
from geo_core.indicators.composite import IndexInputError
from geo_core.model.text import Text
from geo_core.release.durable import write_durably

STATUS: Final = "stato"
"""Column that says of each row whether it has every value, and if not why."""

COMPUTED: Final = "computed"
"""Status of a unit that has every value."""

type Column = np.ndarray[Any, Any] | Sequence[str] | Sequence[int]


@dataclass(frozen=True, slots=True)
class Result:
    """What a method found.

    Attributes
    ----------
    keys : mapping of column to cells
        What names each row: the id, and the period where there is one.
    columns : mapping of column to values
        One value per row: numbers (NaN where there is none) or text ("" where there is none).
    status : sequence of str
        `COMPUTED`, or why the row lacks a value.
    record : mapping
        How it was computed: whatever is needed to compute it again.
    notes : tuple of Text
        What the user should be told at once.
    """

    keys: Mapping[str, Sequence[str]]
    columns: Mapping[str, Column]
    status: Sequence[str]
    record: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()


def no_data(missing: Sequence[str]) -> str:
    """Return the status of a unit that lacks values of some columns."""
    return f"no-data: {'; '.join(missing)}"


def partial(missing: Sequence[str]) -> str:
    """Return the status of a unit that was computed without some columns, as the options allow."""
    return f"partial: {'; '.join(missing)}"


def write_result(result: Result, path: Path) -> None:
    """Write a table as CSV: commas, points, every number with all its digits.

    Raises
    ------
    CatalogError
        A column that names the rows has the name of one that is written.
    IndexInputError
        A value is not finite, or a value is missing and its status does not say why: the numbers
        that went in are beyond what the method can compute with.
    """
    for name in {*result.columns, STATUS} & set(result.keys):
        raise CatalogError(
            "is also the name of a column that is written",
            where=f"column {name}",
            hint="rename the column in the table and in the specification",
        )
    cells = {**result.keys, **{n: _cells(n, v, result) for n, v in result.columns.items()}}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*cells, STATUS])
    writer.writerows(zip(*cells.values(), result.status, strict=True))
    _replace(path, buffer.getvalue().encode())


def write_record(record: Mapping[str, Any], path: Path) -> None:
    """Write how a table was computed, as JSON."""
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    _replace(path, f"{text}\n".encode())


def _cells(name: str, values: Column, result: Result) -> list[str]:
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    cells = [_cell(value) for value in listed]
    for position, (cell, status) in enumerate(zip(cells, result.status, strict=True)):
        if cell in {"inf", "-inf"} or (not cell and status == COMPUTED):
            key = ", ".join(of[position] for of in result.keys.values())
            raise IndexInputError(
                "cannot be computed: the numbers are too large or too small",
                where=f"{key}, column {name}",
                hint="use other units, and check goalposts and weights",
            )
    return cells


def _cell(value: str | float) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value) + 0.0)  # not -0.0
    return value if isinstance(value, str) else str(int(value))


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    try:
        write_durably(beside, data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
