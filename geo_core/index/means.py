"""The method `means`: a weighted mean of indicators on a common scale, in one or two levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

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
from geo_core.index.table import Inputs
from geo_core.indicators.composite import Floats, arithmetic, geometric, harmonic
from geo_core.indicators.scale import borda, minmax, percentile, z_scores
from geo_core.model.text import Strict, Text

type Aggregation = Literal["arithmetic", "geometric", "harmonic"]

_MEANS: Final[Mapping[str, Callable[..., Floats]]] = MappingProxyType(
    {"arithmetic": arithmetic, "geometric": geometric, "harmonic": harmonic}
)


class Variable(Strict):
    """One indicator.

    Attributes
    ----------
    goalposts : (float, float) | None
        Of normalisation `goalposts`: the values that become the ends of the range.
    theme : str | None
        Group that is aggregated first. All variables have one, or none has.
    weight : float | None
        Relative to the other weights of the theme.
    """

    name: ColumnName
    polarity: Polarity
    goalposts: tuple[Number, Number] | None = None
    theme: Label | None = None
    weight: Positive | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        ordered(self.goalposts)
        return self


class Options(Strict):
    """How the mean is made.

    Attributes
    ----------
    normalisation : str
        `minmax` (on the least and greatest of the table), `goalposts` (on those given), `z`,
        `percentile` (0 to 1), `borda` (units that are below) or `none` (the values as they are).
    range : (float, float)
        Ends of the scale of `minmax` and `goalposts`.
    clip : bool
        With `goalposts`: a value beyond one counts as the goalpost.
    divisor : "n" or "n-1"
        Of the standard deviation of `z`.
    theme_weights : mapping | None
        Weight of every theme, relative to the others; None for equal ones.
    theme_aggregation : str | None
        Mean of the themes; None for the same as within them.
    period, minimum_share, outliers
        As for `ampi`; the share counts within a theme and among themes.
    """

    aggregation: Aggregation
    normalisation: Literal["minmax", "goalposts", "z", "percentile", "borda", "none"]
    range: tuple[Number, Number] | None = None
    clip: bool | None = None
    divisor: Literal["n", "n-1"] | None = None
    theme_weights: dict[str, Positive] | None = None
    theme_aggregation: Aggregation | None = None
    period: ColumnName | None = None
    minimum_share: Share = 1.0
    outliers: Literal["keep", "treat"] = "keep"

    @model_validator(mode="after")
    def _used(self) -> Self:
        used = {
            "range": self.normalisation in {"minmax", "goalposts"},
            "clip": self.normalisation == "goalposts",
            "divisor": self.normalisation == "z",
        }
        for key, is_used in used.items():
            if getattr(self, key) is not None and not is_used:
                raise ValueError(f"{key} has no effect with normalisation {self.normalisation}")
        ordered(self.range)
        return self


class MeansSpec(Spec):
    """The specification of a mean."""

    method: Literal["means"]
    variables: tuple[Variable, ...] = Field(min_length=1)
    options: Options

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct([v.name for v in self.variables])
        all_or_none([v.weight for v in self.variables], "weight")
        all_or_none([v.theme for v in self.variables], "theme")
        _check_goalposts(self)
        _check_themes(self)
        return self


def _check_goalposts(spec: MeansSpec) -> None:
    normalisation = spec.options.normalisation
    for variable in spec.variables:
        if normalisation == "goalposts" and variable.goalposts is None:
            raise ValueError("with normalisation goalposts every variable has goalposts")
        if normalisation != "goalposts" and variable.goalposts is not None:
            raise ValueError(f"goalposts have no effect with normalisation {normalisation}")
        if normalisation == "none" and variable.polarity < 0:
            raise ValueError("with normalisation none every polarity is 1")


def _check_themes(spec: MeansSpec) -> None:
    themes, options = {v.theme for v in spec.variables}, spec.options
    if None in themes and (options.theme_weights or options.theme_aggregation):
        raise ValueError("there are options for themes, and no variable has a theme")
    if options.theme_weights is not None and set(options.theme_weights) != themes:
        raise ValueError("theme_weights does not name every theme once, and nothing else")


def compute(spec: MeansSpec, inputs: Inputs) -> Result:
    """Compute the mean of every row.

    Returns
    -------
    Result
        `t_<variable>` where outliers were treated, `n_<variable>` (on the common scale),
        `m_<theme>`, `punteggio` and `rango` (1 is the highest; within the period).
    """
    table, options = inputs.table, spec.options
    names = [v.name for v in spec.variables]
    key_columns = [spec.id] if options.period is None else [spec.id, options.period]
    rows = parts.read(table, spec.variables, key_columns, outliers=options.outliers == "treat")
    scaled, record = _scaled(spec, inputs, rows.values)
    alike = _alike(spec, inputs, rows.values)
    weights, notes = parts.weights([v.weight for v in spec.variables])
    themes, score = _aggregated(spec, scaled, weights)
    columns: dict[str, Column] = {
        **rows.columns(),
        **{f"n_{name}": scaled[:, i] for i, name in enumerate(names)},
        **{f"m_{theme}": values for theme, values in themes.items()},
        "punteggio": score,
        "rango": parts.ranked(score, rows.keys.get(options.period or "")),
    }
    # Of ones every mean is one, if there are enough of them.
    enough = ~np.isnan(_aggregated(spec, np.where(np.isnan(scaled), np.nan, 1.0), weights)[1])
    status = parts.statuses(
        names, rows.given, score, enough=enough, otherwise="undefined: negative numbers"
    )
    record |= {**_shares(spec, weights, list(themes)), "outliers": rows.record(table)}
    return Result(rows.keys, columns, status, record, (*alike, *(() if themes else notes)))


def _alike(spec: MeansSpec, inputs: Inputs, values: Floats) -> tuple[Text, ...]:
    """Return a note for each column that tells no unit from another, where that is no error.

    Values that come as they are may be alike: no scale is made of them.
    """
    if spec.options.normalisation != "none" or len(values) == 1:
        return ()
    known = {v.name: parts.known(inputs.table, v.name, values[:, i])
             for i, v in enumerate(spec.variables)}  # fmt: skip
    return tuple(
        Text(
            it=f"{name}: un solo valore in tutte le righe, non distingue le unità",
            en=f"{name}: one value in all rows, it tells no unit from another",
        )
        for name, numbers in known.items()
        if np.ptp(numbers) == 0
    )


def _scaled(spec: MeansSpec, inputs: Inputs, values: Floats) -> tuple[Floats, dict[str, Any]]:
    options = spec.options
    names = [v.name for v in spec.variables]
    signs = np.array([v.polarity for v in spec.variables])
    if options.normalisation == "none":
        return values, {}
    low, high = parts.goalposts(inputs.table, spec.variables, values)
    match options.normalisation:
        case "borda":
            return borda(values, polarity=signs), {}
        case "percentile":
            return percentile(values, polarity=signs), {}
        case "z":
            return z_scores(values, polarity=signs, sample=options.divisor == "n-1"), {}
    least, greatest = options.range or (0.0, 100.0)
    clipped = np.clip(values, low, high) if options.clip else values
    unit = minmax(clipped, low=low, high=high, polarity=signs)
    posts = list(zip(low.tolist(), high.tolist(), strict=True))
    return unit * (greatest - least) + least, {"goalposts": parts.by_name(names, posts)}


def _shares(spec: MeansSpec, weights: Floats, themes: Sequence[str]) -> dict[str, Any]:
    """Return the share of every variable, in its theme or among all, and that of every theme."""
    names = [v.name for v in spec.variables]
    if not themes:
        return {"weights": parts.by_name(names, parts.shares(weights))}
    of = [v.theme for v in spec.variables]
    totals = {t: sum(w for w, name in zip(weights, of, strict=True) if name == t) for t in themes}
    within = [float(w / totals[name or ""]) for w, name in zip(weights, of, strict=True)]
    among = parts.shares(_of_themes(spec, themes))
    return {
        "weights": parts.by_name(names, within),
        "theme_weights": parts.by_name(themes, among),
    }


def _of_themes(spec: MeansSpec, themes: Sequence[str]) -> Floats:
    given = spec.options.theme_weights or dict.fromkeys(themes, 1.0)
    return np.array([given[theme] for theme in themes])


def _aggregated(
    spec: MeansSpec, scaled: Floats, weights: Floats
) -> tuple[dict[str, Floats], Floats]:
    """Return the mean of every theme, and the mean of the themes: or that of all variables."""
    options = spec.options
    within = _MEANS[options.aggregation]
    between = _MEANS[options.theme_aggregation or options.aggregation]
    share = options.minimum_share
    of = [v.theme for v in spec.variables]
    themes: dict[str, Floats] = {}
    for theme in dict.fromkeys(name for name in of if name is not None):
        mine = np.array([name == theme for name in of])
        themes[theme] = within(scaled[:, mine], weights=weights[mine], minimum_share=share)
    if not themes:
        return {}, within(scaled, weights=weights, minimum_share=share)
    together = np.column_stack(list(themes.values()))
    return themes, between(together, weights=_of_themes(spec, list(themes)), minimum_share=share)
