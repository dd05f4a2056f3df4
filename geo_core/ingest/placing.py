"""Where a row of a register is: a point, a drawn polygon, or the municipalities it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geo_core.ingest.points import misplaced
from geo_core.ingest.problems import Problems, Refusal
from geo_core.ingest.rules import Table

DISTRICT: Final = "DISTRETTO"
"""Stands for every municipality of the district."""

MOST_POSITIONS: Final = 20_000
"""Positions of a polygon drawn by hand: far more than anybody draws."""

_AREA: Final = "area_wkt"
_NAMED: Final = ("comuni", "ambito_territoriale")


@dataclass(frozen=True, eq=False)
class Territory:
    """The district's areas on the reference date.

    Attributes
    ----------
    municipalities : Mapping
        Boundary (EPSG:4326) by six-digit ISTAT code.
    bodies : Mapping
        ISTAT codes of the members by code of the managing body.
    """

    municipalities: Mapping[str, Any]
    bodies: Mapping[str, frozenset[str]]

    def members(self, code: str) -> frozenset[str]:
        """Return the municipalities that a code stands for; none if it is not known."""
        if code == DISTRICT:
            return frozenset(self.municipalities)
        own = {code} & self.municipalities.keys()
        return frozenset(own) or self.bodies.get(code, frozenset())

    @lru_cache(maxsize=256)  # noqa: B019 - a territory lives as long as one build
    def area(self, codes: frozenset[str]) -> Any:
        """Return municipalities as one area (Polygon or MultiPolygon)."""
        return shapely.union_all([self.municipalities[code] for code in sorted(codes)])


def split(text: str | float | None) -> list[str]:
    """Return the codes of a cell that holds several; an empty cell (None, NaN) has none."""
    return [item.strip() for item in text.split(";")] if isinstance(text, str) and text else []


def placed(rows: pd.DataFrame, table: Table, territory: Territory, problems: Problems) -> pd.Series:
    """Return where each row is, and refuse those that are not where they say.

    Parameters
    ----------
    rows : DataFrame
        Typed rows: ``cod_istat`` where the layer has it, and ``lon``, ``lat``, ``area_wkt``,
        ``comuni``, ``ambito_territoriale`` (None where empty or not of this layer).
    table : Table
        Says whether a place is needed.
    territory : Territory
        What codes stand for.
    problems : Problems
        Receives what is refused.

    Returns
    -------
    Series
        Shapely geometry (EPSG:4326) or None, with the index of `rows`.
    """
    found = []
    for number, row in zip(rows.index, rows.to_dict("records"), strict=True):
        column, shape = _place(row, territory)
        if shape is None and table.placed:
            shape = Refusal("has no position", "give lon and lat, or an area, degrees, WGS 84")
        if isinstance(shape, Refusal):
            problems.add(int(number), column, shape)
        found.append(None if isinstance(shape, Refusal) else shape)
    return pd.Series(found, index=rows.index, dtype=object)


def _place(row: Mapping[Any, Any], territory: Territory) -> tuple[str, Any]:
    """Return the column that says where a row is, and its shape, a refusal or None."""
    lon, lat, drawn = row.get("lon"), row.get("lat"), row.get(_AREA)
    named = next((name for name in _NAMED if row.get(name) is not None), None)
    if lon is not None or lat is not None:
        if drawn is not None:
            return _AREA, Refusal("is given beside a point", "a row has a point or an area")
        return "lon, lat", _point(lon, lat, row.get("cod_istat"), territory)
    if drawn is not None:
        return _AREA, _drawn(drawn, row.get("cod_istat"), territory)
    if named is not None:
        return named, _union(split(row[named]), territory)
    return "lon, lat", None


def _point(lon: float | None, lat: float | None, code: str | None, territory: Territory) -> Any:
    if code is None:
        return Refusal("has no municipality", "give cod_istat beside lon and lat")
    return misplaced(lon, lat, territory.municipalities[code]) or shapely.Point(lon, lat)


def _drawn(text: str, code: str | None, territory: Territory) -> Any:
    try:
        shape = shapely.from_wkt(text)
    except shapely.GEOSException:
        return Refusal("is not a polygon in WKT", "POLYGON ((8.41 45.32, 8.42 45.32, ...))")
    if shape.has_z or shapely.get_num_coordinates(shape) > MOST_POSITIONS:
        hint = "simplify it in QGIS, without heights"
        return Refusal(f"has heights or more than {MOST_POSITIONS} positions", hint)
    if shape.is_empty or not shape.is_valid or not np.isfinite(shape.bounds).all():
        hint = "mend it in QGIS: Vector geometry, Fix geometries"
        return Refusal("crosses itself, is empty or is not closed", hint)
    codes = frozenset({code} if code else territory.municipalities)
    if not shape.intersects(territory.area(codes)):
        return Refusal("lies outside its municipality", "longitude comes first, in degrees")
    return shape


def _union(codes: list[str], territory: Territory) -> Any:
    members = [territory.members(code) for code in codes]
    if not all(members):
        return Refusal(
            "names an unknown area",
            f"ISTAT codes of municipalities, codes of managing bodies, or {DISTRICT}",
        )
    return territory.area(frozenset().union(*members))
