"""Reads a filter written as CQL2 JSON, and writes one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import orjson

from api.features.cql2.nodes import (
    COLLECTION,
    MAX_LENGTH,
    NESTING,
    Box,
    Budget,
    Call,
    Constant,
    Coordinates,
    Day,
    Geometry,
    Instant,
    Interval,
    Items,
    Node,
    Property,
    refused,
)
from api.features.cql2.text import OPEN, bound

_MIXED_CASE: Final = (
    "isNull",
    "t_finishedBy",
    "t_metBy",
    "t_overlappedBy",
    "t_startedBy",
    "a_containedBy",
)
_SPELT: Final = {name.lower(): name for name in _MIXED_CASE}


def read(content: str | bytes) -> Node:
    """Read a filter.

    Raises
    ------
    InvalidParameter
        It is not JSON, not of the language, or larger than a filter may be.
    """
    if len(content) > MAX_LENGTH:
        raise refused(f"`filter` is longer than {MAX_LENGTH} characters")
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise refused(
            "`filter` is not JSON", "for a filter as text: filter-lang=cql2-text"
        ) from None
    return read_values(found)


def read_values(said: Any) -> Node:
    """Read a filter that is values of JSON already: dictionaries, lists, texts, numbers.

    Raises
    ------
    InvalidParameter
        It is not of the language, or larger than a filter may be.
    """
    return _node(said, 0, Budget())


def _node(said: Any, depth: int, budget: Budget) -> Node:
    budget.node(depth)
    if isinstance(said, dict):
        return _object(said, depth, budget)
    if isinstance(said, list):
        budget.listed(len(said))
        return Items(tuple(_node(one, depth + 1, budget) for one in said))
    if isinstance(said, bool | str):
        return Constant(said)
    if isinstance(said, int | float):
        return Constant(_finite(said))
    raise refused("`filter` holds null where a value is needed")


def _object(said: Mapping[str, Any], depth: int, budget: Budget) -> Node:  # noqa: PLR0911 - a kind each
    if "op" in said:
        args = _of(said, "args", list)
        budget.listed(len(args))
        name = _of(said, "op", str).lower()
        return Call(name, tuple(_node(one, depth + 1, budget) for one in args))
    if "property" in said:
        return Property(_of(said, "property", str))
    if "date" in said:
        return Day(_of(said, "date", str))
    if "timestamp" in said:
        return Instant(_of(said, "timestamp", str))
    if "interval" in said:
        ends = _of(said, "interval", list)
        if len(ends) != 2:
            raise refused("an interval of `filter` needs a start and an end")
        start, end = (bound(_node(one, depth + 1, budget)) for one in ends)
        return Interval(start, end)
    if "bbox" in said:
        return Box(tuple(_finite(one) for one in _of(said, "bbox", list)[:7]))
    if "type" in said:
        return _geometry(said, depth, budget)
    raise refused("`filter` holds an object that is no part of the language")


def _of[T](said: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = said.get(name)
    if not isinstance(value, kind):
        raise refused(f"`{name}` of `filter` is missing or of another type")
    return value


def _finite(number: Any) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise refused("`filter` holds something else where a number is needed")
    try:
        value = float(number)
    except OverflowError:  # a whole number that never was JSON text
        value = math.inf
    if not math.isfinite(value):
        raise refused("`filter` holds a number that is not finite")
    return value


def _geometry(said: Mapping[str, Any], depth: int, budget: Budget) -> Geometry:
    budget.node(depth)
    name = _of(said, "type", str)
    if name == COLLECTION:
        parts = _of(said, "geometries", list)
        return Geometry(name, parts=tuple(_part(one, depth + 1, budget) for one in parts))
    if name not in NESTING:
        raise refused("`filter` holds a geometry of an unknown type")
    return Geometry(name, _coordinates(_of(said, "coordinates", list), NESTING[name], budget))


def _part(said: Any, depth: int, budget: Budget) -> Geometry:
    if not isinstance(said, dict):
        raise refused("a geometry collection of `filter` holds something else")
    return _geometry(said, depth, budget)


def _coordinates(said: Any, nesting: int, budget: Budget) -> Coordinates:
    if not isinstance(said, list):
        raise refused("the coordinates of a geometry of `filter` are not nested as they should be")
    if nesting:
        if [] in said:
            # GEOS calls an outline with an empty hole valid, and dies of it.
            raise refused("a geometry of `filter` has an empty part")
        return tuple(_coordinates(one, nesting - 1, budget) for one in said)
    budget.vertex()
    if not 2 <= len(said) <= 3:
        raise refused("a position of `filter` has 2 numbers, or 3 with a height")
    return tuple(_finite(one) for one in said)


def written(node: Node) -> Any:  # noqa: PLR0911 - a kind each
    """Return a filter as CQL2 JSON values."""
    match node:
        case Constant(value):
            return value
        case Property(name):
            return {"property": name}
        case Day(text):
            return {"date": text}
        case Instant(text):
            return {"timestamp": text}
        case Interval(start, end):
            return {"interval": [_end(start), _end(end)]}
        case Box(corners):
            return {"bbox": list(corners)}
        case Items(items):
            return [written(one) for one in items]
        case Geometry():
            return _geojson(node)
        case Call(name, args):
            return {"op": _SPELT.get(name, name), "args": [written(one) for one in args]}


def _end(node: Node | None) -> Any:
    match node:
        case None:
            return OPEN
        case Day(text) | Instant(text):
            return text
        case _:
            return written(node)


def _geojson(geometry: Geometry) -> dict[str, Any]:
    if geometry.type == COLLECTION:
        return {"type": geometry.type, "geometries": [_geojson(part) for part in geometry.parts]}
    return {"type": geometry.type, "coordinates": _lists(geometry.coordinates)}


def _lists(coordinates: Coordinates) -> list[Any]:
    return [_lists(c) if isinstance(c, tuple) else c for c in coordinates]
