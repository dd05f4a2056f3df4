"""What the operations of a lineage do, one unit after another; None is a missing value."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

type Number = float | int | None
type Column = list[Number]
type Said = Mapping[str, Any]

WHOLE: Final = frozenset({"rank"})
"""Operations that need every unit of the collection."""


class Unknown(ValueError):
    """A step that this program does not know."""


def computed(
    steps: Sequence[Said], inputs: Mapping[str, Column], *, whole: bool
) -> dict[str, Column]:
    """Return the columns that the steps make, each with one number per unit.

    Parameters
    ----------
    steps : sequence of dict
        `operation`, `inputs`, `parameters` and `output` of each, in their order.
    inputs : mapping
        The columns to begin with.
    whole : bool
        Whether these are all units; otherwise what needs all is left out.

    Raises
    ------
    Unknown
        An operation is not known, or takes what no step makes.
    """
    made: dict[str, Column] = dict(inputs)
    for step in steps:
        operation = step["operation"]
        if operation in WHOLE and not whole:
            continue
        try:
            columns = [made[name] for name in step["inputs"]]
            if operation in WHOLE:
                made[step["output"]] = _ranks(columns[0])
            else:
                each = OPERATIONS[operation]
                made[step["output"]] = [
                    each(list(row), step["parameters"]) for row in zip(*columns, strict=True)
                ]
        except KeyError as error:
            raise Unknown(f"{step['output']}: {error} is not known") from error
    return made


def _known(row: list[Number]) -> list[float] | None:
    """Return the numbers of a row; None if one is missing."""
    numbers = [float(value) for value in row if value is not None]
    return numbers if len(numbers) == len(row) else None


def _added(numbers: Sequence[float]) -> float:
    """Add in the order given; the built-in sum corrects its rounding and gives another number."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def _sum(row: list[Number], _said: Said) -> Number:
    numbers = _known(row)
    return None if numbers is None else _added(numbers)


def _ratio(row: list[Number], said: Said) -> Number:
    numbers = _known(row)
    if numbers is None or numbers[1] <= 0:
        return None
    return float(said["per"] * numbers[0] / numbers[1])


def _shrink(row: list[Number], said: Said) -> Number:
    numbers = _known(row)
    if numbers is None or numbers[1] <= 0:
        return None
    return float((numbers[0] + said["lent"] * said["share"]) / (numbers[1] + said["lent"]))


def _withhold(row: list[Number], said: Said) -> Number:
    value, people = row
    return value if people is not None and people >= said["least"] else None


def _clip(row: list[Number], said: Said) -> Number:
    return None if row[0] is None else float(min(max(row[0], said["low"]), said["high"]))


def _normalise(row: list[Number], said: Said) -> Number:
    if row[0] is None:
        return None
    low, high = said["low"], said["high"]
    distance = row[0] - low if said["polarity"] > 0 else high - row[0]
    return float(distance / (high - low) * 60 + 70)


def _weighted(row: list[Number], said: Said) -> tuple[list[float], list[float], float] | None:
    numbers = _known(row)
    weights = [float(weight) for weight in said.get("weights", [1] * len(row))]
    total = _added(weights)
    return None if numbers is None or total <= 0 else (numbers, weights, total)


def _arithmetic(row: list[Number], said: Said) -> Number:
    found = _weighted(row, said)
    if found is None:
        return None
    numbers, weights, total = found
    return _added([w * x for w, x in zip(weights, numbers, strict=True)]) / total


def _geometric(row: list[Number], said: Said) -> Number:
    found = _weighted(row, said)
    if found is None or min(found[0]) <= 0:
        return None
    numbers, weights, total = found
    logs = _added([w * math.log(x) for w, x in zip(weights, numbers, strict=True)])
    return math.exp(logs / total)


def _ampi(row: list[Number], said: Said) -> Number:
    found, mean = _weighted(row, said), _arithmetic(row, said)
    if found is None or mean is None or mean <= 0:
        return None
    numbers, weights, total = found
    squares = [w * (x - mean) * (x - mean) for w, x in zip(weights, numbers, strict=True)]
    deviation = math.sqrt(_added(squares) / total)
    return mean + float(said["penalty"]) * deviation * deviation / mean


def _classify(row: list[Number], said: Said) -> Number:
    return None if row[0] is None else bisect_left(said["breaks"], row[0]) + 1


def _round(row: list[Number], said: Said) -> Number:
    # Python's own rounding of a decimal place looks at the decimal digits, arrays do not.
    scale = 10.0 ** said["decimals"]
    return None if row[0] is None else round(row[0] * scale) / scale


def _ranks(column: Column) -> Column:
    known = sorted(value for value in column if value is not None)
    return [None if v is None else len(known) - bisect_right(known, v) + 1 for v in column]


OPERATIONS: Final[Mapping[str, Callable[[list[Number], Said], Number]]] = MappingProxyType(
    {
        "sum": _sum,
        "ratio": _ratio,
        "shrink": _shrink,
        "withhold": _withhold,
        "clip": _clip,
        "normalise": _normalise,
        "arithmetic": _arithmetic,
        "geometric": _geometric,
        "ampi": _ampi,
        "classify": _classify,
        "round": _round,
    }
)
