"""What a filter is made of, whichever way it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo_core.errors import InvalidParameter

FILTER: Final = "filter"
MAX_LENGTH: Final = 65_536
"""Longest filter, in characters: a request body may hold more than an address."""
MAX_DEPTH: Final = 32
"""Deepest nesting of brackets, negations and functions."""
MAX_NODES: Final = 1_200
"""Most operators, names and values of a filter."""
MAX_LISTED: Final = 500
"""Most values of a list."""
MAX_VERTICES: Final = 1_000
"""Most positions of all geometries of a filter."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, a finite number or a truth value."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day: ISO text, not checked yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant in UTC: RFC 3339 text, not checked yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Interval:
    """Time from one instant or day to another; None where open."""

    start: Node | None
    end: Node | None


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the feature, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of values."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Geometry:
    """A geometry as in GeoJSON: a collection holds `parts`, any other type `coordinates`."""

    type: str
    coordinates: Coordinates = ()
    parts: tuple[Geometry, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A box: lower and upper corner, with or without heights."""

    corners: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function, by its name in lower case, and what it is applied to."""

    name: str
    args: tuple[Node, ...]


type Node = Constant | Day | Instant | Interval | Property | Items | Geometry | Box | Call
type Coordinates = tuple[float, ...] | tuple[Coordinates, ...]
"""A position, or nested lists of positions."""

NESTING: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How deep positions lie in the coordinates of each type of geometry."""
COLLECTION: Final = "GeometryCollection"


def refused(message: str, hint: str = "") -> InvalidParameter:
    """Return the error of a filter that is not answered."""
    return InvalidParameter(FILTER, message, hint=hint)


class Budget:
    """Counts what a filter is made of, and refuses it when it is too much."""

    def __init__(self) -> None:
        self._nodes = self._vertices = 0

    def node(self, depth: int) -> None:
        """Count one node at a depth."""
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise refused(f"`filter` is nested more than {MAX_DEPTH} deep")
        if self._nodes > MAX_NODES:
            raise refused(f"`filter` has more than {MAX_NODES} parts")

    def vertex(self) -> None:
        """Count one position of a geometry."""
        self._vertices += 1
        if self._vertices > MAX_VERTICES:
            raise refused(
                f"the geometries of `filter` have more than {MAX_VERTICES} positions together",
                "simplify them; the answer is about features, not about the outline",
            )

    @staticmethod
    def listed(count: int) -> None:
        """Check the length of a list."""
        if count > MAX_LISTED:
            raise refused(f"a list of `filter` has more than {MAX_LISTED} values")
