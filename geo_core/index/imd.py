"""The method `imd`: domains of deprivation by exponential transformation of their ranks."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from geo_core.index import parts
from geo_core.index.result import Column, Result
from geo_core.index.spec import ColumnName, Polarity, Positive, Spec, all_or_none, distinct
from geo_core.index.table import Inputs, Table
from geo_core.indicators.composite import Floats
from geo_core.indicators.deprivation import deprivation_ranks, exponential, weighted_sum
from geo_core.model.text import Strict

FARTHEST_FROM_ONE = 0.01
"""How far from 1 the weights may sum: those of England sum to 0.999."""


class Domain(Strict):
    """One domain of deprivation.

    Attributes
    ----------
    polarity : 1, -1 or None
        Of values: +1 where a higher one means more deprivation. Ranks have none.
    weight : float | None
        Used as it is.
    """

    name: ColumnName
    polarity: Polarity | None = None
    weight: Positive | None = None


class Options(Strict):
    """What the table holds.

    Attributes
    ----------
    input : "ranks" or "values"
        Ranks: 1 is the most deprived.
    units : int | None
        With ranks: how many areas were ranked, if the table has only some of them.
    """

    input: Literal["ranks", "values"]
    units: int | None = Field(None, strict=True, ge=1, le=1_000_000_000)


class ImdSpec(Spec):
    """The specification of an index of deprivation."""

    method: Literal["imd"]
    variables: tuple[Domain, ...] = Field(min_length=1)
    options: Options

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct([v.name for v in self.variables])
        all_or_none([v.weight for v in self.variables], "weight")
        total = sum(v.weight or 0 for v in self.variables)
        if self.variables[0].weight is not None and abs(total - 1) > FARTHEST_FROM_ONE:
            raise ValueError(f"the weights sum to {total:g}, not to 1")
        if self.options.input == "values":
            if any(v.polarity is None for v in self.variables):
                raise ValueError("with input values every variable has a polarity")
            if self.options.units is not None:
                raise ValueError("units has no effect with input values")
        elif any(v.polarity == -1 for v in self.variables):
            raise ValueError("ranks have no polarity: 1 is the most deprived")
        return self


def compute(spec: ImdSpec, inputs: Inputs) -> Result:
    """Compute the score of every area.

    Returns
    -------
    Result
        `rango_<domain>` (of values), `X_<domain>` (0 to 100), `punteggio` and `rango` (1 is the
        most deprived; among the rows of the table).
    """
    table = inputs.table
    keys = table.keys(spec.id)
    names = [v.name for v in spec.variables]
    ranks = np.column_stack([_ranks(spec, table, v) for v in spec.variables])
    areas = np.array([_areas(spec, ranks[:, i]) for i in range(len(names))])
    _check_ranks(spec, table, ranks, areas)
    scores = exponential(ranks, areas)
    weights = np.array([v.weight or 1 / len(names) for v in spec.variables])
    total = weighted_sum(scores, weights)
    of_values = spec.options.input == "values"
    columns: dict[str, Column] = {
        **{f"rango_{name}": ranks[:, i] for i, name in enumerate(names) if of_values},
        **{f"X_{name}": scores[:, i] for i, name in enumerate(names)},
        "punteggio": total,
        "rango": parts.ranked(total),
    }
    return Result(
        {spec.id: [key[0] for key in keys]},
        columns,
        parts.statuses(
            names, ranks, total, enough=~np.isnan(ranks).any(axis=1), otherwise="undefined"
        ),
        {
            "weights": parts.by_name(names, weights.tolist()),
            "units": parts.by_name(names, areas.tolist()),
        },
    )


def _ranks(spec: ImdSpec, table: Table, domain: Domain) -> Floats:
    if spec.options.input == "ranks":
        ranks = table.numbers(domain.name, least=1)
        parts.known(table, domain.name, ranks)
        return ranks
    values = table.numbers(domain.name)
    parts.extremes(table, domain.name, values)
    return deprivation_ranks(values, polarity=domain.polarity or 1)


def _areas(spec: ImdSpec, ranks: Floats) -> float:
    known = float((~np.isnan(ranks)).sum())
    return known if spec.options.units is None else float(spec.options.units)


def _check_ranks(spec: ImdSpec, table: Table, ranks: Floats, areas: Floats) -> None:
    for domain, column, most in zip(spec.variables, ranks.T, areas, strict=True):
        for row, value in zip(table.rows, column, strict=True):
            if value > most:
                message = f"is a rank beyond the number of areas, {most:g}"
                hint = "say how many areas were ranked: `units:` under `options:`"
                table.refuse(row, domain.name, message, hint)
