"""The errors that a statement promises of a theme: of its figures, and of its estimates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Final

import numpy as np
import pandas as pd

from geo_core.disclose.estimates import CELLS, KEYS, RESIDENTS, held, sums_of
from geo_core.disclose.shape import Shape, Shapes
from geo_core.disclose.tree import Floats, Ints
from geo_core.model.accuracy import Accuracy
from geo_core.model.cells import cell
from geo_core.model.disclosure import Interval, Twin
from geo_core.model.layer import Layer
from geo_core.model.policy import AreaPolicy, Category, Policy, RoundedPolicy
from geo_core.model.text import Name
from geo_core.statement import twin
from geo_core.statement.accuracy import (
    COVERAGE,
    SEED,
    Counted,
    bounded_errors,
    expected_errors,
    promised,
    releases_of,
    shortest,
)

CLASSES: Final = (0, 1_000, 5_000, 20_000, 50_000, 250_000)
"""Residents at which classes of places begin. The larger the place, the more persons sharing out
can move, so that one interval for all would fail in towns. They are set, not found: public, and
the same for every release."""
_ENOUGH: Final = 300
"""Numbers shown on the twin that an interval of a class is measured on, at least."""
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
    return {
        name: replace(
            promised({None: parts}, measured),
            intervals=tuple(by_class(parts, residents_of(weights, keys[name]))),
        )
        for name, parts in pooled.items()
    }


def residents_of(weights: pd.DataFrame, key: Name) -> Ints:
    """Return the residents of each place, in the order of the numbers of `estimated`."""
    lived = weights[weights[RESIDENTS] > 0]
    people: Ints = lived.groupby(key)[RESIDENTS].sum().sort_index().to_numpy(dtype=np.int64)
    return people


def by_class(parts: Sequence[Counted], residents: Ints) -> Iterator[Interval]:
    """Yield the shortest interval of each class of residents, for any category and each sum.

    Parameters
    ----------
    parts : sequence
        Releases of one kind of places, from `estimated`.
    residents : array of int
        Of each place.
    """
    for column in parts[0]:
        errors, people = errors_of(parts, residents, column)
        begin = _begin(people)
        for start, end in pairwise((*begin, math.inf)) if len(errors) else ():
            own = errors[(people >= start) & (people < end)]
            below, above, held_ = shortest(own, coverage=COVERAGE)
            yield Interval(
                resolution=None,
                column=column,
                residents_from=start,
                below=below,
                above=above,
                coverage=round(held_, 4),
            )


def errors_of(parts: Iterable[Counted], residents: Ints, column: str | None) -> tuple[Ints, Ints]:
    """Return true number less estimate of all that is shown, and the residents of each place."""
    errors, people = [], []
    for true, found, shown in (counted[column] for counted in parts):
        errors.append((true - found)[shown])
        people.append(np.tile(residents, len(true) // len(residents))[shown])
    return np.concatenate(errors), np.concatenate(people)


def _begin(people: Ints) -> list[int]:
    """Return where classes begin: one with too few numbers is joined with the next larger.

    The last one is joined with the class before, which it makes wider.
    """
    found = [0]
    for start in CLASSES[1:]:
        if ((people >= found[-1]) & (people < start)).sum() >= _ENOUGH:
            found.append(start)
    if len(found) > 1 and (people >= found[-1]).sum() < _ENOUGH:
        found.pop()
    return found


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
    """Places of one kind: that of each part of a cell, and the share of each area in each."""

    of_part: Ints
    shares: Mapping[Category, Floats]


def _spread(shapes: Shapes, weights: pd.DataFrame, key: Name) -> _Spread:
    names = sorted(weights[key].dropna().unique())
    position = {str(name): i for i, name in enumerate(names)}
    found: dict[int, Floats] = {}
    for shape in map(shapes.of, shapes.categories):
        if id(shape) not in found:
            found[id(shape)] = _matrix(shape, weights, key, position)
    of_part = weights[key].map(position).fillna(_NOWHERE).to_numpy(dtype=np.int64)
    return _Spread(of_part, {c: found[id(shapes.of(c))] for c in shapes.categories})


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
        found[name] = t.ravel(), rounded, rounded > policy.band_max
    return found
