"""Measure disclosure control and the exact parts of the audit, on a district and on a region.

    python -m benchmarks.region [times ...]

Residents are those of the synthetic district, and of real municipalities around it until there are
so many times as many (1 and 27 unless told, about ten minutes). Persons are invented for two years
of every theme on areas; estimates of municipalities are left out. Measured is what a release does
(areas, noise and inference, features, statement), what the audit does with it (replay and
differencing), and rounding with its gate. Each size runs in a process of its own, so that its peak
memory is its own. Seconds are of one processor: other work on the machine does not change them.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.small_releases import collection, population, rounded
from checks.audit import differencing, replay
from checks.audit.published import Published
from geo_core.catalog import Catalog, read_catalog
from geo_core.disclose.counts import checked, district, per_area
from geo_core.disclose.estimates import Places
from geo_core.disclose.features import PUBLIC
from geo_core.disclose.protect import Protected, protect
from geo_core.disclose.rounding_audit import with_rounding
from geo_core.disclose.sealed import Charged, finished
from geo_core.disclose.shape import Shapes, publishable
from geo_core.model import cells
from geo_core.model.accuracy import Accuracy
from geo_core.model.disclosure import Statement
from geo_core.model.layer import Layer
from geo_core.model.policy import AreaPolicy, Policy, RoundedPolicy
from geo_core.model.text import Text
from geo_core.statement.promise import errors_on_areas
from geo_core.statement.statement import disclosure, statements
from geo_core.statement.twin import invented
from geo_core.synth.district import SEED, YEAR
from geo_core.synth.extent import extent
from geo_core.synth.settlement import people, settle

ROOT: Final = Path(__file__).resolve().parents[1]
DISTRICT: Final = 165_505
TIMES: Final = (1, 27)
YEARS: Final = (YEAR - 1, YEAR)
THEME: Final = "bisogni"
"""The theme that is also rounded."""

NOWHERE: Final = Places(pd.DataFrame(), {})
"""Nothing is estimated here: its municipalities have no weights."""

type Seconds = dict[str, float]


def residents_of(times: int) -> pd.Series:
    """Settle the residents of the district and of municipalities around it, by r8 cell."""
    rng = np.random.default_rng(SEED)
    ground = extent(rng, residents=None if times == 1 else times * DISTRICT)
    settlements = settle(ground.municipalities, ground.residents, rng)
    found = people(settlements, ground.population[YEAR], rng)
    return found.groupby("h3")["n"].sum().astype("int64")


def counts_of(residents: pd.Series, policy: AreaPolicy, years: Iterable[int]) -> pd.DataFrame:
    """Invent the persons of one theme, as many as its policy expects."""
    rng = np.random.default_rng(SEED)
    places, of_place = [cells.cell(str(c)) for c in residents.index], residents.tolist()
    persons = round(sum(of_place) * policy.expected / 1000)
    rows = [
        pd.DataFrame({"anno": year, "luogo": places, "categoria": c, "n": n})
        for year in years
        for c, n in invented(places, of_place, policy.categories, persons=persons, rng=rng).items()
    ]
    frame = pd.concat(rows, ignore_index=True)
    return frame[frame["n"] > 0]


@contextmanager
def measured(name: str, seconds: Seconds) -> Iterator[None]:
    """Add the seconds of the processor that a part takes."""
    started = time.process_time()
    yield
    seconds[name] = seconds.get(name, 0) + time.process_time() - started


def released(folder: Path, residents: pd.Series, catalog: Catalog, seconds: Seconds) -> Published:
    """Do what a release does for every theme on areas; return what is public of it."""
    collections = {}
    said: list[Statement] = []
    for name, policy in catalog.policies.policies.items():
        if not isinstance(policy, Policy | RoundedPolicy):
            continue
        layers = tuple(x for x in catalog.layers if x.policy == name and x.resolution is not None)
        made = _protected(folder, residents, name, policy, layers, seconds)
        with measured("statement", seconds):
            titles = {c: Text(it=c, en=c) for c in policy.categories}
            said += statements(
                made.shapes, catalog.policies, theme=name, years=YEARS, layers=layers,
                public=PUBLIC, synthetic=True, titles=titles, errors=made.errors,
            )  # fmt: skip
        for layer in layers:
            collections[layer.id] = collection(catalog, layer, made.table(layer).frame)
    open_cells = population("popolazione", residents)
    document = json.loads(disclosure(said).model_dump_json())
    return Published(
        release="region",
        collections={**collections, open_cells.id: open_cells},
        tilesets={}, files={}, styles={}, disclosure=document, releases=[], seen=[],
    )  # fmt: skip


def _protected(  # noqa: PLR0913, PLR0917 - what one theme is made of
    folder: Path,
    residents: pd.Series,
    name: str,
    policy: Policy | RoundedPolicy,
    layers: Sequence[Layer],
    seconds: Seconds,
) -> Protected:
    counts = counts_of(residents, policy, YEARS)
    nowhere = Places(pd.DataFrame(), {})

    def errors(shapes: Shapes) -> Accuracy:
        with measured("errors on the twin", seconds):
            return errors_on_areas(shapes, policy, layers=layers, weights=pd.DataFrame())

    with measured("areas", seconds):
        prepared = protect(
            counts, residents, layers=tuple(layers), policy=policy, years=YEARS,
            charged=Charged(name, True), errors=errors, places=nowhere,
        )  # fmt: skip
    with measured("noise, inference, features and twin", seconds):
        (made,) = finished(
            folder, [prepared], new=lambda *_: False, say=lambda _: None, published=()
        )
    return made


def release(times: int) -> tuple[Seconds, dict[str, str]]:
    """Measure a release and its audit."""
    catalog = read_catalog(ROOT)
    seconds: Seconds = {}
    residents = residents_of(times)
    with tempfile.TemporaryDirectory() as folder:
        before = _peak()
        published = released(Path(folder), residents, catalog, seconds)
        told = {"residents": f"{residents.sum():,}", "MiB before": before, "MiB release": _peak()}
    twin = "errors on the twin"
    seconds["release"] = sum(s for name, s in seconds.items() if name != twin)
    figures, findings = 0, 0
    for check in (replay, differencing):
        name = check.__name__.rpartition(".")[2]
        with measured(name, seconds):
            found = check.check(published)
        figures, findings = figures + found.figures, findings + len(found.findings)
    seconds["audit (a) and (b)"] = seconds["replay"] + seconds["differencing"]
    told |= {"MiB audit": _peak(), "figures": f"{figures:,}", "findings": str(findings)}
    return seconds, told


def rounding(times: int) -> tuple[Seconds, dict[str, str]]:
    """Measure rounding of one theme, with its gate."""
    catalog = read_catalog(ROOT)
    seconds: Seconds = {}
    residents, policy = residents_of(times), rounded(catalog)
    shapes = publishable(district(residents), policy)
    counts = counts_of(residents, policy, (YEAR,))
    (own,) = checked(counts, places=shapes.base.area_of, categories=policy.categories).values()
    true = per_area(own, shapes)
    with measured("round5 with its gate", seconds):
        made = with_rounding(true, shapes)
    off = max(int(np.abs(made[c] - true[c]).max()) for c in policy.categories)
    told = {"areas": f"{len(shapes.base.areas):,}", "MiB round5": _peak(), "most off": str(off)}
    return seconds, told


def _peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}"


def _apart[Result](work: Callable[[int], Result], times: int) -> Result:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (times,))


def main() -> int:
    """Print one column per size, as soon as it is measured."""
    sizes, console = [int(a) for a in sys.argv[1:]] or list(TIMES), Console()
    for work in (release, rounding):
        for times in sizes:
            with console.status(f"{work.__name__}, {times} x {DISTRICT:,} residents"):
                seconds, told = _apart(work, times)
            table = Table("", f"x {times}", title=work.__name__)
            for name, text in (
                told | {f"{n}, cpu s": f"{s:.1f}" for n, s in seconds.items()}
            ).items():
                table.add_row(name, text)
            console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
