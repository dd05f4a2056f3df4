"""Tests of OGC API DGGS, class Zone Query: which zones are listed, and how compactly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from checks.conform.dggs_sets import (
    BASE,
    DEFINITION,
    DGGRS,
    QUERY,
    Dggrs,
    grids,
    zones_of,
)
from checks.conform.dggs_zone import ancestor, expanded
from checks.conform.forms import LINKS, NUMBER, TEXTS, form, require_form
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service, links_of
from checks.conform.table import JSON, geometry_of, next_of

query = conformance_class(f"{BASE}zone-query")

_LIST: Final = form("zones", zones=TEXTS, returnedAreaMetersSquare=NUMBER, links=LINKS)
_PLAIN: Final = {"compact-zones": "false"}
_ITEMS_MAX: Final = 60
"""Features of a collection of which the zone is looked for."""
COARSER_MAX: Final = 2
"""Levels that are asked for above the finest."""


def at(level: int, **parameters: str) -> dict[str, str]:
    """Return the question for all zones of a level."""
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    return {"zone-level": str(level), **_PLAIN, **named}


def difference(wanted: set[str], found: set[str]) -> str:
    """Say which zones are missing, and which are too many."""
    missing, extra = sorted(wanted - found), sorted(found - wanted)
    return f"{len(missing)} missing {missing[:3]}; {len(extra)} too many {extra[:3]}"


@query(
    "/req/zone-query/zones-list", "L'elenco ha ogni zona con dati, una volta, dello stesso livello"
)
def zones_list(service: Service) -> str:
    """The list has every zone with data, once, and those of one level."""
    seen = items = 0
    for one in grids(service):
        links = links_of(object_of(one.answer), *QUERY)
        require(links, one.answer, f"a link {QUERY[2]}", links_of(one.document))
        require_status(service.ask(one.zones_address), 200)
        answer = require_status(one.ask_zones(_PLAIN), 200)
        zones = one.zones(_PLAIN)
        require(zones, answer, "zones", "none")
        require(len(set(zones)) == len(zones), answer, "each zone once", len(zones))
        levels = {one.hierarchy.level(zone) for zone in zones}
        require(len(levels) == 1, answer, "zones of one level", sorted(levels))
        compact = require_status(one.ask_zones(), 200)
        listed = one.zones()
        require(len(set(listed)) == len(listed), compact, "each zone once", len(listed))
        items += _require_covered(one)
        seen += len(zones)
    return f"{seen} zone / zones, {items} oggetti coperti / features covered"


def _require_covered(one: Dggrs) -> int:
    """Raise `Failed` unless features lie in listed zones; how many were looked at."""
    table = one.table
    if table is None:
        return 0
    features = table.features[:: max(1, len(table.features) // _ITEMS_MAX)][:_ITEMS_MAX]
    zones, level = set(one.family.zones), one.level
    shapes = [geometry_of(feature) for feature in features]
    points = [g.representative_point() for g in shapes if g is not None and not g.is_empty]
    for point in points:
        inside = one.hierarchy.holds(zones, level, point.x, point.y)
        expected = f"a zone of level {level} over ({point.x}, {point.y}), where an item lies"
        require(inside, one.ask_zones(at(level)), expected, f"{len(zones)} zones, none of them")
    return len(points)


@query("/req/zone-query/json-response", "L'elenco in JSON ha le zone come testi, e i collegamenti")
def json_response(service: Service) -> str:
    """The list in JSON has the zones as texts, and links."""
    for one in grids(service):
        answer = require_status(one.ask_zones(), 200)
        require(answer.media == JSON, answer, JSON, answer.media)
        document = object_of(answer)
        require_form(answer, document, _LIST, "a list of zones")
        for rels in (DGGRS, DEFINITION):
            links = links_of(document, *rels)
            require(links, answer, f"a link {rels[2]}", links_of(document))
        back = service.client.address(str(links_of(document, *DGGRS)[0]["href"])).partition("?")[0]
        there = service.client.address(one.home)
        require(back.rstrip("/") == there, answer, f"{DGGRS[2]}: {there}", back)
    return f"{len(grids(service))} elenchi / lists"


def _levels(one: Dggrs) -> Iterator[int]:
    """Yield the level that is tested, and some coarser ones."""
    yield from range(one.level, max(-1, one.level - COARSER_MAX - 1), -1)


@query("/req/zone-query/zone-level", "`zone-level` dà le zone di quel livello, anche più grande")
def zone_level(service: Service) -> str:
    """`zone-level` gives the zones of that level, a coarser one too."""
    seen = []
    for one in grids(service):
        for level in _levels(one):
            answer = require_status(one.ask_zones(at(level)), 200)
            zones = one.zones(at(level))
            wrong = [zone for zone in zones if one.hierarchy.level(zone) != level]
            require(not wrong, answer, f"zones of level {level}", wrong[:3])
            wanted = {ancestor(one.hierarchy, zone, level) for zone in one.family.zones}
            told = difference(wanted, set(zones))
            require(wanted <= set(zones), answer, f"the zones that hold those of {one.level}", told)
            compact = one.zones({"zone-level": str(level)})
            finer = [zone for zone in compact if one.hierarchy.level(zone) > level]
            answer = one.ask_zones({"zone-level": str(level)})
            require(not finer, answer, f"zones of level {level} or coarser", finer[:3])
            seen.append(level)
        for wrong_level in ("abc", "-1", "1.5"):
            require_status(one.ask_zones({"zone-level": wrong_level}), 400)
    return f"livelli / levels {seen}"


@query("/req/zone-query/compact-zones", "Gli elenchi sono compatti, e coprono quanto quelli interi")
def compact_zones(service: Service) -> str:
    """Lists are compact, and cover what the whole ones cover."""
    seen = 0
    for one in grids(service):
        level, told = one.level, {"zone-level": str(one.level)}
        answer = require_status(one.ask_zones(told), 200)
        compact = one.zones(told)
        said = one.zones({**told, "compact-zones": "true"})
        require(said == compact, answer, "the same as compact-zones=true", f"{len(compact)} zones")
        stood = expanded(one.hierarchy, compact, level)
        found = difference(set(one.family.zones), set(stood))
        same = set(stood) == set(one.family.zones) and len(set(stood)) == len(stood)
        expected = f"the {len(one.family.zones)} zones of compact-zones=false"
        require(same, answer, expected, f"{len(stood)} zones; {found}")
        _require_compact(one, compact)
        require_status(one.ask_zones({"compact-zones": "perhaps"}), 400)
        seen += len(stood) - len(compact)
    return f"{seen} zone risparmiate / zones saved"


def _require_compact(one: Dggrs, zones: list[str]) -> None:
    """Raise `Failed` if all children of a zone are listed in its stead."""
    listed, answer = set(zones), one.ask_zones({"zone-level": str(one.level)})
    looked: set[str] = set()
    for zone in zones:
        if one.hierarchy.level(zone) == 0:
            continue
        parent = one.hierarchy.parent(zone)
        if parent not in looked:
            looked.add(parent)
            whole = set(one.hierarchy.children(parent)) <= listed
            require(not whole, answer, f"{parent} instead of all its children", zone)


@query("/req/zone-query/parent-zone", "`parent-zone` dà le zone che stanno in una, e solo esse")
def parent_zone(service: Service) -> str:
    """`parent-zone` gives the zones that lie in one, and no other."""
    seen = 0
    for one in grids(service):
        skip_unless(one.level > 0, "un solo livello / one level only")
        for parent in [*one.parents(2), *list(one.family.by_parent)[-1:]]:
            asked = at(one.level, parent_zone=parent)
            answer = require_status(one.ask_zones(asked), 200)
            found, wanted = one.zones(asked), one.family.by_parent[parent]
            told = difference(set(wanted), set(found))
            require(set(found) == set(wanted), answer, f"{len(wanted)} zones in {parent}", told)
            seen += len(found)
        require_status(one.ask_zones({"parent-zone": "nobodyszone"}), 400, 404)
    return f"{seen} zone / zones"


@query("/rec/zone-query/limit", "`limit` con `next` raggiunge ogni zona una volta sola")
def limit(service: Service) -> str:
    """`limit` with `next` reaches every zone exactly once."""
    seen = 0
    for one in grids(service):
        parent = one.parents(1)[0] if one.level > 0 else ""
        asked = at(one.level, parent_zone=parent) if parent else at(one.level)
        wanted = one.zones(asked)
        skip_unless(len(wanted) > 1, "una sola zona / one zone only")
        first = one.ask_zones({**asked, "limit": "2"})
        skip_unless(first.status != 400, "`limit` non accettato / `limit` is not accepted")
        found, answer, pages = zones_of(first), first, 1
        require(len(found) <= 2, answer, "2 zones at most", len(found))
        while (following := next_of(answer)) is not None and pages <= len(wanted) + 1:
            answer = require_status(service.ask(following), 200)
            require(len(zones_of(answer)) <= 2, answer, "2 zones at most", len(zones_of(answer)))
            found += zones_of(answer)
            pages += 1
        same = sorted(found) == sorted(wanted)
        told = f"{len(found)} on {pages} pages; {difference(set(wanted), set(found))}"
        require(same, first, f"each of {len(wanted)} zones once, by the links `next`", told)
        for wrong in ("0", "abc"):
            require_status(one.ask_zones({**asked, "limit": wrong}), 400)
        seen += pages
    return f"{seen} pagine / pages"
