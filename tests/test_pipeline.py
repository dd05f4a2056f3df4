"""The whole line on the demonstration district: what leaves it, what must not, and again."""

from __future__ import annotations

import csv
import json
import re
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from going_real import signed

from checks.audit.gate import judge
from geo_core.catalog import is_declared
from geo_core.errors import DisclosureError, IngestError
from geo_core.gate import REPORT
from geo_core.ingest.intake import THEMES
from geo_core.ingest.rules import TABLES
from geo_core.input_folder import MARKER
from geo_core.model.cells import CellId, parent
from geo_core.open_layers import LATER
from geo_core.pipeline import CONFIDENTIAL, build
from geo_core.release.pointer import current
from geo_core.release.read import Release
from geo_core.settings import BuildSettings

ROOT = Path(__file__).parents[1]


class Quiet:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def stage(self, title: str) -> None:
        self.notes.append(title)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, text: str) -> None:
        """Take no note of it."""


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """Copy the demonstration's inputs and sealed noise, but not its release."""
    for name in ("input", "private"):
        shutil.copytree(demo_home / name, tmp_path / name)
    return tmp_path


def table(release: Release, collection: str):
    return pq.read_table(release.path(f"collections/{collection}/features.parquet")).to_pylist()


def test_the_same_input_and_noise_give_the_same_bytes(home: Path, demo_release: Release):
    manifest = build(BuildSettings(home=home), report=Quiet(), audit=judge)
    assert manifest == demo_release.manifest
    for entry in manifest.files:
        ours = (home / "releases" / manifest.id / entry.path).read_bytes()
        assert ours == demo_release.path(entry.path).read_bytes(), entry.path


def test_no_clock_and_no_path_enters_a_release(demo_home: Path, demo_release: Release):
    forbidden = [str(demo_home).encode(), str(Path.cwd()).encode()]
    for entry in demo_release.manifest.files:
        raw = demo_release.path(entry.path).read_bytes()
        assert not any(word in raw for word in forbidden), entry.path


def test_every_municipal_figure_is_the_real_one(demo_release: Release):
    rows = table(demo_release, "comuni")
    assert len(rows) == 82
    assert sum(r["pop"] for r in rows) == 165_505
    assert sum(r["pop_precedente"] for r in rows) == 166_083
    assert sum(r["sup_km2"] for r in rows) == pytest.approx(2_082.1, abs=0.1)
    smallest = min(rows, key=lambda r: r["pop"])
    assert (smallest["denominazione"], smallest["pop"]) == ("Cervatto", 48)
    risk = {r["denominazione"]: r for r in table(demo_release, "rischio_comuni")}
    assert risk["Cervatto"]["indice_vecchiaia"] == 1400
    assert risk["Cervatto"]["affidabilita"] == "bassa"
    assert sorted(r["rango"] for r in risk.values())[:1] == [1]


def test_population_change_has_the_sign_of_what_happened(demo_release: Release):
    people = {r["cod_istat"]: r for r in table(demo_release, "comuni")}
    values = {r["id"]: r["valore"] for r in table(demo_release, "valori_indicatori")}
    for row in table(demo_release, "rischio_comuni"):
        town = row["cod_istat"]
        now, before = (people[town][k] for k in ("pop", "pop_precedente"))
        change = values[f"DEM04-comune-{town}-2023"]
        assert change == pytest.approx(100 * (now - before) / before, abs=1e-4)
        assert row["affidabilita"] == ("bassa" if now < 500 else "normale")


def test_a_collection_covers_the_days_and_the_box_of_its_rows(demo_release: Release):
    info = {i.layer.id: i for i in demo_release.manifest.collections}
    assert info["bisogni_h3_r7"].interval == ("2023-01-01", "2023-12-31")
    rows = table(demo_release, "opportunita")
    assert info["opportunita"].interval[0] == min(r["valido_dal"] for r in rows)
    assert any(r["valido_al"] is None for r in rows)
    assert info["opportunita"].interval[1] is None
    bounds = shapely.total_bounds(shapely.from_wkb([r["geometry"] for r in rows]))
    assert info["opportunita"].bbox == tuple(bounds)
    assert info["servizi"].bbox is None


