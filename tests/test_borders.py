"""What is in reach on both sides of the borders of managing bodies."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from geo_core.indicators.borders import NEAR_KM, borders
from geo_core.place.areas import METRIC
from geo_core.release.read import Release

WEST, EAST, SOUTH = (8.3, 45.3, 8.4, 45.4), (8.4, 45.3, 8.5, 45.4), (8.3, 45.2, 8.4, 45.3)
BODIES = {"002001": "A", "002002": "B", "002003": "A"}


def towns() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"cod_istat": list(BODIES), "denominazione": ["Ovest", "Est", "Sud"]},
        geometry=[shapely.box(*bounds) for bounds in (WEST, EAST, SOUTH)],
        crs=4326,
    )


def lived(*rows: tuple[float, float, str, int]) -> pd.DataFrame:
    cells = [(h3.latlng_to_cell(lat, lon, 8), code, n) for lon, lat, code, n in rows]
    return pd.DataFrame(cells, columns=["h3", "cod_istat", "n"])


def reached(population: pd.DataFrame, minutes: list[float], places: float = 50) -> pd.DataFrame:
    cells = population["h3"].drop_duplicates()
    return pd.DataFrame(
        {
            "residenti": population.groupby("h3")["n"].sum().reindex(cells).to_numpy(),
            "min_nido": minutes,
            "a2sfca_nido": places,
            "stato_nido": np.where(np.isnan(minutes), "unreachable", "published"),
        },
        index=pd.Index(cells, name="h3"),
    )


def test_both_sides_are_means_of_residents_near_the_border():
    people = lived(
        (8.38, 45.35, "002001", 10),
        (8.36, 45.35, "002001", 30),
        (8.31, 45.39, "002001", 999),  # 7 km from the border
        (8.42, 45.35, "002002", 20),
    )
    (row,) = borders(
        towns(), BODIES, reached(people, [4, 8, 90, 13]), people, kinds=["nido"]
    ).to_dict("records")
    assert (row["id"], row["nome_a"], row["nome_b"]) == ("002001-002002", "Ovest", "Est")
    assert (row["ente_a"], row["ente_b"]) == ("A", "B")
    assert (row["residenti_a"], row["residenti_b"]) == (40, 20)
    assert (row["min_a_nido"], row["min_b_nido"], row["dmin_nido"]) == (7, 13, 6)
    assert (row["posti_a_nido"], row["dposti_nido"]) == (50, 0)
    assert row["stato_nido"] == "published"
    assert row["lunghezza_km"] == pytest.approx(11.1, abs=0.05)
    assert row["distanza_km"] == NEAR_KM
    strip = gpd.GeoSeries([row["geometry"]], crs=4326).to_crs(METRIC)
    assert strip.area.iloc[0] == pytest.approx(11_120 * 600, rel=0.01)


def test_a_side_without_residents_or_offices_says_so():
    people = lived((8.38, 45.35, "002001", 10))
    (row,) = borders(towns(), BODIES, reached(people, [4]), people, kinds=["nido"]).to_dict(
        "records"
    )
    assert row["stato_nido"] == "no-residents"
    assert (row["residenti_a"], row["residenti_b"]) == (10, 0)
    assert np.isnan(row["dmin_nido"])
    people = lived((8.38, 45.35, "002001", 10), (8.42, 45.35, "002002", 20))
    unreachable = reached(people, [4, np.nan])
    (row,) = borders(towns(), BODIES, unreachable, people, kinds=["nido"]).to_dict("records")
    assert row["stato_nido"] == "unreachable"
    none = reached(people, [np.nan, np.nan]).assign(stato_nido="no-office")
    (row,) = borders(towns(), BODIES, none, people, kinds=["nido"]).to_dict("records")
    assert row["stato_nido"] == "no-office"


def test_one_body_has_no_border_and_corners_are_none():
    people = lived((8.38, 45.35, "002001", 10))
    one = dict.fromkeys(BODIES, "A")
    assert not len(borders(towns(), one, reached(people, [4]), people, kinds=["nido"]))
    # Est and Sud touch in a corner only.
    corner = {"002002": "A", "002003": "B"}
    assert not len(borders(towns(), corner, reached(people, [4]), people, kinds=["nido"]))


def rows(release: Release, ident: str) -> list[dict[str, Any]]:
    table = pq.read_table(release.path(f"collections/{ident}/features.parquet"))
    return table.drop_columns(["geometry"]).to_pylist()


def test_the_borders_of_the_demonstration_part_bodies(demo_release: Release):
    bodies = rows(demo_release, "ambiti")
    body = {code: b["cod_ambito"] for b in bodies for code in b["comuni"].split(";")}
    found = rows(demo_release, "confini_enti")
    assert len(found) > 5
    for row in found:
        assert row["comune_a"] < row["comune_b"]
        assert "sabato" not in row["metodo_costo"]
        assert row["ente_a"] == body[row["comune_a"]] != row["ente_b"] == body[row["comune_b"]]
        if row["stato_sportello_sociale"] in {"published", "no-places"}:
            gap = abs(row["min_a_sportello_sociale"] - row["min_b_sportello_sociale"])
            assert row["dmin_sportello_sociale"] == pytest.approx(gap, abs=0.051)
        else:
            assert row["dmin_sportello_sociale"] is None
