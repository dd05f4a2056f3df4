"""Geometries of a filter, and how features lie to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from api.features.cql2.document import written
from api.features.cql2.nodes import Box, Geometry, refused
from api.features.cql2.values import Mask, Shapes, Truth
from api.features.crs import CRS84, area_in_crs84, in_crs84

FUNCTIONS: Final[Mapping[str, str]] = {
    "s_contains": "contains",
    "s_crosses": "crosses",
    "s_disjoint": "disjoint",
    "s_equals": "equals",
    "s_intersects": "intersects",
    "s_overlaps": "overlaps",
    "s_touches": "touches",
    "s_within": "within",
}
"""Relations of geometries, and their names in shapely."""

_FARTHEST: Final = 1_000_000_000
"""Degrees or metres; no system has coordinates as large."""
_TURNED: Final = {"contains": "within", "within": "contains"}
_INDEXED: Final = frozenset({"contains", "crosses", "intersects", "overlaps", "touches", "within"})


def shape(said: Geometry | Box, crs: str) -> Shapes:
    """Return a geometry of a filter.

    Parameters
    ----------
    said : Geometry or Box
        As written; heights are ignored.
    crs : str
        Supported URI of its coordinates, in the axis order of the authority.

    Raises
    ------
    InvalidParameter
        It is no valid geometry, or lies outside the domain of its reference system.
    """
    found = _box(said, crs) if isinstance(said, Box) else _geometry(said, crs)
    alone = np.empty((), dtype=object)
    alone[()] = found
    return Shapes(alone)


def _box(said: Box, crs: str) -> BaseGeometry:
    if len(said.corners) not in {4, 6}:
        raise refused("BBOX has 4 numbers, or 6 with heights", "BBOX(8.2,45.1,8.6,45.5)")
    half = len(said.corners) // 2
    (a, b), (c, d) = said.corners[:2], said.corners[half : half + 2]
    return area_in_crs84((a, b, c, d), crs)


def _geometry(said: Geometry, crs: str) -> BaseGeometry:
    try:
        # Depth and number of positions are bounded: nothing a client nests reaches GEOS.
        found = shapely.force_2d(shapely.from_geojson(orjson.dumps(written(said))))
    except shapely.GEOSException:
        raise refused("`filter` holds a geometry that is none") from None
    if (np.abs(shapely.get_coordinates(found)) > _FARTHEST).any():
        # So far out GEOS cannot tell what is valid.
        raise refused(f"`filter` holds a geometry with coordinates beyond {_FARTHEST:,}")
    if not shapely.is_valid(found):
        why = shapely.is_valid_reason(found).split("[")[0].lower()
        raise refused(f"`filter` holds a geometry that is not valid: {why}")
    return found if crs == CRS84 else in_crs84(found, crs)


def related(name: str, a: Shapes, b: Shapes) -> Truth:
    """Return where a relation of two geometries holds; where one is null it is not known."""
    relation = FUNCTIONS[name]
    if a.tree is not None and b.shapes.ndim == 0:
        return _looked_up(relation, a, a.tree, b.shapes[()])
    if b.tree is not None and a.shapes.ndim == 0:
        return _looked_up(_TURNED.get(relation, relation), b, b.tree, a.shapes[()])
    known = a.known & b.known
    return Truth(known & getattr(shapely, relation)(a.shapes, b.shapes), known)


def _looked_up(relation: str, of: Shapes, tree: shapely.STRtree, other: BaseGeometry) -> Truth:
    if relation == "disjoint":
        touching = _found(of, tree.query(other, predicate="intersects"))
        return Truth(of.known & ~touching, of.known)
    if relation in _INDEXED:
        # An index asks what lies to the other geometry, not the other way round.
        return Truth(
            _found(of, tree.query(other, predicate=_TURNED.get(relation, relation))), of.known
        )
    near = tree.query(other)
    return Truth(_found(of, near[getattr(shapely, relation)(of.shapes[near], other)]), of.known)


def _found(of: Shapes, rows: NDArray[np.intp]) -> Mask:
    mask = np.zeros(len(of.shapes), dtype=np.bool_)
    mask[rows] = True
    return mask
