"""How far estimates by municipality are off, with noise and without.

Run it with the number of draws: ``python -m benchmarks.estimates 20``. Two settings: 12,000
persons in 20 categories of Zipf's sizes, and the needs as their policy expects them. They are
invented in cells and municipalities by the residents of the demonstration district and clustered
by neighbourhood, as the twin of a statement is. Stated intervals are held against these draws,
which are others than they were taken from, by class of residents (standard errors in parentheses).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.disclosure import MANY, PERSONS
from benchmarks.intervals import OTHER_SEED, Held, held, of_class, until
from geo_core.catalog import read_catalog
from geo_core.disclose.estimates import KEYS, RESIDENTS
from geo_core.disclose.shape import Shapes, publishable
from geo_core.model.disclosure import Interval
from geo_core.model.policy import Policy
from geo_core.place.towns import residents_by_cell
from geo_core.sources import csv
from geo_core.statement.accuracy import LARGE, Counted
from geo_core.statement.classes import COVERAGE, shortest
from geo_core.statement.promise import errors_of_estimates, estimated
from geo_core.synth.district import SEED as DISTRICT
from geo_core.synth.district import write_district

ROOT: Final = Path(__file__).resolve().parents[1]
ALMOST_NONE: Final = 100.0
"""An epsilon under which the number of an area is the true one."""


def weights(folder: Path) -> pd.DataFrame:
    """Return the residents of each municipality in each cell of the demonstration."""
    write_district(folder, seed=DISTRICT)
    people = csv.read(folder / "popolazione.csv").astype({"n": int})
    towns = csv.read(folder / "ambiti.csv")
    body = dict(zip(towns["cod_istat"], towns["cod_ambito"], strict=True))
    return residents_by_cell(people, body)


def settings(needs: Policy, residents: int) -> Iterator[tuple[str, Policy]]:
    """Yield the policies that are measured, by name."""
    many = needs.model_copy(
        update={
            "categories": MANY,
            "p_min_by_category": {},
            "rates": {},
            "expected": 1000 * PERSONS / residents,
        }
    )
    for name, policy in (("20 categories", many), ("needs", needs)):
        quiet = {"epsilon": ALMOST_NONE, "epsilon_year": ALMOST_NONE}
        yield f"{name}, no noise", policy.model_copy(update=quiet)
        yield f"{name}, epsilon {policy.epsilon:g}", policy


def errors(
    shapes: Shapes, policy: Policy, shares: pd.DataFrame, draws: int
) -> Iterator[tuple[str, list[Counted]]]:
    """Yield true numbers and estimates of some draws, by kind of place."""
    found = islice(estimated(shapes, policy, shares, KEYS, seed=OTHER_SEED), draws)
    made = list(found)
    for kind in KEYS:
        yield kind, [one[kind] for one in made]


def line(made: list[Counted]) -> str:
    """Return the mean relative error from `LARGE` persons up, and who is in another place."""
    relative, misplaced = [], []
    for one in made:
        true, found = one[None].true, one[None].protected
        off, large = np.abs(found - true), true >= LARGE
        relative.append((off[large] / true[large]).mean())
        misplaced.append(off.sum() / 2 / true.sum())
    spread = np.std(relative) / np.sqrt(len(relative))
    return (
        f"error {100 * np.mean(relative):.1f} % (standard error {100 * spread:.1f}), "
        f"misplaced {100 * np.mean(misplaced):.1f} %"
    )


def by_class(stated: Sequence[Interval], made: list[Counted]) -> Iterator[str]:
    """Yield what the interval of each class holds of other releases, and what one for all would."""
    all_below, all_above, _ = shortest(
        np.concatenate([one[None].errors for one in made]), coverage=COVERAGE
    )
    yield f"one for all: -{all_below}/+{all_above}"
    ends = until(stated)
    for i in stated:
        own = [of_class(one[None], i, ends) for one in made]
        yield (
            f"from {i.residents_from:,} residents: -{i.below}/+{i.above} holds "
            f"{_percent(held(own, i.below, i.above))}, "
            f"one for all {_percent(held(own, all_below, all_above))}"
        )


def _percent(found: Held) -> str:
    return f"{100 * found.share:.1f} % ({100 * found.error:.1f})"


def main() -> None:
    """Print the errors of every setting."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        shares = weights(Path(folder))
    needs = read_catalog(ROOT).policies.areas("bisogni")
    residents = shares.groupby("h3")[RESIDENTS].sum()
    towns = shares["cod_istat"].nunique()
    print(f"{residents.sum():,} residents, {towns} municipalities, {len(shares):,} weights")
    for name, policy in settings(needs, int(residents.sum())):
        shapes = publishable(residents.to_dict(), policy)
        for kind, made in errors(shapes, policy, shares, draws):
            print(f"{name}, {kind}: {line(made)}")
            stated = errors_of_estimates(shapes, policy, shares, {kind: KEYS[kind]})[kind].intervals
            for text in by_class([i for i in stated if i.column is None], made):
                print(f"  {text}")


if __name__ == "__main__":
    main()
