"""The form of the page of the process, as the object that it stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from api.params import MAX_INTEGER, number, whole

_WEIGHT: Final = "weight."


def fields(members: Mapping[str, Collection[str]]) -> set[str]:
    """Return the names that the form may send: one for the weight of each indicator."""
    weights = {f"{_WEIGHT}{name}" for of in members.values() for name in of}
    return {"collection", "aggregation", "normalisation", "limit", *weights}


def of_form(said: Mapping[str, str], members: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """Return the body of an execution; weights of indicators that the index lacks are left out.

    Raises
    ------
    InvalidParameter
        A number is none.
    """
    texts = ("collection", "aggregation", "normalisation")
    inputs: dict[str, Any] = {name: said[name] for name in texts if name in said}
    weights = {
        name.removeprefix(_WEIGHT): number(name, value)
        for name, value in said.items()
        if name.startswith(_WEIGHT)
    }
    own = members.get(inputs.get("collection", ""), ())
    if weights:
        inputs["weights"] = {name: value for name, value in weights.items() if name in own}
    if "limit" in said:
        inputs["limit"] = min(whole("limit", said["limit"], least=1), MAX_INTEGER)
    return {"inputs": inputs}
