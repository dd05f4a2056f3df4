"""The gate before publishing: the audit of the staged release, and what happens if it finds.

The audit is handed in as a function, because the build imports no check.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from geo_core import private
from geo_core.errors import DisclosureError
from geo_core.model.manifest import Draft
from geo_core.release.pointer import available, current
from geo_core.release.read import MANIFEST
from geo_core.release.write import described
from geo_core.settings import BuildSettings

REPORT: Final = "audit.json"
"""In a release: the report on it by itself, the same bytes on every build."""
FOUND: Final = "audit-findings.json"
"""In the private folder: the whole report on what was not published. Evidence may tell."""
COMPARED: Final = 3
"""Earlier releases that a new one is compared with: the last ones that show other figures."""
_NAMED: Final = 3


class Verdict(Protocol):
    """What an audit says."""

    @property
    def report(self) -> str:
        """JSON on the release by itself; depends on nothing else."""

    @property
    def whole(self) -> str:
        """JSON with the comparison with earlier releases."""

    @property
    def findings(self) -> Sequence[str]:
        """A line each; none if the release may be published."""

    @property
    def notes(self) -> Sequence[str]:
        """Which earlier releases could not be compared, and why."""


type Progress = Callable[[str], None]
type Audit = Callable[[Path, Sequence[Path], Progress], Verdict]
"""Audits the folder of a release, beside the folders of earlier ones."""


def examine(
    audit: Audit, folder: Path, draft: Draft, settings: BuildSettings, progress: Progress
) -> list[str]:
    """Audit a staged release and put the report into it.

    Parameters
    ----------
    audit : function
        The audit.
    folder : Path
        The staged release, whole but for its manifest.
    draft : Draft
        What is in it.
    settings : BuildSettings
        Where the earlier releases and the private folder are.
    progress : function
        Told what is being checked.

    Returns
    -------
    list of str
        For the operator: what could not be compared.

    Raises
    ------
    DisclosureError
        Something was found. The whole report is in the private folder then.
    """
    manifest = folder / MANIFEST
    manifest.write_text(described(folder, draft).model_dump_json(), encoding="utf-8")
    before = list(islice(_with_other_figures(settings.releases, folder), COMPARED))
    verdict = audit(folder, before, progress)
    # The release's own manifest names the report too.
    manifest.unlink()
    found = settings.private / FOUND
    with private.opened(settings.private):
        if verdict.findings:
            private.write(found, verdict.whole.encode())
            raise _refused(verdict.findings, found, first=current(settings.releases) is None)
        found.unlink(missing_ok=True)
    (folder / REPORT).write_text(verdict.report, encoding="utf-8")
    return [f"ATTENZIONE: {note}" for note in verdict.notes]


def _refused(findings: Sequence[str], report: Path, *, first: bool) -> DisclosureError:
    """Say what was found, where the rest is, and what is served now: nothing, the first time."""
    named = "\n  ".join(findings[:_NAMED])
    number = len(findings)
    stays = "there is no earlier release" if first else "the previous release stays"
    return DisclosureError(
        f"the audit found {number} {'reason' if number == 1 else 'reasons'} not to publish this:"
        f"\n  {named}",
        hint=f"nothing was published, and {stays}; figures that were drawn are "
        f"kept, and drawing them again costs nothing; the whole report: {report}",
    )


def _with_other_figures(root: Path, folder: Path) -> Iterator[Path]:
    """Yield the releases whose figures on persons differ, the last published first.

    Each figures once: a release that changed open data alone adds nothing to compare.
    """
    seen = {_figures(folder)}
    for ident in available(root):
        figures = _figures(root / ident)
        if figures not in seen:
            seen.add(figures)
            yield root / ident


def _figures(folder: Path) -> frozenset[tuple[str, str]]:
    """Return the files of a release that show persons, with their hashes; none if unreadable."""
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
        shown = {c["layer"]["id"] for c in said["collections"] if c["layer"]["policy"]}
        files = [(str(f["path"]), str(f["sha256"])) for f in said["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(
        (path, sha256)
        for path, sha256 in files
        if path.endswith(".geojsonl") and path.split("/")[1] in shown
    )
