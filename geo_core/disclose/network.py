"""The sums of a table of areas and categories, as a network: what of a count adds up to what.

Every count is part of two chains of sums: that of its category, area by area up the H3 tree, and
that of its area over all categories, up the same tree. Sums of the first kind are nested or
disjoint, and so are those of the second. Two such families are the edges of one network: a count
is an edge on which a quantity passes from the tree of its category to the tree of the totals,
and every sum is an edge between a node and its parent. What enters a vertex leaves it, and the
two roots meet in one hub, so a change that keeps all sums consistent is a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from geo_core.disclose.shape import Shape
from geo_core.disclose.tree import Ints
from geo_core.model import cells

_DISTRICT: Final = ""


@dataclass(frozen=True)
class Network:
    """The network of one table.

    Edge `k * nodes + v` carries the count of category k at node v of the tree; `k = categories`
    carries the totals over all categories. The first nodes are the areas.

    Attributes
    ----------
    parents : array of int, shape (nodes,)
        Parent of each node, after the node; the last node is the district, its own parent.
    areas : int
        Number of areas.
    categories : int
        Number of categories.
    tails, heads : list of int
        The two vertices of each edge, in the direction of its quantity.
    """

    parents: Ints
    areas: int
    categories: int
    tails: list[int]
    heads: list[int]

    @property
    def nodes(self) -> int:
        """Number of nodes of the tree, areas included."""
        return len(self.parents)

    @property
    def vertices(self) -> int:
        """Number of vertices."""
        return self.categories * (self.nodes - self.areas) + self.nodes + 1

    def sums(self, counts: Ints) -> Ints:
        """Return what every edge carries.

        Parameters
        ----------
        counts : array of int, shape (categories, areas)

        Returns
        -------
        array of int, shape (categories + 1, nodes)
        """
        carried = np.zeros((self.categories + 1, self.nodes), dtype=np.int64)
        carried[:-1, : self.areas] = counts
        carried[-1, : self.areas] = counts.sum(axis=0)
        # A parent comes after its children, so each node is complete when it is added.
        for node, parent in enumerate(self.parents[:-1].tolist()):
            carried[:, parent] += carried[:, node]
        return carried

    def sums_of(self, category: int, area: int) -> list[int]:
        """Return the edges that change with one count: its own, and those of its sums."""
        up = [area]
        while up[-1] != self.nodes - 1:
            up.append(int(self.parents[up[-1]]))
        return [row * self.nodes + node for row in (category, self.categories) for node in up]

    def counts_near(self, area: int, *, up: int) -> list[int]:
        """Return the edges of all counts of the areas in a node so many steps above an area."""
        node = area
        for _ in range(up):
            node = int(self.parents[node])
        waiting, areas = [node], list[int]()
        while waiting:
            below = waiting.pop()
            waiting += self.children[below]
            areas += [below] if below < self.areas else []
        return [k * self.nodes + a for k in range(self.categories) for a in areas]

    @cached_property
    def children(self) -> list[list[int]]:
        """The nodes right below each node."""
        found: list[list[int]] = [[] for _ in range(self.nodes)]
        for node, parent in enumerate(self.parents[:-1].tolist()):
            found[parent].append(node)
        return found

    @cached_property
    def incident(self) -> list[list[int]]:
        """The edges of each vertex."""
        found: list[list[int]] = [[] for _ in range(self.vertices)]
        for edge, (tail, head) in enumerate(zip(self.tails, self.heads, strict=True)):
            found[tail].append(edge)
            found[head].append(edge)
        return found


def network(parents: Ints, *, areas: int, categories: int) -> Network:
    """Build the network of a tree and a number of categories.

    Parameters
    ----------
    parents : array of int
        From `tree_of`.
    areas, categories : int
        Size of the table.
    """
    nodes = len(parents)
    inner, hub = nodes - areas, categories * (nodes - areas) + nodes
    node = np.arange(nodes)
    tails, heads = [], []
    for k in range(categories):
        # Vertices of the category's tree, then those of the totals.
        tails.append(np.where(node == nodes - 1, hub, k * inner + parents - areas))
        heads.append(np.where(node < areas, categories * inner + node, k * inner + node - areas))
    totals = categories * inner
    tails.append(totals + node)
    heads.append(np.where(node == nodes - 1, hub, totals + parents))
    joined = (np.concatenate(ends).tolist() for ends in (tails, heads))
    return Network(parents, areas, categories, *joined)


def tree_of(shape: Shape) -> Ints:
    """Return the parents of a shape's areas and of every H3 cell that holds several of them.

    A cell holds the areas that stand in it (`Area.seat`), as in `shape.cut`. Cells that hold the
    same areas are one node.

    Returns
    -------
    array of int
        The areas in their order, then the cells from fine to coarse, last the district.
    """
    chains = [[_DISTRICT, *_upwards(area.seat)] for area in shape.areas]
    held: dict[str, int] = {}
    for name in (name for chain in chains for name in chain):
        held[name] = held.get(name, 0) + 1
    kept = [_distinct(chain, held) for chain in chains]
    cells_kept = sorted(
        {name for chain in kept for name in chain}, key=lambda name: (held[name], name)
    )
    # The district last, also where it holds no more than one cell does.
    cells_kept.sort(key=lambda name: name == _DISTRICT)
    position = {name: len(shape.areas) + i for i, name in enumerate(cells_kept)}
    parents = np.full(len(shape.areas) + len(cells_kept), position[_DISTRICT], dtype=np.int64)
    for i, chain in enumerate(kept):
        parents[i] = position[chain[-1]]
        for above, below in pairwise(chain):
            parents[position[below]] = position[above]
    return parents


def _upwards(seat: cells.CellId) -> list[str]:
    return [cells.parent(seat, res) for res in range(cells.resolution(seat) + 1)]


def _distinct(chain: list[str], held: dict[str, int]) -> list[str]:
    """Keep of a chain, coarse to fine, what holds several areas but fewer than what is above."""
    kept = chain[:1]
    for name in chain[1:]:
        if 1 < held[name] < held[kept[-1]]:
            kept.append(name)
    return kept
