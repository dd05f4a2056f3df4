"""Official residents onto the cells of their municipality, by weights, to the person.

The totals of a municipality by age and sex are known; where people live inside it is known only
as weights: census sections, a population raster, or no more than area. Each count is shared over
the cells in proportion, and the shares are rounded to persons so that no total changes.

The rounding is a *controlled* one. An independent largest remainder for every age and sex would
favour the same cells again and again; here a cell that got less than its share so far comes
first. A controlled rounding of a two-way table always exists (Cox 1987, *JASA* 82:520-524,
doi:10.1080/01621459.1987.10478456).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_core.place.population import AGES

SEXES: Final = ("F", "M")
COLUMNS: Final = AGES * len(SEXES)
"""Ages times sexes: column ``2 * age + sex``, F before M."""

_EXACT: Final = 1e-9
"""Fractions nearer than this to a whole number are taken for it: the sums are of floats."""

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]
type Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weights:
    """How the residents of one municipality spread over its cells.

    Attributes
    ----------
    cells : tuple of str
        Leaf cells in ascending order.
    by_column : array of shape (cells, 1) or (cells, COLUMNS)
        Not negative; only the proportions inside a column matter. Where a column has none
        although it has residents, the sum of the columns stands in, then equal weights.
    method : str
        Code of the list `metodo_popolazione`.
    """

    cells: tuple[str, ...]
    by_column: Floats
    method: str


def allot(official: pd.DataFrame, weights: Mapping[str, Weights]) -> pd.DataFrame:
    """Return the residents of every municipality by cell, age and sex.

    Parameters
    ----------
    official : DataFrame
        `cod_istat`, `eta` (0-100), `sesso` (F, M), `n` (persons).
    weights : mapping of cod_istat to Weights
        One for every municipality of `official`.

    Returns
    -------
    DataFrame
        `cod_istat`, `h3`, `eta`, `sesso`, `n` (at least 1), `metodo`, in this order. Its totals
        by municipality, age and sex are those of `official`.
    """
    parts = [
        _of_municipality(str(code), margins(rows), weights[str(code)])
        for code, rows in official.groupby("cod_istat", sort=True)
    ]
    return pd.concat(parts, ignore_index=True)


def margins(rows: pd.DataFrame) -> Ints:
    """Return the residents of one municipality as an array of `COLUMNS` counts."""
    out = np.zeros(COLUMNS, dtype=np.int64)
    column = 2 * rows["eta"].to_numpy(dtype=np.int64) + (rows["sesso"] == "M").to_numpy()
    np.add.at(out, column, rows["n"].to_numpy(dtype=np.int64))
    return out


def _of_municipality(code: str, totals: Ints, weights: Weights) -> pd.DataFrame:
    persons = controlled(expected(totals, weights.by_column), seed=int(code))
    row, column = np.nonzero(persons)
    return pd.DataFrame(
        {
            "cod_istat": code,
            "h3": np.array(weights.cells, dtype=object)[row],
            "eta": column // 2,
            "sesso": np.array(SEXES, dtype=object)[column % 2],
            "n": persons[row, column],
            "metodo": weights.method,
        }
    )


def expected(totals: Ints, weights: Floats) -> Floats:
    """Share every total over the cells.

    Parameters
    ----------
    totals : array of k counts
        Persons by column.
    weights : array of shape (cells, 1) or (cells, k)
        As in `Weights`.

    Returns
    -------
    array of shape (cells, k)
        Persons, not whole; column j sums to ``totals[j]``.
    """
    overall = weights.sum(axis=1)
    if overall.sum() <= 0:
        overall = np.ones(len(weights))
    full = np.broadcast_to(weights, (len(weights), len(totals)))
    usable = np.where(full.sum(axis=0) > 0, full, overall[:, None])
    shared: Floats = usable / usable.sum(axis=0) * totals
    return shared


def controlled(amounts: Floats, *, seed: int) -> Ints:
    """Round a table to whole numbers without changing the sum of any column.

    Parameters
    ----------
    amounts : array of shape (cells, columns)
        Not negative; every column sums to a whole number.
    seed : int
        Gives every cell arrears between -1/2 and 1/2 to start with, so that its place in the
        index gives it nothing: over many seeds a cell gets close to what it expects, a cell
        that expects a third of a person as well as a large one.

    Returns
    -------
    array of the same shape
        Every entry, and every sum of a row, is its expectation rounded down or up.
    """
    whole = np.floor(amounts + _EXACT)
    left = np.where(amounts - whole > _EXACT, amounts - whole, 0.0)
    units = np.rint(amounts.sum(axis=0) - whole.sum(axis=0)).astype(np.int64)
    rng = np.random.Generator(np.random.PCG64(seed))
    up = _carry_over(left, units, rng.random(len(amounts)) - 0.5)
    _settle(left, up)
    return whole.astype(np.int64) + up


def _carry_over(left: Floats, units: Ints, start: Floats) -> Flags:
    """Choose, column by column, the entries that are rounded up: the largest arrears first."""
    up = np.zeros(left.shape, dtype=bool)
    arrears = start.copy()
    for column, count in enumerate(units):
        due = left[:, column]
        arrears += due
        if count:
            first = np.argsort(np.where(due > 0, -arrears, np.inf), kind="stable")[:count]
            up[first, column] = True
            arrears[first] -= 1
    return up


def _settle(left: Floats, up: Flags) -> None:
    """Move units along columns until every row is its expectation rounded down or up.

    The path from a row with too many to one with room exists, because a controlled rounding
    does (augmenting paths of a network flow).
    """
    sums = left.sum(axis=1)
    low, high = np.floor(sums + _EXACT), np.ceil(sums - _EXACT)
    while True:
        got = up.sum(axis=1)
        over, under = got > high, got < low
        if over.any():
            _pass_on(left, up, giver=over, taker=got < high)
        elif under.any():
            _pass_on(left, up, giver=got > low, taker=under)
        else:
            return


def _pass_on(left: Floats, up: Flags, *, giver: Flags, taker: Flags) -> None:
    """Move one unit from a giver to a taker by the shortest chain of exchanges."""
    came = np.full(len(up), -1)  # the row before, on the chain
    by = np.full(len(up), -1)  # the column in which that row hands its unit over
    seen, front = giver.copy(), list(np.flatnonzero(giver))
    while front:
        row = front.pop(0)
        open_columns = np.flatnonzero(up[row])
        free = (left[:, open_columns] > 0) & ~up[:, open_columns]
        fresh = np.flatnonzero(free.any(axis=1) & ~seen)
        came[fresh], by[fresh], seen[fresh] = row, open_columns[free[fresh].argmax(axis=1)], True
        ends = fresh[taker[fresh]]
        if len(ends):
            _exchange(up, came, by, int(ends[0]))
            return
        front.extend(fresh)
    raise ArithmeticError("the columns of the table do not sum to whole numbers")


def _exchange(up: Flags, came: Ints, by: Ints, row: int) -> None:
    while came[row] >= 0:
        up[row, by[row]], up[came[row], by[row]] = True, False
        row = int(came[row])