def test_real_needs_over_an_invented_population_stop_the_build(home: Path):
    marker = home / "input" / MARKER
    hashes = json.loads(marker.read_text(encoding="utf-8"))
    real = dict.fromkeys(("rilevazioni.csv", "domanda.csv", "segnalazioni.csv"), "")
    marker.write_text(json.dumps(hashes | real), encoding="utf-8")
    with pytest.raises(DisclosureError, match="invented population"):
        build(BuildSettings(home=home, project=signed(home)), report=Quiet())
    assert current(home / "releases") is None


def test_neither_the_order_nor_the_hash_of_personal_rows_is_published(
    home: Path, demo_release: Release
):
    path = home / "input" / "rilevazioni.csv"
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    lines[-1], lines[-2] = lines[-2], lines[-1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    marker = home / "input" / MARKER
    hashes = json.loads(marker.read_text(encoding="utf-8"))
    hashes["rilevazioni.csv"] = sha256(path.read_bytes()).hexdigest()
    marker.write_text(json.dumps(hashes), encoding="utf-8")
    manifest = build(BuildSettings(home=home), report=Quiet())
    files = [entry for entry in demo_release.manifest.files if entry.path != REPORT]
    assert list(manifest.files) == files
    hidden = {i.name for i in demo_release.manifest.inputs if i.sha256 is None}
    assert hidden == set(CONFIDENTIAL) - {"tempi.csv"}  # no demonstration has one
    assert hidden >= {f"{register}.csv" for register in TABLES}


def test_bodies_partition_the_municipalities(demo_release: Release):
    bodies = table(demo_release, "ambiti")
    codes = [code for body in bodies for code in body["comuni"].split(";")]
    assert sorted(codes) == sorted(r["cod_istat"] for r in table(demo_release, "comuni"))
    assert sum(b["pop"] for b in bodies) == 165_505
    assert all(b["dato_sintetico"] for b in bodies)


def test_residents_and_supply_are_the_same_at_every_level(demo_release: Release):
    for res in (7, 8):
        rows = table(demo_release, f"popolazione_h3_r{res}")
        assert sum(r["pop"] for r in rows) == 165_505
    offices = [r for r in table(demo_release, "sedi") if not r["riservata"]]
    chances = [r for r in table(demo_release, "opportunita") if r["tipo_geometria"] == "punto"]
    day = demo_release.manifest.reference_date
    open_now = [r for r in chances if r["apertura"] <= day <= (r["scadenza"] or day)]
    assert 0 < len(open_now) < len(chances)
    for res in (6, 7, 8):
        rows = {r["h3"]: r for r in table(demo_release, f"offerta_h3_r{res}")}
        expected: dict[str, int] = {}
        for office in offices:
            up = parent(CellId(office["h3_r9"]), res)
            expected[up] = expected.get(up, 0) + 1
        assert {h3: r["sedi"] for h3, r in rows.items() if r["sedi"]} == expected
        assert sum(r["posti"] for r in rows.values()) == sum(o["posti"] or 0 for o in offices)
        assert sum(r["opportunita"] for r in rows.values()) == len(open_now)


def test_a_secret_place_is_nowhere(demo_release: Release):
    secret = [r for r in table(demo_release, "sedi") if r["riservata"]]
    assert secret
    for row in secret:
        assert row["geometry"] is None
        assert row["h3_r9"] is row["indirizzo"] is row["cap"] is row["posti"] is None


def test_no_hexagon_repeats_a_municipal_value(demo_release: Release):
    rows = [r for r in table(demo_release, "rischio_h3_r7") if r["punteggio"] is not None]
    municipal = {r["punteggio"] for r in table(demo_release, "rischio_comuni")}
    assert len({r["punteggio"] for r in rows}) > 0.95 * len(rows)
    assert not municipal & {r["punteggio"] for r in rows}
    assert all(r["residenti"] >= 100 for r in rows)
    few = [r for r in table(demo_release, "rischio_h3_r7") if r["residenti"] < 100]
    assert few
    assert all(r["stato"] == "no-data" and r["indice_vecchiaia"] is None for r in few)


def test_needs_are_areas_with_enough_residents_and_no_small_number(demo_release: Release):
    for res in (6, 7, 8):
        rows = table(demo_release, f"bisogni_h3_r{res}")
        assert sum(r["residenti"] for r in rows) == 165_505
        assert min(r["residenti"] for r in rows) >= 100
        shapes = shapely.from_wkb([r["geometry"] for r in rows])
        assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())
        for row in rows:
            for name in ("fam", "dis", "dip", "anz", "imm", "pov", "mul"):
                value, band, status = (row[f"n_{name}{s}"] for s in ("", "_fascia", "_stato"))
                assert (status == "published") == (value is not None)
                assert (status == "band") == (band is not None)
                assert value is None or value >= 5


