"""The publishable areas: H3 cells merged up the index tree until enough people live in each.

The areas follow from public population alone. No function here can be given a count of needs,
so the outline of an area tells nothing about who needs help in it, and it stays the same from
year to year until the population figures change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from geo_core.errors import DisclosureError
from geo_core.model import cells
from geo_core.model.cells import LEAF, CellId
from geo_core.model.policy import AreaPolicy, Category


@dataclass(frozen=True, slots=True)
class Area:
    """One publishable area.

    Attributes
    ----------
    id : str
        The H3 index if the area holds all the district's cells of that H3 cell; otherwise
        `ancestor~smallest member`.
    ancestor : CellId
        The finest H3 cell that holds every member.
    seat : CellId
        Where the area stands in the merge tree: the node that was not split further, or under
        which a rest was gathered. It differs from `ancestor` only for an area that took in
        people from beside its node.
    members : tuple of CellId
        H3 cells of resolution 8, ascending.
    residents : int
        Persons who live in the area (public figure).
    """

    id: str
    ancestor: CellId
    seat: CellId
    members: tuple[CellId, ...]
    residents: int

    @property
    def whole(self) -> bool:
        """True if the area is all that the district has of one H3 cell."""
        return self.id == self.ancestor


@dataclass(frozen=True)
class Shape:
    """A partition of the district into areas, ordered by `id`.

    Attributes
    ----------
    areas : tuple of Area
        Disjoint; together they hold every cell of the district.
    p_min : int
        Fewest residents of an area.
    """

    areas: tuple[Area, ...]
    p_min: int

    @cached_property
    def area_of(self) -> dict[CellId, int]:
        """Position in `areas` of the area that holds a cell."""
        return {m: i for i, area in enumerate(self.areas) for m in area.members}

    @cached_property
    def sha256(self) -> str:
        """Hash of the outlines. It does not change with the number of residents alone."""
        outlines = [[area.id, *area.members] for area in self.areas]
        return sha256(json.dumps(outlines).encode()).hexdigest()

    @cached_property
    def smallest(self) -> int:
        """Residents of the smallest area."""
        return min(area.residents for area in self.areas)

    @cached_property
    def held(self) -> Counter[CellId]:
        """How many cells of the district each H3 cell of any resolution holds."""
        return _cells_held(self.areas)


@dataclass(frozen=True)
class Shapes:
    """The areas of a theme: the base, and larger ones for categories that need them.

    Every area of `by_category` is a union of areas of `base`.
    """

    categories: tuple[Category, ...]
    base: Shape
    by_category: Mapping[Category, Shape]

    def of(self, category: Category) -> Shape:
        """Return the areas on which a category is measured and published."""
        return self.by_category.get(category, self.base)


def publishable(residents: Mapping[str, int], policy: AreaPolicy) -> Shapes:
    """Return the areas on which a theme may be published.

    Parameters
    ----------
    residents : mapping
        Residents per H3 cell of resolution 8; these cells are the district.
    policy : AreaPolicy
        Gives `p_min` and the larger minimum of some categories.

    Raises
    ------
    DisclosureError
        As `merge`.
    """
    base = merge(residents, p_min=policy.p_min)
    larger = {p: coarsen(base, p_min=p) for p in set(policy.p_min_by_category.values())}
    return Shapes(
        policy.categories, base, {c: larger[p] for c, p in policy.p_min_by_category.items()}
    )


def merge(residents: Mapping[str, int], *, p_min: int) -> Shape:
    """Merge the cells of a district up the index tree into areas of at least `p_min` residents.

    From the top down, a node is split while some child holds `p_min` residents. Children with
    fewer are gathered into one rest; a rest that is still too small is handed down to the
    smallest of its siblings (ties by index), which is then split with the rest among its parts.
    So every node that is split is exactly partitioned by its parts, and a farm beside a town
    costs one area of the town its precision, not the whole town.

    Parameters
    ----------
    residents : mapping
        Residents per H3 cell of resolution 8. Cells where nobody lives may be included: they
        become part of an area. What is not in the mapping is not in the district; an H3 cell on
        its edge is represented by those of its cells that are.
    p_min : int
        Fewest residents of an area.

    Raises
    ------
    InvalidCell
        A key is not an H3 index.
    DisclosureError
        A key is not of resolution 8, a number is negative, or too few people live in the
        district (in the part of it in one H3 base cell) for a single area.
    """
    atoms = [_atom(cells.cell(text), int(n)) for text, n in residents.items()]
    return _merge(atoms, p_min)


def coarsen(shape: Shape, *, p_min: int) -> Shape:
    """Merge areas by the rule of `merge` until each has at least `p_min` residents.

    The areas of the result are unions of the areas of `shape`.

    Raises
    ------
    DisclosureError
        Too few people live in the district for a single area.
    """
    return _merge(shape.areas, p_min)


def cut(shape: Shape, res: int) -> Shape:
    """Cut the merge tree at a resolution: what a hexagon layer of that resolution shows.

    Areas that stand at a coarser node stay as they are; the others are joined with all that
    stand in the same cell of `res`.

    Parameters
    ----------
    shape : Shape
        Base areas.
    res : int
        H3 resolution, 0-8.
    """
    gathered: dict[CellId, list[Area]] = {}
    kept = []
    for area in shape.areas:
        if cells.resolution(area.seat) < res:
            kept.append(area)
        else:
            gathered.setdefault(cells.parent(area.seat, res), []).append(area)
    joined = (_union(seat, parts, shape.held) for seat, parts in gathered.items())
    return Shape(_ordered((*kept, *joined)), shape.p_min)


def _atom(cell: CellId, residents: int) -> Area:
    if cells.resolution(cell) != LEAF:
        raise DisclosureError(f"population is given per H3 cell of resolution {LEAF}")
    if residents < 0:
        raise DisclosureError("a cell has a negative number of residents")
    return Area(cell, cell, cell, (cell,), residents)


def _merge(atoms: Iterable[Area], p_min: int) -> Shape:
    # The order of the input must not matter, not even to ties.
    atoms = sorted(atoms, key=lambda a: a.id)
    held = _cells_held(atoms)
    areas = []
    for base_cell, inside in _by_cell(atoms, 0).items():
        _check_population(inside, p_min)
        areas += [_union(*found, held) for found in _split(base_cell, inside, [], p_min)]
    if not areas:
        raise DisclosureError("nobody lives in the district", hint="check the population input")
    return Shape(_ordered(areas), p_min)


def _check_population(atoms: list[Area], p_min: int) -> None:
    if (total := _residents(atoms)) < p_min:
        raise DisclosureError(
            f"{total} residents are too few for one publishable area of {p_min}",
            hint="publish this district together with a neighbour",
        )


def _split(
    node: CellId, atoms: list[Area], adopted: list[Area], p_min: int
) -> Iterator[tuple[CellId, list[Area]]]:
    """Yield seat and atoms of every area of a node; `adopted` (< p_min) comes from beside it."""
    parts = _parts(node, atoms)
    large = [p for p in parts if _residents(p[1]) >= p_min]
    small = [p for p in parts if _residents(p[1]) < p_min]
    rest = [a for _, inside in small for a in inside] + adopted
    if not large:
        yield node, rest
        return
    if _residents(rest) >= p_min:
        yield node, rest
        rest = []
    heir = min(large, key=lambda p: (_residents(p[1]), p[0]))
    for part in large:
        seat, inside = part
        handed = rest if part is heir else []
        if seat == node:
            yield seat, inside + handed
        else:
            yield from _split(seat, inside, handed, p_min)


def _parts(node: CellId, atoms: list[Area]) -> list[tuple[CellId, list[Area]]]:
    """Return the parts of a node: atoms that stand at it, and its children with their atoms."""
    here = [(node, [a]) for a in atoms if a.seat == node]
    below = [a for a in atoms if a.seat != node]
    children = _by_cell(below, cells.resolution(node) + 1) if below else {}
    return [*here, *children.items()]


def _by_cell(atoms: Iterable[Area], res: int) -> dict[CellId, list[Area]]:
    found: dict[CellId, list[Area]] = {}
    for atom in atoms:
        found.setdefault(cells.parent(atom.seat, res), []).append(atom)
    return found


def _residents(atoms: Iterable[Area]) -> int:
    return sum(a.residents for a in atoms)


def _union(seat: CellId, parts: list[Area], held: Counter[CellId]) -> Area:
    members = tuple(sorted(m for p in parts for m in p.members))
    # A cell that holds exactly the members names them, even where (on the district's edge)
    # it has a single child and would share its members with it.
    ancestor = seat if _is_all(members, seat, held) else _common_ancestor(members)
    whole = _is_all(members, ancestor, held)
    ident = ancestor if whole else f"{ancestor}~{members[0]}"
    return Area(ident, ancestor, seat, members, _residents(parts))


def _is_all(members: tuple[CellId, ...], cell: CellId, held: Counter[CellId]) -> bool:
    res = cells.resolution(cell)
    inside = cells.parent(members[0], res) == cell == cells.parent(members[-1], res)
    return inside and held[cell] == len(members)


def _common_ancestor(members: tuple[CellId, ...]) -> CellId:
    # Indexes of one resolution sort in the order of the tree, so the outermost two decide.
    first, last = members[0], members[-1]
    res = LEAF
    while cells.parent(first, res) != cells.parent(last, res):
        res -= 1
    return cells.parent(first, res)


def _cells_held(areas: Iterable[Area]) -> Counter[CellId]:
    """Return how many cells of the district each H3 cell of any resolution holds."""
    members = [m for area in areas for m in area.members]
    return Counter(cells.parent(m, res) for m in members for res in range(LEAF + 1))


def _ordered(areas: Iterable[Area]) -> tuple[Area, ...]:
    return tuple(sorted(areas, key=lambda a: a.id))
