"""A published index, ready to be computed by other choices.

What is computed is bounded by the collection: a few operations on as many numbers as it has units
and indicators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.formats.lineage import LineageFile
from geo_core.indicators import composite, scale
from geo_core.indicators.steps import run
from geo_core.model.trace import SCALED

type Floats = NDArray[np.float64]
type Ranks = NDArray[np.int64]

MEANS: Final = ("ampi+", "ampi-", "arithmetic", "geometric")
"""Ways to make one number of several; the first is the published one."""
SCALES: Final = ("goalposts", "z-score", "percentile")
"""Ways to put indicators on one scale; the first is the published one."""
_MIDDLE, _SPREAD, _LOWEST, _SPAN = 100.0, 10.0, 70.0, 60.0
_SURE, _SURE_OF_SCORES = 9, 11
"""Decimals of indicators and of scores that the rounding of the machine leaves: beyond them equal
numbers differ, and percentiles and ranks would tell them apart."""


class Choice(NamedTuple):
    """How an index is to be computed.

    Attributes
    ----------
    weights : mapping, optional
        One per indicator; equal ones if there are none.
    aggregation : str
        One of `MEANS`.
    normalisation : str
        One of `SCALES`.
    """

    weights: Mapping[str, float] | None = None
    aggregation: str = MEANS[0]
    normalisation: str = SCALES[0]


@dataclass(frozen=True, eq=False)
class Index:
    """A published index with what it is made of.

    Attributes
    ----------
    ids : sequence of str
        Of the units.
    members : tuple of str
        Its indicators, as the fields of the collection name them.
    values, scaled : array, shape (units, members)
        Before they are put on a scale, and on the published one.
    polarity : array, shape (members,)
    published : array, shape (units,)
        Scores before they are rounded; NaN where there is none.
    decimals : int
        To which scores are rounded.
    """

    ids: Sequence[str]
    members: tuple[str, ...]
    values: Floats
    scaled: Floats
    polarity: NDArray[np.int64]
    published: Floats
    decimals: int

    def scores(self, choice: Choice) -> Floats:
        """Return scores by another choice, not rounded; those published by the usual one."""
        scaled = self._scaled(choice.normalisation)
        said = choice.weights
        weights = None if said is None else np.array([said[name] for name in self.members])
        if choice.aggregation == "arithmetic":
            return composite.arithmetic(scaled, weights=weights)
        if choice.aggregation == "geometric":
            return composite.geometric(scaled, weights=weights)
        penalty: Literal[1, -1] = 1 if choice.aggregation == "ampi+" else -1
        return composite.ampi(scaled, penalty=penalty, weights=weights).score

    def _scaled(self, by: str) -> Floats:
        if by == "goalposts":
            return self.scaled
        if by == "percentile":
            return _LOWEST + _SPAN * scale.percentile(self.values, polarity=self.polarity)
        known = ~np.isnan(self.values).any(axis=1)
        few = self.values[known]
        out = np.full(self.values.shape, np.nan)
        # Where all units are alike none is above or below the others.
        if len(few) and (few.std(axis=0) > 0).all():
            z = scale.z_scores(few, polarity=self.polarity)
            out[known] = _MIDDLE + _SPREAD * z
        return out


def index_of(file: LineageFile) -> Index:
    """Return the index whose lineage a file holds."""
    whole = file.whole()
    inputs = zip(file.trace.inputs, whole.values.T, strict=True)
    made = run(file.trace.steps, {one.name: column.astype(float) for one, column in inputs})
    mean = next(step for step in file.trace.steps if step.operation == "ampi")
    by_output = {step.output: step for step in file.trace.steps}
    scales = [by_output[name] for name in mean.inputs]
    clips = [by_output[step.inputs[0]] for step in scales]
    return Index(
        ids=whole.ids,
        members=tuple(name.removeprefix(SCALED) for name in mean.inputs),
        values=np.column_stack([made[step.inputs[0]] for step in clips]).round(_SURE),
        scaled=np.column_stack([made[name] for name in mean.inputs]),
        polarity=np.array([int(str(step.parameters["polarity"])) for step in scales]),
        published=made[mean.output],
        decimals=next(
            int(str(step.parameters["decimals"]))
            for step in file.trace.steps
            if step.operation == "round" and step.inputs == (mean.output,)
        ),
    )


def indices(files: Mapping[str, LineageFile]) -> Mapping[str, Index]:
    """Return every published index by its collection."""
    return MappingProxyType({ident: index_of(file) for ident, file in files.items()})


class Outcome(NamedTuple):
    """Scores and ranks by a choice, beside the published ones; each of shape (units,).

    Attributes
    ----------
    score, published : array of float
        Rounded; NaN where there is none.
    rank, published_rank : array of int
        1 for the highest score; 0 where there is none.
    """

    score: Floats
    rank: Ranks
    published: Floats
    published_rank: Ranks


def outcome(index: Index, choice: Choice) -> Outcome:
    """Return what a choice makes of an index."""
    scores = index.scores(choice)
    return Outcome(
        np.round(scores, index.decimals),
        composite.rank(scores.round(_SURE_OF_SCORES)),
        np.round(index.published, index.decimals),
        composite.rank(index.published),
    )
