"""Nothing leads to a secret place: neither its own row nor what stands there."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from test_register import check

from geo_core.ingest.problems import Checked
from geo_core.ingest.secret import NAME, read_secrets

PLACE = {"lon": "8.3000000", "lat": "45.3000000", "indirizzo": "Vicolo del Gelso n. 7/A"}
HIDDEN = {"id_sede": "D9", "nome": "Sede riservata", "riservata": "true", **PLACE}
BESIDE = {"lon": "8.3001", "lat": "45.3001"}
FAR = {"lon": "8.31", "lat": "45.31"}


def checked(folder: Path, **rows: list[dict[str, str]]) -> dict[str, Checked[gpd.GeoDataFrame]]:
    """Check the registers with a reserved office beside the others."""
    offices = [{}, HIDDEN, *rows.pop("sedi", [])]
    return check(folder, **{"sedi": offices, **rows})


@pytest.mark.parametrize(
    "name",
    ["Casa rifugio Gelso", "CASA-RIFUGIO", "Casa  Rifugio", "Case rifugio della rete",
     "Centro antiviolenza", "Sportello anti violenza", "Centro anti-violenza Gelso",
     "Struttura protetta per minori", "Rifugio per le donne", "Casa segreta", "Women's shelter",
     "Casa per donne vittime di violenza", "Comunit\u00e0 protetta", "\uff23asa rifugio"],
)  # fmt: skip
def test_an_office_named_like_a_secret_place_is_reserved_or_refused(tmp_path: Path, name: str):
    office = {"id_sede": "D8", "nome": name, "tipo_sede": "accoglienza", **FAR, "indirizzo": ""}
    refused = checked(tmp_path, sedi=[office])["sedi"]
    assert [(p.row, p.column) for p in refused.problems] == [(4, "riservata")]
    taken = checked(tmp_path, sedi=[{**office, "riservata": "true"}])["sedi"]
    assert not taken.problems
    assert taken.withheld == 2
    assert taken.frame.set_index("id").loc["D8"].geometry is None


@pytest.mark.parametrize(
    "name", ["Rifugio alpino", "Canile rifugio", "Casa protetta per anziani", "Sportello donna",
             "Centro famiglie", "Casa delle donne", "Protezione civile"],
)  # fmt: skip
def test_other_names_are_not_taken_for_it(name: str):
    assert NAME.search(name.upper()) is None


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("sedi", {"id_sede": "D8", **BESIDE, "indirizzo": ""}, "lon, lat"),
        ("sedi", {"id_sede": "D8", **FAR, "indirizzo": "V.lo del Gelso, 7/a"}, "indirizzo"),
        ("sedi", {"id_sede": "D8", **FAR, "trasporto": "bus vicolo del Gelso 7 A"}, "trasporto"),
        ("sedi", {**HIDDEN, "id_sede": "D8", "nome": "Sede vicolo del Gelso 7/a"}, "nome"),
        ("opportunita", {"id_opp": "P2", "cod_istat": "002001", **BESIDE}, "lon, lat"),
        ("opportunita", {"id_opp": "P2", "cod_istat": "002001", **FAR,
                         "titolo": "Open day in Vicolo del Gelso 7/a"}, "titolo"),
        ("opportunita", {"id_opp": "P2", "cod_istat": "002001", **FAR,
                         "titolo": "Lavori alla casa rifugio"}, "lon, lat"),
        ("patti", {"id_patto": "B2", **BESIDE}, "lon, lat"),
        ("patti", {"id_patto": "B2", "lon": "", "lat": "", "area_wkt":
                   "POLYGON ((8.2999 45.2999, 8.3001 45.2999, 8.3001 45.3001, 8.2999 45.2999))"},
         "lon, lat"),
        ("buone_prassi", {"id_prassi": "G2", "azione": "Orto al vicolo del Gelso 7/A"}, "azione"),
        ("servizi", {"id_servizio": "S2", "nome": "Ascolto in vicolo del gelso 7 a"}, "nome"),
        ("reti", {"id_rete": "R2", "denominazione": "Rete di vicolo del Gelso 7/A"},
         "denominazione"),
    ],
)  # fmt: skip
def test_what_stands_there_is_refused_without_a_word_of_it(
    tmp_path: Path, table: str, row: dict[str, str], column: str
):
    rows = [row] if table == "sedi" else [{}, row]
    (problem,) = checked(tmp_path, **{table: rows})[table].problems
    assert problem.column == column
    said = f"{problem}".lower()
    assert not any(word in said for word in ("riservat", "reserved", "gelso", "8.3", "d9"))
    if column != "lon, lat" or "rifugio" not in row.get("titolo", ""):
        assert "secret" not in said


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("sedi", {"id_sede": "D8", **FAR, "indirizzo": "Vicolo del Gelso 70"}),
        ("sedi", {"id_sede": "D8", "lon": "8.6", "lat": "45.3", "cod_istat": "002002",
                  "indirizzo": "Vicolo del Gelso 7/A"}),
        ("sedi", {"id_sede": "D8", **FAR, "indirizzo": "Vicolo del Gelso"}),
        ("sedi", {"id_sede": "D8", "lon": "8.3005", "lat": "45.3", "indirizzo": ""}),
        ("patti", {"id_patto": "B2", "lon": "", "lat": "", "area_wkt":
                   "POLYGON ((8.29 45.29, 8.31 45.29, 8.31 45.31, 8.29 45.31, 8.29 45.29))"}),
        ("opportunita", {"id_opp": "P2", "cod_istat": "", "lon": "", "lat": "",
                         "ambito_territoriale": "002001", "titolo": "Bando per case rifugio"}),
    ],
)  # fmt: skip
def test_what_is_elsewhere_passes(tmp_path: Path, table: str, row: dict[str, str]):
    rows = [row] if table == "sedi" else [{}, row]
    assert not checked(tmp_path, **{table: rows})[table].problems


@pytest.mark.parametrize(
    "change", [BESIDE, {**FAR, "indirizzo": "V.lo del Gelso 7/A"}, {**FAR, "id_org": "O2"},
               {**FAR, "denominazione": "Centro antiviolenza di prova"}],
)  # fmt: skip
def test_a_body_that_shares_the_place_is_listed_without_its_seat(
    tmp_path: Path, change: dict[str, str]
):
    body = {"id_org": "O3", "indirizzo": "Via Po 1", "cap": "13100", **change}
    office = {"id_sede": "D8", "riservata": "true", "id_org": body["id_org"], "indirizzo": "",
              "lon": "", "lat": ""}  # fmt: skip
    owned = [office] if body["id_org"] == "O2" else []
    found = checked(tmp_path, organizzazioni=[{}, body], sedi=owned)["organizzazioni"]
    assert not found.problems
    rows = found.frame.set_index("id")
    row = rows.loc[body["id_org"]]
    assert row.geometry is None
    assert not row[["indirizzo", "cap", "qualita_geocodifica"]].notna().any()


def test_a_row_that_is_refused_hides_its_place_as_well(tmp_path: Path):
    slip = {**HIDDEN, "riservata": "false", "tipo_sede": "centro_antiviolenza"}
    found = check(tmp_path, sedi=[{}, slip, {"id_sede": "D8", **BESIDE}])["sedi"]
    assert [p.row for p in found.problems] == [3, 4]


def test_an_address_is_looked_up_where_there_is_no_point(tmp_path: Path):
    (tmp_path / "indirizzi.csv").write_text(
        "cod_istat,odonimo,localita,civico,lon,lat\n002001,VICOLO DEL GELSO,,7/A,8.3,45.3\n"
    )
    hidden = {**HIDDEN, "lon": "", "lat": ""}
    found = check(tmp_path, sedi=[{}, hidden, {"id_sede": "D8", **BESIDE}])["sedi"]
    assert [p.row for p in found.problems] == [4]


def test_no_register_has_no_secrets(tmp_path: Path):
    secrets = read_secrets(tmp_path, lambda: pytest.fail("nothing is to be looked up"))
    assert not secrets.at_place(shapely.Point(8.3, 45.3))
    assert not secrets.told("Vicolo del Gelso 7", None)
