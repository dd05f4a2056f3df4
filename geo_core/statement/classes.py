"""Stated intervals by class of residents: a figure of more people may be further off.

A figure of many residents sums many areas and their noise, and an estimate moves more persons in
and out. One interval for all would be too wide for most and too narrow for towns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.disclose.tree import Ints
from geo_core.model.disclosure import Interval

type Bools = NDArray[np.bool_]

COVERAGE: Final = 0.95
CLASSES: Final = (0, 1_000, 5_000, 20_000, 50_000, 250_000)
"""Residents at which classes begin. They are set, not found: public, and the same for every
release, for hexagons and for places."""
_ENOUGH: Final = 300
"""Numbers shown on the twin that an interval of a class is measured on, at least."""


class Measured(NamedTuple):
    """Numbers of invented releases, one of each per figure.

    Attributes
    ----------
    true, protected : array of int
        The number there is, and the one that is published.
    shown : array of bool
        Whether the published one is no band.
    residents : array of int
        Of the area or place; 0 of units, which have one class.
    """

    true: Ints
    protected: Ints
    shown: Bools
    residents: Ints

    @property
    def errors(self) -> Ints:
        """True less published number of all that is shown."""
        off: Ints = (self.true - self.protected)[self.shown]
        return off

    @property
    def people(self) -> Ints:
        """Residents of all that is shown."""
        own: Ints = self.residents[self.shown]
        return own


def joined(parts: list[Measured]) -> Measured:
    """Return the numbers of several releases together."""
    return Measured(*(np.concatenate(of) for of in zip(*parts, strict=True)))


def by_class(resolution: int | None, column: str | None, found: Measured) -> Iterator[Interval]:
    """Yield the shortest interval of each class; neighbours with the same interval are one class.

    Parameters
    ----------
    resolution, column
        As in `Interval`.
    found : Measured
        Of all releases. Nothing is yielded if nothing is shown.
    """
    errors, people = found.errors, found.people
    begin = _begin(people)
    each = []
    for start, end in pairwise((*begin, math.inf)) if len(errors) else ():
        own = errors[(people >= start) & (people < end)]
        each.append((start, own, shortest(own, coverage=COVERAGE)[:2]))
    for (below, above), same in groupby(each, key=lambda one: one[2]):
        classes = list(same)
        own = np.concatenate([errors_ for _, errors_, _ in classes])
        yield Interval(
            resolution=resolution,
            column=column,
            residents_from=classes[0][0],
            below=below,
            above=above,
            coverage=round(float(((own >= -below) & (own <= above)).mean()), 4),
        )


def _begin(people: Ints) -> list[int]:
    """Return where classes begin: one with too few numbers is joined with the next larger.

    The last one is joined with the class before, which it makes wider.
    """
    found = [0]
    for start in CLASSES[1:]:
        if ((people >= found[-1]) & (people < start)).sum() >= _ENOUGH:
            found.append(start)
    if len(found) > 1 and (people >= found[-1]).sum() < _ENOUGH:
        found.pop()
    return found


def shortest(errors: Ints, *, coverage: float) -> tuple[int, int, float]:
    """Return the shortest interval of whole numbers around 0 that holds a share of the errors.

    Parameters
    ----------
    errors : array of int
        True minus published; not empty.
    coverage : float
        Share that must be inside.

    Returns
    -------
    below, above : int
        Of all intervals `[-below, above]` of the least length, the one that holds most.
    held : float
        The share it holds.
    """
    most = int(np.abs(errors).max())
    counts = np.bincount(errors + most, minlength=2 * most + 1)
    # Number of errors below a value: up_to[most + v] counts those less than v.
    up_to = np.concatenate([[0], np.cumsum(counts)]) / len(errors)
    for length in range(2 * most + 1):
        below = np.arange(max(0, length - most), min(length, most) + 1)
        held = up_to[most + length - below + 1] - up_to[most - below]
        best = int(held.argmax())
        if held[best] >= coverage - 1e-12:
            return int(below[best]), length - int(below[best]), float(held[best])
    raise AssertionError("the whole range holds every error")
