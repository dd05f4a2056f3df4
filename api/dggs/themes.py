"""Themes on hexagons: one figure per zone and level, whichever collection is asked.

At a level for which a theme has a collection, its zones are that collection's features. At any
coarser one they are made of the next finer collection, by the rules that the layer declares; of
protected themes the build has made them, because what a band hides cannot be summed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from threading import Lock
from typing import Final

import numpy as np

from api.dggs.aggregate import coarsened
from api.dggs.merging import members_of, texts_of, zones_of_areas, zones_of_table
from api.dggs.zones import AllZones, ThemeZones
from api.features.columns import SORTABLE, Column, read_column
from api.features.engine import Collection
from api.features.query import Period
from geo_core.formats import zone_table
from geo_core.model.grid import Cells, packed
from geo_core.model.layer import Layer
from geo_core.release.read import Release

H3: Final = "h3"
"""Field that names the cell."""

type Level = tuple[Mapping[str, Column], Sequence[Sequence[str]]]
"""Columns of a level, and the areas of the coarsest collection that each of its rows is made of."""

type Coarser = Callable[[], Mapping[int, Level]]
"""Reads what the build made of a protected theme, by level."""


def on_zones(layer: Layer) -> bool:
    """Tell whether a layer has one feature per H3 cell, or area of cells, of a resolution."""
    return layer.resolution is not None and not layer.series and H3 in layer.field_names


class Themes(dict[str, "Theme"]):
    """The themes on hexagons of a release, by the name of their family."""

    def __init__(self, themes: Mapping[str, Theme]) -> None:
        super().__init__(themes)
        self._together: dict[tuple[int, tuple[str, ...]], AllZones] = {}

    def zones(self, level: int, names: Iterable[str]) -> AllZones:
        """Return the zones of some themes together at a level, of those that can answer it."""
        able = tuple(name for name in names if level in self[name].levels)
        made = self._together.get((level, able))
        if made is None:
            made = AllZones(level, {name: self[name].zones(level) for name in able})
            self._together[level, able] = made
        return made


def themes_of(collections: Mapping[str, Collection], release: Release) -> Themes:
    """Return the themes on hexagons of a release."""
    families: dict[str, list[Collection]] = {}
    for one in collections.values():
        if on_zones(one.layer):
            families.setdefault(one.layer.family, []).append(one)
    return Themes({
        name: Theme(members, partial(_coarser, release, name, members[0].layer))
        for name, members in families.items()
    })  # fmt: skip


class Theme:
    """A family of hexagon collections. Its zones are made when they are first asked for, and kept.

    Parameters
    ----------
    members : iterable of Collection
        At least one; all of one family, each of another resolution.
    coarser : callable
        Not called of a theme that is public as it stands.
    """

    def __init__(self, members: Iterable[Collection], coarser: Coarser) -> None:
        self.members = {_resolution(one.layer): one for one in members}
        self._coarser = coarser
        self._made: dict[int, ThemeZones] = {}
        self._making = Lock()

    @property
    def layer(self) -> Layer:
        """Declaration of the finest member; all have the same fields."""
        return self.members[self.finest].layer

    @property
    def finest(self) -> int:
        """The finest level that is published."""
        return max(self.members)

    def during(self, period: Period | None) -> bool:
        """Tell whether its figures are of days of a period; all of them are of the same days."""
        first, last = self.members[self.finest].info.interval
        if period is None:
            return True
        begins_after = period.last is not None and first is not None and first > period.last
        ends_before = period.first is not None and last is not None and last < period.first
        return not (begins_after or ends_before)

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Levels that can be answered, ascending."""
        if self.layer.sensitivity == "A":
            return tuple(range(self.finest + 1))
        return tuple(sorted({*self.members, *self._table}))

    def nearest(self, level: int) -> Collection:
        """Return the coarsest member that answers a level."""
        return self.members[min(res for res in self.members if res >= level)]

    def zones(self, level: int) -> ThemeZones:
        """Return the zones of a level; KeyError for one that is not in `levels`."""
        if level not in self.levels:
            raise KeyError(level)
        with self._making:
            if level not in self._made:
                self._made[level] = self._make(level)
            return self._made[level]

    def _make(self, level: int) -> ThemeZones:
        if self.layer.sensitivity == "A":
            member = self.nearest(level)
            zones = _hexagons(member, _resolution(member.layer))
            return zones if zones.level == level else coarsened(zones, level)
        if level in self.members:
            return zones_of_areas(self.members[level], members_of(self.members[level]), level)
        columns, parts = self._table[level]
        members = [np.concatenate([self._leaves[area] for area in of]) for of in parts]
        return zones_of_table(columns, members, level)

    @cached_property
    def _table(self) -> Mapping[int, Level]:
        return self._coarser()

    @cached_property
    def _leaves(self) -> Mapping[str, Cells]:
        """Leaf cells of the areas of the coarsest collection, by id."""
        coarsest = self.members[min(self.members)]
        return dict(zip(texts_of(coarsest.columns["id"]), members_of(coarsest), strict=True))


def _coarser(release: Release, family: str, layer: Layer) -> Mapping[int, Level]:
    found = [table for table in release.manifest.zones if table.family == family]
    fields = [field for field in layer.fields if field.type in SORTABLE]
    return {
        level: (
            {field.name: read_column(field, values[field.name]) for field in fields},
            values[zone_table.PARTS],
        )
        for table in found
        for level, values in zone_table.read(release.path(table.path)).items()
    }


def _hexagons(collection: Collection, level: int) -> ThemeZones:
    names = collection.columns[H3]
    cells = packed(names.vocabulary)[names.values]
    rows = np.argsort(cells)
    return ThemeZones(level, cells[rows], rows, collection.columns, shapes=collection.shapes)


def _resolution(layer: Layer) -> int:
    if layer.resolution is None:
        raise ValueError(f"{layer.id} has no resolution")
    return layer.resolution
