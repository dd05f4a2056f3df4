"""Several tables stored by a process that is killed: all of them or none, invented or real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd

from geo_core.input_folder import held, is_invented
from geo_core.uploads import storing

KILLED = Path(__file__).with_name("killed_uploads.py")


def words(folder: Path) -> dict[str, str]:
    """Return what each table says of itself, which the marker must say too."""
    said = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}
    for name, text in said.items():
        assert is_invented(folder / f"{name}.csv") == ("inventato" in text), folder
    return said


def test_a_set_of_tables_is_stored_whole_and_invented_stays_invented(tmp_path: Path):
    before, after = tmp_path / "before", tmp_path / "after"
    after.mkdir()
    old = {name: pd.DataFrame({"x": ["inventato"]}, dtype=object) for name in ("a", "b")}
    with held(before):
        storing.store(before, old, invented=["a", "b"])
    done = subprocess.run(
        [sys.executable, KILLED, "tables", before, after],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    left = sorted(after.iterdir())
    assert len(left) > 12
    whole = []
    for folder in left:
        words(folder)
        with held(folder):
            whole.append(words(folder))
        words(folder)
    assert set(map(len, whole)) == {2, 3}
    assert all(now in (whole[0], whole[-1]) for now in whole)
    assert "vero" in whole[-1]["b"]
