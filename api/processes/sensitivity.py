"""The answer of the process: scores and ranks by other choices, beside the published ones."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from api.features.engine import Collection
from api.params import shown
from api.processes.asked import Execution
from api.processes.index import Index, Outcome, outcome
from geo_core.errors import InvalidParameter

type Document = dict[str, Any]
type Ints = NDArray[np.int64]

_DECIMALS: Final = 4


def sensitivity(collection: Collection, index: Index, asked: Execution, release: str) -> Document:
    """Return the answer to an execution: the same bytes for the same question and release.

    Raises
    ------
    InvalidParameter
        `ids` names a unit that the collection does not have.
    """
    found = outcome(index, asked.choice)
    rows = _rows(index, found, asked)
    weights = asked.choice.weights or dict.fromkeys(index.members, 1.0)
    return {
        "collection": collection.id,
        "release": release,
        "aggregation": asked.choice.aggregation,
        "normalisation": asked.choice.normalisation,
        "weights": weights,
        "summary": _summary(found),
        "units": [_unit(collection, index, found, row) for row in rows],
    }


def _rows(index: Index, found: Outcome, asked: Execution) -> list[int]:
    """Return the units that are answered: those named, or the highest; those without last."""
    if asked.ids is None:
        last = np.where(found.rank > 0, found.rank, len(found.rank) + 1)
        order: Ints = np.lexsort((np.arange(len(last)), last))
        return [int(row) for row in order[: asked.limit]]
    row_of = {ident: row for row, ident in enumerate(index.ids)}
    lost = [ident for ident in asked.ids if ident not in row_of]
    if lost:
        raise InvalidParameter(
            "ids",
            f"`ids` names `{lost[0]}`, which the collection does not have"
            if shown(lost[0])
            else "`ids` names a unit that the collection does not have",
        )
    return [row_of[ident] for ident in asked.ids][: asked.limit]


def _summary(found: Outcome) -> Document:
    """Return how far ranks move: over the units that have both."""
    both = (found.rank > 0) & (found.published_rank > 0)
    moved = np.abs(found.published_rank - found.rank)[both]
    return {
        "units": int(both.sum()),
        "moved": int((moved > 0).sum()),
        "furthest": int(moved.max(initial=0)),
        "rank_correlation": _correlation(found.rank[both], found.published_rank[both]),
    }


def _correlation(one: Ints, other: Ints) -> float | None:
    """Return Spearman's coefficient of ranks; None where all are equal."""
    if len({*one.tolist()}) < 2 or len({*other.tolist()}) < 2:
        return None
    return round(float(np.corrcoef(one, other)[0, 1]), _DECIMALS)


def _unit(collection: Collection, index: Index, found: Outcome, row: int) -> Document:
    rank, before = int(found.rank[row]) or None, int(found.published_rank[row]) or None
    feature = orjson.loads(collection.fragments[collection.row(index.ids[row])])
    return {
        "id": index.ids[row],
        "name": feature["properties"][collection.layer.title_field],
        "score": _number(found.score[row]),
        "rank": rank,
        "published_score": _number(found.published[row]),
        "published_rank": before,
        "rank_change": None if rank is None or before is None else before - rank,
    }


def _number(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
