"""The errors that a statement promises of a theme: of its figures, and of its estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import numpy as np
import pandas as pd

from geo_core.disclose.estimates import CELLS, KEYS, RESIDENTS, held, sums_of
from geo_core.disclose.shape import Shape, Shapes
from geo_core.disclose.tree import Floats, Ints
from geo_core.model.accuracy import Accuracy
from geo_core.model.cells import cell
from geo_core.model.disclosure import Twin
from geo_core.model.layer import Layer
from geo_core.model.policy import AreaPolicy, Category, Policy, RoundedPolicy
from geo_core.model.text import Name
from geo_core.statement import twin
from geo_core.statement.accuracy import (
    SEED,
    Counted,
    bounded_errors,
    expected_errors,
    promised,
    releases_of,
)
from geo_core.statement.classes import Measured

_NOWHERE: Final = -1


def errors_on_areas(
    shapes: Shapes, policy: AreaPolicy, *, layers: Sequence[Layer], weights: pd.DataFrame
) -> Accuracy:
    """Return the errors of every layer of a theme on areas.

    Parameters
    ----------
    shapes : Shapes
        Publishable areas.
    policy : AreaPolicy
        Of the theme. Estimates of rounded numbers have no stated error.
    layers : sequence of Layer
        Of the theme: on hexagons, or of estimates.
    weights : DataFrame
        Rows of `celle_comuni`.
    """
    resolutions = [x.resolution for x in layers if x.resolution is not None]
    if isinstance(policy, RoundedPolicy):
        return bounded_errors(shapes, policy, resolutions=resolutions)
    if not isinstance(policy, Policy):
        raise TypeError("a policy on areas is one of noise or of rounding")
    found = expected_errors(shapes, policy, resolutions=resolutions)
    keys = {x.id: KEYS[x.estimated_on] for x in layers if x.estimated_on is not None}
    return replace(found, estimates=errors_of_estimates(shapes, policy, weights, keys))


def errors_of_estimates(
    shapes: Shapes, policy: Policy, weights: pd.DataFrame, keys: Mapping[Name, Name]
) -> dict[Name, Accuracy]:
    """Measure how far estimates are off the true numbers of invented persons, by class of places.

    A person is invented in a cell and in the municipality of one of its residents, so that the
    error holds both what protection costs and what sharing out by residents does.

    Parameters
    ----------
    shapes, policy
        Of the theme.
    weights : DataFrame
        Rows of `celle_comuni`.
    keys : mapping
        Column of `weights` that names the places, by collection of estimates.
    """
    if not keys:
        return {}
    releases = releases_of(shapes)
    pooled: dict[Name, list[Counted]] = {collection: [] for collection in keys}
    for found in islice(estimated(shapes, policy, weights, keys, seed=SEED), releases):
        for collection, counted in found.items():
            pooled[collection].append(counted)
    measured = Twin(expected=policy.expected, seed=SEED, releases=releases)
    return {name: promised({None: parts}, measured) for name, parts in pooled.items()}


def estimated(
    shapes: Shapes,
    policy: Policy,
    weights: pd.DataFrame,
    keys: Mapping[Name, Name],
    *,
    seed: int,
) -> Iterator[dict[Name, Counted]]:
    """Yield invented releases without end: true numbers of places and their estimates."""
    lived = weights[weights[RESIDENTS] > 0]
    spreads = {name: _spread(shapes, lived, key) for name, key in keys.items()}
    places = [cell(str(c)) for c in lived[CELLS]]
    people = [int(n) for n in lived[RESIDENTS]]
    for parts, protected in twin.on_cells(shapes, policy, places, people, seed=seed):
        yield {name: _counted(spread, parts, protected, policy) for name, spread in spreads.items()}


@dataclass(frozen=True)
class _Spread:
    """Places of one kind: that of each part of a cell, their residents, the share of each area."""

    of_part: Ints
    residents: Ints
    shares: Mapping[Category, Floats]


def _spread(shapes: Shapes, weights: pd.DataFrame, key: Name) -> _Spread:
    names = sorted(weights[key].dropna().unique())
    position = {str(name): i for i, name in enumerate(names)}
    found: dict[int, Floats] = {}
    for shape in map(shapes.of, shapes.categories):
        if id(shape) not in found:
            found[id(shape)] = _matrix(shape, weights, key, position)
    of_part = weights[key].map(position).fillna(_NOWHERE).to_numpy(dtype=np.int64)
    people = weights.groupby(key)[RESIDENTS].sum().sort_index().to_numpy(dtype=np.int64)
    return _Spread(of_part, people, {c: found[id(shapes.of(c))] for c in shapes.categories})


def _matrix(shape: Shape, weights: pd.DataFrame, key: Name, position: Mapping[str, int]) -> Floats:
    shares = np.zeros((len(position), len(shape.areas)))
    for (place, i), n in held(shape, weights, key).items():
        shares[position[place], i] = n / shape.areas[i].residents
    return shares


def _counted(
    spread: _Spread, parts: twin.Numbers, protected: twin.Numbers, policy: Policy
) -> Counted:
    """Return true numbers and estimates of all categories and of each sum, and which are shown."""
    inside = spread.of_part != _NOWHERE
    places = spread.of_part[inside]
    size = len(next(iter(spread.shares.values())))
    true = {c: np.bincount(places, n[inside], size).astype(np.int64) for c, n in parts.items()}
    exact = {c: shares @ protected[c] for c, shares in spread.shares.items()}
    found: Counted = {}
    for name, of in (None, policy.categories), *sums_of(policy).items():
        t, e = np.array([true[c] for c in of]), np.array([exact[c] for c in of])
        if name is not None:
            t, e = t.sum(axis=0), e.sum(axis=0)
        rounded = np.rint(e).astype(np.int64).ravel()
        own = np.broadcast_to(spread.residents, t.shape).ravel()
        found[name] = Measured(t.ravel(), rounded, rounded > policy.band_max, own)
    return found
