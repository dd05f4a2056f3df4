"""Lists of zones: which have figures, and which of these meet a condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import shapely

from api.dggs.asked import ListQuery, below, matching
from api.language import Media
from geo_core.model.grid import Cells, areas, compacted, descendants, outlines, resolutions, texts

ZONES_GEOJSON: Final = Media("geojson", "application/geo+json")
ZONES_BINARY: Final = Media("uint64", "application/x-binary")


@dataclass(frozen=True)
class Page:
    """A part of a list of zones.

    Attributes
    ----------
    matched : int
        Zones of the whole list, in which a parent stands for all its children.
    cells : array
        Zones of the page; coarse ones first, then ascending.
    level : int
        The level that was asked for.
    """

    matched: int
    first: int
    cells: Cells
    level: int

    @property
    def end(self) -> int:
        """Number of zones up to the end of the page."""
        return self.first + len(self.cells)

    @property
    def area(self) -> float:
        """Area of the zones, m²: of their descendants at the level that was asked for."""
        return areas([c for zone in self.cells.tolist() for c in descendants(zone, self.level)])


def page_of(query: ListQuery, first: int) -> Page:
    """Return the page of a list that begins with a zone of it."""
    zones = query.zones
    if zones is None:
        return Page(0, 0, np.empty(0, dtype=np.uint64), query.level)
    mask = matching(zones, query.wanted)
    if query.parent is not None:
        mask &= below(zones, query.parent, geometric=query.geometric)
    found = zones.cells[mask]
    if query.compact:
        found = compacted(found)
    return Page(len(found), first, found[first : first + query.limit], zones.level)


def as_json(page: Page, links: Sequence[Any], templates: Sequence[Any]) -> dict[str, Any]:
    """Return a page as the standard's JSON document."""
    return {
        "zones": texts(page.cells),
        "numberMatched": page.matched,
        "numberReturned": len(page.cells),
        "returnedAreaMetersSquare": page.area,
        "links": links,
        "linkTemplates": templates,
    }


def as_geojson(page: Page, links: Sequence[Any], href: Callable[[str], str]) -> dict[str, Any]:
    """Return a page as GeoJSON; `href` gives the address of a zone."""
    written = shapely.to_geojson(outlines(page.cells.tolist())).tolist()
    levels = resolutions(page.cells).tolist()
    return {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.cells),
        "links": links,
        "features": [
            {
                "type": "Feature",
                "id": zone,
                "geometry": orjson.Fragment(geometry),
                "properties": {"zoneID": zone, "zone_level": level, "url": href(zone)},
            }
            for zone, geometry, level in zip(texts(page.cells), written, levels, strict=True)
        ],
    }


class Row(NamedTuple):
    """A zone as a page lists it."""

    zone: str
    level: int
    km2: float


def as_rows(page: Page) -> list[Row]:
    """Return the zones of a page, as people read them."""
    levels = resolutions(page.cells).tolist()
    zipped = zip(page.cells.tolist(), texts(page.cells), levels, strict=True)
    return [Row(name, level, areas([cell]) / 1e6) for cell, name, level in zipped]


def as_binary(page: Page) -> bytes:
    """Return a page as little-endian integers of 64 bits: how many, then each."""
    numbers = np.concatenate([np.array([len(page.cells)], dtype=np.uint64), page.cells])
    return numbers.astype("<u8").tobytes()
