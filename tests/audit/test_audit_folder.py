"""Every leak that is planted in a release folder is caught; nothing is found in a clean one."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace

import leaks_manifest
import leaks_written
import leaks_zones
import orjson
import pytest
import tiny_folder
from leaks_folder import FOLDER_LEAKS

from checks.audit import folder_manifest, statement_form
from checks.audit.collect import collect
from checks.audit.findings import Tally, written
from checks.audit.folder import Folder
from checks.audit.gate import judge
from checks.audit.run import CHECKS, run
from checks.audit.site import CannotAudit, open_site

MODULES = (leaks_manifest, leaks_written, leaks_zones)
"""Puts its leaks into the table."""
LEAST = 200


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "release"
    tiny_folder.write(folder)
    return folder


@pytest.fixture
def spoiled(clean, tmp_path):
    return shutil.copytree(clean, tmp_path / "release")


@pytest.fixture(scope="module")
def held(clean):
    with closing(open_site(str(clean))) as site:
        return collect(site)


def test_a_copy_has_as_many_figures_as_the_release_at_the_gate(held):
    fresh = replace(held, folder=replace(held.folder, fresh=True))
    checked = [CHECKS["formats"].run(of, None) for of in (held, fresh)]
    assert checked[0] == checked[1]


def said(folder, held) -> list[str]:
    """Return what is found in the documents of a release; the rest is as in a clean one."""
    manifest = folder / "manifest.json"
    own = Folder(folder, orjson.loads(manifest.read_bytes()), manifest.read_bytes(), fresh=True)
    disclosure = orjson.loads((folder / "disclosure.json").read_bytes())
    tally = Tally("allowlist")
    statement_form.check(tally, disclosure)
    folder_manifest.check(tally, replace(held, folder=own, disclosure=disclosure))
    return [f"{one.where}: {one.what}" for one in tally.findings]


def found(folder, check) -> list[str]:
    """Return what a check says of a release that was made a moment ago."""
    with closing(open_site(str(folder))) as site:
        try:
            published = collect(site)
        except CannotAudit as error:
            return [error.message] if check == "collect" else []
        fresh = replace(published, folder=replace(published.folder, fresh=True))
        of = (
            run(fresh, site).checked[check]
            if check == "repetition"
            else CHECKS[check].run(fresh, site)
        )
        return [f"{one.where}: {one.what}" for one in of.findings]


def test_the_gate_finds_nothing_in_a_clean_folder(clean):
    verdict = judge(clean)
    assert verdict.findings == ()
    assert json.loads(verdict.report)["figures"] > 5_000


def test_an_input_may_have_the_licence_of_official_statistics(spoiled, held):
    manifest = tiny_folder.manifest_of(spoiled)
    manifest["inputs"][0]["licence"] = "CC-BY-3.0"
    tiny_folder.seal(spoiled, manifest)
    assert said(spoiled, held) == []


def test_the_report_is_the_same_once_it_is_in_the_folder(spoiled):
    report = judge(spoiled).report
    other = written({"program": "0" * 12, "figures": 0, "findings": 0, "checks": []})
    for text, noted in ((report, False), (other, True)):
        leaks_manifest.put(spoiled, text)
        with closing(open_site(str(spoiled))) as site:
            notes = run(collect(site), site).checked["repetition"].notes
        assert any("another version of the audit" in note for note in notes) is noted
        assert judge(spoiled).findings == ()
    leaks_manifest.put(spoiled, report)
    assert judge(spoiled).report == report


@pytest.mark.parametrize("what", FOLDER_LEAKS)
def test_a_leak_in_the_folder_is_caught(what, spoiled, held):
    check, plant = FOLDER_LEAKS[what]
    plant(spoiled)
    sentences = said(spoiled, held) if check == "allowlist" else found(spoiled, check)
    assert sentences
    print(f"{what:<60} {check:<13} {sentences[0]}")  # noqa: T201 - shown with -s


def test_so_many_leaks_are_planted():
    assert len(FOLDER_LEAKS) >= LEAST
