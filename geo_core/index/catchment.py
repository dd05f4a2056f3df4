"""The method `2sfca`: places within reach of each unit, by four floating catchment areas."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from geo_core.index.result import COMPUTED, Result
from geo_core.index.spec import ColumnName, Number, Positive, Spec
from geo_core.index.table import Inputs, Table
from geo_core.indicators.access import (
    UNREACHABLE,
    Catchment,
    Floats,
    Steps,
    catchment,
    decaying,
    in_zones,
    within,
)
from geo_core.indicators.composite import IndexInputError
from geo_core.model.text import Strict, Text

MOST_PAIRS: Final = 50_000_000
"""Pairs of a unit and an office that are held at once: 400 MB."""

type Bools = NDArray[np.bool_]
type Variant = Literal["2sfca", "e2sfca", "gravity", "balanced", "shares"]

_STEPS: Final[dict[Variant, Steps]] = {"balanced": "balanced", "shares": "shares"}
_WEIGHTS: Final[dict[Variant, tuple[str, ...]]] = {
    "2sfca": (),
    "e2sfca": ("zones", "gaussian", "exponential"),
    "gravity": ("power",),
}
"""Weights of which a variant needs one; the others take any, or the limit alone."""


class Supply(Strict):
    """The table of offices: its file, and the columns that name them and say what they offer."""

    file: str
    id: ColumnName
    capacity: ColumnName


class Costs(Strict):
    """The table of costs: a row for each pair of a unit (`from`) and an office (`to`)."""

    file: str
    origin: ColumnName = Field(alias="from")
    to: ColumnName
    cost: ColumnName


class Ring(Strict):
    """The weight of costs up to `to`, included."""

    to: Positive
    weight: Positive


class Options(Strict):
    """How offices count by their cost: at most one of zones, power, gaussian and exponential.

    Attributes
    ----------
    variant : Variant
        See `geo_core.indicators.access.catchment`.
    limit : float | None
        Beyond it an office is out of reach; None where the weights alone decide.
    zones : tuple of Ring
        Ascending; beyond the last an office is out of reach.
    power : float | None
        Beta of ``cost ** beta``.
    least_cost : float | None
        Of `power`: lower costs count as this one.
    gaussian : float | None
        Sigma of ``exp(-cost ** 2 / (2 sigma ** 2))``.
    exponential : float | None
        Rate of ``exp(-rate cost)``.
    """

    variant: Variant
    limit: Positive | None = None
    zones: tuple[Ring, ...] | None = Field(None, min_length=1)
    power: Number | None = None
    least_cost: Positive | None = None
    gaussian: Positive | None = None
    exponential: Positive | None = None

    @property
    def given(self) -> list[str]:
        """Names of the weights that are given."""
        names = ("zones", "power", "gaussian", "exponential")
        return [name for name in names if getattr(self, name) is not None]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        needed = _WEIGHTS.get(self.variant)
        if len(self.given) > 1:
            raise ValueError(f"give one of {' and '.join(self.given)}, not both")
        if needed == () and self.given:
            raise ValueError(f"{self.variant} has no weights: leave {self.given[0]} out")
        if needed and not set(self.given) & set(needed):
            raise ValueError(f"{self.variant} needs {' or '.join(needed)}")
        if self.limit is None and not self.zones and (not self.given or self.power is not None):
            raise ValueError("give limit: the cost up to which an office is in reach")
        if self.least_cost is not None and self.power is None:
            raise ValueError("least_cost is for power alone")
        if any(low.to >= high.to for low, high in pairwise(self.zones or ())):
            raise ValueError("zones are in ascending order")
        return self


class CatchmentSpec(Spec):
    """The specification of a floating catchment area."""

    method: Literal["2sfca"]
    population: ColumnName
    supply: Supply
    costs: Costs
    options: Options


class _Offices(NamedTuple):
    ids: list[str]
    capacity: Floats


def compute(spec: CatchmentSpec, inputs: Inputs) -> Result:
    """Compute the places within reach of each unit, per person.

    Returns
    -------
    Result
        `accesso` (A) and `sedi_raggiunte`; in the record R of each office.
    """
    ids = [key for (key,) in inputs.table.keys(spec.id)]
    people = _whole(inputs.table, spec.population)
    offered = inputs.other(spec.supply.file)
    offices = _Offices(
        [key for (key,) in offered.keys(spec.supply.id)], _whole(offered, spec.supply.capacity)
    )
    cost, holes = _matrix(spec, inputs.other(spec.costs.file), ids, offices.ids)
    weights = _weights(spec.options, cost)
    steps = _STEPS.get(spec.options.variant, "plain")
    found = catchment(weights, demand=people, supply=offices.capacity, steps=steps)
    reached = weights > 0
    status = _status(cost, reached, demanded=reached.T @ people > 0)
    defined = np.array([said == COMPUTED or said.startswith("out") for said in status])
    return Result(
        keys={spec.id: ids},
        columns={
            "accesso": np.where(defined, found.access, np.nan),
            "sedi_raggiunte": reached.sum(axis=1),
        },
        status=status,
        record=_record(offices, found, people, reached, holes),
        notes=_said(holes),
    )


def _whole(table: Table, column: str) -> Floats:
    """Return a column of numbers from 0 on, none of them missing: each counts for all others."""
    values = table.numbers(column, least=0)
    for row, value in zip(table.rows, values.tolist(), strict=True):
        if np.isnan(value):
            hint = "fill it in, 0 if there is none, or leave the row out of every table"
            table.refuse(row, column, "is empty and must not be", hint)
    return values


def _matrix(
    spec: CatchmentSpec, table: Table, ids: list[str], offices: list[str]
) -> tuple[Floats, int]:
    """Return the costs, and how many pairs have none: they are `UNREACHABLE`."""
    if len(ids) * len(offices) > MOST_PAIRS:
        raise IndexInputError(
            f"there are more than {MOST_PAIRS} pairs of a unit and an office",
            where=spec.costs.file,
            hint="compute one part of the territory at a time, with what is around it",
        )
    names = spec.costs
    table.keys(names.origin, names.to)
    row = _positions(table, names.origin, ids, "is no unit of the table")
    column = _positions(table, names.to, offices, "is no office of its table")
    values = table.numbers(names.cost, least=0)
    cost = np.full((len(ids), len(offices)), UNREACHABLE)
    cost[row, column] = np.where(np.isnan(values), UNREACHABLE, values)
    return cost, int(np.isinf(cost).sum())


def _positions(table: Table, column: str, known: list[str], otherwise: str) -> list[int]:
    at = {name: position for position, name in enumerate(known)}
    cells = table.texts(column)
    for row, cell in zip(table.rows, cells, strict=True):
        if cell not in at:
            hint = "write a name of its table, or leave the row out"
            table.refuse(row, column, otherwise, hint)
    return [at[cell] for cell in cells]


def _weights(options: Options, cost: Floats) -> Floats:
    limit = np.inf if options.limit is None else options.limit
    finite = np.where(np.isfinite(cost), cost, 0)
    reached = within(cost, limit) * np.isfinite(cost)
    if options.zones is not None:
        bounds, weights = zip(*((zone.to, zone.weight) for zone in options.zones), strict=True)
        return reached * in_zones(cost, bounds, weights)
    if options.power is not None:
        return decaying(cost, limit, power=options.power, least=options.least_cost or 0)
    if options.gaussian is not None:
        return reached * np.exp(-((finite / options.gaussian) ** 2) / 2)
    if options.exponential is not None:
        return reached * np.exp(-options.exponential * finite)
    return reached


def _status(cost: Floats, reached: Bools, *, demanded: Bools) -> list[str]:
    """Say of each unit whether it reaches an office, and whether anybody reaches one of those."""
    out = []
    for costs, near in zip(cost, reached, strict=True):
        if not np.isfinite(costs).any():
            out.append("out of reach: no cost to any office")
        elif not near.any():
            out.append("out of reach: no office within the limit")
        elif not demanded[near].any():
            out.append("undefined: nobody in reach of its offices")
        else:
            out.append(COMPUTED)
    return out


def _record(
    offices: _Offices, found: Catchment, people: Floats, reached: Bools, holes: int
) -> dict[str, Any]:
    served = reached.T @ people > 0
    return {
        "offices": {
            name: {"ratio": ratio if near else None, "served": near}
            for name, ratio, near in zip(
                offices.ids, found.ratio.tolist(), served.tolist(), strict=True
            )
        },
        "supply": float(offices.capacity.sum()),
        "supply_served": float(offices.capacity[served].sum()),
        "population_times_access": float(people @ found.access),
        "pairs_without_cost": holes,
    }


def _said(holes: int) -> tuple[Text, ...]:
    if not holes:
        return ()
    return (
        Text(
            it=f"coppie senza costo, contate come irraggiungibili: {holes}",
            en=f"pairs without a cost, counted as unreachable: {holes}",
        ),
    )
