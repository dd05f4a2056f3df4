"""Answers a filter: one truth value per feature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import reduce
from typing import Final

import numpy as np
import shapely

from api.features.cql2 import arithmetic, arrays, comparisons, patterns, spatial, times
from api.features.cql2.nodes import (
    Box,
    Call,
    Constant,
    Day,
    Geometry,
    Instant,
    Interval,
    Items,
    Node,
    Property,
    refused,
)
from api.features.cql2.values import (
    KINDS,
    Codes,
    Mask,
    Numbers,
    Shapes,
    Table,
    Texts,
    Times,
    Truth,
    Value,
)
from api.features.cql2.work import Work
from geo_core.model.tables import GEOMETRY

type _Args = tuple[Value, ...]


def matching(node: Node, table: Table, crs: str) -> Mask:
    """Return which features a filter matches: those for which it is true.

    Parameters
    ----------
    node : Node
        The filter.
    table : Table
        The features. With none of them, all that is refused below is refused just the same, so
        a filter can be checked before anything is counted.
    crs : str
        Supported URI of the coordinates in the filter.

    Returns
    -------
    array of bool, shape (table.size,)

    Raises
    ------
    InvalidParameter
        An unknown property or function, values that do not go together, an invalid geometry.
    """
    truth = _truth(_Evaluation(table, crs).value(node), "the filter")
    return np.broadcast_to(truth.true & truth.known, (table.size,))


class _Evaluation:
    """One filter over one table."""

    def __init__(self, table: Table, crs: str) -> None:
        self._table, self._crs = table, crs
        self._work = Work(table.size)

    def value(self, node: Node) -> Value:  # noqa: PLR0911 - a kind each
        """Return the value of a part of the filter, for every feature."""
        match node:
            case Call(name, args):
                return self._called(name, args)
            case Property(name):
                return self._property(name)
            case Constant(value):
                return _constant(value)
            case Day(text):
                return times.on_day(text)
            case Instant(text):
                return times.at_instant(text)
            case Interval(start, end):
                return times.interval(self._end(start), self._end(end))
            case Items(items):
                return arrays.listed([self.value(item) for item in items])
            case Geometry() | Box():
                return spatial.shape(node, self._crs)

    def _called(self, name: str, args: tuple[Node, ...]) -> Value:
        if name in _OF_ONE_VALUE:
            self._refuse_lists(name, args)
        if name == "in" and len(args) == 2 and isinstance(args[1], Items):
            listed = [self.value(item) for item in args[1].items]
            sought = self.value(args[0])
            self._work.spend(name, (sought, *listed))
            return comparisons.among(sought, listed)
        if name in arithmetic.FUNCTIONS:
            return _function(name, self._values(name, args))
        if name not in _OPERATIONS:
            raise _unknown("function", name, (*_OPERATIONS, *arithmetic.FUNCTIONS))
        count, operation = _OPERATIONS[name]
        if len(args) != count and not (name in _MANY and args):
            raise refused(f"`{name}` takes {count} values")
        return operation(name, self._values(name, args))

    def _refuse_lists(self, name: str, args: tuple[Node, ...]) -> None:
        """Tell how a list of codes is asked for one of them, where it is compared as if it were."""
        for arg in args:
            if isinstance(arg, Property) and arg.name in self._table.lists:
                raise refused(
                    f"`{name}` does not compare a list of codes, such as `{arg.name}`",
                    f"A_CONTAINS({arg.name}, ('x')), or the parameter {arg.name}=x",
                )

    def _values(self, name: str, args: tuple[Node, ...]) -> _Args:
        """Return what an operation is applied to, its work counted."""
        values = tuple(map(self.value, args))
        self._work.spend(name, values)
        return values

    def _property(self, name: str) -> Value:
        table = self._table
        if name in table.lists:
            codes = table.lists[name]
            return Codes(codes.holds, codes.vocabulary, codes.valid)
        if name == GEOMETRY and table.places is not None:
            return table.places
        if name not in table.columns:
            shapes = () if table.shapes is None else (GEOMETRY,)
            raise _unknown("property", name, (*table.columns, *table.lists, *shapes))
        column = table.columns[name]
        match column.field.type:
            case "text":
                return Texts(column.values, column.vocabulary)
            case "date":
                return times.of_column(column)
            case "boolean":
                return Truth(column.values == 1, column.valid)
            case _:
                return Numbers(column.values)

    def _end(self, node: Node | None) -> Times | None:
        if node is None:
            return None
        found = self.value(node)
        if not isinstance(found, Times):
            raise refused(f"an interval starts or ends with {KINDS[type(found)]}")
        return found


def _constant(value: str | float | bool) -> Value:  # noqa: FBT001 - a value like the others
    if isinstance(value, bool):
        return Truth(np.array(value), np.array(True))
    if isinstance(value, str):
        return Texts(np.array(0), [value])
    return Numbers(np.array(value, dtype=np.float64))


def _truth(value: Value, where: str) -> Truth:
    if not isinstance(value, Truth):
        raise refused(
            f"{where} is {KINDS[type(value)]} where true or false is needed", "compare it"
        )
    return value


def _function(name: str, args: _Args) -> Value:
    function = arithmetic.FUNCTIONS[name]
    if len(args) != 1 or not isinstance(args[0], function.takes):
        raise refused(f"`{name}` takes {KINDS[function.takes]}")
    return function.apply(args[0])


def _joined(name: str, args: _Args) -> Truth:
    combine = comparisons.both if name == "and" else comparisons.either
    return reduce(combine, (_truth(one, f"a part of `{name}`") for one in args))


def _null(_name: str, args: _Args) -> Truth:
    (value,) = args
    known = ~shapely.is_missing(value.shapes) if isinstance(value, Shapes) else value.known
    return Truth(np.asarray(~known), np.ones_like(known, dtype=np.bool_))


def _changed(name: str, args: _Args) -> Texts:
    (value,) = args
    if not isinstance(value, Texts):
        raise refused(f"`{name}` takes {KINDS[Texts]}")
    change = patterns.without_case if name == "casei" else patterns.without_accents
    return value.changed(change)


def _pair[T](name: str, args: _Args, kind: type[T], many: str) -> tuple[T, T]:
    a, b = args
    if isinstance(a, kind) and isinstance(b, kind):
        return a, b
    other = b if isinstance(a, kind) else a
    raise refused(f"`{name}` takes two {many}, and {KINDS[type(other)]} is none")


def _calculated(name: str, args: _Args) -> Numbers:
    return arithmetic.combined(name, *_pair(name, args, Numbers, "numbers"))


def _in_time(name: str, args: _Args) -> Truth:
    return times.related(name, *_pair(name, args, Times, "times"))


def _in_space(name: str, args: _Args) -> Truth:
    return spatial.related(name, *_pair(name, args, Shapes, "geometries"))


type _Operation = Callable[[str, _Args], Value]

_OF_ONE_VALUE: Final = frozenset({*comparisons.OPERATORS, "between", "in", "like"})
_MANY: Final = frozenset({"and", "or"})
_OPERATIONS: Final[Mapping[str, tuple[int, _Operation]]] = {
    **dict.fromkeys(_MANY, (2, _joined)),
    "not": (1, lambda _, args: _truth(args[0], "what `not` is asked of").negated()),
    **dict.fromkeys(
        comparisons.OPERATORS, (2, lambda name, args: comparisons.compared(name, *args))
    ),
    "between": (3, lambda _, args: comparisons.between(*args)),
    "in": (2, lambda _, args: comparisons.among(args[0], [args[1]])),
    "like": (2, lambda _, args: comparisons.like(*args)),
    "isnull": (1, _null),
    "casei": (1, _changed),
    "accenti": (1, _changed),
    **dict.fromkeys(arithmetic.OPERATORS, (2, _calculated)),
    **dict.fromkeys(times.FUNCTIONS, (2, _in_time)),
    **dict.fromkeys(spatial.FUNCTIONS, (2, _in_space)),
    **dict.fromkeys(arrays.FUNCTIONS, (2, lambda name, args: arrays.related(name, *args))),
}
"""How many values each operator takes, and what it does."""


def _unknown(what: str, name: str, known: tuple[str, ...]) -> Exception:
    close = get_close_matches(name[:64], known, n=1)
    if what == "function":
        hint = f"did you mean `{close[0]}`?" if close else ""
    else:  # a text without quotes, or in double ones, is read as the name of a property
        hint = (
            f"did you mean `{close[0]}`? A text stands in single quotes, as in nome = 'mensa'"
            if close
            else "a text stands in single quotes, as in nome = 'mensa'"
        )
    return refused(f"`filter` names an unknown {what}", hint)
