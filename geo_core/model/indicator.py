"""What an indicator and a composite index are: their method is published with their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from geo_core.model.text import Name, Strict, Text
from geo_core.model.units import Unit

IndicatorId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}([0-9]{2}|-[A-Z]{2})?$")]
type Level = Literal["comune", "h3_r7"]
type Minimum = Literal["ambito", "comune", "sezione", "h3_r7", "h3_r8", "sede"]
type Interval = Literal["share", "ratio", "count", "denominator", "noise", "variants", "none"]
"""Where the interval of a value comes from (codelist `metodo_intervallo`)."""


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


class Measure(Strict):
    """One indicator of the catalogue (collection `indicatori`).

    Attributes
    ----------
    theme, kind : str
        What it is about, and whether it tells of structure, process or outcome (the three codes
        of OntoPiA's indicator types).
    numerator, denominator : Text
        What is counted, and by what it is divided; a plain number is divided by nothing.
    polarity : 1, 0 or -1
        1 when a higher value means a higher risk, 0 when it is context and no risk by itself.
    minimum_level : str
        The finest level at which its inputs are measured. It has no value below.
    estimated_to : str, optional
        The finer level at which an index takes an estimate of it, from the population by cell.
    origin : str
        What is needed to compute it: official residents, an import, registers of the offices,
        records of the third sector, or its own seven inputs.
    version : int
        Of the method; a value is comparable with those of the same version alone.
    collections : tuple of str
        Families of the collections that hold its values.
    """

    title: Text
    definition: Text
    theme: str
    kind: Literal["structure", "process", "outcome"]
    numerator: Text
    denominator: Text | None = None
    formula: str
    unit: Unit
    polarity: Literal[1, 0, -1]
    minimum_level: Minimum
    estimated_to: Literal["h3_r7"] | None = None
    origin: Literal["residenti", "importazione", "registri", "rilevazioni"]
    source: Text
    licence: str
    period: str
    version: int = Field(1, ge=1)
    interval: Interval
    collections: tuple[Name, ...] = ()

    @property
    def levels(self) -> frozenset[str]:
        """Levels at which an index may be made of it."""
        return frozenset(filter(None, (self.minimum_level, self.estimated_to)))


class Treatment(Strict):
    """What was done about outliers before goalposts were taken (OECD and JRC handbook, 2008).

    An indicator is treated if its values over all Italian municipalities have a skewness beyond 2
    and a kurtosis beyond 3.5, both in absolute value.

    Attributes
    ----------
    kind : str
        `none` if nothing had to be done.
    skewness, kurtosis : float
        Of the values that goalposts were taken from (unbiased estimators; 0 for a normal one).
    """

    kind: Literal["none"]
    skewness: float = Field(ge=-2, le=2)
    kurtosis: float


class Indicator(Measure):
    """An indicator that an index is made of.

    Attributes
    ----------
    field : Name
        Column of the risk collections that holds it.
    """

    polarity: Literal[1, -1]
    field: Name
    goalposts: Goalposts
    treatment: Treatment


class Composite(Strict):
    """One composite index: the same at all its levels, so that classes mean the same.

    Attributes
    ----------
    breaks : 4 floats
        Upper bounds of classes 1 to 4: quintiles of the index over every Italian municipality.
    """

    title: Text
    levels: tuple[Level, ...]
    indicators: tuple[IndicatorId, ...]
    breaks: tuple[float, float, float, float]


class Zone(Strict):
    """A ring of travel time and its weight in the enhanced catchment."""

    minutes: float = Field(gt=0)
    weight: float = Field(gt=0, le=1)


class Users(Strict):
    """Whom a kind of service is for, and which of its offices count.

    Attributes
    ----------
    ages : 2 int
        First and last age, both included.
    kind : str, optional
        The kind of service, where its figures have another name.
    open_at : str, optional
        A moment of an ordinary week, such as ``Sa 10:00`` or ``Aug Sa 10:00``: only offices
        whose hours say that they are open then count.
    """

    ages: tuple[Annotated[int, Field(ge=0, le=100)], Annotated[int, Field(ge=0, le=100)]]
    kind: Name | None = None
    open_at: str | None = Field(
        None,
        pattern=r"^([A-Z][a-z]{2} )?(Mo|Tu|We|Th|Fr|Sa|Su) ([01][0-9]|2[0-3]):[0-5][0-9]$",
    )


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


class Indicators(Strict):
    """The file `config/indicatori.yml`.

    Attributes
    ----------
    gaps : mapping
        By category of need, the kind of service whose places in reach are held against it.
    """

    method: str
    goalposts_id: str
    indicators: dict[IndicatorId, Indicator]
    composites: dict[Name, Composite]
    measures: dict[IndicatorId, Measure]
    accessibility: Accessibility
    gaps: dict[str, Name]

    @property
    def all(self) -> Mapping[IndicatorId, Measure]:
        """Return every entry of the catalogue."""
        return {**self.measures, **self.indicators}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if twice := self.measures.keys() & self.indicators.keys():
            raise ValueError(f"{min(twice)!r} is there twice")
        for name, composite in self.composites.items():
            for ident in composite.indicators:
                if ident not in self.indicators:
                    raise ValueError(f"composite {name!r} names the unknown indicator {ident!r}")
                if missing := set(composite.levels) - self.indicators[ident].levels:
                    raise ValueError(f"{ident!r} does not exist at level {min(missing)!r}")
        return self
