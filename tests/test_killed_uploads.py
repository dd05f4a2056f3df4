"""Uploads and imports whose process is killed: all of their tables or none, invented or real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from test_uploads import home, invented, sent

from geo_core.input_folder import MARKER, held, is_invented
from geo_core.sources import csv, geopop

__all__ = ["home", "invented"]

KILLED = Path(__file__).with_name("killed_uploads.py")
TABLES = ("rilevazioni", "sedi", "organizzazioni")


def states(work: str, home: Path, after: Path) -> list[Path]:
    after.mkdir()
    done = subprocess.run(
        [sys.executable, KILLED, work, home, after], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return sorted(after.iterdir())


def content(home: Path) -> tuple[bytes, ...]:
    return tuple((home / "input" / f"{name}.csv").read_bytes() for name in TABLES)


def check_invented(home: Path, *, all_of_them: bool) -> None:
    files = {p.name: is_invented(p) for p in (home / "input").glob("*.csv")}
    assert not all_of_them or all(files.values()), files


@pytest.fixture
def kept(home: Path) -> Path:
    """Keep the tables that are written, and those they are held against."""
    for path in (home / "input").glob("*.csv"):
        if path.stem in {"domanda", "segnalazioni", "valutazioni"}:
            path.unlink()
    return home


def test_invented_needs_are_never_taken_for_real(kept: Path, tmp_path: Path):
    rows = csv.read(kept / "input" / "rilevazioni.csv")
    one = rows[rows["id_org"] == rows["id_org"].iloc[0]]
    month = one[one["periodo"] == one["periodo"].iloc[0]]
    sent(kept, month.iloc[:-1], "rilevazioni.csv")
    left = states("needs", kept, tmp_path / "after")
    whole = []
    for folder in left:
        check_invented(folder, all_of_them=True)
        with held(folder / "input"):
            whole.append(content(folder))
        check_invented(folder, all_of_them=True)
    assert len(set(whole)) == 2
    assert whole == sorted(whole, key=lambda now: now != whole[0])


def test_an_import_of_two_tables_is_whole(kept: Path, tmp_path: Path):
    town = geopop.municipalities("002").set_index("cod_istat").geometry["002158"]
    point = town.representative_point()
    tags = {"@id": "node/1", "amenity": "social_facility", "social_facility": "food_bank",
            "name": "Emporio di prova", "operator": "Ente di prova"}  # fmt: skip
    feature = {"type": "Feature", "properties": tags,
               "geometry": {"type": "Point", "coordinates": [point.x, point.y]}}  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (kept / "osm.geojson").write_text(text)
    left = states("offices", kept, tmp_path / "after")
    whole = []
    for folder in left:
        with held(folder / "input"):
            whole.append(content(folder))
        assert (folder / "input" / MARKER).exists()
    assert len(left) > 6
    assert len({sedi for _, sedi, _ in whole}) == len(set(whole)) <= 2
