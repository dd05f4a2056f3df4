"""What several methods do with a table: read, treat, weigh and rank it, say what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from geo_core.index.result import COMPUTED, Column, no_data, partial
from geo_core.index.spec import Number
from geo_core.index.table import Table
from geo_core.indicators.composite import Floats, IndexInputError, rank
from geo_core.indicators.treat import Treated, treat
from geo_core.model.text import Text


class Weighed(Protocol):
    """A variable that may have a weight and goalposts."""

    @property
    def name(self) -> str:
        """Column."""

    @property
    def goalposts(self) -> tuple[Number, Number] | None:
        """Least and greatest value of the scale, if they are given."""


class Read(NamedTuple):
    """What the rows of a table say.

    Attributes
    ----------
    keys : dict of column to cells
        What names each row: the id, and the period where there is one.
    given, values : array, shape (rows, variables)
        As written, and after the treatment of outliers.
    treated : dict of variable to Treated
        Empty if outliers are kept.
    """

    keys: dict[str, list[str]]
    given: Floats
    values: Floats
    treated: dict[str, Treated]

    def columns(self) -> dict[str, Column]:
        """Return the values of the variables that the treatment changed."""
        return {
            f"t_{name}": done.values for name, done in self.treated.items() if done.action != "none"
        }

    def record(self, table: Table) -> dict[str, Any]:
        """Return what was done about outliers, for the file that says how a table was computed."""
        return {
            name: {
                "action": done.action,
                "rows": [table.rows[i] for i in done.points],
                "skewness": _told(done.before[0], done.after[0]),
                "kurtosis": _told(done.before[1], done.after[1]),
                "within_bounds": done.passed,
            }
            for name, done in self.treated.items()
        }


def read(
    table: Table, variables: Sequence[Weighed], keys: Sequence[str], *, outliers: bool = False
) -> Read:
    """Read the variables of a table.

    Parameters
    ----------
    keys : sequence of str
        Columns that together name each row.
    outliers : bool
        Treat them.

    Raises
    ------
    IngestError
        A cell is wrong.
    IndexInputError
        A logarithm was taken of a variable whose goalposts are given in its own unit.
    """
    found = table.keys(*keys)
    named = {name: [key[i] for key in found] for i, name in enumerate(keys)}
    given = np.column_stack([table.numbers(v.name) for v in variables])
    if not outliers:
        return Read(named, given, given, {})
    treated = {v.name: treat(given[:, i]) for i, v in enumerate(variables)}
    for v in variables:
        if treated[v.name].action == "logarithm" and v.goalposts is not None:
            raise IndexInputError(
                "has outliers of which the logarithm was taken: its goalposts are of another scale",
                where=f"{table.name}, column {v.name}",
                hint="leave its goalposts out, or keep the outliers",
            )
    return Read(named, given, np.column_stack([t.values for t in treated.values()]), treated)


def goalposts(table: Table, variables: Sequence[Weighed], values: Floats) -> tuple[Floats, Floats]:
    """Return the goalposts of every variable: as given, or the least and greatest of all rows.

    Raises
    ------
    IndexInputError
        None are given, and the column has no number or one alone: names it.
    """
    pairs = [v.goalposts or extremes(table, v.name, values[:, i]) for i, v in enumerate(variables)]
    low, high = (np.array(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    return low, high


def extremes(table: Table, name: str, values: Floats) -> tuple[float, float]:
    """Return the least and the greatest number of a column, which must differ."""
    found = known(table, name, values)
    if found.min() == found.max():
        raise IndexInputError(
            "has one value in all rows",
            where=f"{table.name}, column {name}",
            hint="it tells no unit from another: leave it out, or give its goalposts",
        )
    return float(found.min()), float(found.max())


def known(table: Table, name: str, values: Floats) -> Floats:
    """Return the numbers of a column without the missing ones; there must be one."""
    found = values[~np.isnan(values)]
    if not found.size:
        raise IndexInputError(
            "has no number in any row",
            where=f"{table.name}, column {name}",
            hint="leave the variable out, or give its goalposts",
        )
    return found


def weights(given: Sequence[float | None]) -> tuple[Floats, tuple[Text, ...]]:
    """Return weights as they are given, 1 for none, and a note where they do not sum to 1.

    They are divided by their sum where they are used: not before, or equal weights would leave a
    mean that is off in the last digit.
    """
    found = np.array([1.0 if weight is None else weight for weight in given])
    total = float(found.sum())
    if given[0] is None or abs(total - 1) < 1e-9:
        return found, ()
    note = Text(
        it=f"i pesi sommano a {total:g}: divisi per la loro somma",
        en=f"the weights sum to {total:g}: divided by their sum",
    )
    return found, (note,)


def shares(weights: Floats) -> list[float]:
    """Return what each weight is of their sum."""
    found: list[float] = (weights / weights.sum()).tolist()
    return found


def ranked(score: Floats, periods: Sequence[str] | None = None) -> list[str]:
    """Return ranks within each period, 1 for the highest score; "" where there is no score."""
    of = np.array([""] * len(score) if periods is None else list(periods))
    ranks = np.zeros(len(score), dtype=np.int64)
    for period in dict.fromkeys(of.tolist()):
        ranks[of == period] = rank(score[of == period])
    return [str(r) if r else "" for r in ranks.tolist()]


def statuses(
    names: Sequence[str],
    values: Floats,
    score: Floats,
    *,
    enough: NDArray[np.bool_],
    otherwise: str,
) -> list[str]:
    """Return the status of every row.

    Parameters
    ----------
    names, values : sequence of m str, array of shape (rows, m)
        The variables.
    score : array, shape (rows,)
        NaN where there is none.
    enough : array of bool, shape (rows,)
        Whether a row has as many variables as a score needs.
    otherwise : str
        Status of a row that has enough and yet no score.
    """
    out = []
    for row, value, could in zip(np.isnan(values), np.isnan(score), enough, strict=True):
        missing = [name for name, lacks in zip(names, row, strict=True) if lacks]
        if value:
            out.append(otherwise if could else no_data(missing))
        else:
            out.append(partial(missing) if missing else COMPUTED)
    return out


def by_name[Value](names: Sequence[str], values: Sequence[Value]) -> Mapping[str, Value]:
    """Return values by the name of their variable."""
    return dict(zip(names, values, strict=True))


def _told(before: float, after: float) -> dict[str, float | None]:
    return {
        "before": None if np.isnan(before) else before,
        "after": None if np.isnan(after) else after,
    }
