"""Ways over a road network: by hand, and against the shortest of all ways."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.place.network import network, snapped, to_office

NONE = np.nan


def lines(*coordinates: list[tuple[float, float]]) -> np.ndarray:
    made = np.empty(len(coordinates), dtype=object)
    made[:] = [shapely.LineString(line) for line in coordinates]
    return made


def both(n: int) -> np.ndarray:
    return np.zeros(n, dtype=np.int64)


def test_lines_meet_where_they_share_a_vertex_in_the_middle_too():
    roads = lines([(8, 45), (8.1, 45), (8.2, 45)], [(8.1, 45), (8.1, 45.1)])
    made = network(roads, np.full(2, NONE), np.array([20.0, 7]), both(2))
    at, gap = snapped(made, np.array([[8.2, 45], [8.1, 45.1], [8, 45]]))
    assert gap == pytest.approx([0, 0, 0], abs=1e-9)
    route = to_office(made, int(at[1]), at, longest=60)
    assert route.minutes == pytest.approx([17, 0, 17])
    assert route.km == pytest.approx([7.863 + 11.119, 0, 7.863 + 11.119], abs=0.002)


def test_speed_and_length_give_minutes():
    made = network(lines([(8, 45), (8, 46)]), np.array([60.0]), np.array([NONE]), both(1))
    route = to_office(made, 0, np.array([0, 1]), longest=200)
    assert route.minutes == pytest.approx([0, 111.195], abs=0.01)
    assert route.km == pytest.approx([0, 111.195], abs=0.01)


def test_a_one_way_is_driven_along_the_line_only():
    square = lines([(8, 45), (8.1, 45)], [(8.1, 45), (8.1, 45.1)], [(8.1, 45.1), (8, 45)])
    made = network(square, np.full(3, NONE), np.array([5.0, 6, 7]), np.array([1, 1, 1]))
    at, _ = snapped(made, np.array([[8, 45], [8.1, 45]]))
    assert to_office(made, int(at[1]), at[:1], longest=60).minutes == pytest.approx([5])
    assert to_office(made, int(at[0]), at[1:], longest=60).minutes == pytest.approx([13])
    back = network(square, np.full(3, NONE), np.array([5.0, 6, 7]), np.array([-1, -1, -1]))
    assert to_office(back, int(at[1]), at[:1], longest=60).minutes == pytest.approx([13])


def test_the_faster_of_two_roads_between_the_same_points_counts():
    twice = lines([(8, 45), (8.1, 45)], [(8.1, 45), (8, 45)])
    made = network(twice, np.full(2, NONE), np.array([9.0, 4]), both(2))
    assert to_office(made, 0, np.array([1]), longest=60).minutes == pytest.approx([4])


def test_what_hangs_together_least_is_left_out():
    roads = lines([(8, 45), (8.1, 45), (8.2, 45)], [(9, 45), (9.1, 45)])
    made = network(roads, np.full(2, NONE), np.array([20.0, 7]), both(2))
    assert made.parts == 1
    assert made.left_km == pytest.approx(2 * 7.863, abs=0.002)
    _, gap = snapped(made, np.array([[9.0, 45]]))
    assert gap[0] > 60


def test_beyond_the_longest_time_there_is_no_way():
    made = network(lines([(8, 45), (8.1, 45)]), np.array([NONE]), np.array([30.0]), both(1))
    route = to_office(made, 0, np.array([0, 1]), longest=29)
    assert route.minutes.tolist() == [0, np.inf]


POINTS = [(8 + x / 100, 45 + y / 100) for x in range(3) for y in range(3)]
EDGES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 30), st.integers(-1, 1)).filter(
        lambda edge: edge[0] != edge[1]
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(edges=EDGES)
def test_no_way_is_shorter(edges: list[tuple[int, int, int, int]]):
    roads = lines(*([POINTS[a], POINTS[b]] for a, b, _, _ in edges))
    minutes = np.array([float(m) for _, _, m, _ in edges])
    ways = np.array([w for *_, w in edges])
    made = network(roads, np.full(len(edges), NONE), minutes, ways)
    best = np.full((9, 9), np.inf)
    np.fill_diagonal(best, 0)
    for a, b, took, way in edges:
        for start, end, goes in ((a, b, way >= 0), (b, a, way <= 0)):
            if goes:
                best[start, end] = min(best[start, end], took)
    for k in range(9):
        best = np.minimum(best, best[:, [k]] + best[[k], :])
    kept, gap = snapped(made, np.array(POINTS))
    inside = [i for i in range(9) if gap[i] < 1e-6]
    for to in inside:
        route = to_office(made, int(kept[to]), kept[inside], longest=1e9)
        assert route.minutes == pytest.approx(best[inside, to], abs=1e-5)
        straight = to_office(made, int(kept[to]), kept[inside], longest=1e9).km
        assert (straight >= 0).all()
