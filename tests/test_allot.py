"""Records that know only their municipality: where they go, and that none is lost."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.errors import IngestError
from geo_core.place.allot import allot

CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(45.45, 8.35, 8), 2))
TOWNS = ("002001", "002158")
KEYS = ["anno", "luogo", "categoria"]


def residents(numbers: list[int]) -> pd.DataFrame:
    """Half of the cells in each town; the middle one in both."""
    half = len(CELLS) // 2
    rows = [(TOWNS[0], c, n) for c, n in zip(CELLS[: half + 1], numbers, strict=False)]
    rows += [(TOWNS[1], c, n) for c, n in zip(CELLS[half:], numbers[::-1], strict=False)]
    return pd.DataFrame(rows, columns=["cod_istat", "h3", "n"])


def counts(rows: list[tuple[int, str, str, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*KEYS, "n"])
    return frame.astype({"anno": "int64", "n": "int64", "luogo": object, "categoria": object})


PEOPLE = st.lists(st.integers(0, 50), min_size=10, max_size=10).filter(lambda n: n[0] > 0)
ROWS = st.lists(
    st.tuples(
        st.sampled_from((2022, 2023)),
        st.sampled_from((*TOWNS, CELLS[0], CELLS[-1])),
        st.sampled_from(("FAM", "ANZ")),
        st.integers(1, 30),
    ),
    max_size=12,
)


@settings(max_examples=30)
@given(ROWS, PEOPLE)
def test_totals_are_kept_by_year_municipality_and_category(rows, numbers):
    given_, people = counts(rows), residents(numbers)
    out = allot(given_, people)
    for year in (2022, 2023):
        for category in ("FAM", "ANZ"):
            chosen = [
                f[(f["anno"] == year) & (f["categoria"] == category)] for f in (given_, out.counts)
            ]
            assert chosen[0]["n"].sum() == chosen[1]["n"].sum()
    placed = given_[given_["luogo"].str.len() > 6]
    for town in TOWNS:
        only = counts([r for r in rows if r[1] == town])
        inhabited = people[(people["cod_istat"] == town) & (people["n"] > 0)]["h3"]
        assert set(allot(only, people).counts["luogo"]) <= set(inhabited)
    assert out.by_municipality["n"].sum() == given_["n"].sum() - placed["n"].sum()
    assert not out.counts.duplicated(KEYS).any()
    assert (out.counts["n"] > 0).all()


@settings(max_examples=30)
@given(ROWS, PEOPLE, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_splitting_of_rows_matters(rows, numbers, random):
    split = [(y, p, c, 1) for y, p, c, n in rows for _ in range(n)]
    random.shuffle(split)
    people = residents(numbers)
    ours, theirs = allot(counts(rows), people), allot(counts(split), people.sample(frac=1))
    pd.testing.assert_frame_equal(ours.counts, theirs.counts)
    pd.testing.assert_frame_equal(ours.by_municipality, theirs.by_municipality)


@settings(max_examples=30)
@given(ROWS, PEOPLE, st.sampled_from(TOWNS), st.sampled_from(("FAM", "ANZ")))
def test_one_person_more_is_one_record_more_and_nobody_moves(rows, numbers, town, category):
    """What disclosure control promises for the counts must hold for the records."""
    people = residents(numbers)
    before = allot(counts(rows), people).counts.set_index(KEYS)["n"]
    after = allot(counts([*rows, (2023, town, category, 1)]), people).counts.set_index(KEYS)["n"]
    change = after.sub(before, fill_value=0)
    assert change.sum() == change.abs().sum() == 1


def test_cells_are_hit_in_proportion_to_their_residents():
    """Pearson's statistic over 9 cells stays below the 0.999999 quantile of its distribution."""
    people = residents([1, 2, 3, 4, 5, 10, 20, 40, 80, 0])
    out = allot(counts([(2023, TOWNS[0], f"C{i}", 100) for i in range(200)]), people).counts
    own = people[people["cod_istat"] == TOWNS[0]].set_index("h3")["n"]
    expected = 20_000 * own[own > 0] / own.sum()
    found = out.groupby("luogo")["n"].sum().reindex(expected.index, fill_value=0)
    assert np.sum((found - expected) ** 2 / expected) < 43.0


def test_every_resident_can_be_drawn():
    people = pd.DataFrame({"cod_istat": TOWNS[0], "h3": CELLS[:2], "n": 1})
    out = allot(counts([(2023, TOWNS[0], "FAM", 100)]), people).counts
    assert set(out["luogo"]) == set(CELLS[:2])


def test_categories_do_not_share_their_draws():
    people = residents([5] * 10)
    out = allot(counts([(2023, TOWNS[0], c, 20) for c in ("FAM", "ANZ")]), people).counts
    by = {c: f.set_index("luogo")["n"].to_dict() for c, f in out.groupby("categoria")}
    assert by["FAM"] != by["ANZ"]


def test_a_municipality_without_residents_is_refused_and_not_named():
    with pytest.raises(IngestError, match="1 municipalities") as caught:
        allot(counts([(2023, "002999", "FAM", 1)]), residents([1] * 10))
    assert "002999" not in str(caught.value)


def test_without_records_there_is_nothing():
    out = allot(counts([]), residents([1] * 10))
    assert list(out.counts.columns) == [*KEYS, "n"]
    assert not len(out.counts)
    assert not len(out.by_municipality)
