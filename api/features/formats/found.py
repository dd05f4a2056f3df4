"""What a query found, in pieces that are small enough to be held: the source of every format.

The values are those of the encoded features, read again, so that no format can differ from
GeoJSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from api.features.columns import Rows
from api.features.crs import CRS84, latitude_first, project
from api.features.engine import Collection
from geo_core.model.field import Field
from geo_core.model.layer import GeometryKind
from geo_core.model.text import Lang

PIECE: Final = 250
"""Features that are decoded at once: each answer on its way holds as many."""

_PROPERTIES: Final = b',"properties":'
"""As it stands once in each encoded feature: inside a text its quotes would be escaped."""

type Value = str | int | float | bool | list[str] | None
type Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Piece:
    """Some features.

    Attributes
    ----------
    columns : dict of lists
        Values by field, in the order of the fields; None for null.
    shapes : array of geometries, shape (features,) | None
        In the asked system, the axis that points east first; None in a layer without geometry.
    """

    columns: dict[str, list[Value]]
    shapes: Shapes | None

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.columns["id"])


@dataclass(frozen=True)
class Found:
    """The features of an answer.

    Attributes
    ----------
    rows : Rows
        Rows of the collection, in order.
    crs : str
        Supported URI of the coordinates to write.
    properties : tuple of str | None
        Fields that were asked for; None for all. The id is always written.
    lang : Lang
        Language of titles.
    """

    collection: Collection
    rows: Rows
    crs: str = CRS84
    properties: tuple[str, ...] | None = None
    lang: Lang = "it"

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The columns, the id first."""
        fields = self.collection.layer.fields
        if self.properties is None:
            return fields
        return tuple(f for f in fields if f.name in {"id", *self.properties})

    @property
    def kind(self) -> GeometryKind:
        """Which geometries there are."""
        return self.collection.layer.geometry

    @cached_property
    def system(self) -> Any:
        """The reference system of the coordinates, as pyproj's `CRS`."""
        authority, _version, code = self.crs.rsplit("/", 3)[1:]
        return CRS.from_authority(authority, code)

    @property
    def epsg(self) -> int:
        """The code of EPSG that files name: 4326 also for OGC:CRS84, as both have east first."""
        return 4326 if self.crs == CRS84 else int(self.system.to_epsg())

    def shapes(self, rows: Rows) -> Shapes | None:
        """Return geometries of rows in the asked system, the axis that points east first."""
        if self.collection.shapes is None:
            return None
        shapes = self.collection.shapes[rows]
        if self.crs == CRS84:
            return shapes
        moved = project(shapes, self.crs)
        return _swapped(moved) if latitude_first(self.crs) else moved

    def pieces(self) -> Iterator[Piece]:
        """Yield the features piece by piece; nothing for none."""
        for start in range(0, len(self.rows), PIECE):
            yield self._piece(self.rows[start : start + PIECE])

    def _piece(self, rows: Rows) -> Piece:
        values = [properties_of(self.collection.fragments[row]) for row in rows.tolist()]
        return Piece(
            columns={f.name: [one[f.name] for one in values] for f in self.fields},
            shapes=self.shapes(rows),
        )


def _swapped(shapes: Shapes) -> Shapes:
    """Return geometries with their two axes changed: files have the one that points east first."""
    swapped: Shapes = shapely.transform(shapes, lambda points: points[:, ::-1])
    return swapped


def properties_of(fragment: bytes) -> dict[str, Value]:
    """Return the properties of an encoded feature, without decoding its geometry."""
    start = fragment.index(_PROPERTIES) + len(_PROPERTIES)
    properties: dict[str, Value] = orjson.loads(memoryview(fragment)[start:-1])
    return properties
