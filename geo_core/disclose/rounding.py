"""Rounding to multiples of a base so that every sum is rounded to one of its neighbours.

Each count, each sum of a category up the H3 tree and each sum of these over all categories becomes
the multiple of the base below it or above it, so none is off by `base` or more, and rounded numbers
add up to rounded sums. This is the unbiased controlled rounding of Cox (A constructive procedure
for unbiased controlled rounding, Journal of the American Statistical Association 82, 1987), on
the network of `geo_core.disclose.network` instead of a table with one row and column of sums.

*The bound.* As long as an edge carries something that is no multiple, so does another edge at each
of its vertices, because what enters a vertex leaves it. So there is a cycle of such edges. Along
it a quantity is moved, one way or the other, until the first edge reaches a multiple; no edge ever
passes one. With every move an edge settles, so the moves come to an end.

*No bias.* With room `a` one way and `c` the other, the way of `a` is taken with probability
`c / (a + c)`: the mean of every edge stays.

*What the rule gives away.* The cycle is found by a walk that takes any unsettled edge with a
chance. So every rounding that satisfies the bound on all edges can come out, and who knows the rule
knows no more than these bounds. From the published numbers alone that is, for each count x shown
as y, exactly `max(0, y - base + 1) <= x <= y + base - 1`: the table y itself with any one count
changed to such an x is rounded to y with a positive chance. No count is ever known better.
"""

from __future__ import annotations

from secrets import randbelow

import numpy as np

from geo_core.disclose.network import Network
from geo_core.disclose.tree import Ints


def rounded(counts: Ints, net: Network, *, base: int) -> Ints:
    """Round a table.

    Parameters
    ----------
    counts : array of int, shape (categories, areas)
        Not negative.
    net : Network
        The sums that stay near the truth.
    base : int
        Every number becomes a multiple of it.

    Returns
    -------
    array of int, shape (categories, areas)
    """
    carried = net.sums(counts).ravel().tolist()
    open_edges = [[e for e in edges if carried[e] % base] for edges in net.incident()]
    for start in range(net.vertices):
        _settle(start, carried, open_edges, net, base)
    table = np.array(carried, dtype=np.int64).reshape(net.categories + 1, net.nodes)
    return table[:-1, : net.areas]


def _settle(
    start: int, carried: list[int], open_edges: list[list[int]], net: Network, base: int
) -> None:
    """Walk from a vertex, and move along every cycle that the walk closes, until it is settled."""
    path, walked = [start], list[int]()
    position = {start: 0}
    while (edge := _next(path[-1], walked, carried, open_edges, base)) is not None:
        at = path[-1]
        to = net.heads[edge] if net.tails[edge] == at else net.tails[edge]
        walked.append(edge)
        if to not in position:
            position[to] = len(path)
            path.append(to)
            continue
        first = position[to]
        _move(path[first:], walked[first:], carried, net, base)
        for vertex in path[first + 1 :]:
            del position[vertex]
        del path[first + 1 :], walked[first:]


def _next(
    at: int, walked: list[int], carried: list[int], open_edges: list[list[int]], base: int
) -> int | None:
    """Take any unsettled edge of a vertex but the one the walk came by; None if there is none."""
    edges, came_by = open_edges[at], walked[-1:]
    while edges:
        chosen = randbelow(len(edges))
        edge = edges[chosen]
        if not carried[edge] % base:
            edges[chosen] = edges[-1]
            edges.pop()
        elif edge not in came_by:
            return edge
    return None


def _move(
    vertices: list[int], edges: list[int], carried: list[int], net: Network, base: int
) -> None:
    """Move a quantity around a cycle, one way or the other, until an edge settles."""
    signs = [1 if net.tails[e] == v else -1 for v, e in zip(vertices, edges, strict=True)]
    ahead = min(-s * carried[e] % base for s, e in zip(signs, edges, strict=True))
    back = min(s * carried[e] % base for s, e in zip(signs, edges, strict=True))
    by = ahead if randbelow(ahead + back) < back else -back
    for sign, edge in zip(signs, edges, strict=True):
        carried[edge] += sign * by
