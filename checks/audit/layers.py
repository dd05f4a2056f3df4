"""Layers of areas with counts of one theme, and which areas of one lie in those of another.

Unlike `areas`, any collection is taken that shows a count of the theme on outlines, whether the
statement names it or not: an attacker does not ask what a layer is meant for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from checks.audit.areas import CELLS, PARTS, areas_of, years_of
from checks.audit.bounds import RANGE, Bools, Bounds, Floats
from checks.audit.mvt import Ints
from checks.audit.published import Collection, Published
from checks.audit.themes import Theme, themes_of

TOUCH: Final = 1e-6
"""Share of an area that two outlines may have in common by rounding."""
POLYGONS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class Layer:
    """The areas of one collection in one year, with what is known of their counts.

    Attributes
    ----------
    name : str
        Collection, and the release if it is another one.
    ids : list of str
    shapes : array of polygons
        Outlines (OGC:CRS84, degrees).
    members : sequence of tuple of str, or None
        H3 cells of each area, where the outlines are unions of cells.
    counts : dict
        Bounds of each column of a count.
    """

    name: str
    ids: list[str]
    shapes: npt.NDArray[np.object_]
    members: Sequence[tuple[str, ...]] | None
    counts: Mapping[str, Bounds]


@dataclass(frozen=True)
class Overlap:
    """Pairs of areas that have ground in common.

    Attributes
    ----------
    a, b : int array
        Positions in the two layers, one entry per pair.
    of_a, of_b : float array
        Share of either area that is common, 0 to 1.
    """

    a: Ints
    b: Ints
    of_a: Floats
    of_b: Floats

    @property
    def inside(self) -> Bools:
        """Where area `b` lies in area `a`."""
        return self.of_b >= 1 - TOUCH

    def turned(self) -> Overlap:
        """Return the same pairs, seen from the other layer."""
        return Overlap(self.b, self.a, self.of_b, self.of_a)


def layers_of(published: Published, theme: Theme, release: str = "") -> Iterator[Layer]:
    """Yield every layer of polygons that shows a count of a theme in its year.

    Parameters
    ----------
    release : str
        Put before the names; empty for the audited release.
    """
    others = [o for o in themes_of(published.disclosure) if o.name != theme.name]
    for collection in (*published.collections.values(), *published.zones.values()):
        # Two themes may have a category of the same name, each in its own collections.
        stated = {n for o in others if collection.declared in (o.collections or ()) for n in o.sums}
        columns = [n for n in theme.sums if n in collection.fields and n not in stated]
        at = np.flatnonzero(np.array([y in {theme.year, 0} for y in years_of(collection)], bool))
        shapes = collection.geometry[at]
        if not columns or not len(at) or not np.isin(shapely.get_type_id(shapes), POLYGONS).all():
            continue
        yield Layer(
            f"{release}/{collection.id}" if release else collection.id,
            [collection.ids[i] for i in at.tolist()],
            shapes,
            _members(collection, theme, at),
            {name: known(collection, theme, name, at) for name in columns},
        )


def _members(collection: Collection, theme: Theme, at: Ints) -> Sequence[tuple[str, ...]] | None:
    if not set(collection.fields) >= PARTS:
        return None
    areas = areas_of(collection, theme, at)
    sizes = np.array([len(m) for m in areas.members])
    distinct = len(areas.of_cell) == sizes.sum()
    return areas.members if distinct and (sizes == areas.numbers(CELLS)).all() else None


def known(collection: Collection, theme: Theme, column: str, at: Ints) -> Bounds:
    """Return what a column says of its counts, whether or not it has bands."""
    number = collection.numbers(column)[at]
    low, high = theme.band or (0, 0)
    bands = collection.rows.get(column + RANGE)
    text = f"{low}-{high}"
    banded = np.array([v == text for v in bands.to_numpy()[at]], bool) if bands is not None else 0
    none = np.isnan(number)
    above = np.where(banded, float(high), np.inf)
    return Bounds(np.where(none, low * banded, number), np.where(none, above, number), none)


def overlap(one: Layer, other: Layer) -> Overlap:
    """Return the pairs of areas of two layers that have ground in common."""
    if one.members is not None and other.members is not None:
        return _by_cells(one.members, other.members)
    tree = shapely.STRtree(other.shapes)
    a, b = tree.query(one.shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(one.shapes[a], other.shapes[b]))
    of_a, of_b = common / shapely.area(one.shapes[a]), common / shapely.area(other.shapes[b])
    more = np.maximum(of_a, of_b) > TOUCH
    return Overlap(a[more], b[more], of_a[more], of_b[more])


def _by_cells(one: Sequence[tuple[str, ...]], other: Sequence[tuple[str, ...]]) -> Overlap:
    holder = {cell: i for i, cells in enumerate(other) for cell in cells}
    pairs = Counter(
        (i, holder[cell]) for i, cells in enumerate(one) for cell in cells if cell in holder
    )
    a, b = np.array([*pairs], np.int64).reshape(-1, 2).T
    common = np.array([*pairs.values()], np.float64)
    size_a, size_b = np.array([len(m) for m in one]), np.array([len(m) for m in other])
    return Overlap(a, b, common / size_a[a], common / size_b[b])
