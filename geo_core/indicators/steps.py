"""What the operations of a lineage do, on whole columns at once.

Each takes columns of n units and gives one, NaN where a value is missing:

- `sum`: of the inputs, from the first to the last;
- `ratio`: `per` times the first over the second, missing where that is 0;
- `shrink`: (first + `lent` * `share`) / (second + `lent`), missing where the second is 0
  (`geo_core.indicators.composition`);
- `withhold`: the first, missing where the second is below `least`;
- `clip`: at `low` and `high`;
- `normalise`: from 70 at `low` to 130 at `high`, the other way round if `polarity` is -1;
- `ampi`, `arithmetic`, `geometric`: means of the inputs, with `weights` where they are given
  (`geo_core.indicators.composite`); `ampi` has a `penalty` of 1 or -1;
- `classify`: 1 and as many more as `breaks` are below the value;
- `rank`: 1 for the highest of all units, equal ones share the better rank;
- `round`: half to even, at `decimals`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from geo_core.indicators import composite
from geo_core.model.trace import Operation, Step

type Floats = NDArray[np.float64]
type Said = Mapping[str, Any]
"""Parameters of a step."""


def run(steps: Iterable[Step], columns: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the columns with those that the steps make, in their order.

    Parameters
    ----------
    steps : iterable of Step
    columns : mapping of arrays, shape (units,)
        The inputs.

    Raises
    ------
    KeyError
        A step takes a column that no earlier step makes.
    """
    out = dict(columns)
    for step in steps:
        out[step.output] = OPERATIONS[step.operation](
            [out[name] for name in step.inputs], step.parameters
        )
    return out


def _sum(inputs: list[Floats], _said: Said) -> Floats:
    return np.column_stack(inputs).sum(axis=1)


def _ratio(inputs: list[Floats], said: Said) -> Floats:
    above, below = inputs
    out = np.full(above.shape, np.nan)
    np.divide(said["per"] * above, below, out=out, where=below > 0)
    return out


def _shrink(inputs: list[Floats], said: Said) -> Floats:
    part, whole = inputs
    lent: Floats = (part + said["lent"] * said["share"]) / (whole + said["lent"])
    return np.where(whole > 0, lent, np.nan)


def _withhold(inputs: list[Floats], said: Said) -> Floats:
    value, people = inputs
    return np.where(people >= said["least"], value, np.nan)


def _clip(inputs: list[Floats], said: Said) -> Floats:
    return np.clip(inputs[0], said["low"], said["high"])


def _normalise(inputs: list[Floats], said: Said) -> Floats:
    low, high = np.array([float(said["low"])]), np.array([float(said["high"])])
    polarity = np.array([int(said["polarity"])])
    return composite.normalise(inputs[0][:, None], low=low, high=high, polarity=polarity)[:, 0]


def _weights(said: Said) -> Floats | None:
    return np.array(said["weights"], float) if "weights" in said else None


def _ampi(inputs: list[Floats], said: Said) -> Floats:
    penalty: Literal[1, -1] = 1 if said["penalty"] > 0 else -1
    return composite.ampi(np.column_stack(inputs), penalty=penalty, weights=_weights(said)).score


def _arithmetic(inputs: list[Floats], said: Said) -> Floats:
    return composite.arithmetic(np.column_stack(inputs), weights=_weights(said))


def _geometric(inputs: list[Floats], said: Said) -> Floats:
    return composite.geometric(np.column_stack(inputs), weights=_weights(said))


def _classify(inputs: list[Floats], said: Said) -> Floats:
    classes = composite.classify(inputs[0], tuple(said["breaks"]))
    return np.where(classes > 0, classes, np.nan)


def _rank(inputs: list[Floats], _said: Said) -> Floats:
    ranks = composite.rank(inputs[0])
    return np.where(ranks > 0, ranks, np.nan)


def _round(inputs: list[Floats], said: Said) -> Floats:
    return np.round(inputs[0], int(said["decimals"]))


OPERATIONS: Final[Mapping[Operation, Callable[[list[Floats], Said], Floats]]] = MappingProxyType(
    {
        "sum": _sum,
        "ratio": _ratio,
        "shrink": _shrink,
        "withhold": _withhold,
        "clip": _clip,
        "normalise": _normalise,
        "ampi": _ampi,
        "arithmetic": _arithmetic,
        "geometric": _geometric,
        "classify": _classify,
        "rank": _rank,
        "round": _round,
    }
)
