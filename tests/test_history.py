"""What became of an abolished code: found where the list leaves no choice, else not at all."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.ingest.history import abolished, check_history, condensed, current, published

FILE = Path("comuni_storia.csv")


def history(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["cod_istat", "denominazione", "dal", "al"], dtype=object)
    frame.index += 2
    checked = check_history(FILE, condensed(frame).rows)
    assert checked.problems == ()
    return checked.frame


MERGER = (
    ("002001", "ALFA", "1950-01-01", "2018-01-01"),
    ("002001", "ALFA", "2018-01-01", "2018-01-01"),
    ("002002", "BETA", "1950-01-01", "2018-01-01"),
    ("002003", "ALFA CON BETA", "2018-01-01", "9999-12-31"),
    ("002003", "ALFA CON BETA", "2018-01-01", "9999-12-31"),
    ("002004", "GAMMA", "1950-01-01", ""),
)


def test_repeated_rows_count_as_parts_and_rows_of_no_day_are_left_out():
    rows = history(*MERGER)
    assert len(rows) == 4
    assert rows.set_index("cod_istat")["parti"].to_dict()["002003"] == 2
    gone = abolished(rows)
    assert {code: end.successor for code, end in gone.items()} == {
        "002001": "002003",
        "002002": "002003",
    }


def test_two_mergers_on_one_day_are_told_apart_by_name_or_not_at_all():
    rows = history(
        *MERGER,
        ("002005", "DELTA", "1950-01-01", "2018-01-01"),
        ("002006", "EPSILON", "1950-01-01", "2018-01-01"),
        ("002007", "OMEGA", "2018-01-01", ""),
        ("002007", "OMEGA", "2018-01-01", ""),
        ("002008", "ZETA", "2018-01-01", ""),
    )
    gone = abolished(rows)
    assert gone["002001"].successor == "002003"
    assert gone["002005"].successor is gone["002006"].successor is None
    assert current("002005", gone) is None


def test_no_code_takes_more_parts_than_its_row_says():
    rows = history(*MERGER, ("002005", "DELTA", "1950-01-01", "2018-01-01"))
    assert abolished(rows)["002005"].successor is None


def test_a_chain_of_successors_is_followed_to_today():
    rows = history(
        ("002001", "ALFA", "1950-01-01", "1990-01-01"),
        ("002002", "ALFA NUOVA", "1990-01-01", "2010-01-01"),
        ("002003", "ALFA NUOVA E ALTRA", "2010-01-01", ""),
    )
    assert current("002001", abolished(rows)) == "002003"
    assert current("002003", abolished(rows)) == "002003"


def test_a_code_valid_twice_is_refused():
    frame = pd.DataFrame(
        [("002001", "A", "1950-01-01", "", "1"), ("002001", "A", "1960-01-01", "", "1")],
        columns=["cod_istat", "denominazione", "dal", "al", "parti"],
        index=[2, 3],
        dtype=object,
    )
    (problem,) = check_history(FILE, frame).problems
    assert (problem.row, problem.column) == (3, "dal")


def test_only_todays_row_has_a_geometry_and_without_history_there_is_today():
    today = gpd.GeoDataFrame(
        {"cod_istat": ["002003", "002004"], "denominazione": ["ALFA CON BETA", "GAMMA"]},
        geometry=[shapely.box(8, 45, 9, 46), shapely.box(9, 45, 10, 46)],
        crs="EPSG:4326",
    )
    rows = published(history(*MERGER), today).set_index("cod_istat")
    assert rows.geometry.notna().to_dict() == {
        "002001": False,
        "002002": False,
        "002003": True,
        "002004": True,
    }
    assert rows["successore"]["002001"] == "002003"
    assert rows["predecessori"]["002003"] == "002001;002002"
    assert rows["valido_al"]["002001"] == "2017-12-31"
    assert rows["vigente"].sum() == 2
    assert len(published(history()[:0], today)) == 2
