"""Households and violence in a release: what is shown and stated, and where violence is not."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from geo_core.release.read import Release

type Row = dict[str, Any]

KINDS = ("singolo", "coppia", "con_minori", "monogenitore", "altro", "nd")


def table(release: Release, name: str) -> list[Row]:
    path = release.path(f"collections/{name}/features.parquet")
    rows: list[Row] = pq.read_table(path).drop_columns(["geometry"]).to_pylist()
    return rows


def said(release: Release, theme: str) -> Row:
    document = json.loads(release.path("disclosure.json").read_bytes())
    (one,) = [s for s in document["statements"] if (s["theme"], s["year"]) == (theme, 2023)]
    assert isinstance(one, dict)
    return one


@pytest.mark.parametrize("name", ["nuclei_h3_r6", "nuclei_h3_r7", "nuclei_h3_r8"])
def test_households_are_shown_by_kind_with_their_sum(demo_release: Release, name: str) -> None:
    rows = table(demo_release, name)
    assert sum(row["residenti"] for row in rows) > 100_000
    shown = [row for row in rows if all(row[f"n_{kind}"] is not None for kind in KINDS)]
    assert all(row["n_nuclei"] == sum(row[f"n_{kind}"] for kind in KINDS) for row in shown)
    assert {row["n_nuclei_stato"] for row in rows} <= {"published", "band"}
    number = sum(row["n_nuclei"] or 0 for row in rows)
    assert number == pytest.approx(7_300, rel=0.1)


def test_every_year_of_households_is_in_the_series(demo_release: Release) -> None:
    series = table(demo_release, "nuclei_h3_serie")
    assert {row["periodo_inizio"][:4] for row in series} == {"2022", "2023"}


def test_one_person_costs_two_of_the_counts_of_households(demo_release: Release) -> None:
    one = said(demo_release, "nuclei")
    assert (one["epsilon"], one["contribution_cap"]) == (1.0, 2)
    assert sum(level["epsilon"] for level in one["noise_by_level"]) == pytest.approx(0.5)
    assert {g["p_min"] for g in one["geographies"]} == {200}
    document = json.loads(demo_release.path("disclosure.json").read_bytes())
    (total,) = [t for t in document["totals"] if t["year"] == 2023]
    assert total["epsilon"] == pytest.approx(7.8)


def test_violence_is_counted_by_body(demo_home: Path, demo_release: Release) -> None:
    rows = table(demo_release, "violenza_ambiti")
    bodies = {row["id"] for row in table(demo_release, "ambiti")}
    assert {row["id"] for row in rows} == bodies
    assert all((row["n_vio"] is None) == (row["stato"] == "band") for row in rows)
    assert all(row["n_vio"] is None or row["n_vio"] >= 10 for row in rows)
    with (demo_home / "input" / "rilevazioni.csv").open(encoding="utf-8") as file:
        records = [r for r in csv.DictReader(file) if r["area_utenza"] == "VIO"]
    persons = {r["pseudonimo"] or i for i, r in enumerate(records) if r["periodo"] > "2023"}
    assert sum(row["n_vio"] or 0 for row in rows) == pytest.approx(len(persons), abs=60)
    one = said(demo_release, "violenza")
    assert (one["epsilon"], one["units"]["kind"]) == (0.5, "ambiti")
    assert one["derived"]["public"] == []


def test_no_other_collection_names_violence(demo_release: Release) -> None:
    for info in demo_release.manifest.collections:
        named = {name for name in info.layer.field_names if "vio" in name.split("_")}
        assert named == ({"n_vio"} if info.layer.id == "violenza_ambiti" else set())
    document = json.loads(demo_release.path("disclosure.json").read_bytes())
    assert {s["theme"] for s in document["statements"] if "VIO" in s["categories"]} == {"violenza"}
