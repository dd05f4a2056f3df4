"""Whose zones an address asks for: those of one collection, or of the whole release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, Self

from api.dggs.themes import Theme, Themes
from api.dggs.zones import Zones
from api.features.query import Period
from geo_core.errors import InvalidParameter
from geo_core.model.field import Field
from geo_core.model.layer import Layer


class Origin(Protocol):
    """What zones are asked of."""

    @property
    def path(self) -> str:
        """Address of the resource that has the zones; empty for the whole service."""
        ...

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels that can be answered, ascending."""
        ...

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Declarations of what the zones hold."""
        ...

    @property
    def fields(self) -> Mapping[str, Field]:
        """What a zone of any level may hold, by the name it has here."""
        ...

    def zones(self, level: int) -> Zones:
        """Return the zones of one of the levels."""
        ...

    def source(self, level: int) -> str:
        """Return the collection whose features are the zones of a level; empty for none."""
        ...

    def during(self, period: Period | None) -> Self | None:
        """Return what of it is of a period; None for nothing."""
        ...


@dataclass(frozen=True)
class OfCollection:
    """The zones of a collection: its theme, no finer than its own level."""

    theme: Theme
    layer: Layer

    @property
    def path(self) -> str:
        """Address of the collection."""
        return f"/collections/{self.layer.id}"

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels no finer than that of the collection."""
        own = self.layer.resolution
        return tuple(level for level in self.theme.levels if own is not None and level <= own)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The one layer."""
        return (self.layer,)

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields of the layer."""
        return {field.name: field for field in self.layer.fields}

    def zones(self, level: int) -> Zones:
        """Return the zones of one of the levels."""
        return self.theme.zones(level)

    def source(self, level: int) -> str:
        """Return the collection whose features are the zones of a level; empty for none."""
        member = self.theme.members.get(level)
        return member.id if member is not None else ""

    def during(self, period: Period | None) -> Self | None:
        """Return the same, if its figures are of a period."""
        return self if self.theme.during(period) else None


@dataclass(frozen=True)
class OfRelease:
    """The zones of every theme of a release; at each level, of those that can be answered."""

    themes: Themes
    names: tuple[str, ...]
    path: str = ""

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels that some theme answers."""
        return tuple(sorted({level for theme in self._own for level in theme.levels}))

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The finest layer of each theme."""
        return tuple(theme.layer for theme in self._own)

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields of every theme, named `theme.field`."""
        return {
            f"{name}.{field.name}": field
            for name in self.names
            for field in self.themes[name].layer.fields
        }

    def zones(self, level: int) -> Zones:
        """Return the zones of one of the levels."""
        return self.themes.zones(level, self.names)

    def source(self, level: int) -> str:  # noqa: ARG002 - of several themes
        """Return nothing: several collections have the zones of a level."""
        return ""

    def during(self, period: Period | None) -> Self | None:
        """Return the themes whose figures are of a period."""
        able = tuple(name for name in self.names if self.themes[name].during(period))
        return replace(self, names=able) if able else None

    @property
    def _own(self) -> list[Theme]:
        return [self.themes[name] for name in self.names]


def level_of(origin: Origin, level: int, parameter: str) -> Zones:
    """Return the zones of a level.

    Raises
    ------
    InvalidParameter
        The level is finer than what is published, or its figures are not in the release.
    """
    if level in origin.levels:
        return origin.zones(level)
    first, last = min(origin.levels), max(origin.levels)
    hint = f"levels {first} to {last}"
    if level > last:
        raise InvalidParameter(
            parameter,
            f"`{parameter}` asks for zones finer than those published",
            hint=hint,
        )
    raise InvalidParameter(
        parameter, f"`{parameter}` asks for a level that this release has no figures of", hint=hint
    )
