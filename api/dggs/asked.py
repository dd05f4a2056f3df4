"""What a client asks of zones, read from request parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from api.dggs.origin import Origin, level_of
from api.dggs.subset import AXES, TIME, area_of, read_subset
from api.dggs.zones import Zones
from api.features.columns import Mask
from api.features.cql2 import evaluate
from api.features.crs import CRS84, checked_crs
from api.features.filters import PARAMETERS as FILTERING
from api.features.filters import Filter
from api.features.query import Limits, Period, read_feature_query
from api.params import choice, whole
from geo_core.errors import InvalidParameter, NotFound
from geo_core.model.cells import InvalidCell, cell, resolution
from geo_core.model.grid import outlines, within

LEVEL: Final = "zone-level"
PARENT: Final = "parent-zone"
COMPACT: Final = "compact-zones"
RULE: Final = "sub-zones"
DEPTH: Final = "zone-depth"
LIMIT: Final = "limit"

INDEX, GEOMETRIC = "index", "geometric"
"""Which zones are below another: those of its index, or all that it shares ground with."""

ZONE_LIST: Final = (
    LEVEL, PARENT, COMPACT, RULE, LIMIT, "token", "bbox", "bbox-crs", "subset", "subset-crs",
    "datetime", *FILTERING,
)  # fmt: skip
"""Parameters of a list of zones, beside `f` and `lang`."""

ZONE_DATA: Final = (
    DEPTH, "properties", "exclude-properties", "datetime", "subset", *FILTERING,
)  # fmt: skip
"""Parameters of the data of a zone, beside `f` and `lang`."""

MOST_DEPTH: Final = 5
"""Levels below a zone that one answer may hold: 16,807 zones."""

_CURIE: Final = re.compile(r"\[(?P<authority>OGC|EPSG):(?P<code>[A-Z0-9]{1,8})\]")
_DEPTHS: Final = re.compile(r"[0-9]{1,2}(?:-[0-9]{1,2}|(?:,[0-9]{1,2}){1,15})?")


@dataclass(frozen=True)
class Wanted:
    """Which zones, or which values, a request is about.

    Attributes
    ----------
    area : BaseGeometry | None
        Zones share ground with it; OGC:CRS84.
    period : Period | None
        Values are of these days, as far as they are of days.
    filter : Filter | None
        A condition, in CQL2, that a zone's values meet.
    """

    area: BaseGeometry | None
    period: Period | None
    filter: Filter | None


def read_zone(text: str, *, parameter: str = "") -> int:
    """Return the zone that a text names.

    Raises
    ------
    NotFound
        It stands in an address and is no H3 index.
    InvalidParameter
        It is the value of `parameter` and is no H3 index.
    """
    try:
        return int(cell(text), 16)
    except InvalidCell as error:
        if parameter:
            raise InvalidParameter(parameter, error.message, hint=error.hint) from None
        raise NotFound("there is no zone of this name", hint=error.hint) from None


def level_of_zone(zone: int) -> int:
    """Return the level of a zone."""
    return resolution(cell(f"{zone:x}"))


def read_wanted(params: Mapping[str, str], origin: Origin) -> Wanted:
    """Read what zones and their values have to meet.

    Raises
    ------
    InvalidParameter
        The first value that is malformed, with its parameter.
    """
    axes = read_subset(params.get("subset"))
    if TIME in axes and "datetime" in params:
        raise InvalidParameter("subset", "`subset` gives the time beside `datetime`")
    if axes.keys() - {TIME} and "bbox" in params:
        raise InvalidParameter("subset", "`subset` gives an area beside `bbox`")
    asked = {
        name: _crs_uri(params[name]) if name.endswith("-crs") else params[name]
        for name in ("bbox", *(["bbox-crs"] if "bbox" in params else []), *_READ)
        if name in params
    }
    if TIME in axes:
        asked["datetime"] = "/".join(axes[TIME])
    read = read_feature_query(asked, origin.layers[0], Limits(1, 1))
    area = read.area
    if axes.keys() & AXES:
        area = area_of(axes, checked_crs("subset-crs", _crs_uri(params.get("subset-crs", CRS84))))
    return Wanted(area, read.period, read.filter)


_READ: Final = ("datetime", *FILTERING)


def _crs_uri(text: str) -> str:
    """Return the address of a reference system given as such, or as a safe CURIE."""
    found = _CURIE.fullmatch(text)
    if found is None:
        return text.replace("https://", "http://", 1)
    version = "1.3" if found["authority"] == "OGC" else "0"
    return f"http://www.opengis.net/def/crs/{found['authority']}/{version}/{found['code']}"


def matching(zones: Zones, wanted: Wanted) -> Mask:
    """Return which zones meet what is wanted of them; the period is of all or none."""
    mask = np.ones(len(zones.cells), dtype=np.bool_)
    if wanted.area is not None and zones.table.tree is not None:
        mask[:] = False
        mask[zones.table.tree.query(wanted.area, predicate="intersects")] = True
    if wanted.filter is not None:
        mask &= evaluate.matching(wanted.filter.node, zones.table, wanted.filter.crs)
    return mask


@dataclass(frozen=True)
class ListQuery:
    """A question for zones; there are none of a period in which no figures are."""

    level: int
    zones: Zones | None
    wanted: Wanted
    parent: int | None
    geometric: bool
    compact: bool
    limit: int


def read_list(params: Mapping[str, str], origin: Origin, limits: Limits) -> ListQuery:
    """Read a question for zones.

    Raises
    ------
    InvalidParameter
        The first value that is malformed or out of range, with its parameter.
    """
    last = max(origin.levels)
    level = whole(LEVEL, params[LEVEL], least=0) if LEVEL in params else last
    parent = read_zone(params[PARENT], parameter=PARENT) if PARENT in params else None
    if RULE in params and parent is None:
        raise InvalidParameter(RULE, f"`{RULE}` is given without `{PARENT}`")
    if parent is not None and level_of_zone(parent) > level:
        raise InvalidParameter(
            PARENT, f"`{PARENT}` is finer than the zones asked for", hint=f"{LEVEL}={last}"
        )
    limit = whole(LIMIT, params[LIMIT], least=1) if LIMIT in params else limits.default
    wanted = read_wanted(params, origin)
    level_of(origin, level, LEVEL)
    timed = origin.during(wanted.period)
    return ListQuery(
        level=level,
        zones=timed.zones(level) if timed else None,
        wanted=wanted,
        parent=parent,
        geometric=choice(RULE, params.get(RULE, INDEX), (INDEX, GEOMETRIC)) == GEOMETRIC,
        compact=choice(COMPACT, params.get(COMPACT, "true"), ("true", "false")) == "true",
        limit=min(limit, limits.maximum),
    )


def below(zones: Zones, parent: int, *, geometric: bool) -> Mask:
    """Return which zones are below another one, by its index or because they share ground."""
    mask = np.zeros(len(zones.cells), dtype=np.bool_)
    if not geometric:
        mask[within(zones.cells, parent, zones.level)] = True
        return mask
    (outline,) = outlines([parent])
    table = zones.table
    if table.tree is not None and table.shapes is not None:
        near = table.tree.query(outline, predicate="intersects")
        shared = shapely.area(shapely.intersection(table.shapes[near], outline))
        mask[near[shared > _TOUCH * shapely.area(table.shapes[near])]] = True
    return mask


_TOUCH: Final = 1e-9
"""A smaller part of a zone is the rounding of a shared edge."""


def read_depths(text: str | None) -> tuple[int, ...]:
    """Return the depths below a zone that are asked for, ascending; 0 without any.

    Raises
    ------
    InvalidParameter
        Malformed, or deeper than an answer holds.
    """
    if text is None:
        return (0,)
    if not _DEPTHS.fullmatch(text):
        raise InvalidParameter(
            DEPTH, f"`{DEPTH}` is no depth, range or list of depths", hint="1, 0-2 or 0,2"
        )
    numbers = [int(part) for part in re.split("[-,]", text)]
    depths = range(numbers[0], numbers[1] + 1) if "-" in text else sorted(set(numbers))
    if not depths:
        raise InvalidParameter(DEPTH, f"`{DEPTH}` ends before it begins", hint=f"{DEPTH}=0-2")
    if max(depths) > MOST_DEPTH:
        raise InvalidParameter(
            DEPTH,
            f"`{DEPTH}` is deeper than one answer holds",
            hint=f"{DEPTH}={MOST_DEPTH}",
        )
    return tuple(depths)


def read_fields(params: Mapping[str, str], known: Mapping[str, object]) -> tuple[str, ...]:
    """Return the fields to answer, in the order asked for; all of them without a wish.

    Raises
    ------
    InvalidParameter
        An unknown or repeated field, or both parameters at once.
    """
    if "properties" in params and "exclude-properties" in params:
        raise InvalidParameter(
            "exclude-properties", "`exclude-properties` is given beside `properties`",
            hint="give one of them",
        )  # fmt: skip
    for parameter in ("properties", "exclude-properties"):
        if parameter in params:
            names = params[parameter].split(",")
            _all_known(parameter, names, known)
            if parameter == "properties":
                return tuple(names)
            return tuple(name for name in known if name not in names)
    return tuple(known)


def _all_known(parameter: str, names: list[str], known: Mapping[str, object]) -> None:
    for name in names:
        if name not in known:
            hint = NotFound.among("field", name, known).hint
            raise InvalidParameter(parameter, f"`{parameter}` names an unknown field", hint=hint)
    if len(set(names)) < len(names):
        raise InvalidParameter(parameter, f"`{parameter}` names a field twice")
