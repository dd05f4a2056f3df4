"""Zones of a protected theme, whose features are areas: one cell, or several that were merged.

A zone has values of its own where one area is all that the district has of it. Any other zone of
the district lies in areas that reach beyond it, or is divided among several: it is `merged`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from api.dggs.zones import NOWHERE, Area, Merged, ThemeZones
from api.features.columns import Column
from api.features.engine import Collection
from geo_core.model.cells import LEAF
from geo_core.model.grid import Cells, inside, parents

type Members = Sequence[Cells]
"""Leaf cells of each area."""


def members_of(collection: Collection) -> Members:
    """Return the leaf cells that each feature of a protected collection is the union of."""
    shapes = collection.shapes if collection.shapes is not None else ()
    return [inside(shape, LEAF) for shape in shapes]


def zones_of_areas(collection: Collection, members: Members, level: int) -> ThemeZones:
    """Return the zones of a level of which the features are the areas."""
    areas = [Area(collection.id, ident) for ident in texts_of(collection.columns["id"])]
    return _zones(collection.columns, members, areas, level)


def zones_of_table(columns: Mapping[str, Column], members: Members, level: int) -> ThemeZones:
    """Return the zones of a level that has rows without outlines.

    Parameters
    ----------
    columns : mapping
        Values of the rows.
    members : sequence
        Leaf cells of the area of each row.
    """
    return _zones(columns, members, [Area("", ident) for ident in texts_of(columns["id"])], level)


def texts_of(column: Column) -> list[str]:
    """Return the texts of a column that has no nulls."""
    return [column.vocabulary[rank] for rank in column.values.tolist()]


def _zones(
    columns: Mapping[str, Column], members: Members, areas: Sequence[Area], level: int
) -> ThemeZones:
    """Return the zones of a level, of areas of which the leaf cells are known."""
    rows = np.repeat(np.arange(len(members)), [len(cells) for cells in members])
    leaves = np.concatenate([*members, np.empty(0, dtype=np.uint64)])
    # Pairs of a zone and the row of an area that has a leaf in it, each once.
    pairs = np.unique(np.stack([parents(leaves, level), rows.astype(np.uint64)]), axis=1)
    zone_of, row_of = pairs[0], pairs[1].astype(np.int64)
    cells, first, count = np.unique(zone_of, return_index=True, return_counts=True)
    reach = np.bincount(row_of, minlength=len(areas))
    alone = (count == 1) & (reach[row_of[first]] == 1)
    shared = ~np.isin(zone_of, cells[alone])
    merged = Merged(zone_of[shared], tuple(areas[row] for row in row_of[shared].tolist()))
    return ThemeZones(level, cells, np.where(alone, row_of[first], NOWHERE), columns, merged)
