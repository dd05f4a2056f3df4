"""Uploads: what replaces what, what is refused, and that nothing personal stays behind."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from test_cli import atlante

from geo_core.errors import IngestError, NotFound
from geo_core.input_folder import is_invented
from geo_core.model import cells
from geo_core.model.mapping import ColumnMapping
from geo_core.settings import BuildSettings
from geo_core.sources import csv
from geo_core.synth.district import write_district
from geo_core.uploads import importing
from geo_core.uploads.reading import names_persons, read
from geo_core.uploads.receipt import Receipt, keep
from geo_core.uploads.tables import target
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
INVENTED = Wishes(invented=True)
BODY = "ORG-048"


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("invented")
    write_district(home / "input", seed=7)
    return home


@pytest.fixture
def home(invented: Path, tmp_path: Path) -> Path:
    shutil.copytree(invented / "input", tmp_path / "home" / "input")
    return tmp_path / "home"


@pytest.fixture
def desk(home: Path) -> Desk:
    return Desk.open(BuildSettings(home=home))


def stored(desk: Desk, name: str) -> Path:
    return desk.settings.input / f"{name}.csv"


def rows_of(desk: Desk, name: str, **key: str) -> pd.DataFrame:
    rows = csv.read(stored(desk, name))
    for column, value in key.items():
        rows = rows[rows[column] == value]
    return rows.drop(columns=[c for c in ("dato_sintetico", "fonte") if c in rows])


def sent(folder: Path, rows: pd.DataFrame, name: str = "file.csv", **options: object) -> str:
    path = folder / name
    rows.to_csv(path, index=False, **options)
    return str(path)


def some_records(desk: Desk) -> pd.DataFrame:
    """Return the rows of one body and month, some of them with a pseudonym."""
    rows = csv.read(stored(desk, "rilevazioni"))
    known = rows[rows["pseudonimo"] != ""].iloc[0]
    return rows[(rows["id_org"] == known["id_org"]) & (rows["periodo"] == known["periodo"])]


def test_the_same_file_twice_gives_the_same_bytes(desk: Desk, tmp_path: Path):
    for name, rows in (("sedi", rows_of(desk, "sedi")), ("rilevazioni", some_records(desk))):
        path = sent(tmp_path, rows)
        first = upload(desk, name, [path], INVENTED)
        once = stored(desk, name).read_bytes()
        again = upload(desk, name, [path], INVENTED)
        assert stored(desk, name).read_bytes() == once
        assert (first.accepted, first.replaced) == (len(rows), len(rows))
        assert (again.replaced, again.unchanged) == (len(rows), len(rows))
        sent(tmp_path, rows.iloc[::-1])
        upload(desk, name, [path], INVENTED)
        assert stored(desk, name).read_bytes() == once


def test_an_upload_replaces_its_body_and_no_other(desk: Desk, tmp_path: Path):
    own = rows_of(desk, "sedi", id_org=BODY)
    others = rows_of(desk, "sedi").query("id_org != @BODY")
    changed = own.assign(nome="Corretta")
    receipt = upload(desk, "sedi", [sent(tmp_path, changed)], Wishes())
    assert (receipt.accepted, receipt.replaced) == (len(own), len(own))
    after = csv.read(stored(desk, "sedi"))
    kept = after[after["id_org"] != BODY].drop(columns=["dato_sintetico", "fonte"])
    assert kept[list(others)].to_numpy().tolist() == others.to_numpy().tolist()
    mine = after[after["id_org"] == BODY]
    assert set(mine["nome"]) == {"Corretta"}
    assert set(mine["dato_sintetico"]) == {"false"}
    assert set(mine["fonte"]) == {"Dichiarato dall'ente"}
    assert stored(desk, "sedi").stat().st_mode & 0o777 == 0o600
    assert desk.settings.input.stat().st_mode & 0o777 == 0o700


def test_a_period_is_corrected_and_withdrawn(desk: Desk, tmp_path: Path):
    rows = some_records(desk)
    body, month = rows.iloc[0][["id_org", "periodo"]]
    before = len(csv.read(stored(desk, "rilevazioni")))
    corrected = upload(desk, "rilevazioni", [sent(tmp_path, rows.iloc[:-1])], INVENTED)
    assert corrected.of == (f"{body} {month}",)
    assert len(csv.read(stored(desk, "rilevazioni"))) == before - 1
    gone = withdraw(desk, "rilevazioni", [body, month])
    assert gone.replaced == len(rows) - 1
    assert not len(rows_of(desk, "rilevazioni", id_org=body, periodo=month))
    assert is_invented(stored(desk, "rilevazioni"))
    with pytest.raises(IngestError, match="ID_ORG PERIODO"):
        withdraw(desk, "rilevazioni", [body])
    with pytest.raises(IngestError, match="as a whole"):
        withdraw(desk, "ambiti", ["VALSESIA"])


def test_a_refused_row_changes_nothing_unless_allowed(desk: Desk, tmp_path: Path):
    rows = rows_of(desk, "sedi", id_org=BODY).assign(nome="Corretta")
    rows.iloc[0, rows.columns.get_loc("tipo_sede")] = "castello"
    path = sent(tmp_path, rows)
    before = stored(desk, "sedi").read_bytes()
    receipt = upload(desk, "sedi", [path], Wishes())
    assert not receipt.written
    assert stored(desk, "sedi").read_bytes() == before
    (refused,) = receipt.refused
    assert (refused.file, refused.row, refused.cells[0].column) == ("file.csv", 2, "tipo_sede")
    assert [c.reason.it for c in refused.cells] == ["non è un codice conosciuto"]
    assert receipt.rows == receipt.accepted + 1
    partly = upload(desk, "sedi", [path], Wishes(partial=True))
    assert partly.written
    assert len(rows_of(desk, "sedi", id_org=BODY)) == len(rows) - 1


def test_what_other_tables_refer_to_does_not_go_unnoticed(desk: Desk, tmp_path: Path):
    offices = rows_of(desk, "sedi")
    needed = {s for text in offices["servizi"] for s in text.split(";") if s}
    services = rows_of(desk, "servizi")
    body = services[services["id_servizio"].isin(needed)]["id_org"].iloc[0]
    own = services[services["id_org"] == body]
    one = own.assign(id_servizio=[f"NUOVO-{i}" for i in range(len(own))])
    receipt = upload(desk, "servizi", [sent(tmp_path, one)], Wishes())
    assert not receipt.written
    assert {row.file for row in receipt.broken} >= {"sedi.csv"}


def test_files_of_every_format_give_the_same_table(desk: Desk, tmp_path: Path):
    rows = rows_of(desk, "sedi", id_org=BODY)
    points = gpd.points_from_xy(rows["lon"].astype(float), rows["lat"].astype(float))
    shaped = gpd.GeoDataFrame(rows.drop(columns=["lon", "lat"]), geometry=points, crs=4326)
    office = rows.replace({"true": "sì", "false": "No"})
    office["lon"] = office["lon"].str.replace(".", ",")
    office["lat"] = office["lat"].str.replace(".", ",")
    office["verificata_il"] = "31/12/2023"
    rows = rows.assign(verificata_il="2023-12-31")
    shaped["verificata_il"] = "2023-12-31"
    shaped.to_file(tmp_path / "s.gpkg", layer="sedi")
    shaped.to_crs(32632).to_file(tmp_path / "s.fgb")
    shaped.to_file(tmp_path / "s.geojson")
    shaped.to_parquet(tmp_path / "s.parquet")
    rows.to_excel(tmp_path / "s.xlsx", index=False)
    files = [
        sent(tmp_path, rows),
        sent(tmp_path, office, "ufficio.csv", sep=";", encoding="cp1252"),
        *(str(tmp_path / f"s.{e}") for e in ("gpkg", "geojson", "parquet", "xlsx", "fgb")),
    ]
    tables = []
    for path in files:
        receipt = upload(desk, "sedi", [path], Wishes())
        assert receipt.written, (path, receipt.refused)
        tables.append(csv.read(stored(desk, "sedi")))
    for path, table in zip(files[1:], tables[1:], strict=True):
        columns = [c for c in table if c not in {"lon", "lat"}]
        assert table[columns].equals(tables[0][columns]), path
        for c in ("lon", "lat"):
            known = table[c] != ""
            far = table[known][c].astype(float) - tables[0][known][c].astype(float)
            assert far.abs().max() <= 2e-7, path


def test_columns_are_named_and_persons_are_not_let_in(desk: Desk, tmp_path: Path):
    rows = rows_of(desk, "sedi", id_org=BODY)
    receipt = upload(desk, "sedi", [sent(tmp_path, rows.assign(note="x"))], Wishes())
    assert receipt.left_out == ("note",)
    before = stored(desk, "sedi").read_bytes()
    with pytest.raises(IngestError, match=r"single persons: \d+ \(Referente\)"):
        upload(desk, "sedi", [sent(tmp_path, rows.assign(Referente="x"))], Wishes())
    with pytest.raises(IngestError, match=r"not taken here: \d+ \(n\)"):
        upload(desk, "rilevazioni", [sent(tmp_path, some_records(desk).assign(n="x"))], INVENTED)
    with pytest.raises(IngestError, match="missing: nome"):
        upload(desk, "sedi", [sent(tmp_path, rows.drop(columns="nome"))], Wishes())
    assert stored(desk, "sedi").read_bytes() == before
    assert names_persons("Codice fiscale del legale rappresentante")
    assert not names_persons("Denominazione")


def test_a_file_with_its_own_columns_and_words_is_mapped(desk: Desk, tmp_path: Path):
    table = target("sedi", desk.catalog, desk.around().known)
    own = ColumnMapping(
        columns={"Codice": "id_sede", "Denominazione": "nome", "Tipo": "tipo_sede"},
        ignore=("Telefono interno",),
        constants={"id_org": BODY, "riservata": "no", "cod_istat": "2158"},
        words={"tipo_sede": {"Asilo nido": "nido"}},
    )
    table.mappings["prova"] = own
    heads = ["Codice", "Denominazione", "Tipo", "Telefono interno", "lat", "Piano"]
    rows = pd.DataFrame([["S1", "Sede", "Asilo nido", "1", "45,3", "2"]], columns=heads)
    found = read([sent(tmp_path, rows, sep=";")], table, profile="prova")
    assert found.rows.to_dict("records") == [
        {
            "id_sede": "S1",
            "nome": "Sede",
            "tipo_sede": "nido",
            "id_org": BODY,
            "cod_istat": "002158",
            "lat": "45.3",
            "riservata": "false",
        }
    ]
    assert found.left_out == ("Piano", "Telefono interno")
    assert read([str(tmp_path / "file.csv")], table, profile=None).rows.equals(found.rows)
    with pytest.raises(NotFound, match="prova"):
        read([str(tmp_path / "file.csv")], table, profile="prove")


PERSONAL = [
    ("unita_luogo", "Rossi Mario"),
    ("fascia_eta", "1950-03-12"),
    ("canale", "mario.rossi@example.org"),
    ("canale", "0161 555 0199"),
    ("area_utenza", "RSSMRA80A01L219X"),
    ("unita_luogo", "RSSMRA80A01L21VX"),
    ("unita_luogo", "45.321745, 8.421337"),
    ("unita_luogo", cells.at(45.32, 8.42, 9)),
    ("area_utenza", "XXX"),
    ("n_persone", "131"),
    ("fascia_eta", "130-140"),
    ("esito", "la signora aspetta da tempo"),
]


def test_nothing_personal_passes_the_command(home: Path, tmp_path: Path):
    desk = Desk.open(BuildSettings(home=home))
    good = some_records(desk).iloc[0]
    rows = pd.DataFrame([{**good, column: text} for column, text in PERSONAL])
    before = stored(desk, "rilevazioni").read_bytes()
    path = sent(tmp_path, rows)
    done = atlante("import", "rilevazioni", path, "--home", home, "--rows-are-invented")
    assert done.returncode == 5
    assert stored(desk, "rilevazioni").read_bytes() == before
    (kept,) = (home / "receipts").iterdir()
    receipt = Receipt.model_validate_json(kept.read_bytes())
    assert [(r.row, c.column) for r in receipt.refused for c in r.cells] == [
        (row, column) for row, (column, _) in enumerate(PERSONAL, start=2)
    ]
    said = kept.read_text(encoding="utf-8") + done.stdout + done.stderr
    for _, text in PERSONAL:
        assert re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said) is None
    assert good["pseudonimo"] == "" or good["pseudonimo"] not in said


def test_pseudonyms_are_keyed_again_before_they_are_kept(desk: Desk, tmp_path: Path):
    rows = some_records(desk)
    upload(desk, "rilevazioni", [sent(tmp_path, rows)], INVENTED)
    body, month = rows.iloc[0][["id_org", "periodo"]]
    after = rows_of(desk, "rilevazioni", id_org=body, periodo=month)
    for column in ("pseudonimo", "pseudonimo_nucleo"):
        given, kept = ({p for p in table[column] if p} for table in (rows, after))
        assert len(kept) == len(given) > 0
        assert not kept & given


def test_real_rows_about_persons_do_not_join_invented_ones(desk: Desk, tmp_path: Path):
    path = sent(tmp_path, some_records(desk))
    with pytest.raises(IngestError, match="must not join"):
        upload(desk, "rilevazioni", [path], Wishes())
    stored(desk, "rilevazioni").unlink()
    upload(desk, "rilevazioni", [path], Wishes())
    assert not is_invented(stored(desk, "rilevazioni"))
    with pytest.raises(IngestError, match="not invented"):
        upload(desk, "rilevazioni", [path], INVENTED)


def test_a_write_that_fails_leaves_the_table(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = stored(desk, "sedi").read_bytes()
    path = sent(tmp_path, rows_of(desk, "sedi", id_org=BODY).assign(nome="Corretta"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            upload(desk, "sedi", [path], Wishes())
    assert stored(desk, "sedi").read_bytes() == before
    assert upload(desk, "sedi", [path], Wishes()).written


def test_membership_may_name_municipalities_of_other_provinces(desk: Desk, tmp_path: Path):
    rows = rows_of(desk, "ambiti")
    more = pd.concat(
        [rows, rows[rows["cod_ambito"] == "GATTINARA"].iloc[:1].assign(cod_istat="003130")]
    )
    receipt = upload(desk, "ambiti", [sent(tmp_path, more)], Wishes())
    assert (receipt.written, receipt.accepted) == (True, len(rows) + 1)
    assert receipt.replaced == len(rows)
    district = Desk.open(desk.settings)
    assert "003130" in set(district.around().municipalities["cod_istat"])
    assert len(district.around().municipalities) == 83
    assert "003130" in district.around().known.municipalities


def test_abolished_codes_are_written_as_todays(desk: Desk, tmp_path: Path):
    history = SHARED / "ontopia_cities_history_prov002.csv"
    if not history.exists():
        pytest.skip("the history of municipal codes is not here")
    receipt = upload(desk, "comuni_storia", [str(history)], Wishes())
    assert receipt.written
    assert receipt.rows == 475 == receipt.accepted + sum(p.rows for p in receipt.left_out_rows)
    assert {part.why.en for part in receipt.left_out_rows} == {
        "last no day",
        "repeat another row, and are counted in the column parti",
    }
    kept = csv.read(stored(desk, "comuni_storia"))
    now = kept[kept["al"] == ""]
    assert len(now) == now["cod_istat"].nunique() == 82
    assert set(now[now["cod_istat"].isin(["002170", "002171"])]["parti"]) == {"2"}

    places = rows_of(desk, "localita").iloc[:2].copy()
    places["cod_istat"] = "002171"
    here = desk.around().municipalities.set_index("cod_istat").geometry["002171"]
    spot = here.representative_point()
    places["lon"], places["lat"] = f"{spot.x:.6f}", f"{spot.y:.6f}"
    places["cod_istat"] = ["002019", "002038"]
    invented = Wishes(invented=True)
    receipt = upload(desk, "localita", [sent(tmp_path, places)], invented)
    assert receipt.written, receipt.refused
    assert receipt.translated == ("002019 → 002171 (1)", "002038 → 002171 (1)")
    places["cod_istat"] = ["002111", "002171"]
    receipt = upload(desk, "localita", [sent(tmp_path, places)], invented)
    assert not receipt.written
    (refused,) = receipt.refused
    assert "soppresso il 2018-01-01" in refused.cells[0].reason.it


def test_an_importer_brings_its_tables_and_a_receipt(desk: Desk):
    file = SHARED / "vercelli_5x1000_2022_ets_onlus.csv"
    if not file.exists():
        pytest.skip("the list of the five per thousand is not here")
    name = "cinque-per-mille"
    before = len(csv.read(stored(desk, "organizzazioni")))
    receipt = importing.run(desk, name, [file], Wishes(partial=True))
    assert receipt.written
    lines = len(file.read_text(encoding="utf-8").splitlines()) - 1
    left = sum(part.rows for part in receipt.left_out_rows)
    assert receipt.rows == lines == receipt.accepted + len(receipt.refused) + left
    once = stored(desk, "organizzazioni").read_bytes()
    assert len(csv.read(stored(desk, "organizzazioni"))) > before
    importing.run(desk, name, [file], Wishes(partial=True))
    assert stored(desk, "organizzazioni").read_bytes() == once


def test_a_receipt_says_everything_and_is_private(desk: Desk, tmp_path: Path):
    receipt = upload(desk, "sedi", [sent(tmp_path, rows_of(desk, "sedi"))], Wishes())
    path = keep(receipt, desk.settings.receipts)
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_bytes())
    assert document["rows"] == document["accepted"] == len(rows_of(desk, "sedi"))
    assert document["title"]["en"]
