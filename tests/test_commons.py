"""Pacts, practices, networks, instruments, service areas: what is accepted, and what is public."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from completed_rows import completed
from test_register import DOCUMENTS, LAYERS, OFFICE, SQUARE, check

from geo_core.catalog import Catalog
from geo_core.ingest.kinds import References, kind
from geo_core.ingest.offices import services_at_offices
from geo_core.ingest.problems import Checked
from geo_core.ingest.rules import STATES, TABLES
from geo_core.model import cells
from geo_core.model.tables import OpenTable

type Register = dict[str, Checked[gpd.GeoDataFrame]]
NO_POINT = {"lon": "", "lat": ""}
ELSEWHERE = {"lon": "8.47", "indirizzo": "Via altrove 9"}


def done(checked: Register, name: str) -> gpd.GeoDataFrame:
    layer = LAYERS[name]
    frame = completed(checked[name].frame, layer)
    OpenTable(layer, frame)
    return frame


@pytest.mark.parametrize(
    ("table", "change", "column", "reason"),
    [
        ("patti", {"stato": "firmato"}, "stato", "not a known code"),
        ("patti", {"data_attuazione": ""}, "data_attuazione", "empty though"),
        ("patti", {"data_sottoscritto": ""}, "data_sottoscritto", "past its signing"),
        ("patti", {"data_proposta": "2023-02-02"}, "data_sottoscritto", "earlier than a step"),
        ("patti", {"soggetti": "O1;Mario Rossi"}, "soggetti", "list of codes"),
        ("patti", {"soggetti": "O1;O9"}, "soggetti", "not in organizzazioni"),
        ("patti", {"id_strumento": "T9"}, "id_strumento", "not a known code"),
        ("patti", {"cittadini": "-1"}, "cittadini", "between 0 and"),
        ("patti", {"area_wkt": SQUARE}, "area_wkt", "beside a point"),
        ("patti", NO_POINT, "lon, lat", "no position"),
        ("patti", {**NO_POINT, "area_wkt": "POINT (8.2 45.2)"}, "area_wkt", "polygon in WKT"),
        ("patti", {**NO_POINT, "area_wkt": "POLYGON ((8 45, 9 46))"}, "area_wkt", "polygon"),
        (
            "patti",
            {**NO_POINT, "area_wkt": "POLYGON ((8 45, 8.1 45.1, 8.1 45, 8 45.1, 8 45))"},
            "area_wkt",
            "crosses itself",
        ),
        (
            "patti",
            {**NO_POINT, "area_wkt": SQUARE, "cod_istat": "002002"},
            "area_wkt",
            "outside its municipality",
        ),
        ("buone_prassi", {"id_patto": "B9"}, "id_patto", "not a known code"),
        ("buone_prassi", {"versione": "0"}, "versione", "between 1 and"),
        ("buone_prassi", {"dal": "2022-12-31", "versione": "2", "id_prassi": "Z9"}, "dal", "later"),
        ("reti", {"ruolo": "socio"}, "ruolo", "not a known code"),
        ("reti", {"al": "2022-12-31"}, "al", "earlier than dal"),
        ("strumenti", {"testo_uri": "javascript:1"}, "testo_uri", "URI"),
        ("aree_servizio", {"id_servizio": "S1"}, "id_sede", "not alone"),
        ("aree_servizio", {"comuni": "002001;009999"}, "comuni", "unknown area"),
        ("aree_servizio", {"base": "isocrona"}, "comuni", "does not fit"),
        ("aree_servizio", {"minuti": "15"}, "minuti", "does not fit"),
        (
            "opportunita",
            {**NO_POINT, "ambito_territoriale": "ALTRO"},
            "ambito_territoriale",
            "unknown area",
        ),
        ("opportunita", NO_POINT, "lon, lat", "no position"),
        ("opportunita", {"cod_istat": ""}, "lon, lat", "no municipality"),
    ],
)
def test_a_wrong_row_is_reported_and_the_others_kept(
    tmp_path: Path, table: str, change: dict[str, str], column: str, reason: str
) -> None:
    other = {TABLES[table].key: "Z9"}
    checked = check(tmp_path, **{table: [other, change]})[table]
    (problem,) = checked.problems
    assert (problem.file, problem.row, problem.column) == (f"{table}.csv", 3, column)
    assert reason in problem.reason
    assert checked.rows_in == len(checked.frame) + len(checked.problems) == 2


@pytest.mark.parametrize("state", STATES)
def test_a_pact_is_public_from_its_signing_on(tmp_path: Path, state: str) -> None:
    # Only the steps before it have a day; the other two of the last four did not happen.
    until = STATES.index(state)
    steps = STATES[: min(until, 8) + 1] if until < 9 else (*STATES[:6], state)
    days = {f"data_{s}": f"2023-{month:02}-01" for month, s in enumerate(steps, start=1)}
    empty = {f"data_{s}": "" for s in STATES}
    checked = check(tmp_path, patti=[{"stato": state, **empty, **days}])
    pact = checked["patti"]
    assert not pact.problems
    public = state in TABLES["patti"].public
    assert public == (5 <= until < 11)
    assert (len(pact.frame), pact.restricted) == ((1, set()) if public else (0, {"B1"}))
    assert pact.rows_in == len(pact.frame) + len(pact.restricted)
    practice = done(checked, "buone_prassi").iloc[0]
    assert practice["id_patto"] == ("B1" if public else None)
    if public:
        row = done(checked, "patti").iloc[0]
        assert row["valido_dal"] == row["data_sottoscritto"]
        assert (row["valido_al"] is not None) == (state in {"concluso", "revocato"})


def test_a_field_of_class_c_is_taken_and_goes_nowhere(tmp_path: Path) -> None:
    assert "protocollo" in {f.name for f in DOCUMENTS["patti"].handed_in}
    assert "protocollo" not in LAYERS["patti"].field_names
    frame = check(tmp_path)["patti"].frame
    assert "FASCICOLO-77" not in frame.to_json()


@pytest.mark.parametrize(
    ("number", "shown", "state"),
    [("", None, "no-data"), ("0", None, "band"), ("4", None, "band"), ("5", 5, "published")],
)
def test_few_citizens_are_not_shown(
    tmp_path: Path, number: str, shown: int | None, state: str
) -> None:
    frame = done(check(tmp_path, patti=[{"cittadini": number}]), "patti")
    assert frame["cittadini"].dropna().tolist() == ([] if shown is None else [shown])
    assert frame["cittadini_stato"].tolist() == [state]


def test_versions_of_a_practice_follow_each_other(tmp_path: Path) -> None:
    days = {"1": "2021-05-01", "2": "2022-03-01", "3": "2023-01-01"}
    for order in itertools.permutations(days):
        rows = [{"versione": v, "dal": days[v]} for v in order]
        frame = done(check(tmp_path, buone_prassi=rows), "buone_prassi").set_index("id")
        assert frame["valido_dal"].to_dict() == {f"G1@{v}": day for v, day in days.items()}
        assert frame.loc["G1@1", "valido_al"] == "2022-02-28"
        assert frame.loc["G1@2", "valido_al"] == "2022-12-31"
        assert frame.loc["G1@3", "valido_al"] is None


@pytest.mark.parametrize(
    ("where", "area"),
    [("002001", 0.25), ("002001;002002", 0.5), ("ENTE", 0.5), ("DISTRETTO", 0.5)],
)
def test_an_opportunity_takes_the_area_it_is_valid_in(
    tmp_path: Path, where: str, area: float
) -> None:
    change = {**NO_POINT, "cod_istat": "", "ambito_territoriale": where}
    row = done(check(tmp_path, opportunita=[change]), "opportunita").iloc[0]
    assert row.geometry.area == pytest.approx(area)
    assert (row["tipo_geometria"], row["h3_r9"]) == ("area", None)


def test_a_point_stays_a_point_beside_its_area_of_validity(tmp_path: Path) -> None:
    row = done(check(tmp_path, opportunita=[{"ambito_territoriale": "ENTE"}]), "opportunita")
    assert row["tipo_geometria"].tolist() == ["punto"]
    assert row["h3_r9"].tolist() == [cells.at(45.25, 8.75, 9)]


def test_a_drawn_area_is_a_multipolygon(tmp_path: Path) -> None:
    frame = done(check(tmp_path, patti=[{**NO_POINT, "area_wkt": SQUARE}]), "patti")
    assert frame.geom_type.tolist() == ["MultiPolygon"]
    assert frame.geometry.iloc[0].equals(shapely.from_wkt(SQUARE))


def test_no_area_leads_to_a_reserved_office(tmp_path: Path) -> None:
    hidden = {"tipo_sede": "centro_antiviolenza", "riservata": "true", **NO_POINT}
    drawn = {"comuni": "", "base": "isocrona", "minuti": "15", "area_wkt": SQUARE}
    service = {"id_sede": "", "id_servizio": "S1"}
    areas = [{}, {"id_area": "A2", **service, **drawn}, {"id_area": "A3", **service}]
    checked = check(tmp_path, sedi=[hidden], aree_servizio=areas)["aree_servizio"]
    assert [(p.row, p.column) for p in checked.problems] == [(2, "id_sede"), (3, "base")]
    assert checked.frame["id"].tolist() == ["A3"]


def test_services_at_offices_are_one_point_each_and_leave_reserved_ones_out(
    tmp_path: Path,
) -> None:
    services = [
        {"dato_sintetico": "true"},
        {"id_servizio": "S2", "nome": "Sportello", "dato_sintetico": "false"},
    ]
    offices = [
        {"servizi": "S1;S2", "dato_sintetico": "false"},
        {"id_sede": "D2", "servizi": "S2", "dato_sintetico": "false"},
        {"id_sede": "D3", "riservata": "true", "servizi": "S1"} | ELSEWHERE,
        {"id_sede": "D4", "servizi": ""},
    ]
    checked = check(tmp_path, servizi=services, sedi=offices)
    layer = LAYERS["servizi_sedi"]
    rows = services_at_offices(checked["servizi"].frame, checked["sedi"].frame, layer.field_names)
    frame = completed(rows, layer)
    OpenTable(layer, frame)
    assert frame["id"].tolist() == ["S1@D1", "S2@D1", "S2@D2"]
    assert frame["dato_sintetico"].tolist() == [True, False, False]
    assert frame["nome"].tolist() == ["Nido", "Sportello", "Sportello"]
    assert set(frame["posti"]) == {int(OFFICE["posti"])}
    assert frame.geom_type.tolist() == ["Point"] * 3


def test_an_organisation_needs_no_position(tmp_path: Path) -> None:
    checked = check(tmp_path, organizzazioni=[NO_POINT])["organizzazioni"]
    assert not checked.problems


def test_service_types_name_codes_that_exist(catalog: Catalog) -> None:
    types = catalog.lists["tipo_servizio"].codes
    assert len(types) == 29
    known = {code.code for code in catalog.codelists["prestazione"]}
    for code, entry in types.items():
        assert known.issuperset(entry.siuss), code
        assert entry.inspire is not None
        assert all("=" in tag for tag in entry.osm)
    assert types["antiviolenza"].osm == ()
    columns = {n for n in catalog.layer("offerta_h3_r7").field_names if n.startswith("s_")}
    assert columns == {f"s_{code}" for code in types} - {"s_antiviolenza"}


def test_violence_is_named_in_need_records_alone(catalog: Catalog) -> None:
    entry = catalog.lists["area_utenza"].codes["VIO"]
    assert (entry.parent, entry.siuss, entry.published) == ("FAM", ("1",), False)
    assert "VIO" not in {code.code for code in catalog.codelists["area_utenza"]}
    for table in ("rilevazioni", "domanda", "servizi"):
        asked = kind(catalog, table, References())
        (column,) = [c for c in asked.columns if c.name == "area_utenza"]
        assert column.codes is not None
        assert ("VIO" in column.codes) == (table == "rilevazioni")
    # Elsewhere the two lists are one.
    needs, areas = catalog.lists["bisogno"].codes, catalog.lists["area_utenza"].codes
    assert {c: (e.it, e.en) for c, e in needs.items()} == {
        c: (e.it, e.en) for c, e in areas.items()
    }


def test_the_states_of_a_pact_are_those_of_the_list(catalog: Catalog) -> None:
    assert tuple(code.code for code in catalog.codelists["stato_patto"]) == STATES
    assert len(catalog.lists["target"].codes) == 23
    assert all(one.version for one in catalog.lists.values())
    assert TABLES["patti"].public < set(STATES)
