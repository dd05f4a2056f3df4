"""Hierarchies of zones: H3 by its index, any other grid by the links of its zones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol

import h3
from shapely import Point, Polygon
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from checks.conform.outcome import Skipped, skip_unless
from checks.conform.service import links_of
from checks.conform.tiles_sets import relations

PARENT: Final = relations("dggrs-zone-parent")
CHILD: Final = relations("dggrs-zone-child")
NEIGHBOUR: Final = relations("dggrs-zone-neighbor")

type Info = Callable[[str], dict[str, Any]]


class Hierarchy(Protocol):
    """How the zones of a grid lie in one another."""

    @property
    def is_known(self) -> bool:
        """Whether the grid is known beforehand: its shapes and the order of its zones."""
        ...

    def level(self, zone: str) -> int:
        """Return the refinement level of a zone."""
        ...

    def parent(self, zone: str) -> str:
        """Return the zone one level coarser that holds a zone."""
        ...

    def children(self, zone: str) -> list[str]:
        """Return the zones one level finer, in their order where the grid is known."""
        ...

    def outline(self, zone: str) -> BaseGeometry:
        """Return the shape of a zone, in degrees."""
        ...

    def kind(self, zone: str) -> str | None:
        """Return what the shape of a zone is called; nothing where that is not known."""
        ...

    def odd(self, level: int) -> list[str]:
        """Return zones of a level that are unlike others."""
        ...

    def holds(self, zones: set[str], level: int, lon: float, lat: float) -> bool:
        """Tell whether a place lies in one of the zones, which are of a level."""
        ...


class H3:
    """H3: zones by index, sub-zones in the order of their identifiers."""

    is_known = True

    def level(self, zone: str) -> int:
        """Return the resolution of a cell."""
        return int(h3.get_resolution(_cell(zone)))

    def parent(self, zone: str) -> str:
        """Return the parent of a cell by its index."""
        return str(h3.cell_to_parent(_cell(zone)))

    def children(self, zone: str) -> list[str]:
        """Return the children of a cell by their index, ascending."""
        return sorted(h3.cell_to_children(_cell(zone)))

    def outline(self, zone: str) -> BaseGeometry:
        """Return the boundary of a cell."""
        return Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(_cell(zone))])

    def kind(self, zone: str) -> str | None:
        """Return `pentagon` for the twelve of each level, `hexagon` for all others."""
        return "pentagon" if h3.is_pentagon(_cell(zone)) else "hexagon"

    def odd(self, level: int) -> list[str]:
        """Return zones of a level that are unlike others: a pentagon."""
        return [min(h3.get_pentagons(level))]

    def holds(self, zones: set[str], level: int, lon: float, lat: float) -> bool:
        """Tell whether the cell of a place is among the zones."""
        return h3.latlng_to_cell(lat, lon, level) in zones


def _cell(zone: str) -> str:
    if not h3.is_valid_cell(zone):
        raise ValueError(f"{zone} is no cell of H3")
    return zone


@dataclass
class Linked:
    """A grid that is known by what its zones say of themselves."""

    info: Info
    is_known: bool = field(default=False, init=False)

    def level(self, zone: str) -> int:
        """Return the level that a zone tells; `Skipped` if it does not."""
        level = self.info(zone).get("level")
        if not isinstance(level, int):
            raise Skipped("le zone non dicono il loro livello / zones do not tell their level")
        return level

    def parent(self, zone: str) -> str:
        """Return the first parent that a zone links."""
        return self._linked(zone, PARENT)[0]

    def children(self, zone: str) -> list[str]:
        """Return the children that a zone links."""
        return self._linked(zone, CHILD)

    def outline(self, zone: str) -> BaseGeometry:
        """Return the shape that a zone tells; `Skipped` if it does not."""
        geometry = self.info(zone).get("geometry")
        skip_unless(geometry, "le zone non hanno geometria / zones have no geometry")
        return shape(geometry)

    def kind(self, zone: str) -> str | None:
        """Return what a zone says its shape is."""
        told = self.info(zone).get("shapeType")
        return str(told) if told is not None else None

    def odd(self, level: int) -> list[str]:  # noqa: ARG002
        """Return nothing: which zones are unlike others is not known."""
        return []

    def holds(self, zones: set[str], level: int, lon: float, lat: float) -> bool:  # noqa: ARG002
        """Tell whether a place lies in the shape of one of the zones."""
        return any(self.outline(zone).intersects(Point(lon, lat)) for zone in zones)

    def _linked(self, zone: str, rels: tuple[str, ...]) -> list[str]:
        links = links_of(self.info(zone), *rels)
        skip_unless(links, f"nessun collegamento / no link {rels[2]}")
        return [str(link["href"]).partition("?")[0].rpartition("/")[2] for link in links]


@dataclass
class Family:
    """Zones of one level, and what they make together."""

    hierarchy: Hierarchy
    zones: list[str]

    @cached_property
    def by_parent(self) -> dict[str, list[str]]:
        """The zones below each parent, the fullest parent first."""
        found: dict[str, list[str]] = {}
        for zone in self.zones:
            found.setdefault(self.hierarchy.parent(zone), []).append(zone)
        return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def below(hierarchy: Hierarchy, zone: str, depth: int) -> list[str]:
    """Return the zones that lie some levels below one, in their order."""
    found = [zone]
    for _ in range(depth):
        found = [child for one in found for child in hierarchy.children(one)]
    return found


def ancestor(hierarchy: Hierarchy, zone: str, level: int) -> str:
    """Return the zone of a coarser level that holds one."""
    for _ in range(hierarchy.level(zone) - level):
        zone = hierarchy.parent(zone)
    return zone


def expanded(hierarchy: Hierarchy, zones: list[str], level: int) -> list[str]:
    """Return the zones of one level that a compact list stands for."""
    return [
        finer for zone in zones for finer in below(hierarchy, zone, level - hierarchy.level(zone))
    ]
