"""Official residents come in again, in part or whole: nothing that is needed is lost."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from test_cli import atlante
from test_uploads import desk, home, invented, stored

from geo_core.sources import csv, geopop
from geo_core.uploads import importing
from geo_core.uploads.receipt import Receipt
from geo_core.uploads.upload import Desk, Wishes, upload, withdraw

__all__ = ["desk", "home", "invented"]

HEADER = '"Codice comune";"Comune";"Età";"Totale maschi";"Totale femmine";"Totale"'
AGES = 202
"""Rows of one municipality and year."""


def posas(folder: Path, year: int, codes: Collection[str], males: int = 5) -> Path:
    path = folder / f"POSAS_{year}_it_Comuni.csv"
    title = f'"Popolazione residente per età e sesso al 1° gennaio {year}"'
    rows = [f"{code};x;{age};{males};6;{males + 6}" for code in codes for age in (40, 999)]
    path.write_text("\n".join([title, HEADER, *rows]), encoding="utf-8")
    return path


def taken(desk: Desk, *files: Path, partial: bool = False) -> Receipt:
    return importing.run(desk, "istat-posas", list(files), Wishes(partial=partial))


@pytest.fixture
def codes(desk: Desk) -> list[str]:
    return sorted(desk.around().municipalities["cod_istat"])


@pytest.fixture
def official(desk: Desk, codes: list[str], tmp_path: Path) -> Desk:
    receipt = taken(desk, *(posas(tmp_path, year, codes) for year in (2022, 2023)))
    assert receipt.written
    return desk


def test_an_incomplete_file_replaces_its_municipalities_alone(official, codes, tmp_path):
    before = csv.read(stored(official, "residenti"))
    receipt = taken(official, posas(tmp_path, 2023, ["002158"], males=4))
    assert receipt.written
    assert (receipt.replaced, receipt.unchanged) == (AGES, AGES - 1)
    after = csv.read(stored(official, "residenti"))
    other = (before["anno"] != "2023") | (before["cod_istat"] != "002158")
    assert before[other].to_numpy().tolist() == after[other].to_numpy().tolist()
    assert len(after) == len(before) == 2 * len(codes) * AGES
    kept = f"2022 ({len(codes)} municipalities), 2023 ({len(codes) - 1} municipalities)"
    assert f"kept: {kept}" in [note.en for note in receipt.notes]


def test_the_receipt_of_an_importer_tells_what_it_took_the_place_of(official, codes, tmp_path):
    again = taken(official, posas(tmp_path, 2023, codes))
    assert again.replaced == again.unchanged == len(codes) * AGES


def test_a_first_file_without_most_municipalities_is_refused(desk, codes, tmp_path):
    files = [posas(tmp_path, year, ["002158"]) for year in (2022, 2023)]
    receipt = taken(desk, *files)
    assert not receipt.written
    lacking = [f"{year} {code}" for year in (2022, 2023) for code in codes if code != "002158"]
    assert list(receipt.unpeopled) == lacking
    assert not stored(desk, "residenti").exists()
    done = atlante("import", "istat-posas", *files, "--home", desk.settings.home)
    assert done.returncode == 5
    assert f"{len(lacking)} comuni resterebbero senza residenti" in " ".join(done.stderr.split())
    assert taken(desk, *files, partial=True).written
    rest = [posas(tmp_path, year, set(codes) - {"002158"}) for year in (2022, 2023)]
    last = taken(desk, *rest)
    assert (last.written, last.unpeopled) == (True, ())


def test_residents_that_the_build_needs_are_not_withdrawn(official):
    receipt = withdraw(official, "residenti", ["2023", "002158"])
    assert (receipt.written, receipt.unpeopled) == (False, ("2023 002158",))
    assert withdraw(official, "residenti", ["2023", "002158"], partial=True).written


def test_a_member_without_residents_is_refused(official, tmp_path):
    bodies = csv.read(stored(official, "ambiti"))
    more = tmp_path / "ambiti.csv"
    new = bodies.iloc[[0]].assign(cod_istat="001272")
    more.write_text(bodies.to_csv(index=False) + new.to_csv(index=False, header=False))
    receipt = upload(official, "ambiti", [str(more)], Wishes())
    assert not receipt.refused
    assert receipt.unpeopled == ("2022 001272", "2023 001272")


def test_boundaries_that_come_again_are_counted_as_unchanged(desk, tmp_path):
    shapes = geopop.municipalities("002")[["cod_istat", "denominazione", "geometry"]]
    shapes = shapes.rename(columns={"cod_istat": "PRO_COM_T", "denominazione": "COMUNE"})
    shapes = shapes.assign(COD_RIP=1, COD_REG=1, COD_PROV=2).to_crs(32632)
    path = tmp_path / "Com01012024_WGS84.shp"
    shapes.to_file(path)
    first = importing.run(desk, "istat-confini", [path], Wishes())
    assert (first.written, first.replaced, first.unchanged) == (True, 0, 0)
    again = importing.run(desk, "istat-confini", [path], Wishes())
    assert again.replaced == again.unchanged == len(shapes)
