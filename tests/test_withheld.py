"""What a release must not hold: rows of the offices, and places that are secret.

The whole release is searched, every file of it, after unpacking what is packed.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
from pathlib import Path

import h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles

from checks.served import DidNotRun, run
from geo_core.catalog import Catalog
from geo_core.ingest.rules import TABLES
from geo_core.release.pointer import available, current
from geo_core.release.read import Release, open_release

SECRET_PLACE = (8.4237111, 45.3254222)
"""A point in the municipality of Vercelli, where no other row is."""
SECRET_WORDS = ("Vicolo Nascosto 7", "13199", "nascosta@riservata.example", "bus 99 nascosto")
FILE_REFERENCE = "FASCICOLO-SEGRETO-77"
UNPUBLISHED = "Titolo di un patto non ancora pubblico"
CELLS = range(7, 16)
LED_THERE = (
    "SED-VICINA", "SED-DICE", "SED-NOME", "SED-FORMULA", "OPP-VICINA", "PAT-VICINO", "PRA-DICE",
    "SER-DICE",
)  # fmt: skip
"""Rows not published: they stand at the secret place, tell its address, are named like one."""
REFUSED = ("SED-NOME", "SED-FORMULA")
"""Those of which this is said: it has nothing to do with where the secret place is."""
UNVEILED = (8.4192333, 45.3307444)
OF_ITS_PAST = ("Casa del Gelsomino", "Via Gelsomino 9", "8.4192333", "45.3307444")
"""An office that anybody could know until it was made reserved."""


def _append(path: Path, row: dict[str, str]) -> None:
    """Add a row to a table that may not have all its columns yet."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    empty = dict.fromkeys([*rows[0], *row], "")
    _write(path, [{**empty, **one} for one in (*rows, row)])


def _first(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory, demo_home: Path) -> Path:
    """Build the demonstration with an office that has everything it must not tell."""
    home = tmp_path_factory.mktemp("withheld")
    for name in ("input", "private"):
        shutil.copytree(demo_home / name, home / name)
    folder = home / "input"
    lon, lat = SECRET_PLACE
    address, code, email, bus = SECRET_WORDS
    service = next(
        row["servizi"] for row in _rows(folder / "sedi.csv") if row["riservata"] == "true"
    )
    _append(
        folder / "organizzazioni.csv",
        {
            "id_org": "ORG-CASA", "denominazione": "Associazione della sede riservata",
            "tipo": "ets", "cod_istat": "002158", "lon": str(lon), "lat": str(lat),
            "indirizzo": address, "cap": code, "dato_sintetico": "true",
        },
    )  # fmt: skip
    _append(
        folder / "sedi.csv",
        {
            "id_sede": "SED-SEGRETA", "nome": "Sede riservata", "nome_en": "Reserved office",
            "tipo_sede": "centro_antiviolenza", "id_org": "ORG-CASA", "servizi": service,
            "cod_istat": "002158", "lon": str(lon), "lat": str(lat), "indirizzo": address,
            "cap": code, "email": email, "trasporto": bus, "posti": "7", "riservata": "true",
            "telefono": "1522", "dato_sintetico": "true",
        },
    )  # fmt: skip
    pact = next(row for row in _rows(folder / "patti.csv") if row["stato"] == "istruttoria")
    _append(
        folder / "patti.csv",
        {**pact, "id_patto": "PAT-SEGRETO", "titolo": UNPUBLISHED, "protocollo": FILE_REFERENCE},
    )
    public = next(row for row in _rows(folder / "patti.csv") if row["stato"] == "attuazione")
    _append(
        folder / "patti.csv",
        {**public, "id_patto": "PAT-PUBBLICO", "protocollo": FILE_REFERENCE, "cittadini": "3"},
    )
    practice = _first(folder / "buone_prassi.csv")
    _append(
        folder / "buone_prassi.csv",
        {**practice, "id_prassi": "PRA-LEGATA", "versione": "1", "id_patto": "PAT-SEGRETO"},
    )
    _build_before_and_after(home, {"lon": str(lon), "lat": str(lat)}, public["id_org"])
    return home


