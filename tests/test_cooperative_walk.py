"""The walk of docs/percorso-cooperativa.md: a form filled in a browser reaches the needs map."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import httpx2
import pandas as pd
import pytest
from walk import blocks, type_in

from checks.chromium import visit
from checks.served import serve
from geo_core.model import cells

PAGE = Path(__file__).parents[1] / "docs" / "percorso-cooperativa.md"
LARGEST_NOISE = 40
"""Far beyond what the noise of two draws reaches, far below the 135 persons of the page."""


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    for name in ("input", "private", "releases"):
        shutil.copytree(demo_home / name, tmp_path / "var" / name)
    return tmp_path / "var"


@pytest.fixture
def run(tmp_path: Path, home: Path):
    """Return what types commands of the page in a folder of its own."""

    def command(lines: str) -> str:
        done = type_in(PAGE, lines, folder=tmp_path, home=home)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return command


def entered() -> list[list[str]]:
    """Return the rows of the page's table, without its header."""
    lines = re.findall(r"^\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [line.split(" | ") for line in lines[1:]]


def fill(page, row: list[str]) -> None:
    month, area, needs, persons, town, locality = row
    page.locator("#q-periodo").select_option(month)
    page.locator("#q-area_utenza").select_option(area)
    page.locator(f"input[name=bisogni][value={needs}]").check()
    page.locator("#q-n_persone").fill(persons)
    page.get_by_label("Comune", exact=True).select_option(town)
    page.locator("#q-unita_luogo").select_option(label=locality)
    page.get_by_role("button", name="Aggiungi la riga").click()


def older_people(url: str, cell: str) -> int:
    """Return the published number in the area of the needs map that holds a leaf cell."""
    lon, lat = cells.centre(cells.CellId(cell))
    items = httpx2.get(
        f"{url}/collections/bisogni_h3_r7/items", params={"bbox": f"{lon},{lat},{lon},{lat}"}
    ).json()
    (feature,) = items["features"]
    return feature["properties"]["n_anz"]


def test_a_cooperatives_form_reaches_the_needs_map(
    chromium, home: Path, run, tmp_path: Path, out: Path
):
    _, make, load, build = blocks(PAGE)
    run(make)
    form = tmp_path / "moduli" / "modulo-rilevazioni-ORG-048.html"
    rows = entered()
    with visit(chromium) as seen:
        seen.open(form.as_uri())
        for row in rows:
            fill(seen.page, row)
        with seen.page.expect_download() as started:
            seen.page.get_by_role("button", name="Salva il file").click()
        handed = tmp_path / started.value.suggested_filename
        started.value.save_as(handed)
    assert handed.name in load
    (cell,) = pd.read_csv(handed, dtype=str)["unita_luogo"].unique()
    with serve(home, log=out / "cooperative.log") as server:
        before = older_people(server.url, cell)
    run(load)
    stored = pd.read_csv(home / "input" / "rilevazioni.csv", dtype=str)
    own = stored[(stored["id_org"] == "ORG-048") & (stored["periodo"] == "2023-12")]
    assert sorted(own["n_persone"]) == sorted(row[3] for row in rows)
    run(build)
    with serve(home, log=out / "cooperative.log") as server:
        after = older_people(server.url, cell)
    replaced = 10
    more = sum(int(row[3]) for row in rows)
    assert abs(after - before - more) < LARGEST_NOISE + replaced
