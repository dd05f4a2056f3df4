"""Bounds of whole numbers of which sums are known: propagation, and linear programmes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np

from checks.audit.bounds import Floats
from checks.audit.mvt import Ints

ROUNDS_MAX: Final = 1_000
"""Rounds of propagation; every one leaves correct bounds."""
EXACT: Final = 1e-6
"""Tolerance of a solution."""
LARGE: Final = 1e9
"""More than any sum; unknowns without an upper bound."""


class Contradiction(Exception):
    """No table has all these sums."""


@dataclass(frozen=True)
class Sums:
    """Sums of some of `unknowns` numbers.

    Attributes
    ----------
    row, at : int array
        One entry per term: the sum and the position of the number in it.
    low, high : float array
        Bounds of every sum.
    """

    unknowns: int
    row: Ints
    at: Ints
    low: Floats
    high: Floats

    @classmethod
    def none(cls, unknowns: int) -> Sums:
        """Return a system without sums."""
        empty = np.empty(0)
        return cls(unknowns, empty.astype(np.int64), empty.astype(np.int64), empty, empty)

    def more(self, row: Ints, at: Ints, low: Floats, high: Floats) -> Sums:
        """Return the system with further sums; their rows count from 0."""
        return Sums(
            self.unknowns,
            np.concatenate([self.row, row + len(self.low)]),
            np.concatenate([self.at, at]),
            np.concatenate([self.low, low]),
            np.concatenate([self.high, high]),
        )


def propagate(sums: Sums, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Tighten bounds to a fixpoint: a term is what its sum leaves to it.

    Parameters
    ----------
    sums : Sums
    low, high : float array, (unknowns,)
        Bounds to start from; `high` may be infinite.

    Returns
    -------
    low, high : float array
        Never tighter than the true range of a number.

    Raises
    ------
    Contradiction
        Two bounds exclude each other.
    """
    low, high = low.copy(), np.minimum(high, LARGE)
    row, at = sums.row, sums.at
    for _ in range(ROUNDS_MAX):
        least = np.bincount(row, low[at], len(sums.low))
        most = np.bincount(row, high[at], len(sums.low))
        below, above = low.copy(), high.copy()
        np.minimum.at(above, at, sums.high[row] - (least[row] - low[at]))
        np.maximum.at(below, at, sums.low[row] - (most[row] - high[at]))
        if (below > above + EXACT).any():
            raise Contradiction
        if np.array_equal(below, low) and np.array_equal(above, high):
            break
        low, high = below, above
    return low, high


def blocks(sums: Sums, low: Floats, high: Floats) -> Iterator[Ints]:
    """Yield the unknowns of each part of a system that hangs together through open numbers."""
    open_ = high > low
    group = np.where(open_, np.arange(sums.unknowns), -1)
    used = open_[sums.at]
    row, at = sums.row[used], sums.at[used]
    while True:
        least = np.full(len(sums.low), sums.unknowns)
        np.minimum.at(least, row, group[at])
        tighter = group.copy()
        np.minimum.at(tighter, at, least[row])
        if np.array_equal(tighter, group):
            break
        group = tighter
    for first in np.unique(group[open_]):
        yield np.flatnonzero(group == first)


def narrowest(
    sums: Sums, low: Floats, high: Floats, unknowns: Ints, limit: float
) -> tuple[Floats, Floats]:
    """Tighten the bounds of a block by linear programmes where they may be too narrow.

    Every solution of a programme is a table that fits all sums, so one programme often shows
    many numbers to be wide; only the others are asked one by one.

    Parameters
    ----------
    sums : Sums
    low, high : float array, (unknowns,)
        As `propagate` leaves them.
    unknowns : int array
        Positions of the block.
    limit : float
        Width that is wide enough: such bounds are left as they are.

    Returns
    -------
    low, high : float array
        Exact for every number of the block that is narrower than `limit`.

    Raises
    ------
    Contradiction
        No table has all sums of the block.
    """
    solver = _solver(sums, low, high, unknowns)
    seen_low, seen_high = high[unknowns].copy(), low[unknowns].copy()
    low, high = low.copy(), high.copy()
    for i, unknown in enumerate(unknowns.tolist()):
        if seen_high[i] - seen_low[i] >= limit - EXACT:
            continue
        for sign, bound in ((1.0, low), (-1.0, high)):
            solution = _solved(solver, i, sign)
            seen_low, seen_high = (
                np.minimum(seen_low, solution),
                np.maximum(seen_high, solution),
            )
            # The numbers are whole: a bound between two of them is the one inside.
            bound[unknown] = sign * np.ceil(sign * solution[i] - EXACT)
    return low, high


