"""The index of social fragility (IFS), with every part it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.composite import ampi, classify, normalise
from geo_core.indicators.composition import Composition, drawn, fitted, own_weight, smoothed
from geo_core.indicators.demography import Floats, indicators
from geo_core.model.indicator import Composite, Indicator, Indicators

FEWEST_FOR_A_SCORE: Final = 100
"""Hexagons with fewer residents have no score."""

FEWEST_FOR_RELIABLE: Final = 500
"""Units with fewer residents have low reliability: a few persons move the value a lot."""

DRAWS: Final = 1_000
BOUNDS: Final = (0.025, 0.975)
"""Parts of the draws below the lower and the upper bound of a score."""
_AT_ONCE: Final = 2_000

type Draws = NDArray[np.float32]
type Columns = dict[str, NDArray[np.generic]]


class Fragility(NamedTuple):
    """What `fragility` computes.

    Attributes
    ----------
    columns : dict of arrays, shape (units,)
        `residenti`; `peso_proprio`, the part of the smoothed shares that is the unit's own; each
        indicator in its unit under its field name; `eb_<field>` of the smoothed shares;
        `r_<field>` on the scale of 70 to 130; `punteggio` (AMPI+); `classe` (1-5, 0 without a
        score).
    composition : Composition
        What each unit was lent.
    """

    columns: Columns
    composition: Composition


def fragility(
    groups: Floats, *, composite: Composite, catalogue: Indicators, fewest: int = 1
) -> Fragility:
    """Compute the index and its parts.

    Parameters
    ----------
    groups : array, shape (units, groups)
        Residents by `demography.GROUPS`.
    composite : Composite
        Which indicators, and the breaks of the classes.
    catalogue : Indicators
        Polarity and goalposts of each indicator.
    fewest : int
        Units with fewer residents have nothing but `residenti`.
    """
    members = [catalogue.indicators[i] for i in composite.indicators]
    lent = fitted(groups)
    enough = groups.sum(axis=1) >= fewest
    shares = np.where(enough[:, None], smoothed(groups, lent), np.nan)
    raw = np.where(enough[:, None], indicators(composite.indicators, groups), np.nan)
    smooth = indicators(composite.indicators, shares)
    scaled = on_scale(smooth, members)
    score = ampi(scaled, penalty=1).score
    columns: Columns = {
        "residenti": groups.sum(axis=1),
        "peso_proprio": np.where(enough, own_weight(groups, lent), np.nan),
        **{m.field: raw[:, i] for i, m in enumerate(members)},
        **{f"eb_{m.field}": smooth[:, i] for i, m in enumerate(members)},
        **{f"r_{m.field}": scaled[:, i] for i, m in enumerate(members)},
        "punteggio": score,
        "classe": classify(score, composite.breaks),
    }
    return Fragility(columns, lent)


def on_scale(values: Floats, members: Sequence[Indicator]) -> Floats:
    """Normalise indicators (last axis) by their goalposts; one beyond counts as the goalpost."""
    low = np.array([m.goalposts.min for m in members])
    high = np.array([m.goalposts.max for m in members])
    polarity = np.array([m.polarity for m in members])
    flat = np.clip(values, low, high).reshape(-1, len(members))
    return normalise(flat, low=low, high=high, polarity=polarity).reshape(values.shape)


def drawn_scores(
    groups: Floats,
    keys: Sequence[int],
    found: Fragility,
    *,
    composite: Composite,
    catalogue: Indicators,
) -> Draws:
    """Return scores as if the same causes had given other residents by chance.

    Parameters
    ----------
    groups : array, shape (units, groups)
        As `fragility` had them.
    keys : sequence of int
        One per unit: what is drawn for it depends on its key and on no other unit.
    found : Fragility
        What it returned; units without a score have none here (NaN).

    Returns
    -------
    array of shape (DRAWS, units)
        In half the digits: a region has 74 million of them.
    """
    members = [catalogue.indicators[i] for i in composite.indicators]
    enough = np.flatnonzero(~np.isnan(found.columns["punteggio"].astype(float)))
    scores = np.full((DRAWS, len(groups)), np.nan, dtype=np.float32)
    for start in range(0, enough.size, _AT_ONCE):
        part = enough[start : start + _AT_ONCE]
        own = [keys[i] for i in part.tolist()]
        shares = drawn(groups[part], found.composition, keys=own, draws=DRAWS)
        scaled = on_scale(indicators(composite.indicators, shares), members)
        each = ampi(scaled.reshape(-1, len(members)), penalty=1).score
        scores[:, part] = each.reshape(DRAWS, -1)
    return scores


def bounds(scores: Draws) -> tuple[Floats, Floats]:
    """Return between what each score lies in 95 draws of 100; NaN for units without draws."""
    found = np.full((2, scores.shape[1]), np.nan)
    for start in range(0, scores.shape[1], _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found[:, part] = np.quantile(scores[:, part].astype(float), BOUNDS, axis=0)
    return found[0], found[1]
