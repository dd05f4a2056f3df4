"""The published areas of a theme, and which areas of one collection make up those of another.

The members of an area are the cells of the finest resolution whose centre lies in its published
outline: nothing else is taken from the service.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import h3
import numpy as np
import orjson
import shapely

from checks.audit.mvt import Ints
from checks.audit.published import Collection, Published
from checks.audit.themes import Theme

PLACE = "h3"
KIND = "tipo_area"
CELLS = "celle"
RESIDENTS = "residenti"
PARTS = {CELLS, KIND, PLACE, RESIDENTS}
"""Columns of a collection of areas."""
_CELL = re.compile("[0-9a-f]{15}")
WHOLE, GROUP = "cella", "gruppo"
DECIMALS = 7
"""Of coordinates, in degrees."""


@dataclass(frozen=True)
class Areas:
    """The areas of one collection in one year.

    Attributes
    ----------
    collection : Collection
    theme : Theme
        The statement that covers them.
    at : int array
        Positions of their rows in the collection.
    members : sequence of tuple of str
        Sorted H3 cells of each area.
    """

    collection: Collection
    theme: Theme
    at: Ints
    members: Sequence[tuple[str, ...]]

    @cached_property
    def of_cell(self) -> dict[str, int]:
        """Area that holds a cell (the last, where it is in several)."""
        return {cell: i for i, cells in enumerate(self.members) for cell in cells}

    @cached_property
    def ids(self) -> list[str]:
        """Identifiers of the areas."""
        return [self.collection.ids[i] for i in self.at.tolist()]

    def texts(self, column: str) -> list[object]:
        """Return a column as it was published."""
        return list(self.collection.rows[column].to_numpy()[self.at])

    def numbers(self, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Return a column as numbers, NaN where it is null."""
        return self.collection.numbers(column)[self.at]


def tables_of(published: Published, theme: Theme) -> Iterator[tuple[Collection, Ints]]:
    """Yield the collections that show a theme, with the rows of its year; not its estimates."""
    for collection in published.collections.values():
        covered = theme.covers(collection.id, collection.fields)
        if not covered or collection.id in theme.estimates:
            continue
        years = np.array(years_of(collection))
        if len(at := np.flatnonzero(years == theme.year)):
            yield collection, at


def years_of(collection: Collection) -> list[int]:
    """Return the calendar year of every row: that of its first date, 0 where there is none."""
    dates = [name for name, field in collection.fields.items() if field.date]
    if not dates:
        return [0] * len(collection.features)
    return [int(str(day)[:4]) if day else 0 for day in collection.rows[dates[0]]]


def areas_of(collection: Collection, theme: Theme, at: Ints) -> Areas:
    """Read the areas of rows of a collection from their outlines."""
    packed = shapely.to_wkb(collection.geometry[at])
    return Areas(collection, theme, at, [_members(shape, theme.leaf) for shape in packed])


@lru_cache(1 << 18)
def _members(packed: bytes | None, leaf: int) -> tuple[str, ...]:
    # The same outline is in several collections and years.
    shape = packed and shapely.from_wkb(packed)
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return ()
    return tuple(sorted(h3.geo_to_cells(shape, leaf)))


@lru_cache(1 << 14)
def outline(members: tuple[str, ...]) -> list[Any]:
    """Return the coordinates of the outline of some cells, in the one way there is to write them.

    Each part is traced in the index, rounded to 7 decimals and wound as RFC 7946 asks: which point
    comes first, and every last digit, follow from the cells. Empty for no cells.
    """
    if not members:
        return []
    traced = shapely.geometry.shape(h3.cells_to_h3shape(members))
    parts = traced.geoms if isinstance(traced, shapely.MultiPolygon) else [traced]
    rounded = shapely.transform(
        shapely.MultiPolygon(list(parts)), lambda xy: np.round(xy, DECIMALS)
    )
    turned = shapely.orient_polygons(rounded, exterior_cw=False)
    coordinates: list[Any] = orjson.loads(shapely.to_geojson(turned))["coordinates"]
    return coordinates


def is_cell(text: object) -> bool:
    """Tell whether a text is the index of an H3 cell."""
    return bool(_CELL.fullmatch(str(text))) and h3.is_valid_cell(str(text))


def parents(fine: Areas, coarse: Areas, *, some: bool = False) -> Ints | None:
    """Return for each fine area the coarse one it lies in; None if one is cut by their borders.

    With `some`, -1 stands for a fine area that lies in none.
    """
    found = []
    for members in fine.members:
        touched = {coarse.of_cell.get(cell, -1) for cell in members}
        if len(touched) != 1 or (-1 in touched and not some):
            return None
        found.append(touched.pop())
    return np.array(found, np.int64)


def held(areas: Areas) -> Counter[str]:
    """Return how many of all members each H3 cell of any resolution holds."""
    leaf = areas.theme.leaf
    return Counter(
        cell for members in areas.members for member in members for cell in lineage(member, leaf)
    )


@lru_cache(1 << 20)
def lineage(cell: str, leaf: int) -> tuple[str, ...]:
    """Return a cell and its ancestors, the coarsest first."""
    return tuple(h3.cell_to_parent(cell, resolution) for resolution in range(leaf + 1))


def common_ancestor(members: Sequence[str], leaf: int) -> str:
    """Return the finest cell that holds all members (sorted)."""
    pairs = zip(lineage(members[0], leaf), lineage(members[-1], leaf), strict=True)
    return max((a for a, b in pairs if a == b), key=h3.get_resolution, default="")
