"""Chromium: the page of a collection, and the map that it leads to."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from checks.chromium import Visit, started, visit
from checks.doctor.clients.talk import Answer, Failed, Question, answer_all

_TO_MAP = "main a[href*='/embed/'][href*='#']"
_SIDE = 500


def main(executable: str) -> None:
    """Answer with one browser, in which every collection is a visitor of its own."""
    maps: set[str] = set()
    with started(executable) as browser:
        answer_all(lambda question: ask(browser, question, maps))


def ask(browser: Browser, question: Question, maps: set[str]) -> Answer:
    """Open the page of a collection and the map; a map that collections share is drawn once."""
    with visit(browser, width=_SIDE, height=_SIDE) as seen:
        seen.open(question["page"])
        link = seen.page.query_selector(_TO_MAP)
        href = str(link.evaluate("a => a.href")) if link else ""
        if href and href not in maps:
            maps.add(href)
            seen.open_map(href)
        _complain(seen, urlsplit(question["root"]).netloc)
        return {"drawn": _SIDE * _SIDE} if href else {}


def _complain(seen: Visit, own: str) -> None:
    elsewhere = sorted(seen.hosts - {own})
    wrong = [*seen.errors, *seen.failed, *(f"off-origin: {host}" for host in elsewhere)]
    if wrong:
        raise Failed("; ".join(wrong)[:500])


if __name__ == "__main__":
    main(sys.argv[1])
