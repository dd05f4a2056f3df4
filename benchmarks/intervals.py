"""Measure whether the stated intervals hold, on the areas of the demonstration district.

    python -m benchmarks.intervals [releases]

Other invented releases than those the intervals were taken from (500 unless told), protected by
the same rules: the share of shown numbers inside each interval, and inside the best interval
that is one shorter.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.disclosure import ROOT, read_district
from geo_core.catalog import read_catalog
from geo_core.disclose.counts import district
from geo_core.disclose.shape import Shapes, publishable
from geo_core.disclose.tree import Ints
from geo_core.model.disclosure import Interval
from geo_core.model.policy import Policy, RoundedPolicy, UnitPolicy
from geo_core.statement.accuracy import expected_errors, shown

OTHER_SEED = 99


def inside(errors: Ints, below: int, above: int) -> float:
    """Return the share of errors in `[-below, above]`, in percent."""
    return float(100 * ((errors >= -below) & (errors <= above)).mean())


def checked(on: Shapes | int, policy: Policy | UnitPolicy, resolutions: list[int], n: int) -> None:
    """Print every interval of a theme beside what other releases find."""
    stated = expected_errors(on, policy, resolutions=resolutions).intervals
    found: dict[Interval, list[Ints]] = {interval: [] for interval in stated}
    for release in islice(shown(on, policy, resolutions=resolutions, seed=OTHER_SEED), n):
        for interval, errors in found.items():
            true, protected, seen = release[interval.resolution][interval.column]
            errors.append((true - protected)[seen])
    for interval, parts in found.items():
        pooled = np.concatenate(parts)
        length = interval.below + interval.above - 1
        shorter = max(inside(pooled, b, length - b) for b in range(length + 1))
        holds = inside(pooled, interval.below, interval.above)
        print(
            f"  r{interval.resolution} {interval.column or 'a category'}: "
            f"-{interval.below}/+{interval.above} holds {holds:.2f} %, one shorter {shorter:.2f} %"
        )


def main() -> None:
    """Check the intervals of every theme whose counts get noise."""
    releases = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    catalog = read_catalog(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        given = read_district(Path(folder), catalog)
    people = district(given.residents)
    for name, policy in catalog.policies.policies.items():
        if isinstance(policy, RoundedPolicy):
            continue
        on = publishable(people, policy) if isinstance(policy, Policy) else len(given.offices)
        layers = [x for x in catalog.layers if x.policy == name]
        print(f"{name}:")
        checked(on, policy, [x.resolution for x in layers if x.resolution is not None], releases)


if __name__ == "__main__":
    main()
