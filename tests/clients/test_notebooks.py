"""Every notebook runs against a real server, cell by cell, and does what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from rasterio.io import MemoryFile

from checks.chromium import visit
from checks.doctor.recording import recording

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
WHERE = "classe = 5 OR (classe = 4 AND residenti < 1000)"


@pytest.fixture(scope="module")
def ran(demo_server, tmp_path_factory):
    """Return what runs a notebook: its values, what it asked of the server, and its folder."""
    done = {}

    def run(name, *values):
        if name not in done:
            folder = tmp_path_factory.mktemp(name)
            with recording(demo_server.url) as recorder:
                recorder.turn("notebook", name)
                process = subprocess.run(
                    [sys.executable, ROOT / "tests" / "cells.py", NOTEBOOKS[name], *values],
                    env={**os.environ, "ATLANTE_URL": recorder.url, "ATLANTE_USCITA": str(folder)},
                    cwd=folder, capture_output=True, text=True, check=False, timeout=300,
                )  # fmt: skip
                assert process.returncode == 0, process.stderr
                made = json.loads(process.stdout.splitlines()[-1])
                done[name] = (made, list(recorder.log), folder, process.stdout)
        return done[name]

    return run


def test_these_are_the_notebooks():
    assert {*NOTEBOOKS} == {"leggere_e_unire", "ricalcolare_un_indice", "mappa_e_citazione"}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_committed_without_outputs_and_says_all_twice(name):
    cells = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"]).rstrip()
            assert text.endswith("*"), text


def test_the_choice_of_rows_is_left_to_the_server(ran, demo_server):
    _, log, _, _ = ran("leggere_e_unire")
    asked = [one for one in log if one.query.get("filter-lang")]
    with urlopen(f"{demo_server.url}/collections/rischio_comuni/items?limit=1000") as answer:
        towns = [feature["properties"] for feature in json.load(answer)["features"]]
    meant = [t for t in towns if t["classe"] == 5 or (t["classe"] == 4 and t["residenti"] < 1000)]
    assert 0 < len(meant) < len(towns)
    assert [one.features for one in asked] == [len(meant)]
    assert WHERE in "".join("".join(c["source"]) for c in _cells("leggere_e_unire"))
    assert not [one for one in log if one.status >= 400]


def _cells(name):
    return json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))["cells"]


def test_the_index_is_recomputed_to_the_last_digit(ran):
    made, log, _, _ = ran("ricalcolare_un_indice", "scostamento")
    assert 0 < made["scostamento"] < 0.001
    assert sum(one.path.endswith("/lineage") for one in log) == 5


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # a screenshot
def test_the_map_is_drawn_and_contacts_nobody(ran, chromium, demo_server, out):
    _, _, folder, _ = ran("mappa_e_citazione")
    with visit(chromium, width=700, height=800) as seen:
        seen.open((folder / "fragilita.html").as_uri())
        seen.page.wait_for_selector("#deck-container canvas")
        seen.page.wait_for_timeout(4_000)
        png = seen.page.screenshot(path=out / "notebook-mappa.png")
        assert {host for host in seen.hosts if host} == set()
        assert (seen.errors, seen.failed) == ([], [])
    with MemoryFile(png) as file, file.open() as picture:
        pixels = np.unique(picture.read()[:3].reshape(3, -1), axis=1).T.tolist()
    shown = {f"#{r:02x}{g:02x}{b:02x}" for r, g, b in pixels}
    with urlopen(f"{demo_server.url}/raster/rischio_h3_r7/legend") as answer:
        legend = {one["value"]: one["colour"] for one in json.load(answer)["classes"]}
    with urlopen(f"{demo_server.url}/collections/rischio_h3_r7/items?limit=10000") as answer:
        classes = {one["properties"]["classe"] for one in json.load(answer)["features"]} - {None}
    assert len(classes) > 2
    assert {legend[one] for one in classes} == {*legend.values()} & shown


def test_the_citation_is_that_of_the_release(ran, demo_server):
    _, _, folder, printed = ran("mappa_e_citazione")
    ident = demo_server.release.id
    assert f"atlante-{ident}" in (folder / "citation.bib").read_text(encoding="utf-8")
    assert f"version: {ident}" in (folder / "CITATION.cff").read_text(encoding="utf-8")
    assert f"/releases/{ident}/" in printed
