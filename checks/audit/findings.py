"""What the auditor says: findings with their evidence, counts of figures, one report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

FINDINGS_SHOWN: Final = 50
"""Findings of one check that are kept; the number of all is stated."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the public documents say, or that reveals too much.

    Attributes
    ----------
    check : str
        The check that found it.
    where : str
        Collection, tileset, file or address.
    what : str
        One sentence for people.
    evidence : dict
        The figures: JSON values only, the same on every run.
    """

    check: str
    where: str
    what: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True)
class Checked:
    """Result of one check.

    Attributes
    ----------
    figures : int
        Published values that were verified, each against a rule or another copy of it.
    findings : tuple of Finding
        Empty if all is well.
    notes : tuple of str
        What could not be verified, and why.
    """

    figures: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


@dataclass
class Tally:
    """Collects the result of one check while it runs."""

    check: str
    figures: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, figures: int) -> None:
        """Count published values that were verified."""
        self.figures += int(figures)

    def find(self, where: str, what: str, **evidence: Any) -> None:
        """Add a finding."""
        self.findings.append(Finding(self.check, where, what, evidence))

    def require(self, condition: bool, where: str, what: str, **evidence: Any) -> None:  # noqa: FBT001 - reads as a sentence
        """Count one figure, and add a finding unless the condition holds."""
        self.count(1)
        if not condition:
            self.find(where, what, **evidence)

    def each(
        self,
        holds: npt.ArrayLike,
        where: str,
        what: str,
        evidence: Callable[[int], Mapping[str, Any]],
    ) -> None:
        """Count one figure per entry, and add a finding for each where the condition fails.

        Parameters
        ----------
        holds : array of bool
            One entry per figure.
        where, what : str
            As in `Finding`.
        evidence : callable
            Figures of the entry at a position.
        """
        held = np.asarray(holds, bool)
        self.count(held.size)
        for at in np.flatnonzero(~held).tolist():
            self.find(where, what, **evidence(at))

    def note(self, text: str) -> None:
        """Add a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def result(self) -> Checked:
        """Return what was found."""
        return Checked(self.figures, tuple(self.findings), tuple(self.notes))


@dataclass(frozen=True)
class Report:
    """Result of all checks on one release.

    Attributes
    ----------
    release : str
        Identifier of the audited release; empty if the service states none.
    checked : dict
        Result of each check by its name, in the order they ran.
    """

    release: str
    checked: Mapping[str, Checked]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the checks."""
        return tuple(f for checked in self.checked.values() for f in checked.findings)

    @property
    def figures(self) -> int:
        """All values verified."""
        return sum(checked.figures for checked in self.checked.values())

    @property
    def exit_code(self) -> int:
        """0 if nothing was found, else 1."""
        return 1 if self.findings else 0


def as_json(report: Report) -> str:
    """Return the machine-readable report: no timings and no addresses, so that it repeats."""
    document = {
        **({"release": report.release} if report.release else {}),
        "program": program(),
        "figures": report.figures,
        "findings": len(report.findings),
        "checks": [_check(name, checked) for name, checked in report.checked.items()],
    }
    return written(document)


def written(document: Mapping[str, Any]) -> str:
    """Return a report as it is written, in one way."""
    return json.dumps(document, ensure_ascii=False, indent=1, default=plain) + "\n"


@cache
def program() -> str:
    """Return a short hash of the checks: two reports of the same ones must be the same."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def _check(name: str, checked: Checked) -> dict[str, Any]:
    return {
        "check": name,
        "figures": checked.figures,
        "findings": len(checked.findings),
        "notes": list(checked.notes),
        "shown": [
            {"where": f.where, "what": f.what, "evidence": dict(f.evidence)}
            for f in checked.findings[:FINDINGS_SHOWN]
        ],
    }


def plain(value: Any) -> Any:
    """Turn numbers and arrays of numpy into those of JSON."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def as_text(report: Report, titles: Mapping[str, str]) -> str:
    """Return the report as lines for people.

    Parameters
    ----------
    report : Report
        What was found.
    titles : mapping
        Italian and English title of each check.
    """
    head = f"{'controllo / check':<46} {'cifre / figures':>16} {'rilievi / findings':>19}"
    lines = [f"versione / release: {report.release or '?'}", "", head]
    for name, checked in report.checked.items():
        title = f"{name}: {titles.get(name, '')}"
        lines.append(f"{title:<46} {_tried(checked)}")
    lines.append(f"{'in tutto / in all':<46} {report.figures:>16,} {len(report.findings):>19,}")
    lines += _details(report.checked)
    return "\n".join(lines)


def _tried(checked: Checked) -> str:
    """Return figures and findings of a check; dashes where nothing was tried."""
    if not (checked.figures or checked.findings):
        return f"{'—':>16} {'—':>19}"
    return f"{checked.figures:>16,} {len(checked.findings):>19,}"


def closing(report: Report) -> str:
    """Return the last line for people: what was found, in one sentence."""
    if not (number := len(report.findings)):
        return "Nessun rilievo. / No findings."
    it, en = ("rilievo", "finding") if number == 1 else ("rilievi", "findings")
    return f"{number:,} {it} / {en}."


def _details(checked: Mapping[str, Checked]) -> Iterable[str]:
    for name, result in checked.items():
        for note in result.notes:
            yield f"  nota / note ({name}): {note}"
    for name, result in checked.items():
        for found in result.findings[:FINDINGS_SHOWN]:
            evidence = json.dumps(dict(found.evidence), ensure_ascii=False, default=plain)
            yield f"! {name} · {found.where}: {found.what} {evidence}"
        if (hidden := len(result.findings) - FINDINGS_SHOWN) > 0:
            yield f"! {name}: … altri {hidden} rilievi / {hidden} more findings"
