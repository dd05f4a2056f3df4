"""What belongs to one source or to the mapping alone."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime, time
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import psycopg
import pytest
import shapely
from pydantic import ValidationError

from geo_core.errors import SourceError
from geo_core.model.mapping import ColumnMapping
from geo_core.sources import ogcapi, registry
from geo_core.sources.base import Limits
from geo_core.sources.mapping import mapped
from geo_core.sources.postgis import read as read_table


def workbook(path: Path, *rows: list[object]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return book


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("mmm-yy", "2023-04"), ("[$-410]mmm\\ yyyy;@", "2023-04"), ("yyyy-mm", "2023-04"),
        ("yyyy-mm-dd", "2023-04-01"), ("dd/mm/yy", "2023-04-01"),
    ],
)  # fmt: skip
def test_a_month_that_excel_made_a_day_is_a_month_again(tmp_path, shape, expected):
    path = tmp_path / "a.xlsx"
    book = workbook(path, ["periodo"], [date(2023, 4, 1)], [date(2023, 4, 2)])
    for cell in book.active["A"][1:]:
        cell.number_format = shape
    book.save(path)
    assert list(registry.read(path).frame["periodo"]) == [expected, "2023-04-02"]


def test_a_workbook_gives_days_codes_and_logical_values_as_text(tmp_path):
    path = tmp_path / "a.xlsx"
    day, hour = datetime(2024, 3, 1), datetime(2024, 3, 1, 9, 30)  # noqa: DTZ001 - Excel knows no zone
    book = workbook(path, ["giorno", "ora", "cod", "vero", "q"], [day, hour, 2158, True, 3.5])
    book.active["C2"].number_format = "000000"
    book.active.append([None])
    book.active.append([date(2024, 3, 2), time(9, 5), "002158", False, 1e-7])
    book.save(path)
    frame = registry.read(path).frame
    assert frame.loc[2].tolist() == ["2024-03-01", "2024-03-01T09:30:00", "002158", "true", "3.5"]
    assert frame.loc[4].tolist() == ["2024-03-02", "09:05:00", "002158", "false", "0.0000001"]
    assert list(frame.index) == [2, 4]


def test_a_sheet_is_chosen_by_name(tmp_path):
    path = tmp_path / "a.xlsx"
    book = workbook(path, ["a"], ["prima"])
    book.create_sheet("Sedi").append(["b"])
    book.save(path)
    assert list(registry.read(path).frame) == ["a"]
    assert "first of 2 sheets" in registry.read(path).found[0]
    assert list(registry.read(path, layer="Sedi").frame) == ["b"]
    with pytest.raises(SourceError, match="no sheet of that name") as caught:
        registry.read(path, layer="Servizi")
    assert "Sheet, Sedi" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "message", "where"),
    [
        (lambda s: s.__setitem__("B3", "=1+1"), "a formula", "cell B3"),
        (lambda s: s.merge_cells("A1:B1"), "merged", "cells A1:B1"),
        (lambda s: s.__setitem__("D3", "x"), "a column without name", "cell D3"),
        (lambda s: s.__setitem__("XFD1048576", "x"), "wide", "the sheet"),
        (lambda s: s.__setitem__("B1", "a"), "repeats", "row 1"),
        (lambda s: s.delete_rows(1, 3), "nothing in its first row", "a.xlsx"),
    ],
    ids=["formula", "merged", "unnamed", "absurd", "repeated", "empty"],
)
def test_what_a_sheet_may_not_be_is_named_by_its_place(tmp_path, change, message, where):
    path = tmp_path / "a.xlsx"
    book = workbook(path, ["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"])
    change(book.active)
    book.save(path)
    with pytest.raises(SourceError, match=message) as caught:
        registry.read(path)
    assert where in caught.value.where
    assert caught.value.hint


def test_one_of_several_layers_is_chosen_by_name(tmp_path):
    path = tmp_path / "a.gpkg"
    points = gpd.GeoDataFrame({"x": ["1"]}, geometry=[shapely.Point(8, 45)], crs=4326)
    points.to_file(path, layer="sedi")
    points.to_file(path, layer="servizi")
    with pytest.raises(SourceError, match="holds 2 layers") as caught:
        registry.read(path)
    assert "sedi, servizi" in caught.value.hint
    assert len(registry.read(path, layer="servizi").frame) == 1


def test_a_geopackage_that_is_being_written_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"x": ["1"]}, geometry=[shapely.Point(8, 45)], crs=4326).to_file(path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE y (z)")
    database.commit()
    with pytest.raises(SourceError, match="not yet written"):
        registry.read(path)
    database.close()


def test_heights_are_left_out_and_lists_become_codes(tmp_path):
    path = tmp_path / "a.geojson"
    feature = {
        "type": "Feature",
        "properties": {"tipi": ["nido", "ludoteca"], "giorno": "2024-03-01"},
        "geometry": {"type": "Point", "coordinates": [8.4, 45.3, 130.0]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    frame = registry.read(path).frame
    assert frame.iloc[0].tolist()[:2] == ["nido;ludoteca", "2024-03-01"]
    assert not frame.geometry.has_z.any()


def test_hsds_flattens_services_and_drops_persons(tmp_path):
    path = tmp_path / "a.json"
    person = {"id": "c", "name": "Anna Persona", "email": "anna@esempio.it"}
    office = {"id": "l", "location_type": "physical", "longitude": 8.4, "latitude": 45.3}
    office["addresses"] = [{"id": "i", "attention": "Anna", "city": "Vercelli"}]
    body = {"id": "o", "name": "Comune", "contacts": [person]}
    service = {
        "id": "s",
        "name": "Sportello",
        "status": "active",
        "organization": body,
        "contacts": [person],
        "languages": [{"id": "x", "code": "it"}, {"id": "y", "code": "ur"}],
        "service_at_locations": [{"id": "z", "location": office}],
    }
    path.write_text(json.dumps([service]), encoding="utf-8")
    row = registry.read(path).frame.loc[1].to_dict()
    assert row["organization_id"] == "o"
    assert (row["location_ids"], row["language_codes"]) == ("l", "it;ur")
    places = registry.read(path, layer="locations").frame
    assert places.loc[1, "city"] == "Vercelli"
    assert list(registry.read(path, layer="organizations").frame["name"]) == ["Comune"]
    assert not any("Anna" in str(text) for text in [*row.values(), *places.loc[1]])


def rows_of(address: str, table: str) -> pd.DataFrame:
    return read_table(address, table=table).frame


def test_a_view_is_read_and_nothing_can_be_written(postgis):
    with psycopg.connect(postgis) as database:
        database.execute("CREATE SCHEMA IF NOT EXISTS ufficio")
        database.execute('CREATE TABLE ufficio."Sedi" (id int PRIMARY KEY, tipi text[], d date)')
        database.execute(
            "INSERT INTO ufficio.\"Sedi\" VALUES (2, '{a,b}', '2024-03-01'), (1, NULL, NULL)"
        )
        database.execute('CREATE VIEW ufficio.v AS SELECT * FROM ufficio."Sedi" ORDER BY id DESC')
        database.execute(
            "CREATE FUNCTION ufficio.scrive() RETURNS int LANGUAGE sql AS"
            ' $$ INSERT INTO ufficio."Sedi" VALUES (3) RETURNING id $$'
        )
        database.execute("CREATE VIEW ufficio.trappola AS SELECT ufficio.scrive() AS n")
    table = rows_of(postgis, "ufficio.Sedi")
    assert table.to_numpy().tolist() == [["1", None, None], ["2", "a;b", "2024-03-01"]]
    assert rows_of(postgis, "ufficio.v")["id"].tolist() == ["2", "1"]
    with pytest.raises(SourceError, match=r"refuses to read it \(code 25006\)") as caught:
        rows_of(postgis, "ufficio.trappola")
    assert caught.value.where == "ufficio.trappola"


@pytest.mark.parametrize(
    ("table", "message"), [("manca", "no such table"), ("sedi; DROP TABLE x", "no such table")]
)
def test_a_table_that_is_not_there_is_named(postgis, table, message):
    with pytest.raises(SourceError, match=message):
        read_table(postgis, table=table)


def test_a_database_that_cannot_be_reached_does_not_tell_its_password():
    address = "postgresql://utente:segreto@127.0.0.1:9/x?sslmode=require"
    with pytest.raises(SourceError, match="does not answer") as caught:
        read_table(address, table="sedi")
    assert "segreto" not in str(caught.value)
    assert "sslmode" in caught.value.hint


POINT = {"type": "Feature", "properties": {"a": "x"}, "geometry": None}
PAGE = {"type": "FeatureCollection", "features": [POINT]}


def told(status: int, document: object, **headers: str):
    return lambda _path: (status, headers, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (told(302, {}, Location="http://127.0.0.2/x"), "another host"),
        (told(200, {**PAGE, "links": [{"rel": "next", "href": "http://x.it/"}]}), "another host"),
        (told(200, {**PAGE, "links": [{"rel": "next", "href": ""}]}), "in a circle"),
        (told(404, {}), "status 404"),
        (told(200, {"a": 1}), "something else than GeoJSON"),
    ],
    ids=["redirect", "link", "circle", "missing", "other"],
)
def test_a_server_that_leads_astray_is_refused(answering, answer, message):
    with pytest.raises(SourceError, match=message) as caught:
        ogcapi.read(answering(answer), collection="sedi")
    assert caught.value.hint


def test_pages_end_where_the_limits_do(answering, paged):
    address = answering(paged([POINT] * 10, 2))
    assert len(ogcapi.read(address, collection="sedi").frame) == 10
    with pytest.raises(SourceError, match="more than 5 rows"):
        ogcapi.read(address, collection="sedi", limits=Limits(rows=5))
    with pytest.raises(SourceError, match="not usable"):
        ogcapi.read(address, collection="../x")
    with pytest.raises(SourceError, match="not a web address"):
        ogcapi.read("file:///etc", collection="sedi")


def test_columns_get_the_names_of_the_layer_and_what_does_not_fit_is_told():
    frame = pd.DataFrame({"Codice": ["1"], "Nome sede": ["x"], "Note": [""], "Altro": [""]})
    mapping = ColumnMapping(
        columns={"Nome sede": "nome", "Codice": "id_sede", "CAP": "cap"}, ignore=("Note",)
    )
    done = mapped(frame, mapping, wanted=["id_sede", "tipo_sede"])
    assert list(done.frame) == ["nome", "id_sede"]
    assert done.unmapped == ("Altro",)
    assert done.missing == ("cap", "tipo_sede")


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {}},
        {"columns": {"a": "x", "b": "x"}},
        {"columns": {"a": "geometry"}},
        {"columns": {"a": "x"}, "ignore": ["a"]},
        {"columns": {"a": "Nome Sede"}},
        {"columns": {"a": "x"}, "colonne": {}},
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValidationError):
        ColumnMapping.model_validate(wrong)
