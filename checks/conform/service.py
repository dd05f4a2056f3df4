"""What a server says of itself: declaration, API definition, collections and samples of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from checks.conform.definition import Definition
from checks.conform.http import Answer, Client
from checks.conform.outcome import Failed, Skipped, object_of, skip_unless
from checks.conform.table import JSON, Table

SAMPLED: Final = 4
"""Collections that are tested, unless told otherwise."""
LOOKED_AT: Final = 40
"""Collections among which those to test are chosen."""
SPEC: Final = re.compile(r"^https?://www\.opengis\.net/spec/")

type Json = dict[str, Any]


def short(uri: str) -> str:
    """Return a conformance class without the base address of the specifications."""
    return SPEC.sub("", uri)


def links_of(document: Mapping[str, Any], *rels: str) -> list[Json]:
    """Return the links of a document, all of them or those of some relations."""
    links = document.get("links")
    found = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    return [link for link in found if not rels or link.get("rel") in rels]


def media_of(link: Mapping[str, Any]) -> str:
    """Return the media type of a link, without its parameters."""
    return str(link.get("type", "")).partition(";")[0].strip().lower()


@dataclass
class Service:
    """One server under test; each thing is asked for once, when a test needs it."""

    client: Client
    sampled: int = SAMPLED
    _found: dict[str, object] = field(default_factory=dict, repr=False)

    def once[T](self, name: str, find: Callable[[], T]) -> T:
        """Return what was found under a name, found now if it was not yet."""
        if name not in self._found:
            self._found[name] = find()
        return cast("T", self._found[name])

    def ask(
        self,
        address: str,
        parameters: Mapping[str, str] | None = None,
        *,
        accept: str | None = JSON,
        method: str = "GET",
    ) -> Answer:
        """Return the answer to a request below the landing page, or to a whole address."""
        return self.client.ask(address, parameters, accept=accept, method=method)

    def post(self, address: str, body: object) -> Answer:
        """Return the answer to an object of JSON that is sent to an address."""
        raw = json.dumps(body).encode()
        return self.client.ask(address, accept=JSON, method="POST", body=raw)

    def document(self, address: str) -> Json:
        """Return a document another test judges; `Skipped` where there is none."""
        try:
            return object_of(self.ask(address))
        except Failed as error:
            raise Skipped(f"{error.request}: {error.found}") from error

    @cached_property
    def landing(self) -> Json:
        """The landing page."""
        return self.document("/")

    @cached_property
    def declared(self) -> frozenset[str]:
        """Conformance classes, without the base address of the specifications."""
        listed = self.document("/conformance").get("conformsTo")
        return frozenset(short(str(uri)) for uri in listed or ())

    @cached_property
    def definition(self) -> Definition:
        """The API definition; `Skipped` where there is none in JSON."""
        links = links_of(self.landing, "service-desc")
        links.sort(key=lambda link: "openapi+json;version=3.0" not in str(link.get("type")))
        for link in links:
            answer = self.ask(str(link.get("href")), accept=str(link.get("type") or JSON))
            if answer.status == 200 and answer.body.lstrip()[:1] == b"{":
                return Definition(object_of(answer), answer)
        raise Skipped("nessuna definizione dell'API in JSON / no API definition in JSON")

    @cached_property
    def collections(self) -> tuple[Json, ...]:
        """The collections of features, as `/collections` lists them."""
        listed = self.document("/collections").get("collections")
        found = [c for c in listed or () if isinstance(c, dict) and isinstance(c.get("id"), str)]
        features = [c for c in found if links_of(c, "items") or c.get("itemType") == "feature"]
        skip_unless(features, "nessuna raccolta di oggetti / no collection of features")
        return tuple(features)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The collections that are tested: together they have as many kinds of values as can be."""
        tables = [Table(self.client, document) for document in self.collections[:LOOKED_AT]]
        tables = [table for table in tables if table.first]
        skip_unless(tables, "nessun oggetto in alcuna raccolta / no collection holds a feature")
        return tuple(_varied(tables, self.sampled))

    def schema(self, table: Table, name: str) -> Json:
        """Return `queryables`, `sortables` or `schema` of a table, by its link or usual place."""
        return self.document(address_of(table, name))


def address_of(table: Table, name: str) -> str:
    """Return the address of `queryables`, `sortables` or `schema` of a table."""
    rels = (f"http://www.opengis.net/def/rel/ogc/1.0/{name}", f"[ogc-rel:{name}]")
    links = links_of(table.document, *rels)
    links.sort(key=lambda link: "json" not in media_of(link))
    return str(links[0]["href"]) if links else f"{table.path}/{name}"


def _varied(tables: Sequence[Table], number: int) -> list[Table]:
    """Choose tables one by one, each the one that adds most kinds of values; small ones first."""
    chosen: list[Table] = []
    seen: set[str] = set()
    left = list(tables)
    while left and len(chosen) < number:
        best = min(left, key=lambda table: (-len(table.marks - seen), table.size))
        chosen.append(best)
        left.remove(best)
        seen |= best.marks
    return chosen
