"""The methods `rates` and `empirical_bayes`: events over population, raw and smoothed."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from geo_core.index import near
from geo_core.index.result import COMPUTED, Column, Result, no_data
from geo_core.index.spec import ColumnName, Level, Positive, Spec
from geo_core.index.table import Inputs, Table, refuse_first
from geo_core.indicators import rates
from geo_core.indicators.composite import Floats
from geo_core.indicators.gamma_intervals import poisson_interval, posterior_interval
from geo_core.model.text import Strict, Text

NOBODY: Final = "undefined: population is zero"
"""Status of a unit in which nothing can happen to anybody."""

NOTHING: Final = "undefined: no events in any row"
"""Status where a rate is known and cannot be compared with the rate of all."""


class RatesOptions(Strict):
    """How rates are given.

    Attributes
    ----------
    per : float
        1000: events per 1,000 persons.
    interval : "poisson" or "wilson"
        Exact, of a count that may happen to a person more than once; or of a share of persons.
    confidence : float
        Of the interval.
    """

    per: Positive = 1.0
    interval: Literal["poisson", "wilson"] = "poisson"
    confidence: Level = 0.95


class RatesSpec(Spec):
    """The specification of raw rates; with `neighbours`, also those of unit and neighbours."""

    method: Literal["rates"]
    events: ColumnName
    population: ColumnName
    neighbours: near.Near | None = None
    options: RatesOptions = RatesOptions()


class BayesOptions(Strict):
    """How rates are given: `per` as for rates, and the confidence of the interval.

    Rates smoothed towards their neighbours have no interval.
    """

    per: Positive = 1.0
    confidence: Level | None = None


class BayesSpec(Spec):
    """The specification of smoothed rates: towards all rows, or towards the `neighbours`."""

    method: Literal["empirical_bayes"]
    events: ColumnName
    population: ColumnName
    neighbours: near.Near | None = None
    options: BayesOptions = BayesOptions()

    @model_validator(mode="after")
    def _used(self) -> Self:
        if self.neighbours is not None and self.options.confidence is not None:
            raise ValueError("confidence has no effect with neighbours")
        return self


class Counted(NamedTuple):
    """Events and population of every row, and what is to be said of them."""

    ids: list[str]
    events: Floats
    population: Floats
    status: list[str]
    notes: tuple[Text, ...]


def compute_rates(spec: RatesSpec, inputs: Inputs) -> Result:
    """Compute raw rates.

    Returns
    -------
    Result
        `tasso`, `ic_inf`, `ic_sup` per `options.per`; `rischio_relativo`, 1 at the rate of all
        rows together; with neighbours `tasso_vicini`, that of unit and neighbours together.
    """
    of, options = counted(spec, inputs.table), spec.options
    raw = rates.crude(of.events, of.population)
    relative = rates.excess_risk(of.events, of.population)
    low, high = _interval(spec, inputs.table, of)
    columns: dict[str, Column] = {
        "tasso": raw * options.per,
        "ic_inf": low * options.per,
        "ic_sup": high * options.per,
        "rischio_relativo": relative,
    }
    if spec.neighbours is not None:
        among = near.found(spec.neighbours, inputs, of.ids)
        together = rates.spatial_rate(of.events, of.population, among)
        columns["tasso_vicini"] = together * options.per
    unlike = np.isnan(relative) & ~np.isnan(raw)
    status = [NOTHING if no else said for no, said in zip(unlike, of.status, strict=True)]
    return Result({spec.id: of.ids}, columns, status, options.model_dump(), of.notes)


def compute_bayes(spec: BayesSpec, inputs: Inputs) -> Result:
    """Compute smoothed rates.

    Returns
    -------
    Result
        Raw `tasso`; `tasso_eb`, `media` it is drawn to, `ic_inf`, `ic_sup` (only without
        neighbours), all per `options.per`; `peso`, the trust in the unit's own rate, 0 to 1.
    """
    of, per = counted(spec, inputs.table), spec.options.per
    raw = rates.crude(of.events, of.population)
    columns: dict[str, Column] = {"tasso": raw * per}
    record: dict[str, Any] = {"per": per, "units": int(np.count_nonzero(~np.isnan(raw)))}
    if spec.neighbours is not None:
        among = near.found(spec.neighbours, inputs, of.ids)
        smoothed = rates.spatial_bayes(of.events, of.population, among)
    else:
        smoothed = rates.empirical_bayes(of.events, of.population)
        confidence = 0.95 if spec.options.confidence is None else spec.options.confidence
        low, high = posterior_interval(smoothed, of.events, of.population, confidence=confidence)
        columns |= {"ic_inf": low * per, "ic_sup": high * per}
        record |= {"confidence": confidence, **_moments(smoothed)}
    mean = np.where(np.isnan(raw), np.nan, smoothed.mean)
    columns |= {"tasso_eb": smoothed.rate * per, "media": mean * per, "peso": smoothed.weight}
    return Result({spec.id: of.ids}, columns, of.status, record, of.notes)


def counted(spec: RatesSpec | BayesSpec, table: Table) -> Counted:
    """Read events and population."""
    ids = [key for (key,) in table.keys(spec.id)]
    events = counts(table, spec.events)
    population = table.numbers(spec.population, least=0)
    columns = {spec.events: events, spec.population: population}
    return Counted(
        ids, events, population, statuses(columns, population == 0), left_out(events, population)
    )


def counts(table: Table, name: str) -> Floats:
    """Return a column of counts, NaN where not known.

    Raises
    ------
    IngestError
        A cell is not a whole number from 0 on: names row and column.
    """
    values = table.numbers(name, least=0)
    hint = "events are counted: 0, 1, 2 or more"
    refuse_first(table, values > np.floor(values), name, "is not a whole number", hint)
    return values


def statuses(
    columns: dict[str, Floats], undefined: NDArray[np.bool_], *, otherwise: str = NOBODY
) -> list[str]:
    """Return what each row lacks of some columns, or `otherwise` where it is undefined."""
    out = []
    for place, no in enumerate(undefined.tolist()):
        missing = [name for name, values in columns.items() if np.isnan(values[place])]
        out.append(no_data(missing) if missing else otherwise if no else COMPUTED)
    return out


def left_out(events: Floats, population: Floats) -> tuple[Text, ...]:
    """Say how many events are in no rate, because nobody lives where they happened."""
    number = float(events[(population == 0) & (events > 0)].sum())
    if not number:
        return ()
    return (
        Text(
            it=f"eventi dove la popolazione è zero, che non sono in nessun tasso: {number:g}",
            en=f"events where the population is zero, which are in no rate: {number:g}",
        ),
    )


def _interval(spec: RatesSpec, table: Table, of: Counted) -> tuple[Floats, Floats]:
    confidence = spec.options.confidence
    if spec.options.interval == "poisson":
        low, high = poisson_interval(of.events, confidence=confidence)
        return rates.crude(low, of.population), rates.crude(high, of.population)
    more = (of.events > of.population) & (of.population > 0)
    hint = "a share counts each person once: use `interval: poisson` for a rate"
    refuse_first(table, more, spec.events, "is more than the population", hint)
    trials = np.where(of.population > 0, of.population, np.nan)
    return rates.wilson(of.events, trials, confidence=confidence)


def _moments(smoothed: rates.Smoothed) -> dict[str, float | None]:
    pairs = {"mean": float(smoothed.mean), "variance": float(smoothed.variance)}
    return {name: None if np.isnan(value) else value for name, value in pairs.items()}