def test_nothing_of_a_record_leaves(demo_home: Path, demo_release: Release):
    secrets = set()
    for name in THEMES:
        with (demo_home / "input" / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        known = {r[c].encode() for r in rows for c in r if c.startswith("pseudonimo")} - {b""}
        assert len(known) > 100
        secrets |= known
    months = re.compile(rb"20[0-9]{2}-(0[1-9]|1[0-2])(?![-0-9])")
    for entry in demo_release.manifest.files:
        raw = demo_release.path(entry.path).read_bytes()
        assert b"pseudonimo" not in raw
        assert not secrets & set(re.findall(rb"(?=([0-9a-f]{32}))", raw)), entry.path
        if entry.path.endswith((".json", ".geojsonl")):
            assert not months.search(raw), entry.path


def test_the_true_counts_are_not_what_is_published(demo_home: Path, demo_release: Release):
    with (demo_home / "input" / "rilevazioni.csv").open(encoding="utf-8") as file:
        rows = [
            r
            for r in csv.DictReader(file)
            if not r["pseudonimo"] and r["periodo"] >= "2023" and len(r["unita_luogo"]) == 15
        ]
    assert rows
    published = table(demo_release, "bisogni_h3_r6")
    true: dict[tuple[str, str], int] = {}
    for r in rows:
        key = (parent(CellId(r["unita_luogo"]), 6), r["area_utenza"].lower())
        true[key] = true.get(key, 0) + int(r["n_persone"])
    same = [
        row[f"n_{name}"] == true.get((row["h3"], name), 0)
        for row in published
        for name in ("fam", "anz")
        if row[f"n_{name}"] is not None
    ]
    assert np.mean(same) < 0.9


def stated(path: Path):
    """Read a statement but for the names of the draws and what the year has cost."""
    document = json.loads(path.read_bytes())
    for statement in document["statements"]:
        del statement["draw"], statement["epsilon_cumulative"]
    return document


def test_one_person_less_changes_protected_figures_alone(home: Path, demo_release: Release):
    marker = home / "input" / MARKER
    hashes = json.loads(marker.read_text(encoding="utf-8"))
    for name in THEMES:
        path = home / "input" / f"{name}.csv"
        path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]))
        hashes[path.name] = sha256(path.read_bytes()).hexdigest()
    marker.write_text(json.dumps(hashes), encoding="utf-8")
    manifest = build(BuildSettings(home=home), report=Quiet())
    ours = home / "releases" / manifest.id
    assert manifest.id != demo_release.manifest.id
    assert manifest.inputs == demo_release.manifest.inputs
    for info in manifest.collections:
        path = f"collections/{info.layer.id}/features.parquet"
        if info.layer.family in LATER:
            continue
        if info.layer.sensitivity == "A":
            assert (ours / path).read_bytes() == demo_release.path(path).read_bytes()
            continue
        public = ["id", "periodo_inizio", "geometry"]
        public += [n for n in ("h3", "residenti") if n in info.layer.field_names]
        tables = (pq.read_table(p, columns=public) for p in (ours / path, demo_release.path(path)))
        assert next(tables).equals(next(tables)), info.layer.id
    assert stated(ours / "disclosure.json") == stated(demo_release.path("disclosure.json"))


def test_a_theme_without_a_file_is_published_empty_and_stated_nowhere(home: Path):
    for name in ("segnalazioni", "valutazioni"):
        (home / "input" / f"{name}.csv").unlink()
    drawn = set((home / "private").iterdir())
    quiet = Quiet()
    manifest = build(BuildSettings(home=home), report=quiet)
    counts = {i.layer.id: i.count for i in manifest.collections}
    empty = {i.layer.id for i in manifest.collections if not i.count and i.layer.policy}
    assert empty == {i for i in counts if i.startswith(("segnalazioni_h3", "valutazioni_sedi"))}
    said = json.loads((home / "releases" / manifest.id / "disclosure.json").read_bytes())
    assert not {"segnalazioni", "valutazioni"} & {s["theme"] for s in said["statements"]}
    assert {n.partition(":")[0] for n in quiet.notes if "no records" in n} == {
        "segnalazioni", "valutazioni",
    }  # fmt: skip
    # Fewer persons were placed, which alone is a new draw.
    assert len(set((home / "private").iterdir()) - drawn) == 1