def _solver(sums: Sums, low: Floats, high: Floats, unknowns: Ints) -> Any:
    """Return a solver of the sums of a block; the numbers outside it are known."""
    local = np.full(sums.unknowns, -1)
    local[unknowns] = np.arange(len(unknowns))
    inside = local[sums.at] >= 0
    rows = np.unique(sums.row[inside])
    known = np.bincount(sums.row[~inside], low[sums.at[~inside]], len(sums.low))[rows]
    row, at = np.searchsorted(rows, sums.row[inside]), local[sums.at[inside]]
    order = np.argsort(row, kind="stable")
    starts = np.searchsorted(row[order], np.arange(len(rows))).astype(np.int32)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.addVars(len(unknowns), low[unknowns], high[unknowns])
    solver.addRows(
        len(rows),
        sums.low[rows] - known,
        sums.high[rows] - known,
        len(order),
        starts,
        at[order].astype(np.int32),
        np.ones(len(order)),
    )
    return solver


def _solved(solver: Any, at: int, sign: float) -> Floats:
    """Return a table in which number `at` is least (greatest if `sign` is -1)."""
    solver.changeColCost(at, sign)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise Contradiction
    found = np.array(solver.getSolution().col_value, np.float64)
    solver.changeColCost(at, 0.0)  # forgets the solution, keeps the basis
    return found


@dataclass(frozen=True)
class Terms:
    """Sums of some numbers, each with a factor: entries of rows, and the bounds of each row."""

    row: Ints
    at: Ints
    factor: Floats
    low: Floats
    high: Floats


def excess(low: Floats, high: Floats, fixed: list[Terms], asked: Terms) -> Floats:
    """Return by how much some sums cannot keep their bounds, in all as little as possible.

    Parameters
    ----------
    low, high : float array, (unknowns,)
        Bounds of the numbers; `high` may be infinite.
    fixed : list of Terms
        Sums that are kept.
    asked : Terms
        Sums in question.

    Returns
    -------
    float array
        One per row of `asked`; all 0 if there are numbers that fit everything.

    Raises
    ------
    Contradiction
        No numbers fit even what is kept.
    """
    unknowns, rows = len(low), len(asked.low)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.addVars(unknowns, low, np.minimum(high, LARGE))
    solver.addVars(2 * rows, np.zeros(2 * rows), np.full(2 * rows, LARGE))
    for at in range(unknowns, unknowns + 2 * rows):
        solver.changeColCost(at, 1.0)
    for terms in fixed:
        _add(solver, terms)
    every = np.arange(rows)
    _add(
        solver,
        Terms(
            np.concatenate([asked.row, every, every]),
            np.concatenate([asked.at, unknowns + every, unknowns + rows + every]),
            np.concatenate([asked.factor, np.ones(rows), -np.ones(rows)]),
            asked.low,
            asked.high,
        ),
    )
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise Contradiction
    slack = np.array(solver.getSolution().col_value, np.float64)[unknowns:]
    return np.asarray(slack[:rows] + slack[rows:])


def _add(solver: Any, terms: Terms) -> None:
    order = np.argsort(terms.row, kind="stable")
    starts = np.searchsorted(terms.row[order], np.arange(len(terms.low))).astype(np.int32)
    solver.addRows(
        len(terms.low),
        terms.low,
        np.minimum(terms.high, LARGE),
        len(order),
        starts,
        terms.at[order].astype(np.int32),
        terms.factor[order],
    )
