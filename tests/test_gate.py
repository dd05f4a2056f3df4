"""The gate: what an audit finds is not published, and what it says is kept where it may be."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.audit.gate import judge
from geo_core import gate
from geo_core.errors import DisclosureError
from geo_core.ingest.italian import error_in_italian
from geo_core.model.manifest import Draft
from geo_core.release.pointer import POINTER
from geo_core.release.read import MANIFEST, Release
from geo_core.settings import BuildSettings
from geo_core.told import passed

COLLECTION = "bisogni_h3_r7"
OTHER = "2023-12-31-00000000000{}"


@dataclass(frozen=True)
class Said:
    """A verdict that was made up, and what was asked for."""

    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    report: str = "{}\n"
    whole: str = '{"all": "of it"}\n'


@pytest.fixture
def settings(tmp_path: Path) -> BuildSettings:
    return BuildSettings(home=tmp_path)


@pytest.fixture
def staged(demo_release: Release, tmp_path: Path) -> Path:
    """Copy the release of the demonstration to where it was before it was published."""
    folder = tmp_path / "releases" / ".staging-x"
    shutil.copytree(demo_release.folder, folder)
    (folder / MANIFEST).unlink()
    (folder / gate.REPORT).unlink()
    return folder


@pytest.fixture
def draft(demo_release: Release) -> Draft:
    return Draft(**{name: getattr(demo_release.manifest, name) for name in Draft.model_fields})


def examine(
    said: Said, staged: Path, draft: Draft, settings: BuildSettings
) -> tuple[list[str], list[Path]]:
    asked: list[Path] = []

    def audit(folder: Path, before: Sequence[Path], _progress: Callable[[str], None]) -> Said:
        assert (folder / MANIFEST).is_file()
        asked.extend(before)
        return said

    return gate.examine(audit, staged, draft, settings, lambda _: None), asked


def earlier(settings: BuildSettings, demo_release: Release, number: int, *, figures: str) -> Path:
    """Put a release in place that shows its own figures."""
    folder = settings.releases / OTHER.format(number)
    folder.mkdir(parents=True)
    said = json.loads((demo_release.folder / MANIFEST).read_bytes())
    for file in said["files"]:
        if COLLECTION in file["path"]:
            file["sha256"] = figures * 64
    (folder / MANIFEST).write_text(json.dumps(said), encoding="utf-8")
    return folder


def test_the_report_is_left_in_the_release_and_nothing_else(staged, draft, settings):
    before = {p.name for p in staged.iterdir()}
    notes, asked = examine(Said(notes=("x cannot be compared",)), staged, draft, settings)
    assert {p.name for p in staged.iterdir()} - before == {gate.REPORT}
    assert (staged / gate.REPORT).read_text(encoding="utf-8") == "{}\n"
    assert (notes, asked) == (["ATTENZIONE: x cannot be compared"], [])


def test_the_operator_is_told_how_much_was_checked(tmp_path):
    (tmp_path / gate.REPORT).write_text('{"figures": 4012345, "findings": 0}', encoding="utf-8")
    said = passed(tmp_path)
    assert said.startswith("4.012.345 cifre ricalcolate, nessun rilievo / ")
    assert said.endswith("4,012,345 figures computed again, no findings")


def test_a_finding_is_told_and_its_evidence_kept_in_private(staged, draft, settings):
    found = tuple(f"replay: c{i}: wrong {{}}" for i in range(5))
    with pytest.raises(DisclosureError, match="found 5 reasons not to publish") as told:
        examine(Said(found), staged, draft, settings)
    assert "c0" in told.value.message
    assert "c3" not in told.value.message
    path = settings.private / gate.FOUND
    assert str(path) in told.value.hint
    assert "there is no earlier release" in told.value.hint
    assert "previous" not in told.value.hint
    assert path.read_text(encoding="utf-8") == '{"all": "of it"}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (staged / gate.REPORT).exists()
    examine(Said(), staged, draft, settings)
    assert not path.exists()


def test_a_finding_says_that_the_release_before_stays(staged, draft, settings):
    (settings.releases / POINTER).write_text(OTHER.format(1), encoding="ascii")
    with pytest.raises(DisclosureError, match="found 1 reason not to publish") as told:
        examine(Said(("replay: c: wrong",)), staged, draft, settings)
    assert "the previous release stays" in told.value.hint
    assert "resta la versione precedente" in error_in_italian(told.value)


def test_the_last_releases_with_other_figures_are_compared(staged, draft, settings, demo_release):
    shown = [earlier(settings, demo_release, i, figures=f) for i, f in enumerate("aabcd")]
    same = settings.releases / OTHER.format(9)
    shutil.copytree(demo_release.folder, same)
    _, asked = examine(Said(), staged, draft, settings)
    assert len(asked) == gate.COMPARED == 3
    assert asked == [shown[4], shown[3], shown[2]]
    assert same not in asked


class TestAudit:
    """The real audit, on the real release."""

    @pytest.fixture
    def before(self, demo_release: Release, tmp_path: Path) -> Path:
        folder = tmp_path / OTHER.format(1)
        folder.mkdir()
        for name in (MANIFEST, "disclosure.json"):
            shutil.copy(demo_release.folder / name, folder)
        shutil.copytree(demo_release.folder / "collections", folder / "collections")
        return folder

    def change(self, folder: Path) -> None:
        """Show one person more, somewhere."""
        path = folder / "collections" / COLLECTION / "features.geojsonl"
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        at = next(i for i, row in enumerate(rows) if row["properties"]["n_anz"])
        rows[at]["properties"]["n_anz"] += 1
        lines[at] = json.dumps(rows[at])
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")

    def test_other_numbers_of_the_same_draw_are_found_and_only_beside(self, demo_release, before):
        self.change(before)
        found = judge(demo_release.folder, [before])
        assert found.report == (demo_release.folder / gate.REPORT).read_text(encoding="utf-8")
        assert json.loads(found.report)["findings"] == 0
        assert any(COLLECTION in line for line in found.findings)
        assert json.loads(found.whole)["findings"] == len(found.findings)

    def test_another_draw_of_invented_records_is_none_nor_what_cannot_be_read(
        self, demo_release, before, tmp_path
    ):
        self.change(before)
        path = before / "disclosure.json"
        said = json.loads(path.read_bytes())
        for one in said["statements"]:
            one["draw"] = "0" * 32
        path.write_text(json.dumps(said), encoding="utf-8")
        found = judge(demo_release.folder, [before, tmp_path])
        assert found.findings == ()
        (note,) = found.notes
        assert note.startswith(f"{tmp_path.name} cannot be compared: the folder is no release")

    def test_a_release_that_cannot_be_read_is_a_finding(self, tmp_path):
        assert judge(tmp_path).findings
