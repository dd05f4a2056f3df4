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

type Columns = dict[str, NDArray[np.generic]]


class Fragility(NamedTuple):
    """What `fragility` computes.

    Attributes
    ----------
    columns : dict of arrays, shape (units,)
        `residenti`; `peso_proprio`, the part of the smoothed shares that is the unit's own; each
        indicator in its unit under its field name; `eb_<field>` of the smoothed shares;
        `r_<field>` on the scale of 70 to 130; `punteggio` (AMPI+) with `punteggio_inf` and
        `punteggio_sup`; `classe` (1-5, 0 without a score).
    composition : Composition
        What each unit was lent.
    """

    columns: Columns
    composition: Composition


def fragility(
    groups: Floats,
    keys: Sequence[int],
    *,
    composite: Composite,
    catalogue: Indicators,
    fewest: int = 1,
) -> Fragility:
    """Compute the index and its parts.

    Parameters
    ----------
    groups : array, shape (units, groups)
        Residents by `demography.GROUPS`.
    keys : sequence of int
        One per unit, for what is drawn.
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
    low, high = _bounds(groups, keys, lent, composite, members)
    columns: Columns = {
        "residenti": groups.sum(axis=1),
        "peso_proprio": np.where(enough, own_weight(groups, lent), np.nan),
        **{m.field: raw[:, i] for i, m in enumerate(members)},
        **{f"eb_{m.field}": smooth[:, i] for i, m in enumerate(members)},
        **{f"r_{m.field}": scaled[:, i] for i, m in enumerate(members)},
        "punteggio": score,
        "punteggio_inf": np.where(enough, low, np.nan),
        "punteggio_sup": np.where(enough, high, np.nan),
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


def _bounds(
    groups: Floats,
    keys: Sequence[int],
    lent: Composition,
    composite: Composite,
    members: Sequence[Indicator],
) -> tuple[Floats, Floats]:
    """Return between what the score lies: as if the same causes had given other residents."""
    found = np.full((2, len(groups)), np.nan)
    for start in range(0, len(groups), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        shares = drawn(groups[part], lent, keys=keys[part], draws=DRAWS)
        scaled = on_scale(indicators(composite.indicators, shares), members)
        scores = ampi(scaled.reshape(-1, len(members)), penalty=1).score
        found[:, part] = np.quantile(scores.reshape(DRAWS, -1), BOUNDS, axis=0)
    return found[0], found[1]
