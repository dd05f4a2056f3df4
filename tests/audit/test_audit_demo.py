"""The demonstration, audited as a folder and over HTTP: many figures, no finding."""

from __future__ import annotations

import json

from checks.audit.findings import as_json
from checks.audit.run import CHECKS, audit
from checks.served import run

FIGURES = 1_000_000
"""Values that must be verified on the demonstration."""


def test_the_command_finds_nothing_in_the_release_folder(demo_release, tmp_path):
    target = tmp_path / "audit.json"
    said = run("audit", str(demo_release.folder), "--json", str(target))
    report = json.loads(target.read_text(encoding="utf-8"))
    assert demo_release.manifest.id in said
    assert set(report) == {"program", "release", "figures", "findings", "checks"}
    assert (report["release"], report["findings"]) == (demo_release.manifest.id, 0)
    assert report["figures"] >= FIGURES
    assert [check["check"] for check in report["checks"]] == list(CHECKS)


def test_the_server_has_no_finding(demo_server, out):
    report = audit(demo_server.url)
    (out / "audit.json").write_text(as_json(report), encoding="utf-8")
    assert report.findings == ()
    assert report.release == demo_server.release.manifest.id
    assert report.figures >= FIGURES
    assert all(checked.figures for checked in report.checked.values())
    counted = {name: f"{checked.figures:,}" for name, checked in report.checked.items()}
    print(f"figures verified: {report.figures:,} {counted}")  # noqa: T201 - shown with -s