def _build_before_and_after(home: Path, point: dict[str, str], owner: str) -> None:
    """Build with an office that anybody may know, and again when it is reserved."""
    offices = home / "input" / "sedi.csv"
    past = {"id_sede": "SED-SVELATA", "nome": OF_ITS_PAST[0], "tipo_sede": "accoglienza",
            "id_org": owner, "cod_istat": "002158", "indirizzo": OF_ITS_PAST[1],
            "lon": f"{UNVEILED[0]}", "lat": f"{UNVEILED[1]}", "riservata": "false"}  # fmt: skip
    _append(offices, past)
    run("build", "--home", str(home))
    _lead_there(home / "input", point, owner)
    nothing = dict.fromkeys(("lon", "lat", "indirizzo"), "")
    now = {**past, "nome": "Sede ora riservata", "riservata": "true", **nothing}
    rows = _rows(offices)
    _write(offices, [now if row["id_sede"] == "SED-SVELATA" else row for row in rows])
    (home / "said").write_text(run("build", "--home", str(home), "--allow-partial"))


def _lead_there(folder: Path, point: dict[str, str], owner: str) -> None:
    """Hand in rows that would lead to the secret place, and one that a spreadsheet computes."""
    address = SECRET_WORDS[0]
    office = {"tipo_sede": "polo", "id_org": owner, "cod_istat": "002158", "lon": "8.41",
              "lat": "45.33", "riservata": "false"}  # fmt: skip
    body = {"tipo": "ets", "cod_istat": "002158"}
    for table, key, ident, row in (
        ("organizzazioni", "id_org", "ORG-VICINA", {**body, "denominazione": "Vicina", **point}),
        ("organizzazioni", "id_org", "ORG-DICE",
         {**body, "denominazione": "Dice", "indirizzo": "V.lo Nascosto n. 7"}),
        ("organizzazioni", "id_org", "ORG-NOME",
         {**body, "denominazione": "Casa rifugio di prova", "indirizzo": "Via Taciuta 3"}),
        ("sedi", "id_sede", "SED-VICINA", {**office, "nome": "Vicina", **point}),
        ("sedi", "id_sede", "SED-DICE", {**office, "nome": "Dice", "indirizzo": f"{address}/b"}),
        ("sedi", "id_sede", "SED-NOME", {**office, "nome": "Casa Rifugio Taciuta"}),
        ("sedi", "id_sede", "SED-FORMULA", {**office, "nome": "=HYPERLINK(A1)"}),
        ("opportunita", "id_opp", "OPP-VICINA", {"cod_istat": "002158", **point}),
        ("patti", "id_patto", "PAT-VICINO", {"cod_istat": "002158", **point, "area_wkt": ""}),
        ("buone_prassi", "id_prassi", "PRA-DICE", {"azione": f"Un orto in {address}, Vercelli"}),
        ("servizi", "id_servizio", "SER-DICE", {"descrizione": f"Si riceve in {address}"}),
    ):  # fmt: skip
        like = {} if key in {"id_org", "id_sede"} else _first(folder / f"{table}.csv")
        _append(folder / f"{table}.csv", {**like, **row, key: ident})


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def release(handed_in: Path) -> Release:
    ident = current(handed_in / "releases")
    assert ident is not None
    return open_release(handed_in / "releases" / ident)


@pytest.fixture(scope="module")
def contents(release: Release) -> dict[str, bytes]:
    """Every file of the release, with all that is packed in it unpacked."""
    folder = release.path("disclosure.json").parent
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert {"geojsonl", "idx", "json", "parquet", "pmtiles", "tif"} == {
        path.suffix.removeprefix(".") for path in files
    }
    return {str(path.relative_to(folder)): _unpacked(path) for path in files}


