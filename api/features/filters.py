"""The filter of a request: `filter`, `filter-lang` and `filter-crs`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.features.cql2 import document, older, text
from api.features.cql2.nodes import Node, refused
from api.features.crs import CRS84, checked_crs
from api.params import choice
from geo_core.errors import InvalidParameter
from geo_core.model.layer import Layer

TEXT: Final = "cql2-text"
JSON: Final = "cql2-json"
OLDER: Final = "cql-text"
"""All that GDAL looks for, and writes: see `older`."""
LANGUAGES: Final = (TEXT, JSON, OLDER)
"""Names a client may use."""

FILTER: Final = "filter"
FILTER_LANG: Final = "filter-lang"
PARAMETERS: Final = (FILTER, FILTER_LANG, "filter-crs")


@dataclass(frozen=True)
class Filter:
    """A filter, and the reference system of the coordinates in it (supported URI)."""

    node: Node
    crs: str = CRS84


def read_filter(params: Mapping[str, str], layer: Layer) -> Filter | None:
    """Read the filter of checked parameters, asked of a layer; None where there is none.

    Raises
    ------
    InvalidParameter
        It cannot be read, or its language or reference system is unknown or given without it.
    """
    if "filter" not in params:
        for name in ("filter-lang", "filter-crs"):
            if name in params:
                raise InvalidParameter(name, f"`{name}` is given without `filter`")
        return None
    language = choice("filter-lang", params.get("filter-lang", TEXT), LANGUAGES)
    crs = checked_crs("filter-crs", params.get("filter-crs", CRS84))
    return Filter(_read(params["filter"], language, layer), crs)


def _read(written: str, language: str, layer: Layer) -> Node:
    if language == JSON:
        node = document.read(written)
        json.loads(written, object_pairs_hook=_once, parse_int=float)
        return node
    if language == OLDER:
        return older.meant(text.parse(written, older=True), layer)
    return text.parse(written)


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object in which a member hides another of its name."""
    if len(dict(pairs)) < len(pairs):
        raise refused("`filter` gives a member of an object twice")
