"""Comparisons of two values, lists and patterns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

import numpy as np

from api.features.cql2 import times
from api.features.cql2.nodes import refused
from api.features.cql2.patterns import matcher
from api.features.cql2.values import (
    KINDS,
    Mask,
    Numbers,
    Shapes,
    Texts,
    Times,
    Truth,
    Value,
    positions,
)

type _Compare = Callable[[Any, Any], Mask]

OPERATORS: Final[Mapping[str, _Compare]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}
_WITHOUT_ORDER: Final = frozenset({"=", "<>"})


def compared(operator: str, a: Value, b: Value) -> Truth:
    """Return where a comparison of two values of one kind holds.

    A text is compared with a day if it is written like one.

    Raises
    ------
    InvalidParameter
        The kinds differ, or have no such comparison.
    """
    a, b = _as_day(a, b), _as_day(b, a)
    if type(a) is not type(b):
        raise refused(f"`{operator}` compares {KINDS[type(a)]} with {KINDS[type(b)]}")
    left, right, known = _comparable(operator, a, b)
    return Truth(known & OPERATORS[operator](left, right), known)


def _as_day(value: Value, other: Value) -> Value:
    if isinstance(other, Times) and isinstance(value, Texts) and value.ranks.ndim == 0:
        return times.on_day(value.vocabulary[0])
    return value


def _comparable(operator: str, a: Value, b: Value) -> tuple[Any, Any, Mask]:
    match a, b:
        case Numbers(), Numbers():
            return a.values, b.values, np.asarray(a.known & b.known)
        case Texts(), Texts():
            return (*positions(a, b), np.asarray(a.known & b.known))
        case Times(), Times():
            return (*times.compared(a, b), np.asarray(a.known & b.known))
        case Truth(), Truth() if operator in _WITHOUT_ORDER:
            return a.true, b.true, np.asarray(a.known & b.known)
    hint = "s_intersects" if isinstance(a, Shapes) else ""
    raise refused(f"`{operator}` does not compare {KINDS[type(a)]} with another", hint)


def between(value: Value, low: Value, high: Value) -> Truth:
    """Return where a value is from `low` to `high`, both included."""
    return both(compared(">=", value, low), compared("<=", value, high))


def among(value: Value, listed: list[Value]) -> Truth:
    """Return where a value equals one of a list."""
    if not listed:
        raise refused("the list of `IN` is empty")
    texts = [one.vocabulary[0] for one in listed if isinstance(one, Texts) and not one.ranks.ndim]
    if isinstance(value, Texts) and len(texts) == len(listed):
        return value.matching(set(texts).__contains__)
    found = [compared("=", value, one) for one in listed]
    return reduce(either, found)


def like(value: Value, pattern: Value) -> Truth:
    """Return where a text matches a pattern, which is one for all features."""
    if not isinstance(value, Texts):
        raise refused(f"`LIKE` is asked of {KINDS[type(value)]}, which is no text")
    if not isinstance(pattern, Texts) or pattern.ranks.ndim:
        raise refused("the pattern of `LIKE` is not a text in single quotes")
    return value.matching(matcher(pattern.vocabulary[0]))


def both(a: Truth, b: Truth) -> Truth:
    """Return where two hold: false where either is false, whatever is known of the other."""
    false = (a.known & ~a.true) | (b.known & ~b.true)
    true = np.asarray(a.true & b.true)
    return Truth(true, np.asarray(true | false))


def either(a: Truth, b: Truth) -> Truth:
    """Return where one of two holds: true where either is, whatever is known of the other."""
    return both(a.negated(), b.negated()).negated()
