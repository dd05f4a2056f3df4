"""Asks for everything a server says about itself and its protected collections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import quote

import orjson

from checks.audit.published import Collection, Json
from checks.audit.site import Answer

type Links = Mapping[str, Sequence[Mapping[str, str]]]
"""Links of a document by relation."""

LANGUAGES: Final = ("it", "en")
OF_COLLECTION: Final = ("self", "schema", "describedby", "queryables", "sortables", "related")
"""Relations of the documents that describe a collection."""
SINGLES_MAX: Final = 40
"""Pages of single features of one collection."""


class Asks(Protocol):
    """Asks the site, and writes down what was asked."""

    def get(self, path: str, accept: str | None = None, lang: str | None = None) -> Answer:
        """Ask for a path or an address."""
        ...


def described(door: Asks, links: Links) -> Iterator[tuple[str, Json]]:
    """Yield the documents of a protected collection in every language, by address."""
    for rel in (*OF_COLLECTION, "tilesets-vector"):
        for link in links.get(rel, ()):
            for lang in LANGUAGES:
                yield from _json(door, link["href"], lang)


def of_service(door: Asks, links: Links) -> Iterator[tuple[str, Json]]:
    """Yield the documents that the landing page links to, by address."""
    yield from _json(door, "", "en")
    for link in (link for of_rel in links.values() for link in of_rel):
        if "json" in link.get("type", ""):
            yield from _json(door, link["href"], None)


def _json(door: Asks, href: str, lang: str | None) -> Iterator[tuple[str, Json]]:
    answer = door.get(href, "application/json, application/schema+json, */*;q=0.1", lang)
    try:
        content: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return
    if answer.status == 200:
        yield (f"{href}#{lang}" if lang else href), content


def singles(door: Asks, collection: Collection, address: str) -> Iterator[tuple[str, str]]:
    """Yield id and page of some features of a collection: those of few residents are among them."""
    ids = sorted(collection.ids)
    for ident in ids[:: max(1, -(-len(ids) // SINGLES_MAX))]:
        answer = door.get(f"{address}/{quote(ident, safe='')}?f=html", "text/html", "it")
        if answer.status == 200:
            yield ident, answer.body.decode(errors="replace")
