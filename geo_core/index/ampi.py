"""The method `ampi`: the adjusted Mazziotta-Pareto index of a table."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from geo_core.errors import CatalogError
from geo_core.index import parts
from geo_core.index.result import Column, Result
from geo_core.index.spec import (
    ColumnName,
    Label,
    Number,
    Polarity,
    Positive,
    Share,
    Spec,
    all_or_none,
    distinct,
    ordered,
)
from geo_core.index.table import Inputs, Table
from geo_core.indicators.composite import Ampi, Floats, IndexInputError, ampi, normalise
from geo_core.indicators.scale import centred
from geo_core.model.text import Strict

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
        ordered(self.goalposts)
        return self


class Reference(Strict):
    """What is to become 100: the mean of all rows, those of a unit or a period, or given values.

    Attributes
    ----------
    mean : bool
        The mean of all rows; a specification may say ``reference: mean`` for it.
    unit, period : str | None
        The rows of one unit, of one period, or the row of both.
    values : mapping | None
        A value for each variable.
    """

    mean: Literal[True] | None = None
    unit: Label | None = None
    period: Label | None = None
    values: dict[str, Number] | None = None

    @model_validator(mode="before")
    @classmethod
    def _mean(cls, given: Any) -> Any:
        return {"mean": True} if given == "mean" else given

    @model_validator(mode="after")
    def _one(self) -> Self:
        of_rows = self.unit is not None or self.period is not None
        if [self.mean is not None, of_rows, self.values is not None].count(True) != 1:
            raise ValueError("a reference is mean, a unit and period, or values: one of these")
        return self


class Options(Strict):
    """How the index is made.

    Attributes
    ----------
    penalty : "positive" or "negative"
        AMPI+ (risk: an unbalanced unit is worse off with more) or AMPI- (well-being).
    period : str | None
        Column of the period: goalposts hold for all periods together, ranks for each.
    reference : Reference | None
        Centre the goalposts on it, so that it is 100: ``reference - d`` and ``reference + d``,
        where d is half the distance between the goalposts.
    minimum_share : float
        Share of the weights that a unit must have values for. 1: all.
    outliers : "keep" or "treat"
        Treat them before anything else (`geo_core.indicators.treat`).
    """

    penalty: Literal["positive", "negative"]
    period: ColumnName | None = None
    reference: Reference | None = None
    minimum_share: Share = 1.0
    outliers: Literal["keep", "treat"] = "keep"


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
        `t_<variable>` where outliers were treated, `r_<variable>` (70 at one goalpost, 130 at the
        other), `media`, `deviazione`, `cv`, `punteggio` and `rango` (1 is the highest; within the
        period).
    """
    table, options = inputs.table, spec.options
    names = [v.name for v in spec.variables]
    key_columns = [spec.id] if options.period is None else [spec.id, options.period]
    rows = parts.read(table, spec.variables, key_columns, outliers=options.outliers == "treat")
    low, high = _goalposts(spec, table, rows)
    weights, notes = parts.weights([v.weight for v in spec.variables])
    signs = np.array([v.polarity for v in spec.variables])
    scaled = normalise(rows.values, low=low, high=high, polarity=signs)
    sign, share = _PENALTY[options.penalty], options.minimum_share
    found = ampi(scaled, penalty=sign, weights=weights, minimum_share=share)
    columns: dict[str, Column] = {
        **rows.columns(),
        **{f"r_{name}": scaled[:, i] for i, name in enumerate(names)},
        **_scores(found),
        "rango": parts.ranked(found.score, rows.keys.get(options.period or "")),
    }
    otherwise = "undefined: mean not positive"
    enough = ~np.isnan(found.mean)
    status = parts.statuses(names, rows.given, found.score, enough=enough, otherwise=otherwise)
    record = {
        "goalposts": parts.by_name(names, list(zip(low.tolist(), high.tolist(), strict=True))),
        "weights": parts.by_name(names, parts.shares(weights)),
        "outliers": rows.record(table),
        "standard_deviation": "population",
    }
    return Result(rows.keys, columns, status, record, notes)


def _scores(found: Ampi) -> dict[str, Column]:
    return {
        "media": found.mean,
        "deviazione": found.deviation,
        "cv": found.deviation / np.where(found.mean > 0, found.mean, np.nan),
        "punteggio": found.score,
    }


def _goalposts(spec: AmpiSpec, table: Table, rows: parts.Read) -> tuple[Floats, Floats]:
    low, high = parts.goalposts(table, spec.variables, rows.values)
    reference = _reference(spec, rows)
    return (low, high) if reference is None else centred(low, high, reference)


def _reference(spec: AmpiSpec, rows: parts.Read) -> Floats | None:
    names = [v.name for v in spec.variables]
    reference = spec.options.reference
    if reference is None:
        return None
    if reference.values is not None:
        return _given(names, reference.values, rows)
    chosen = _chosen(spec, rows.keys, reference.unit, reference.period)
    values = rows.values[chosen]
    if not len(values) or np.isnan(values).all(axis=0).any():
        hint = "name a row that has every variable, or give values"
        raise IndexInputError("the reference has no number", where="the reference", hint=hint)
    return np.asarray(np.nanmean(values, axis=0), dtype=np.float64)


def _given(names: list[str], given: dict[str, float], rows: parts.Read) -> Floats:
    if set(given) != set(names):
        raise CatalogError(
            "the values of the reference are not those of the variables",
            where="the reference",
            hint=f"give one for each of: {', '.join(names)}",
        )
    if any(done.action == "logarithm" for done in rows.treated.values()):
        raise IndexInputError(
            "the logarithm was taken of a variable: the values given are of another scale",
            where="the reference",
            hint="name a unit or a period instead, or keep the outliers",
        )
    return np.array([given[name] for name in names])


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
