"""The OpenAPI document in version 3.1, whose schemas are those of JSON Schema itself."""

from __future__ import annotations

from typing import Any

from api.describe.operations import Json


def as_31(document: Json) -> Json:
    """Return a document of version 3.0 in version 3.1: the same paths, other words in schemas."""
    translated: Json = _translated(document)
    return {**translated, "openapi": "3.1.0"}


def _translated(value: Any) -> Any:
    if isinstance(value, list):
        return [_translated(one) for one in value]
    if not isinstance(value, dict):
        return value
    out = {name: _translated(one) for name, one in value.items()}
    # In 3.1 null is a type like the others, and bytes have no schema at all.
    if out.get("nullable") is True:
        del out["nullable"]
        out["type"] = [out["type"], "null"]
    if out.get("format") == "binary":
        return {}
    return out
