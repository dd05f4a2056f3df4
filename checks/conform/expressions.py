"""Filters as CQL2 JSON writes them: making them, and writing them as CQL2 text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from shapely.geometry import box, mapping, shape

TEXT: Final = "cql2-text"
JSON: Final = "cql2-json"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED: Final = frozenset(
    {"and", "or", "not", "like", "in", "between", "is", "null", "true", "false", "div", "date",
     "timestamp", "interval", "casei", "accenti", "bbox", "point", "polygon", "linestring"}
)  # fmt: skip
_INFIX: Final = {
    "or": 1, "and": 2, "=": 5, "<>": 5, "<": 5, ">": 5, "<=": 5, ">=": 5,
    "+": 6, "-": 6, "*": 7, "/": 7, "%": 7, "div": 7, "^": 8,
}  # fmt: skip
"""Operators between two expressions, and how strongly they bind."""
_NOT, _PREDICATE, _ATOM = 3, 5, 9

type Expression = Mapping[str, Any] | list[Any] | str | float | bool


def op(name: str, *arguments: Expression) -> Expression:
    """Return an operator or a function with its arguments."""
    return {"op": name, "args": list(arguments)}


def prop(name: str) -> Expression:
    """Return a reference to a property."""
    return {"property": name}


def both(one: Expression, other: Expression) -> Expression:
    """Return the conjunction of two conditions."""
    return op("and", one, other)


def either(one: Expression, other: Expression) -> Expression:
    """Return the disjunction of two conditions."""
    return op("or", one, other)


def no(condition: Expression) -> Expression:
    """Return the negation of a condition."""
    return op("not", condition)


def literal(value: Any, kind: str) -> Expression:
    """Return a value of a column as a literal."""
    if kind == "date":
        return {"date": str(value)}
    if kind == "datetime":
        return {"timestamp": stamp(str(value))}
    return value  # type: ignore[no-any-return]


def stamp(text: str) -> str:
    """Return a date-time with seconds and a zone, as literals must have it."""
    return text if re.search(r"([zZ]|[+-]\d\d:\d\d)$", text) else f"{text}Z"


def rectangle(bounds: tuple[float, float, float, float]) -> Expression:
    """Return a polygon of GeoJSON round west, south, east and north."""
    return dict(mapping(box(*bounds)))


def as_text(expression: Expression) -> str:
    """Return an expression as CQL2 text."""
    return _text(expression)[0]


def _text(expression: Expression) -> tuple[str, int]:
    """Return the text of an expression, and how strongly its operator binds."""
    if isinstance(expression, bool):
        return ("TRUE" if expression else "FALSE"), _ATOM
    if isinstance(expression, str):
        return "'" + expression.replace("'", "''") + "'", _ATOM
    if isinstance(expression, int | float):
        return repr(expression), _ATOM
    if isinstance(expression, list):
        return f"({', '.join(as_text(part) for part in expression)})", _ATOM
    if "op" in expression:
        return _operator(expression["op"], expression["args"])
    return _leaf(expression), _ATOM


def _leaf(expression: Mapping[str, Any]) -> str:
    if "property" in expression:
        name = str(expression["property"])
        plain = _NAME.fullmatch(name) and name.lower() not in _RESERVED
        return name if plain else f'"{name}"'
    if "date" in expression:
        return f"DATE('{expression['date']}')"
    if "timestamp" in expression:
        return f"TIMESTAMP('{expression['timestamp']}')"
    if "interval" in expression:
        return f"INTERVAL({', '.join(map(as_text, expression['interval']))})"
    if "bbox" in expression:
        return f"BBOX({', '.join(map(repr, expression['bbox']))})"
    return str(shape(expression).wkt)


def _operator(name: str, arguments: list[Expression]) -> tuple[str, int]:
    if name in _INFIX and len(arguments) > 1:
        strength = _INFIX[name]
        # Operators group from the left: an equal one on the right stands in brackets.
        first = _within(arguments[0], strength)
        rest = [_within(argument, strength + 1) for argument in arguments[1:]]
        return f" {name.upper()} ".join([first, *rest]), strength
    if name == "not":
        return f"NOT {_within(arguments[0], _NOT + 1)}", _NOT
    if name in {"isNull", "like", "between", "in"}:
        return _predicate(name, arguments), _PREDICATE
    called = name.upper() if re.match(r"casei|accenti|[sta]_", name) else name
    return f"{called}({', '.join(map(as_text, arguments))})", _ATOM


def _predicate(name: str, arguments: list[Expression]) -> str:
    first, rest = _within(arguments[0], _PREDICATE + 1), arguments[1:]
    if name == "isNull":
        return f"{first} IS NULL"
    if name == "between":
        low, high = (_within(bound, _PREDICATE + 1) for bound in rest)
        return f"{first} BETWEEN {low} AND {high}"
    return f"{first} {name.upper()} {as_text(rest[0])}"


def _within(expression: Expression, strength: int) -> str:
    text, own = _text(expression)
    return text if own >= strength else f"({text})"
