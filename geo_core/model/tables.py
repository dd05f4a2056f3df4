"""The two kinds of table a writer accepts.

`OpenTable` holds public rows (class A). `ProtectedTable` holds rows that passed disclosure
control (class B); only `geo_core.disclose` makes one, so that forgetting the step is a type
error and not a leak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from geo_core.errors import AtlanteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame

    from geo_core.model.layer import Layer

GEOMETRY: Final = "geometry"
MINT: Final = object()
"""The key to `ProtectedTable`. `geo_core.disclose` alone imports it (a test reads the tree)."""


class TableMismatch(AtlanteError):
    """A table's columns are not those of its layer."""

    code = "table"


@dataclass(frozen=True, slots=True)
class OpenTable:
    """Rows of a class A layer.

    Attributes
    ----------
    layer : Layer
        Its declaration; `sensitivity` is A.
    frame : GeoDataFrame
        One row per feature, OGC:CRS84, columns exactly `layer.field_names` and `geometry`
        (None in a layer without geometry), unique `id`.
    """

    layer: Layer
    frame: GeoDataFrame

    def __post_init__(self) -> None:
        """Check the columns, so that no field is lost or added on the way out."""
        if self.layer.sensitivity != "A":
            raise TableMismatch(
                f"layer {self.layer.id!r} is class B: its rows must pass disclosure control",
                hint="build a ProtectedTable with geo_core.disclose",
            )
        check_columns(self.layer, self.frame)


@final
class ProtectedTable:
    """Rows of a class B layer, after disclosure control. Made by `geo_core.disclose` only."""

    __slots__ = ("frame", "layer")

    def __init__(self, layer: Layer, frame: GeoDataFrame, *, key: object) -> None:
        if key is not MINT:
            raise TypeError("a ProtectedTable is made by geo_core.disclose, nowhere else")
        check_columns(layer, frame)
        self.layer = layer
        self.frame = frame


@dataclass(frozen=True, slots=True)
class ZoneLevel:
    """Rows of a protected theme at a level that is coarser than all its collections.

    Attributes
    ----------
    table : ProtectedTable
        Its layer is that of the coarsest collection.
    parts : mapping
        By id of a row: the ids of the areas of the coarsest collection that it is the union of.
    """

    table: ProtectedTable
    parts: Mapping[str, tuple[str, ...]]


type Levels = Mapping[int, ZoneLevel]
"""By H3 resolution."""

type Table = OpenTable | ProtectedTable


def check_columns(layer: Layer, frame: GeoDataFrame) -> None:
    """Raise `TableMismatch` unless the columns are the layer's and the ids are unique."""
    expected = [*layer.field_names, GEOMETRY]
    found = [str(c) for c in frame.columns]
    if found != expected:
        missing = [c for c in expected if c not in found]
        extra = [c for c in found if c not in expected]
        raise TableMismatch(
            f"layer {layer.id!r}: missing columns {missing}, unexpected columns {extra}"
            if missing or extra
            else f"layer {layer.id!r}: the columns are not in the declared order"
        )
    if frame["id"].isna().any() or frame["id"].duplicated().any():
        raise TableMismatch(f"layer {layer.id!r}: `id` is missing or repeated")
