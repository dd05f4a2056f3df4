"""Points on cells: exactly those of the library, every point in a count or in a reason."""

from __future__ import annotations

from collections import Counter

import h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.ingest.tally import Tally
from geo_core.model import cells
from geo_core.place.counting import (
    NOT_A_NUMBER,
    OUT_OF_RANGE,
    UNNAMED,
    Counted,
    count_points,
    place,
    refusals,
)

type Point = tuple[float | None, float | None, str, str]

INSIDE = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
ANY = st.one_of(st.none(), st.floats(), st.floats(-200, 200))
POINTS = st.lists(
    st.tuples(
        st.one_of(st.floats(-180, 180), ANY),
        st.one_of(st.floats(-90, 90), ANY),
        st.sampled_from(["FAM", "DIS", "è"]),
        st.sampled_from(["2022-12", "2023-01"]),
    ),
    max_size=60,
)


KEYS = ("h3", "categoria", "mese")
# Two neighbours, a pentagon, and the far ends of the index.
CELLS = [
    "881f983851fffff",
    "881f983853fffff",
    "880800000dfffff",
    "8800000001fffff",
    "88f3b4b6d9fffff",
]


def batches(points: list[Point], size: int) -> list[pa.RecordBatch]:
    columns = {
        "lon": ([p[0] for p in points], pa.float64()),
        "lat": ([p[1] for p in points], pa.float64()),
        "categoria": ([p[2] for p in points], pa.string()),
        "mese": ([p[3] for p in points], pa.string()),
    }
    table = pa.table({name: pa.array(*given_) for name, given_ in columns.items()})
    return table.to_batches(max_chunksize=size)


def by_hand(points: list[Point]) -> dict[tuple[str, str, str], int]:
    return Counter(
        (h3.latlng_to_cell(lat, lon, 8), category, month)
        for lon, lat, category, month in points
        if lon is not None and lat is not None and abs(lon) <= 180 and abs(lat) <= 90
    )


def as_dict(found: Counted) -> dict[tuple[str, str, str], int]:
    rows = found.counts.to_pylist()
    return {(r["h3"], r["categoria"], r["mese"]): r["n"] for r in rows}


@given(st.lists(INSIDE, max_size=50), st.integers(0, 15))
def test_every_cell_is_that_of_the_library(points: list[tuple[float, float]], res: int) -> None:
    lon, lat = np.array(points, dtype=float).reshape(-1, 2).T
    expected = [h3.str_to_int(h3.latlng_to_cell(y, x, res)) for x, y in points]
    assert place(lon, lat, res=res).tolist() == expected


@pytest.mark.parametrize("cell", ["881f983851fffff", "88754e6499fffff", "880326233bfffff"])
def test_a_point_on_an_edge_or_a_corner_has_the_cell_of_the_library(cell: str) -> None:
    """An edge belongs to one cell only, which one is the library's business."""
    outline = [(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]
    ends = zip(outline, [*outline[1:], outline[0]], strict=True)
    middles = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in ends]
    points = np.array([*outline, *middles])
    expected = [h3.str_to_int(h3.latlng_to_cell(y, x, 8)) for x, y in points.tolist()]
    assert place(points[:, 0], points[:, 1]).tolist() == expected


@given(POINTS, st.integers(1, 70))
def test_every_point_is_counted_once_or_refused(points: list[Point], size: int) -> None:
    found = count_points(batches(points, size))
    assert as_dict(found) == by_hand(points)
    assert found.points == len(points)
    assert sum(found.counts["n"].to_pylist()) + sum(found.refused.values()) == len(points)


