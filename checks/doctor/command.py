"""The command `atlante doctor`: progress on stderr, tables on stdout, an exit code."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from checks.audit.site import CannotAudit, HttpSite
from checks.doctor.asks import Door
from checks.doctor.programs import NAMES, Program, programs
from checks.doctor.report import Report, as_json, as_log, as_text
from checks.doctor.run import examine
from checks.doctor.told import Told
from checks.doctor.trial import Trial, tried

CANNOT: Final = 2
"""Exit code when there was nothing to compare; 1 if something differs, 0 if nothing does."""
FORMS: Final = "forms"
"""What is asked of instead of a client: that every form has the same figures."""


def main(
    url: str,
    *,
    clients: str = "",
    json_file: Path | None = None,
    log_file: Path | None = None,
) -> int:
    """Examine a service, print the report and return the exit code.

    Parameters
    ----------
    url : str
        http(s) address of a landing page.
    clients : str
        Names of clients with commas between them, `forms` among them; all if it is empty.
    json_file, log_file : Path or None
        Where the report is written for machines, and every request of a client.
    """
    start, site = time.monotonic(), HttpSite(url)
    try:
        report = _examined(_checked(site), _named(clients))
    except CannotAudit as error:
        return _refused(error.message, error.hint)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return _refused(f"{url} non è un servizio Atlante / is no service of Atlante", _HINT)
    finally:
        site.close()
    _clear()
    if json_file is not None:
        json_file.write_bytes(as_json(report))
    if log_file is not None:
        log_file.write_bytes(as_log(report.clients.log if report.clients else ()))
    sys.stdout.write(f"{as_text(report)}\n")
    sys.stdout.flush()
    sys.stderr.write(f"{site.asked:,} richieste / requests, {time.monotonic() - start:.1f} s\n")
    return report.exit_code


def _examined(site: HttpSite, names: Sequence[str]) -> Report:
    trial: Trial | None = None
    door = Door(site)
    door.landing["links"]  # before programs are looked for, which takes seconds
    if wanted := tuple(name for name in NAMES if name in names):
        trial = tried(door, _installed(wanted, alone=FORMS not in names), _show)
    if FORMS not in names:
        return Report(site.root, None, trial)
    try:
        told = examine(site, _show)
    except CannotAudit as error:
        if trial is None:
            raise
        told = Told()
        told.find(site.root, FORMS, error.message)
    return Report(site.root, told, trial)


def _installed(names: tuple[str, ...], *, alone: bool) -> list[Program]:
    found = programs(names)
    if alone and not any(one.version for one in found):
        raise CannotAudit(f"non installati / not installed: {', '.join(names)}", _INSTALL)
    return found


def _named(clients: str) -> list[str]:
    names = [name.strip() for name in clients.split(",")] if clients else [FORMS, *NAMES]
    if unknown := [name for name in names if name not in {FORMS, *NAMES}]:
        raise CannotAudit(
            f"client sconosciuti / unknown clients: {', '.join(unknown)}",
            f"  {', '.join((FORMS, *NAMES))}",
        )
    return names


def _checked(site: HttpSite) -> HttpSite:
    if not site.root.startswith(("http://", "https://")):
        raise CannotAudit(
            "un indirizzo comincia con http:// o https:// / addresses begin with http:// or https://",
            _HINT,
        )
    return site


_HINT: Final = (
    "  indicare la pagina iniziale di un servizio Atlante in funzione"
    "\n  name the landing page of a running service of Atlante"
)
_INSTALL: Final = (
    "  pacchetti Debian / Debian packages: python3-qgis qgis-providers gdal-bin chromium r-cran-sf"
    "\n  Python: owslib playwright"
)


def _refused(message: str, hint: str) -> int:
    _clear()
    sys.stderr.write(f"errore / error: {message}\n{hint or _HINT}\n")
    return CANNOT


def _show(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text} …")
        sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
