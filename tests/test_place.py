"""Placing residents and supply on hexagons: nobody and nothing is lost on the way up."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.model.cells import LEAF, SUPPLY, at, parent, resolution
from geo_core.place import areas, population, supply

LON = st.floats(7.8, 8.6)
LAT = st.floats(45.1, 46.0)
FEW = settings(max_examples=30, deadline=None)
POINTS = st.lists(st.tuples(LON, LAT), min_size=1, max_size=30)


def people(points, ages) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "h3": [at(lat, lon, LEAF) for lon, lat in points],
            "eta": ages[: len(points)],
            "sesso": "F",
            "n": 1,
        }
    )


@FEW
@given(POINTS, st.lists(st.integers(0, 100), min_size=30, max_size=30), st.integers(0, LEAF))
def test_residents_are_conserved_at_every_resolution_and_age(points, ages, res):
    rows = people(points, ages)
    table = population.ages_by(rows, "h3")
    coarse = population.coarsen(table, res)
    assert coarse.to_numpy().sum() == len(points)
    assert (coarse.sum() == table.sum()).all()
    assert {resolution(c) for c in coarse.index} == {res}
    bands = population.bands(coarse)
    assert (bands[list(population.BANDS)].sum(axis=1) == bands["pop"]).all()


@FEW
@given(POINTS, st.lists(st.integers(0, 100), min_size=30, max_size=30), st.randoms())
def test_the_order_of_rows_changes_nothing(points, ages, random):
    rows = people(points, ages)
    order = list(range(len(rows)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(
        population.ages_by(rows, "h3"), population.ages_by(rows.iloc[order], "h3")
    )


def offices(points, *, reserved: list[bool], places: list[int | None]) -> gpd.GeoDataFrame:
    n = len(points)
    return gpd.GeoDataFrame(
        {
            "servizi": ["S1;S2" if i % 2 else None for i in range(n)],
            "posti": places[:n],
            "posti_liberi": [None] * n,
            "riservata": reserved[:n],
            "dato_sintetico": [i % 2 == 0 for i in range(n)],
        },
        geometry=gpd.GeoSeries(
            [
                None if secret else shapely.Point(p)
                for p, secret in zip(points, reserved, strict=False)
            ],
            crs=areas.WGS84,
        ),
    )


SERVICES = pd.DataFrame(
    {
        "id": ["S1", "S2"],
        "tipo_servizio": ["nido", "mensa_sociale"],
        "dato_sintetico": [False, True],
    }
)


def offers(points) -> gpd.GeoDataFrame:
    """Place one real opportunity at each point."""
    return gpd.GeoDataFrame(
        {"dato_sintetico": [False] * len(points)}, geometry=[shapely.Point(p) for p in points]
    )


@FEW
@given(
    POINTS,
    st.lists(st.booleans(), min_size=30, max_size=30),
    st.lists(st.none() | st.integers(0, 90), min_size=30, max_size=30),
    st.integers(0, SUPPLY),
)
def test_supply_equals_the_points_that_are_not_reserved(points, reserved, places, res):
    given_offices = offices(points, reserved=reserved, places=places)
    placed = supply.supply(given_offices, SERVICES, offers(points), types=["nido"])
    out = supply.coarsen(placed, res=res, residents=pd.Series(dtype=int))
    shown = given_offices[~given_offices["riservata"]]
    with_services = int(shown["servizi"].notna().sum())
    assert out["sedi"].sum() == len(shown)
    assert out["servizi"].sum() == 2 * with_services
    assert out["s_nido"].sum() == with_services
    assert out["opportunita"].sum() == len(points)
    assert out["posti"].sum() == sum(int(n) for n in shown["posti"] if not pd.isna(n))
    assert out["posti_ignoti"].sum() == shown["posti"].isna().sum()
    # Of the two services of an office one is invented.
    assert out["inventati"].sum() == int(shown["dato_sintetico"].sum()) + with_services
    assert out["sedi_10000"].isna().all()


def test_a_reserved_office_counts_nowhere_even_with_a_position():
    at_home = offices([(8.42, 45.32)], reserved=[False], places=[30]).assign(riservata=True)
    placed = supply.supply(at_home, SERVICES, offers([(8.42, 45.32)]), types=["nido"])
    assert placed[["sedi", "servizi", "posti", "posti_ignoti", "s_nido"]].to_numpy().sum() == 0


def test_rates_are_per_ten_thousand_residents():
    cell = parent(at(45.32, 8.42, SUPPLY), 7)
    placed = supply.supply(
        offices([(8.42, 45.32)], reserved=[False], places=[30]),
        SERVICES,
        offers([]),
        types=[],
    )
    out = supply.coarsen(placed, res=7, residents=pd.Series({cell: 4_000}))
    assert out.loc[cell, ["residenti", "sedi_10000", "posti_10000"]].tolist() == [4_000, 2.5, 75]


def test_municipal_areas_are_measured_in_metres():
    square = gpd.GeoDataFrame(
        {"cod_istat": ["002001"]}, geometry=[shapely.box(400_000, 5_000_000, 402_000, 5_003_000)]
    ).set_crs(areas.METRIC)
    out = areas.municipalities(
        square.to_crs(areas.WGS84),
        now=pd.Series({"002001": 90}),
        before=pd.Series({"002001": 100}),
        year=2023,
    )
    assert out["sup_km2"].tolist() == [6]
    assert out["densita_km2"].tolist() == [15]
    assert out[["pop", "pop_precedente"]].to_numpy().tolist() == [[90, 100]]


@FEW
@given(POINTS, st.integers(0, 9))
def test_hexagons_are_their_cells(points, res):
    cells = sorted({at(lat, lon, res) for lon, lat in points})
    drawn = areas.hexagons(cells)
    assert drawn["h3"].tolist() == cells
    assert drawn.is_valid.all()
    centres = shapely.get_coordinates(shapely.centroid(drawn.geometry.to_numpy()))
    assert [at(lat, lon, res) for lon, lat in centres] == cells
    assert np.isfinite(drawn.total_bounds).all()


def test_the_method_of_a_cell_is_that_of_most_of_its_residents():
    cell, other = at(45.3, 8.4, LEAF), at(45.7, 8.2, LEAF)
    rows = pd.DataFrame(
        {
            "h3": [cell, cell, cell, other],
            "n": [3, 2, 2, 1],
            "metodo": ["areale", "dasimetrico", "dasimetrico", None],
        }
    )
    assert population.method(rows, LEAF, otherwise="sintetico").to_dict() == {
        cell: "dasimetrico",
        other: "sintetico",
    }
    up = population.method(rows, 0, otherwise="areale")
    assert up.to_dict() == {parent(cell, 0): "areale"}
