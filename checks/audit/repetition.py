"""Check (g): the same question, asked again, gives the same bytes and the same ETag.

Whoever draws noise for every answer can be averaged. Answers are asked for a second time in
reverse order (so that no two copies of one answer follow each other) and with other headers of
a client; then with their ETag, which must still be valid.
"""

from __future__ import annotations

import hashlib
from typing import Final

from checks.audit.findings import Checked, Tally
from checks.audit.published import Published, Seen
from checks.audit.site import FolderSite, Site
from checks.audit.themes import themes_of

ASKED_MAX: Final = 2_000
"""Answers that are asked for again: evenly many of all that were given."""
SINGLE_MAX: Final = 300
"""Of these, answers that are asked for with their ETag."""
IN_A_ROW: Final = 3
"""Times that an answer with protected figures is asked for in a row: other workers answer."""
IN_A_ROW_MAX: Final = 200
"""Answers that are asked for in a row."""
OTHER_CLIENT: Final = {
    "User-Agent": "Mozilla/5.0",
    "Cache-Control": "no-cache",
    "Cookie": "session=2",
    "X-Forwarded-For": "192.0.2.7",
    "Referer": "https://www.example.org/",
}


def check(published: Published, site: Site) -> Checked:
    """Ask again; a folder answers with the bytes it has."""
    tally = Tally("repetition")
    if isinstance(site, FolderSite):
        tally.note(
            "una cartella non dà risposte: due volte le chiede `atlante audit URL` a un servizio "
            "in funzione / a folder has no answers: `atlante audit URL` asks a running service "
            "twice"
        )
        return tally.result()
    first = [seen for seen in published.seen if seen.status == 200]
    _same_address(tally, first)
    chosen = first[:: max(1, -(-len(first) // ASKED_MAX))]
    for seen in reversed(chosen):
        _again(tally, site, seen)
    for seen in _of_figures(published, first):
        for _ in range(IN_A_ROW):
            _again(tally, site, seen)
    for seen in chosen[:: max(1, -(-len(chosen) // SINGLE_MAX))]:
        _still_valid(tally, site, seen)
    return tally.result()


def _of_figures(published: Published, seen: list[Seen]) -> list[Seen]:
    """Return answers with protected figures: of several workers one may draw anew."""
    themes = themes_of(published.disclosure)
    protected = {
        c.id for c in published.collections.values() for t in themes if t.covers(c.id, c.fields)
    }
    of = [s for s in seen if protected & set(s.path.partition("?")[0].split("/"))]
    return of[:: max(1, -(-len(of) // IN_A_ROW_MAX))]


def _same_address(tally: Tally, seen: list[Seen]) -> None:
    """Answers that happened to be asked for twice while downloading were the same."""
    known: dict[tuple[str, str | None, str | None], Seen] = {}
    for answer in seen:
        before = known.setdefault((answer.path, answer.accept, answer.lang), answer)
        if before is not answer:
            tally.require(
                before.sha256 == answer.sha256, answer.path, "asked twice, it gave two answers"
            )


def _again(tally: Tally, site: Site, seen: Seen) -> None:
    answer = site.get(seen.path, seen.accept, seen.lang, OTHER_CLIENT)
    digest = hashlib.sha256(answer.body).hexdigest()
    tally.require(
        answer.status == seen.status and digest == seen.sha256,
        seen.path,
        "asked again, it gave other bytes",
        first=[seen.status, seen.sha256],
        again=[answer.status, digest],
    )
    tally.require(
        answer.headers.get("etag") == seen.headers.get("etag"),
        seen.path,
        "asked again, it gave another ETag",
        first=seen.headers.get("etag"),
        again=answer.headers.get("etag"),
    )


def _still_valid(tally: Tally, site: Site, seen: Seen) -> None:
    etag = seen.headers.get("etag")
    if etag is None:
        return
    answer = site.get(seen.path, seen.accept, seen.lang, {"If-None-Match": etag})
    tally.require(
        answer.status == 304 and not answer.body,
        seen.path,
        "its own ETag is no longer valid",
        status=answer.status,
        etag=etag,
    )
