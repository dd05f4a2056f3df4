"""What must stop a build with real records, each by the command itself: nothing is published."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from going_real import signed
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from checks.served import program
from geo_core.disclose import ledger
from geo_core.ingest.intake import THEMES
from geo_core.input_folder import MARKER
from geo_core.release.pointer import available, current
from geo_core.signing import sign


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program(), *arguments, "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ATLANTE_PROJECT": str(home / "project"), "COLUMNS": "500"},
    )


@pytest.fixture(scope="module")
def first(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish figures of real records under a signed policy, by the command."""
    home = tmp_path_factory.mktemp("real")
    shutil.copytree(small_home / "input", home / "input")
    marker = home / "input" / MARKER
    hashes = json.loads(marker.read_text(encoding="utf-8"))
    for name in (*THEMES, "popolazione"):
        del hashes[f"{name}.csv"]
    marker.write_text(json.dumps(hashes), encoding="utf-8")
    signed(home)
    done = command(home, "build", "--new-figures")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture
def home(first: Path, tmp_path: Path) -> Path:
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    return tmp_path


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def policy(*changes: tuple[str, str], again: bool = False) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        edit(home / "project" / "config" / "disclosure.yml", *changes)
        if again:
            sign(home / "project", by="Responsabile", on="2026-11-23")

    return change


def rows(table: str, *changes: tuple[str, str]) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        path = home / "input" / f"{table}.csv"
        head, line, rest = path.read_text(encoding="utf-8").split("\n", 2)
        for pattern, new in changes:
            line, found = re.subn(pattern, new, line, count=1)
            assert found
        path.write_text(f"{head}\n{line}\n{rest}", encoding="utf-8")

    return change


def fewer_records(home: Path) -> None:
    path = home / "input" / "rilevazioni.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-25]), encoding="utf-8")


def with_method(method: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        path = home / "input" / "popolazione.csv"
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        town = lines[0].split(",")[0]
        told = [f"{x},{method if x.startswith(town) else 'dasimetrico'}" for x in lines]
        path.write_text("\n".join([f"{head},metodo", *told, ""]), encoding="utf-8")

    return change


def invented_population(home: Path) -> None:
    marker = home / "input" / MARKER
    hashes = json.loads(marker.read_text(encoding="utf-8"))
    own = sha256((home / "input" / "popolazione.csv").read_bytes()).hexdigest()
    marker.write_text(json.dumps(hashes | {"popolazione.csv": own}), encoding="utf-8")


def figures(home: Path) -> Path:
    return min((home / "private").glob("figures-*.json"))


def an_older_folder(home: Path) -> None:
    path = home / "private" / ledger.FILE
    (home / "private" / f"figures-{ledger.read(path.parent)[-1].key}.json").unlink()
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


@dataclass(frozen=True)
class Bad:
    """One thing that is wrong, what the command says of it and its exit code."""

    change: Callable[[Path], object]
    code: int
    said: str
    italian: str
    new: bool = False


BAD = {
    "a policy that costs more than the year has": Bad(
        policy(("epsilon: 2.0", "epsilon: 2.5")),
        3, "epsilon is larger than epsilon_year", "epsilon", new=True,
    ),
    "a budget that is spent": Bad(
        fewer_records,
        6, "budget of 'bisogni' is spent", "è finito", new=True,
    ),
    "no population": Bad(
        lambda home: (home / "input" / "popolazione.csv").unlink(),
        4, "popolazione.csv", "manca",
    ),
    "an invented population": Bad(
        invented_population, 6, "over an invented population", "popolazione inventata"
    ),
    "residents by area alone": Bad(
        with_method("areale"), 6, "of 1 municipalities, first", "non si sa in quali celle"
    ),
    "residents called invented": Bad(
        with_method("sintetico"), 6, "of 1 municipalities, first", "non si sa in quali celle"
    ),
    "smaller areas than were signed": Bad(
        policy(("p_min: 100", "p_min: 50")), 6, "not those that were signed", "non sono quelle"
    ),
    "more epsilon than was signed": Bad(
        policy(("epsilon_year: 2.0", "epsilon_year: 4.0")),
        6, "not those that were signed", "non sono quelle", new=True,
    ),
    "a smaller band than was signed": Bad(
        policy(("    band_max: 4", "    band_max: 2")),
        6, "not those that were signed", "non sono quelle",
    ),
    "another name under what was signed": Bad(
        policy(("Responsabile", "Direttore")), 6, "not those that were signed", "non sono quelle"
    ),
    "a policy that was weakened and signed anew, beside its figures": Bad(
        policy(("epsilon: 2.0", "epsilon: 1.9"), again=True),
        6, "drawn under another policy", "con altre regole",
    ),
    "figures that are missing": Bad(
        lambda home: figures(home).unlink(), 6, "for an earlier release is missing", "mancano"
    ),
    "figures that others can read": Bad(
        lambda home: figures(home).chmod(0o644), 6, "other users can read this", "altri utenti"
    ),
    "a private folder without its last draw": Bad(
        an_older_folder, 6, "does not know figures that were published", "non conosce cifre"
    ),
    "a private folder that is gone": Bad(
        lambda home: shutil.rmtree(home / "private"),
        6, "does not know figures that were published: ", "non conosce cifre", new=True,
    ),
    "a record of a category outside the list": Bad(
        rows("rilevazioni", (",(FAM|DIS|DIP|ANZ|IMM|POV|MUL|VIO),", ",XYZ,")),
        5, "area_utenza", "area_utenza",
    ),
    "a policy with a category outside the list": Bad(
        policy(("categories: [cella,", "categories: [XYZ,"), again=True), 3, "XYZ", "XYZ"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_it_stops_the_build_and_the_previous_release_stays(home: Path, name: str):
    bad, root = BAD[name], home / "releases"
    before = (current(root), available(root))
    bad.change(home)
    done = command(home, "build", *(["--new-figures"] if bad.new else []))
    said = done.stdout + done.stderr
    assert done.returncode == bad.code, said
    assert "Traceback" not in said
    assert bad.said in done.stderr
    assert bad.italian in done.stderr
    assert (current(root), available(root)) == before
    with TestClient(create_app(Settings(releases=root))) as client:
        assert client.get("/readyz").json()["release"] == before[0]
        assert client.get("/collections/bisogni_h3_r7/items?limit=1").json()["numberMatched"] > 0


def test_a_corrected_office_is_published_beside_the_same_figures(home: Path):
    """A second release, by the command: the audit compares it with the first."""
    root = home / "releases"
    before = current(root)
    rows("sedi", (",Sportello", ",Sportello corretto"))(home)
    done = command(home, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert current(root) != before
    assert before in available(root)
    stated = [json.loads((root / i / "disclosure.json").read_bytes()) for i in available(root)]
    assert stated[0] == stated[1]
    draws = [(s["draw"], s["epsilon_cumulative"]) for s in stated[0]["statements"]]
    assert len(dict(draws)) == len(draws)
    assert all(cost for _, cost in draws)
