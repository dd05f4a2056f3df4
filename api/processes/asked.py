"""The body of an execution, read strictly: what it asks for, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from api.params import choice as one_of
from api.params import shown
from api.processes.index import MEANS, SCALES, Choice
from geo_core.errors import InvalidParameter

MOST_UNITS: Final = 10_000
USUAL_UNITS: Final = 100
MOST_IDS: Final = 1_000
MOST_WEIGHT: Final = 1_000.0
RESULT: Final = "result"
"""The one output."""
RAW: Final = "raw"
DOCUMENT: Final = "document"
MEMBERS: Final = ("inputs", "outputs", "response", "mode")
INPUTS: Final = ("collection", "weights", "aggregation", "normalisation", "limit", "ids")
EXAMPLE: Final = '{"inputs": {"collection": "rischio_comuni"}}'
"""The shortest body of an execution."""


class Execution(NamedTuple):
    """What is asked for.

    Attributes
    ----------
    ids : sequence of str, optional
        The units that are wanted; the highest of all if none are named.
    limit : int
        How many are answered.
    as_document : bool
        Whether the answer is wrapped in a document of outputs.
    """

    collection: str
    choice: Choice
    ids: Sequence[str] | None
    limit: int
    as_document: bool


def read(said: Mapping[str, Any], members: Mapping[str, Collection[str]]) -> Execution:
    """Read the body of an execution.

    Parameters
    ----------
    said : mapping
        The JSON object that was sent. What is null is taken as not said.
    members : mapping
        The indicators of each index, by collection.

    Raises
    ------
    InvalidParameter
        Names the first member that is unknown, missing or wrong.
    """
    if "subscriber" in said:
        raise InvalidParameter(
            "subscriber",
            "`subscriber` is not supported: the answer comes at once, and nobody else is told",
            hint="leave it out",
        )
    said = _given(said, MEMBERS)
    if said.get("mode", "sync") != "sync":
        raise InvalidParameter("mode", "`mode` is not `sync`: nothing runs later", hint="sync")
    inputs = _given(_object("inputs", said.get("inputs", {})), INPUTS)
    _outputs(said.get("outputs", {RESULT: {}}))
    collection = _text("collection", inputs, members)
    return Execution(
        collection=collection,
        choice=Choice(
            _weights(inputs, members[collection]),
            _text("aggregation", inputs, MEANS, otherwise=MEANS[0]),
            _text("normalisation", inputs, SCALES, otherwise=SCALES[0]),
        ),
        ids=_ids(inputs),
        limit=_limit(inputs),
        as_document=_text("response", said, (RAW, DOCUMENT), otherwise=RAW) == DOCUMENT,
    )


def _given(said: Mapping[str, Any], known: Collection[str]) -> Mapping[str, Any]:
    """Return the members that are not null; refuse those that nobody knows."""
    for name in said:
        if name not in known:
            about = f"`{name}` is not a member of this request"
            raise InvalidParameter(
                name,
                about if shown(name) else "there is an unknown member in this request",
                hint=f"one of: {', '.join(known)}",
            )
    return {name: value for name, value in said.items() if value is not None}


def _object(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidParameter(name, f"`{name}` is not an object")
    return value


def _text(
    name: str, said: Mapping[str, Any], allowed: Collection[str], *, otherwise: str | None = None
) -> str:
    value = said.get(name, otherwise)
    if value is None:
        raise InvalidParameter(name, f"`{name}` is missing", hint=f"one of: {', '.join(allowed)}")
    return one_of(name, value if isinstance(value, str) else "", allowed)


def _outputs(value: object) -> None:
    """Check that nothing but the one output is asked for, by value."""
    outputs = _object("outputs", value)
    if outputs.keys() - {RESULT}:
        raise InvalidParameter("outputs", "there is one output only", hint=RESULT)
    for how in outputs.values():
        if _object(RESULT, how) not in ({}, {"transmissionMode": "value"}):
            raise InvalidParameter(
                "outputs", "the output is sent by value and as JSON", hint='{"result": {}}'
            )


def _weights(inputs: Mapping[str, Any], members: Collection[str]) -> Mapping[str, float] | None:
    if "weights" not in inputs:
        return None
    weights = _object("weights", inputs["weights"])
    if weights.keys() != {*members}:
        raise InvalidParameter(
            "weights",
            "`weights` does not name every indicator of this collection once",
            hint=", ".join(members),
        )
    for name, value in weights.items():
        # A truth value is a number in Python; NaN is below nothing and above nothing.
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= MOST_WEIGHT:
            raise InvalidParameter(
                "weights", f"the weight of `{name}` is not a number from 0 to 1000"
            )
    if not any(weights.values()):
        raise InvalidParameter("weights", "all weights are 0")
    return {name: float(weights[name]) for name in members}


def _ids(inputs: Mapping[str, Any]) -> Sequence[str] | None:
    if "ids" not in inputs:
        return None
    ids = inputs["ids"]
    listed = isinstance(ids, list) and 0 < len(ids) <= MOST_IDS
    if not listed or not all(isinstance(one, str) for one in ids) or len({*ids}) < len(ids):
        raise InvalidParameter("ids", "`ids` is not a list of 1 to 1000 ids, each once")
    return [str(one) for one in ids]


def _limit(inputs: Mapping[str, Any]) -> int:
    value = inputs.get("limit", USUAL_UNITS)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_UNITS:
        raise InvalidParameter("limit", "`limit` is not a whole number from 1 to 10000")
    return value
