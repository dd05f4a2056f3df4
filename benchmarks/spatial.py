"""Measure hot spots and clusters on the hexagons of a region, beside PySAL's.

    python -m benchmarks.spatial [rounds]

Some 74,000 hexagons of resolution 8 in one piece, with values drawn from a gamma distribution.
Each row is a process of its own that computes one statistic `rounds` times (3), of which the
fastest counts; neighbours are found before, and timed apart. Both must find the same statistic.
PySAL is as fast as it gets here: no simulations kept, one process, and Numba if it is installed.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

import h3
import numpy as np
from rich.console import Console
from rich.table import Table

from geo_core.indicators.hotspots import gi_star
from geo_core.indicators.moran import local_moran
from geo_core.indicators.neighbours import Neighbours, rings

RINGS: Final = 156
"""Rings of hexagons around Vercelli: 73,477."""

MANY: Final = 99_999
"""Permutations enough for adjusted p of so many hexagons."""


class Cost(NamedTuple):
    """What a statistic cost, and what was found."""

    seconds: float
    peak_mib: float
    found: list[float]


def cells() -> list[str]:
    """Return the hexagons."""
    return sorted(h3.grid_disk(h3.latlng_to_cell(45.32, 8.42, 8), RINGS))


def values(number: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a value for each."""
    return np.random.default_rng(1).gamma(2, size=number)


def ours(statistic: str, rounds: int) -> Cost:
    """Compute a statistic with our code."""
    near = rings(cells())
    drawn = values(len(near.counts))
    if statistic == "gi_star":
        return _fastest(lambda: gi_star(drawn, near), rounds)
    permutations = 999 if statistic == "local_moran" else MANY
    return _fastest(lambda: local_moran(drawn, near, permutations=permutations).i, rounds)


def pysal(statistic: str, rounds: int) -> Cost:
    """Compute a statistic with PySAL."""
    warnings.simplefilter("ignore")
    import esda  # noqa: PLC0415 - only where it is measured
    from libpysal.weights import W  # noqa: PLC0415

    near = rings(cells())
    drawn, weights = values(len(near.counts)), W(_lists(near), silence_warnings=True)
    if statistic == "gi_star":
        of = {"transform": "B", "star": True, "permutations": 0}
        return _fastest(lambda: esda.G_Local(drawn, weights, **of).Zs, rounds)
    options = {"keep_simulations": False, "alternative": "two-sided", "seed": 1}
    return _fastest(lambda: esda.Moran_Local(drawn, weights, **options).Is, rounds)


def _lists(near: Neighbours) -> dict[int, list[int]]:
    return {i: p.tolist() for i, p in enumerate(np.split(near.others, near.starts[1:-1]))}


def _fastest(work: Callable[[], np.ndarray[tuple[int], np.dtype[np.float64]]], rounds: int) -> Cost:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(min(times), peak, found.tolist())


def apart(work: Callable[[str, int], Cost], statistic: str, rounds: int) -> Cost:
    """Compute in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (statistic, rounds))


def numba() -> str:
    """Return which Numba there is."""
    try:
        return f"Numba {version('numba')}"
    except PackageNotFoundError:
        return "without Numba"


def main(rounds: int = 3) -> int:
    """Print the table; return 1 if the two find different statistics."""
    console = Console()
    begun = time.perf_counter()
    number = len(rings(cells()).counts)
    found = time.perf_counter() - begun
    table = Table(
        "statistic", "s", "MiB", "PySAL: s", "MiB", "times as fast",
        title=f"{number:,} hexagons; PySAL's esda {version('esda')} {numba()}; cells and "
        f"neighbours in {found:.1f} s",
    )  # fmt: skip
    same = True
    for statistic in ("gi_star", "local_moran"):
        with console.status(statistic):
            mine, theirs = apart(ours, statistic, rounds), apart(pysal, statistic, rounds)
        same = same and bool(np.allclose(mine.found, theirs.found, rtol=1e-9, atol=1e-12))
        ratio = f"{theirs.seconds / mine.seconds:,.0f}"
        table.add_row(statistic, *_told(mine), *_told(theirs), ratio)
    with console.status("permutations"):
        many = apart(ours, "many", rounds)
    table.add_row(f"local_moran, {MANY:,} permutations", *_told(many), "", "", "")
    console.print(table)
    console.print("both find the same" if same else "the two DIFFER")
    return 0 if same else 1


def _told(cost: Cost) -> tuple[str, str]:
    return f"{cost.seconds:.4f}", f"{cost.peak_mib:.0f}"


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
