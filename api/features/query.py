"""What a client asks of a collection, and how it is read from request parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from shapely.geometry.base import BaseGeometry

from api.features.columns import SORTABLE
from api.features.crs import CRS84, area_in_crs84, checked_crs, is_geographic, latitude_first
from api.features.filters import PARAMETERS as FILTERING
from api.features.filters import Filter, read_filter
from api.features.instants import read_instant
from api.features.paging import TOKEN
from api.features.sought import Q, read_sought, searched
from api.params import number, whole
from geo_core.errors import InvalidParameter, NotFound
from geo_core.model.layer import Layer

QUERY_PARAMETERS: Final = (
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    *FILTERING,
    "limit",
    "offset",
    TOKEN,
    "properties",
    "sortby",
)
"""Parameters of `items` beside `f`, `lang`, `q` and the queryables."""

_NO_FIELDS: Final = {*QUERY_PARAMETERS, Q, "f", "lang"}

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EVER: Final = "../.."
"""An interval open at both ends: every feature, those that are over included."""

_YEAR_ZERO = "0000-"
"""QGIS writes an open start as 0000-01-01: a valid date that Python's calendar lacks."""


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included (ISO text); None where open."""

    first: str | None
    last: str | None


@dataclass(frozen=True)
class FeatureQuery:
    """One question to one collection.

    Attributes
    ----------
    area : BaseGeometry | None
        Features must intersect it; OGC:CRS84.
    period : Period | None
        Features must overlap it. None for those of any day, or for the current ones where a
        layer shows only these.
    equal : tuple of (field, value)
        Conditions that all hold; values as written by the client. A list of codes "equals"
        each code it holds.
    filter : Filter | None
        A further condition, in CQL2.
    sought : tuple of str
        Words of which one must be read in the feature, spelt as `api.features.sought` does;
        empty for no condition.
    sort : tuple of str
        Fields, `-name` for descending; empty for the layer's order.
    properties : tuple of str | None
        Fields to return; None for all.
    crs : str
        Supported URI of the coordinates to return.
    """

    limit: int
    offset: int = 0
    area: BaseGeometry | None = None
    period: Period | None = None
    equal: tuple[tuple[str, str], ...] = ()
    filter: Filter | None = None
    sought: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    properties: tuple[str, ...] | None = None
    crs: str = CRS84


@dataclass(frozen=True)
class Limits:
    """Features per page: without `limit`, and at most."""

    default: int
    maximum: int


def parameters_of(layer: Layer) -> tuple[str, ...]:
    """Return the parameters that `items` of a layer understands, beside `f` and `lang`."""
    return (*QUERY_PARAMETERS, *((Q,) if searched(layer) else ()), *layer.field_names)


def sortables(layer: Layer) -> tuple[str, ...]:
    """Return the fields of a layer that can be sorted on: all but lists of codes."""
    return tuple(f.name for f in layer.fields if f.type in SORTABLE)


def read_feature_query(
    params: Mapping[str, str], layer: Layer, limits: Limits, *, first: int | None = None
) -> FeatureQuery:
    """Read a query from checked parameters.

    Parameters
    ----------
    params : Mapping
        Parameters of `items`, each one known and given once.
    layer : Layer
        The collection asked.
    limits : Limits
        Page sizes; a larger `limit` is clamped.
    first : int, optional
        Features to skip, from a token; else `offset` says it.

    Raises
    ------
    InvalidParameter
        The first value that is malformed, with its parameter.
    """
    return FeatureQuery(
        limit=_limit(params, limits),
        offset=whole("offset", params.get("offset", "0"), least=0) if first is None else first,
        area=_area(params),
        period=_period(params.get("datetime")),
        equal=_equal(params, layer),
        filter=read_filter(params, layer),
        sought=read_sought(params),
        sort=_sort(params.get("sortby"), layer),
        properties=_properties(params.get("properties"), layer),
        crs=checked_crs("crs", params.get("crs", CRS84)),
    )


def _limit(params: Mapping[str, str], limits: Limits) -> int:
    if "limit" not in params:
        return limits.default
    return min(whole("limit", params["limit"], least=1), limits.maximum)


def _area(params: Mapping[str, str]) -> BaseGeometry | None:
    crs = checked_crs("bbox-crs", params.get("bbox-crs", CRS84))
    if "bbox" not in params:
        if "bbox-crs" in params:
            raise InvalidParameter("bbox-crs", "`bbox-crs` is given without `bbox`")
        return None
    return area_in_crs84(_corners(params["bbox"], crs), crs)


def _corners(text: str, crs: str) -> tuple[float, float, float, float]:
    parts = text[:1000].split(",")
    if len(parts) not in {4, 6}:
        raise InvalidParameter(
            "bbox", "`bbox` has 4 numbers (or 6 with heights)", hint="bbox=8.2,45.1,8.6,45.5"
        )
    lower, upper = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    low, high = ([number("bbox", n) for n in corner] for corner in (lower, upper))
    (a, b), (c, d) = low[:2], high[:2]
    # Only longitude may run backwards: the box then crosses the antimeridian.
    backwards = (a > c, b > d)
    wraps = is_geographic(crs) and backwards == (
        (False, True) if latitude_first(crs) else (True, False)
    )
    if (any(backwards) and not wraps) or low[2:] > high[2:]:
        raise InvalidParameter("bbox", "the first corner of `bbox` is not the lower one")
    return a, b, c, d


def _period(text: str | None) -> Period | None:
    if text is None:
        return None
    if text == EVER:
        return Period(None, None)
    parts = text[:200].split("/")
    if len(parts) > 2 or all(part in {"", ".."} for part in parts):
        raise _bad_datetime()
    days = [_day(part, closed=len(parts) == 1) for part in parts]
    first, last = days[0], days[-1]
    if first is not None and last is not None and first > last:
        raise InvalidParameter("datetime", "`datetime` ends before it begins")
    return Period(first, last)


def _day(text: str, *, closed: bool) -> str | None:
    """Return the day of one end of an interval, in UTC; None when it is open."""
    if text in {"", ".."} and not closed:
        return None
    year_zero = text.startswith(_YEAR_ZERO)
    try:
        day = _parsed_day(text.replace("0000-", "0001-", 1) if year_zero else text)
    except ValueError:
        raise _bad_datetime() from None
    return f"0000{day[4:]}" if year_zero else day


def _parsed_day(text: str) -> str:
    if _DAY.fullmatch(text):
        return date.fromisoformat(text).isoformat()
    return read_instant(text).date().isoformat()


def _bad_datetime() -> InvalidParameter:
    return InvalidParameter(
        "datetime",
        "`datetime` is not a day, an instant or an interval of RFC 3339",
        hint="2023-12-31, 2023-01-01/2023-12-31, 2023-01-01/.., ../2023-12-31 or ../..",
    )


# A `+` that was not percent-encoded arrives as a space.
_SIGNS: Final = {"+": "", " ": "", "-": "-"}


def _equal(params: Mapping[str, str], layer: Layer) -> tuple[tuple[str, str], ...]:
    if params.keys() <= _NO_FIELDS:
        return ()
    return tuple((name, params[name]) for name in layer.field_names if name in params)


def _sort(text: str | None, layer: Layer) -> tuple[str, ...]:
    if text is None:
        return ()
    parts = [
        (_SIGNS[part[0]], part[1:]) if part[:1] in _SIGNS else ("", part)
        for part in text[:2000].split(",")
    ]
    _all_known("sortby", [name for _, name in parts], sortables(layer), layer)
    return tuple(sign + name for sign, name in parts)


def _properties(text: str | None, layer: Layer) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = text[:4000].split(",")
    _all_known("properties", names, layer.field_names, layer)
    return tuple(name for name in layer.field_names if name in names)


def _all_known(parameter: str, names: list[str], fields: tuple[str, ...], layer: Layer) -> None:
    for name in names:
        if name not in fields:
            listed = "sortables" if parameter == "sortby" else "schema"
            near = NotFound.among("field", name, fields).hint
            hint = near or f"the fields are listed at /collections/{layer.id}/{listed}"
            raise InvalidParameter(parameter, f"`{parameter}` names an unknown field", hint=hint)
    if len(set(names)) < len(names):
        raise InvalidParameter(parameter, f"`{parameter}` names a field twice")
