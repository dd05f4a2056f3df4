"""Which areas may be published, worked out from the residents of cells alone.

Areas that follow from who lives where tell nothing of who needs help; those that do not may tell
anything. The rule, from the top of the H3 tree down: a cell is split while a child holds enough
residents. Children with fewer make one rest. A rest with enough residents is an area, named after
the cell above; one with too few goes to the child with the fewest residents (the smaller index of
two), to be split with it. Areas for categories that need more residents are made of areas by the
same rule.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import h3

ROOT_RES: Final = 0


@dataclass(frozen=True)
class Block:
    """Cells that stay together.

    Attributes
    ----------
    seat : str
        The cell of the tree that they stand at.
    cells : tuple of str
        Sorted, all of the finest resolution.
    residents : int
    """

    seat: str
    cells: tuple[str, ...]
    residents: int


def single(residents: Mapping[str, int]) -> list[Block]:
    """Return every cell as a block of its own."""
    return [Block(cell, (cell,), number) for cell, number in sorted(residents.items())]


def merged(blocks: Iterable[Block], least: int) -> list[Block]:
    """Merge blocks until each has at least `least` residents, where so many live in a root cell."""
    roots = _under(blocks, ROOT_RES)
    return [area for root, inside in roots.items() for area in _split(root, inside, least)]


def cut(areas: Iterable[Block], resolution: int) -> list[Block]:
    """Join the areas that stand in the same cell of a resolution; coarser ones stay."""
    coarser = [a for a in areas if h3.get_resolution(a.seat) < resolution]
    finer = [a for a in areas if h3.get_resolution(a.seat) >= resolution]
    return [*coarser, *(_joined(seat, of) for seat, of in _under(finer, resolution).items())]


def fingerprint(areas: Iterable[Block]) -> str:
    """Return the hash of the outlines: of id and cells of every area, by id."""
    outlines = sorted([ident, *area.cells] for ident, area in named(areas).items())
    return sha256(json.dumps(outlines).encode()).hexdigest()


def named(areas: Iterable[Block]) -> dict[str, Block]:
    """Return all areas of a district by their ids."""
    areas = list(areas)
    held: defaultdict[str, int] = defaultdict(int)
    for area in areas:
        for cell in area.cells:
            for resolution in range(h3.get_resolution(cell) + 1):
                held[h3.cell_to_parent(cell, resolution)] += 1
    return {_name(area, held): area for area in areas}


def _name(area: Block, held: Mapping[str, int]) -> str:
    """Return the cell that holds these cells and no others, else the ancestor and the first."""
    first, last = area.cells[0], area.cells[-1]
    every = range(h3.get_resolution(first), -1, -1)
    pairs = ((h3.cell_to_parent(first, r), h3.cell_to_parent(last, r)) for r in every)
    ancestor = next(a for a, b in pairs if a == b)
    for place in (area.seat, ancestor):
        resolution = h3.get_resolution(place)
        ends = {h3.cell_to_parent(cell, resolution) for cell in (first, last)}
        if ends == {place} and held[place] == len(area.cells):
            return place
    return f"{ancestor}~{first}"


def _split(node: str, blocks: Sequence[Block], least: int) -> Iterator[Block]:
    """Yield the areas of a node; `blocks` may hold a rest from beside it, which comes last."""
    waiting = [(node, list(blocks), list[Block]())]
    while waiting:
        at, inside, rest = waiting.pop()
        parts = [(at, [b]) for b in inside if b.seat == at]
        below = [b for b in inside if b.seat != at]
        if below:
            parts += _under(below, h3.get_resolution(at) + 1).items()
        large = [part for part in parts if _people(part[1]) >= least]
        rest = [b for part in parts if part not in large for b in part[1]] + rest
        if not large or _people(rest) >= least:
            yield _joined(at, rest)
            rest = []
        heir = min(large, key=lambda part: (_people(part[1]), part[0]), default=None)
        for part in large:
            seat, own = part
            handed = rest if part is heir else []
            if seat == at:
                yield _joined(at, own + handed)
            else:
                waiting.append((seat, own, handed))


def _under(blocks: Iterable[Block], resolution: int) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for block in blocks:
        found.setdefault(h3.cell_to_parent(block.seat, resolution), []).append(block)
    return found


def _people(blocks: Iterable[Block]) -> int:
    return sum(block.residents for block in blocks)


def _joined(seat: str, blocks: Sequence[Block]) -> Block:
    cells = tuple(sorted(cell for block in blocks for cell in block.cells))
    return Block(seat, cells, _people(blocks))
