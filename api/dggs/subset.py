"""The parameter `subset`: intervals of named axes, as `Lat(45.1:45.5),Lon(8.2:8.6)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shapely.geometry.base import BaseGeometry

from api.features.crs import area_in_crs84, is_geographic, latitude_first
from api.params import number
from geo_core.errors import InvalidParameter

TIME: Final = "time"
EAST, NORTH = "east", "north"
AXES: Final = frozenset({EAST, NORTH})

type Subset = Mapping[str, tuple[str, str]]
"""Lower and upper end by axis, as written; `*` is an open end."""

_POINT: Final = r'(?:"[^"]{0,40}"|[^":(),]{1,40})'
_PART: Final = re.compile(
    rf"(?P<axis>[A-Za-z]{{1,16}})\((?P<low>{_POINT})(?::(?P<high>{_POINT}))?\)"
)
_NAMES: Final = {
    "lon": EAST, "long": EAST, "longitude": EAST, "e": EAST, "x": EAST, "easting": EAST,
    "lat": NORTH, "latitude": NORTH, "n": NORTH, "y": NORTH, "northing": NORTH,
    "time": TIME,
}  # fmt: skip
_OPEN: Final = "*"
_ENDS: Final = {EAST: ("-180", "180"), NORTH: ("-90", "90")}


def read_subset(text: str | None) -> Subset:
    """Read the intervals of a subset; none without it.

    Raises
    ------
    InvalidParameter
        It is malformed, or names an axis that the zones do not have, or one twice.
    """
    found: dict[str, tuple[str, str]] = {}
    rest = f",{text}" if text is not None else ""
    while rest:
        part = _PART.match(rest, 1)
        axis = _NAMES.get(part["axis"].lower()) if part else None
        if rest[0] != "," or part is None or axis is None or axis in found:
            raise InvalidParameter(
                "subset",
                "`subset` is no list of intervals of axes",
                hint='Lat(45.1:45.5),Lon(8.2:8.6), or time("2023-01-01":"2023-12-31")',
            )
        low = part["low"].strip('"')
        found[axis] = (low, (part["high"] or part["low"]).strip('"'))
        rest = rest[part.end() :]
    if TIME in found:
        found[TIME] = tuple(".." if end == _OPEN else end for end in found[TIME])  # type: ignore[assignment]  # two stay two
    return found


def area_of(axes: Subset, crs: str) -> BaseGeometry:
    """Return the area of a subset's intervals in a supported system, in OGC:CRS84.

    Raises
    ------
    InvalidParameter
        An end is no number, or is open in a system of metres.
    """
    if not is_geographic(crs) and not axes.keys() >= AXES:
        raise InvalidParameter("subset", "`subset` names both axes of a system of metres")
    ends = {axis: axes.get(axis, _ENDS[axis]) for axis in AXES}
    numbers = {
        axis: [number("subset", _closed(axis, pair, side)) for side in (0, 1)]
        for axis, pair in ends.items()
    }
    # East of a geographic system alone may run backwards: across the antimeridian.
    for axis in AXES if not is_geographic(crs) else {NORTH}:
        if numbers[axis][0] > numbers[axis][1]:
            raise InvalidParameter("subset", "`subset` has an interval that ends before it begins")
    order = (NORTH, EAST) if latitude_first(crs) else (EAST, NORTH)
    (a, c), (b, d) = (numbers[axis] for axis in order)
    return area_in_crs84((a, b, c, d), crs)


def _closed(axis: str, ends: tuple[str, str], side: int) -> str:
    return _ENDS[axis][side] if ends[side] == _OPEN else ends[side]
