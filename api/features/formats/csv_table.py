"""CSV (RFC 4180): a header, one line per feature, texts in quotes, null as nothing at all.

A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one
that has that already: whoever takes one apostrophe away where `'+` and such a sign begin a text
has every text byte for byte. Numbers are never changed.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, Final

import orjson
import shapely

from api.features.crs import is_geographic
from api.features.formats.found import Found, Piece, Shapes, Value
from geo_core.model.field import FieldType

_FORMULA: Final = re.compile(r"'*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
"""How such a text begins; some spreadsheets read the wide signs of East Asian scripts, too."""
_WORDS: Final = {"true": "VERO", "false": "FALSO"}
_AS_THEY_ARE: Final = -1
"""Decimals of coordinates: as many as each has."""


def write(found: Found) -> Iterator[bytes]:
    """Yield a table whose last columns are the place: `lon`, `lat` of points, else `wkt`.

    In a projected system points have `x` (east) and `y` (north).
    """
    places = _place_names(found)
    yield lines([[*(field.name for field in found.fields), *places]])
    for piece in found.pieces():
        yield lines(zip(*_columns(found, piece), *_places(piece, places), strict=True))


def write_h3(found: Found) -> Iterator[bytes]:
    """Yield a table without places: the cell, then the other fields."""
    names = h3_first(found)
    yield lines([names])
    for piece in found.pieces():
        columns = dict(zip(piece.columns, _columns(found, piece), strict=True))
        yield lines(zip(*(columns[name] for name in names), strict=True))


def write_italian(found: Found) -> Iterator[bytes]:
    """Yield a table that an Italian spreadsheet opens as it is; of areas it has no outline.

    Semicolons, commas in decimals, a mark of UTF-8 at the start, `VERO` and `FALSO`.
    """
    places = () if found.kind in {"none", "MultiPolygon"} else _axes(found)
    yield BOM_UTF8 + lines([[*(field.name for field in found.fields), *places]], ";")
    for piece in found.pieces():
        columns = [
            [_WORDS.get(value) for value in cells] if field.type == "boolean" else cells
            for field, cells in zip(found.fields, _columns(found, piece), strict=True)
        ]
        rows = zip(*columns, *(_points(piece) if places else ()), strict=True)
        yield lines((map(_italian, row) for row in rows), ";")


def h3_first(found: Found) -> list[str]:
    """Return the columns of an H3 table: the cell, which is always there, then the others."""
    return ["h3", *(field.name for field in found.fields if field.name != "h3")]


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; the text itself if it is none."""
    return f"'{text}" if _FORMULA.match(text) else text


class _Comma(float):
    """A number that is written with a comma, and without quotes."""

    def __str__(self) -> str:
        return float.__repr__(self).replace(".", ",")


def _italian(value: Any) -> Any:
    return _Comma(value) if isinstance(value, float) else value


def lines(rows: Any, between: str = ",") -> bytes:
    """Return rows of plain values as lines of a table."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=between, quoting=csv.QUOTE_STRINGS).writerows(rows)
    return text.getvalue().encode()


def _columns(found: Found, piece: Piece) -> list[list[Any]]:
    return [cells_of(field.type, piece.columns[field.name]) for field in found.fields]


def cells_of(kind: FieldType, values: list[Value]) -> list[Any]:
    """Return the values of a field as a table has them."""
    if kind in {"integer", "number"}:
        return values
    if kind == "boolean":
        return [None if value is None else str(value).lower() for value in values]
    if kind == "codes":
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    return [None if value is None else harmless(str(value)) for value in values]


def _place_names(found: Found) -> tuple[str, ...]:
    if found.kind == "none":
        return ()
    if found.kind != "Point":
        return ("wkt",)
    return _axes(found)


def _axes(found: Found) -> tuple[str, str]:
    return ("lon", "lat") if is_geographic(found.crs) else ("x", "y")


def _places(piece: Piece, names: tuple[str, ...]) -> list[list[Any]]:
    if piece.shapes is None:
        return []
    if len(names) == 1:
        return [shapely.to_wkt(piece.shapes, rounding_precision=_AS_THEY_ARE).tolist()]
    return _points(piece)


def _points(piece: Piece) -> list[list[Any]]:
    """Return the two columns of the points; what is no point has nothing there."""
    return [_ordinates(shapely.get_x(piece.shapes)), _ordinates(shapely.get_y(piece.shapes))]


def _ordinates(values: Shapes) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN
