"""Rows of a table as every format writes them: one order, one winding, plain values.

GeoParquet and the fragments must agree row by row, so the order is decided here and nowhere
else. The values are plain Python (None, str, int, float, bool, list of str), whatever the
table's column types are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_core.errors import ReleaseError
from geo_core.model.field import Field, FieldType
from geo_core.model.layer import GeometryKind, Layer
from geo_core.model.mercator import Bounds
from geo_core.model.tables import GEOMETRY, Table

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

type Value = str | int | float | bool | list[str] | None
"""What a property is in JSON; never a nested object."""

_HILBERT_LEVEL: Final = 16


@dataclass(frozen=True, slots=True)
class Rows:
    """A table in the order of the release.

    Attributes
    ----------
    columns : dict of lists
        One list of n values per field, in the order of `layer.field_names`.
    geometry : array of shape (n,)
        Shapely geometries, OGC:CRS84, of the layer's declared type, exterior rings
        counter-clockwise (RFC 7946); None where a row has none.
    """

    layer: Layer
    columns: dict[str, list[Value]]
    geometry: NDArray[Any]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.geometry)

    @property
    def ids(self) -> list[str]:
        """The text ids, in order."""
        return [str(value) for value in self.columns["id"]]


def rows_of(table: Table) -> Rows:
    """Return the rows of a table in the order of the release.

    Raises
    ------
    ReleaseError
        A value is not of its field's type, or a geometry is not of the layer's.
    """
    order = row_order(table.frame)
    frame = table.frame.iloc[order]
    return Rows(
        layer=table.layer,
        columns={f.name: _values(table.layer, f, frame[f.name]) for f in table.layer.fields},
        geometry=_shaped(table.layer, np.asarray(frame[GEOMETRY], dtype=object)),
    )


def row_order(frame: GeoDataFrame) -> NDArray[np.intp]:
    """Return the positions of the rows in the order of the release.

    Along a Hilbert curve over the collection's own box, so that a small map area lies in few
    row groups; ties by id, and rows without geometry last. A collection without geometry is
    therefore simply ordered by id.
    """
    ids = frame["id"].astype(str).to_numpy(dtype=object)
    shapes = np.asarray(frame[GEOMETRY], dtype=object)
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    along = np.full(len(frame), np.iinfo(np.int64).max, dtype=np.int64)
    if placed.any():
        along[placed] = frame.geometry[placed].hilbert_distance(level=_HILBERT_LEVEL)
    return np.lexsort((ids, along))


def box(geometry: NDArray[Any]) -> Bounds | None:
    """Return the smallest and largest coordinates of geometries; None if there is none.

    Parameters
    ----------
    geometry : array of shape (n,)
        Shapely geometries or None, in any CRS.
    """
    boxes = shapely.bounds(geometry).reshape(-1, 4)
    boxes = boxes[~np.isnan(boxes).any(axis=1)]
    if not len(boxes):
        return None
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def _values(layer: Layer, field: Field, column: Any) -> list[Value]:
    """Return one column as plain values; NA and NaN become None."""
    plain = _PLAIN[field.type]
    try:
        return [
            None if missing else plain(value)
            for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True)
        ]
    except (TypeError, ValueError):
        raise ReleaseError(
            f"a value of field {field.name!r} is not of type {field.type!r}", where=layer.id
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool | np.bool_) or value != int(value):
        raise TypeError
    return int(value)


def _number(value: Any) -> float:
    if not math.isfinite(value):
        raise ValueError
    return float(value) + 0.0  # no zero below zero: its sign would be a bit that nobody sees


def _boolean(value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise TypeError
    return bool(value)


def _codes(value: Any) -> list[str]:
    if isinstance(value, str):
        raise TypeError
    return sorted({_text(code) for code in value})  # a set: another order would say something


_PLAIN: Final[Mapping[FieldType, Callable[[Any], Value]]] = {
    "text": _text,
    "date": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "codes": _codes,
}


_MISSING: Final = -1
_TYPES: Final[Mapping[GeometryKind, tuple[shapely.GeometryType, ...]]] = {
    "none": (),
    "Point": (shapely.GeometryType.POINT,),
    "MultiPolygon": (shapely.GeometryType.MULTIPOLYGON,),
    "Geometry": (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOLYGON),
}


def _shaped(layer: Layer, geometry: NDArray[Any]) -> NDArray[Any]:
    """Return the geometries as the layer declares them, wound as RFC 7946 asks."""
    geometry = _multipolygons(geometry)
    wrong = ~np.isin(shapely.get_type_id(geometry), (_MISSING, *_TYPES[layer.geometry]))
    if wrong.any() or shapely.is_empty(geometry).any():
        raise ReleaseError(
            f"a geometry is empty or not of the declared type {layer.geometry!r}", where=layer.id
        )
    return geometry


def _multipolygons(geometry: NDArray[Any]) -> NDArray[Any]:
    single = shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON
    out = geometry.copy()
    out[single] = shapely.multipolygons(geometry[single], indices=np.arange(single.sum()))
    return np.asarray(shapely.orient_polygons(out, exterior_cw=False), dtype=object)
