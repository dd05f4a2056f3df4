"""Published figures through the life of a district: corrections, new offices, closed ones."""

from __future__ import annotations

import csv
import shutil
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from geo_core import input_folder
from geo_core.disclose import ledger
from geo_core.ingest.intake import THEMES
from geo_core.model.manifest import Manifest
from geo_core.pipeline import build
from geo_core.release.read import Release
from geo_core.settings import BuildSettings

type Row = dict[str, str]


class Quiet:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def stage(self, title: str) -> None:
        self.notes.append(title)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    for name in ("input", "private"):
        shutil.copytree(demo_home / name, tmp_path / name)
    return tmp_path


def read(home: Path, table: str) -> list[Row]:
    with (home / "input" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def change(home: Path, tables: dict[str, list[Row]]) -> None:
    """Put other invented tables in place."""
    folder = home / "input"
    with input_folder.held(folder):
        prepared = input_folder.prepare(folder)
        for name, rows in tables.items():
            with (prepared / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        input_folder.put(folder, invented=[f"{name}.csv" for name in tables])


def file_of(home: Path, manifest: Manifest, collection: str) -> Path:
    return home / "releases" / manifest.id / "collections" / collection / "features.parquet"


def ratings(path: Path) -> dict[str, Row]:
    rows = pq.read_table(path).drop_columns(["geometry", "bbox"]).to_pylist()
    return {row["id"]: {k: v for k, v in row.items() if k != "nome"} for row in rows}


def sealed(home: Path) -> dict[str, str]:
    files = (home / "private").iterdir()
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


def spent(home: Path) -> float:
    return sum(e.epsilon for e in ledger.read(home / "private") if e.theme == "valutazioni")


def test_corrections_after_publication_hold_up_nothing_and_change_no_figure(
    home: Path, demo_release: Release
):
    services = read(home, "servizi")
    services[0]["nome"] = "Servizio corretto"
    records = {name: read(home, name)[:-25] for name in THEMES}
    change(home, {"servizi": services, **records})
    before, quiet = sealed(home), Quiet()
    manifest = build(BuildSettings(home=home), report=quiet, keep_figures=True)
    for info in manifest.collections:
        if info.layer.policy:
            found = file_of(home, manifest, info.layer.id).read_bytes()
            path = f"collections/{info.layer.id}/features.parquet"
            assert found == demo_release.path(path).read_bytes(), info.layer.id
    assert (home / "releases" / manifest.id / "disclosure.json").read_bytes() == (
        demo_release.path("disclosure.json").read_bytes()
    )
    names = pq.read_table(file_of(home, manifest, "servizi"))["nome"].to_pylist()
    assert "Servizio corretto" in names
    assert sealed(home) == before
    told = {note.partition(":")[0] for note in quiet.notes if "published before" in note}
    assert {"valutazioni 2023", "collocazione 2023"} <= told


def test_an_office_that_is_corrected_new_or_closed_changes_no_other_rating(
    home: Path, demo_release: Release
):
    first = ratings(demo_release.path("collections/valutazioni_sedi/features.parquet"))
    charged, offices = spent(home), read(home, "sedi")
    rated = [row for row in offices if row["riservata"] != "true"]
    rated[0]["nome"] = "Sede corretta"
    change(home, {"sedi": [*offices, {**rated[1], "id_sede": "SED-NUOVA"}]})
    manifest = build(BuildSettings(home=home), report=Quiet())
    more = ratings(file_of(home, manifest, "valutazioni_sedi"))
    assert set(more) - set(first) == {"SED-NUOVA"}
    assert {name: more[name] for name in first} == first
    assert spent(home) == charged

    areas = {row["id_sede"] for row in read(home, "aree_servizio")}
    closed = next(row for row in rated[2:] if row["id_sede"] not in areas)
    closed["riservata"] = "true"
    change(home, {"sedi": offices})
    manifest = build(BuildSettings(home=home), report=Quiet())
    fewer = ratings(file_of(home, manifest, "valutazioni_sedi"))
    assert set(first) - set(fewer) == {closed["id_sede"]}
    assert {name: first[name] for name in fewer} == fewer
    assert spent(home) == charged
