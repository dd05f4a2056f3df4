"""Names of places: every municipality once, localities and streets where they lie."""

from __future__ import annotations

import geopandas as gpd
import shapely

from geo_core.ingest.toponyms import COLUMNS, read_toponyms

TOWNS = gpd.GeoDataFrame(
    {"cod_istat": ["002001", "002002"], "denominazione": ["Alfa", "Beta"]},
    geometry=[shapely.box(8, 45, 8.1, 45.1), shapely.box(8.1, 45, 8.2, 45.1)],
    crs="EPSG:4326",
)


def read(folder, localities="", addresses=""):
    if localities:
        head = "cod_istat,denominazione,lon,lat\n"
        (folder / "localita.csv").write_text(head + localities, encoding="utf-8")
    if addresses:
        head = "cod_istat,odonimo,localita,civico,lon,lat\n"
        (folder / "indirizzi.csv").write_text(head + addresses, encoding="utf-8")
    return read_toponyms(folder, TOWNS)


def test_without_tables_there_are_the_municipalities_inside_their_boundaries(tmp_path):
    found = read(tmp_path)
    assert list(found.columns) == list(COLUMNS)
    assert found["nome"].tolist() == ["Alfa", "Beta"]
    assert shapely.contains(TOWNS.geometry.to_numpy(), found.geometry.to_numpy()).all()


def test_localities_of_one_name_are_both_there_and_strays_are_not(tmp_path):
    rows = "002001,Borgo,8.05,45.05\n002001,Borgo,8.06,45.06\n"
    rows += "002002,Borgo,8.05,45.05\n999999,Borgo,8,45\n"
    found = read(tmp_path, rows)
    own = found[found["tipo_luogo"] == "localita"]
    assert own["cod_istat"].tolist() == ["002001", "002001"]
    assert own["id"].is_unique


def test_a_street_is_one_point_and_no_number_of_a_house_is_told(tmp_path):
    doors = "".join(f"002001,VIA ROMA,,{n},{8.01 + n / 1000:.4f},45.05\n" for n in range(1, 8))
    found = read(tmp_path, addresses=doors + "002001,VIA ROMA,BORGO,1,8.09,45.09\n")
    streets = found[found["tipo_luogo"] == "via"]
    assert sorted(streets["nome"]) == ["VIA ROMA", "VIA ROMA (BORGO)"]
    at = streets.set_index("nome").geometry["VIA ROMA"]
    assert (at.x, at.y) == (8.014, 45.05)
    assert "civico" not in found.columns


def test_only_what_is_marked_as_invented_is(tmp_path):
    found = read(tmp_path, "002001,Borgo,8.05,45.05\n")
    assert not found["dato_sintetico"].any()


def test_a_place_that_is_added_changes_the_id_of_no_other(tmp_path):
    rows = "002001,Prà di Sotto,8.05,45.05\n"
    doors = "002001,VIA ROMA,,1,8.01,45.05\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before = read(tmp_path / "a", rows, doors)
    after = read(
        tmp_path / "b",
        "002001,Alta,8.05,45.05\n" + rows,
        "002001,VIA ALFIERI,,1,8.02,45.05\n" + doors,
    )
    assert {*before["id"]} < {*after["id"]}
    assert {"002001-localita-pra-di-sotto", "002001-via-via-roma"} <= {*before["id"]}
