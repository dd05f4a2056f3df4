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

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from secrets import randbelow

import numpy as np

from geo_core.disclose.network import Network
from geo_core.disclose.tree import Ints

type Below = Callable[[int], int]
"""Draws a whole number from 0 up to, and without, another, each with the same chance."""


def rounded(counts: Ints, net: Network, *, base: int, below: Below = randbelow) -> Ints:
    """Round a table.

    Parameters
    ----------
    counts : array of int, shape (categories, areas)
        Not negative.
    net : Network
        The sums that stay near the truth.
    base : int
        Every number becomes a multiple of it.
    below : function
        Draws by chance: for what is published the system itself, which nobody can repeat.

    Returns
    -------
    array of int, shape (categories, areas)
    """
    carried = net.sums(counts).ravel().tolist()
    open_edges = [[e for e in edges if carried[e] % base] for edges in net.incident]
    for start in range(net.vertices):
        _settle(start, carried, open_edges, net, base, below)
    table = np.array(carried, dtype=np.int64).reshape(net.categories + 1, net.nodes)
    return table[:-1, : net.areas]


def turned(counts: Ints, shown: Ints, net: Network, *, base: int, edges: Iterable[int]) -> Ints:
    """Turn about half of some numbers of a rounded table to their other neighbour.

    Sums that must give way turn too, along short cycles taken at random, so every bound stays,
    and no number far away changes.

    Parameters
    ----------
    counts, shown : array of int, shape (categories, areas)
        True table, and a rounding of it.
    net : Network
    base : int
    edges : iterable of int
        Numbers that may be turned. Multiples cannot, and stay.

    Returns
    -------
    array of int, shape (categories, areas)
    """
    true, now = net.sums(counts).ravel(), (net.sums(shown) // base).ravel().tolist()
    table = _Table(now, (true // base).tolist(), (-(-true // base)).tolist())
    for edge in edges:
        if table.low[edge] < table.high[edge] and randbelow(2):
            by = 1 if now[edge] == table.low[edge] else -1
            for other, sign in _way_round(edge, by, table, net):
                now[other] += sign
    found = np.array(now, dtype=np.int64).reshape(net.categories + 1, net.nodes)
    return base * found[:-1, : net.areas]


@dataclass(frozen=True)
class _Table:
    """What edges carry of a rounded table, and their two neighbours, in units of the base."""

    now: list[int]
    low: list[int]
    high: list[int]


def _way_round(edge: int, by: int, table: _Table, net: Network) -> list[tuple[int, int]]:
    """Return a shortest cycle on which an edge can turn, with the sign of each step; or none."""
    start, goal = (net.heads[edge], net.tails[edge])[::by]
    came = {start: (edge, by)}
    waiting = deque([start])
    while waiting and goal not in came:
        at = waiting.popleft()
        for other in _shuffled(net.incident[at]):
            sign = 1 if net.tails[other] == at else -1
            to = net.heads[other] if sign > 0 else net.tails[other]
            end = table.high[other] if sign > 0 else table.low[other]
            if table.now[other] != end and other != edge and to not in came:
                came[to] = (other, sign)
                waiting.append(to)
    return back(goal, edge, came, net) if goal in came else []


def back(
    goal: int, edge: int, came: Mapping[int, tuple[int, int]], net: Network
) -> list[tuple[int, int]]:
    """Return edges and directions from a goal back to and with the first edge.

    Parameters
    ----------
    goal : int
        A vertex that was reached.
    edge : int
        The edge the search began with.
    came : mapping
        The edge each vertex was reached by, and whether along it (1) or against it (-1).
    net : Network
    """
    steps = [came[goal]]
    while steps[-1][0] != edge:
        other, sign = steps[-1]
        steps.append(came[net.tails[other] if sign > 0 else net.heads[other]])
    return steps


def _shuffled(edges: list[int]) -> list[int]:
    """Return them in any order, each with the same chance (Fisher and Yates)."""
    found = list(edges)
    for last in range(len(found) - 1, 0, -1):
        chosen = randbelow(last + 1)
        found[last], found[chosen] = found[chosen], found[last]
    return found


def _settle(  # noqa: PLR0913, PLR0917 - one walk, called for every vertex
    start: int,
    carried: list[int],
    open_edges: list[list[int]],
    net: Network,
    base: int,
    below: Below,
) -> None:
    """Walk from a vertex, and move along every cycle that the walk closes, until it is settled."""
    path, walked = [start], list[int]()
    position = {start: 0}
    while (edge := _next(path[-1], walked, carried, open_edges, base, below)) is not None:
        at = path[-1]
        to = net.heads[edge] if net.tails[edge] == at else net.tails[edge]
        walked.append(edge)
        if to not in position:
            position[to] = len(path)
            path.append(to)
            continue
        first = position[to]
        _move(path[first:], walked[first:], carried, net, base, below)
        for vertex in path[first + 1 :]:
            del position[vertex]
        del path[first + 1 :], walked[first:]


def _next(  # noqa: PLR0913, PLR0917 - one step of the walk
    at: int,
    walked: list[int],
    carried: list[int],
    open_edges: list[list[int]],
    base: int,
    below: Below,
) -> int | None:
    """Take any unsettled edge of a vertex but the one the walk came by; None if there is none."""
    edges, came_by = open_edges[at], walked[-1:]
    while edges:
        chosen = below(len(edges))
        edge = edges[chosen]
        if not carried[edge] % base:
            edges[chosen] = edges[-1]
            edges.pop()
        elif edge not in came_by:
            return edge
    return None


def _move(  # noqa: PLR0913, PLR0917 - one cycle
    vertices: list[int],
    edges: list[int],
    carried: list[int],
    net: Network,
    base: int,
    below: Below,
) -> None:
    """Move a quantity around a cycle, one way or the other, until an edge settles."""
    signs = [1 if net.tails[e] == v else -1 for v, e in zip(vertices, edges, strict=True)]
    ahead = min(-s * carried[e] % base for s, e in zip(signs, edges, strict=True))
    back = min(s * carried[e] % base for s, e in zip(signs, edges, strict=True))
    by = ahead if below(ahead + back) < back else -back
    for sign, edge in zip(signs, edges, strict=True):
        carried[edge] += sign * by
