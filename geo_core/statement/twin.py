"""The synthetic twin: invented counts on the same areas, protected by the same rules.

What errors to expect is measured on it and never on true counts: the result follows from public
areas, the policy and a fixed seed, so it tells nothing of anybody. Its noise is seeded too. It
protects nobody, which is why it may come from numpy: what is published gets its noise from
`geo_core.disclose.noise` alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random

import numpy as np

from geo_core.disclose.network import Network
from geo_core.disclose.noise import Noise, level_epsilons
from geo_core.disclose.protect import measured
from geo_core.disclose.rounding import rounded
from geo_core.disclose.rounding_audit import on_networks
from geo_core.disclose.sealed import Trees, with_noise
from geo_core.disclose.shape import Shapes
from geo_core.disclose.tree import AREA, Floats, Ints, Level
from geo_core.disclose.units import settled
from geo_core.model import cells
from geo_core.model.cells import CellId
from geo_core.model.policy import ROUND_BASE, Category, Policy, RoundedPolicy, UnitPolicy

type Numbers = Mapping[Category, Ints]
"""One number per area or unit, by category."""

QUARTERS = ((6, 0.5), (7, 0.5))
"""H3 resolutions at which needs cluster, each with the spread of the logarithm of its factor."""

_OWN = 0.3
_UNITS = 1.0
"""Spread of the logarithm of what a place, and a unit, has beside its residents."""


def on_shapes(shapes: Shapes, policy: Policy, *, seed: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield invented counts and their protected numbers, without end.

    Yields
    ------
    true, protected : Numbers
        By category, one number per area of `shapes.of(category)`.
    """
    rng = np.random.default_rng(seed)
    trees = measured(shapes, policy)
    while True:
        true = _on_areas(shapes, policy, rng)
        yield true, with_noise(true, trees, _noise(trees, policy, rng), policy)


def _on_areas(
    shapes: Shapes, policy: Policy | RoundedPolicy, rng: np.random.Generator
) -> dict[Category, Ints]:
    people = [area.residents for area in shapes.base.areas]
    places = [area.members[0] for area in shapes.base.areas]
    persons = round(sum(people) * policy.expected / 1000)
    base = invented(places, people, policy.categories, persons=persons, rng=rng)
    # The areas of a category are unions of the base areas.
    inside = {c: [shapes.of(c).area_of[p] for p in places] for c in policy.categories}
    return {c: np.bincount(inside[c], n).astype(np.int64) for c, n in base.items()}


def on_rounded(
    shapes: Shapes, policy: RoundedPolicy, *, seed: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield invented counts and their rounded numbers, without end.

    Roundings are not held against the gate: what is mended there is too little to be seen in a
    mean error.

    Yields
    ------
    true, protected : Numbers
        By category, one number per area of `shapes.of(category)`.
    """
    rng = np.random.default_rng(seed)
    below = Random(seed).randrange  # noqa: S311 - it protects nobody

    def make(counts: Ints, net: Network) -> Ints:
        return rounded(counts, net, base=ROUND_BASE, below=below)

    while True:
        true = _on_areas(shapes, policy, rng)
        yield true, on_networks(true, shapes, make)


def on_cells(
    shapes: Shapes, policy: Policy, cells_of: Sequence[CellId], people: Sequence[int], *, seed: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield invented counts of parts of cells, and the protected numbers of the areas.

    Parameters
    ----------
    shapes, policy
        Of the theme.
    cells_of : sequence of CellId
        The cell of resolution 8 of each part: where several municipalities share one.
    people : sequence of int
        Residents of each part.
    seed : int
        Decides everything.

    Yields
    ------
    true : Numbers
        By category, one number per part.
    protected : Numbers
        By category, one number per area of `shapes.of(category)`.
    """
    rng = np.random.default_rng(seed)
    trees = measured(shapes, policy)
    persons = round(sum(people) * policy.expected / 1000)
    inside = {c: [shapes.of(c).area_of[p] for p in cells_of] for c in policy.categories}
    sizes = {c: len(shapes.of(c).areas) for c in policy.categories}
    while True:
        parts = invented(cells_of, people, policy.categories, persons=persons, rng=rng)
        true = {c: np.bincount(inside[c], n, sizes[c]).astype(np.int64) for c, n in parts.items()}
        yield parts, with_noise(true, trees, _noise(trees, policy, rng), policy)


def on_units(number: int, policy: UnitPolicy, *, seed: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield invented counts of units and their protected numbers, without end."""
    rng = np.random.default_rng(seed)
    flat = (Level(AREA, number, np.zeros(number, dtype=np.int64)),)
    trees = dict.fromkeys(policy.categories, flat)
    while True:
        size = rng.lognormal(0, _UNITS, number)
        weights = np.outer(_zipf(len(policy.categories)), size)
        persons = round(number * policy.expected)
        drawn = rng.multinomial(persons, (weights / weights.sum()).ravel()).reshape(weights.shape)
        noise = _noise(trees, policy, rng)
        found = settled(drawn + np.array([noise[c][AREA] for c in policy.categories]))
        yield (
            dict(zip(policy.categories, drawn, strict=True)),
            dict(zip(policy.categories, found, strict=True)),
        )


def invented(
    places: Sequence[CellId],
    residents: Sequence[int],
    categories: Sequence[Category],
    *,
    persons: int,
    rng: np.random.Generator,
) -> dict[Category, Ints]:
    """Place persons among residents, each category clustered by neighbourhood.

    Parameters
    ----------
    places : sequence of CellId
        Cells of resolution 8.
    residents : sequence of int
        Of each place; it never has more persons of a category than residents.
    categories : sequence of str
        The k-th has a share of the persons like 1 / k (Zipf).
    persons : int
        In all, about.
    rng : Generator
        Decides everything.
    """
    people = np.asarray(residents, dtype=np.int64)
    quarters = [
        (np.unique([cells.parent(p, res) for p in places], return_inverse=True)[1], spread)
        for res, spread in QUARTERS
    ]
    found = {}
    for category, share in zip(categories, _zipf(len(categories)), strict=True):
        weight = people * rng.lognormal(0, _OWN, len(people))
        for inverse, spread in quarters:
            weight = weight * rng.lognormal(0, spread, inverse.max() + 1)[inverse]
        n = rng.multinomial(round(persons * share), weight / weight.sum())
        found[category] = np.minimum(n.astype(np.int64), people)
    return found


def _zipf(size: int) -> Floats:
    weights: Floats = 1 / np.arange(1, size + 1)
    return weights / weights.sum()


def _noise(trees: Trees, policy: Policy | UnitPolicy, rng: np.random.Generator) -> Noise:
    epsilons = level_epsilons(policy)
    return {
        category: {
            level.name: _laplace(level.size, epsilon=epsilons[level.name], rng=rng)
            for level in tree
        }
        for category, tree in trees.items()
    }


def _laplace(size: int, *, epsilon: float, rng: np.random.Generator) -> Ints:
    """Return discrete Laplace noise: the difference of two geometric numbers."""
    stop = -math.expm1(-epsilon)
    difference: Ints = rng.geometric(stop, size) - rng.geometric(stop, size)
    return difference
