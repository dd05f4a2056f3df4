"""The command `atlante conform`: progress on stderr, the report on stdout, an exit code."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from checks.conform.http import CannotTest, Client, Connection
from checks.conform.page import as_html
from checks.conform.report import as_json, as_text, closing
from checks.conform.run import conform
from checks.conform.service import Service

CANNOT = 2
"""Exit code when there was nothing to test; 0 and 1 are those of the report."""
_HINT: Final = (
    "  indicare la pagina iniziale di un servizio OGC API in funzione, senza /collections"
    "\n  name the landing page of a running OGC API service, without /collections"
)


def main(
    url: str,
    *,
    json_file: Path | None,
    html_file: Path | None,
    collections: int,
    requests: int,
) -> int:
    """Test a server, print the report and return the exit code.

    Parameters
    ----------
    url : str
        http(s) address of a landing page.
    json_file, html_file : Path or None
        Where the report is written for machines, and as a page.
    collections : int
        Collections that are tested.
    requests : int
        Requests that are sent at most.
    """
    start, connection = time.monotonic(), Connection()
    try:
        client = Client(_root(url), connection.send, requests)
        report = conform(Service(client, collections), _show)
    except CannotTest as error:
        _clear()
        sys.stderr.write(f"errore / error: {error}\n{_HINT}\n")
        return CANNOT
    finally:
        connection.close()
    _clear()
    for file, text in ((json_file, as_json), (html_file, as_html)):
        if file is not None:
            file.write_text(text(report), encoding="utf-8")
    sys.stdout.write(f"{as_text(report)}\n")
    sys.stdout.flush()
    took = time.monotonic() - start
    sys.stderr.write(f"{report.requests} richieste / requests, {took:.1f} s\n")
    sys.stderr.flush()
    sys.stdout.write(f"{closing(report)}\n")
    return report.exit_code


def _root(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise CannotTest(
            f"{url}: un indirizzo comincia con http:// o https://"
            " / addresses begin with http:// or https://"
        )
    return url.partition("?")[0].partition("#")[0].rstrip("/")


def _show(text: str) -> None:
    """Tell what is being tested, on one line of a terminal; a file is told how it ended only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text} …")
        sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
