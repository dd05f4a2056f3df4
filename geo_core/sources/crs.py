"""Reference systems that Italian data come in, and their way to longitude and latitude.

Files hold x before y whatever the register says of a system's axes, so that every operation
runs in the order of a map: easting or longitude first. Monte Mario is brought to WGS 84 with
the seven parameters of the mainland (EPSG:1660), Sardinia (1662) or Sicily (1664), good to about
four metres; the finer grids of the Istituto Geografico Militare are not free, and the finest
hexagon is 300 m wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NoReturn

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from geo_core.sources.base import Job, refuse

CRS: Final = "EPSG:4326"

ACCEPTED: Final = {
    4326: "WGS 84",
    6706: "RDN2008",
    32632: "WGS 84 / UTM 32N",
    25832: "ETRS89 / UTM 32N",
    7791: "RDN2008 / UTM 32N",
    3003: "Monte Mario / Italy zone 1",
}

_SAME: Final = {"OGC:CRS84": 4326, "CRS84": 4326, "urn:ogc:def:crs:OGC:1.3:CRS84": 4326}
_ALIKE: Final = 70
"""Least likeness, of 100, of a system that carries no code (an ESRI .prj) with one of ours."""

_ITALY: Final = (6.0, 35.0, 19.0, 48.0)
"""West, south, east, north: no longitude in it is a latitude in it."""

_NOWHERE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Placed:
    """Geometries in EPSG:4326, longitude first, and the name of the system they came in."""

    shapes: np.ndarray
    name: str


def to_lonlat(job: Job, shapes: np.ndarray, crs: str | None, *, rows: np.ndarray) -> Placed:
    """Bring geometries to EPSG:4326.

    Parameters
    ----------
    job : Job
        For messages.
    shapes : ndarray of Geometry or None
        Two-dimensional, x before y.
    crs : str | None
        What the file says: a code, WKT or PROJJSON.
    rows : ndarray of int
        Number of each row, for messages.

    Raises
    ------
    SourceError
        No system, a system that is not accepted, a coordinate that is not finite or not on
        Earth, latitude and longitude swapped, or a point at 0, 0.
    """
    code = _identify(job, crs)
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    lonlat = _transformed(code, xy)
    _check(job, code, xy, lonlat, rows[of])
    moved = shapes.copy()
    filled = ~shapely.is_missing(moved)
    moved[filled] = shapely.set_coordinates(moved[filled], lonlat)
    return Placed(moved, f"EPSG:{code} ({ACCEPTED[code]})")


def _identify(job: Job, crs: str | None) -> int:
    if not crs:
        hint = "save it again from QGIS with its reference system (a shapefile needs its .prj)"
        refuse(job, "does not say in which reference system its geometries are", hint=hint)
    if crs in _SAME:
        return _SAME[crs]
    try:
        system = pyproj.CRS.from_user_input(crs).to_2d()
    except CRSError:
        _unknown(job, "names a reference system that is not known")
    if system.to_authority(min_confidence=_ALIKE) == ("OGC", "CRS84"):
        return 4326
    code = system.to_epsg(min_confidence=_ALIKE)
    if code not in ACCEPTED:
        _unknown(job, f"is in a reference system that is not read here ({code or 'no code'})")
    return code


def _unknown(job: Job, message: str) -> NoReturn:
    listed = ", ".join(f"EPSG:{code}" for code in ACCEPTED)
    refuse(job, message, hint=f"save it again in one of: {listed}")


@cache
def _transformer(code: int) -> Any:
    return pyproj.Transformer.from_crs(code, 4326, always_xy=True)


def _transformed(code: int, xy: np.ndarray) -> np.ndarray:
    if code in {4326, 6706}:
        # RDN2008 is WGS 84 to within a metre, and EPSG's own operation between them is null.
        return xy.copy()
    return np.column_stack(_transformer(code).transform(xy[:, 0], xy[:, 1]))


def _check(job: Job, code: int, xy: np.ndarray, lonlat: np.ndarray, rows: np.ndarray) -> None:
    hint = "north and east may be swapped: the first coordinate is the longitude or easting"
    swapped = ~_inside(lonlat) & _inside(_transformed(code, xy[:, ::-1]))
    _refuse_first(job, swapped, rows, "a geometry lies in Italy only with x and y swapped", hint)
    with np.errstate(invalid="ignore"):
        off = ~np.isfinite(lonlat).all(axis=1) | (np.abs(lonlat) > (180.0, 90.0)).any(axis=1)
    hint = f"check that the coordinates really are in {ACCEPTED[code]}"
    _refuse_first(job, off, rows, "a geometry has a coordinate that is not on Earth", hint)
    nowhere = (np.abs(xy) < _NOWHERE).all(axis=1)
    hint = "leave the geometry of a place that is not known empty"
    _refuse_first(job, nowhere, rows, "a geometry has a point at 0, 0", hint)


def _inside(lonlat: np.ndarray) -> np.ndarray:
    west, south, east, north = _ITALY
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside: np.ndarray = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _refuse_first(job: Job, bad: np.ndarray, rows: np.ndarray, message: str, hint: str) -> None:
    if bad.any():
        refuse(job, message, at=f"row {rows[bad.argmax()]}", hint=hint)
