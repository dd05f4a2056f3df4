"""What a published count can be: between which numbers, from number, band and status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from checks.audit.findings import Tally
from checks.audit.published import Collection
from checks.audit.themes import Theme

PUBLISHED: Final = "published"
BAND: Final = "band"
MERGED: Final = "merged"
STATUS: Final = "_stato"
RANGE: Final = "_fascia"
SLACK: Final = 1e-9
"""Of a comparison of decimal numbers."""

type Floats = npt.NDArray[np.float64]
type Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Bounds:
    """Least and greatest number of each row; `merged` where nothing is said of it.

    Attributes
    ----------
    low, high : float array
        `high` is infinite where the number belongs to a larger area.
    merged : bool array
    """

    low: Floats
    high: Floats
    merged: Bools

    @property
    def exact(self) -> Bools:
        """Where the number itself is known."""
        return np.equal(self.low, self.high)


def added(parts: list[Bounds]) -> Bounds:
    """Return the bounds of a sum; merged where a part is."""
    return Bounds(
        np.sum([p.low for p in parts], axis=0),
        np.sum([p.high for p in parts], axis=0),
        np.any([p.merged for p in parts], axis=0),
    )


def read(tally: Tally, collection: Collection, theme: Theme, column: str) -> Bounds:
    """Read a column of counts of areas, and check that number, band and status agree.

    Parameters
    ----------
    tally : Tally
        Gets one figure per row, and a finding for each row that contradicts itself.
    collection : Collection
        Has `column`, `column_stato` and `column_fascia`.
    theme : Theme
        Gives the band.
    column : str
        Column of a count.

    Returns
    -------
    Bounds
        One entry per row of the collection.
    """
    low, high = theme.band or (0, 0)
    number = collection.numbers(column)
    status = collection.rows[column + STATUS].to_numpy()
    band = collection.rows[column + RANGE].to_numpy()
    none = np.isnan(number)
    no_band = np.array([b is None for b in band], bool)
    published, banded = status == PUBLISHED, status == BAND
    merged = ~published & ~banded
    whole = np.mod(number, 1) == 0
    right_band = np.array([b == f"{low}-{high}" for b in band], bool)
    holds = np.select(
        [published, banded],
        [~none & no_band & whole & (number > high), none & right_band],
        none & no_band,
    )
    tally.each(
        holds,
        collection.id,
        f"number, band and status of {column} contradict each other, or a number is in the band",
        lambda i: {
            "id": collection.ids[i],
            "value": collection.rows[column].iloc[i],
            "status": status[i],
            "band": band[i],
        },
    )
    return Bounds(
        np.where(published & ~none, number, low * banded),
        np.select([published & ~none, banded], [number, high], np.inf),
        merged,
    )


def rounded(numbers: Floats, decimals: int) -> Bools:
    """Tell which numbers have no more decimals than they may; more would tell more."""
    return np.asarray(np.abs(numbers - np.round(numbers, decimals)) <= SLACK)
