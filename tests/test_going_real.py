"""A district with real data: the least it needs, what it is called, and under whose signature."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from going_real import ROOT, signed
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from checks.served import DidNotRun, run
from geo_core.catalog import is_declared, read_catalog
from geo_core.errors import DisclosureError
from geo_core.ingest.handed_in import NEEDED
from geo_core.ingest.lineage import GOALPOSTS, Lineage, overall
from geo_core.ingest.official import official
from geo_core.ingest.rules import TABLES
from geo_core.input_folder import MARKER
from geo_core.model.content import titled
from geo_core.model.district import District
from geo_core.model.manifest import Manifest
from geo_core.model.text import Text
from geo_core.open_layers import open_tables
from geo_core.pipeline import _ground, build
from geo_core.release.read import Release
from geo_core.settings import BuildSettings
from geo_core.sources import geopop
from geo_core.strict_yaml import read_document
from geo_core.warned import unnamed


class Told:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def stage(self, title: str) -> None:
        """Take no note of it."""

    def progress(self, text: str) -> None:
        """Take no note of it."""


SOURCE = (Text(it="Ufficio", en="Office"),)


def lineage(synthetic: str, *, rows: bool = True) -> Lineage:
    return Lineage(SOURCE if rows else (), synthetic)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bring the needed tables, in the order and by the commands that the build asks for."""
    home = tmp_path_factory.mktemp("bare")
    towns = geopop.municipalities(province="002")["cod_istat"]
    with (home / "ambiti.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["cod_istat", "cod_ambito", "denominazione", "dal", "al"])
        writer.writerows([town, "VC", "Ente gestore", "2020-01-01", ""] for town in towns)
    files = {"ambiti": [str(home / "ambiti.csv")]}
    for name, command in NEEDED.items():
        # Of the ways to come by residents, the one that needs no file.
        asked = "popolazione-areale" if name == "popolazione" else command.split()[2]
        assert asked in command
        run("import", asked, *files.get(name, []), "--home", str(home))
    return home


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def least(bare: Path, told: Told) -> Manifest:
    return build(BuildSettings(home=bare), report=told)


def test_the_least_that_a_district_needs_is_enough(bare: Path, least: Manifest):
    counts = {info.layer.id: info.count for info in least.collections}
    assert [counts[name] for name in ("comuni", "ambiti", "rischio_comuni")] == [82, 1, 82]
    empty = [info.layer for info in least.collections if info.layer.family in TABLES]
    assert [counts[layer.id] for layer in empty] == [0] * len(empty)
    said = {layer.id: layer.source.it for layer in empty}
    assert said["sedi"] == said["reti"] == "Nessuna fonte: la raccolta è vuota"
    assert not any("dimostrativo" in source for source in said.values())
    assert is_declared(least, ROOT)
    assert {path.name for path in (bare / "input").iterdir()} == {f"{n}.csv" for n in NEEDED}


def test_nothing_real_is_called_a_demonstration(bare: Path, least: Manifest):
    with TestClient(create_app(Settings(releases=bare / "releases"))) as client:
        pages = [client.get(f"{path}?lang=it").text for path in ("/", "/embed/")]
        assert "inventato" not in pages[1]
    assert least.title.it == "Distretto sociale di Vercelli"
    for page in pages:
        assert least.title.it in page
        assert "(dimostrativo)" not in page
    assert not any("dimostrativo)" in info.layer.title.it for info in least.collections)


def test_real_data_in_the_name_of_the_demonstration_are_warned_of(told: Told, least: Manifest):
    said = [note for note in told.notes if note.startswith(("ATTENZIONE", "WARNING"))]
    assert [note.partition(":")[0] for note in said] == ["ATTENZIONE", "WARNING"]
    assert sum("config/distretto.yml" in note for note in told.notes) == 2
    assert least.publication.publisher.ipa == "codice_inventato"


def test_who_has_named_itself_is_not_warned(tmp_path: Path):
    path = signed(tmp_path) / "config" / "distretto.yml"
    assert unnamed(read_document(path, District), "none") == []
    assert unnamed(read_document(ROOT / "config" / "distretto.yml", District), "all") == []


def test_a_demonstration_is_called_one(demo_release: Release):
    assert demo_release.manifest.title.it == "Distretto sociale di Vercelli (dimostrativo)"
    with TestClient(create_app(Settings(releases=demo_release.folder.parent))) as client:
        assert "vuol dire inventato" in client.get("/embed/?lang=it").text


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"sedi": lineage("all"), "ambiti": lineage("all")}, "all"),
        ({"sedi": lineage("all"), "ambiti": lineage("none")}, "some"),
        ({"sedi": lineage("some")}, "some"),
        ({"sedi": lineage("none"), "reti": lineage("none", rows=False)}, "none"),
        ({"sedi": lineage("all"), "reti": lineage("none", rows=False)}, "all"),
        ({"sedi": lineage("all"), "confini": lineage("none"), GOALPOSTS: lineage("none")}, "all"),
        ({"sedi": lineage("none"), "residenti": lineage("all")}, "some"),
        ({"confini": lineage("none")}, "none"),
    ],
)
def test_the_title_of_a_district_follows_what_was_handed_in(found, state):
    assert overall(found) == state
    ends = {"all": " (dimostrativo)", "some": " (in parte dimostrativo)", "none": ""}
    assert titled(Text(it="D", en="D"), state).it == f"D{ends[state]}"


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_home / "input", tmp_path / "input")
    return tmp_path


def test_real_records_are_not_published_under_the_signature_of_nobody(home: Path):
    marker = home / "input" / MARKER
    hashes = json.loads(marker.read_text(encoding="utf-8"))
    marker.write_text(json.dumps(hashes | {"valutazioni.csv": ""}), encoding="utf-8")
    with pytest.raises(DisclosureError, match="valutazioni") as caught:
        build(BuildSettings(home=home), report=Told())
    assert "atlante sign" in caught.value.hint
    assert not (home / "private").exists()
    with pytest.raises(DidNotRun, match="responsabile della protezione dei dati"):
        run("build", "--home", str(home))


@pytest.mark.parametrize("absent", sorted(TABLES))
@pytest.mark.parametrize("header", [False, True])
def test_no_register_is_needed(home: Path, absent: str, *, header: bool):
    path = home / "input" / f"{absent}.csv"
    columns = pd.read_csv(path, nrows=0)
    path.unlink()
    if header:
        columns.to_csv(path, index=False)
    settings = BuildSettings(home=home)
    catalog = read_catalog(ROOT)
    district = read_document(ROOT / "config" / "distretto.yml", District)
    base = official(settings.input, district)
    ground = _ground(settings, catalog, district, base, lambda _: None)
    tables = {table.layer.id: table for table in open_tables(catalog, ground)}
    assert tables[absent].frame.empty
    assert tables[absent].layer.synthetic == "none"
