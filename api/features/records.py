"""The values of features as Python has them, for pages that show a few fields of many rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from api.features.columns import RANKED, Column, ListColumn, Mask
from api.features.engine import Collection

type Values = dict[str, Any]
"""Values of one feature by field; None for null, a list for a list of codes."""


def records(
    collection: Collection, names: Iterable[str], *, where: Mask | None = None
) -> list[Values]:
    """Return some fields of the features of a collection, in its default order.

    Parameters
    ----------
    names : iterable of str
        Fields; one that the layer has not is None everywhere.
    where : Mask, optional
        Which rows; all if left out.
    """
    rows = collection.order if where is None else collection.order[where[collection.order]]
    columns = {name: _values(collection, name, rows) for name in names}
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def current(collection: Collection) -> Mask:
    """Return which features are valid on the day of the release; all where nothing says when."""
    valid = np.ones(collection.info.count, dtype=np.bool_)
    begins, ends = collection.columns.get("valido_dal"), collection.columns.get("valido_al")
    if begins is not None and ends is not None:
        valid &= begins.at_most(collection.reference_date) | ~begins.valid
        valid &= ends.at_least(collection.reference_date) | ~ends.valid
    return valid


def is_text(collection: Collection, name: str, value: str) -> Mask:
    """Return where a text field holds a value; nowhere in a layer without the field."""
    column = collection.columns.get(name)
    nowhere: Mask = np.zeros(collection.info.count, dtype=np.bool_)
    return nowhere if column is None else column.equal(value)


def _values(collection: Collection, name: str, rows: Any) -> list[Any]:
    if name in collection.lists:
        return _listed(collection.lists[name], rows)
    column = collection.columns.get(name)
    return [None] * len(rows) if column is None else _single(column, rows)


def _listed(column: ListColumn, rows: Any) -> list[list[str]]:
    vocabulary = np.array(column.vocabulary, dtype=object)
    return [vocabulary[held].tolist() for held in column.holds[rows]]


def _single(column: Column, rows: Any) -> list[Any]:
    values, valid = column.values[rows].tolist(), column.valid[rows].tolist()
    kind = column.field.type
    if kind in RANKED:
        vocabulary = column.vocabulary
        return [vocabulary[v] if k else None for v, k in zip(values, valid, strict=True)]
    cast = {"integer": int, "boolean": bool}.get(kind, float)
    return [cast(v) if k else None for v, k in zip(values, valid, strict=True)]
