"""What an indicator and a composite index are: their method is published with their values."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from geo_core.model.text import Name, Strict, Text
from geo_core.model.units import Unit

IndicatorId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}[0-9]{2}$")]
type Level = Literal["comune", "h3_r7"]


class Goalposts(Strict):
    """The two values that min-max normalisation maps to 70 and 130.

    They belong to the published result: computed once over every Italian municipality and
    period, stored, never taken again from a subset.
    """

    min: float
    max: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError("goalposts: min is not below max")
        return self


class Indicator(Strict):
    """One indicator of the catalogue (collection `indicatori`).

    Attributes
    ----------
    field : Name
        Column of the risk collections that holds it.
    polarity : 1 or -1
        +1 when a higher value means a higher risk.
    levels : tuple
        Where its inputs exist; a municipal value is never repeated over hexagons.
    """

    field: Name
    title: Text
    definition: Text
    numerator: Text
    denominator: Text
    unit: Unit
    polarity: Literal[1, -1]
    levels: tuple[Level, ...]
    period: str
    goalposts: Goalposts


class Composite(Strict):
    """One composite index at one level.

    Attributes
    ----------
    breaks : 4 floats
        Upper bounds of classes 1 to 4: quintiles of the index over every Italian municipality.
    """

    title: Text
    level: Level
    indicators: tuple[IndicatorId, ...]
    breaks: tuple[float, float, float, float]


class Zone(Strict):
    """A ring of travel time and its weight in the enhanced catchment."""

    minutes: float = Field(gt=0)
    weight: float = Field(gt=0, le=1)


class Users(Strict):
    """Whom a kind of service is for: first and last age, both included."""

    ages: tuple[int, int]


class Accessibility(Strict):
    """How `accessibilita_h3` is computed.

    Attributes
    ----------
    detour : float
        Road distance over straight line.
    speed_kmh : float
        Mean speed, door to door.
    zones : tuple of Zone
        Ascending; the last bounds the plain catchment too.
    services : mapping
        By kind of service (`tipo_servizio`).
    """

    detour: float = Field(ge=1, le=3)
    speed_kmh: float = Field(gt=0, le=130)
    zones: tuple[Zone, ...] = Field(min_length=1)
    services: dict[str, Users]


class Measure(Strict):
    """A figure by unit that is in no index: it needs no goalposts."""

    levels: tuple[Literal["comune", "ambito"], ...] = ("comune", "ambito")
    title: Text
    definition: Text
    unit: Unit


class Indicators(Strict):
    """The file `config/indicatori.yml`."""

    method: str
    goalposts_id: str
    source: Text
    licence: str
    indicators: dict[IndicatorId, Indicator]
    composites: dict[Name, Composite]
    measures: dict[IndicatorId, Measure]
    accessibility: Accessibility

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, composite in self.composites.items():
            for ident in composite.indicators:
                if ident not in self.indicators:
                    raise ValueError(f"composite {name!r} names the unknown indicator {ident!r}")
                if composite.level not in self.indicators[ident].levels:
                    raise ValueError(f"{ident!r} does not exist at level {composite.level!r}")
        return self
