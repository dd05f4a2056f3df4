"""Filters made of what a collection holds: for each kind of condition, some with known answers."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final

from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    box,
    mapping,
)
from shapely.geometry.base import BaseGeometry

from checks.conform.evaluate import SPATIAL, TEMPORAL
from checks.conform.expressions import (
    Expression,
    both,
    either,
    literal,
    no,
    op,
    prop,
    rectangle,
)
from checks.conform.table import Table, geometry_of

ORDERED: Final = ("integer", "number", "date", "datetime")
SCALARS: Final = ("text", "boolean", *ORDERED)
INSTANTS: Final = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
"""Relations that a single instant can have."""

type Cases = Callable[[Table], Iterator[Expression]]


def values_of(table: Table, column: str) -> list[Any]:
    """Return the values of a column that are not null, sorted."""
    found = [feature["properties"].get(column) for feature in table.features]
    return sorted(value for value in found if value is not None)


def middle(table: Table, column: str) -> Any:
    """Return a value of a column that lies in the middle."""
    return statistics.median_low(values_of(table, column))


def _columns(table: Table, *kinds: str) -> Iterator[tuple[str, str, Any]]:
    """Yield one column of each kind: name, kind and a value."""
    for kind in kinds:
        if (name := table.column(kind)) is not None:
            yield name, kind, middle(table, name)


def comparisons(table: Table) -> Iterator[Expression]:
    """Yield comparisons of columns with values."""
    for name, kind, value in _columns(table, *SCALARS):
        yield from (op(sign, prop(name), literal(value, kind)) for sign in ("=", "<>"))
        if kind in ORDERED:
            signs = ("<", ">", "<=", ">=")
            yield from (op(sign, prop(name), literal(value, kind)) for sign in signs)


def nulls(table: Table) -> Iterator[Expression]:
    """Yield conditions on what is null."""
    for name, _kind, _value in _columns(table, *SCALARS):
        yield op("isNull", prop(name))
        yield no(op("isNull", prop(name)))


def logic(table: Table) -> Iterator[Expression]:
    """Yield combinations of conditions, and the two constants."""
    columns = list(_columns(table, *SCALARS))
    for (one, kind, value), (two, other, another) in pairwise(columns):
        a = op("=", prop(one), literal(value, kind))
        b = op("<>", prop(two), literal(another, other))
        yield both(a, b)
        yield either(a, b)
        yield no(both(a, b))
        yield either(a, both(b, no(a)))
        yield both(either(a, b), no(a))
    if columns:
        yield True
        yield False


def unset(table: Table) -> Iterator[Expression]:
    """Yield conditions that nulls neither meet nor fail."""
    for name, kind, value in _columns(table, *SCALARS):
        yield no(op("=", prop(name), literal(value, kind)))
        yield either(op("isNull", prop(name)), op("=", prop(name), literal(value, kind)))


def between(table: Table) -> Iterator[Expression]:
    """Yield ranges of numbers."""
    for name, _kind, value in _columns(table, "integer", "number"):
        low = values_of(table, name)[0]
        yield op("between", prop(name), low, value)
        yield no(op("between", prop(name), low, value))
        yield op("between", prop(name), value, low)


def among(table: Table) -> Iterator[Expression]:
    """Yield lists of values."""
    for name, kind, value in _columns(table, *SCALARS):
        few = [literal(v, kind) for v in dict.fromkeys([values_of(table, name)[0], value])]
        yield op("in", prop(name), few)
        yield no(op("in", prop(name), few))


def patterns(table: Table) -> Iterator[Expression]:
    """Yield patterns of text."""
    for name, _kind, value in _columns(table, "text"):
        for pattern in _patterns(str(value)):
            yield op("like", prop(name), pattern)
        yield no(op("like", prop(name), f"{_plain(str(value)[:1])}%"))


def _patterns(value: str) -> Iterator[str]:
    yield f"{_plain(value[:2])}%"
    yield f"%{_plain(value[-2:])}"
    yield f"_{_plain(value[1:])}"
    yield f"_{_plain(value)}"
    yield "%"
    yield "_%"
    yield ""
    yield "\\%\\_"


def _plain(text: str) -> str:
    return "".join(f"\\{c}" if c in "%_\\" else c for c in text)


def caseless(table: Table) -> Iterator[Expression]:
    """Yield comparisons that disregard case."""
    yield from _folded(table, "casei", lambda text: text.swapcase())


def accentless(table: Table) -> Iterator[Expression]:
    """Yield comparisons that disregard accents."""
    accents = str.maketrans("aeiou", "àèìòù")
    yield from _folded(table, "accenti", lambda text: text.translate(accents))


def _folded(table: Table, name: str, change: Callable[[str], str]) -> Iterator[Expression]:
    for column, _kind, value in _columns(table, "text"):
        other = change(str(value))
        yield op("=", op(name, prop(column)), op(name, other))
        yield op("<>", op(name, prop(column)), op(name, other))
        yield op("in", op(name, prop(column)), [op(name, other)])
        yield op("=", prop(column), other)


def folded_patterns(table: Table) -> Iterator[Expression]:
    """Yield patterns that disregard case."""
    for column, _kind, value in _columns(table, "text"):
        for text in (str(value)[:3].lower(), str(value)[:3].upper()):
            yield op("like", op("casei", prop(column)), op("casei", f"{_plain(text)}%"))


def _geometries(table: Table) -> list[BaseGeometry]:
    return [g for feature in table.features if (g := geometry_of(feature)) is not None]


def intersections(table: Table) -> Iterator[Expression]:
    """Yield intersections with points and boxes."""
    for name, one, around in _places(table):
        point = one.representative_point()
        yield op("s_intersects", prop(name), dict(mapping(point)))
        yield op("s_intersects", prop(name), {"bbox": list(around)})
        yield no(op("s_intersects", prop(name), {"bbox": list(around)}))


def _places(table: Table) -> Iterator[tuple[str, BaseGeometry, tuple[float, float, float, float]]]:
    """Yield the spatial queryable, one geometry, and a box that holds about half of all."""
    geometries = _geometries(table)
    if table.geometry is None or not geometries:
        return
    one = geometries[len(geometries) // 2]
    west, south = (min(g.bounds[side] for g in geometries) for side in (0, 1))
    east, north = (max(g.bounds[side] for g in geometries) for side in (2, 3))
    width = (east - west) * 0.5137 + 1e-4
    yield table.geometry, one, (west - 1e-4, south - 1e-4, west + width, north + 1e-4)


def intersections_plus(table: Table) -> Iterator[Expression]:
    """Yield intersections with literals of every type of geometry."""
    for name, one, around in _places(table):
        point = one.representative_point()
        west, south, east, north = around
        line = LineString([(west, south), (point.x, point.y), (east, north)])
        area = box(*around)
        shapes = (point, line, area, MultiPoint([point, Point(west, south)]))
        for geometry in (
            *shapes,
            MultiLineString([line]),
            MultiPolygon([area]),
            GeometryCollection([point, line]),
        ):
            yield op("s_intersects", prop(name), dict(mapping(geometry)))


def relations(table: Table) -> Iterator[Expression]:
    """Yield every relation of geometries with an area, a line, a vertex and a geometry itself."""
    for name, one, around in _places(table):
        west, south, east, north = one.bounds
        x, y = one.centroid.x, one.centroid.y
        line = LineString([(west - 0.013, y - 0.0011), (east + 0.011, y + 0.0017)])
        vertex = _vertex(one)
        half = (west - 1e-3, south - 1e-3, x + 1e-5, north + 1e-3)
        literals: list[Expression] = [rectangle(around), rectangle(half), dict(mapping(line))]
        literals += [dict(mapping(Point(vertex))), dict(mapping(one))]
        for relation in SPATIAL:
            yield from (op(relation, prop(name), geometry) for geometry in literals)


def _vertex(geometry: BaseGeometry) -> tuple[float, float]:
    part = geometry
    while hasattr(part, "geoms"):
        part = part.geoms[0]
    ring = part.exterior if hasattr(part, "exterior") else part
    return (ring.coords[0][0], ring.coords[0][1])


def instants(table: Table) -> Iterator[Expression]:
    """Yield relations of a column with an instant and with an interval."""
    for name, kind, value in _columns(table, "date", "datetime"):
        values = values_of(table, name)
        interval = {"interval": [_side(values[0], kind), _side(value, kind)]}
        for relation in INSTANTS:
            yield op(relation, prop(name), literal(value, kind))
            if relation != "t_equals":
                yield op(relation, prop(name), interval)


def denied_instants(table: Table) -> Iterator[Expression]:
    """Yield relations with an instant, and their negations, which nulls do not meet either."""
    for name, kind, value in _columns(table, "date", "datetime"):
        for relation in INSTANTS:
            yield op(relation, prop(name), literal(value, kind))
            yield no(op(relation, prop(name), literal(value, kind)))


def _side(value: object, kind: str) -> str:
    made = literal(value, kind)
    return str(next(iter(made.values()))) if isinstance(made, dict) else str(made)


def intervals(table: Table) -> Iterator[Expression]:
    """Yield every relation of an interval between two columns with intervals round its values."""
    if table.times is None or table.times[0] == table.times[1]:
        return
    start, end = table.times
    kind = table.queryables.get(start)
    if kind not in {"date", "datetime"} or table.queryables.get(end) != kind:
        return
    rows = [feature["properties"] for feature in table.features]
    known = {(row[start], row[end]) for row in rows if row.get(start) and row.get(end)}
    own = {"interval": [prop(start), prop(end)]}
    for low, high in sorted((a, b) for a, b in known if a < b)[:1]:
        asked = [(low, high), ("1990-01-01", low), (high, "2090-12-31"), ("1990-01-01", high)]
        for one, other in asked:
            fixed = {"interval": [_side(_alike(one, kind), kind), _side(_alike(other, kind), kind)]}
            yield from (op(relation, own, fixed) for relation in TEMPORAL)


def _alike(value: str, kind: str) -> str:
    return f"{value}T00:00:00Z" if kind == "datetime" and len(value) == 10 else value


def arrays(table: Table) -> Iterator[Expression]:
    """Yield relations of lists."""
    name = table.column("array", distinct=1)
    if name is None:
        return
    held = [f["properties"].get(name) for f in table.features]
    full = [value for value in held if value]
    for value in full[:1]:
        for other in (value, value[:1], [*value, "zzz"], ["zzz"]):
            for relation in ("a_equals", "a_contains", "a_containedby", "a_overlaps"):
                yield op(relation, prop(name), other)


def sides(table: Table) -> Iterator[Expression]:
    """Yield comparisons with the value first, of a column with itself, and of two values."""
    for name, kind, value in _columns(table, *SCALARS):
        yield op("=", literal(value, kind), prop(name))
        yield op("<>", literal(value, kind), prop(name))
        yield op("=", prop(name), prop(name))
        yield op("<>", prop(name), prop(name))
        yield op("=", literal(value, kind), literal(value, kind))
        if kind in ORDERED:
            yield op(">", literal(value, kind), prop(name))
            yield op("<=", prop(name), prop(name))
            yield op("<", literal(value, kind), literal(value, kind))


def two_columns(table: Table) -> Iterator[Expression]:
    """Yield comparisons of two columns of numbers or of times."""
    numbers = [name for name, kind in table.queryables.items() if kind in {"integer", "number"}]
    times = [name for name in table.times or () if table.queryables.get(name) == "date"]
    for pair in (numbers[:2], list(dict.fromkeys(times))):
        if len(pair) == 2:
            yield from (op(sign, *map(prop, pair)) for sign in ("=", "<", ">="))


def sums(table: Table) -> Iterator[Expression]:
    """Yield conditions on what is calculated."""
    for name, _kind, value in _columns(table, "integer"):
        x = prop(name)
        yield op("=", op("+", x, 1), value + 1)
        yield op(">", op("-", x, 1), value - 1)
        yield op("=", op("*", x, 2), value * 2)
        yield op("<", op("/", x, 0.5), value * 2)
        yield op("=", op("div", x, 2), int(value / 2))
        yield op("=", op("^", x, 2), value**2)
        yield op(">", op("+", 1, op("*", x, 2)), op("*", op("+", 1, value), 2))
        yield op("=", op("-", op("-", x, 1), 1), value - 2)
        if values_of(table, name)[0] >= 0:
            yield op("=", op("%", x, 2), value % 2)
    for name, _kind, value in _columns(table, "number"):
        yield op(">", op("*", prop(name), 2), value * 2 + 1e-6)
        yield op("between", op("+", prop(name), 1), value, value + 1.5)
