"""Estimates for places whose borders the areas cross: municipalities and managing bodies.

An area's protected number is shared out by residents. By hand: of area A (100 residents, protected
number 30) 75 residents are in town X and 25 in Y; area B (50 residents, number 10) is in Y alone.
The estimate of X is 30 * 75/100 = 22.5, shown as 22 (a half goes to the even number), that of Y is
30 * 25/100 + 10 = 17.5, shown as 18; before rounding they sum to 40.

Nothing here can be given a record: an estimate is a function of protected numbers and of open
data, and costs no privacy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.disclose import figures
from geo_core.disclose.features import Basis, period, published
from geo_core.disclose.rates import HIGH, LOW, bounds, rated
from geo_core.disclose.shape import Shape, Shapes
from geo_core.disclose.tree import Ints
from geo_core.errors import DisclosureError
from geo_core.model.accuracy import Around
from geo_core.model.layer import Layer
from geo_core.model.policy import AreaPolicy, Category, Rate, count_name, estimate_name
from geo_core.model.tables import GEOMETRY
from geo_core.model.text import Name

WEIGHTS: Final = "celle_comuni"
CELLS: Final = "h3"
RESIDENTS: Final = "residenti"
"""The public collection of residents by cell and place, and its columns of both."""

KEYS: Final[Mapping[str, str]] = {"comuni": "cod_istat", "ambiti": "cod_ambito"}
"""Column that names the place, by the public collection of places."""


@dataclass(frozen=True)
class Places:
    """Open data that estimates are made with.

    Attributes
    ----------
    weights : DataFrame
        Rows of `celle_comuni`: `h3` (resolution 8), `cod_istat`, `cod_ambito`, `residenti`.
    areas : mapping
        Rows of the public collections by their id: the key, `denominazione` and `geometry`.
    """

    weights: pd.DataFrame
    areas: Mapping[str, gpd.GeoDataFrame]


type Held = Mapping[tuple[str, int], int]
"""Residents by place and position of the area that they live in."""


def held(shape: Shape, weights: pd.DataFrame, key: Name) -> Held:
    """Return how many residents of each area live in each place; those in no place are left out."""
    area = weights[CELLS].map(shape.area_of)
    sums = weights[RESIDENTS].groupby([weights[key], area]).sum()
    return {(str(place), int(i)): int(n) for (place, i), n in sums.items() if n}


def spread(numbers: Ints, shape: Shape, shared: Held) -> dict[str, Fraction]:
    """Share the numbers of areas out to places, exactly.

    Parameters
    ----------
    numbers : array of int
        Protected number per area of `shape`.
    shape : Shape
        The areas.
    shared : mapping
        From `held`.

    Returns
    -------
    dict
        By place. Over all places it sums to the numbers, if everybody lives in a place.
    """
    found: dict[str, Fraction] = {}
    values = numbers.tolist()
    for (place, i), n in shared.items():
        part = Fraction(values[i] * n, shape.areas[i].residents)
        found[place] = found.get(place, Fraction(0)) + part
    return found


def estimated(
    numbers: Mapping[Category, Ints], shapes: Shapes, weights: pd.DataFrame, key: Name
) -> dict[Category, dict[str, Fraction]]:
    """Return the estimates of every category by place, before rounding."""
    shared = {id(s): held(s, weights, key) for s in map(shapes.of, shapes.categories)}
    return {
        c: spread(numbers[c], shapes.of(c), shared[id(shapes.of(c))]) for c in shapes.categories
    }


def rows(layer: Layer, places: Places, basis: Basis, around: Around) -> gpd.GeoDataFrame:
    """Return the features of a layer of estimates: one per place, for the latest year.

    Parameters
    ----------
    layer : Layer
        Names the public collection whose areas it has.
    places : Places
        Open data.
    basis : Basis
        Areas and protected numbers.
    around : mapping
        The intervals that are stated for the estimates.

    Returns
    -------
    GeoDataFrame
        As `features.rows`.

    Raises
    ------
    DisclosureError
        The layer is none of estimates, or the public collection was not given.
    """
    on = layer.estimated_on
    if on is None or on not in places.areas:
        raise DisclosureError(
            f"layer {layer.id!r} has no public areas to make estimates for",
            hint="say `estimated_on`: comuni or ambiti",
        )
    key = KEYS[on]
    every = places.areas[on].sort_values(key, ignore_index=True)
    shown = every if basis.years else every.head(0)
    names = [str(name) for name in shown[key]]
    lived = places.weights.groupby(key)[RESIDENTS].sum()
    residents = [int(lived.get(name, 0)) for name in names]
    made = [estimated(n, basis.shapes, places.weights, key) for n in basis.latest.values()]
    exact = {
        c: [of[c].get(name, Fraction(0)) for of in made for name in names]
        for c in basis.policy.categories
    }
    columns = {
        "id": figures.texts(names),
        **period([*basis.latest] * len(names)),
        key: figures.texts(names),
        "denominazione": figures.texts(shown["denominazione"]),
        RESIDENTS: figures.integers(residents),
        **_figures(exact, residents, basis.policy, around),
    }
    return published(layer, columns, list(shown[GEOMETRY]), synthetic=basis.synthetic)


def sums_of(policy: AreaPolicy) -> dict[Name, tuple[Category, ...]]:
    """Return the columns of estimated sums, with their categories."""
    return {estimate_name(name): parts for name, parts in policy.sums.items()}


def columns_of(policy: AreaPolicy) -> dict[Category, Name]:
    """Return the column of the estimates of each category."""
    return {c: estimate_name(count_name(c)) for c in policy.categories}


def rates_of(policy: AreaPolicy) -> dict[Name, Rate]:
    """Return the rates of estimates: those of the policy, of the estimate of each count."""
    return {
        name: Rate(count=estimate_name(rate.count), per=rate.per)
        for name, rate in policy.rates.items()
    }


def _figures(
    exact: Mapping[Category, Sequence[Fraction]],
    residents: Sequence[int],
    policy: AreaPolicy,
    around: Around,
) -> dict[str, object]:
    sums = sums_of(policy)
    columns: dict[str, object] = {}
    counts = {}
    for name, parts in ({n: (c,) for c, n in columns_of(policy).items()} | sums).items():
        added = [sum(row, Fraction(0)) for row in zip(*(exact[c] for c in parts), strict=True)]
        # Exact, so that a half goes to the even number on every machine.
        rounded = [round(value) for value in added]
        columns |= figures.banded(name, rounded, policy.band_max)
        counts[name] = [n if n > policy.band_max else None for n in rounded]
        low, high = bounds(name, counts[name], residents, around, sums=sums)
        columns |= {name + LOW: figures.integers(low), name + HIGH: figures.integers(high)}
    return columns | rated(rates_of(policy), counts, residents, around, sums=sums)
