"""The discrete global grids of a server: of the dataset and of its collections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeGuard
from urllib.parse import quote

import h3

from checks.conform.dggs_zone import H3, Family, Hierarchy, Linked
from checks.conform.http import Answer
from checks.conform.outcome import Failed, Skipped, object_of, require, skip_unless
from checks.conform.service import Json, Service, links_of, media_of
from checks.conform.table import JSON, Table, next_of
from checks.conform.tiles_sets import relations

BASE: Final = "ogcapi-dggs-1/1.0/conf/"
LIST: Final = relations("dggrs-list")
DGGRS: Final = relations("dggrs")
DEFINITION: Final = relations("dggrs-definition")
INFO: Final = relations("dggrs-zone-info")
DATA: Final = relations("dggrs-zone-data")
QUERY: Final = relations("dggrs-zone-query")
ORIGINS_MAX: Final = 3
"""Collections whose grids are tested."""
ZONES_MAX: Final = 6_000
"""Zones of a list that are read."""
_PAGES_MAX: Final = 60
_COARSER: Final = 3
"""Levels by which a list of too many zones is asked for coarser."""
_WORLD: Final = (-180, -90, 180, 90)
_PLACES: Final = {"bbox", "subset", "parent-zone"}
"""Parameters that say where zones are."""
NO_ZONE: Final = "nessuna zona con dati / no zone with data"

type Query = Mapping[str, str]


@dataclass
class Dggrs:
    """One grid of one origin.

    Attributes
    ----------
    service : Service
        Asks the server.
    origin : str
        Identifier of the collection; empty for the dataset.
    listed : dict
        What its list says of it.
    """

    service: Service
    origin: str
    listed: Json

    @property
    def address(self) -> str:
        """Address of its description."""
        links = links_of(self.listed, "self")
        skip_unless(links, "griglia senza `self` / a grid without `self`")
        return str(min(links, key=lambda link: "json" not in media_of(link))["href"])

    @property
    def answer(self) -> Answer:
        """Its description, as it came."""
        return self.service.ask(self.address)

    @cached_property
    def document(self) -> Json:
        """Its description."""
        return self.service.document(self.address)

    @property
    def home(self) -> str:
        """Address below which its zones are."""
        return self.address.partition("?")[0].rstrip("/")

    def template(self, rels: tuple[str, ...]) -> str | None:
        """Return a template of addresses with a variable for the zone."""
        for link in self.document.get("linkTemplates") or ():
            if link.get("rel") in rels:
                return str(link.get("uriTemplate", ""))
        return None

    def info(self, zone: str) -> Answer:
        """Return the answer to the question for a zone."""
        address = self.template(INFO) or f"{self.home}/zones/{{zoneId}}"
        return self.service.ask(address.replace("{zoneId}", quote(zone, safe="")))

    def told(self, zone: str) -> Json:
        """Return what a zone tells of itself; `Skipped` if it is not answered."""
        try:
            return object_of(self.info(zone))
        except Failed as error:
            raise Skipped(f"{error.request}: {error.found}") from error

    def data(self, zone: str, query: Query | None = None, accept: str = JSON) -> Answer:
        """Return the answer to the question for the data of a zone."""
        address = self.template(DATA) or f"{self.home}/zones/{{zoneId}}/data"
        address = address.replace("{zoneId}", quote(zone, safe=""))
        return self.service.ask(address, query, accept=accept)

    @property
    def zones_address(self) -> str:
        """Address of the list of zones."""
        links = links_of(self.document, *QUERY)
        links.sort(key=lambda link: "json" not in media_of(link))
        return str(links[0]["href"]) if links else f"{self.home}/zones"

    @cached_property
    def scope(self) -> Query:
        """What a question for all zones needs where a server refuses it: a box round all data.

        That it is refused is told by the test of the list; others are tested all the same.
        """
        if self.service.ask(self.zones_address).status != 400:
            return {}
        listed = self.service.document("/collections").get("collections") or ()
        held = [c.get("extent") or {} for c in listed if self.origin in {"", c.get("id")}]
        boxes = [
            box[:4] for extent in held for box in (extent.get("spatial") or {}).get("bbox", ())[:1]
        ]
        west, south, east, north = zip(*(boxes or [_WORLD]), strict=True)
        found = (min(west), min(south), max(east), max(north))
        deepest = self.document.get("maxRefinementLevel")
        level = {"zone-level": str(deepest)} if is_whole(deepest) else {}
        return {"bbox": ",".join(map(str, found)), **level}

    def ask_zones(self, query: Query | None = None, accept: str = JSON) -> Answer:
        """Return the answer to a question for zones."""
        asked = dict(query or {})
        if not asked.keys() & _PLACES:
            asked = {**self.scope, **asked}
        return self.service.ask(self.zones_address, asked or None, accept=accept)

    def zones(self, query: Query | None = None) -> list[str]:
        """Return the zones of a list, page by page; `Skipped` if there are too many."""
        found, whole = self._read(query or {})
        skip_unless(whole, "troppe zone / too many zones")
        return found

    def _read(self, query: Query) -> tuple[list[str], bool]:
        answer, found = self.ask_zones(query), list[str]()
        for _ in range(_PAGES_MAX):
            if answer.status == 204:
                return found, True
            found += zones_of(answer)
            following = next_of(answer)
            if following is None or len(found) > ZONES_MAX:
                return found, following is None
            answer = self.service.ask(following)
        return found, False

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """How its zones lie in one another."""
        answer = self.ask_zones()
        some = zones_of(answer)[:1] if answer.status == 200 else []
        return H3() if is_h3(self.document, some) else Linked(self.told)

    @cached_property
    def family(self) -> Family:
        """All zones of the finest level of which there are not too many."""
        deepest = self.document.get("maxRefinementLevel")
        levels = range(deepest, max(-1, deepest - _COARSER), -1) if is_whole(deepest) else ()
        for query in [{"zone-level": str(level)} for level in levels] or [{}]:
            found, whole = self._read({**query, "compact-zones": "false"})
            if found and whole:
                return Family(self.hierarchy, found)
        raise Skipped(NO_ZONE)

    @property
    def level(self) -> int:
        """Level of `family`."""
        return self.hierarchy.level(self.family.zones[0])

    def some(self, number: int = 4) -> list[str]:
        """Return some zones with data, far from each other."""
        zones = self.family.zones
        return zones[:: max(1, len(zones) // number)][:number]

    def parents(self, number: int = 3) -> list[str]:
        """Return some zones one level coarser, those that hold most first."""
        return list(self.family.by_parent)[:number]

    def holding(self, number: int = 3) -> list[str]:
        """Return some zones one level coarser that have data, as they say of themselves."""
        if self.level == 0:
            return []
        return [zone for zone in self.parents(number) if self._holds(zone)]

    def _holds(self, zone: str) -> bool:
        answer = self.info(zone)
        return answer.status == 200 and bool(links_of(object_of(answer), *DATA))

    @property
    def table(self) -> Table | None:
        """The collection it is of; nothing for the dataset, or without features."""
        if not self.origin:
            return None
        try:
            listed = self.service.collections
        except Skipped:
            return None
        found = [c for c in listed if c["id"] == self.origin]
        make = self.service.once
        named = f"table {self.origin}"
        return make(named, lambda: Table(self.service.client, found[0])) if found else None


def is_h3(document: Json, zones: list[str]) -> bool:
    """Tell whether a grid is H3, by its name and a zone of it."""
    named = f"{document.get('id')} {document.get('uri')}".lower()
    return "h3" in named and all(map(h3.is_valid_cell, zones))


def is_whole(thing: object) -> TypeGuard[int]:
    """Tell whether something is a whole number, 0 at least."""
    return isinstance(thing, int) and not isinstance(thing, bool) and thing >= 0


def zones_of(answer: Answer) -> list[str]:
    """Return the zones of a page; `Failed` if it is none."""
    found = object_of(answer).get("zones")
    if not isinstance(found, list) or not all(isinstance(zone, str) for zone in found):
        raise Failed(answer.asked, "an array `zones` of texts", found)
    return list(found)  # answers are kept: nobody may change theirs


def lists(service: Service) -> dict[str, Answer]:
    """Return the lists of grids by the collection they are of; empty for the dataset."""
    return service.once("lists of grids", lambda: dict(_lists(service)))


def _lists(service: Service) -> Iterator[tuple[str, Answer]]:
    if links := links_of(service.landing, *LIST):
        yield "", service.ask(str(links[0]["href"]))
    elif f"{BASE}root-dggs" in service.declared:
        yield "", service.ask("/dggs")
    found = linked(service)
    few = min(ORIGINS_MAX, service.sampled)
    for collection in found[:: max(1, len(found) // few)][:few]:
        links = links_of(collection, *LIST)
        yield str(collection["id"]), service.ask(str(links[0]["href"]))


def linked(service: Service) -> list[Json]:
    """Return the collections that link a list of grids."""
    if f"{BASE}collection-dggs" not in service.declared:
        return []
    listed = service.document("/collections").get("collections")
    return [c for c in listed or () if isinstance(c, dict) and links_of(c, *LIST)]


def grids(service: Service) -> list[Dggrs]:
    """Return the grids that are tested; `Skipped` if there are none."""
    found = service.once("grids", lambda: list(_grids(service)))
    skip_unless(found, "nessuna griglia elencata / no grid is listed")
    return found


def _grids(service: Service) -> Iterator[Dggrs]:
    for origin, answer in lists(service).items():
        try:
            listed = object_of(answer).get("dggrs")
        except Failed:
            continue
        for one in [one for one in listed or () if isinstance(one, dict)][:2]:
            yield Dggrs(service, origin, one)


def packet_of(answer: Answer) -> Json:
    """Return a DGGS-JSON document; `Failed` if the answer is none."""
    document = object_of(answer)
    held = isinstance(document.get("values"), dict) and isinstance(document.get("depths"), list)
    require(held, answer, "DGGS-JSON with depths and values", sorted(document))
    return document


def values_at(document: Mapping[str, Any], depth: int) -> dict[str, list[Any]]:
    """Return the values of each field at a depth of a DGGS-JSON document."""
    return {
        name: list(one["data"])
        for name, depths in document["values"].items()
        for one in depths
        if one.get("depth") == depth or (len(depths) == 1 and "depth" not in one)
    }
