"""The zones of one level, with what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from api.dggs.status import MERGED, NO_DATA, Statuses, statuses
from api.features.columns import Column, Mask, Rows
from api.features.cql2.values import Table
from geo_core.model.field import Field
from geo_core.model.grid import Cells, outlines, places

NOWHERE: Final = -1
"""Row of a zone that has none of its own."""


class Area(NamedTuple):
    """A published area that holds part of a zone: its collection (empty: none shows it), its id."""

    collection: str
    id: str


class Zones(Protocol):
    """The zones of one level, ascending, with their values."""

    @property
    def level(self) -> int:
        """H3 resolution."""
        ...

    @property
    def cells(self) -> Cells:
        """The zones of which anything is known."""
        ...

    @property
    def fields(self) -> Mapping[str, Field]:
        """What is known, by the name it has here."""
        ...

    def column(self, name: str) -> Column:
        """Return one value per zone."""
        ...

    def statuses(self, name: str) -> Statuses:
        """Return how each value of a field came about."""
        ...

    @property
    def own(self) -> Mask:
        """Which zones have values of their own; of several themes, of any of them."""
        ...

    def areas(self, place: int) -> Sequence[Area]:
        """Return the areas that a zone without values of its own lies in."""
        ...

    @property
    def table(self) -> Table:
        """What filters are evaluated on."""
        ...


@dataclass(frozen=True)
class Merged:
    """Zones that are no area of their own, and the areas they lie in.

    Attributes
    ----------
    zones : array
        Ascending; a zone stands once for each of its areas.
    areas : tuple of Area
        One for each zone.
    """

    zones: Cells
    areas: tuple[Area, ...]

    def of(self, zone: int) -> tuple[Area, ...]:
        """Return the areas of a zone; none for any that stands for itself."""
        first = int(np.searchsorted(self.zones, np.uint64(zone), side="left"))
        return self.areas[first : int(np.searchsorted(self.zones, np.uint64(zone), side="right"))]


UNMERGED: Final = Merged(np.empty(0, dtype=np.uint64), ())


@dataclass(frozen=True)
class ThemeZones:
    """The zones of a theme at one level.

    Attributes
    ----------
    rows : array of int
        Row of each zone in `columns`; `NOWHERE` for one that lies in larger areas.
    columns : mapping
        Values of the rows, by field.
    shapes : array of geometries, shape (rows,) | None
        Outline of each row, where every row is a whole hexagon; made from the index else.
    """

    level: int
    cells: Cells
    rows: Rows
    columns: Mapping[str, Column]
    merged: Merged = UNMERGED
    shapes: NDArray[np.object_] | None = None

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """What is known of a zone."""
        return {name: column.field for name, column in self.columns.items()}

    def column(self, name: str) -> Column:
        """Return one value per zone."""
        return _at(self.columns[name], self.rows)

    def statuses(self, name: str) -> Statuses:
        """Return how each value of a field came about."""
        found = statuses(name, self.columns)[self.rows]
        found[self.rows == NOWHERE] = MERGED
        return found

    @property
    def own(self) -> Mask:
        """Which zones have values of their own."""
        return np.asarray(self.rows != NOWHERE)

    def areas(self, place: int) -> tuple[Area, ...]:
        """Return the areas that a zone without values of its own lies in."""
        return self.merged.of(int(self.cells[place]))

    @cached_property
    def table(self) -> Table:
        """What filters are evaluated on."""
        shapes = outlines(self.cells.tolist()) if self.shapes is None else self.shapes[self.rows]
        return _table(self, shapes)


@dataclass(frozen=True)
class AllZones:
    """The zones of several themes at one level; a field is named `theme.field`."""

    level: int
    parts: Mapping[str, Zones]

    @cached_property
    def cells(self) -> Cells:
        """Every zone of any of them."""
        every = [part.cells for part in self.parts.values()]
        return np.unique(np.concatenate(every)) if every else np.empty(0, dtype=np.uint64)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """What is known, by the name it has here."""
        return {
            f"{theme}.{name}": field
            for theme, part in self.parts.items()
            for name, field in part.fields.items()
        }

    def column(self, name: str) -> Column:
        """Return one value per zone."""
        theme, own = name.split(".")
        return _at(self.parts[theme].column(own), self._places[theme])

    def statuses(self, name: str) -> Statuses:
        """Return how each value of a field came about."""
        theme, own = name.split(".")
        # One entry more: the place of what is nowhere is the last, counted from the end.
        found = np.append(self.parts[theme].statuses(own), np.int8(NO_DATA))
        return found[self._places[theme]]

    @cached_property
    def own(self) -> Mask:
        """Which zones have values of their own in any theme."""
        found = np.zeros(len(self.cells), dtype=np.bool_)
        for theme, part in self.parts.items():
            found |= np.append(part.own, np.False_)[self._places[theme]]
        return found

    def areas(self, place: int) -> list[Area]:
        """Return the areas that a zone without values of its own lies in, in every theme."""
        found = ((part, self._places[theme][place]) for theme, part in self.parts.items())
        return [area for part, at in found if at != NOWHERE for area in part.areas(int(at))]

    @cached_property
    def table(self) -> Table:
        """What filters are evaluated on."""
        return _table(self, outlines(self.cells.tolist()))

    @cached_property
    def _places(self) -> Mapping[str, Rows]:
        """Where each zone stands in each theme."""
        return {theme: places(self.cells, part.cells) for theme, part in self.parts.items()}


class _Columns(Mapping[str, Column]):
    """The columns of zones, put in their order when they are named."""

    def __init__(self, zones: Zones) -> None:
        self._zones = zones

    def __getitem__(self, name: str) -> Column:
        if name not in self._zones.fields:
            raise KeyError(name)
        return self._zones.column(name)

    def __contains__(self, name: object) -> bool:
        return name in self._zones.fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._zones.fields)

    def __len__(self) -> int:
        return len(self._zones.fields)


def _table(zones: Zones, shapes: NDArray[np.object_]) -> Table:
    return Table(
        size=len(zones.cells),
        columns=_Columns(zones),
        lists={},
        shapes=shapes,
        tree=shapely.STRtree(shapes),
    )


def _at(column: Column, rows: Rows) -> Column:
    """Return a column in another order; null where there is no row."""
    if not len(column.values):
        return _nothing(column, len(rows))
    known = rows != NOWHERE
    null = -1 if column.values.dtype.kind == "i" else np.nan
    values = np.where(known, column.values[rows], null).astype(column.values.dtype)
    return replace(column, values=values, valid=known & column.valid[rows])


def _nothing(column: Column, size: int) -> Column:
    values = np.full(size, -1 if column.values.dtype.kind == "i" else np.nan)
    none: Mask = np.zeros(size, dtype=np.bool_)
    return replace(column, values=values.astype(column.values.dtype), valid=none)
