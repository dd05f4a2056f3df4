"""The command `atlante audit`: progress on stderr, the report on stdout, an exit code."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from checks.audit.findings import as_json, as_text, closing
from checks.audit.run import TITLES, audit
from checks.audit.site import CannotAudit

CANNOT = 2
"""Exit code when there was nothing to audit; 0 and 1 are those of the report."""


def main(what: str, json_file: Path | None, before: Sequence[str] = ()) -> int:
    """Audit an address or a folder, print the report and return the exit code.

    Parameters
    ----------
    what : str
        http(s) address of a landing page, or folder of one release.
    json_file : Path or None
        Where the machine-readable report is written.
    before : sequence of str
        Addresses or folders of earlier releases.
    """
    start = time.monotonic()
    try:
        report = audit(what, _show, before)
    except CannotAudit as error:
        _clear()
        sys.stderr.write("\n".join(_refusal(error)) + "\n")
        return CANNOT
    _clear()
    if json_file is not None:
        json_file.write_text(as_json(report), encoding="utf-8")
    sys.stdout.write(f"{as_text(report, TITLES)}\n")
    sys.stdout.flush()
    sys.stderr.write(f"{time.monotonic() - start:.1f} s\n")
    sys.stderr.flush()
    sys.stdout.write(f"{closing(report)}\n")
    return report.exit_code


def _refusal(error: CannotAudit) -> list[str]:
    """Say why nothing was audited, in Italian first where it is known, then in English."""
    message, *hint = error.italian or ("",)
    italian = [f"errore {message}", *(f"  {line}" for line in hint)] if message else []
    return [*italian, f"error {error.message}", *([f"  {error.hint}"] if error.hint else [])]


def _show(text: str) -> None:
    """Tell what is being done: on one line of a terminal, else only the checks."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text} …")
    elif text in TITLES:
        sys.stderr.write(f"{text} …\n")
    sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
