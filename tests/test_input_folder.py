"""The input folder: whole or as before, whenever its writer is killed; invented stays invented."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from geo_core import input_folder, private
from geo_core.errors import IngestError, SourceError
from geo_core.input_folder import MARKER, held, is_invented, prepare, put

KILLED = Path(__file__).with_name("killed.py")
OLD = {"a.csv": "x\ninventato\n", "b.csv": "x\ninventato\n", "c.csv": "x\ninventato\n",
       "e.csv": "x\nvero da sempre\n"}  # fmt: skip
NEW = {"a.csv": "x\nvero\n", "b.csv": "x\ninventato di nuovo\n", "d.csv": "x\nvero anche questo\n",
       "e.csv": "x\nvero da sempre\n"}  # fmt: skip


def states(work: str, before: Path, after: Path) -> list[Path]:
    """Return what each killed process left behind; the last one was not killed."""
    after.mkdir()
    done = subprocess.run(
        [sys.executable, KILLED, work, before, after], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return sorted(after.iterdir())


def tables(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.csv")}


def check_words(folder: Path) -> None:
    """Hold the marker's word on every table against what the table says of itself."""
    for path in folder.glob("*.csv"):
        assert is_invented(path) == ("inventato" in path.read_text()), path


@pytest.fixture
def before(tmp_path: Path) -> Path:
    folder = tmp_path / "before"
    with held(folder):
        prepared = prepare(folder)
        for name, text in OLD.items():
            private.write(prepared / name, text.encode())
        put(folder, invented=["a.csv", "b.csv", "c.csv"])
    check_words(folder)
    return folder


def test_a_killed_writer_leaves_the_old_tables_or_the_new(before: Path, tmp_path: Path):
    left = states("several", before, tmp_path / "after")
    assert len(left) > 12
    whole = []
    for folder in left:
        check_words(folder)
        with held(folder):
            whole.append(tables(folder))
        assert whole[-1] in (OLD, NEW), folder
        check_words(folder)
        assert {p.name for p in folder.iterdir()} == {*whole[-1], MARKER}
        assert all(p.stat().st_mode & 0o777 == 0o600 for p in folder.iterdir())
    assert (whole[0], whole[-1]) == (OLD, NEW)
    assert whole == sorted(whole, key=lambda now: now == NEW)


def test_who_finishes_may_be_killed_too(before: Path, tmp_path: Path):
    left = states("several", before, tmp_path / "after")
    ready = [folder for folder in left if (folder / ".pronto").exists()]
    assert len(ready) > 3
    for number, folder in enumerate(ready):
        again = states("hold", folder, tmp_path / f"again{number}")
        for second in again:
            check_words(second)
            with held(second):
                assert tables(second) == NEW
            check_words(second)


def test_the_same_bytes_may_be_invented_first_and_real_later(tmp_path: Path):
    for invented in (True, False):
        with held(tmp_path):
            private.write(prepare(tmp_path) / "a.csv", b"x\n1\n")
            put(tmp_path, invented=["a.csv"] if invented else [])
        assert is_invented(tmp_path / "a.csv") == invented


def test_a_marker_of_an_earlier_version_is_understood(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")
    (tmp_path / MARKER).write_text(json.dumps({"a.csv": sha256(b"x\n1\n").hexdigest()}))
    assert is_invented(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "marker", ["", "[]", "5", '{"a.csv": 5}', '{"a.csv": [5]}', '{"a.csv": {}}']
)
def test_a_damaged_marker_is_an_error_for_people(tmp_path: Path, marker: str):
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")
    (tmp_path / MARKER).write_text(marker)
    with pytest.raises(SourceError, match="which tables are invented"):
        is_invented(tmp_path / "a.csv")
    with held(tmp_path):
        private.write(prepare(tmp_path) / "b.csv", b"x\n")
        with pytest.raises(SourceError):
            put(tmp_path)
    assert not (tmp_path / "b.csv").exists()
    (tmp_path / MARKER).unlink()
    assert not is_invented(tmp_path / "a.csv")


def test_a_folder_that_others_may_read_is_closed(tmp_path: Path):
    tmp_path.chmod(0o755)
    with held(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_every_table_is_on_the_disk_before_the_change_is_called_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced = set()

    def sync(path: Path) -> None:
        if not (tmp_path / ".pronto").exists():
            synced.add(path.name)

    monkeypatch.setattr(private, "sync", sync)
    with held(tmp_path):
        prepared = prepare(tmp_path)
        for name in ("a.csv", "b.csv"):
            (prepared / name).write_bytes(b"x\n")
        put(tmp_path, invented=["a.csv"])
    assert synced >= {"a.csv", "b.csv", MARKER, ".in-preparazione"}


def test_one_writer_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(input_folder, "WAIT_S", 0.2)
    with held(tmp_path), pytest.raises(IngestError, match="in use"), held(tmp_path):
        pass
    with held(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o700
