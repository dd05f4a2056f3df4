"""What error to expect of a published number, measured on the synthetic twin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

import numpy as np

from geo_core.disclose.features import on_areas
from geo_core.disclose.shape import Shape, Shapes, cut
from geo_core.disclose.tree import Ints
from geo_core.model.accuracy import Accuracy
from geo_core.model.disclosure import Interval, Twin, Utility
from geo_core.model.policy import ROUND_BASE, Category, Policy, RoundedPolicy, UnitPolicy
from geo_core.statement import twin
from geo_core.statement.classes import Bools, Measured, by_class, joined
from geo_core.statement.twin import Numbers

type Counted = dict[str | None, Measured]
"""Numbers of all categories (None) and of each sum."""

SEED: Final = 20_231_231
LARGE: Final = 20
"""Persons from which a relative error means something."""

_PLACES: Final = 35_000
_MOST: Final = 200
_FEWEST: Final = 8
"""Twins that are made: as many as give `_PLACES` areas or units, between these two."""
_ROUNDED_PLACES: Final = 2_000
"""The same of rounded ones, of which only a mean error is taken."""


def expected_errors(
    on: Shapes | int, policy: Policy | UnitPolicy, *, resolutions: Iterable[int]
) -> Accuracy:
    """Measure the errors of every published resolution, or of the units.

    Parameters
    ----------
    on : Shapes or int
        The publishable areas, or the number of units.
    policy : Policy or UnitPolicy
        Of the theme.
    resolutions : iterable of int
        Those of the hexagon layers; none for units.
    """
    releases = releases_of(on)
    pooled: dict[int | None, list[Counted]] = {}
    for found in islice(shown(on, policy, resolutions=resolutions, seed=SEED), releases):
        for resolution, counted in found.items():
            pooled.setdefault(resolution, []).append(counted)
    return promised(pooled, Twin(expected=policy.expected, seed=SEED, releases=releases))


def releases_of(on: Shapes | int) -> int:
    """Return how many twins are made for areas or units."""
    places = on if isinstance(on, int) else len(on.base.areas)
    return min(max(math.ceil(_PLACES / max(places, 1)), _FEWEST), _MOST)


def promised(pooled: Mapping[int | None, list[Counted]], measured: Twin) -> Accuracy:
    """Return the errors of the numbers of many invented releases, by resolution."""
    together = {resolution: _joined(parts) for resolution, parts in pooled.items()}
    return Accuracy(
        measured,
        tuple(
            interval
            for resolution, of in together.items()
            for column, numbers in of.items()
            for interval in by_class(resolution, column, numbers)
        ),
        tuple(_utility(resolution, *of[None][:2]) for resolution, of in together.items()),
    )


def bounded_errors(
    shapes: Shapes, policy: RoundedPolicy, *, resolutions: Iterable[int]
) -> Accuracy:
    """Return the errors of a rounded theme: no number is off by its base; how far off is measured.

    Parameters
    ----------
    shapes : Shapes
        The publishable areas.
    policy : RoundedPolicy
        Of the theme.
    resolutions : iterable of int
        Those of the hexagon layers.
    """
    most, every = ROUND_BASE - 1, sorted(set(resolutions))
    releases = max(math.ceil(_ROUNDED_PLACES / len(shapes.base.areas)), 1)
    made = list(islice(twin.on_rounded(shapes, policy, seed=SEED), releases))
    utility = []
    for r in every:
        to = cut(shapes.base, r)
        join = _joins(shapes, to)
        pairs = ((_join(true, join), _join(found, join)) for true, found in made)
        counted = _joined([_counted_on_areas(t, p, policy, to) for t, p in pairs])
        utility.append(_utility(r, *counted[None][:2]))
    return Accuracy(
        Twin(expected=policy.expected, seed=SEED, releases=releases),
        tuple(
            Interval(resolution=r, column=column, below=most, above=most, coverage=1.0)
            for r in every
            for column in (None, *policy.sums)
        ),
        tuple(utility),
    )


def shown(
    on: Shapes | int, policy: Policy | UnitPolicy, *, resolutions: Iterable[int], seed: int
) -> Iterator[dict[int | None, Counted]]:
    """Yield invented releases without end: the numbers of each resolution and their truth."""
    if isinstance(on, int) and isinstance(policy, UnitPolicy):
        for true, protected in twin.on_units(on, policy, seed=seed):
            yield {None: _counted_on_units(true, protected, policy)}
    if isinstance(on, Shapes) and isinstance(policy, Policy):
        cuts = {r: cut(on.base, r) for r in sorted(set(resolutions))}
        joins = {r: (_joins(on, to), to) for r, to in cuts.items()}
        for true, protected in twin.on_shapes(on, policy, seed=seed):
            yield {
                r: _counted_on_areas(_join(true, join), _join(protected, join), policy, to)
                for r, (join, to) in joins.items()
            }


type _Join = dict[Category, tuple[Ints, Bools]]
"""By category: the area shown in which each of its areas lies, and which areas shown are unions."""


def _joins(shapes: Shapes, to: Shape) -> _Join:
    found: dict[int, tuple[Ints, Bools]] = {}
    for category in shapes.categories:
        shape = shapes.of(category)
        if id(shape) not in found:
            none = np.zeros(len(shape.areas), dtype=np.int64)
            inside = [to.area_of[area.members[0]] for area in shape.areas]
            fits = [n is not None for n in on_areas(none, shape, to)]
            found[id(shape)] = np.array(inside), np.array(fits)
    return {c: found[id(shapes.of(c))] for c in shapes.categories}


def _join(numbers: Numbers, join: _Join) -> dict[Category, tuple[Ints, Bools]]:
    joined = {}
    for category, (inside, fits) in join.items():
        sums = np.bincount(inside, numbers[category], len(fits)).astype(np.int64)
        joined[category] = sums, fits
    return joined


def _counted_on_areas(
    true: Mapping[Category, tuple[Ints, Bools]],
    protected: Mapping[Category, tuple[Ints, Bools]],
    policy: Policy | RoundedPolicy,
    to: Shape,
) -> Counted:
    """Return the numbers of the areas of `to` that fit, and which of them are no band."""
    people = np.array([area.residents for area in to.areas], dtype=np.int64)
    found: Counted = {}
    for name, parts in (None, policy.categories), *policy.sums.items():
        fits = np.array([protected[c][1] for c in parts])
        t, p = (np.array([of[c][0] for c in parts]) for of in (true, protected))
        if name is not None:
            t, p, fits = t.sum(axis=0), p.sum(axis=0), fits.all(axis=0)
        own = np.broadcast_to(people, fits.shape)[fits]
        found[name] = Measured(t[fits], p[fits], p[fits] > policy.band_max, own)
    return found


def _counted_on_units(true: Numbers, protected: Numbers, policy: UnitPolicy) -> Counted:
    t, p = (np.array([of[c] for c in policy.categories]) for of in (true, protected))
    enough = p.sum(axis=0) >= policy.fewest
    every, none = np.tile(enough, len(t)), np.zeros(t.size, dtype=np.int64)
    return {
        None: Measured(t.ravel(), p.ravel(), every, none),
        policy.total: Measured(t.sum(axis=0), p.sum(axis=0), enough, none[: len(enough)]),
    }


def _joined(parts: list[Counted]) -> Counted:
    return {name: joined([of[name] for of in parts]) for name in parts[0]}


def _utility(resolution: int | None, true: Ints, protected: Ints) -> Utility:
    off = np.abs(protected - true)
    large = true >= LARGE
    error = round(float((off[large] / true[large]).mean()), 4) if large.any() else None
    misplaced = round(float(off.sum() / 2 / max(true.sum(), 1)), 4)
    return Utility(resolution=resolution, error=error, misplaced=misplaced)
