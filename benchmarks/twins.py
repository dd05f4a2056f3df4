"""The twin test: inputs that differ in one person, and what an attacker can tell from the output.

    python -m benchmarks.twins [pairs]

Each theme of the policies whose counts get noise is drawn as a release draws it, many times, with
and without one more person who is badly placed: alone in the smallest area, in a group of cells
with a pentagon, of a category nobody else has, where most others are, on areas made larger for
some categories; in a unit where nobody else is counted, or the most. The person has as many
records as the policy counts, all in one place and category. `benchmarks.membership` attacks the
protected numbers of the place and its ancestors, and the same as shown, with small ones in a band.
No bound may be above the stated epsilon: 2,000 pairs unless told, about ten minutes.

A bound is above a true epsilon by chance in fewer than 5 of 100 attacks. So an attack that
succeeds is repeated on fresh pairs, twice; who succeeds each time is no chance.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import h3
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.membership import Floats, bound
from geo_core.catalog import Catalog, read_catalog
from geo_core.disclose.counts import checked, per_area, per_place
from geo_core.disclose.noise import draw
from geo_core.disclose.protect import measured
from geo_core.disclose.sealed import with_noise
from geo_core.disclose.shape import Shape, Shapes, publishable
from geo_core.disclose.tree import AREA, Ints, Level
from geo_core.disclose.units import settled
from geo_core.model import cells
from geo_core.model.policy import Category, Policy, UnitPolicy

ROOT: Final = Path(__file__).resolve().parents[1]
PAIRS: Final = 2_000
TRAINED: Final = 2
"""One pair more for so many is used to find the way to guess."""
REPEATS: Final = 3
YEAR: Final = 2023
PENTAGON: Final = "8808000001fffff"
"""In Norway: the only pentagon of resolution 8 on land of Europe."""
RINGS: Final = 6
RESIDENTS: Final = 5_000
UNITS: Final = tuple(f"U{k}" for k in range(6))

type Counts = Mapping[tuple[str, Category], int]
"""Persons by place and category."""
type Numbers = Mapping[Category, Ints]
"""Protected numbers of the areas or units, by category."""
type Release = Callable[[Counts], Callable[[], Numbers]]
"""Of counts, what draws the protected numbers anew."""


@dataclass(frozen=True)
class Person:
    """Who is in one twin and not in the other.

    Attributes
    ----------
    name : str
        How the person is placed.
    place, category : str
        Where all records of the person are counted.
    read : function
        Picks from protected numbers what concerns the person.
    """

    name: str
    place: str
    category: Category
    read: Callable[[Numbers], list[float]]


@dataclass(frozen=True)
class Scene:
    """A theme, the counts of everybody else, and badly placed persons."""

    theme: str
    policy: Policy | UnitPolicy
    counts: Counts
    persons: tuple[Person, ...]
    release: Release


def scenes(catalog: Catalog) -> Iterator[Scene]:
    """Yield one scene for each theme whose counts get noise."""
    for theme, policy in catalog.policies.policies.items():
        if isinstance(policy, Policy):
            yield on_areas(theme, policy)
        elif isinstance(policy, UnitPolicy):
            yield on_units(theme, policy)


def attacked(scene: Scene, person: Person, *, pairs: int, release: Release | None = None) -> float:
    """Return the bound of epsilon that an attack on pairs of twins proves.

    Parameters
    ----------
    scene : Scene
    person : Person
        One of the scene.
    pairs : int
        Pairs that are counted.
    release : Release, optional
        Instead of the scene's: what is tested.
    """
    draws = pairs + pairs // TRAINED
    key = person.place, person.category
    more = {**scene.counts, key: scene.counts.get(key, 0) + scene.policy.contribution_cap}
    drawn = []
    for counts in (more, scene.counts):
        draw = (release or scene.release)(counts)
        drawn.append(np.array([person.read(draw()) for _ in range(draws)], dtype=np.float64))
    return bound(*drawn, trained=draws - pairs)


def proven(scene: Scene, person: Person, *, pairs: int) -> float:
    """Return the bound that attacks prove each time, the least of `REPEATS` if they succeed."""
    found = attacked(scene, person, pairs=pairs)
    for _ in range(REPEATS - 1):
        if found <= scene.policy.epsilon:
            break
        found = min(found, attacked(scene, person, pairs=pairs))
    return found


def on_areas(theme: str, policy: Policy) -> Scene:
    """Make a small district around a pentagon, and persons in it."""
    shapes, counts = shapes_of(policy), _needs(_residents(), policy)
    return Scene(theme, policy, counts, _persons(shapes, policy, counts), areas(shapes, policy))


def shapes_of(policy: Policy) -> Shapes:
    """Return the areas of the small district."""
    return publishable(dict(_residents().items()), policy)


def areas(shapes: Shapes, policy: Policy) -> Release:
    """Return how a release draws the numbers of areas under a policy."""
    trees = measured(shapes, policy)

    def of(counts: Counts) -> Callable[[], Numbers]:
        true = per_area(_table(counts, policy, shapes.base.area_of), shapes)
        return lambda: with_noise(true, trees, draw(trees, policy), policy)

    return of


def on_units(theme: str, policy: UnitPolicy) -> Scene:
    """Make a few units, and persons in the emptiest and the fullest of them."""
    rng = np.random.default_rng(YEAR)
    size = rng.lognormal(0, 1, (len(UNITS) - 1, len(policy.categories)))
    persons = np.round(policy.expected * size).astype(int)
    counts = {
        (unit, category): int(n)
        for unit, row in zip(UNITS[1:], persons, strict=True)
        for category, n in zip(policy.categories, row, strict=True)
    }
    most = max(counts, key=lambda key: counts[key])
    placed = (("alone in a unit", UNITS[0], policy.categories[0]), ("among the most", *most))
    readers = (Person(n, u, c, _of_unit(u, c, policy)) for n, u, c in placed)
    return Scene(theme, policy, counts, tuple(readers), units(policy))


def units(policy: UnitPolicy) -> Release:
    """Return how a release draws the numbers of units under a policy."""
    size = len(UNITS)
    flat = dict.fromkeys(policy.categories, (Level(AREA, size, np.zeros(size, dtype=np.int64)),))
    at = {unit: i for i, unit in enumerate(UNITS)}
    position = dict.fromkeys(policy.categories, at)

    def of(counts: Counts) -> Callable[[], Numbers]:
        table = _table(counts, policy, UNITS)
        true = per_place(table, position, dict.fromkeys(policy.categories, size))

        def drawn() -> Numbers:
            noise = draw(flat, policy)
            noisy = np.array([true[c] + noise[c][AREA] for c in policy.categories])
            return dict(zip(policy.categories, settled(noisy), strict=True))

        return drawn

    return of


def _residents() -> pd.Series:
    """Settle people around the pentagon, few in it, so that it is in a group."""
    rng = np.random.default_rng(YEAR)
    places = sorted(h3.grid_disk(PENTAGON, RINGS))
    weight = rng.lognormal(0, 1.5, len(places)) * (rng.random(len(places)) < 0.8)
    drawn = pd.Series(rng.multinomial(RESIDENTS, weight / weight.sum()), index=places)
    drawn[PENTAGON] = 7
    return drawn


def _needs(residents: pd.Series, policy: Policy) -> Counts:
    """Place persons, nobody of the last category."""
    rng = np.random.default_rng(YEAR)
    number = round(policy.expected * RESIDENTS / 1000)
    found: dict[tuple[str, Category], int] = {}
    for k, category in enumerate(policy.categories[:-1]):
        drawn = rng.multinomial(round(number / (k + 2)), residents / residents.sum())
        found |= {(p, category): int(n) for p, n in zip(residents.index, drawn, strict=True) if n}
    return found


def _persons(shapes: Shapes, policy: Policy, counts: Counts) -> tuple[Person, ...]:
    first, last = policy.categories[0], policy.categories[-1]
    smallest = min(shapes.of(last).areas, key=lambda a: a.residents).members[0]
    most = max(counts, key=lambda key: counts[key])
    placed = [
        ("of a category nobody has, in the smallest area", smallest, last),
        ("in a group with a pentagon", PENTAGON, first),
        ("where the most are", *most),
    ]
    if larger := sorted(shapes.by_category):
        area = min(shapes.of(larger[0]).areas, key=lambda a: a.residents)
        placed.append(("on areas made larger", area.members[0], larger[0]))
    return tuple(Person(n, p, c, _of_area(p, c, shapes, policy)) for n, p, c in placed)


def _of_area(
    place: str, category: Category, shapes: Shapes, policy: Policy
) -> Callable[[Numbers], list[float]]:
    """Read the numbers of an area, of its ancestors and of all, and the sums with them."""
    parts = [p for p in policy.sums.values() if category in p]
    around = {c: _around(place, shapes.of(c)) for c in {category, *(c for p in parts for c in p)}}

    def read(numbers: Numbers) -> list[float]:
        sums = {c: inside @ numbers[c] for c, inside in around.items()}
        found = np.concatenate([sums[category], *(sum(sums[c] for c in p) for p in parts)])
        return [*found, *np.where(found > policy.band_max, found, 0)]

    return read


def _around(place: str, shape: Shape) -> Floats:
    """Return which areas make up each H3 ancestor of a place: one row per different set."""
    own = shape.areas[shape.area_of[cells.cell(place)]]
    rows = {tuple(float(a is own) for a in shape.areas)}
    for res in range(cells.LEAF + 1):
        within = cells.parent(cells.cell(place), res)
        rows.add(
            tuple(
                float(cells.resolution(a.seat) >= res and cells.parent(a.seat, res) == within)
                for a in shape.areas
            )
        )
    return np.array(sorted(rows))


def _of_unit(unit: str, category: Category, policy: UnitPolicy) -> Callable[[Numbers], list[float]]:
    at = UNITS.index(unit)

    def read(numbers: Numbers) -> list[float]:
        own = {c: n[at] for c, n in numbers.items()}
        total = sum(own.values())
        found = [own[category], total, total - own[category]]
        return [*found, *(found if total >= policy.fewest else [0.0] * len(found))]

    return read


def _table(counts: Counts, policy: Policy | UnitPolicy, places: Collection[str]) -> pd.DataFrame:
    rows = [(YEAR, place, category, n) for (place, category), n in counts.items()]
    frame = pd.DataFrame(rows, columns=["anno", "luogo", "categoria", "n"])
    return checked(frame, places=places, categories=policy.categories)[YEAR]


def main() -> int:
    """Print every attack; fail if one proves more than is stated."""
    pairs, console = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS, Console()
    every = [(scene, person) for scene in scenes(read_catalog(ROOT)) for person in scene.persons]
    table = Table("theme", "one person more", "stated", "proven", title=f"{pairs:,} pairs of twins")
    leaks = 0
    for scene, person in track(every, "twins", console=console, transient=True):
        found = proven(scene, person, pairs=pairs)
        leaks += found > scene.policy.epsilon
        table.add_row(scene.theme, person.name, f"{scene.policy.epsilon:g}", f"{found:.2f}")
    console.print(table)
    console.print(f"{len(every)} attacks, {leaks} prove more than is stated")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
