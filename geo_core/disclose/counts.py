"""The input of disclosure control, checked: residents per cell, and needs per cell and category.

Messages say how many records are wrong and never where: a message may end up in a log that
others read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype

from geo_core.disclose.shape import Shape, Shapes
from geo_core.disclose.tree import Ints
from geo_core.errors import DisclosureError
from geo_core.model.policy import CATEGORIES, Category

COLUMNS: Final = ("h3", "area_utenza", "n")


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


def checked(counts: pd.DataFrame, base: Shape) -> pd.DataFrame:
    """Return the counts, summed per cell and category, zeros left out, in a fixed order.

    Parameters
    ----------
    counts : DataFrame
        Columns `h3` (resolution 8), `area_utenza` (a category), `n` (persons, whole).
    base : Shape
        The district.

    Raises
    ------
    DisclosureError
        Other columns, a number that is missing, negative or not whole, a category outside
        the list, or a cell outside the district.
    """
    if sorted(counts.columns) != sorted(COLUMNS):
        raise DisclosureError(f"counts have the columns {', '.join(COLUMNS)} and no others")
    n = counts["n"]
    if not is_integer_dtype(n) or n.hasnans or bool((n < 0).any()):
        raise DisclosureError("a count is missing, negative or not a whole number")
    _refuse(counts, ~counts["area_utenza"].isin(CATEGORIES), "have a category outside the list")
    _refuse(
        counts,
        ~counts["h3"].isin(base.area_of),
        "lie in cells that the population input does not have",
    )
    summed = counts.groupby(["h3", "area_utenza"], as_index=False, sort=True)["n"].sum()
    return summed[summed["n"] > 0].reset_index(drop=True)


def per_area(counts: pd.DataFrame, shapes: Shapes) -> dict[Category, Ints]:
    """Sum checked counts to the areas of each category.

    Returns
    -------
    mapping of arrays of int
        One number per area, in the order of `shapes.of(category).areas`.
    """
    out: dict[Category, Ints] = {}
    for category in CATEGORIES:
        shape = shapes.of(category)
        own = counts[counts["area_utenza"] == category]
        out[category] = np.zeros(len(shape.areas), dtype=np.int64)
        positions = own["h3"].map(shape.area_of).to_numpy(dtype=np.int64)
        np.add.at(out[category], positions, own["n"].to_numpy(dtype=np.int64))
    return out


def draw_key(counts: pd.DataFrame, shapes: Shapes, facts: Mapping[str, object]) -> str:
    """Return the SHA-256 of everything that a draw of noise depends on.

    It must stay private: whoever can guess the counts could confirm the guess with it.

    Parameters
    ----------
    counts : DataFrame
        From `checked`.
    shapes : Shapes
        Their outlines count, the number of residents does not.
    facts : mapping
        Theme, year, kind and the parts of the policy that decide the noise.
    """
    content = {
        **facts,
        "shapes": {c: shapes.of(c).sha256 for c in CATEGORIES},
        "counts": [counts[name].tolist() for name in COLUMNS],
    }
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _refuse(counts: pd.DataFrame, wrong: pd.Series, what: str) -> None:
    if (number := int(counts.loc[wrong, "n"].sum())) or bool(wrong.any()):
        raise DisclosureError(f"{number} records {what}", hint="correct the input of the stage")
