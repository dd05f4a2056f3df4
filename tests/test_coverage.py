"""How records of a body were placed."""

from __future__ import annotations

import geopandas as gpd
import h3
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geo_core.place.coverage import placed_counts
from geo_core.place.towns import town_of

A, B, C = "002001", "002002", "002003"
TOWNS = gpd.GeoDataFrame(
    {"cod_istat": [A, B, C]},
    geometry=[box(8, 45, 8.1, 45.1), box(8.1, 45, 8.2, 45.1), box(8.2, 45, 8.3, 45.1)],
    crs="EPSG:4326",
)
IN_A, IN_B = (h3.latlng_to_cell(45.05, lon, 8) for lon in (8.05, 8.15))
EMPTY = h3.latlng_to_cell(45.05, 8.25, 8)
OUTSIDE = h3.latlng_to_cell(45.05, 8.4, 8)
# Two of three residents of the cell in A are of B.
PEOPLE = pd.DataFrame(
    [(A, IN_A, 1), (B, IN_A, 2), (B, IN_B, 5), (C, EMPTY, 0)], columns=["cod_istat", "h3", "n"]
)
BODIES = pd.DataFrame({"id": ["X", "Y"], "comuni": [f"{A};{C}", B]})


def test_a_cell_counts_for_the_town_of_most_of_its_residents_or_the_nearest():
    found = town_of([IN_A, IN_B, EMPTY, OUTSIDE], PEOPLE, TOWNS)
    assert found == {IN_A: B, IN_B: B, EMPTY: C, OUTSIDE: C}


ROWS = st.lists(
    st.tuples(
        st.sampled_from((2022, 2023)),
        st.sampled_from((IN_A, IN_B, EMPTY, A, B, C, "002999")),
        st.integers(1, 9),
    ),
    max_size=10,
)


@settings(max_examples=40)
@given(st.lists(ROWS, min_size=1, max_size=3))
def test_everybody_in_a_body_is_counted_once_by_cell_or_by_town(tables):
    frames = [
        pd.DataFrame([(y, p, "FAM", n) for y, p, n in rows],
                     columns=["anno", "luogo", "categoria", "n"]).astype({"luogo": object})
        for rows in tables
    ]  # fmt: skip
    found = placed_counts(frames, BODIES, population=PEOPLE, municipalities=TOWNS)
    expected: dict[tuple[int, str, str], int] = {}
    body = {IN_A: "Y", IN_B: "Y", EMPTY: "X", A: "X", B: "Y", C: "X"}
    for year, place, n in (row for rows in tables for row in rows):
        if place in body:
            key = (year, body[place], "comune" if len(place) == 6 else "cella")
            expected[key] = expected.get(key, 0) + n
    assert found.set_index(["anno", "luogo", "categoria"])["n"].to_dict() == expected
