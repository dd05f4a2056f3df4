"""Reads columns of text as what they are declared to be: one rule for each cell, typed.

A cell is read once per distinct text, so a million rows with few values cost little.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.personal import TAX_CODE, looks_like_prose, plain, sign_of_a_person
from geo_core.ingest.problems import Problems, Refusal
from geo_core.model.field import FieldType

type Value = str | int | float | bool | tuple[str, ...] | None

MAX_TEXT: Final = 500
MAX_ITEMS: Final = 50
SHOWN_CODES: Final = 20
"""Codes that a refusal lists; of more it says where they are."""

_PARTS: Final = re.compile(r"[0-9]+|[^0-9]+")
_OTHERWISE: Final = re.compile(r"[ ]*[,;/|+][ ]*|[ ]+")
_INTEGER: Final = re.compile(r"-?[0-9]{1,12}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_COMMA: Final = re.compile(r"-?[0-9]{1,3},[0-9]{3}")
_DATE: Final = re.compile(r"(1[89]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")

_CALCULATED: Final = (
    r"[+-](?![0-9 ./()-]{6,40}(?:[;,|]|$))"
    r"(?:[+-]{0,3}'|[+-]{0,3}\({0,3}[A-Z0-9.$']{1,64} ?[-+*/^&]"
    r"|[ +-]{0,3}\({0,3}[A-Z0-9.$']{1,64}(?:[(|]|![A-Z0-9$]))"
)
"""A sign before a sum, a call or a reference: no dash before words, and no telephone number."""

FORMULA: Final = re.compile(rf'^[ "]{{0,2}}[=+@-]|[;,|][ "]{{0,2}}(?:[=@]|{_CALCULATED})')
"""What a spreadsheet takes for a formula, in a plain text: at its beginning, or where a comma or
semicolon inside it is taken for the end of a cell."""

CALLED: Final = re.compile(r"\+[0-9 ./()-]+")
"""An international telephone number: the one text that may begin with a plus."""

_DAY: Final = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_MADE_A_DAY: Final = (
    "nothing about a person may be written here; if a spreadsheet made a day of a code, "
    "format the column as text and write the code again"
)
_ZEROS: Final = "a spreadsheet may have dropped zeros in front: keep the column as text"
_MOST_ZEROS: Final = 10

UNKNOWN: Final = "is not a known code"
PROSE: Final = "is free text where a code is expected"

_LIVE: Final = Refusal(
    "would be a formula in a spreadsheet", "begin with a letter or a digit, not with = + - or @"
)


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of one column of an input file may be.

    Attributes
    ----------
    required : bool
        The column must be there and no cell of it empty.
    codes : frozenset of str | None
        The only values allowed; for type `codes`, of every item.
    codes_from : str
        Where these codes are listed, in words.
    low, high : float
        Bounds of a number, both allowed.
    pattern, expected : str
        What a text must match as a whole, and that in words; words alone if `check` decides.
    contact : bool
        The text may hold an e-mail address or telephone number (of an office).
    max_items : int
        Longest list, for type `codes`.
    check : callable | None
        A further rule on the text of a cell that is not empty.
    """

    name: str
    type: FieldType
    required: bool = False
    codes: frozenset[str] | None = None
    codes_from: str = ""
    low: float = -math.inf
    high: float = math.inf
    pattern: str = ""
    expected: str = ""
    contact: bool = False
    max_items: int = MAX_ITEMS
    check: Callable[[str], Refusal | None] | None = None


def read_columns(
    path: Path, rows: pd.DataFrame, columns: Iterable[Column], problems: Problems
) -> pd.DataFrame:
    """Read every cell of a table.

    Parameters
    ----------
    path : Path
        For messages only.
    rows : DataFrame
        Text, of dtype object or categorical, indexed by row number (`geo_core.sources.csv.read`,
        `geo_core.sources.csv_chunks.chunks`).
    columns : Iterable[Column]
        Every column that may occur.
    problems : Problems
        Receives the first wrong cell of each row.

    Returns
    -------
    DataFrame
        All declared columns, in their order, dtype object: str, int, float, bool, tuple of str,
        or None. Refused cells are None. The refused rows are still in it.

    Raises
    ------
    IngestError
        A required column is missing, or there is one that is not declared.
    """
    declared = {column.name: column for column in columns}
    _check_header(path, [str(name) for name in rows.columns], declared)
    typed = {
        name: _read(rows[name], column, problems)
        for name, column in declared.items()
        if name in rows.columns
    }
    return pd.DataFrame(typed, index=rows.index, columns=list(declared), dtype=object)


def _check_header(path: Path, found: list[str], declared: dict[str, Column]) -> None:
    for column in declared.values():
        if column.required and column.name not in found:
            raise IngestError(
                f"the column {column.name} is missing", where=path.name, hint=_listed(declared)
            )
    for position, name in enumerate(found, start=1):
        # A file without a header has data in its first row: its text is not repeated.
        if name not in declared:
            raise IngestError(
                f"column {position} is not known", where=path.name, hint=_listed(declared)
            )


def _listed(names: Iterable[str]) -> str:
    return f"the columns are: {', '.join(names)}"


def _read(cells: pd.Series, column: Column, problems: Problems) -> pd.Series:
    position, texts = _distinct(cells)
    read = [read_value(column, text) for text in texts]
    refused = {at: value for at, value in enumerate(read) if isinstance(value, Refusal)}
    if refused:
        wrong = np.flatnonzero(np.isin(position, list(refused)))
        for row, at in zip(cells.index[wrong], position[wrong].tolist(), strict=True):
            problems.add(int(row), column.name, refused[at])
    values = (None if isinstance(value, Refusal) else value for value in read)
    # `fromiter` keeps a tuple one value.
    distinct = np.fromiter(values, dtype=object, count=len(read))
    return pd.Series(distinct[position], index=cells.index, dtype=object)


