"""Measure the index of fragility of a region: intervals, ranks over a thousand variants, clusters.

    python -m benchmarks.indices

1,181 real municipalities of Piedmont, and 74,000 hexagons around them with invented residents of as
many as live there. Measured is all that a risk collection holds: the loan, smoothed shares, scores,
1,000 drawings of each, ranks over chance and over 1,000 variants of the method, Gi* and local Moran
with 9,999 permutations. The last row is worse than any region: every hexagon has a score. Goal:
120 s and 4 GiB. Seconds are of one processor: other work on the machine hardly changes them.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import h3
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from geo_core.indicators.demography import by_group
from geo_core.indicators.neighbours import rings, touching
from geo_core.indicators.risk import FEWEST_FOR_A_SCORE, fragility
from geo_core.indicators.robust import Variant
from geo_core.indicators.standing import Units, standing
from geo_core.model.indicator import Indicators
from geo_core.place.population import ages_by
from geo_core.sources.geopop import municipalities, population
from geo_core.strict_yaml import read_document

ROOT: Final = Path(__file__).resolve().parents[1]
REGION: Final = ("001", "002", "003", "004", "005", "006", "096", "103")
"""Provinces of Piedmont."""
HEXAGONS: Final = 74_000
PER_HEXAGON: Final = 57
"""Mean residents: those of the region in so many hexagons."""
SECONDS: Final = 120
GIB: Final = 4


def towns() -> Units:
    """Return the municipalities of the region, real."""
    areas = pd.concat([municipalities(province) for province in REGION])
    ages = ages_by(pd.concat([population(2023, province) for province in REGION]), "cod_istat")
    areas = areas.set_index("cod_istat").sort_index()
    areas = areas[areas.index.isin(ages.index)]
    ages = ages.loc[areas.index]
    keys = [int(code) for code in ages.index]
    return Units(by_group(ages.to_numpy()), keys, touching(areas.geometry.to_list()))


def hexagons(like: Units) -> Units:
    """Return hexagons of which few have many residents, with the ages of the region."""
    rng = np.random.default_rng(20_231_231)
    radius = next(k for k in range(500) if 3 * k * (k + 1) + 1 >= HEXAGONS)
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(45.05, 7.9, 8), radius))[:HEXAGONS]
    shares = like.groups.sum(axis=0) / like.groups.sum()
    people = rng.pareto(1.1, HEXAGONS) * PER_HEXAGON
    own = rng.dirichlet(400 * shares, HEXAGONS)
    groups = rng.poisson(own * np.minimum(people, 5_000)[:, None]).astype(float)
    return Units(groups, [int(c, 16) for c in cells], rings(cells))


def shown(variants: Sequence[Variant]) -> Iterable[Variant]:
    """Yield the variants, and show how many are done."""
    return track(variants, description="variants", transient=True)


def main() -> int:
    """Print seconds and peak memory; fail beyond the goal."""
    catalogue = read_document(ROOT / "config" / "indicatori.yml", Indicators)
    composite = catalogue.composites["ifs"]
    table = Table("", "units", "with a score", "cpu s", title="index of fragility")
    seconds = []
    real = towns()
    around = hexagons(real)
    for name, units, fewest in (
        ("municipalities", real, 1),
        ("hexagons", around, FEWEST_FOR_A_SCORE),
        ("hexagons, all scored", around, 1),
    ):
        since = time.process_time()
        found = fragility(units.groups, composite=composite, catalogue=catalogue, fewest=fewest)
        standing(found, units, composite=composite, catalogue=catalogue, steps=shown)
        scored = int((~np.isnan(found.columns["punteggio"])).sum())
        seconds.append(time.process_time() - since)
        table.add_row(name, f"{len(units.keys):,}", f"{scored:,}", f"{seconds[-1]:.1f}")
    whole = seconds[0] + seconds[-1]
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    console = Console()
    console.print(table)
    console.print(f"{whole:.0f} s of {SECONDS}, {gib:.2f} GiB of {GIB}")
    return int(whole > SECONDS or gib > GIB)


if __name__ == "__main__":
    sys.exit(main())
