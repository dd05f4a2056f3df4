"""Judges a release before it is published: by itself, and beside those that are there already."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from checks.audit.collect import collect
from checks.audit.findings import Checked, Finding, Report, as_json, plain
from checks.audit.from_folder import collect_figures
from checks.audit.published import Published
from checks.audit.run import CHECKS, TITLES, run
from checks.audit.site import CannotAudit, open_site

BESIDE: Final = "differencing"
"""The check that compares releases."""
EVIDENCE_MAX: Final = 300
"""Characters of the evidence of a finding in one line."""


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes
    ----------
    report : str
        Of the release by itself, machine-readable. It depends on nothing but the release.
    whole : str
        The same with the comparison with earlier releases.
    findings : tuple of str
        A line each, for people; empty if the release may be published.
    notes : tuple of str
        Which earlier releases could not be compared, and why.
    """

    report: str
    whole: str
    findings: tuple[str, ...]
    notes: tuple[str, ...]


def judge(
    folder: Path,
    before: Sequence[Path] = (),
    progress: Callable[[str], None] = lambda _text: None,
) -> Verdict:
    """Run every check on the folder of a release.

    Parameters
    ----------
    folder : Path
        A whole release: what is not in it is a finding.
    before : sequence of Path
        Folders of earlier releases. One that cannot be read is left out, and noted.
    progress : callable
        Told what is being done.
    """
    notes: list[str] = []
    site = open_site(str(folder))
    with closing(site):
        try:
            published = _fresh(collect(site, progress))
            alone = run(published, site, progress).checked
        except CannotAudit as error:
            return _stopped(folder, error.message, notes)
        except Exception as error:  # noqa: BLE001 - whatever stops a check, nothing is published
            return _stopped(folder, f"the audit failed: {type(error).__name__}: {error}", notes)
        earlier = [one for path in before if (one := _figures(path, notes)) is not None]
        progress("earlier releases")
        beside = CHECKS[BESIDE].run(replace(published, earlier=earlier), site) if earlier else None
    return _verdict(dict(alone), {} if beside is None else {BESIDE: beside}, notes)


def _fresh(published: Published) -> Published:
    """Say of a release that it was made here: its files can be made again to the byte."""
    folder = published.folder
    return replace(published, folder=folder and replace(folder, fresh=True))


def _stopped(folder: Path, why: str, notes: list[str]) -> Verdict:
    found = Finding("collect", folder.name, why, {})
    return _verdict({"collect": Checked(0, (found,))}, {}, notes)


def _figures(folder: Path, notes: list[str]) -> Published | None:
    site = open_site(str(folder))
    try:
        with closing(site):
            return collect_figures(site)
    except CannotAudit as error:
        notes.append(f"{folder.name} cannot be compared: {error.message}")
        return None


def _verdict(alone: dict[str, Checked], beside: dict[str, Checked], notes: list[str]) -> Verdict:
    # A report that is part of the release cannot name it: the name is a hash of all that is in it.
    own, whole = Report("", alone), Report("", alone | beside)
    lines = tuple(_line(found) for found in whole.findings)
    return Verdict(as_json(own), as_json(whole), lines, tuple(notes))


def _line(found: Finding) -> str:
    evidence = json.dumps(dict(found.evidence), ensure_ascii=False, default=plain)[:EVIDENCE_MAX]
    return f"{TITLES.get(found.check, found.check)}: {found.where}: {found.what} {evidence}"
