"""Which features of a map belong to a municipality: by their codes, or by where they lie."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from api.embed import near
from api.embed.config import BASE
from api.features.columns import Mask
from api.features.engine import Collection
from api.features.records import is_text
from api.served import Served

_CELL: Final = "h3"
_CODES: Final = ("cod_istat", "comune_a", "comune_b")
"""Fields that name the municipality, or the two of a border."""
_BODY: Final = "cod_ambito"
_ALL: Final = 0.99
"""Part of an area that lies in a municipality from which on it does not reach beyond it."""


def within(served: Served, collection: Collection, town: str) -> Mask:
    """Return which features belong to a municipality.

    A hexagon belongs to the one its middle lies in. Hexagons that were merged belong to each
    municipality they reach into: one that is smaller than they are would have none otherwise.

    Parameters
    ----------
    town : str
        Its ISTAT code.
    """
    coded = [is_text(collection, name, town) for name in _CODES if name in collection.columns]
    if coded:
        named: Mask = np.logical_or.reduce(coded)
        return named
    if _BODY in collection.columns:
        return is_text(collection, _BODY, near.body_of(served, town) or "")
    area, shapes = _area(served, town), collection.shapes
    if area is None or shapes is None:
        return np.zeros(collection.info.count, dtype=np.bool_)
    whole = collection.layer.title_field == _CELL
    inside: Mask = shapely.intersects(area, shapely.centroid(shapes) if whole else shapes)
    return inside


def beyond(served: Served, collection: Collection, town: str) -> Mask:
    """Return which features of a municipality are larger than it: none of those it is named in."""
    inside = within(served, collection, town)
    area, shapes = _area(served, town), collection.shapes
    if {*_CODES} & collection.columns.keys() or collection.layer.title_field == _CELL:
        return np.zeros_like(inside)
    if area is None or shapes is None:
        return np.zeros_like(inside)
    part = shapely.area(shapely.intersection(area, shapes[inside])) / shapely.area(shapes[inside])
    inside[inside] = part < _ALL
    return inside


def towns_by_feature(served: Served, collection: Collection) -> dict[str, str]:
    """Return the ISTAT codes of the municipalities of each feature by its id, with spaces between.

    A copy made of files narrows its pages by them.
    """
    base = served.collections.get(BASE)
    codes = [] if base is None else sorted(base.row_of)
    found: dict[str, list[str]] = {ident: [] for ident in collection.row_of}
    rows = np.array([*collection.row_of], dtype=object)
    for code in codes:
        for ident in rows[within(served, collection, code)]:
            found[ident].append(code)
    return {ident: " ".join(own) for ident, own in found.items()}


def _area(served: Served, town: str) -> shapely.Geometry | None:
    """Return a municipality, ready to be compared with many shapes; OGC:CRS84."""
    base = served.collections.get(BASE)
    if base is None or base.shapes is None:
        return None
    area = base.shapes[int(np.flatnonzero(is_text(base, "cod_istat", town))[0])]
    shapely.prepare(area)
    return area
