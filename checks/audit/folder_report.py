"""The report in a release is the one that an audit of the release comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from checks.audit.documents import numbers_in
from checks.audit.findings import Checked, Finding, Report, as_json
from checks.audit.folder import REPORT, Folder

CHECK: Final = "repetition"


def compared(folder: Folder | None, checked: Mapping[str, Checked]) -> dict[str, Checked]:
    """Return the results of all checks, with what the report in the folder says otherwise.

    A report with other bytes may be that of another version of the audit: this is noted. A number
    in a note of it that this audit does not come to is a finding.
    """
    results = dict(checked)
    raw = folder.read(REPORT) if folder is not None else b""
    if not raw or raw == as_json(Report("", results)).encode():
        return results
    own = results[CHECK]
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


def _notes(raw: bytes) -> Iterable[str]:
    try:
        report: Any = orjson.loads(raw)
        return [str(note) for one in report["checks"] for note in one["notes"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ()  # another check names what is not of the form
