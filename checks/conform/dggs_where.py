"""Tests of OGC API DGGS, class Zone Query: zones by place and time."""

from __future__ import annotations

from typing import Final

from shapely.geometry import box as box_of

from checks.conform.answers import SLACK, Box, as_text
from checks.conform.dggs_sets import BASE, Dggrs, grids
from checks.conform.dggs_zones import at, difference
from checks.conform.outcome import require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service

query = conformance_class(f"{BASE}zone-query")

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_NAMES: Final = (CRS84, f"https{CRS84[4:]}", "[OGC:CRS84]")
"""How CRS84 may be written."""
_EPSG4326: Final = "http://www.opengis.net/def/crs/EPSG/0/4326"


def _boxes(one: Dggrs) -> list[Box]:
    """Return a box round one zone, one of the west half of all, and one where nothing is."""
    outlines = [one.hierarchy.outline(zone) for zone in one.family.zones]
    bounds = [outline.bounds for outline in outlines]
    west, south = (min(b[side] for b in bounds) for side in (0, 1))
    east, north = (max(b[side] for b in bounds) for side in (2, 3))
    left, low, right, high = bounds[len(bounds) // 2]
    middle = (left + (right - left) * 0.3, low + (high - low) * 0.3, right, high)
    far = (-170.0, -80.0, -169.5, -79.5) if east > -100 else (170.0, 79.0, 170.5, 79.5)
    return [middle, (west, south, (west + east) / 2 + 1e-4, north), far]


def _require_met(one: Dggrs, asked: dict[str, str], area: Box) -> int:
    """Raise `Failed` unless the zones that meet an area are answered; how many there are."""
    answer = require_status(one.ask_zones(asked), 200, 204)
    found = set(one.zones(asked))
    west, south, east, north = area
    inner = box_of(west + SLACK, south + SLACK, east - SLACK, north - SLACK)
    outer = box_of(west - SLACK, south - SLACK, east + SLACK, north + SLACK)
    outlines = {zone: one.hierarchy.outline(zone) for zone in one.family.zones}
    must = {zone for zone, outline in outlines.items() if outline.intersects(inner)}
    may = {zone for zone, outline in outlines.items() if outline.intersects(outer)}
    fits = must <= found <= may
    require(fits, answer, f"the {len(must)} zones that meet {area}", difference(must, found))
    return len(must)


@query("/req/zone-query/bbox", "`bbox` dà le zone che toccano il rettangolo")
def bbox(service: Service) -> str:
    """`bbox` gives the zones that meet the box."""
    seen = 0
    for one in grids(service):
        for area in _boxes(one):
            seen += _require_met(one, at(one.level, bbox=as_text(area)), area)
        flat = as_text(_boxes(one)[0]).split(",")
        deep = ",".join([*flat[:2], "0", *flat[2:], "1000"])
        require_status(one.ask_zones(at(one.level, bbox=deep)), 200)
        for wrong in ("1,2,3", "a,b,c,d"):
            require_status(one.ask_zones({"bbox": wrong}), 400)
    return f"{seen} zone / zones"


def _native(one: Dggrs) -> str:
    """Return the CRS in which the data of the origin are kept."""
    table = one.table
    return str(table.document.get("storageCrs") or CRS84) if table is not None else CRS84


def _require_same(one: Dggrs, asked: dict[str, str], other: dict[str, str]) -> None:
    """Raise `Failed` unless two questions have the same zones."""
    answer = require_status(one.ask_zones(asked), 200)
    wanted, found = set(one.zones(other)), set(one.zones(asked))
    expected = f"the {len(wanted)} zones of {one.ask_zones(other).asked.url}"
    require(wanted == found, answer, expected, difference(wanted, found))


@query("/req/zone-query/bbox-crs", "`bbox-crs` dice in che sistema è il rettangolo")
def bbox_crs(service: Service) -> str:
    """`bbox-crs` tells of which CRS the box is."""
    seen = 0
    for one in grids(service):
        west, south, east, north = _boxes(one)[0]
        plain = at(one.level, bbox=as_text((west, south, east, north)))
        for name in (*_NAMES, *({_native(one)} - {_EPSG4326})):
            _require_same(one, {**plain, "bbox-crs": name}, plain)
            seen += 1
        turned = at(one.level, bbox=as_text((south, west, north, east)))
        if one.ask_zones({**turned, "bbox-crs": _EPSG4326}).status == 200:
            _require_same(one, {**turned, "bbox-crs": _EPSG4326}, plain)
        require_status(one.ask_zones({**plain, "bbox-crs": "nobodyscrs"}), 400)
        some = at(one.level, parent_zone=one.parents(1)[0]) if one.level else at(0)
        _require_same(one, {**some, "bbox-crs": CRS84}, some)
    return f"{seen} nomi / names"


def _axes(area: Box) -> str:
    west, south, east, north = area
    return f"Lat({south:.7f}:{north:.7f}),Lon({west:.7f}:{east:.7f})"


@query("/req/zone-query/subset", "`subset` dà le zone entro gli assi, uno sconosciuto è rifiutato")
def subset(service: Service) -> str:
    """`subset` gives the zones within the axes, and an unknown one is refused."""
    seen = 0
    for one in grids(service):
        for area in _boxes(one)[:2]:
            seen += _require_met(one, at(one.level, subset=_axes(area)), area)
        area = _boxes(one)[1]
        together = at(one.level, subset=_axes(area))
        lat, lon = _axes(area).split("),")
        plain = service.client.address(one.zones_address, at(one.level))
        twice = f"{plain}&subset={lat})&subset={lon}"
        answer = require_status(service.ask(twice), 200)
        found, wanted = answer.json["zones"], one.ask_zones(together).json["zones"]
        expected = f"the {len(wanted)} zones of one `subset`"
        require(found == wanted, answer, expected, f"{len(found)} zones")
        half = at(one.level, subset=f"Lon({area[0]:.7f}:*)")
        require_status(one.ask_zones(half), 200)
        for wrong in ("Nobody(1:2)", "Lat(1:2", "Lat(a:b)"):
            require_status(one.ask_zones({"subset": wrong}), 400)
        both = {**together, "bbox": as_text(area)}
        require_status(one.ask_zones(both), 400)
    return f"{seen} zone / zones"


@query("/req/zone-query/subset-crs", "`subset-crs` dice in che sistema sono gli assi")
def subset_crs(service: Service) -> str:
    """`subset-crs` tells of which CRS the axes are."""
    seen = 0
    for one in grids(service):
        plain = at(one.level, subset=_axes(_boxes(one)[1]))
        for name in (*_NAMES, *({_native(one)} - {_EPSG4326})):
            _require_same(one, {**plain, "subset-crs": name}, plain)
            seen += 1
        require_status(one.ask_zones({**plain, "subset-crs": "nobodyscrs"}), 400)
        some = at(one.level, parent_zone=one.parents(1)[0]) if one.level else at(0)
        _require_same(one, {**some, "subset-crs": CRS84}, some)
    return f"{seen} nomi / names"


@query("/req/zone-query/datetime", "`datetime` dà le zone con dati di allora")
def datetime(service: Service) -> str:
    """`datetime` gives the zones with data of that time."""
    seen = timed = 0
    for one in grids(service):
        whole = set(one.family.zones)
        for open_ in ("../..", "../2999-01-01T00:00:00Z", "1000-01-01T00:00:00Z/.."):
            answer = one.ask_zones(at(one.level, datetime=open_))
            if not has_time(one) and 400 <= answer.status < 500:
                continue
            require_status(answer, 200)
            found = set(one.zones(at(one.level, datetime=open_)))
            require(found == whole, answer, f"{len(whole)} zones", difference(whole, found))
            seen += 1
        if has_time(one):
            timed += 1
            for never in (
                "1000-01-01T00:00:00Z",
                "../1000-01-01T00:00:00Z",
                "/1000-01-01T00:00:00Z",
            ):
                asked = at(one.level, datetime=never)
                answer = require_status(one.ask_zones(asked), 200, 204)
                require(not one.zones(asked), answer, "no zones", len(one.zones(asked)))
                seen += 1
        require_status(one.ask_zones({"datetime": "yesterday"}), 400)
    skip_unless(seen, "nessuna dimensione di tempo / no temporal dimension")
    return f"{seen} intervalli / intervals, {timed} con tempo / with time"


def has_time(one: Dggrs) -> bool:
    """Tell whether all features of an origin have a time, by its extent and the first features."""
    table = one.table
    if table is None or table.times is None:
        return False
    held = [[f["properties"].get(name) for name in table.times] for f in table.first]
    return bool(held) and all(any(times) for times in held)
