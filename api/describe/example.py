"""A filter that matches something, for a reader who has never written one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from api.features.encode import decoded
from api.features.engine import Collection, select
from api.features.query import FeatureQuery

_READ: Final = FeatureQuery(limit=100)
"""The features among which a value is looked for."""


def example_of(collection: Collection) -> str:
    """Return a filter in CQL2 that some feature of a collection meets.

    It names the code that most of the first features hold, in the first field that has a code
    list; else a feature by its id. It is empty for a collection without features.
    """
    rows = select(collection, _READ).rows.tolist()
    found = [one["properties"] for one in decoded(collection, rows, _READ)]
    return next(_conditions(collection, found), "")


def _conditions(collection: Collection, found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for field in collection.layer.fields:
        known = {code.code for code in collection.codelists.get(field.codelist or "", ())}
        listed = field.type == "codes"
        values = (one[field.name] for one in found)
        codes = (code for value in values for code in ((value or ()) if listed else (value,)))
        for code, _ in Counter(code for code in codes if code in known).most_common(1):
            held = f"a_contains({field.name}, ({_quoted(code)}))"
            yield held if listed else f"{field.name} = {_quoted(code)}"
    yield from (f"id = {_quoted(one['id'])}" for one in found)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
