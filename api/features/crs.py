"""Coordinate reference systems a client may ask for (OGC API Features, Part 2).

Axis order is the authority's: EPSG:4326 and EPSG:6706 are latitude, longitude; EPSG:6707 is
northing, easting, and otherwise EPSG:7791.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from geo_core.errors import InvalidParameter

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = (4326, 3857, 32632, 25832, 7791, 6706, 6707, 3003)
SUPPORTED: Final = (CRS84, *(f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in _EPSG))
"""URIs in the order they are published; the first is how the data are stored."""
_TURNED: Final = SUPPORTED[1]

_EDGE_POINTS = 21
_EDGE_METRES, _MOST_POINTS = 5_000, 2_000
"""Metres from point to point along an edge, unless that were too many points."""
_DEGREES_DIGITS, _METRES_DIGITS = 7, 3

type Numbers = NDArray[np.float64]


def checked_crs(parameter: str, uri: str) -> str:
    """Return a supported URI; `InvalidParameter` for anything else (nothing is fetched)."""
    if uri not in SUPPORTED:
        # Many write EPSG:32632, or a URN: what tells the systems apart comes last in all forms.
        code = uri[:200].upper().replace(":", "/").rpartition("/")[2]
        meant = [one for one in SUPPORTED if one.endswith(f"/{code}")]
        raise InvalidParameter(
            parameter,
            f"`{parameter}` names a reference system that is not offered",
            hint=f"did you mean {meant[0]}?"
            if meant
            else f"for example {CRS84}; the collection lists all of them",
        )
    return uri


@cache
def _crs(uri: str) -> CRS:
    authority, _version, code = uri.rsplit("/", 3)[1:]
    return CRS.from_user_input(f"{authority}:{code}")


@cache
def _transformer(source: str, target: str) -> Transformer:
    # Authority axis order on both sides: that is what Part 2 asks for.
    return Transformer.from_crs(_crs(source), _crs(target), always_xy=False)


def _from_crs84(points: Numbers, target: str) -> Numbers:
    # By way of EPSG:4326, the same degrees turned round: PROJ takes seconds to look for a way
    # from OGC:CRS84 itself to a geographic system.
    moved = _transformer(_TURNED, target).transform(points[:, 1], points[:, 0])
    return np.column_stack(moved)


def _to_crs84(points: Numbers, source: str) -> Numbers:
    latitude, longitude = _transformer(source, _TURNED).transform(points[:, 0], points[:, 1])
    return np.column_stack([longitude, latitude])


@cache
def is_geographic(uri: str) -> bool:
    """Tell whether coordinates are degrees."""
    return bool(_crs(uri).is_geographic)


def latitude_first(uri: str) -> bool:
    """Tell whether the first axis points north."""
    return bool(_crs(uri).axis_info[0].direction == "north")


def project(geometries: NDArray[np.object_], target: str) -> NDArray[np.object_]:
    """Return geometries (OGC:CRS84) in another system, in its axis order.

    Coordinates are rounded to 7 decimals of a degree or 3 of a metre (about a centimetre and
    a millimetre).
    """
    digits = _DEGREES_DIGITS if is_geographic(target) else _METRES_DIGITS

    def moved(points: Numbers) -> Numbers:
        return np.round(_from_crs84(points, target), digits)

    out: NDArray[np.object_] = shapely.transform(geometries, moved)
    return out


def area_in_crs84(corners: tuple[float, float, float, float], crs: str) -> BaseGeometry:
    """Return the area of a box given in any supported system, in OGC:CRS84.

    Parameters
    ----------
    corners : tuple of 4 floats
        Lower and upper corner, in the axis order of `crs`.
    crs : str
        Supported URI.

    Returns
    -------
    BaseGeometry
        For degrees, the box, or two boxes when it crosses the antimeridian; for a projected
        system the outline with points along its edges, because a straight edge there is a
        curve here.

    Raises
    ------
    InvalidParameter
        The box lies outside the system's domain.
    """
    if is_geographic(crs):
        south, west, north, east = corners if latitude_first(crs) else _swapped(corners)
        return _degrees(west, south, east, north)
    return _projected(corners, crs)


def in_crs84(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    """Return a geometry given in any supported system, in OGC:CRS84.

    In a projected system it gets points along its edges: a straight edge there is a curve here.

    Raises
    ------
    InvalidParameter
        It lies outside the system's domain.
    """
    if not is_geographic(crs):
        longest = max(_EDGE_METRES, shapely.length(geometry) / _MOST_POINTS)
        geometry = shapely.segmentize(geometry, longest)
    found = shapely.transform(geometry, lambda points: _to_crs84(points, crs))
    if not np.isfinite(shapely.get_coordinates(found)).all():
        raise InvalidParameter("filter", "a geometry lies outside its reference system's domain")
    return found


def _swapped(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return box[1], box[0], box[3], box[2]


def _degrees(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.MultiPolygon(
        [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
    )


def _projected(corners: tuple[float, float, float, float], crs: str) -> BaseGeometry:
    outline = _to_crs84(_outline(*corners), crs)
    if not np.isfinite(outline).all():
        raise InvalidParameter("bbox", "`bbox` lies outside the domain of its reference system")
    return shapely.Polygon(outline)


def _outline(west: float, south: float, east: float, north: float) -> Numbers:
    there, up = (np.linspace(a, b, _EDGE_POINTS) for a, b in ((west, east), (south, north)))
    fixed = np.ones(_EDGE_POINTS)
    x = np.concatenate([there, east * fixed, there[::-1], west * fixed])
    y = np.concatenate([south * fixed, up, north * fixed, up[::-1]])
    return np.column_stack([x, y])
