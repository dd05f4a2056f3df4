"""Evaluating a filter over a downloaded feature, as simply as can be.

Conditions are true, false or null (None); null is neither true nor false.
"""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from shapely.geometry import box, shape

from checks.conform.answers import instant
from checks.conform.expressions import Expression
from checks.conform.table import Feature, Table, geometry_of


class Open(Exception):
    """The standard leaves open what comes out."""


type Time = tuple[datetime, datetime]


def _among(value: Any, values: list[Any]) -> bool:
    return any(operator.eq(*_comparable(value, one)) for one in values)


def _comparable(one: Any, other: Any) -> tuple[Any, Any]:
    """Read a text beside an instant as an instant."""
    if isinstance(one, datetime) != isinstance(other, datetime):
        return instant(one), instant(other)
    return one, other


_PAIRS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "div": lambda one, other: math.trunc(one / other),
    "^": operator.pow,
}
_ARRAYS: Final[dict[str, Callable[[set[Any], set[Any]], bool]]] = {
    "a_equals": operator.eq,
    "a_contains": operator.ge,
    "a_containedby": operator.le,
    "a_overlaps": lambda one, other: bool(one & other),
}
TEMPORAL: Final[dict[str, Callable[[Time, Time], bool]]] = {
    "t_after": lambda a, b: a[0] > b[1],
    "t_before": lambda a, b: a[1] < b[0],
    "t_disjoint": lambda a, b: a[0] > b[1] or a[1] < b[0],
    "t_equals": lambda a, b: a == b,
    "t_intersects": lambda a, b: a[0] <= b[1] and a[1] >= b[0],
    "t_contains": lambda a, b: a[0] < b[0] and a[1] > b[1],
    "t_during": lambda a, b: a[0] > b[0] and a[1] < b[1],
    "t_finishedby": lambda a, b: a[0] < b[0] and a[1] == b[1],
    "t_finishes": lambda a, b: a[0] > b[0] and a[1] == b[1],
    "t_meets": lambda a, b: a[1] == b[0],
    "t_metby": lambda a, b: a[0] == b[1],
    "t_overlappedby": lambda a, b: b[0] < a[0] < b[1] < a[1],
    "t_overlaps": lambda a, b: a[0] < b[0] < a[1] < b[1],
    "t_startedby": lambda a, b: a[0] == b[0] and a[1] > b[1],
    "t_starts": lambda a, b: a[0] == b[0] and a[1] < b[1],
}
"""Relations of two times, each with a start and an end."""
SPATIAL: Final = (
    "s_intersects", "s_disjoint", "s_equals", "s_touches",
    "s_crosses", "s_within", "s_contains", "s_overlaps",
)  # fmt: skip
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "like": lambda value, pattern: bool(_pattern(pattern).fullmatch(value)),
    "between": lambda value, low, high: low <= value <= high,
    "in": _among,
    "casei": str.casefold,
    "accenti": lambda text: "".join(
        c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
    ),
    "lower": str.lower,
    "upper": str.upper,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "length": len,
}
KNOWN: Final = frozenset({"lower", "upper", "abs", "floor", "ceil", "length"})
"""Functions of one argument whose meaning everybody agrees on."""


def fits(table: Table, expression: Expression) -> Callable[[Feature], bool | None]:
    """Return the condition that a filter chooses a feature; None where that is left open."""
    ready = prepared(expression)

    def holds(feature: Feature) -> bool | None:
        try:
            return evaluate(ready, feature, table.geometry) is True
        except Open:
            return None

    return holds


def prepared(expression: Expression) -> Any:
    """Return an expression whose literals are read, so that this is done once for all features."""
    if isinstance(expression, list):
        return [prepared(part) for part in expression]
    if not isinstance(expression, Mapping) or "property" in expression:
        return expression
    if "op" in expression:
        return {**expression, "args": [prepared(part) for part in expression["args"]]}
    if any(isinstance(side, Mapping) for side in expression.get("interval", ())):
        return expression
    return _leaf(expression, {}, None)


def evaluate(expression: Expression, feature: Feature, geometry: str | None) -> Any:
    """Return the value of an expression for a feature.

    Parameters
    ----------
    expression : Expression
        In the form of CQL2 JSON.
    feature : mapping
        Of GeoJSON, longitudes first.
    geometry : str or None
        Name under which filters know its geometry.

    Raises
    ------
    Open
        The standard does not say.
    """
    if isinstance(expression, list):
        return [evaluate(part, feature, geometry) for part in expression]
    if not isinstance(expression, Mapping):
        return expression
    if "op" not in expression:
        return _leaf(expression, feature, geometry)
    name, arguments = expression["op"], expression["args"]
    values = [evaluate(argument, feature, geometry) for argument in arguments]
    if name in {"and", "or", "not", "isNull"}:
        return _logic(name, values)
    if any(value is None for value in values):
        return None
    return _applied(name, values)


def _leaf(expression: Mapping[str, Any], feature: Feature, geometry: str | None) -> Any:
    if "property" in expression:
        name = expression["property"]
        if name == geometry:
            return geometry_of(feature)
        return (feature.get("properties") or {}).get(name)
    if "date" in expression or "timestamp" in expression:
        return instant(expression.get("date") or expression.get("timestamp"))
    if "interval" in expression:
        sides = [evaluate(side, feature, geometry) for side in expression["interval"]]
        if None in sides:
            raise Open
        return instant(sides[0]), instant(sides[1])
    if "bbox" in expression:
        return box(*expression["bbox"])
    return shape(expression)


def _logic(name: str, values: list[bool | None]) -> bool | None:
    if name == "isNull":
        return values[0] is None
    if name == "not":
        return None if values[0] is None else not values[0]
    decisive = name == "or"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _applied(name: str, values: list[Any]) -> Any:
    if name in _PAIRS:
        return _PAIRS[name](*_comparable(*values)) if len(values) == 2 else -values[0]
    if name in _ARRAYS:
        return _ARRAYS[name](set(values[0]), set(values[1]))
    if name in TEMPORAL:
        return TEMPORAL[name](_time(values[0]), _time(values[1]))
    if name in SPATIAL:
        return bool(getattr(values[0], name.removeprefix("s_"))(values[1]))
    return _FUNCTIONS[name](*values)


def _time(value: Any) -> Time:
    if isinstance(value, tuple):
        return value
    moment = value if isinstance(value, datetime) else instant(value)
    if moment is None:
        raise Open
    return moment, moment


def _pattern(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|[\s\S]", pattern)
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(p, re.escape(p[-1])) for p in parts), re.DOTALL)
