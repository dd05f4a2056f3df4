"""Rows of `valori_indicatori`: every indicator that can be computed, by unit and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo_core.indicators.change import Estimate, change
from geo_core.indicators.demography import (
    RATIOS,
    Ages,
    Floats,
    by_group,
    parts,
    ratio,
    residents,
)
from geo_core.indicators.gamma_intervals import poisson_interval, posterior_interval
from geo_core.indicators.rates import empirical_bayes, ratio_interval, wilson
from geo_core.indicators.registers import Counted
from geo_core.model.indicator import Indicators, Interval, Measure

DECIMALS: Final = 4
SMOOTHED: Final = ("share", "count")
"""Kinds of interval whose values are events over a population, which can be smoothed."""

ACCESS: Final[Mapping[str, Mapping[str, str]]] = {
    "ACC01": {"15": "entro15_sportello_sociale", "30": "entro30_sportello_sociale"},
    "ACC02": {
        kind: f"a2sfca_{kind}" for kind in ("nido", "centro_diurno", "struttura_residenziale")
    },
}
"""Indicators of access: by variant (codelist `variante_indicatore`), the column of what is in
reach (`geo_core.indicators.reach`)."""

GIVEN: Final[Mapping[str, float]] = {
    "FAM01": 100, "FAM02": 100, "EDU01": 100, "LAV01": 100, "STR01": 100, "OFF02": 5_000,
}  # fmt: skip
"""Indicators of counts that are handed in, and what they are per."""


@dataclass(frozen=True)
class Parts:
    """What an indicator divides, in every unit of one kind.

    Attributes
    ----------
    above : array of shape (units,)
        What is counted, or the value itself where nothing is divided.
    below : array of shape (units,) | None
        What it is divided by.
    per : float
        The value is ``per * above / below``.
    """

    above: Floats
    below: Floats | None
    per: float = 1

    @property
    def value(self) -> Floats:
        """Return the values; NaN where they are divided by zero, or something is missing."""
        return self.above if self.below is None else ratio(self.above, self.below, per=self.per)


@dataclass(frozen=True)
class Units:
    """Units of one kind, and what is counted in them.

    Attributes
    ----------
    kind : str
        ``comune`` or ``ambito``.
    ages, before : DataFrame
        Residents by unit (the same index) and age, in the year of reference and one earlier.
    registers : mapping of Counted
        What registers hold, by indicator and the same units.
    given : DataFrame
        Counts handed in (`indicatore`, `unita`, `anno`, `numeratore`, `denominatore`), and
        `dato_sintetico`; maybe no rows.
    access : DataFrame
        Means over residents by the same units, in columns of `ACCESS`; and `dato_sintetico`,
        whether an office, a service or where people live is invented.
    """

    kind: str
    ages: pd.DataFrame
    before: pd.DataFrame
    registers: Mapping[str, Counted]
    given: pd.DataFrame
    access: pd.DataFrame


def rows(catalogue: Indicators, units: Units, *, year: int) -> pd.DataFrame:
    """Return the values of one kind of unit, in a year and one earlier.

    Returns
    -------
    DataFrame
        `id`, the fields of the layer `valori_indicatori` and `dato_sintetico`, which is true
        where an invented row is counted; a value whose denominator is zero is missing. Values
        smoothed by empirical Bayes are of municipalities alone: bodies are few and large.
    """
    tables = []
    for ident, variant, when, of_unit in _computed(units, year):
        of = catalogue.all[ident]
        people = units.before if when < year else units.ages
        counted = units.registers.get(ident)
        columns = {
            **_values(of_unit, of.interval, people=residents(people.to_numpy())),
            **_smoothed(of_unit, kind=of.interval if units.kind == "comune" else None),
            "dato_sintetico": False if counted is None else counted.invented,
        }
        if variant is not None:
            columns["dato_sintetico"] = units.access["dato_sintetico"]
        if ident in GIVEN:
            columns["dato_sintetico"] = bool(units.given["dato_sintetico"].any())
        table = pd.DataFrame(columns, index=units.ages.index).assign(variante=variant)
        tables.append(_said(table, of, ident, units.kind, when))
    return _changed(pd.concat(tables, ignore_index=True))


def _changed(table: pd.DataFrame) -> pd.DataFrame:
    """Add the difference from the value of the same unit one year earlier."""
    year = table["periodo_inizio"].str[:4].astype(int)
    of = [table["indicatore"], table["variante"].fillna(""), table["unita"]]
    keys, earlier = (pd.MultiIndex.from_arrays([*of, when]) for when in (year, year - 1))
    bounds = table[["valore", "ic_inf", "ic_sup"]].set_axis(keys)
    now, before = (Estimate(*bounds.reindex(k).to_numpy().T) for k in (keys, earlier))
    found = change(now, before)
    return table.assign(
        variazione=np.round(found.value, DECIMALS),
        variazione_inf=np.round(found.low, DECIMALS),
        variazione_sup=np.round(found.high, DECIMALS),
        variazione_classe=found.kind,
    )


def _computed(units: Units, year: int) -> Iterator[tuple[str, str | None, int, Parts]]:
    """Yield each indicator, its variant and year with what it divides."""
    now, then = units.ages.to_numpy(), units.before.to_numpy()
    for when, counts in ((year, now), (year - 1, then)):
        for ident, found in _of_ages(counts).items():
            yield ident, None, when, found
    people, earlier = residents(now), residents(then)
    yield "DEM04", None, year, Parts(people - earlier, earlier, 100)
    below: dict[str, tuple[Floats | None, float]] = {
        "OFF01": (residents(now, 0, 2), 100),
        "PAR02": (None, 1),
    }
    for ident, counted in units.registers.items():
        over, per = below.get(ident, (people, 10_000))
        yield ident, None, year, Parts(counted.number.to_numpy(np.float64), over, per)
    yield from _given(units)
    for ident, columns in ACCESS.items():
        for variant, column in columns.items():
            if column in units.access:
                yield ident, variant, year, Parts(units.access[column].to_numpy(np.float64), None)


def _given(units: Units) -> Iterator[tuple[str, str | None, int, Parts]]:
    """Yield what was handed in; a unit without a row has no value, which is not zero."""
    for (ident, when), rows_of in units.given.groupby(["indicatore", "anno"], sort=True):
        found = rows_of.set_index("unita").reindex(units.ages.index)
        above, below = (found[side].to_numpy(np.float64) for side in ("numeratore", "denominatore"))
        yield str(ident), None, int(when), Parts(above, below, GIVEN[str(ident)])


def _of_ages(counts: Ages) -> dict[str, Parts]:
    groups = by_group(counts)
    return {
        **{ident: Parts(*parts(of, groups), of.per) for ident, of in RATIOS.items()},
        "DEM06": Parts(residents(counts, 0, 2), None),
    }


def _values(of: Parts, kind: Interval, *, people: Floats) -> dict[str, object]:
    value = of.value
    low, high = _interval(of, kind)
    known = ~np.isnan(value)
    return {
        "valore": np.round(value, DECIMALS),
        "ic_inf": np.round(low, DECIMALS),
        "ic_sup": np.round(high, DECIMALS),
        "ic_metodo": np.where(np.isnan(low), "none", kind),
        "numeratore": of.above if of.below is not None or kind == "count" else np.nan,
        "n": people if of.below is None else of.below,
        "stato": np.where(known, "published", "no-data"),
    }


def _interval(of: Parts, kind: Interval) -> tuple[Floats, Floats]:
    """Return the bounds of values as if the same causes had given other counts by chance."""
    above, below = of.above, of.below
    if kind == "count":
        over = 1.0 if below is None else np.where(below > 0, below, np.nan)
        low, high = poisson_interval(above)
        return of.per * low / over, of.per * high / over
    if below is None or kind not in {"share", "ratio", "denominator"}:
        return np.full(above.shape, np.nan), np.full(above.shape, np.nan)
    if kind == "denominator":
        low, high = poisson_interval(below)
        known = below > 0
        return ratio(above, np.where(known, high, 0), per=of.per), ratio(
            above, np.where(known, low, 0), per=of.per
        )
    low, high = (wilson if kind == "share" else ratio_interval)(above, below)
    return of.per * low, of.per * high


def _smoothed(of: Parts, *, kind: Interval | None) -> dict[str, object]:
    missing = np.full(of.above.shape, np.nan)
    if kind not in SMOOTHED or of.below is None:
        return {"valore_eb": missing, "eb_inf": missing, "eb_sup": missing}
    found = empirical_bayes(of.above, of.below)
    low, high = posterior_interval(found, of.above, of.below)
    each = {"valore_eb": found.rate, "eb_inf": low, "eb_sup": high}
    return {name: np.round(of.per * numbers, DECIMALS) for name, numbers in each.items()}


def _said(table: pd.DataFrame, of: Measure, ident: str, kind: str, year: int) -> pd.DataFrame:
    """Add what every row of one indicator, kind of unit and year says."""
    names = table.index.astype(str)
    variant = "".join(f"-{v}" for v in table["variante"].dropna().unique())
    return table.assign(
        id=[f"{ident}{variant}-{kind}-{name}-{year}" for name in names],
        indicatore=ident,
        nome=of.title.it,
        nome_en=of.title.en,
        tipo_unita=kind,
        unita=names,
        misura=of.unit,
        versione=of.version,
        revisione=0,
        n=table["n"].astype("Int64"),
        periodo_inizio=f"{year}-01-01",
        periodo_fine=f"{year}-12-31",
    )
