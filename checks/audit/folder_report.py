"""The report in a release is the one that an audit of the release comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from checks.audit.documents import numbers_in
from checks.audit.findings import Checked, Finding, Report, as_json, program, written
from checks.audit.folder import REPORT, Folder

CHECK: Final = "repetition"


def compared(folder: Folder | None, checked: Mapping[str, Checked]) -> dict[str, Checked]:
    """Return the results of all checks, with what the report in the folder says otherwise.

    The same checks on the same bytes, with the same libraries, come to the same report. That of
    other checks cannot be made again: this is noted, and its notes have no number of their own.
    """
    results = dict(checked)
    raw = folder.read(REPORT) if folder is not None else b""
    if not raw or raw == as_json(Report("", results)).encode():
        return results
    own = results[CHECK]
    if what := _wrong(folder, raw):
        results[CHECK] = replace(own, findings=(*own.findings, Finding(CHECK, REPORT, what, {})))
        return results
    known = set().union(*(numbers_in(note) for one in results.values() for note in one.notes))
    odd = sorted({n for note in _notes(raw) for n in numbers_in(note)} - known)
    if odd:
        what = "a note of the report with a number that this audit does not come to"
        results[CHECK] = replace(
            own, findings=(*own.findings, Finding(CHECK, REPORT, what, {"numbers": odd}))
        )
    else:
        note = (
            "il rapporto nella versione è di un'altra versione dell'audit / "
            "the report in the release is that of another version of the audit"
        )
        results[CHECK] = replace(own, notes=(*own.notes, note))
    return results


def _wrong(folder: Folder | None, raw: bytes) -> str:
    """Return what is wrong with a report that this audit does not come to; empty if nothing is."""
    try:
        report: Any = orjson.loads(raw)
        sums = {
            name: sum(one[name] for one in report["checks"]) for name in ("figures", "findings")
        }
        named = [one["check"] for one in report["checks"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""  # another check names what is not of the form
    if written(report).encode() != raw:
        return "JSON that its content alone does not make"
    if any(report.get(name) != of for name, of in sums.items()) or len(set(named)) < len(named):
        return "a report whose sums are not those of its checks"
    if report.get("program") == program() and folder is not None and not folder.elsewhere:
        return "the report is not what these checks come to"
    return ""


def _notes(raw: bytes) -> Iterable[str]:
    try:
        report: Any = orjson.loads(raw)
        return [str(note) for one in report["checks"] for note in one["notes"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ()  # another check names what is not of the form
