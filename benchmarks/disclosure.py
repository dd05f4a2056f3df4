"""Measure what disclosure control costs in accuracy and time, on the demonstration district.

    python -m benchmarks.disclosure [draws]

The district is invented and seeded; the noise is OpenDP's, so the figures vary a little from
run to run. "cells": every H3 cell, where an area that is larger than the cell is spread over
its cells by residents. "features": the areas that the layer shows.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geo_core.disclose.counts import checked, district, per_area
from geo_core.disclose.features import on_areas
from geo_core.disclose.noise import draw
from geo_core.disclose.protect import measured, protect, with_noise
from geo_core.disclose.shape import Shape, Shapes, cut, publishable
from geo_core.disclose.tree import Ints
from geo_core.model import cells
from geo_core.model.layer import LayerDocument
from geo_core.model.policy import CATEGORIES, Category, Policies, Policy
from geo_core.strict_yaml import read_document
from geo_core.synth.district import SEED, YEAR, write_district

ROOT = Path(__file__).resolve().parents[1]
type Numbers = dict[Category, Ints]
LARGE = 20
"""Cases from which a relative error means something."""


@dataclass(frozen=True)
class Input:
    """The district: residents and needs per r8 cell."""

    residents: pd.Series
    counts: pd.DataFrame


def read_district(folder: Path) -> Input:
    """Write the demonstration district and read what disclosure control needs of it."""
    write_district(folder, seed=SEED)
    people = pd.read_csv(folder / "popolazione.csv")
    records = pd.read_csv(folder / "rilevazioni.csv").query("n_persone > 0")
    first = records.drop_duplicates("pseudonimo").rename(columns={"unita_luogo": "h3"})
    return Input(
        people.groupby("h3")["n"].sum(),
        first.groupby(["h3", "area_utenza"], as_index=False).agg(n=("n_persone", "size")),
    )


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
    return float(np.mean(np.abs(f - t)[large] / t[large])), float(np.abs(f - t).sum() / 2 / t.sum())


def by_cell(given: Input, shapes: Shapes, numbers: Numbers, res: int) -> tuple[float, float]:
    """Measure the error per H3 cell."""
    residents = district(given.residents)
    true, found = [], []
    for category in CATEGORIES:
        own = given.counts[given.counts["area_utenza"] == category]
        exact = own.groupby([cells.parent(c, res) for c in own["h3"]])["n"].sum()
        estimate = spread(shapes.of(category), numbers[category], residents, res)
        found.append(estimate)
        true.append(exact.reindex(estimate.index, fill_value=0))
    return errors(true, found)


def by_feature(true: Numbers, shapes: Shapes, numbers: Numbers, res: int) -> tuple[float, float]:
    """Measure the error of the numbers behind the features of a layer."""
    shown = cut(shapes.base, res)
    exact, found = [], []
    for category in CATEGORIES:
        pairs = pd.DataFrame(
            {
                "t": on_areas(true[category], shapes.of(category), shown),
                "f": on_areas(numbers[category], shapes.of(category), shown),
            }
        ).dropna()
        exact.append(pairs["t"])
        found.append(pairs["f"])
    return errors(exact, found)


def utility(given: Input, policy: Policy, draws: int) -> pd.DataFrame:
    """Average the errors of several draws, and show those without any noise beside them."""
    shapes = publishable(district(given.residents), policy)
    true = per_area(checked(given.counts, shapes.base), shapes)
    trees = measured(shapes, policy)
    rows = []
    for number in range(draws + 1):
        numbers = with_noise(true, trees, draw(trees, policy), policy) if number else true
        for res in (5, 6, 7, 8):
            for unit, (relative, misplaced) in (
                ("cells", by_cell(given, shapes, numbers, res)),
                ("features", by_feature(true, shapes, numbers, res)),
            ):
                rows.append((number > 0, unit, res, 100 * relative, 100 * misplaced))
    frame = pd.DataFrame(rows, columns=["noise", "unit", "res", "error_%", "misplaced_%"])
    return frame.groupby(["noise", "unit", "res"]).agg(["mean", "std"]).round(2)


def main() -> None:
    """Print areas, time and errors."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    policy = read_document(ROOT / "config" / "disclosure.yml", Policies).policies["bisogni"]
    document = read_document(ROOT / "layers" / "bisogni_h3.yml", LayerDocument)
    with tempfile.TemporaryDirectory() as folder:
        given = read_district(Path(folder))
        started = time.perf_counter()
        protected = protect(
            given.counts,
            given.residents,
            layers=document.resolve("bisogni_h3"),
            policy=policy,
            theme="bisogni",
            year=YEAR,
            synthetic=True,
            private=Path(folder) / "private",
        )
        seconds = time.perf_counter() - started
    print(
        f"{given.residents.sum()} residents in {len(given.residents)} cells, "
        f"{given.counts['n'].sum()} cases; protected in {seconds:.2f} s"
    )
    for name, shape in (("base", protected.shapes.base), ("DIS", protected.shapes.of("DIS"))):
        people = [a.residents for a in shape.areas]
        single = sum(len(a.members) == 1 for a in shape.areas)
        print(
            f"{name}: {len(people)} areas, residents median {np.median(people):g}, "
            f"min {min(people)}, max {max(people)}; {single} are single cells"
        )
    for table in protected.tables.values():
        states = table.frame.filter(like="_stato").melt()["value"].value_counts(normalize=True)
        shares = ", ".join(f"{k} {100 * v:.0f} %" for k, v in states.items())
        print(f"{table.layer.id}: {len(table.frame)} features; {shares}")
    print(utility(given, policy, draws).to_string())


if __name__ == "__main__":
    main()
