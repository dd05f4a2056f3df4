"""Numbers of a filter: operators, and the functions that may be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from api.features.cql2.nodes import refused
from api.features.cql2.times import FIRST, LAST
from api.features.cql2.values import Floats, Numbers, Texts, Times, Value

_MICROSECONDS: Final = "datetime64[us]"

OPERATORS: Final[Mapping[str, Callable[[Floats, Floats], Floats]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "div": lambda a, b: np.trunc(np.divide(a, b)),
    "^": np.power,
}
"""`%` has the sign of the number divided, and `div` drops what is behind the point."""
_DIVIDING: Final = frozenset({"/", "%", "div"})


def combined(operator: str, a: Numbers, b: Numbers) -> Numbers:
    """Return two numbers combined; null where either is null or the result is no number.

    Raises
    ------
    InvalidParameter
        A division by a number that is 0 for every feature.
    """
    if operator in _DIVIDING and b.values.ndim == 0 and b.values == 0:
        raise refused("`filter` divides by 0")
    with np.errstate(all="ignore"):
        result = np.asarray(OPERATORS[operator](a.values, b.values), dtype=np.float64)
    # Of an unknown number, too, the power 0 would be 1.
    known = np.isfinite(a.values) & np.isfinite(b.values) & np.isfinite(result)
    return Numbers(np.where(known, result, np.nan))


@dataclass(frozen=True)
class Function:
    """A function that a filter may call on one value.

    Attributes
    ----------
    takes, gives : type
        Kind of value.
    it, en : str
        What it does.
    """

    takes: type
    gives: type
    apply: Callable[[Any], Value]
    it: str
    en: str


def _length(texts: Texts) -> Numbers:
    lengths = np.array([*map(len, texts.vocabulary), np.nan], dtype=np.float64)
    return Numbers(lengths[texts.ranks])


def _year(times: Times) -> Numbers:
    open_ = (times.start == FIRST) | (times.start == LAST) | ~times.known
    moments = np.where(open_, 0, times.start).astype(_MICROSECONDS)
    years = moments.astype("datetime64[Y]").astype(np.float64) + 1970
    return Numbers(np.where(open_, np.nan, years))


def _rounded(how: Callable[[Floats], Floats]) -> Callable[[Numbers], Numbers]:
    return lambda numbers: Numbers(how(numbers.values))


FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": Function(Numbers, Numbers, _rounded(np.abs), "Valore assoluto", "Absolute value"),
    "ceil": Function(
        Numbers, Numbers, _rounded(np.ceil), "Intero non minore", "Whole number not below"
    ),
    "floor": Function(
        Numbers, Numbers, _rounded(np.floor), "Intero non maggiore", "Whole number not above"
    ),
    "length": Function(Texts, Numbers, _length, "Numero di caratteri", "Number of characters"),
    "year": Function(Times, Numbers, _year, "Anno di un giorno", "Year of a day"),
}
"""Functions beside those that CQL2 names, by name in lower case."""
