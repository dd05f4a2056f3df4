"""Reads a geometry written as well-known text inside a filter."""

from __future__ import annotations

from functools import partial
from typing import Final

from api.features.cql2.nodes import COLLECTION, NESTING, Coordinates, Geometry, refused
from api.features.cql2.reader import Reader, signed

TYPES: Final = {name.upper(): name for name in (*NESTING, COLLECTION)}
"""Names of geometries as they stand in a filter, in upper case, and in GeoJSON."""


def geometry(reader: Reader, word: str, depth: int) -> Geometry | None:
    """Read a geometry whose name is taken; None if it is no geometry but a property of that name.

    Raises
    ------
    InvalidParameter
        It is empty, malformed or larger than a filter may be.
    """
    reader.word("Z")
    if not reader.sign("("):
        return None
    reader.budget.node(depth)
    name = TYPES[word]
    if name == COLLECTION:
        return Geometry(name, parts=tuple(reader.several(partial(_part, depth=depth + 1))))
    if name == "MultiPoint":
        return Geometry(name, tuple(reader.several(_point)))
    return Geometry(name, _nested(reader, NESTING[name]))


def _part(reader: Reader, depth: int) -> Geometry:
    word = reader.word(*TYPES)
    found = geometry(reader, word, depth) if word else None
    if found is None:
        raise reader.unexpected("a geometry")
    return found


def _nested(reader: Reader, nesting: int) -> Coordinates:
    """Read nested lists of positions up to the closing bracket; the opening one is taken."""
    if nesting == 0:
        found: Coordinates = _position(reader)
        reader.expect(")")
        return found
    return tuple(reader.several(partial(_member, nesting=nesting)))


def _member(reader: Reader, nesting: int) -> Coordinates:
    if nesting == 1:
        return _position(reader)
    reader.expect("(")
    return _nested(reader, nesting - 1)


def _point(reader: Reader) -> Coordinates:
    """Read a position of a MultiPoint, with brackets of its own or without."""
    bracketed = reader.sign("(")
    found = _position(reader)
    if bracketed:
        reader.expect(")")
    return found


def _position(reader: Reader) -> tuple[float, ...]:
    reader.budget.vertex()
    found = [signed(reader)]
    while reader.ahead.kind == "number" or reader.ahead.value in {"-", "+"}:
        found.append(signed(reader))
    if not 2 <= len(found) <= 3:
        raise refused("a position of `filter` has 2 numbers, or 3 with a height")
    return tuple(found)
