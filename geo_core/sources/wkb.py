"""Counts what a well-known binary geometry says it holds, before a library believes it.

A few bytes can claim four thousand million points, or nest collections until a native parser
runs out of stack. This walk allocates nothing and does not recurse.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_POINT: Final = 1
_LINE: Final = 2
_POLYGON: Final = 3
_MEMBERS: Final = {4: 1, 5: 2, 6: 3, 7: 0}
"""Kind of the members of a kind that has members; 0 for any."""

_FLAG_Z: Final = 0x80000000
_FLAGS: Final = 0xF0000000
_SIDES: Final = {0: 0, 1: 1, 2: 1, 3: 2}
"""Extra dimensions by the thousands of an ISO code: Z, M, ZM."""


class BadGeometryError(Exception):
    """The bytes are not a geometry that is read here; the text says why."""


@dataclass(slots=True)
class _Walk:
    data: bytes
    position: int = 0
    vertices: int = 0

    def number(self, order: str) -> int:
        self.need(4)
        (value,) = struct.unpack_from(f"{order}I", self.data, self.position)
        self.position += 4
        return int(value)

    def need(self, size: int) -> None:
        if size > len(self.data) - self.position:
            raise BadGeometryError("a geometry claims more than it holds")

    def points(self, count: int, dimensions: int) -> None:
        size = count * dimensions * 8
        self.need(size)
        self.position += size
        self.vertices += count


def count_vertices(data: bytes, *, nesting: int) -> int:
    """Return the number of positions in one geometry.

    Parameters
    ----------
    data : bytes
        Well-known binary, ISO codes or the older flag for heights.
    nesting : int
        Deepest collection allowed; a multi-point counts as one.

    Raises
    ------
    BadGeometryError
        Cut short, something left over, a curve or surface, nested too deeply, or with a
        reference system inside (as PostGIS stores it).
    """
    walk = _Walk(data)
    pending = [1]
    members = [0]
    while pending:
        if not pending[-1]:
            pending.pop()
            members.pop()
            continue
        pending[-1] -= 1
        inside = _geometry(walk, members[-1])
        if inside is not None:
            if len(pending) > nesting:
                raise BadGeometryError(f"a geometry is nested more than {nesting} deep")
            pending.append(inside[0])
            members.append(inside[1])
    if walk.position != len(data):
        raise BadGeometryError("a geometry is followed by something else")
    return walk.vertices


def _geometry(walk: _Walk, expected: int) -> tuple[int, int] | None:
    """Step over one geometry; return the number and kind of its members if it has any."""
    order, kind, dimensions = _header(walk)
    if expected and kind != expected:
        raise BadGeometryError("a geometry has a member of the wrong kind")
    if kind == _POINT:
        walk.points(1, dimensions)
    elif kind == _LINE:
        walk.points(walk.number(order), dimensions)
    elif kind == _POLYGON:
        rings = walk.number(order)
        walk.need(rings * 4)
        for _ in range(rings):
            walk.points(walk.number(order), dimensions)
    elif kind in _MEMBERS:
        count = walk.number(order)
        walk.need(count * 5)
        return count, _MEMBERS[kind]
    else:
        raise BadGeometryError("a geometry is a curve, a surface or of an unknown kind")
    return None


def _header(walk: _Walk) -> tuple[str, int, int]:
    walk.need(5)
    order = {0: ">", 1: "<"}.get(walk.data[walk.position])
    if order is None:
        raise BadGeometryError("a geometry does not say in which order its bytes are")
    walk.position += 1
    code = walk.number(order)
    flags = code & _FLAGS
    if flags not in {0, _FLAG_Z}:
        raise BadGeometryError("a geometry carries its own reference system or measures")
    thousands, kind = divmod(code & ~_FLAGS, 1000)
    if thousands not in _SIDES:
        raise BadGeometryError("a geometry is of an unknown kind")
    return order, kind, 2 + _SIDES[thousands] + (flags == _FLAG_Z)
