"""The open tables: types, codes, references, places, and what a secret place keeps."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from completed_rows import completed
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.catalog import CodeList
from geo_core.errors import IngestError
from geo_core.ingest.bodies import bodies, check_membership
from geo_core.ingest.complete import complete
from geo_core.ingest.placing import split
from geo_core.ingest.population import check_population
from geo_core.ingest.problems import Checked
from geo_core.ingest.register import check_register
from geo_core.ingest.rules import TABLES
from geo_core.model import cells
from geo_core.model.layer import Layer, LayerDocument
from geo_core.model.tables import OpenTable, TableMismatch
from geo_core.strict_yaml import read_document

FOLDER = Path(__file__).parents[1] / "layers"
CODELISTS = {
    path.stem: read_document(path, CodeList).published
    for path in (FOLDER / "codelists").glob("*.yml")
}
MINE = (*TABLES, "servizi_sedi", "ambiti", "popolazione_h3")
DOCUMENTS = {name: read_document(FOLDER / f"{name}.yml", LayerDocument) for name in MINE}
LAYERS: dict[str, Layer] = {name: doc.resolve(name)[0] for name, doc in DOCUMENTS.items()}
TWO = gpd.GeoDataFrame(
    {"cod_istat": ["002001", "002002"]},
    geometry=[shapely.box(8.0, 45.0, 8.5, 45.5), shapely.box(8.5, 45.0, 9.0, 45.5)],
    crs="EPSG:4326",
)
ORG = {"id_org": "O1", "denominazione": "Ente", "tipo": "ets", "cod_istat": "002001",
       "lon": "8.25", "lat": "45.25"}  # fmt: skip
SERVICE = {"id_servizio": "S1", "nome": "Nido", "tipo_servizio": "nido", "area_utenza": "FAM;POV",
           "id_org": "O1", "stato": "active", "eta_min": "0", "eta_max": "2", "costo_min": "1.5",
           "isee_richiesto": "true"}  # fmt: skip
OFFICE = {"id_sede": "D1", "nome": "Sede", "tipo_sede": "nido", "id_org": "O1", "servizi": "S1",
          "cod_istat": "002001", "lon": "8.25", "lat": "45.25", "riservata": "false",
          "posti": "20", "posti_liberi": "3", "data_posti": "2023-12-31", "indirizzo": "Via Po 1",
          "cap": "13100", "telefono": ""}  # fmt: skip
OFFICE.pop("telefono")
AWAY = {"lon": "8.3", "indirizzo": "Via Segreta 7"}
OFFER = {"id_opp": "P1", "titolo": "Bando", "tipo": "bando", "id_org": "O1", "cod_istat": "002002",
         "lon": "8.75", "lat": "45.25", "apertura": "2023-01-10", "scadenza": "2023-03-01",
         "importo_eur": "1500.50", "area_utenza": "POV"}  # fmt: skip
TOOL = {"id_strumento": "T1", "tipo_strumento": "regolamento", "titolo": "Regolamento",
        "id_org": "O1"}  # fmt: skip
AREA = {"id_area": "A1", "nome": "Area", "id_sede": "D1", "base": "comuni", "comuni": "002001"}
NETWORK = {"id_rete": "R1", "denominazione": "Rete", "id_org": "O1", "ruolo": "partner",
           "dal": "2023-01-01"}  # fmt: skip
PACT = {"id_patto": "B1", "titolo": "Giardino", "tipo_patto": "cura", "stato": "attuazione",
        "data_proposta": "2023-01-10", "data_sottoscritto": "2023-02-01",
        "data_attuazione": "2023-03-01", "id_org": "O1", "soggetti": "O1", "cittadini": "12",
        "id_strumento": "T1", "cod_istat": "002001", "lon": "8.25", "lat": "45.25",
        "protocollo": "FASCICOLO-77"}  # fmt: skip
PRACTICE = {"id_prassi": "G1", "versione": "1", "titolo": "Orto", "problema": "Solitudine",
            "azione": "Un orto", "dal": "2023-01-01", "id_patto": "B1", "attori": "O1",
            "utenti": "30"}  # fmt: skip
ROWS = {"organizzazioni": ORG, "servizi": SERVICE, "sedi": OFFICE, "aree_servizio": AREA,
        "reti": NETWORK, "strumenti": TOOL, "opportunita": OFFER, "patti": PACT,
        "buone_prassi": PRACTICE}  # fmt: skip
BOTH = frozenset({"002001", "002002"})
SQUARE = "POLYGON ((8.2 45.2, 8.3 45.2, 8.3 45.3, 8.2 45.3, 8.2 45.2))"


def check(folder: Path, **rows: list[dict[str, str]]) -> dict[str, Checked[gpd.GeoDataFrame]]:
    for name, row in ROWS.items():
        changes = rows.get(name, [{}])
        if not changes:
            continue  # no file
        table = pd.DataFrame([{**row, **change} for change in changes]).fillna("")
        table.to_csv(folder / f"{name}.csv", index=False)
    return check_register(
        folder, DOCUMENTS, codelists=CODELISTS, municipalities=TWO, bodies={"ENTE": BOTH}
    )


def test_good_rows_are_typed_and_complete(tmp_path: Path) -> None:
    checked = check(tmp_path)
    frames = {name: completed(checked[name].frame, LAYERS[name]) for name in TABLES}
    for name, frame in frames.items():
        assert not checked[name].problems
        OpenTable(LAYERS[name], frame)
    office, offer = frames["sedi"].iloc[0], frames["opportunita"].iloc[0]
    assert office["tipi_servizio"] == ["nido"]
    assert (office["n_servizi"], office["posti"], office["riservata"]) == (1, 20, False)
    assert office["h3_r9"] == cells.at(45.25, 8.25, 9)
    assert (offer["valido_dal"], offer["valido_al"]) == ("2023-01-10", "2023-03-01")
    assert frames["servizi"].iloc[0]["area_utenza"] == ["FAM", "POV"]
    assert frames["servizi"].geometry.isna().all()


@pytest.mark.parametrize(
    ("table", "change", "column", "reason"),
    [
        ("organizzazioni", {"tipo": "banca"}, "tipo", "not a known code"),
        ("organizzazioni", {"cod_istat": "2001"}, "cod_istat", "not a known code"),
        ("organizzazioni", {"cf": "RSSMRA80A01L750X"}, "cf", "tax code of a person"),
        ("organizzazioni", {"denominazione": "Tel. 0161 5550199"}, "denominazione", "telephone"),
        ("organizzazioni", {"denominazione": "a\u202eb"}, "denominazione", "invisible"),
        ("organizzazioni", {"sito": "javascript:alert(1)"}, "sito", "web address"),
        ("organizzazioni", {"id_org": "O 1"}, "id_org", "code of letters"),
        ("servizi", {"area_utenza": "FAM;XXX"}, "area_utenza", "not a known code"),
        ("servizi", {"eta_min": "9"}, "eta_max", "less than eta_min"),
        ("servizi", {"costo_min": "1,50"}, "costo_min", "not a number"),
        ("servizi", {"costo_min": "-1"}, "costo_min", "between 0 and"),
        ("servizi", {"isee_richiesto": "si"}, "isee_richiesto", "neither true nor false"),
        ("servizi", {"id_org": "O9"}, "id_org", "not a known code"),
        ("sedi", {"servizi": "S1;S9"}, "servizi", "not in servizi"),
        ("sedi", {"posti_liberi": "21"}, "posti", "less than posti_liberi"),
        ("sedi", {"data_posti": "31/12/2023"}, "data_posti", "calendar"),
        ("sedi", {"data_posti": "2023-02-30"}, "data_posti", "calendar"),
        ("sedi", {"riservata": ""}, "riservata", "empty"),
        ("sedi", {"tipo_sede": "centro_antiviolenza", **AWAY}, "riservata", "must be true"),
        ("sedi", {"nome": "Casa Rifugio A", **AWAY}, "riservata", "name is that of a secret"),
        ("sedi", {"verificata_il": "2099-01-01"}, "verificata_il", "not yet"),
        ("sedi", {"data_posti": "2099-01-01"}, "data_posti", "not yet"),
        ("sedi", {"orari": "quando capita"}, "orari", "opening hours"),
        ("sedi", {"orari": "Mo-Fr 9-12, tel. 333 1234567"}, "orari", "telephone"),
        ("sedi", {"nome": "=HYPERLINK(A1)"}, "nome", "formula"),
        ("sedi", {"lon": "8.75"}, "lon, lat", "outside its municipality"),
        ("sedi", {"lon": "45.25", "lat": "8.25"}, "lon, lat", "outside its municipality"),
        ("sedi", {"lon": "0", "lat": "0.001"}, "lon, lat", "point 0, 0"),
        ("sedi", {"lon": ""}, "lon, lat", "no position"),
        ("sedi", {"lon": "181"}, "lon", "between -180 and 180"),
        ("sedi", {"lat": "nan"}, "lat", "not a number"),
        ("opportunita", {"scadenza": "2023-01-09"}, "scadenza", "earlier"),
        ("opportunita", {"importo_eur": "1e3"}, "importo_eur", "not a number"),
    ],
)
def test_a_wrong_row_is_reported_and_the_others_kept(
    tmp_path: Path, table: str, change: dict[str, str], column: str, reason: str
) -> None:
    key = TABLES[table].key
    other = {key: "Z9"}
    checked = check(tmp_path, **{table: [other, change]})[table]
    (problem,) = checked.problems
    assert (problem.file, problem.row, problem.column) == (f"{table}.csv", 3, column)
    assert reason in problem.reason
    assert checked.rows_in == len(checked.frame) + len(checked.problems) == 2
    assert checked.frame["id"].tolist() == ["Z9"]


def test_swapped_coordinates_are_recognised(tmp_path: Path) -> None:
    checked = check(tmp_path, sedi=[{"lon": "45.25", "lat": "8.25"}])
    assert "swapped" in checked["sedi"].problems[0].hint


def test_a_repeated_code_is_refused(tmp_path: Path) -> None:
    (problem,) = check(tmp_path, sedi=[{}, {}])["sedi"].problems
    assert (problem.row, problem.column) == (3, "id_sede")


def test_a_row_that_refers_to_a_refused_one_is_refused(tmp_path: Path) -> None:
    checked = check(tmp_path, organizzazioni=[{"tipo": "banca"}])
    assert [len(checked[name].frame) for name in TABLES] == [0] * len(TABLES)
    for name in TABLES:
        empty = completed(checked[name].frame, LAYERS[name])
        OpenTable(LAYERS[name], empty)


def test_a_reserved_office_keeps_no_place(tmp_path: Path) -> None:
    secret = {"id_sede": "D2", "riservata": "true", "orari": "Mo-Fr 09:00-12:30", **AWAY}
    checked = check(tmp_path, sedi=[{}, secret])["sedi"]
    assert (checked.withheld, len(checked.frame)) == (1, 2)
    done = completed(checked.frame, LAYERS["sedi"])
    kept = done.iloc[1].dropna()
    assert "geometry" not in kept
    hidden = {"h3_r9", "indirizzo", "cap", "orari", "posti", "posti_liberi", "data_posti"}
    assert not hidden & set(kept.index)
    assert not any("Segreta" in str(value) or "8.3" in str(value) for value in kept)
    assert kept["cod_istat"] == "002001"


def test_what_is_computed_may_not_be_handed_in(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="not known"):
        check(tmp_path, sedi=[{"h3_r9": cells.at(45.25, 8.25, 9)}])


def test_a_table_without_a_file_has_no_rows(tmp_path: Path) -> None:
    checked = check(tmp_path, **{name: [] for name in TABLES})
    for name in TABLES:
        assert checked[name].absent
        assert checked[name].rows_in == len(checked[name].frame) == 0
        completed(checked[name].frame, LAYERS[name])


def test_membership_is_dated_and_exclusive() -> None:
    columns = ["cod_istat", "cod_ambito", "denominazione", "dal", "al"]
    rows = pd.DataFrame(
        [
            ("002001", "A", "Ente A", "2020-01-01", "2022-12-31"),
            ("002001", "B", "Ente B", "2022-12-31", ""),
            ("002001", "B", "Ente B", "2023-01-01", ""),
            ("002002", "A", "Ente A", "2020-01-01", ""),
            ("002009", "A", "Ente A", "2020-01-01", ""),
        ],
        columns=columns,
        index=range(2, 7),
    )
    checked = check_membership(
        Path("ambiti.csv"), rows.drop(index=4), municipalities={"002001", "002002"}
    )
    assert [(p.row, p.column) for p in checked.problems] == [(3, "dal"), (6, "cod_istat")]
    residents = pd.Series({"002001": 10, "002002": 5})
    valid = check_membership(
        Path("ambiti.csv"), rows.drop(index=[3, 6]), municipalities={"002001", "002002"}
    ).frame
    before = bodies(valid, TWO, residents, on="2022-06-30", province="002").set_index("id")
    after = bodies(valid, TWO, residents, on="2023-06-30", province="002").set_index("id")
    assert before["pop"].to_dict() == {"A": 15}
    assert after["pop"].to_dict() == {"A": 5, "B": 10}
    assert after.loc["B", "valido_dal"] == "2023-01-01"


def test_population_rows_are_checked() -> None:
    cell = cells.at(45.25, 8.25, cells.LEAF)
    rows = pd.DataFrame(
        [
            ("002001", cell, "0", "F", "2"),
            ("002001", cell, "0", "F", "1"),
            ("002001", cell, "101", "F", "1"),
            ("002001", cells.at(45.25, 8.25, 9), "1", "F", "1"),
            ("002001", cell, "1", "nd", "1"),
            ("002001", cell, "1", "M", "-1"),
            ("002001", "881z", "1", "M", "1"),
        ],
        columns=["cod_istat", "h3", "eta", "sesso", "n"],
        index=range(2, 9),
    )
    checked = check_population(Path("popolazione.csv"), rows, municipalities={"002001"})
    assert [(p.row, p.column) for p in checked.problems] == [
        (3, "h3"), (4, "eta"), (5, "h3"), (6, "sesso"), (7, "n"), (8, "h3"),
    ]  # fmt: skip
    assert checked.frame["n"].tolist() == [2]


def test_complete_refuses_missing_unknown_and_mistyped_columns() -> None:
    layer = LAYERS["popolazione_h3"]
    cell = cells.at(45.25, 8.25, 7)
    good = {name: 1 for name in layer.field_names if name.startswith("p")}
    row = {"id": cell, "h3": cell, "metodo": "sintetico", **good, "geometry": cells.polygon(cell)}
    frame = complete(pd.DataFrame([row]), layer, reference_date="2023-12-31")
    assert frame.geometry.iloc[0].geom_type == "MultiPolygon"
    assert frame["pop"].dtype == "Int64"
    for broken in ({"pop": 1.5}, {"h3": 7}, {"in_piu": 1}):
        with pytest.raises(TableMismatch):
            complete(pd.DataFrame([{**row, **broken}]), layer, reference_date="2023-12-31")
    with pytest.raises(TableMismatch, match="p75p"):
        complete(pd.DataFrame([row]).drop(columns="p75p"), layer, reference_date="2023-12-31")
    elsewhere = gpd.GeoDataFrame([row], geometry="geometry", crs="EPSG:32632")
    with pytest.raises(TableMismatch, match="EPSG:4326"):
        complete(elsewhere, layer, reference_date="2023-12-31")


@settings(deadline=None)
@given(lon=st.floats(8.0, 9.0, allow_nan=False), lat=st.floats(45.0, 45.5, allow_nan=False))
def test_coordinates_are_rounded_to_seven_decimals(lon: float, lat: float) -> None:
    layer = LAYERS["organizzazioni"]
    row = dict.fromkeys(layer.field_names[:-6]) | {"id": "O1", "id_org": "O1"}
    frame = gpd.GeoDataFrame([row], geometry=[shapely.Point(lon, lat)], crs="EPSG:4326")
    point = complete(frame, layer, reference_date="2023-12-31").geometry.iloc[0]
    assert (point.x, point.y) == (round(lon, 7), round(lat, 7))


@pytest.mark.parametrize("name", MINE)
def test_every_code_list_and_english_text_of_a_layer_has_its_other_half(name: str) -> None:
    layer = LAYERS[name]
    for field in layer.fields:
        assert field.codelist is None or field.codelist in CODELISTS
        if field.name.endswith("_en"):
            assert field.name.removesuffix("_en") in layer.field_names


@pytest.mark.parametrize("empty", [None, "", float("nan")])
def test_an_empty_cell_of_codes_has_none(empty):
    assert split(empty) == []
