"""What a layer says of sums is true of its rows: finer cells add up to the coarser ones."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow.parquet as pq
import pytest

from geo_core.model.cells import CellId, parent
from geo_core.model.layer import Layer
from geo_core.release.read import Release

FAMILIES = {
    "popolazione_h3": (8, 7),
    "offerta_h3": (8, 7, 6),
    "accessibilita_h3": (8, 7, 6),
    "rischio_h3": (7, 6),
}
"""Families of public collections and their resolutions."""


def by_cell(release: Release, ident: str, names: list[str]) -> dict[str, dict[str, Any]]:
    path = release.path(f"collections/{ident}/features.parquet")
    rows = pq.read_table(path, columns=["h3", *names]).to_pylist()
    return {row.pop("h3"): row for row in rows}


def added_up(rows: dict[str, dict[str, Any]], resolution: int) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for cell, row in rows.items():
        for name, value in row.items():
            out[parent(CellId(cell), resolution)][name] += value
    return out


def sums_of(layer: Layer) -> list[str]:
    return [field.name for field in layer.fields if field.aggregate == "sum"]


@pytest.mark.parametrize("family", FAMILIES)
def test_finer_cells_add_up_to_coarser_ones(demo_release: Release, family: str):
    finest, *coarser = FAMILIES[family]
    names = sums_of(demo_release.info(f"{family}_r{finest}").layer)
    finer = by_cell(demo_release, f"{family}_r{finest}", names)
    assert names
    assert any(any(row.values()) for row in finer.values())
    for resolution in coarser:
        published = by_cell(demo_release, f"{family}_r{resolution}", names)
        assert added_up(finer, resolution) == published


def test_every_public_family_of_several_resolutions_is_tried(catalog):
    found = defaultdict(set)
    for layer in catalog.layers:
        if layer.sensitivity == "A" and layer.resolution is not None:
            found[layer.family].add(layer.resolution)
    several = {family: of for family, of in found.items() if len(of) > 1}
    assert several == {family: set(of) for family, of in FAMILIES.items()}


def test_whole_numbers_of_persons_are_sums_and_rates_are_none(catalog):
    for layer in catalog.layers:
        if layer.sensitivity == "B" and layer.resolution is not None:
            whole = [field.name for field in layer.fields if field.type == "integer"]
            assert sums_of(layer) == whole
