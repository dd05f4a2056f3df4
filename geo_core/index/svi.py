"""The method `svi`: percentile ranks summed by theme, as the CDC/ATSDR computes them."""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from geo_core.index.result import COMPUTED, Column, Result, no_data
from geo_core.index.spec import ColumnName, Label, Number, Polarity, Spec, distinct
from geo_core.index.table import Inputs, Table
from geo_core.indicators.composite import Floats, IndexInputError
from geo_core.indicators.svi import Svi, rounded, svi
from geo_core.model.text import Strict

EXCLUDED = "excluded: population 0"


class Variable(Strict):
    """One variable, and the theme it is in."""

    name: ColumnName
    polarity: Polarity
    theme: Label


class Options(Strict):
    """How the ranks are made.

    Attributes
    ----------
    decimals : int | None
        To which variables are rounded before they are ranked; None for not at all.
    population : str | None
        Column of the population: units with none are not ranked.
    missing_code : float | None
        Number that means "not known".
    """

    decimals: int | None = Field(1, strict=True, ge=0, le=12)
    population: ColumnName | None = None
    missing_code: Number | None = -999.0


class SviSpec(Spec):
    """The specification of an SVI."""

    method: Literal["svi"]
    variables: tuple[Variable, ...] = Field(min_length=1)
    options: Options = Options()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [_short(v.name) for v in self.variables]
        distinct(names)
        for name in {*names} & {"THEMES", "TOTAL"}:
            raise ValueError(f"the variable {name} needs another name: columns would be confused")
        for theme in {v.theme for v in self.variables} & {*names, "THEMES", "TOTAL"}:
            raise ValueError(f"the theme {theme} needs another name: columns would be confused")
        return self


def compute(spec: SviSpec, inputs: Inputs) -> Result:
    """Rank every row.

    Returns
    -------
    Result
        `EPL_<variable>`, `F_<variable>` (1 from 0.90 on), `SPL_<theme>`, `RPL_<theme>`,
        `F_<theme>`, `SPL_THEMES`, `RPL_THEMES` and `F_TOTAL`; EP_ is dropped before the names
        of variables.
    """
    table = inputs.table
    keys = table.keys(spec.id)
    values = np.column_stack([_numbers(spec, table, v.name) for v in spec.variables])
    counted = _counted(spec, table)
    whole = values if spec.options.decimals is None else rounded(values, spec.options.decimals)
    whole = np.where(counted[:, None], whole, np.nan)
    _check(spec, table, whole)
    themes = list(dict.fromkeys(v.theme for v in spec.variables))
    groups = [[i for i, v in enumerate(spec.variables) if v.theme == theme] for theme in themes]
    found = svi(whole, polarity=np.array([v.polarity for v in spec.variables]), themes=groups)
    status = [
        _status(spec, row, bool(ranked), is_in)
        for row, ranked, is_in in zip(whole, ~np.isnan(found.rank), counted, strict=True)
    ]
    return Result(
        {spec.id: [key[0] for key in keys]},
        _columns(spec, found, dict(zip(themes, groups, strict=True))),
        status,
        {"ranked_units": int((~np.isnan(found.rank)).sum())},
    )


def _short(name: str) -> str:
    return name.removeprefix("EP_")


def _numbers(spec: SviSpec, table: Table, name: str) -> Floats:
    values = table.numbers(name)
    return np.where(values == spec.options.missing_code, np.nan, values)


def _counted(spec: SviSpec, table: Table) -> NDArray[np.bool_]:
    """Tell which rows are ranked: not those without population."""
    name = spec.options.population
    if name is None:
        return np.ones(len(table.rows), dtype=bool)
    people = _numbers(spec, table, name)
    for row, number in zip(table.rows, people, strict=True):
        if np.isnan(number):
            hint = "write the population, 0 where nobody lives"
            table.refuse(row, name, "is empty and must not be", hint)
        if number < 0:
            table.refuse(row, name, "is less than 0", "check the number")
    return np.asarray(people > 0)


def _check(spec: SviSpec, table: Table, values: Floats) -> None:
    for variable, column in zip(spec.variables, values.T, strict=True):
        if (~np.isnan(column)).sum() < 2:
            raise IndexInputError(
                "has fewer than two numbers, and one cannot be ranked",
                where=f"{table.name}, column {variable.name}",
                hint="leave the variable out, or add units",
            )
        if np.nanmin(column) == np.nanmax(column):
            raise _constant(spec, f"{table.name}, column {variable.name}")


def _constant(spec: SviSpec, where: str) -> IndexInputError:
    """Return what is said of a column in which nothing can be ranked."""
    decimals = spec.options.decimals
    if decimals is None:
        return IndexInputError(
            "has one value in all rows", where=where, hint="leave the variable out, or add units"
        )
    return IndexInputError(
        f"has one value in all rows, rounded to {decimals} decimals",
        where=where,
        hint="leave the variable out, or round less: `options: {decimals: null}`",
    )


def _status(spec: SviSpec, row: Floats, ranked: bool, is_in: bool) -> str:  # noqa: FBT001 - of one row
    if not is_in:
        return EXCLUDED
    missing = [v.name for v, value in zip(spec.variables, row, strict=True) if np.isnan(value)]
    if missing:
        return no_data(missing)
    return COMPUTED if ranked else "undefined: no other unit has every variable"


def _columns(spec: SviSpec, found: Svi, themes: dict[str, list[int]]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    short = [_short(v.name) for v in spec.variables]
    for place, (theme, members) in enumerate(themes.items()):
        columns |= {f"EPL_{short[i]}": found.ranks[:, i] for i in members}
        columns |= {f"F_{short[i]}": _whole(found.flags[:, i]) for i in members}
        columns |= {
            f"SPL_{theme}": found.sums[:, place],
            f"RPL_{theme}": found.theme_ranks[:, place],
            f"F_{theme}": _whole(found.flags[:, members].sum(axis=1)),
        }
    return columns | {
        "SPL_THEMES": found.total,
        "RPL_THEMES": found.rank,
        "F_TOTAL": _whole(found.flags.sum(axis=1)),
    }


def _whole(counts: Floats) -> list[str]:
    return ["" if math.isnan(count) else str(int(count)) for count in counts.tolist()]
