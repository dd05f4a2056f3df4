"""Levels that are coarser than every collection of a protected theme: made, written and read."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from disclose_district import (
    CATEGORIES,
    NEEDS,
    OPEN,
    POLICY,
    SERIES,
    districts,
    needs_of,
    residents_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.disclose import ledger
from geo_core.disclose.features import Basis, rows
from geo_core.disclose.protect import protect
from geo_core.disclose.sealed import Charged, finished
from geo_core.disclose.shape import publishable
from geo_core.formats import zone_table
from geo_core.model.accuracy import Accuracy
from geo_core.model.disclosure import Interval
from geo_core.model.tables import ProtectedTable

FAMILY = "bisogni_h3"
RESIDENTS = residents_of(8, 12_000)
COUNTS = needs_of(RESIDENTS, 1_200)
NUMBERS = [f"n_{c.lower()}" for c in CATEGORIES]
RATES = [name + end for name in POLICY.rates for end in ("", "_min", "_max")]
STATED = Accuracy(
    intervals=tuple(
        Interval(resolution=at, column=None, below=3, above=3, coverage=0.95, residents_from=0)
        for at in range(9)
    )
)


def run(private, *, layers=NEEDS, synthetic=True, new=True):
    prepared = protect(
        COUNTS,
        RESIDENTS,
        policy=POLICY,
        years=(2023,),
        charged=Charged("bisogni", synthetic),
        layers=layers,
        **OPEN | {"errors": lambda _shapes: STATED},
    )
    (found,) = finished(private, [prepared], new=lambda *_: new, say=lambda _: None, published=())
    return found


@pytest.fixture(scope="module")
def protected(tmp_path_factory):
    return run(tmp_path_factory.mktemp("vault") / "private", layers=(*NEEDS, SERIES))


@pytest.fixture(scope="module")
def levels(protected):
    return protected.coarser[FAMILY]


def test_every_level_above_the_coarsest_collection_has_rows_of_its_columns(levels):
    assert list(levels) == list(range(NEEDS[0].resolution))
    for table in (one.table for one in levels.values()):
        assert isinstance(table, ProtectedTable)
        assert table.layer == NEEDS[0]
        assert len(table.frame)


def test_no_level_loses_a_resident_or_a_cell(levels):
    for table in (one.table for one in levels.values()):
        assert table.frame["residenti"].sum() == RESIDENTS.sum()
        assert table.frame["celle"].sum() == len(RESIDENTS)
        assert table.frame["residenti"].min() >= POLICY.p_min


def test_rates_stand_where_an_interval_is_stated_and_nowhere_else(protected, levels):
    assert protected.table(NEEDS[0]).frame[RATES].notna().any(axis=None)
    for table in (one.table for one in levels.values()):
        assert table.frame[RATES].isna().all(axis=None)


def test_rows_of_a_level_are_unions_of_areas_of_the_coarsest_collection(protected, levels):
    finer = protected.table(NEEDS[0]).frame.set_index("id")
    for one in levels.values():
        assert sorted(p for parts in one.parts.values() for p in parts) == sorted(finer.index)
        for ident, shape, cells in one.table.frame[["id", "geometry", "celle"]].itertuples(
            index=False
        ):
            parts = finer.loc[list(one.parts[ident])]
            assert parts["celle"].sum() == cells
            assert parts.geometry.representative_point().within(shape).all()


def test_levels_cost_no_draw(tmp_path):
    run(tmp_path / "private")
    run(tmp_path / "private")
    assert len(ledger.read(tmp_path / "private")) == 1


def test_without_figures_levels_have_no_rows(tmp_path):
    made = run(tmp_path / "private", synthetic=False, new=False)
    assert [len(table.frame) for table in (one.table for one in made.coarser[FAMILY].values())] == [
        0
    ] * 6
    target = tmp_path / "zones.parquet"
    zone_table.write(made.coarser[FAMILY], target)
    assert zone_table.read(target) == {}


@settings(max_examples=40)
@given(people=districts(), data=st.data())
def test_levels_are_sums_of_numbers_before_bands_hide_any(people, data):
    shapes = publishable(people, POLICY)
    drawn = {c: data.draw(numbers(len(shapes.of(c).areas))) for c in CATEGORIES}
    basis = Basis(shapes, {2023: drawn}, POLICY, synthetic=True)
    for level in range(6):
        made = rows(NEEDS[0], level, basis, None)
        assert int(made["residenti"].sum()) == sum(people.values())
        for category, name in zip(CATEGORIES, NUMBERS, strict=True):
            whole, total = made[f"{name}_stato"], int(drawn[category].sum())
            assert (made[name].dropna() > POLICY.band_max).all()
            if "merged" not in set(whole):
                hidden = POLICY.band_max * int((whole == "band").sum())
                assert 0 <= total - int(made[name].sum()) <= hidden


def numbers(size: int) -> st.SearchStrategy[np.ndarray]:
    return st.lists(st.integers(0, 9), min_size=size, max_size=size).map(np.array)


def test_a_table_of_zones_is_read_as_it_was_written(levels, tmp_path):
    target = tmp_path / "zones.parquet"
    zone_table.write(levels, target)
    found = zone_table.read(target)
    assert list(found) == list(levels)
    for level, one in levels.items():
        frame = one.table.frame.sort_values("id").drop(columns="geometry")
        parts = found[level].pop("parti")
        assert parts == [sorted(one.parts[ident]) for ident in frame["id"]]
        assert list(found[level]) == list(frame.columns)
        for name, values in found[level].items():
            assert values == [None if pd.isna(v) else v for v in frame[name].tolist()]


def test_a_table_of_zones_has_one_order_and_the_same_bytes_twice(levels, tmp_path):
    shuffled = dict(reversed(levels.items()))
    for name, tables in (("a", levels), ("b", levels), ("c", shuffled)):
        zone_table.write(tables, tmp_path / name)
    assert len({(tmp_path / name).read_bytes() for name in "abc"}) == 1
    table = pq.read_table(tmp_path / "a")
    keys = list(zip(table["livello"].to_pylist(), table["id"].to_pylist(), strict=True))
    assert keys == sorted(keys)
    assert "geometry" not in table.column_names


def test_reading_needs_no_pandas(levels, tmp_path):
    target = tmp_path / "zones.parquet"
    zone_table.write(levels, target)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from geo_core.formats import zone_table\n"
        f"assert zone_table.read(Path({str(target)!r}))\n"
        "assert 'pandas' not in sys.modules and 'geopandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
