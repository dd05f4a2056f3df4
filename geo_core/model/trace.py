"""How published values are computed from their inputs: steps as data (a collection's lineage)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from geo_core.model.text import Name, Strict

type Operation = Literal[
    "sum",
    "ratio",
    "shrink",
    "withhold",
    "clip",
    "normalise",
    "ampi",
    "arithmetic",
    "geometric",
    "classify",
    "rank",
    "round",
]
"""What each does is said by `geo_core.indicators.steps`."""
SCALED = "scala_"
"""What columns of indicators on the common scale begin with; the field they are of follows."""
type Parameter = int | float | tuple[float, ...]


class Step(Strict):
    """One operation on columns: those of the inputs, or made by earlier steps.

    Attributes
    ----------
    output : Name
        Column that it makes. One with the name of a published field is what is published.
    """

    operation: Operation
    inputs: tuple[Name, ...] = Field(min_length=1)
    parameters: dict[Name, Parameter]
    output: Name


class Counted(Strict):
    """A column of inputs: persons from one age to another, both included, in each unit.

    Attributes
    ----------
    sources : tuple of str
        Inputs of the release (its manifest says version, hash and licence) that were counted.
    """

    name: Name
    unit: str
    ages: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
    sources: tuple[str, ...]


class Trace(Strict):
    """How the values of a collection are computed: the same for each of its units.

    Attributes
    ----------
    method, goalposts : str
        As the rows of the collection name them.
    """

    collection: Name
    method: str
    goalposts: str
    inputs: tuple[Counted, ...]
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        made = {one.name for one in self.inputs}
        for step in self.steps:
            if not made.issuperset(step.inputs) or step.output in made:
                raise ValueError(f"{step.output!r} is made twice, or of what is not made yet")
            made.add(step.output)
        return self


@dataclass(frozen=True, eq=False)
class Traced:
    """How the values of a collection are computed, and from what.

    Attributes
    ----------
    ids : sequence of str
        Of the units, ascending.
    values : array of int, shape (units, inputs)
        In the order of `trace.inputs`.
    """

    trace: Trace
    ids: Sequence[str]
    values: NDArray[np.int64]
