"""What a score is worth: its interval, its rank with intervals, and where it lies among others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from geo_core.indicators.clusters import clusters
from geo_core.indicators.demography import Floats
from geo_core.indicators.neighbours import Neighbours
from geo_core.indicators.risk import Columns, Fragility, bounds, drawn_scores
from geo_core.indicators.robust import (
    Variant,
    chance_intervals,
    rank_intervals,
    stability,
    variants,
)
from geo_core.model.indicator import Composite, Indicators

SURE: Final = 9
"""Decimals of indicators that the rounding of the machine leaves: beyond them equal shares differ,
and percentiles would tell them apart."""

type Steps = Callable[[Sequence[Variant]], Iterable[Variant]]


class Units(NamedTuple):
    """The units of an index.

    Attributes
    ----------
    groups : array, shape (units, groups)
        Residents by `demography.GROUPS`.
    keys : sequence of int
        One per unit, for what is drawn.
    near : Neighbours
        Which are neighbours.
    """

    groups: Floats
    keys: Sequence[int]
    near: Neighbours


def standing(
    found: Fragility,
    units: Units,
    *,
    composite: Composite,
    catalogue: Indicators,
    steps: Steps = iter,
) -> Columns:
    """Return what says how far scores can be trusted.

    Parameters
    ----------
    found : Fragility
        What `fragility` returns of the groups.
    steps : function
        Given the variants, yields them: to show progress.

    Returns
    -------
    dict of arrays, shape (units,)
        `punteggio_inf` and `punteggio_sup`, which hold the score; `rango` with `rango_inf` and
        `rango_sup` over variants of the method, and `rango_caso_inf` and `rango_caso_sup` over
        chance; `stabilita` by the wider of both; and what `clusters` returns. Ranks are 0, texts
        "" and numbers NaN where there is no score.
    """
    scores = drawn_scores(units.groups, units.keys, found, composite=composite, catalogue=catalogue)
    low, high = bounds(scores)
    members = [catalogue.indicators[i] for i in composite.indicators]
    columns, score = found.columns, found.columns["punteggio"].astype(float)
    values = np.column_stack([columns[f"eb_{m.field}"] for m in members]).astype(float)
    method = rank_intervals(
        values.round(SURE),
        np.column_stack([columns[f"r_{m.field}"] for m in members]).astype(float),
        score,
        polarity=np.array([m.polarity for m in members]),
        ways=steps(variants(np.ones(len(members)))),
    )
    chance = chance_intervals(score, scores)
    return {
        "punteggio_inf": np.minimum(low, score),
        "punteggio_sup": np.maximum(high, score),
        "rango": method.rank,
        "rango_inf": method.low,
        "rango_sup": method.high,
        "rango_caso_inf": chance.low,
        "rango_caso_sup": chance.high,
        "stabilita": stability(method, chance),
        **clusters(score, units.near),
    }
