"""From the columns of an office's file to the columns of a layer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_core.model.mapping import ColumnMapping
from geo_core.model.tables import GEOMETRY

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Mapped:
    """A frame with the layer's names, and what did not fit.

    Attributes
    ----------
    frame : DataFrame or GeoDataFrame
        The mapped columns, in the order of the mapping, and the geometry if there is one.
    unmapped : tuple of str
        Columns of the file that are neither mapped nor ignored.
    missing : tuple of str
        Columns of the layer that the file should give and does not.
    """

    frame: pd.DataFrame
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]


def mapped(frame: pd.DataFrame, mapping: ColumnMapping, *, wanted: Collection[str]) -> Mapped:
    """Rename and choose columns.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        As a source returns it.
    mapping : ColumnMapping
        What the layer file says.
    wanted : collection of str
        Columns the layer needs, whether the mapping names them or not.
    """
    found = [str(name) for name in frame.columns if name != GEOMETRY]
    kept = [name for name in mapping.columns if name in found]
    given = {mapping.columns[name] for name in kept}
    expected = dict.fromkeys([*mapping.columns.values(), *wanted])
    shape = [GEOMETRY] if GEOMETRY in frame.columns else []
    return Mapped(
        frame=frame[[*kept, *shape]].rename(columns=mapping.columns),
        unmapped=tuple(n for n in found if n not in mapping.columns and n not in mapping.ignore),
        missing=tuple(name for name in expected if name not in given),
    )
