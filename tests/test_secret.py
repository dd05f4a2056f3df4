"""Nothing leads to a secret place: neither its own row nor what stands there."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from test_register import BOTH, CODELISTS, DOCUMENTS, TWO, check

from geo_core.errors import NotFound
from geo_core.ingest.geocode import read_gazetteer
from geo_core.ingest.problems import Checked
from geo_core.ingest.register import check_register
from geo_core.ingest.remembered import FILE, forget, remember, remembered
from geo_core.ingest.secret import NAME, no_longer, read_reserved, read_secrets

PLACE = {"lon": "8.3000000", "lat": "45.3000000", "indirizzo": "Vicolo del Gelso n. 7/A"}
HIDDEN = {"id_sede": "D9", "nome": "Sede riservata", "riservata": "true", **PLACE}
BESIDE = {"lon": "8.3001", "lat": "45.3001"}
FAR = {"lon": "8.31", "lat": "45.31"}


def checked(folder: Path, **rows: list[dict[str, str]]) -> dict[str, Checked[gpd.GeoDataFrame]]:
    """Check the registers with a reserved office beside the others, as a build does."""
    offices = [{}, HIDDEN, *rows.pop("sedi", [])]
    said = check(folder, **{"sedi": offices, **rows})
    found = build(folder)
    # An upload is told the same whether a place is secret or not.
    assert {n: c.problems for n, c in said.items()} == {n: c.problems for n, c in found.items()}
    return found


def build(folder: Path) -> dict[str, Checked[gpd.GeoDataFrame]]:
    secrets = read_secrets(folder, folder / "private", lambda: read_gazetteer(folder, TWO))
    return check_register(
        folder, DOCUMENTS, codelists=CODELISTS, municipalities=TWO, bodies={"ENTE": BOTH},
        secrets=secrets,
    )  # fmt: skip


NAMED = (
    "Casa rifugio Gelso", "CASA-RIFUGIO", "Casa  Rifugio", "Case rifugio della rete",
    "Centro antiviolenza", "Sportello anti violenza", "Centro anti-violenza Gelso",
    "Struttura protetta per minori", "Rifugio per le donne", "Casa segreta", "Women's shelter",
    "Casa per donne vittime di violenza", "Comunit\u00e0 protetta", "\uff23asa rifugio",
    "Casa - rifugio", "Casa/rifugio", "Casa_rifugio", "Centro anti - violenza", "CAV Aurora",
    "C.A.V.", "Centro Donna", "Casa di fuga", "Centro contro la violenza", "Indirizzo riservato",
    "\u0421asa rifugio",
)  # fmt: skip


def test_offices_named_like_a_secret_place_are_reserved_or_refused(tmp_path: Path):
    """Each stands by itself: what is near a secret place would be kept back for that."""
    offices = [
        {
            "id_sede": f"D8-{i}", "nome": name, "tipo_sede": "accoglienza", "indirizzo": "",
            "lon": f"{8.31 + i % 5 * 0.002:.4f}", "lat": f"{45.31 + i // 5 * 0.002:.4f}",
        }
        for i, name in enumerate(NAMED)
    ]  # fmt: skip
    refused = checked(tmp_path, sedi=offices)["sedi"]
    rows = range(4, 4 + len(NAMED))
    assert sorted((p.row, p.column) for p in refused.problems) == [(n, "riservata") for n in rows]
    taken = checked(tmp_path, sedi=[{**office, "riservata": "true"} for office in offices])["sedi"]
    assert not taken.problems
    assert taken.withheld == 1 + len(NAMED)
    shown = taken.frame.set_index("id").loc[[office["id_sede"] for office in offices]]
    assert shown.geometry.isna().all()


@pytest.mark.parametrize(
    "name", ["Rifugio alpino", "Canile rifugio", "Casa protetta per anziani", "Sportello donna",
             "Centro famiglie", "Casa delle donne", "Protezione civile", "Casa Rifugio del CAI",
             "Struttura protetta per anziani", "Comunita protetta psichiatrica", "Via Cavour"],
)  # fmt: skip
def test_other_names_are_not_taken_for_it(name: str):
    assert NAME.search(name.upper()) is None


LEADING = [
    ("sedi", {"id_sede": "D8", **BESIDE, "indirizzo": ""}),
    ("sedi", {"id_sede": "D8", **FAR, "indirizzo": "V.lo del Gelso, 7/a"}),
    ("sedi", {"id_sede": "D8", **FAR, "trasporto": "bus vicolo del Gelso 7 A"}),
    ("opportunita", {"id_opp": "P2", "cod_istat": "002001", **BESIDE}),
    ("opportunita", {"id_opp": "P2", "cod_istat": "002001", **FAR,
                     "titolo": "Open day in Vicolo del Gelso 7/a"}),
    ("opportunita", {"id_opp": "P2", "link": "https://e.example/?q=Vicolo+del+Gelso+7"}),
    ("opportunita", {"id_opp": "P2", "link": "https://e.example/#map=19/45.30010/8.30010"}),
    ("patti", {"id_patto": "B2", **BESIDE}),
    ("patti", {"id_patto": "B2", "lon": "", "lat": "", "area_wkt":
               "POLYGON ((8.2999 45.2999, 8.3001 45.2999, 8.3001 45.3001, 8.2999 45.2999))"}),
    ("buone_prassi", {"id_prassi": "G2", "azione": "Orto al vicolo del Gelso 7/A"}),
    ("servizi", {"id_servizio": "S2", "nome": "Ascolto in vicolo del gelso 7 a"}),
    ("reti", {"id_rete": "R2", "denominazione": "Rete di vicolo del Gelso 7/A"}),
    ("sedi", {"id_sede": "D8", "lon": "8.6", "lat": "45.3", "cod_istat": "002002",
              "indirizzo": "Vicolo del Gelso 7/A"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row"), LEADING)
def test_what_stands_there_is_kept_back_without_a_word(
    tmp_path: Path, table: str, row: dict[str, str]
):
    found = checked(tmp_path, **{table: [row] if table == "sedi" else [{}, row]})[table]
    assert not found.problems
    assert len(found.restricted) == 1
    assert found.rows_in == len(found.frame) + 1


def test_what_refers_to_a_row_that_is_kept_back_does_not_name_it(tmp_path: Path):
    telling = {"id_servizio": "S2", "nome": "Ascolto in vicolo del gelso 7"}
    beside = {"id_sede": "D8", **BESIDE, "indirizzo": ""}
    area = {"id_area": "A2", "id_sede": "D8"}
    found = checked(
        tmp_path, servizi=[{}, telling], sedi=[{"id_sede": "D7", "servizi": "S1;S2"}, beside],
        aree_servizio=[{}, area],
    )  # fmt: skip
    assert not any(table.problems for table in found.values())
    assert found["sedi"].frame.set_index("id").loc["D7", "servizi"] == "S1"
    assert found["aree_servizio"].frame["id"].tolist() == ["A1"]


def test_a_row_that_is_named_like_a_secret_place_shows_none(tmp_path: Path):
    for text in ("titolo", "risorse", "esito"):
        row = {"id_patto": "B2", **FAR, text: "Lavori alla casa rifugio"}
        (problem,) = checked(tmp_path, patti=[{}, row])["patti"].problems
        assert problem.column == "lon, lat"


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("sedi", {"id_sede": "D8", **FAR, "indirizzo": "Vicolo del Gelso 70"}),
        ("sedi", {"id_sede": "D8", **FAR, "indirizzo": "Vicolo del Gelso"}),
        ("sedi", {"id_sede": "D8", "lon": "8.3005", "lat": "45.3", "indirizzo": ""}),
        ("patti", {"id_patto": "B2", "lon": "", "lat": "", "area_wkt":
                   "POLYGON ((8.29 45.29, 8.31 45.29, 8.31 45.31, 8.29 45.31, 8.29 45.29))"}),
        ("opportunita", {"id_opp": "P2", "cod_istat": "", "lon": "", "lat": "",
                         "ambito_territoriale": "002001", "titolo": "Bando per case rifugio"}),
        ("opportunita", {"id_opp": "P2", "link": "https://e.example/#map=19/45.3100/8.3100"}),
    ],
)  # fmt: skip
def test_what_is_elsewhere_passes(tmp_path: Path, table: str, row: dict[str, str]):
    found = checked(tmp_path, **{table: [row] if table == "sedi" else [{}, row]})[table]
    assert not found.problems
    assert not found.restricted


def test_a_reserved_office_does_not_say_in_its_name_where_it_is(tmp_path: Path):
    names = {"nome": "Casa Aurora, Via Giuseppe Verdi 9", "nome_en": "Aurora, via Verdi 9"}
    office = {"id_sede": "D8", "riservata": "true", "indirizzo": "", "lon": "", "lat": "", **names}
    beside = {"id_patto": "B2", "risorse": "Cortile al 9 di via Verdi"}
    found = checked(tmp_path, sedi=[office], patti=[{}, beside])
    row = found["sedi"].frame.set_index("id").loc["D8"]
    assert (row["nome"], row["nome_en"]) == ("Sede riservata", "Reserved office")
    assert found["patti"].restricted == {"B2"}


@pytest.mark.parametrize("flag", ["True", "VERO", "s\u00ec", "1", "boh", ""])
def test_a_row_that_is_refused_hides_its_place_whatever_its_flag(tmp_path: Path, flag: str):
    slip = {**HIDDEN, "riservata": flag, "lon": "8,3", "lat": " 45,3", "indirizzo": ""}
    check(tmp_path, sedi=[{}, slip, {"id_sede": "D8", **BESIDE, "indirizzo": ""}])
    found = build(tmp_path)["sedi"]
    assert [p.row for p in found.problems] == [3]
    assert found.restricted == {"D8"}


def test_a_place_stays_secret_when_its_row_is_gone_until_a_person_forgets_it(tmp_path: Path):
    body = {"id_org": "O3", **BESIDE}
    check(tmp_path, sedi=[{}, {**HIDDEN, "id_org": "O1"}])
    private = tmp_path / "private"
    remember(private, read_reserved(tmp_path))
    remember(private, read_reserved(tmp_path))
    assert (private / FILE).stat().st_mode & 0o777 == 0o600
    assert len(remembered(private)) == 1
    check(tmp_path, organizzazioni=[{}, body], sedi=[{}, {**HIDDEN, "riservata": "false"}])
    found = build(tmp_path)
    assert found["sedi"].restricted == {"D9"}
    assert found["organizzazioni"].frame.set_index("id").loc["O3"].geometry is None
    assert no_longer(tmp_path, private) == ["D9"]
    forget(private, "D9")
    assert build(tmp_path)["sedi"].restricted == frozenset()
    with pytest.raises(NotFound):
        forget(private, "D9")


def test_the_place_is_25_metres_around_a_point_and_100_around_an_area(tmp_path: Path):
    check(tmp_path, sedi=[{}, HIDDEN])
    secrets = read_secrets(tmp_path, tmp_path / "private", lambda: pytest.fail("not to be used"))
    lat = 1 / 111_320
    lon = lat / math.cos(math.radians(45.3))

    def circle(metres: float) -> shapely.Polygon:
        unit = shapely.Point(0, 0).buffer(metres)
        return shapely.transform(unit, lambda xy: xy * [lon, lat] + [8.3, 45.3])

    assert [secrets.at_place(circle(r)) for r in (65, 95, 110)] == [True, True, False]
    moves = [(24, 0), (34, 0), (0, 24), (0, 26)]
    points = [shapely.Point(8.3 + x * lon, 45.3 + y * lat) for x, y in moves]
    assert [secrets.at_place(point) for point in points] == [True, False, True, False]


@pytest.mark.parametrize(
    "change", [BESIDE, {**FAR, "indirizzo": "V.lo del Gelso 7/A"}, {**FAR, "id_org": "O2"},
               {**FAR, "denominazione": "Centro antiviolenza di prova"}],
)  # fmt: skip
def test_a_body_that_shares_the_place_is_listed_without_its_seat(
    tmp_path: Path, change: dict[str, str]
):
    body = {
        "id_org": "O3",
        "indirizzo": "Via Po 1",
        "cap": "13100",
        "sito": "https://e.example/via-del-gelso-7",
        "email": "u@e.example",
        **change,
    }
    office = {"id_sede": "D8", "riservata": "true", "id_org": body["id_org"], "indirizzo": "",
              "lon": "", "lat": ""}  # fmt: skip
    owned = [office] if body["id_org"] == "O2" else []
    found = checked(tmp_path, organizzazioni=[{}, body], sedi=owned)["organizzazioni"]
    assert not found.problems
    rows = found.frame.set_index("id")
    row = rows.loc[body["id_org"]]
    assert row.geometry is None
    hidden = ["indirizzo", "cap", "qualita_geocodifica", "sito", "email", "telefono"]
    assert not row[hidden].notna().any()


def test_a_body_with_other_offices_keeps_its_contacts(tmp_path: Path):
    body = {"sito": "https://e.example/", "email": "u@e.example", "telefono": "0161 555019"}
    own = {"id_sede": "D8", "riservata": "true", "indirizzo": "", "lon": "", "lat": ""}
    for others, kept in (([{}], 3), ([], 0)):
        check(tmp_path, organizzazioni=[body], sedi=[*others, own])
        row = build(tmp_path)["organizzazioni"].frame.iloc[0]
        assert row[["sito", "email", "telefono"]].notna().sum() == kept
        assert row.geometry is None


def test_an_address_is_looked_up_where_there_is_no_point(tmp_path: Path):
    (tmp_path / "indirizzi.csv").write_text(
        "cod_istat,odonimo,localita,civico,lon,lat\n002001,VICOLO DEL GELSO,,7/A,8.3,45.3\n"
    )
    hidden = {**HIDDEN, "lon": "", "lat": ""}
    check(tmp_path, sedi=[{}, hidden, {"id_sede": "D8", **BESIDE}])
    assert build(tmp_path)["sedi"].restricted == {"D8"}


def test_no_register_has_no_secrets(tmp_path: Path):
    secrets = read_secrets(tmp_path, tmp_path / "private", lambda: pytest.fail("not to be used"))
    assert not secrets.at_place(shapely.Point(8.3, 45.3))
    assert not secrets.told("Vicolo del Gelso 7", None)