def _distinct(cells: pd.Series) -> tuple[npt.NDArray[np.integer], Sequence[str]]:
    """Return the position of each cell's text among the different ones, and these."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return cells.cat.codes.to_numpy(), cells.cat.categories.tolist()
    position, texts = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=False)
    return position, texts.tolist()


def read_value(column: Column, text: str) -> Value | Refusal:
    """Read one cell, or say why it is refused."""
    if not text and column.required:
        return Refusal("is empty and must not be", "fill it in")
    if not text:
        return _empty(column)
    if column.check is not None and (refusal := column.check(text)) is not None:
        return refusal
    return _READERS[column.type](column, text)


def suspected(text: str, otherwise: Refusal) -> Refusal:
    """Return a refusal that names the personal thing a text looks like, else `otherwise`."""
    sign = sign_of_a_person(text)
    if sign is not None and is_a_day(text):
        return Refusal(sign, _MADE_A_DAY)
    return otherwise if sign is None else _personal(sign)


def is_a_day(text: str) -> bool:
    """Say whether a text is written as a day and nothing else: often a spreadsheet wrote it so."""
    return _DAY.fullmatch(text) is not None


def _personal(sign: str) -> Refusal:
    return Refusal(sign, "nothing about a person may be written here")


def _empty(column: Column) -> Value:
    return () if column.type == "codes" else None


def _text(column: Column, text: str) -> Value | Refusal:
    if column.codes is not None:
        return text if text in column.codes else _unknown_code(column, text)
    if column.pattern:
        matches = re.fullmatch(column.pattern, text) is not None
        hint = _ZEROS if _lacks_zeros(column, text) else "write it in this form and nothing else"
        return text if matches else suspected(text, Refusal(f"is not {column.expected}", hint))
    if len(text) > MAX_TEXT or not text.isprintable():
        return Refusal(
            f"is longer than {MAX_TEXT} characters or holds invisible ones",
            "shorten it, on one line, without tabs",
        )
    sign = sign_of_a_person(text)
    if sign is not None and (sign == TAX_CODE or not column.contact):
        return _personal(sign)
    called = column.contact and CALLED.fullmatch(text)
    return _LIVE if FORMULA.search(plain(text)) and not called else text


def _lacks_zeros(column: Column, text: str) -> bool:
    """Say whether digits would be right with zeros in front, which a number does not keep."""
    return text.isdecimal() and any(
        re.fullmatch(column.pattern, "0" * zeros + text) for zeros in range(1, _MOST_ZEROS)
    )


def _unknown_code(column: Column, text: str) -> Refusal:
    reason = PROSE if looks_like_prose(text) else UNKNOWN
    return suspected(text, Refusal(reason, _some(column)))


def _some(column: Column) -> str:
    known = sorted(column.codes or (), key=natural)
    if not known:
        return f"there is no code of {column.codes_from} yet: import it first"
    if len(known) > SHOWN_CODES:
        return f"use a code of {column.codes_from}"
    return f"known: {', '.join(known)}"


def natural(code: str) -> list[tuple[int, str]]:
    """Return what sorts numbers inside codes as numbers: bands of age by age."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _PARTS.findall(code)]


def _codes(column: Column, text: str) -> Value | Refusal:
    items = tuple(item.strip() for item in text.split(";"))
    if len(items) > column.max_items:
        hint = "keep the codes that matter most"
        return Refusal(f"lists more than {column.max_items} codes", hint)
    if len(set(items)) != len(items):
        return Refusal("lists a code twice", "write every code once")
    if column.codes is None or column.codes.issuperset(items):
        return items
    if column.codes.issuperset(_OTHERWISE.split(text)):
        return Refusal("separates codes by another sign", "write a semicolon between them: FAM;ANZ")
    return _unknown_code(column, text)


def _integer(column: Column, text: str) -> Value | Refusal:
    if not _INTEGER.fullmatch(text):
        hint = "write digits only, without separators"
        return Refusal("is not a whole number", _or_empty(column, hint))
    return _bounded(column, int(text))


def _number(column: Column, text: str) -> Value | Refusal:
    if _COMMA.fullmatch(text):
        return Refusal(
            "may mean thousands or decimals: other rows of the column use the other sign",
            "write decimals with one sign in the whole column, and thousands without any",
        )
    if not _NUMBER.fullmatch(text):
        hint = "write digits only, and one sign before the decimals"
        return Refusal("is not a number", _or_empty(column, hint))
    return _bounded(column, float(text))


def _or_empty(column: Column, hint: str) -> str:
    """Return a remedy, with the other one: what is not known is left empty."""
    return hint if column.required else f"{hint}, or leave it empty"


def _bounded(column: Column, value: float) -> Value | Refusal:
    if column.low <= value <= column.high:
        return value
    if math.isinf(column.high):
        return Refusal(f"is less than {column.low:g}", "check the number")
    return Refusal(f"is not between {column.low:.12g} and {column.high:.12g}", "check the number")


def _boolean(_column: Column, text: str) -> Value | Refusal:
    if text not in {"true", "false"}:
        return Refusal("is neither true nor false", "write true or false")
    return text == "true"


def _date(column: Column, text: str) -> Value | Refusal:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    hint = _or_empty(column, "write it as 2023-12-31")
    return Refusal("is not a day of the calendar", hint)


_READERS: Final[dict[FieldType, Callable[[Column, str], Value | Refusal]]] = {
    "text": _text,
    "codes": _codes,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
