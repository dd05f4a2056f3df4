"""The command `atlante doctor`: progress on stderr, a table on stdout, an exit code."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Final

from checks.audit.site import CannotAudit, HttpSite
from checks.doctor.run import examine
from checks.doctor.told import Told

CANNOT: Final = 2
"""Exit code when there was nothing to compare; 1 if something differs, 0 if nothing does."""
SHOWN: Final = 50
"""Findings that are written."""


def main(url: str) -> int:
    """Compare all forms of a service, print what was compared and return the exit code.

    Parameters
    ----------
    url : str
        http(s) address of a landing page.
    """
    start, site = time.monotonic(), HttpSite(url)
    try:
        told = examine(_checked(site), _show)
    except CannotAudit as error:
        _clear()
        sys.stderr.write(f"errore / error: {error.message}\n{_HINT}\n")
        return CANNOT
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        _clear()
        sys.stderr.write(
            f"errore / error: {url} non è un servizio Atlante / is no service of Atlante\n{_HINT}\n"
        )
        return CANNOT
    finally:
        site.close()
    _clear()
    sys.stdout.write("\n".join(lines(told)) + "\n")
    sys.stdout.flush()
    sys.stderr.write(f"{site.asked:,} richieste / requests, {time.monotonic() - start:.1f} s\n")
    return 1 if told.findings else 0


def _checked(site: HttpSite) -> HttpSite:
    if not site.root.startswith(("http://", "https://")):
        raise CannotAudit(
            "un indirizzo comincia con http:// o https:// / addresses begin with http:// or https://"
        )
    return site


_HINT: Final = (
    "  indicare la pagina iniziale di un servizio Atlante in funzione"
    "\n  name the landing page of a running service of Atlante"
)


def lines(told: Told) -> Iterator[str]:
    """Yield the report: counts by form, findings, and one sentence."""
    yield from _table(told.counts, "oggetti / features", "attributi / attributes")
    yield from _table(told.packed, "tessere / tiles", "byte / bytes")
    for found in told.findings[:SHOWN]:
        yield f"! {found.where} · {found.form}: {found.what} {' '.join(found.ids)}".rstrip()
    if (hidden := len(told.findings) - SHOWN) > 0:
        yield f"! … altre {hidden} / {hidden} more"
    if not (number := len(told.findings)):
        yield "Le stesse cifre in ogni forma. / The same figures in every form."
    else:
        it, en = ("differenza", "difference") if number == 1 else ("differenze", "differences")
        yield f"{number:,} {it} / {en}."


def _table(
    counts: Mapping[tuple[str, str], tuple[int, int]], first: str, second: str
) -> Iterator[str]:
    """Yield a line for each form: how many collections have it, and what of them was compared."""
    yield f"{'forma / form':<16}{'raccolte / collections':>24}{first:>20}{second:>24}"
    for form in dict.fromkeys(form for _, form in counts):
        some, more = zip(*(of for (_, name), of in counts.items() if name == form), strict=True)
        yield f"{form:<16}{len(some):>24,}{sum(some):>20,}{sum(more):>24,}"


def _show(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text} …")
        sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
