"""Values of zones as they are written: numbers, texts and nulls."""

from __future__ import annotations

from typing import Any

from api.features.columns import RANKED, Column


def values_of(column: Column) -> list[Any]:
    """Return the values of a column as Python has them; None for null."""
    values, valid = column.values.tolist(), column.valid.tolist()
    if column.field.type in RANKED:
        return [column.vocabulary[v] if ok else None for v, ok in zip(values, valid, strict=True)]
    if column.field.type == "number":
        return [v if ok else None for v, ok in zip(values, valid, strict=True)]
    of_type = bool if column.field.type == "boolean" else int
    return [of_type(v) if ok else None for v, ok in zip(values, valid, strict=True)]
