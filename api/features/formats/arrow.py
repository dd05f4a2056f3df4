"""Columns as Arrow arrays, made from their bytes.

`pyarrow.array` would do it in one call and import pandas for it, which the server must not carry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geo_core.model.field import FieldType

_NUMBERS: Final[dict[FieldType, tuple[pa.DataType, str]]] = {
    "integer": (pa.int64(), "<i8"),
    "number": (pa.float64(), "<f8"),
}


def column(kind: FieldType, values: Sequence[Any]) -> pa.Array:
    """Return the values of a field, None for null, as an array of its type."""
    if kind in _NUMBERS:
        arrow, numpy = _NUMBERS[kind]
        plain = [0 if value is None else value for value in values]
        return numbers(arrow, np.array(plain, dtype=numpy), values)
    if kind == "boolean":
        truth = _bits([bool(value) for value in values])
        return _made(pa.bool_(), values, [truth])
    if kind == "codes":
        codes = list(chain.from_iterable(value or () for value in values))
        inner = column("text", codes)
        return _made(pa.list_(pa.string()), values, [_offsets(values)], [inner])
    return _packed(pa.string(), [None if v is None else v.encode() for v in values])


def binary(values: Sequence[bytes | None]) -> pa.Array:
    """Return bytes as an array."""
    return _packed(pa.binary(), values)


def numbers(arrow: pa.DataType, plain: NDArray[Any], values: Sequence[Any]) -> pa.Array:
    """Return numbers as an array; null where `values` is None."""
    return _made(arrow, values, [pa.py_buffer(np.ascontiguousarray(plain))])


def structs(arrow: pa.StructType, table: NDArray[np.float64], values: Sequence[Any]) -> pa.Array:
    """Return rows of numbers as an array of structs; null where `values` is None."""
    children = [
        numbers(field.type, table[:, place], [True] * len(values))
        for place, field in enumerate(arrow)
    ]
    return _made(arrow, values, [], children)


def _packed(arrow: pa.DataType, values: Sequence[bytes | None]) -> pa.Array:
    content = b"".join(value for value in values if value is not None)
    return _made(arrow, values, [_offsets(values), pa.py_buffer(content)])


def _offsets(values: Sequence[Any]) -> pa.Buffer:
    ends = accumulate((0 if value is None else len(value) for value in values), initial=0)
    return pa.py_buffer(np.fromiter(ends, dtype="<i4"))


def _made(
    arrow: pa.DataType,
    values: Sequence[Any],
    content: list[pa.Buffer],
    children: list[pa.Array] | None = None,
) -> pa.Array:
    valid = _bits(value is not None for value in values)
    return pa.Array.from_buffers(arrow, len(values), [valid, *content], children=children)


def _bits(truths: Iterable[bool]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(np.fromiter(truths, dtype=np.bool_), bitorder="little"))
