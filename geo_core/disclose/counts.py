"""The input of disclosure control, checked: residents per cell, persons per cell and category.

Messages say how many records are wrong and never where: a message may end up in a log that
others read.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Final

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype

from geo_core.disclose.shape import Shapes
from geo_core.disclose.tree import Ints
from geo_core.errors import DisclosureError
from geo_core.model.policy import Category

YEAR: Final = "anno"
CATEGORY: Final = "categoria"
PLACE: Final = "luogo"
COLUMNS: Final = (YEAR, PLACE, CATEGORY, "n")
KEYED: Final = (PLACE, CATEGORY, "n")
"""What of the counts of one year decides its draw."""


def district(residents: pd.Series) -> dict[str, int]:
    """Return residents per cell as a mapping.

    Parameters
    ----------
    residents : Series of int
        Index: H3 cells of resolution 8, each once.

    Raises
    ------
    DisclosureError
        A cell is repeated, or a number is missing or not whole.
    """
    if not residents.index.is_unique:
        raise DisclosureError("the population input names a cell twice")
    if not is_integer_dtype(residents) or residents.hasnans:
        raise DisclosureError(
            "the population input has missing or broken numbers of residents",
            hint="needs are published only where the population of every cell is known",
        )
    return {str(cell): int(n) for cell, n in residents.items()}


def checked(
    counts: pd.DataFrame, *, places: Collection[str], categories: Collection[Category]
) -> dict[int, pd.DataFrame]:
    """Return the counts of each year, summed per place and category, zeros left out, ordered.

    Parameters
    ----------
    counts : DataFrame
        Columns `anno` (calendar year), `luogo` (a cell of resolution 8, or a unit), `categoria`
        and `n` (persons), whole numbers.
    places, categories : collection of str
        What `luogo` and `categoria` may be.

    Returns
    -------
    mapping
        Year, ascending, to a frame of the other columns.

    Raises
    ------
    DisclosureError
        Other columns, a number that is missing, negative or not whole, a category outside
        the list, or a place outside the district.
    """
    if sorted(counts.columns) != sorted(COLUMNS):
        raise DisclosureError(f"counts have the columns {', '.join(COLUMNS)} and no others")
    n = counts["n"]
    if not is_integer_dtype(n) or n.hasnans or bool((n < 0).any()):
        raise DisclosureError("a count is missing, negative or not a whole number")
    _refuse(counts, ~counts[CATEGORY].isin(set(categories)), "have a category outside the list")
    _refuse(
        counts,
        ~counts[PLACE].isin(set(places)),
        "lie in cells that the population input does not have",
    )
    summed = counts.groupby([YEAR, PLACE, CATEGORY], as_index=False, sort=True)["n"].sum()
    positive = summed[summed["n"] > 0]
    return {
        int(year): rows[list(KEYED)].reset_index(drop=True)
        for year, rows in positive.groupby(YEAR, sort=True)
    }


def per_place(
    counts: pd.DataFrame, position: Mapping[Category, Mapping[str, int]], sizes: Mapping[str, int]
) -> dict[Category, Ints]:
    """Sum the checked counts of one year to the nodes on which each category is measured.

    Parameters
    ----------
    counts : DataFrame
        `luogo`, `categoria`, `n`.
    position : mapping
        By category, the node of every place.
    sizes : mapping
        By category, the number of nodes.
    """
    out: dict[Category, Ints] = {}
    for category, of_place in position.items():
        own = counts[counts[CATEGORY] == category]
        out[category] = np.zeros(sizes[category], dtype=np.int64)
        nodes = own[PLACE].map(of_place).to_numpy(dtype=np.int64)
        np.add.at(out[category], nodes, own["n"].to_numpy(dtype=np.int64))
    return out


def per_area(counts: pd.DataFrame, shapes: Shapes) -> dict[Category, Ints]:
    """Sum the checked counts of one year to the areas of each category.

    Returns
    -------
    mapping of arrays of int
        One number per area, in the order of `shapes.of(category).areas`.
    """
    areas = {c: shapes.of(c) for c in shapes.categories}
    return per_place(
        counts,
        {c: {str(m): i for m, i in shape.area_of.items()} for c, shape in areas.items()},
        {c: len(shape.areas) for c, shape in areas.items()},
    )


def digest(counts: pd.DataFrame) -> str:
    """Return the SHA-256 of the counts of one year, from `checked`.

    It must stay private: whoever can guess the counts could confirm the guess with it.
    """
    return hashed([counts[name].tolist() for name in KEYED])


def hashed(content: object) -> str:
    """Return the SHA-256 of anything that JSON can say."""
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _refuse(counts: pd.DataFrame, wrong: pd.Series, what: str) -> None:
    if (number := int(counts.loc[wrong, "n"].sum())) or bool(wrong.any()):
        raise DisclosureError(f"{number} records {what}", hint="correct the input of the stage")
