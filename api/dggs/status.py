"""How a value of a zone came about: what a null alone cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.features.columns import Column

type Statuses = NDArray[np.int8]
"""One place in `STATUSES` per zone."""

STATUSES: Final = ("published", "band", "merged", "no-data")
"""Shown as it is; hidden in a band; part of a larger area; nothing is there, or is known."""

PUBLISHED: Final = 0
MERGED: Final = 2
NO_DATA: Final = 3

_OF_FIELD: Final = "_stato"
_COUNTS: Final = "n_"


def statuses(name: str, columns: Mapping[str, Column]) -> Statuses:
    """Return the status of each value of a field.

    A null says of itself why it is one in the field that ends in `_stato`. Where it has none, it
    is made of a count, whose status is its own: a rate of a number in a band is hidden with it.
    """
    valid = columns[name].valid
    why = _why(name, columns)
    found = np.full(len(valid), NO_DATA, dtype=np.int8)
    if why is not None:
        place = [STATUSES.index(text) if text in STATUSES else NO_DATA for text in why.vocabulary]
        found = np.array([*place, NO_DATA], dtype=np.int8)[why.values]
        found[found == PUBLISHED] = NO_DATA
    found[valid] = PUBLISHED
    return found


def _why(name: str, columns: Mapping[str, Column]) -> Column | None:
    """Return the column that tells why values of a field are null."""
    stem = name
    while stem:
        for field in (stem + _OF_FIELD, _COUNTS + stem.partition("_")[2] + _OF_FIELD):
            if field in columns:
                return columns[field]
        stem = stem.rpartition("_")[0]
    return None
