"""Outlines of many features as flat arrays, so that nothing runs feature by feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outlines:
    """What n features are in the units of a grid.

    Attributes
    ----------
    places : int array, (2, m)
        x to the east and y to the south of all vertices, feature by feature and ring by ring; a
        ring is not closed.
    rings : int array, (r,)
        How many of them each ring has; the only ring of a point has one.
    owned : int array, (n,)
        How many rings each feature has, one at least.
    """

    places: Ints
    rings: Ints
    owned: Ints

    def take(self, order: Ints) -> Outlines:
        """Return some of the features, or all in another order."""
        rings = members(self.owned, order)
        places = self.places[:, members(self.rings, rings)]
        return Outlines(places, self.rings[rings], self.owned[order])

    def moved(self, by: Ints) -> Outlines:
        """Return the features moved, each by its own step of `by` (n, 2)."""
        steps = np.repeat(by, totals(self.rings, self.owned), axis=0).T
        return Outlines(self.places + steps, self.rings, self.owned)

    def __add__(self, other: Outlines) -> Outlines:
        """Return these features and then the others."""
        return Outlines(
            np.concatenate((self.places, other.places), axis=1),
            np.concatenate((self.rings, other.rings)),
            np.concatenate((self.owned, other.owned)),
        )


def starts(counts: Ints) -> Ints:
    """Return where each of the groups that follow each other begins."""
    return np.cumsum(counts) - counts


def totals(numbers: Ints, counts: Ints) -> Ints:
    """Return the sum of each group of numbers; no group is empty."""
    return np.add.reduceat(numbers, starts(counts)) if len(counts) else counts


def members(counts: Ints, groups: Ints) -> Ints:
    """Return where the members of some groups stand among those of all."""
    return runs(starts(counts)[groups], counts[groups])


def runs(first: Ints, counts: Ints) -> Ints:
    """Return `first`, `first + 1` and so on, as many as are counted, for each pair."""
    return np.arange(counts.sum()) + np.repeat(first - starts(counts), counts)
