"""The walk of docs/percorso-ufficio.md: an office's Excel sheet becomes features on the map."""

from __future__ import annotations

import re
import shutil
import time
from hashlib import sha256
from pathlib import Path

import httpx2
import openpyxl
import pytest
from walk import blocks, type_in

from checks.served import serve

PAGE = Path(__file__).parents[1] / "docs" / "percorso-ufficio.md"
SHEET = "sedi-ufficio.xlsx"
SWAPPED, RIGHT = ("45,3241", "8,4180"), ("8,4180", "45,3241")
SEEN_WITHIN_S = 30


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    for name in ("input", "private", "releases"):
        shutil.copytree(demo_home / name, tmp_path / "var" / name)
    return tmp_path / "var"


def sheet() -> list[list[str]]:
    """Return the table of the page: the header, then the rows."""
    lines = re.findall(r"^\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def save(folder: Path, rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / SHEET)


def sealed(home: Path) -> dict[str, str]:
    files = (p for p in (home / "private").rglob("*") if p.is_file())
    return {p.name: sha256(p.read_bytes()).hexdigest() for p in files}


def wait_for(url: str, name: str) -> dict[str, object]:
    until = time.monotonic() + SEEN_WITHIN_S
    while time.monotonic() < until:
        answer = httpx2.get(url)
        if answer.status_code == 200 and answer.json()["properties"]["nome"] == name:
            return answer.json()
        time.sleep(0.2)
    raise AssertionError(f"{url} does not show {name}")


def test_an_offices_sheet_reaches_the_map_and_is_corrected(home: Path, tmp_path: Path, out: Path):
    _, body, refused, published, corrected = blocks(PAGE)
    csv = re.search(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "ente.csv").write_text(csv[1], encoding="utf-8")
    done = type_in(PAGE, body, folder=tmp_path, home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = sheet()
    save(tmp_path, rows)
    done = type_in(PAGE, refused, folder=tmp_path, home=home)
    assert done.returncode == 5
    assert "lon e lat sono scambiate" in " ".join(done.stdout.split())
    assert "Note interne" in done.stdout

    at = rows[0].index("Longitudine")
    assert tuple(rows[2][at : at + 2]) == SWAPPED
    rows[2][at : at + 2] = RIGHT
    save(tmp_path, rows)
    done = type_in(PAGE, published, folder=tmp_path, home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    with serve(home, log=out / "walk.log") as server:
        item = f"{server.url}/collections/sedi/items/ESEMPIO-1"
        first = wait_for(item, "Nido di esempio")
        assert first["geometry"]["coordinates"] == [8.4213, 45.3226]
        assert first["properties"]["tipo_sede"] == "nido"
        assert first["properties"]["dato_sintetico"] is True
        before = sealed(home)
        rows[1][rows[0].index("Denominazione")] = "Nido corretto"
        save(tmp_path, rows)
        since = time.monotonic()
        done = type_in(PAGE, corrected, folder=tmp_path, home=home)
        assert done.returncode == 0, done.stdout + done.stderr
        wait_for(item, "Nido corretto")
        seconds = time.monotonic() - since
    assert before
    assert sealed(home) == before
    (out / "correction.txt").write_text(f"{seconds:.0f} s from the upload to the served feature\n")