@given(POINTS, st.randoms(use_true_random=False))
def test_neither_order_nor_batches_change_a_count(points: list[Point], random: object) -> None:
    shuffled = list(points)
    random.shuffle(shuffled)
    whole = count_points(batches(points, 100))
    assert count_points(batches(shuffled, 3)).counts.equals(whole.counts)


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        (None, 45.0, NOT_A_NUMBER),
        (8.0, float("nan"), NOT_A_NUMBER),
        (float("inf"), 45.0, NOT_A_NUMBER),
        (180.1, 45.0, OUT_OF_RANGE),
        (8.0, -90.5, OUT_OF_RANGE),
        (8.0, 4532.1, OUT_OF_RANGE),
    ],
)
def test_a_point_without_a_cell_is_counted_by_reason(
    lon: float | None, lat: float | None, reason: str
) -> None:
    found = count_points(batches([(lon, lat, "FAM", "2023-01"), (8.4, 45.3, "FAM", "2023-01")], 9))
    assert found.refused == {NOT_A_NUMBER: 0, OUT_OF_RANGE: 0, UNNAMED: 0} | {reason: 1}
    assert found.counts["n"].to_pylist() == [1]


@pytest.mark.parametrize("lon", [8.4, None])
def test_a_point_has_one_reason_only(lon: float | None) -> None:
    (batch,) = batches([(lon, 45.3, "FAM", "2023-01")], 9)
    for name in ("categoria", "mese"):
        position = batch.schema.get_field_index(name)
        batch = batch.set_column(position, name, pa.nulls(1, pa.string()))
    assert sum(count_points([batch]).refused.values()) == 1


def test_the_ends_of_the_range_are_places() -> None:
    lon, lat = np.array([-180.0, 180.0, 0.0, 0.0]), np.array([0.0, 0.0, 90.0, -90.0])
    assert not any(where.any() for where in refusals(lon, lat).values())


def test_negative_longitudes_are_west_of_greenwich() -> None:
    found = count_points(batches([(-8.4, 45.3, "FAM", "2023-01")], 9))
    assert found.counts["h3"].to_pylist() == [cells.at(45.3, -8.4, cells.LEAF)]


def test_progress_names_the_points_so_far() -> None:
    said: list[int] = []
    points: list[Point] = [(8.4, 45.3, "FAM", "2023-01")] * 10
    count_points(batches(points, 4), progress=said.append)
    assert said == [4, 8, 10]


def test_dictionaries_of_text_count_like_text() -> None:
    (batch,) = batches([(8.4, 45.3, "FAM", "2023-01"), (8.4, 45.3, "DIS", "2023-01")], 9)
    coded = batch.set_column(2, "categoria", batch["categoria"].dictionary_encode())
    assert count_points([coded]).counts.equals(count_points([batch]).counts)


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(CELLS), st.sampled_from("abc"), st.sampled_from("xyz"),
                st.integers(1, 50),
            ),
            max_size=8,
        ),
        max_size=8,
    ),
    st.sampled_from([0, 3, 1000]),
)  # fmt: skip
def test_a_tally_sums_whatever_comes_in_batches(
    parts: list[list[tuple[str, str, str, int]]], merge_at: int
) -> None:
    tally, expected = Tally(KEYS), Counter[tuple[str, str, str]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geo_core.ingest.tally._MERGE_AT", merge_at)
        for part in parts:
            tally.add(
                pa.array([r[0] for r in part], pa.string()),
                pa.array([r[1] for r in part], pa.string()),
                pa.array([r[2] for r in part], pa.string()),
                np.array([r[3] for r in part], np.int64),
            )
            expected.update(Counter({r[:3]: 0 for r in part}))
            for cell, category, month, n in part:
                expected[cell, category, month] += n
    rows = tally.counts().to_pylist()
    assert {(r["h3"], r["categoria"], r["mese"]): r["n"] for r in rows} == dict(expected)
    assert [(r["h3"], r["categoria"], r["mese"]) for r in rows] == sorted(expected)
    assert tally.total == expected.total()


def test_a_tally_says_when_there_are_too_many_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_core.ingest.tally.MOST", (9, 2, 9))
    three = pa.array(["a", "b", "c"])
    with pytest.raises(ValueError, match="more than 2"):
        Tally(KEYS).add(three, three, three)


def test_nothing_counts_to_nothing() -> None:
    assert count_points([]).counts.num_rows == 0
