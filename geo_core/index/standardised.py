"""The methods `direct_rates` and `indirect_rates`: as if all units had the same ages."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from geo_core.index.rates import counts, statuses
from geo_core.index.result import Column, Result
from geo_core.index.spec import ColumnName, Level, NotNegative, Positive, Spec, distinct
from geo_core.index.table import Inputs, Table, refuse_first
from geo_core.indicators import rates
from geo_core.indicators.composite import Floats, IndexInputError
from geo_core.indicators.gamma_intervals import direct_interval, poisson_interval
from geo_core.model.text import Strict

type Given = NotNegative | ColumnName
"""A number for all rows, or the column that has one for each."""


class DirectStratum(Strict):
    """Events and population of one stratum, and the standard population."""

    events: ColumnName
    population: ColumnName
    standard_population: Given


class IndirectStratum(Strict):
    """Population of one stratum, and events and population of the standard."""

    population: ColumnName
    standard_events: Given
    standard_population: Given


class DirectOptions(Strict):
    """`per` 100000: per 100,000 persons; confidence of the interval (Fay and Feuer)."""

    per: Positive = 1.0
    confidence: Level = 0.95


class IndirectOptions(Strict):
    """`per` and confidence as for direct rates.

    Attributes
    ----------
    interval : "exact" or "lognormal"
        Of the events as a Poisson count; or on the logarithm, with deviation 1 / sqrt(events).
    """

    per: Positive = 1.0
    interval: Literal["exact", "lognormal"] = "exact"
    confidence: Level = 0.95


class DirectSpec(Spec):
    """The specification of rates standardised directly."""

    method: Literal["direct_rates"]
    strata: tuple[DirectStratum, ...] = Field(min_length=1)
    options: DirectOptions = DirectOptions()

    @model_validator(mode="after")
    def _once(self) -> Self:
        distinct([name for one in self.strata for name in (one.events, one.population)])
        return self


class IndirectSpec(Spec):
    """The specification of rates standardised indirectly: `events` of all strata are summed."""

    method: Literal["indirect_rates"]
    events: tuple[ColumnName, ...] = Field(min_length=1)
    strata: tuple[IndirectStratum, ...] = Field(min_length=1)
    options: IndirectOptions = IndirectOptions()

    @model_validator(mode="after")
    def _once(self) -> Self:
        distinct([*self.events, *(one.population for one in self.strata)])
        return self


def compute_direct(spec: DirectSpec, inputs: Inputs) -> Result:
    """Compute direct rates.

    Returns
    -------
    Result
        `tasso_grezzo` (all strata together), `tasso_std`, `ic_inf`, `ic_sup`.
    """
    table, options = inputs.table, spec.options
    ids = [key for (key,) in table.keys(spec.id)]
    events = np.column_stack([counts(table, s.events) for s in spec.strata])
    population = _numbers(table, [s.population for s in spec.strata])
    standard = _standard(
        table, [s.standard_population for s in spec.strata], what="standard_population"
    )
    low, high = direct_interval(events, population, standard, confidence=options.confidence)
    crude = rates.crude(events.sum(axis=1), population.sum(axis=1))
    found = rates.direct(events, population, standard)
    columns: dict[str, Column] = {
        "tasso_grezzo": np.where(np.isnan(found), np.nan, crude) * options.per,
        "tasso_std": found * options.per,
        "ic_inf": low * options.per,
        "ic_sup": high * options.per,
    }
    names = [n for s in spec.strata for n in (s.events, s.population)]
    both = np.stack([events, population], axis=2).reshape(len(ids), -1)
    status = statuses(dict(zip(names, both.T, strict=True)), (population == 0).any(axis=1))
    return Result({spec.id: ids}, columns, status, options.model_dump())


def compute_indirect(spec: IndirectSpec, inputs: Inputs) -> Result:
    """Compute indirect rates.

    Returns
    -------
    Result
        `osservati`, `attesi`, `rapporto` of the two, `tasso_std`, `ic_inf`, `ic_sup` of the rate.
    """
    table, options = inputs.table, spec.options
    ids = [key for (key,) in table.keys(spec.id)]
    events = np.column_stack([counts(table, name) for name in spec.events])
    population = _numbers(table, [s.population for s in spec.strata])
    people = _standard(
        table, [s.standard_population for s in spec.strata], what="standard_population"
    )
    if (people == 0).any():
        raise IndexInputError(
            "is zero in some stratum",
            where="standard_population",
            hint="leave the stratum out: without people it has no rate",
        )
    cases = _standard(table, [s.standard_events for s in spec.strata], what="standard_events")
    found = rates.indirect(events.sum(axis=1), population, cases, people)
    ratio = rates.crude(found.observed, found.expected)
    overall = cases.sum() / people.sum() * options.per
    low, high = _interval(spec, table, found)
    columns: dict[str, Column] = {
        "osservati": found.observed,
        "attesi": found.expected,
        "rapporto": ratio,
        "tasso_std": found.rate * options.per,
        "ic_inf": low * overall,
        "ic_sup": high * overall,
    }
    given = {
        **dict(zip(spec.events, events.T, strict=True)),
        **dict(zip([s.population for s in spec.strata], population.T, strict=True)),
    }
    status = statuses(given, found.expected == 0, otherwise="undefined: no events are expected")
    return Result({spec.id: ids}, columns, status, options.model_dump())


def _interval(spec: IndirectSpec, table: Table, found: rates.Standardised) -> tuple[Floats, Floats]:
    """Return the interval of observed over expected."""
    confidence = spec.options.confidence
    if spec.options.interval == "exact":
        low, high = poisson_interval(found.observed, confidence=confidence)
        return rates.crude(low, found.expected), rates.crude(high, found.expected)
    hint = "use `interval: exact`"
    none = found.observed == 0
    refuse_first(table, none, spec.events[0], "has no interval on the logarithm", hint)
    return rates.lognormal_interval(found, confidence=confidence)


def _numbers(table: Table, names: list[str]) -> Floats:
    return np.column_stack([table.numbers(name, least=0) for name in names])


def _standard(table: Table, given: list[float | str], *, what: str) -> Floats:
    """Return what is given of the standard, shape (units, strata)."""
    columns = []
    for each in given:
        if not isinstance(each, str):
            columns.append(np.full(len(table.rows), each))
            continue
        columns.append(table.numbers(each, least=0))
        hint = "a standard has every number"
        refuse_first(table, np.isnan(columns[-1]), each, "is empty and must not be", hint)
    standard = np.column_stack(columns)
    if not standard.sum(axis=1).all():
        raise IndexInputError(
            "sums to zero in some row", where=what, hint="a standard has people, and events"
        )
    return standard
