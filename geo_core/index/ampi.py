"""The method `ampi`: the adjusted Mazziotta-Pareto index of a table."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from geo_core.errors import CatalogError
from geo_core.index.result import COMPUTED, Column, Result, no_data, partial
from geo_core.index.spec import (
    ColumnName,
    Number,
    Polarity,
    Positive,
    Share,
    Spec,
    all_or_none,
    distinct,
)
from geo_core.index.table import Inputs, Table
from geo_core.indicators.composite import Floats, IndexInputError, ampi, normalise, rank
from geo_core.model.text import Strict, Text

_PENALTY: Final[dict[str, Literal[1, -1]]] = {"positive": 1, "negative": -1}


class Variable(Strict):
    """One indicator.

    Attributes
    ----------
    goalposts : (float, float) | None
        The values that become 70 and 130; None for the least and the greatest of the table.
    weight : float | None
        Relative to the other weights.
    """

    name: ColumnName
    polarity: Polarity
    goalposts: tuple[Number, Number] | None = None
    weight: Positive | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.goalposts is not None and self.goalposts[0] >= self.goalposts[1]:
            raise ValueError("goalposts are [min, max], with min below max")
        return self


class Reference(Strict):
    """What is to become 100: a row, the mean of a period, or given values."""

    unit: str | None = None
    period: str | None = None
    values: dict[str, Number] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.values is not None and (self.unit is not None or self.period is not None):
            raise ValueError("give values, or a unit and period, not both")
        if self.values is None and self.unit is None and self.period is None:
            raise ValueError("give a unit, a period or values")
        return self


class Options(Strict):
    """How the index is made.

    Attributes
    ----------
    penalty : "positive" or "negative"
        AMPI+ (risk: an unbalanced unit is worse off with more) or AMPI- (well-being).
    period : str | None
        Column of the period: goalposts hold for all periods together, ranks for each.
    reference : "mean", Reference or None
        Centre the goalposts on it, so that it is 100: ``reference - d`` and ``reference + d``,
        where d is half the distance between the goalposts.
    minimum_share : float
        Share of the weights that a unit must have values for. 1: all.
    """

    penalty: Literal["positive", "negative"]
    period: ColumnName | None = None
    reference: Literal["mean"] | Reference | None = None
    minimum_share: Share = 1.0


class AmpiSpec(Spec):
    """The specification of an AMPI."""

    method: Literal["ampi"]
    variables: tuple[Variable, ...] = Field(min_length=1)
    options: Options

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct([v.name for v in self.variables])
        all_or_none([v.weight for v in self.variables], "weight")
        return self


def compute(spec: AmpiSpec, inputs: Inputs) -> Result:
    """Compute the index of every row.

    Returns
    -------
    Result
        `r_<variable>` (70 at one goalpost, 130 at the other), `media`, `deviazione`, `cv`,
        `punteggio` and `rango` (1 is the highest; within the period).
    """
    table, options = inputs.table, spec.options
    names = [v.name for v in spec.variables]
    keys = _keys(spec, table)
    values = np.column_stack([table.numbers(name) for name in names])
    low, high = _goalposts(spec, table, keys, values)
    weights = np.array([v.weight or 1.0 for v in spec.variables])
    weights /= weights.sum()
    scaled = normalise(
        values, low=low, high=high, polarity=np.array([v.polarity for v in spec.variables])
    )
    found = ampi(
        scaled,
        penalty=_PENALTY[options.penalty],
        weights=weights,
        minimum_share=options.minimum_share,
    )
    columns: dict[str, Column] = {
        **{f"r_{name}": scaled[:, i] for i, name in enumerate(names)},
        "media": found.mean,
        "deviazione": found.deviation,
        "cv": found.deviation / np.where(found.mean > 0, found.mean, np.nan),
        "punteggio": found.score,
        "rango": _ranks(found.score, keys.get(options.period or "")),
    }
    record = {
        "goalposts": _by(names, list(zip(low.tolist(), high.tolist(), strict=True))),
        "weights": _by(names, weights.tolist()),
        "penalty": options.penalty,
        "standard_deviation": "population",
    }
    return Result(keys, columns, _status(names, values, found.score), record, _said(spec))


def _keys(spec: AmpiSpec, table: Table) -> dict[str, list[str]]:
    names = [spec.id] if spec.options.period is None else [spec.id, spec.options.period]
    keys = table.keys(*names)
    return {name: [key[i] for key in keys] for i, name in enumerate(names)}


def _goalposts(
    spec: AmpiSpec, table: Table, keys: dict[str, list[str]], values: Floats
) -> tuple[Floats, Floats]:
    pairs = [_of_column(v, table, values[:, i]) for i, v in enumerate(spec.variables)]
    low, high = (np.array(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    centre = _reference(spec, keys, values)
    if centre is None:
        return low, high
    half = (high - low) / 2
    return centre - half, centre + half


def _of_column(variable: Variable, table: Table, values: Floats) -> tuple[float, float]:
    if variable.goalposts is not None:
        return variable.goalposts
    known = values[~np.isnan(values)]
    where = f"{table.name}, column {variable.name}"
    if not known.size:
        hint = "leave the variable out, or give its goalposts"
        raise IndexInputError("has no number in any row", where=where, hint=hint)
    if known.min() == known.max():
        hint = "it tells no unit from another: leave it out, or give its goalposts"
        raise IndexInputError("has one value in all rows", where=where, hint=hint)
    return float(known.min()), float(known.max())


def _reference(spec: AmpiSpec, keys: dict[str, list[str]], values: Floats) -> Floats | None:
    names = [v.name for v in spec.variables]
    match spec.options.reference:
        case None:
            return None
        case Reference(values=dict(given)):
            if set(given) != set(names):
                raise CatalogError(
                    "the values of the reference are not those of the variables",
                    where="the reference",
                    hint=f"give one for each of: {', '.join(names)}",
                )
            return np.array([given[name] for name in names])
        case Reference(unit=unit, period=period):
            chosen = _chosen(spec, keys, unit, period)
        case _:
            chosen = np.ones(len(values), dtype=bool)
    rows = values[chosen]
    if not len(rows) or np.isnan(rows).all(axis=0).any():
        hint = "name a row that has every variable, or give values"
        raise IndexInputError("the reference has no number", where="the reference", hint=hint)
    return np.asarray(np.nanmean(rows, axis=0), dtype=np.float64)


def _chosen(
    spec: AmpiSpec, keys: dict[str, list[str]], unit: str | None, period: str | None
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    chosen = np.ones(len(keys[spec.id]), dtype=bool)
    if unit is not None:
        chosen &= np.array([key == unit for key in keys[spec.id]])
    if period is not None and spec.options.period is None:
        raise CatalogError(
            "the reference names a period, and there is no column of periods",
            where="the reference",
            hint="name the column: `period:` under `options:`",
        )
    if period is not None and spec.options.period is not None:
        chosen &= np.array([key == period for key in keys[spec.options.period]])
    return chosen


def _ranks(score: Floats, periods: list[str] | None) -> list[str]:
    ranks = np.zeros(len(score), dtype=np.int64)
    of = np.array(periods if periods is not None else [""] * len(score))
    for period in dict.fromkeys(of.tolist()):
        ranks[of == period] = rank(score[of == period])
    return [str(r) if r else "" for r in ranks.tolist()]


def _status(names: list[str], values: Floats, score: Floats) -> list[str]:
    out = []
    for row, value in zip(values, score, strict=True):
        missing = [name for name, v in zip(names, row, strict=True) if np.isnan(v)]
        if missing:
            out.append(no_data(missing) if np.isnan(value) else partial(missing))
        else:
            out.append("undefined: mean not positive" if np.isnan(value) else COMPUTED)
    return out


def _by[Value](names: list[str], values: list[Value]) -> dict[str, Value]:
    return dict(zip(names, values, strict=True))


def _said(spec: AmpiSpec) -> tuple[Text, ...]:
    given = [v.weight for v in spec.variables if v.weight is not None]
    if not given or abs(sum(given) - 1) < 1e-9:
        return ()
    total = f"{sum(given):g}"
    return (
        Text(
            it=f"i pesi sommano a {total}: divisi per la loro somma",
            en=f"the weights sum to {total}: divided by their sum",
        ),
    )
