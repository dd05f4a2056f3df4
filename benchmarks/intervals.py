"""Measure whether the stated intervals hold, on the areas of the demonstration district.

    python -m benchmarks.intervals [releases]

Other invented releases than those the intervals were taken from (500 unless told, about a minute),
protected by the same rules: for every resolution, column and class of residents the share of shown
numbers inside the interval, and inside the best interval that is one shorter, with standard errors.
They count releases, not numbers: those of one release share their noise. An interval is right if
it holds 95 % and no shorter one does, both within two standard errors; the interval was measured
too, on fewer releases, which makes them larger.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.disclosure import ROOT, read_district
from geo_core.catalog import read_catalog
from geo_core.disclose.counts import district
from geo_core.disclose.shape import Shapes, publishable
from geo_core.disclose.tree import Ints
from geo_core.model.disclosure import Interval
from geo_core.model.policy import Policy, RoundedPolicy, UnitPolicy
from geo_core.statement.accuracy import expected_errors, shown
from geo_core.statement.classes import COVERAGE, Measured

OTHER_SEED: Final = 99
RELEASES: Final = 500
STANDARD_ERRORS: Final = 2


@dataclass(frozen=True)
class Held:
    """Share of errors in an interval, and its standard error over releases."""

    share: float
    error: float


@dataclass(frozen=True)
class Checked:
    """A stated interval, what it holds of other releases, and what the best shorter one holds.

    `errors` is how many standard errors of these releases the shares may be off.
    """

    stated: Interval
    holds: Held
    shorter: Held
    errors: float

    @property
    def right(self) -> bool:
        """Whether the interval is the shortest that holds enough, within the error."""
        enough = self.holds.share + self.errors * self.holds.error >= COVERAGE
        return enough and self.shorter.share - self.errors * self.shorter.error < COVERAGE


def held(errors: Sequence[Ints], below: int, above: int) -> Held:
    """Return the share of errors in `[-below, above]`; `errors` has one array per release."""
    inside = np.array([((e >= -below) & (e <= above)).sum() for e in errors])
    sizes = np.array([len(e) for e in errors])
    share = inside.sum() / sizes.sum()
    return Held(share, float(np.sqrt(((inside - share * sizes) ** 2).sum()) / sizes.sum()))


def until(stated: Iterable[Interval]) -> dict[Interval, float]:
    """Return the residents at which the class of each interval ends."""
    found: dict[Interval, float] = {}
    later: dict[tuple[int | None, str | None], float] = {}
    for one in sorted(stated, key=lambda i: -i.residents_from):
        key = one.resolution, one.column
        found[one], later[key] = later.get(key, math.inf), one.residents_from
    return found


def of_class(found: Measured, interval: Interval, ends: Mapping[Interval, float]) -> Ints:
    """Return the errors of the numbers that an interval is stated for."""
    people = found.people
    return found.errors[(people >= interval.residents_from) & (people < ends[interval])]


def checked(
    on: Shapes | int, policy: Policy | UnitPolicy, resolutions: Sequence[int], releases: int
) -> Iterator[Checked]:
    """Hold every interval of a theme against other releases."""
    promised = expected_errors(on, policy, resolutions=resolutions)
    stated, taken = promised.intervals, promised.twin.releases if promised.twin else releases
    ends = until(stated)
    found: dict[Interval, list[Ints]] = {interval: [] for interval in stated}
    made = islice(shown(on, policy, resolutions=resolutions, seed=OTHER_SEED), releases)
    for release in track(made, "releases", total=releases, transient=True):
        for interval, errors in found.items():
            errors.append(of_class(release[interval.resolution][interval.column], interval, ends))
    for interval, errors in found.items():
        length = interval.below + interval.above - 1
        shorter = (held(errors, b, length - b) for b in range(length + 1))
        yield Checked(
            interval,
            held(errors, interval.below, interval.above),
            max(shorter, key=lambda h: h.share, default=Held(0.0, 0.0)),
            STANDARD_ERRORS * math.sqrt(1 + releases / taken),
        )


def main() -> int:
    """Check the intervals of every theme whose counts get noise."""
    releases = int(sys.argv[1]) if len(sys.argv) > 1 else RELEASES
    catalog, console = read_catalog(ROOT), Console()
    with tempfile.TemporaryDirectory() as folder:
        given = read_district(Path(folder), catalog)
    people, wrong = district(given.residents), 0
    table = Table("theme", "column", "stated", "holds %", "one shorter %", "right")
    for name, policy in catalog.policies.policies.items():
        if isinstance(policy, RoundedPolicy):
            continue
        on = publishable(people, policy) if isinstance(policy, Policy) else len(given.offices)
        layers = [x for x in catalog.layers if x.policy == name]
        resolutions = [x.resolution for x in layers if x.resolution is not None]
        for one in checked(on, policy, resolutions, releases):
            wrong += not one.right
            table.add_row(name, *_row(one))
    table.title = f"{releases} releases; standard errors in parentheses"
    console.print(table)
    console.print(f"{table.row_count} intervals, {wrong} not right")
    return 1 if wrong else 0


def _row(one: Checked) -> tuple[str, ...]:
    stated, of = one.stated, one.stated.resolution
    place = "" if of is None else f"r{of} from {stated.residents_from:,}: "
    column = f"{place}{stated.column or 'a category'}"
    shares = (f"{100 * h.share:.2f} ({100 * h.error:.2f})" for h in (one.holds, one.shorter))
    return column, f"-{stated.below}/+{stated.above}", *shares, "yes" if one.right else "NO"


if __name__ == "__main__":
    sys.exit(main())
