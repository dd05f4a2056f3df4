"""The measured levels of a shape: nested partitions of its areas, coarse to fine.

At the level of an H3 resolution the areas that stand in one cell of that resolution form one
node, and an area that stands at a coarser cell is a node by itself. So every area is in exactly
one node of every level, and one person changes exactly one count of each level by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_core.disclose.shape import Area, Shape
from geo_core.model import cells
from geo_core.model.policy import LevelName

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]

AREA: LevelName = "area"
"""The finest level: the areas themselves."""


@dataclass(frozen=True)
class Level:
    """One partition of the areas of a shape.

    Attributes
    ----------
    name : LevelName
        H3 resolution, or `area`.
    size : int
        Number of nodes.
    parents : array of int, shape (size,)
        For each node, the position of its parent in the level above; zeros in the first
        level, whose parent is the district.
    """

    name: LevelName
    size: int
    parents: Ints


def levels(shape: Shape, names: Iterable[LevelName]) -> tuple[Level, ...]:
    """Return the named levels of a shape, coarse to fine; `area` is always the last.

    Nodes of a level are numbered in the order of the first area they hold; the nodes of
    `area` are the areas in the order of `shape.areas`.
    """
    above = np.zeros(len(shape.areas), dtype=np.int64)
    found = []
    for name in sorted(set(names) | {AREA}):
        _, first, nodes = np.unique(
            [_node(a, name) for a in shape.areas], return_index=True, return_inverse=True
        )
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        found.append(Level(name, len(first), above[np.sort(first)]))
        above = rank[nodes]
    return tuple(found)


def totals(tree: tuple[Level, ...], areas: Ints) -> list[Ints]:
    """Sum one number per area to every level, coarse to fine.

    Parameters
    ----------
    tree : tuple of Level
        From `levels`.
    areas : array of int, shape (size of the last level,)
    """
    sums = [areas]
    for below, level in zip(reversed(tree), reversed(tree[:-1]), strict=False):
        up = np.zeros(level.size, dtype=np.int64)
        np.add.at(up, below.parents, sums[0])
        sums.insert(0, up)
    return sums


def _node(area: Area, name: LevelName) -> str:
    if name == AREA or cells.resolution(area.seat) < int(name):
        return area.id
    return cells.parent(area.seat, int(name))
