"""Measure what disclosure control costs in accuracy and time, on the demonstration district.

    python -m benchmarks.disclosure [draws]

The district is invented and seeded; the noise is OpenDP's, so the figures vary a little from
run to run. "cells": every H3 cell, where an area that is larger than the cell is spread over
its cells by residents. "features": the areas that the layer shows. For the splits of epsilon
over the levels, of the needs and of a setting with more and rarer categories (12,000 invented
persons in 20 categories of Zipf's sizes): `python -m benchmarks.disclosure [draws] splits`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geo_core.catalog import Catalog, read_catalog
from geo_core.disclose.counts import checked, district, per_area, per_place
from geo_core.disclose.estimates import Places
from geo_core.disclose.features import on_areas
from geo_core.disclose.figures import on_units
from geo_core.disclose.noise import draw
from geo_core.disclose.protect import measured, protect
from geo_core.disclose.sealed import Charged, finished, with_noise
from geo_core.disclose.shape import Shape, Shapes, cut, publishable
from geo_core.disclose.tree import AREA, Ints, Level
from geo_core.disclose.units import settled
from geo_core.ingest.intake import THEMES, by_policy, check_records
from geo_core.ingest.kinds import References, kind
from geo_core.model import cells
from geo_core.model.accuracy import Accuracy
from geo_core.model.policy import Category, LevelName, Policy, UnitPolicy
from geo_core.place.allot import allot
from geo_core.sources import csv
from geo_core.statement.twin import invented
from geo_core.synth.district import SEED, YEAR, write_district

ROOT = Path(__file__).resolve().parents[1]
type Numbers = Mapping[Category, Ints]
LARGE = 20
"""Cases from which a relative error means something."""

SPLITS: tuple[dict[LevelName, float], ...] = (
    {"5": 0.25, "area": 0.75}, {"5": 0.05, "area": 0.95}, {"6": 0.05, "area": 0.95},
    {"6": 0.03, "area": 0.97}, {"7": 0.05, "area": 0.95}, {"area": 1.0},
)  # fmt: skip
MANY = tuple(f"C{k:02d}" for k in range(1, 21))
"""Categories of the setting with more of them than the demonstration has."""
PERSONS = 12_000


@dataclass(frozen=True)
class Input:
    """The district: residents per r8 cell, and the counts of each policy in the latest year."""

    residents: pd.Series
    counts: dict[str, pd.DataFrame]
    offices: list[str]


def read_district(folder: Path, catalog: Catalog) -> Input:
    """Write the demonstration district and read what disclosure control needs of it."""
    write_district(folder, seed=SEED)
    people = csv.read(folder / "popolazione.csv").astype({"n": "int64"})
    offices = csv.read(folder / "sedi.csv")
    known = References(
        organisations=frozenset(csv.read(folder / "organizzazioni.csv")["id_org"]),
        offices=frozenset(offices["id_sede"]),
        municipalities=frozenset(people["cod_istat"]),
        cells=frozenset(people["h3"]),
        years=frozenset({YEAR - 1, YEAR}),
    )
    counts = {}
    for table, theme in THEMES.items():
        path = folder / f"{table}.csv"
        columns = kind(catalog, table, known).columns
        intake = check_records(path, csv.read(path), table=table, columns=columns)
        on_cells = theme.place == "unita_luogo"
        for policy, found in by_policy(table, intake).items():
            last = found[found["anno"] == YEAR]
            counts[policy] = allot(last, people).counts if on_cells else last
    shown = offices.loc[offices["riservata"] != "true", "id_sede"]
    return Input(people.groupby("h3")["n"].sum(), counts, sorted(shown))


def many_categories(residents: pd.Series, needs: Policy) -> tuple[pd.DataFrame, Policy]:
    """Return invented counts in many categories, and the policy of the needs for them."""
    rng = np.random.default_rng(SEED)
    places, people = [cells.cell(str(c)) for c in residents.index], residents.tolist()
    drawn = invented(places, people, MANY, persons=PERSONS, rng=rng)
    frame = pd.concat(
        pd.DataFrame({"anno": YEAR, "luogo": places, "categoria": c, "n": n})
        for c, n in drawn.items()
    )
    policy = needs.model_copy(update={"categories": MANY, "p_min_by_category": {}})
    return frame[frame["n"] > 0], policy


def splits(given: Input, needs: Policy, living: Policy, draws: int) -> None:
    """Print the errors of needs, of many categories and of households, by split."""
    many, policy = many_categories(given.residents, needs)
    settings = (
        ("needs", given.counts["bisogni"], needs),
        ("many", many, policy),
        ("households", given.counts["nuclei"], living),
    )
    for name, counts, signed in settings:
        for shares in SPLITS:
            changed = signed.model_copy(update={"level_shares": shares})
            found = utility(given.residents, counts, changed, draws)
            print(f"\n{name}: {counts['n'].sum()} cases, {shares}")
            print(found.loc[(True, "cells")].to_string())


def spread(shape: Shape, values: np.ndarray, residents: dict[str, int], res: int) -> pd.Series:
    """Give each H3 cell of a resolution its share of the areas, by residents."""
    parts = [
        (cells.parent(m, res), value * residents[m] / area.residents)
        for area, value in zip(shape.areas, values.tolist(), strict=True)
        for m in area.members
    ]
    frame = pd.DataFrame(parts, columns=["cell", "n"])
    return frame.groupby("cell")["n"].sum()


def errors(true: list[pd.Series], found: list[pd.Series]) -> tuple[float, float]:
    """Return mean relative error where at least `LARGE` cases are, and the share misplaced."""
    t = np.concatenate([x.to_numpy(dtype=float) for x in true])
    f = np.concatenate([x.to_numpy(dtype=float) for x in found])
    large = t >= LARGE
    relative = np.abs(f - t)[large] / t[large]
    misplaced = float(np.abs(f - t).sum() / 2 / t.sum())
    return float(relative.mean()) if large.any() else np.nan, misplaced


def by_cell(
    residents: dict[str, int], counts: pd.DataFrame, shapes: Shapes, numbers: Numbers, res: int
) -> tuple[float, float]:
    """Measure the error per H3 cell."""
    true, found = [], []
    for category in shapes.categories:
        own = counts[counts["categoria"] == category]
        exact = own.groupby([cells.parent(c, res) for c in own["luogo"]])["n"].sum()
        estimate = spread(shapes.of(category), numbers[category], residents, res)
        found.append(estimate)
        true.append(exact.reindex(estimate.index, fill_value=0))
    return errors(true, found)


def by_feature(true: Numbers, shapes: Shapes, numbers: Numbers, res: int) -> tuple[float, float]:
    """Measure the error of the numbers behind the features of a layer."""
    shown = cut(shapes.base, res)
    exact, found = [], []
    for category in shapes.categories:
        pairs = pd.DataFrame(
            {
                "t": on_areas(true[category], shapes.of(category), shown),
                "f": on_areas(numbers[category], shapes.of(category), shown),
            }
        ).dropna()
        exact.append(pairs["t"])
        found.append(pairs["f"])
    return errors(exact, found)


def utility(residents: pd.Series, counts: pd.DataFrame, policy: Policy, draws: int) -> pd.DataFrame:
    """Average the errors of several draws, and show those without any noise beside them."""
    people = district(residents)
    shapes = publishable(people, policy)
    (own,) = checked(counts, places=shapes.base.area_of, categories=policy.categories).values()
    true, trees = per_area(own, shapes), measured(shapes, policy)
    rows = []
    for number in range(draws + 1):
        numbers = with_noise(true, trees, draw(trees, policy), policy) if number else true
        for res in (5, 6, 7, 8):
            for unit, (relative, misplaced) in (
                ("cells", by_cell(people, counts, shapes, numbers, res)),
                ("features", by_feature(true, shapes, numbers, res)),
            ):
                rows.append((number > 0, unit, res, 100 * relative, 100 * misplaced))
    frame = pd.DataFrame(rows, columns=["noise", "unit", "res", "error_%", "misplaced_%"])
    return frame.groupby(["noise", "unit", "res"]).agg(["mean", "std"]).round(2)


def ratings(given: Input, policy: UnitPolicy, draws: int) -> str:
    """Measure the error of numbers and means of marks over the offices that show any."""
    position = {name: i for i, name in enumerate(given.offices)}
    size = len(position)
    true = per_place(
        given.counts["valutazioni"],
        dict.fromkeys(policy.categories, position),
        dict.fromkeys(policy.categories, size),
    )
    trees = dict.fromkeys(policy.categories, (Level(AREA, size, np.zeros(size, dtype=np.int64)),))
    exact = np.sum(list(true.values()), axis=0)
    mean = sum(int(c) * n for c, n in true.items()) / np.maximum(exact, 1)
    wrong, off, shown = [], [], []
    for _ in range(draws):
        noise = draw(trees, policy)
        noisy = np.array([true[c] + noise[c][AREA] for c in policy.categories])
        found = settled(noisy)
        numbers = {c: found[i].tolist() for i, c in enumerate(policy.categories)}
        row = pd.DataFrame(on_units(numbers, policy))
        seen = (row["stato"] == "published").to_numpy()
        shown.append(seen.mean())
        total = row[policy.total].to_numpy(dtype=float, na_value=np.nan)
        wrong.append(np.nanmean(np.abs(total - exact)[seen] / np.maximum(exact, 1)[seen]))
        marks = row[str(policy.mean)].to_numpy(dtype=float, na_value=np.nan)
        off.append(np.abs(marks - mean)[seen & (exact >= policy.fewest)])
    error = np.concatenate(off)
    return (
        f"{size} offices, {exact.sum()} marks, shown {100 * np.mean(shown):.0f} %; error of the "
        f"number {100 * np.mean(wrong):.1f} %, of the mean {error.mean():.2f} "
        f"(95 % below {np.quantile(error, 0.95):.2f})"
    )


def describe(given: Input, name: str, catalog: Catalog) -> None:
    """Protect one theme as the build does; print time, areas and what is shown."""
    policy = catalog.policies.areas(name)
    layers = tuple(x for x in catalog.layers if x.policy == name and x.resolution and not x.series)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        charged = Charged(name, True)
        prepared = protect(
            given.counts[name],
            given.residents,
            layers=layers,
            policy=policy,
            years=(YEAR,),
            charged=charged,
            errors=lambda _: Accuracy(),
            places=Places(pd.DataFrame(), {}),
        )
        (protected,) = finished(
            Path(folder) / "private",
            [prepared],
            new=lambda _t, _y: False,
            say=lambda _: None,
            published=(),
        )
        seconds = time.perf_counter() - started
    print(f"\n{name}: {given.counts[name]['n'].sum()} cases; protected in {seconds:.2f} s")
    for p_min in sorted({policy.p_min, *policy.p_min_by_category.values()}):
        shapes = (protected.shapes.of(c) for c in policy.categories)
        people = [a.residents for a in next(s for s in shapes if s.p_min == p_min).areas]
        print(
            f"at least {p_min}: {len(people)} areas, residents median {np.median(people):g}, "
            f"min {min(people)}, max {max(people)}"
        )
    for table in protected.tables.values():
        states = table.frame.filter(like="_stato").melt()["value"].value_counts(normalize=True)
        shares = ", ".join(f"{k} {100 * v:.0f} %" for k, v in states.items())
        print(f"{table.layer.id}: {len(table.frame)} features; {shares}")


def main() -> None:
    """Print areas, time and errors of every theme."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    catalog = read_catalog(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        given = read_district(Path(folder), catalog)
    print(f"{given.residents.sum()} residents in {len(given.residents)} cells")
    if sys.argv[2:] == ["splits"]:
        splits(given, catalog.policies.areas("bisogni"), catalog.policies.areas("nuclei"), draws)
        return
    for name, policy in catalog.policies.policies.items():
        if isinstance(policy, Policy):
            describe(given, name, catalog)
            print(utility(given.residents, given.counts[name], policy, draws).to_string())
    print(f"\nvalutazioni: {ratings(given, catalog.policies.units('valutazioni'), draws)}")


if __name__ == "__main__":
    main()
