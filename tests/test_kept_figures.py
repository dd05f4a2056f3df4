"""Published figures through the life of a district: corrections, new offices, closed ones."""

from __future__ import annotations

import csv
import json
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from going_real import signed

from geo_core import input_folder
from geo_core.disclose import ledger
from geo_core.errors import DisclosureError
from geo_core.ingest.intake import THEMES
from geo_core.model.manifest import Manifest
from geo_core.pipeline import build
from geo_core.release.pointer import current
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
    private = home / "private"
    files = (*private.glob(ledger.FILE), *private.glob("figures-*.json"))
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


def spent(home: Path) -> float:
    return sum(e.epsilon for e in ledger.read(home / "private") if e.theme == "valutazioni")


@pytest.fixture
def real(small_home: Path, tmp_path: Path) -> Path:
    """Call the records of persons and the population of a small district real."""
    shutil.copytree(small_home / "input", tmp_path / "input")
    path = tmp_path / "input" / input_folder.MARKER
    marker = json.loads(path.read_text(encoding="utf-8"))
    for name in (*THEMES, "popolazione"):
        del marker[f"{name}.csv"]
    path.write_text(json.dumps(marker), encoding="utf-8")
    return tmp_path


def drawn(home: Path) -> set[str]:
    entries = ledger.read(home / "private")
    return {f"{e.theme} {e.year}" for e in entries if e.kind == "real"}


def protected(home: Path, manifest: Manifest) -> dict[str, bytes]:
    ids = [info.layer.id for info in manifest.collections if info.layer.policy]
    return {ident: file_of(home, manifest, ident).read_bytes() for ident in ids}


def test_a_plain_build_spends_nothing_of_real_records_and_says_what_waits(real: Path):
    before, quiet = sealed(real), Quiet()
    manifest = build(BuildSettings(home=real, project=signed(real)), report=quiet)
    assert sealed(real) == before
    counts = {i.layer.id: i.count for i in manifest.collections}
    assert not any(counts[i.layer.id] for i in manifest.collections if i.layer.policy)
    assert counts["sedi"]
    said = (real / "releases" / manifest.id / "disclosure.json").read_text(encoding="utf-8")
    assert json.loads(said)["statements"] == []
    told = "\n".join(quiet.notes)
    for one in ("bisogni 2022", "bisogni 2023", "valutazioni 2023", "collocazione 2023"):
        assert f"ATTENZIONE: {one} aspetta" in told
        assert f"WARNING: {one} is waiting" in told
        assert f"atlante build --new-figures --only '{one}'" in told
    assert "epsilon 2 of the 2 of the year" in told
    assert re.search(r"bisogni 2023 is .* \d{3,} persons counted, [1-9]\d* deliveries", told)


def test_real_figures_are_drawn_when_asked_and_then_outlast_corrections(real: Path):
    quiet, settings = Quiet(), BuildSettings(home=real, project=signed(real))
    first = build(settings, report=quiet, new_figures=[])
    assert {"bisogni 2022", "bisogni 2023", "valutazioni 2023"} <= drawn(real)
    assert any(note.startswith("bisogni 2023: new figures") for note in quiet.notes)
    assert not any("aspetta" in note or "is not over" in note for note in quiet.notes)

    services = read(real, "servizi")
    services[0]["nome"] = "Servizio corretto"
    change(real, {"servizi": services})
    for name in THEMES:
        path = real / "input" / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:-25]), encoding="utf-8")
    before, quiet = sealed(real), Quiet()
    second = build(settings, report=quiet)
    assert protected(real, second) == protected(real, first)
    said = [real / "releases" / m.id / "disclosure.json" for m in (first, second)]
    assert said[0].read_bytes() == said[1].read_bytes()
    names = pq.read_table(file_of(real, second, "servizi"))["nome"].to_pylist()
    assert "Servizio corretto" in names
    told = {note.partition(":")[0] for note in quiet.notes if "published before" in note}
    assert {"valutazioni 2023", "collocazione 2023"} <= told

    with pytest.raises(DisclosureError, match="is spent"):
        build(settings, report=Quiet(), new_figures=[])
    assert current(real / "releases") == second.id
    assert sealed(real) == before


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
    assert spent(home) == 2 * charged

    areas = {row["id_sede"] for row in read(home, "aree_servizio")}
    closed = next(row for row in rated[2:] if row["id_sede"] not in areas)
    closed["riservata"] = "true"
    change(home, {"sedi": offices})
    manifest = build(BuildSettings(home=home), report=Quiet())
    fewer = ratings(file_of(home, manifest, "valutazioni_sedi"))
    assert set(first) - set(fewer) == {closed["id_sede"]}
    assert {name: first[name] for name in fewer} == fewer
    assert spent(home) == 2 * charged
