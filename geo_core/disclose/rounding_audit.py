"""The gate of a rounded table: what it gives away to somebody who knows more than the table.

The published numbers alone narrow no count (`geo_core.disclose.rounding`). The gate takes a
stronger reader: one who also learnt, for every number, whether it was rounded up or down. What is
left for him to find are remainders (count modulo base). Each is at least 1 where the number went
up, and on every sum, of a tree or over all categories, truth and rounding differ by less than the
base. These are bounds on the edges of a network, and there is nothing else to know: every table
within them could have been rounded to this one. So the range of a remainder is exact if no more
can be moved through its edge along a cycle with room on every edge (maximum flow: Ford and
Fulkerson, Flows in networks, 1962).

What is narrow depends on the ups and downs alone, which this reader has. That a table passed the
gate tells him nothing, and so no more to anybody who knows less.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo_core.disclose.network import Network, network, tree_of
from geo_core.disclose.rounding import back, rounded, turned
from geo_core.disclose.shape import Shape, Shapes
from geo_core.disclose.tree import Ints
from geo_core.errors import DisclosureError
from geo_core.model.policy import ROUND_BASE, Category

WIDTH: Final = 1
"""A small count may not be known to a range whose ends differ by this or less."""

TRIES: Final = 20
"""Times a table is mended before it is given up."""

_WIDER: Final = 3
"""After so many times without success, more of the table around a narrow count is turned."""


@dataclass(frozen=True)
class _Room:
    """A flow within bounds, and the extremes that each edge was seen to carry.

    One entry per edge of the network; the lists are changed in place.
    """

    carried: list[int]
    lower: list[int]
    upper: list[int]
    least: list[int]
    most: list[int]


def with_rounding(true: Mapping[Category, Ints], shapes: Shapes) -> dict[Category, Ints]:
    """Round the counts of a theme: one multiple of the base per area and category.

    Categories on the same areas are one table.

    Parameters
    ----------
    true : mapping of arrays of int
        True number per area of each category's shape.
    shapes : Shapes
        The areas.

    Raises
    ------
    DisclosureError
        A table did not pass the gate in `TRIES` roundings.
    """
    return on_networks(true, shapes, passed)


def on_networks(
    true: Mapping[Category, Ints], shapes: Shapes, make: Callable[[Ints, Network], Ints]
) -> dict[Category, Ints]:
    """Do something to each table of a theme: the categories that share their areas are one."""
    together: dict[int, tuple[Shape, list[Category]]] = {}
    for category in shapes.categories:
        shape = shapes.of(category)
        together.setdefault(shape.p_min, (shape, []))[1].append(category)
    found: dict[Category, Ints] = {}
    for shape, categories in together.values():
        counts = np.array([true[c] for c in categories], dtype=np.int64)
        net = network(tree_of(shape), areas=len(shape.areas), categories=len(categories))
        found |= zip(categories, make(counts, net), strict=True)
    return {c: found[c] for c in shapes.categories}


def passed(counts: Ints, net: Network) -> Ints:
    """Round a table, and mend it until it passes the gate.

    Around a narrow count the numbers are turned at random, and nothing is changed elsewhere: so
    the chance to pass does not fall with the size of the table. Every table that passes can come
    out, for it can be the first rounding; it tells nobody that it passed.

    Parameters
    ----------
    counts : array of int, shape (categories, areas)
    net : Network

    Raises
    ------
    DisclosureError
        The table does not pass, `TRIES` times mended.
    """
    shown = rounded(counts, net, base=ROUND_BASE)
    for tried in range(TRIES):
        found = narrow(counts, shown, net, base=ROUND_BASE, width=WIDTH)
        if not found:
            return shown
        up = 1 + tried // _WIDER
        edges = sorted({e for area in found for e in net.counts_near(area, up=up)})
        shown = turned(counts, shown, net, base=ROUND_BASE, edges=edges)
    raise DisclosureError(
        f"a rounded table that was mended {TRIES} times leaves some small number known almost "
        "exactly to whoever learns what was rounded up",
        hint="choose larger areas (`p_min`), or the method `dp`, which has no such case",
    )


def narrow(counts: Ints, published: Ints, net: Network, *, base: int, width: int) -> list[int]:
    """Return the areas of small counts known to `width` or less, if ups and downs are known.

    Parameters
    ----------
    counts, published : array of int, shape (categories, areas)
        True table, and what `rounded` made of it.
    net : Network
        The network it was rounded on.
    base : int
        Base of the rounding. Small counts are those below it.
    width : int
        Largest less smallest possible value that is still too narrow.

    Returns
    -------
    list of int
        One area for each such count: several times if it has several.
    """
    small = np.flatnonzero(counts.ravel() < base)
    categories, areas = np.divmod(small, net.areas)
    room = _room(counts, published, net, base)
    return [
        area
        for k, area in zip(categories.tolist(), areas.tolist(), strict=True)
        if _alone(net.sums_of(k, area), room) <= width
        and not _wider(k * net.nodes + area, width, room, net)
    ]


def _room(counts: Ints, published: Ints, net: Network, base: int) -> _Room:
    remainders = counts % base
    ups = net.sums((published - counts + remainders) // base)
    lower, upper = base * ups - (base - 1), base * ups + (base - 1)
    lower[:-1, : net.areas] = ups[:-1, : net.areas]
    upper[:-1, : net.areas] = base - 1
    flow = net.sums(remainders).ravel().tolist()
    bounds = (np.maximum(lower, 0).ravel().tolist(), upper.ravel().tolist())
    return _Room(flow, *bounds, list(flow), list(flow))


def _alone(edges: list[int], room: _Room) -> int:
    """Return by how much a count can differ while all others stay: enough for most."""
    more = min(room.upper[e] - room.carried[e] for e in edges)
    less = min(room.carried[e] - room.lower[e] for e in edges)
    return more + less


def _wider(edge: int, width: int, room: _Room, net: Network) -> bool:
    """Tell whether an edge can carry values that differ by more than `width`."""
    for by in (1, -1):
        while room.most[edge] - room.least[edge] <= width:
            cycle = _cycle(edge, by, room, net)
            if not cycle:
                break
            for other, sign in cycle:
                now = room.carried[other] = room.carried[other] + sign
                room.least[other] = min(room.least[other], now)
                room.most[other] = max(room.most[other], now)
    return room.most[edge] - room.least[edge] > width


def _cycle(edge: int, by: int, room: _Room, net: Network) -> list[tuple[int, int]]:
    """Return the shortest cycle along which an edge can change by 1 or -1; empty if none."""
    carried, lower, upper, tails, heads, incident = (
        room.carried, room.lower, room.upper, net.tails, net.heads, net.incident,
    )  # fmt: skip
    if carried[edge] == (upper[edge] if by > 0 else lower[edge]):
        return []
    start, goal = (heads[edge], tails[edge])[::by]
    came = {start: (edge, by)}
    waiting = deque([start])
    while waiting and goal not in came:
        at = waiting.popleft()
        for other in incident[at]:
            if tails[other] == at:
                to, sign, free = heads[other], 1, carried[other] < upper[other]
            else:
                to, sign, free = tails[other], -1, carried[other] > lower[other]
            if free and other != edge and to not in came:
                came[to] = (other, sign)
                waiting.append(to)
    return back(goal, edge, came, net) if goal in came else []
