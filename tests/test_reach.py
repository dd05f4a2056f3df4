"""What is in reach of cells: by hand, by any table of times, and never a reserved office."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.indicators.reach import DECIMALS, PER_USER, by_unit, coarsen, reach, told_of
from geo_core.indicators.travel import GivenTimes, travel
from geo_core.model.indicator import Accessibility

HOME = h3.latlng_to_cell(45.32, 8.42, 8)
CELLS = sorted(h3.grid_disk(HOME, 4))
SERVICES = pd.DataFrame({
    "id": ["S1", "S2"],
    "tipo_servizio": ["nido", "sportello_sociale"],
})  # fmt: skip
HOW = Accessibility.model_validate({
    "detour": 1.4,
    "speed_kmh": 40,
    "zones": [{"minutes": 10, "weight": 1}, {"minutes": 30, "weight": 0.5}],
    "services": {
        "nido": {"ages": [0, 2]},
        "sportello_sociale": {"ages": [0, 100]},
        "sabato": {"ages": [0, 100], "kind": "sportello_sociale", "open_at": "Sa 10:00"},
        "mensa": {"ages": [0, 100]},
    },
})  # fmt: skip
NO_TIMES = pd.DataFrame(columns=["h3", "id_sede", "minuti", "km", "metodo"])


def people(numbers: Sequence[int], cells: Sequence[str] = CELLS) -> pd.DataFrame:
    """Give each cell some children (a third) and adults."""
    ages = pd.DataFrame(0, index=pd.Index(cells[: len(numbers)], name="h3"), columns=range(101))
    ages[1] = [n // 3 for n in numbers]
    ages[40] = [n - n // 3 for n in numbers]
    return ages


def office(ident: str, cell: str, **said: object) -> dict[str, object]:
    lat, lon = h3.cell_to_latlng(cell)
    usual = {"servizi": "S1;S2", "posti": 10, "orari": "Mo-Sa 08:00-18:00", "riservata": False}
    return {"id": ident, **usual, **said, "geometry": shapely.Point(lon, lat)}


def offices(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    columns = ["id", "servizi", "posti", "orari", "riservata", "geometry"]
    frame = pd.DataFrame(list(rows), columns=columns)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=4326)


def times(*rows: tuple[str, str, float], km: float = np.nan) -> pd.DataFrame:
    return pd.DataFrame(
        [(cell, ident, minutes, km, "a piedi") for cell, ident, minutes in rows],
        columns=NO_TIMES.columns,
    )


def found(
    ages: pd.DataFrame, at: gpd.GeoDataFrame, minutes: pd.DataFrame = NO_TIMES
) -> pd.DataFrame:
    return reach(ages, at, SERVICES, how=HOW, travel=travel(ages.index, minutes, HOW))


def test_the_nearest_office_and_what_it_offers():
    ages = people([300, 30])
    near, far = CELLS[:2]
    rows = found(ages, offices(office("B", near, posti=30), office("A", far, servizi="S2")))
    here = rows.loc[near]
    assert (here["min_nido"], here["km_nido"], here["sede_nido"]) == (0, 0, "B")
    assert here["a2sfca_nido"] == pytest.approx(1000 * 30 / 110, abs=0.005)
    assert (here["utenti_nido"], here["entro15_nido"], here["stato_nido"]) == (
        100, 100, "published",
    )  # fmt: skip
    assert rows.loc[far, "sede_sportello_sociale"] == "A"
    assert rows.loc[near, "sede_sportello_sociale"] == "B"
    told = here["metodo_costo"]
    assert told.startswith("linea d'aria")
    assert "1,4, 40 km/h; sabato: solo sedi aperte Sa 10:00" in told
    assert "sabato" not in told_of(told, HOW, ["nido", "sportello_sociale"])
    assert told_of(told, HOW, ["nido", "sabato"]) == told


def test_what_cannot_be_is_missing_and_says_why():
    unknown = offices(office("A", CELLS[0], posti=np.nan))
    row = found(people([9]), unknown).iloc[0]
    assert (row["stato_nido"], row["min_nido"]) == ("no-places", 0)
    assert np.isnan(row["a2sfca_nido"])
    assert row["stato_mensa"] == "no-office"
    assert row[["min_mensa", "km_mensa", "sede_mensa", "entro15_mensa"]].isna().all()
    far = found(people([9]), unknown, times((CELLS[5], "A", 3))).iloc[0]
    assert far["stato_nido"] == "unreachable"
    assert far[["min_nido", "km_nido", "sede_nido"]].isna().all()
    assert far["entro30_nido"] == 0


def test_only_offices_open_when_asked_count():
    at = offices(
        office("A", CELLS[0], orari="Mo-Fr 09:00-12:30"),
        office("B", CELLS[1], orari=None),
        office("C", CELLS[2]),
    )
    row = found(people([9, 9, 9]), at).iloc[0]
    assert (row["sede_sportello_sociale"], row["sede_sabato"]) == ("A", "C")


def test_who_is_exactly_at_a_limit_is_within_it():
    ages, at = people([9, 9, 9]), offices(office("A", CELLS[0]))
    given_times = times((CELLS[0], "A", 15), (CELLS[1], "A", 30), (CELLS[2], "A", 30.1))
    rows = found(ages, at, given_times)
    assert rows["entro15_sportello_sociale"].tolist() == [100, 0, 0]
    assert rows["entro30_sportello_sociale"].tolist() == [100, 100, 0]
    assert (rows["a2sfca_nido"] > 0).tolist() == [True, True, False]


def test_given_times_replace_straight_lines_and_holes_are_unreachable():
    ages = people([30, 60, 90])
    at = offices(office("A", CELLS[0]), office("B", CELLS[1]))
    given_times = times((CELLS[0], "B", 7), (CELLS[1], "A", 40), (CELLS[1], "B", 12))
    rows = found(ages, at, given_times)
    assert rows["sede_nido"].fillna("").tolist() == ["B", "B", ""]
    assert rows["min_nido"].tolist()[:2] == [7, 12]
    assert rows["km_nido"].isna().all()
    assert rows["entro15_nido"].tolist() == [100, 100, 0]
    assert set(rows["metodo_costo"].str.partition(";")[0]) == {"a piedi"}
    # B: 10 places for the 10 + 20 children that reach it.
    assert rows["a2sfca_nido"].tolist() == [333.33, 333.33, 0]
    # E2SFCA: weights 1 and 0.5.
    assert rows["ae2sfca_nido"].tolist() == [500, 250, 0]
    assert rows["ab2sfca_nido"].tolist() == [333.33, 333.33, 0]
    known = travel(ages.index, given_times, HOW)
    assert isinstance(known, GivenTimes)
    assert known.untimed(pd.DataFrame({"id": ["A", "B", "C"]})) == (1, 1)


def test_a_row_of_a_coarse_cell_stands_for_every_cell_in_it_without_one():
    above = h3.cell_to_parent(CELLS[0], 7)
    children = sorted(h3.cell_to_children(above, 8))
    rows = found(
        people([9, 9], children),
        offices(office("A", children[0])),
        times((above, "A", 5), (children[1], "A", 9)),
    )
    assert rows["min_nido"].tolist() == [5, 9]


COUNTS = st.lists(st.integers(1, 400), min_size=2, max_size=len(CELLS))
PLACES = st.lists(
    st.tuples(st.integers(0, len(CELLS) - 1), st.integers(0, 60), st.booleans()),
    min_size=1,
    max_size=6,
)


def _drawn(places: Sequence[tuple[int, int, bool]]) -> gpd.GeoDataFrame:
    return offices(
        *(
            office(f"O{i}", CELLS[at], posti=n, riservata=hidden)
            for i, (at, n, hidden) in enumerate(places)
        )
    )


@settings(max_examples=30, deadline=None)
@given(counts=COUNTS, places=PLACES)
def test_a_reserved_office_is_in_no_figure(counts: list[int], places: list[tuple[int, int, bool]]):
    every = _drawn(places)
    shown = every[~every["riservata"].astype(bool)]
    pd.testing.assert_frame_equal(found(people(counts), every), found(people(counts), shown))
    # Not even where a table of times names it.
    pairs = times(*((cell, ident, 5) for cell in CELLS for ident in every["id"]))
    public = pairs[pairs["id_sede"].isin(shown["id"])]
    if len(public):
        one, other = (found(people(counts), every, table) for table in (pairs, public))
        pd.testing.assert_frame_equal(one, other)


@settings(max_examples=30, deadline=None)
@given(counts=COUNTS, places=PLACES, res=st.sampled_from([8, 7, 6]))
def test_places_are_shared_out_at_every_resolution(
    counts: list[int], places: list[tuple[int, int, bool]], res: int
):
    at = _drawn([(cell, n, False) for cell, n, _ in places])
    ages = people([3 * n for n in counts])
    rows = coarsen(found(ages, at), res)
    assert rows["residenti"].sum() == 3 * sum(counts)
    for figure in PER_USER:
        shared = (rows["utenti_nido"] * rows[f"{figure}_nido"]).sum() / 1000
        rounding = rows["utenti_nido"].sum() * 10 ** -DECIMALS[figure] / 1000
        assert shared == pytest.approx(at["posti"].sum(), abs=rounding + 1e-9)


def test_coarser_rows_are_means_over_residents_and_name_the_office_of_most():
    above = h3.cell_to_parent(CELLS[0], 7)
    children = sorted(h3.cell_to_children(above, 8))[:3]
    ages = people([100, 300, 600], children)
    table = times((children[0], "A", 10), (children[1], "B", 20))
    rows = found(ages, offices(office("A", children[0]), office("B", children[1])), table)
    coarse = coarsen(rows, 7).loc[above]
    assert coarse["min_nido"] == pytest.approx(17.5)  # of those who reach one
    assert coarse["entro15_nido"] == 10
    assert coarse["entro30_nido"] == 40
    assert (coarse["sede_nido"], coarse["stato_nido"]) == ("B", "published")
    assert coarse["residenti"] == 1000


def test_a_cell_without_users_has_places_in_reach_and_a_larger_hexagon_without_any_has_not():
    above = h3.cell_to_parent(CELLS[0], 7)
    children = sorted(h3.cell_to_children(above, 8))[:2]
    ages = people([9, 2], children)
    rows = found(ages, offices(office("A", children[0])))
    empty = rows["utenti_nido"] == 0
    assert empty.sum() == 1
    assert coarsen(rows, 8).loc[empty, "a2sfca_nido"].notna().all()
    nobody = rows[empty]
    assert coarsen(nobody, 7)["a2sfca_nido"].isna().all()
    assert coarsen(nobody, 7)["min_nido"].notna().all()


def test_units_have_means_over_their_residents():
    cells = CELLS[:2]
    table = times((cells[0], "A", 10), (cells[1], "A", 20))
    rows = found(people([100, 300], cells), offices(office("A", cells[0])), table)
    lived = pd.DataFrame({
        "h3": [cells[0], cells[0], cells[1], CELLS[9]],
        "cod_istat": ["002001", "002002", "002002", "002003"],
        "n": [60, 40, 300, 7],
    })  # fmt: skip
    units = by_unit(rows, lived, "cod_istat")
    assert units.index.tolist() == ["002001", "002002"]
    assert units["entro15_nido"].tolist() == pytest.approx([100, 100 * 40 / 340])
    assert units["residenti"].tolist() == [60, 340]
    assert units.loc["002002", "min_nido"] == pytest.approx((40 * 10 + 300 * 20) / 340)


def test_the_order_of_offices_changes_nothing():
    at = offices(*(office(f"O{i}", CELLS[0], posti=i) for i in range(4)))
    one = found(people([30, 60]), at)
    other = found(people([30, 60]), at.iloc[::-1])
    pd.testing.assert_frame_equal(one, other)
    assert set(one["sede_nido"]) == {"O0"}
