"""Filters as pygeoapi hands them over: nodes of pygeofilter, read again as CQL2 JSON.

A provider never sees the text of a filter, only what pygeofilter made of it. Each node is written
back as the CQL2 JSON it stands for, and read by the reader of the project's own routes: one
language, one set of limits, one evaluation.

What pygeofilter cannot tell apart is refused, because the wrong half of a guess would be an answer
to another question: `T_OVERLAPS` and `T_INTERSECTS` are one node, a box has its corners in another
order in text than in JSON, and `BBOX()` is a function whose numbers never follow `filter-crs`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from pygeofilter import ast, values

from api.features.cql2 import document
from api.features.cql2.nodes import MAX_DEPTH, refused
from api.features.cql2.text import OPEN
from api.features.filters import Filter

_NAMES: Final = {
    **{
        kind: kind.op.value
        for kind in (
            *(ast.Equal, ast.NotEqual, ast.LessThan, ast.LessEqual, ast.GreaterThan),
            *(ast.GreaterEqual, ast.Add, ast.Sub, ast.Mul, ast.Div),
        )
    },
    **{
        kind: f"s_{kind.op.name.lower()}"
        for kind in (
            *(ast.GeometryIntersects, ast.GeometryDisjoint, ast.GeometryContains),
            *(ast.GeometryWithin, ast.GeometryTouches, ast.GeometryCrosses),
            *(ast.GeometryOverlaps, ast.GeometryEquals),
        )
    },
    ast.TimeAfter: "t_after",
    ast.TimeBefore: "t_before",
    ast.TimeContains: "t_contains",
    ast.TimeDuring: "t_during",
    ast.TimeEquals: "t_equals",
    ast.TimeMeets: "t_meets",
    ast.TimeMetBy: "t_metBy",
    ast.TimeOverlappedBy: "t_overlappedBy",
    ast.ArrayEquals: "a_equals",
    ast.ArrayContains: "a_contains",
    ast.ArrayContainedBy: "a_containedBy",
    ast.ArrayOverlaps: "a_overlaps",
}
"""What CQL2 calls the nodes that join two others."""

_RENAMED: Final = {"lower": "casei"}
"""Functions that pygeofilter has under another name."""


def filter_of(node: object) -> Filter:
    """Return the filter that pygeofilter read; pygeoapi has moved its geometries to OGC:CRS84.

    Raises
    ------
    InvalidParameter
        It is larger than a filter may be, or nothing that is answered here.
    """
    return Filter(document.read_values(_said(node, 0)))


def _said(node: Any, depth: int) -> Any:  # noqa: PLR0911 - a kind each
    """Return a node as values of CQL2 JSON."""
    if depth > MAX_DEPTH:
        raise refused(f"`filter` is nested more than {MAX_DEPTH} deep")
    match node:
        case bool() | int() | float() | str():
            return node
        case date() | values.Interval():
            return _time(node)
        case values.Geometry(geometry):
            parts = ("type", "coordinates", "geometries")
            return {part: _plain(geometry[part]) for part in parts if part in geometry}
        case list():
            return [_said(one, depth + 1) for one in node]
        case ast.Attribute():
            return {"property": node.name}
        case ast.Function(name, arguments):
            return _op(_RENAMED.get(name, name), depth, *arguments)
        case _:
            return _operator(node, depth)


def _operator(node: Any, depth: int) -> Any:
    """Return an operator; some hold the NOT that stood within them."""
    match node:
        case ast.And() | ast.Or():
            return _op(node.op.name.lower(), depth, *_terms(node))
        case ast.Not():
            return _op("not", depth, node.sub_node)
        case _ if type(node) in _NAMES:
            return _op(_NAMES[type(node)], depth, node.lhs, node.rhs)
        case ast.Between(value, low, high, negated):
            said = _op("between", depth, value, low, high)
        case ast.Like(value, pattern, not_=negated):
            # Its wildcards are those of CQL2, whatever the node says of a single character.
            said = _op("like", depth, value, pattern)
        case ast.In(value, listed, negated):
            said = _op("in", depth, value, listed)
        case ast.IsNull(value, negated):
            said = _op("isNull", depth, value)
        case _:
            raise refused("`filter` holds something that pygeoapi does not hand over in CQL2")
    return {"op": "not", "args": [said]} if negated else said


def _op(name: str, depth: int, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": [_said(one, depth + 1) for one in args]}


def _terms(node: Any) -> list[Any]:
    """Return what AND or OR joins: pygeofilter nests them to the left, two by two."""
    kind, terms = type(node), []
    while type(node) is kind:
        terms.append(node.rhs)
        node = node.lhs
    return [node, *reversed(terms)]


def _time(moment: Any) -> dict[str, Any]:
    if isinstance(moment, values.Interval):
        return {"interval": [_end(moment.start), _end(moment.end)]}
    return {"timestamp" if isinstance(moment, datetime) else "date": _end(moment)}


def _end(moment: Any) -> str:
    """Return a day or an instant in ISO form; instants that are not in UTC are refused later."""
    if moment is None:
        return OPEN
    if not isinstance(moment, date):
        raise refused("`filter` holds a duration where a day or an instant is needed")
    return moment.isoformat().replace("+00:00", "Z")


def _plain(coordinates: Any) -> Any:
    """Return coordinates, or geometries, with lists for tuples."""
    if isinstance(coordinates, dict):
        return {name: _plain(value) for name, value in coordinates.items()}
    if isinstance(coordinates, list | tuple):
        return [_plain(one) for one in coordinates]
    return coordinates