def test_a_reserved_office_is_not_rated(demo_home: Path, demo_release: Release):
    with (demo_home / "input" / "sedi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    shown = {r["id_sede"] for r in table(demo_release, "valutazioni_sedi")}
    assert shown == {r["id_sede"] for r in rows if r["riservata"] != "true"}
    assert len(shown) < len(rows)


def test_every_year_is_in_the_series_and_the_latest_on_the_map(demo_release: Release):
    for theme in ("bisogni", "domanda", "segnalazioni"):
        series = table(demo_release, f"{theme}_h3_serie")
        latest = table(demo_release, f"{theme}_h3_r7")
        assert {r["periodo_inizio"][:4] for r in latest} == {"2023"}
        own = [{**r, "id": r["id"].removesuffix("_2023")} for r in series if "_2023" in r["id"]]
        key = {r["id"]: r for r in own}
        assert {r["id"]: r for r in latest} == key


def test_a_refused_row_stops_the_build_and_is_named(home: Path):
    path = home / "input" / "rilevazioni.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    columns = lines[0].split(",")
    row = lines[7].split(",")
    row[columns.index("area_utenza")] = "XXX"
    lines[7] = ",".join(row)
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(IngestError) as caught:
        build(BuildSettings(home=home), report=Quiet())
    assert "rilevazioni.csv, row 8, column area_utenza" in str(caught.value)
    assert "XXX" not in str(caught.value)
    assert current(home / "releases") is None


def test_population_that_differs_from_the_official_one_stops_the_build(home: Path):
    path = home / "input" / "popolazione.csv"
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(IngestError, match="official"):
        build(BuildSettings(home=home), report=Quiet())


def test_noise_that_the_ledger_records_and_is_gone_stops_the_build(home: Path):
    removed = [p for p in (home / "private").rglob("*") if p.is_file() and "ledger" not in p.name]
    assert removed
    for path in removed:
        path.unlink()
    with pytest.raises(DisclosureError):
        build(BuildSettings(home=home), report=Quiet())
    assert current(home / "releases") is None


def test_the_statement_travels_with_the_release(demo_release: Release):
    document = json.loads(demo_release.path("disclosure.json").read_bytes())
    said = [(s["year"], s["theme"]) for s in document["statements"]]
    assert len(set(said)) == len(said)
    latest = [s for s in document["statements"] if s["year"] == 2023]
    assert {s["theme"] for s in latest} == {
        "bisogni", "domanda", "segnalazioni", "valutazioni", "collocazione", "nuclei", "violenza",
    }  # fmt: skip
    assert all(s["synthetic"] for s in latest)
    total = next(t for t in document["totals"] if t["year"] == 2023)
    assert total["epsilon"] == pytest.approx(sum(s["epsilon"] for s in latest))
    assert {t["year"] for t in document["totals"]} == {year for year, _ in said}


def test_the_build_says_where_every_row_went(home: Path):
    quiet = Quiet()
    build(BuildSettings(home=home), report=quiet)
    (line,) = [n for n in quiet.notes if n.startswith("rilevazioni:") and "rows" in n]
    english = line.split(" / ")[1].replace(",", "")
    numbers = [int(word) for word in english.split() if word.isdigit()]
    assert numbers[0] == sum(numbers[1:])
    assert numbers[0] > 10_000


def test_every_value_is_of_an_indicator_in_the_catalogue(demo_release: Release):
    catalogue = {row["id"]: row["unita"] for row in table(demo_release, "indicatori")}
    values = {r["indicatore"]: r["misura"] for r in table(demo_release, "valori_indicatori")}
    assert values.keys() <= catalogue.keys()
    assert all(catalogue[name] == unit for name, unit in values.items())


def test_changed_declarations_are_noticed(demo_release: Release, tmp_path: Path):
    assert is_declared(demo_release.manifest, ROOT)
    for name in ("layers", "styles", "config"):
        shutil.copytree(ROOT / name, tmp_path / name)
    assert is_declared(demo_release.manifest, tmp_path)
    path = tmp_path / "styles" / "sedi.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("Sed", "sed", 1), encoding="utf-8")
    assert not is_declared(demo_release.manifest, tmp_path)
