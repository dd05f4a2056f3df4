"""Risk scores with every part they are made of."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators.composite import ampi, classify, normalise
from geo_core.indicators.demography import FROM_AGES, Ages, Floats, population_change, residents
from geo_core.model.indicator import Composite, Indicators

FEWEST_FOR_A_SCORE: Final = 100
"""Hexagons with fewer residents have no score."""

FEWEST_FOR_RELIABLE: Final = 500
"""Units with fewer residents have low reliability: a few persons move the value a lot."""

type Columns = dict[str, NDArray[np.generic]]


def risk(
    ages: Ages, before: Ages | None, *, composite: Composite, catalogue: Indicators
) -> Columns:
    """Compute one composite index and its parts.

    Parameters
    ----------
    ages : array, shape (units, 101)
        Residents by single year of age in the reference year.
    before : array, shape (units, 101) | None
        The same one year earlier; None where it does not exist, and then no indicator of
        the composite may need it.
    composite : Composite
        Which indicators, and the breaks of the classes.
    catalogue : Indicators
        Polarity and goalposts of each indicator.

    Returns
    -------
    dict of arrays, shape (units,)
        `residenti`; each indicator in its unit under its field name; `r_<field>` normalised to
        70-130; `punteggio` (AMPI+); `classe` (1-5, 0 without a score). At `h3_r7` a value beyond
        a goalpost counts as the goalpost, and units under `FEWEST_FOR_A_SCORE` residents have
        nothing but `residenti`: their ratios rest on a handful of persons.
    """
    values = _values(ages, before, composite)
    people = residents(ages)
    members = [catalogue.indicators[i] for i in composite.indicators]
    low = np.array([m.goalposts.min for m in members])
    high = np.array([m.goalposts.max for m in members])
    if composite.level == "h3_r7":
        values[people < FEWEST_FOR_A_SCORE] = np.nan
        measured = np.clip(values, low, high)
    else:
        measured = values
    scaled = normalise(
        measured, low=low, high=high, polarity=np.array([m.polarity for m in members])
    )
    score = ampi(scaled, penalty=1).score
    return {
        "residenti": people,
        **{m.field: values[:, i] for i, m in enumerate(members)},
        **{f"r_{m.field}": scaled[:, i] for i, m in enumerate(members)},
        "punteggio": score,
        "classe": classify(score, composite.breaks),
    }


def _values(ages: Ages, before: Ages | None, composite: Composite) -> Floats:
    columns = []
    for ident in composite.indicators:
        if ident in FROM_AGES:
            columns.append(FROM_AGES[ident](ages))
        elif before is None:
            raise ValueError(f"{ident} needs the population of two years")
        else:
            columns.append(population_change(ages, before))
    return np.column_stack(columns)