def _unpacked(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix == ".pmtiles":
        source = MemorySource(raw)
        metadata = json.dumps(Reader(source).metadata()).encode()
        return b"\n".join([metadata, *(gzip.decompress(t) for _, t in all_tiles(source))])
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return json.dumps(table.to_pylist(), default=_hexed, ensure_ascii=False).encode() + (
            json.dumps({k.decode(): v.decode() for k, v in table.schema.metadata.items()}).encode()
        )
    return raw


def _hexed(value: object) -> str:
    assert isinstance(value, bytes)
    return shapely.to_wkt(shapely.from_wkb(value), rounding_precision=7)


def _where(contents: dict[str, bytes], word: str) -> list[str]:
    return [name for name, raw in contents.items() if word.encode() in raw]


def test_the_search_would_find_what_is_there(contents: dict[str, bytes], release: Release):
    rows = pq.read_table(release.path("collections/sedi/features.parquet")).to_pylist()
    office = next(row for row in rows if row["geometry"] is not None)
    point = shapely.from_wkb(office["geometry"])
    for word in (office["h3_r9"], office["nome"], f"{point.x}"[:9]):
        found = _where(contents, word)
        assert "collections/sedi/features.geojsonl" in found, word
        assert "collections/sedi/features.parquet" in found, word
    assert "tiles/sedi.pmtiles" in _where(contents, office["h3_r9"])


def test_a_reserved_office_tells_its_municipality_and_number_only(release: Release):
    rows = pq.read_table(release.path("collections/sedi/features.parquet")).to_pylist()
    office = next(row for row in rows if row["id"] == "SED-SEGRETA")
    told = {name for name, value in office.items() if value not in (None, [])}
    assert told == {
        "id", "id_sede", "nome", "nome_en", "tipo_sede", "id_org", "servizi", "n_servizi",
        "tipi_servizio", "telefono", "cod_istat", "riservata", "aggiornato_il", "fonte", "licenza",
        "dato_sintetico", "nome_org", "nome_comune",
    }  # fmt: skip
    assert office["nome_comune"] == "Vercelli", "the name of the code, which is that of the desk"


def test_no_file_holds_the_place_of_a_reserved_office(contents: dict[str, bytes]):
    address, code, *others = SECRET_WORDS
    for word in (address, f'"{code}"', *others, *map(str, SECRET_PLACE)):
        assert _where(contents, word) == [], word
    lon, lat = (re.escape(f"{number:.4f}") for number in SECRET_PLACE)
    pair = re.compile(rf"{lon}\d*,? ?{lat}".encode())
    assert [name for name, raw in contents.items() if pair.search(raw)] == []


def test_no_cell_of_a_reserved_office_is_in_a_collection_of_places(contents: dict[str, bytes]):
    """Coarse cells are those of whole towns: they stand in layers that know nothing of offices."""
    lon, lat = SECRET_PLACE
    chain = {res: h3.latlng_to_cell(lat, lon, res) for res in CELLS}
    places = ("sedi", "servizi_sedi", "aree_servizio", "organizzazioni", "opportunita", "patti",
              "buone_prassi", "valutazioni_sedi")  # fmt: skip
    for res, cell in chain.items():
        found = _where(contents, cell)
        if res > 8:
            assert found == [], cell
        assert not [name for name in found if re.search(rf"\b({'|'.join(places)})\b", name)], cell


def test_a_reserved_office_counts_nowhere(release: Release, demo_release: Release):
    for level in (6, 7, 8):
        path = f"collections/offerta_h3_r{level}/features.parquet"
        ours, theirs = (pq.read_table(r.path(path)) for r in (release, demo_release))
        for column in ("sedi", "servizi", "posti", "posti_ignoti"):
            assert _total(ours, column) == _total(theirs, column)


def _total(table: pa.Table, column: str) -> int:
    return int(np.sum(table[column].to_numpy()))


def test_the_code_of_a_reserved_office_is_in_its_own_collection_only(
    contents: dict[str, bytes], handed_in: Path
):
    codes = [r["id_sede"] for r in _rows(handed_in / "input/sedi.csv") if r["riservata"] == "true"]
    assert len(codes) >= 4
    for code in codes:
        assert _where(contents, f'"{code}"'), code
        assert all(name.startswith("collections/sedi/") for name in _where(contents, code)), code


def test_a_pact_before_its_signing_is_nowhere(contents: dict[str, bytes], handed_in: Path):
    rows = _rows(handed_in / "input" / "patti.csv")
    kept = [row for row in rows if row["stato"] not in TABLES["patti"].public]
    assert {row["stato"] for row in kept} == {
        "contatto", "proposta", "istruttoria", "co_progettazione", "approvazione", "respinto",
    }  # fmt: skip
    for row in kept:
        for word in (row["id_patto"], row["titolo"]):
            assert _where(contents, word) == [], word


def test_fields_of_class_c_are_declared_and_in_no_file(
    contents: dict[str, bytes], catalog: Catalog
):
    never = {
        (family, name)
        for family, document in catalog.documents.items()
        for name, field in document.fields.items()
        if field.sensitivity is not None
    }
    assert ("patti", "protocollo") in never
    for _family, name in never:
        assert _where(contents, f'"{name}"') == []
    assert _where(contents, FILE_REFERENCE) == []


def test_a_few_citizens_are_not_counted_in_public(release: Release):
    rows = pq.read_table(release.path("collections/patti/features.parquet")).to_pylist()
    pact = next(row for row in rows if row["id"] == "PAT-PUBBLICO")
    assert (pact["cittadini"], pact["cittadini_stato"]) == (None, "band")
    assert all(row["cittadini"] is None or row["cittadini"] >= 5 for row in rows)


def test_a_practice_does_not_name_a_pact_that_is_not_public(release: Release):
    rows = pq.read_table(release.path("collections/buone_prassi/features.parquet")).to_pylist()
    practice = next(row for row in rows if row["id_prassi"] == "PRA-LEGATA")
    assert practice["id_patto"] is None


def test_the_hash_of_a_file_with_rows_of_the_offices_is_not_published(release: Release):
    inputs = {i.name: i.sha256 for i in release.manifest.inputs}
    for name in TABLES:
        assert inputs[f"{name}.csv"] is None, name
    assert inputs["popolazione.csv"] is not None


def test_a_body_with_a_secret_place_is_listed_without_its_seat(release: Release):
    lines = release.path("collections/organizzazioni/features.geojsonl").read_bytes().splitlines()
    rows = {row["id"]: row for row in map(json.loads, lines)}
    for ident in ("ORG-CASA", "ORG-VICINA", "ORG-DICE", "ORG-NOME"):
        body = rows[ident]
        assert (
            body["geometry"] is body["properties"]["indirizzo"] is body["properties"]["cap"] is None
        )


def test_what_leads_to_a_secret_place_is_in_no_file(contents: dict[str, bytes], handed_in: Path):
    said = (handed_in / "said").read_text()
    assert sum(int(n) for n in re.findall(r"(\d+) refused", said)) == len(REFUSED)
    for word in (*LED_THERE, "Taciuta", "HYPERLINK"):
        assert _where(contents, word) == [], word


def test_an_older_release_with_a_place_now_secret_is_named_and_can_be_removed(handed_in: Path):
    root = handed_in / "releases"
    now, before = available(root)
    assert now == current(root)
    said = " ".join((handed_in / "said").read_text().split())
    assert f"secret now stands in earlier releases: {before}" in said
    cells = {h3.latlng_to_cell(UNVEILED[1], UNVEILED[0], res) for res in range(9, 16)}
    words = (*OF_ITS_PAST, *cells)
    assert any(word.encode() in _unpacked(p) for word in words for p in _files(root / before))
    with pytest.raises(DidNotRun, match="current release"):
        run("releases", "--home", str(handed_in), "--forget", now)
    run("releases", "--home", str(handed_in), "--forget", before)
    assert available(root) == [now]
    for path in _files(root):
        raw = _unpacked(path)
        assert [word for word in words if word.encode() in raw] == [], path.name


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]
