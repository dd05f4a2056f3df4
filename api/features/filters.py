"""The filter of a request: `filter`, `filter-lang` and `filter-crs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.features.cql2 import document, text
from api.features.cql2.nodes import Node
from api.features.crs import CRS84, checked_crs
from api.params import choice
from geo_core.errors import InvalidParameter

TEXT: Final = "cql2-text"
JSON: Final = "cql2-json"
LANGUAGES: Final = (TEXT, JSON, "cql-text")
"""Names a client may use; the last is the older name of the first, which is all GDAL looks for."""

FILTER: Final = "filter"
FILTER_LANG: Final = "filter-lang"
PARAMETERS: Final = (FILTER, FILTER_LANG, "filter-crs")


@dataclass(frozen=True)
class Filter:
    """A filter, and the reference system of the coordinates in it (supported URI)."""

    node: Node
    crs: str = CRS84


def read_filter(params: Mapping[str, str]) -> Filter | None:
    """Read the filter of checked parameters; None where there is none.

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
    parse = document.read if language == JSON else text.parse
    return Filter(parse(params["filter"]), crs)
