"""Queries at random, of what a collection holds: every parameter, and filters of every kind."""

from __future__ import annotations

from random import Random
from typing import Any

from doors import Query

from api.features.crs import CRS84, SUPPORTED
from api.features.query import sortables
from api.features.sought import searched
from checks.conform.expressions import JSON, TEXT, Expression, literal, no, op, prop, rectangle
from geo_core.model.field import Field
from geo_core.model.layer import Layer

TIMES = (
    "2022-05-01", "2021-01-01/2022-01-01", "2021-06-01/..", "../2022-03-04", "/2021-01-01",
    "2022-03-04T12:00:00Z", "../..", "2050-01-01", "1900-01-01/1990-12-31", "2022", "domani",
)  # fmt: skip
WORDS = ("sede", "sede 07,sede 08", "Sedi", "nulla", "di", "età")
COMPARING = ("=", "<>", "<", "<=", ">", ">=")
RARELY = 0.06
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_DEGREES, _LATITUDE_FIRST, _METRES = CRS84, f"{_EPSG}4326", f"{_EPSG}32632"


class Draw:
    """Queries of one collection, drawn from a source of chance."""

    def __init__(self, random: Random, layer: Layer, features: list[Any]) -> None:
        self._random, self._layer, self._features = random, layer, features

    def query(self) -> Query:
        """Draw a query; about every parameter is given in one of three."""
        drawn = {
            "limit": str(self._random.randint(1, 30)),
            "offset": str(self._random.choice([0, 0, 0, self._random.randint(0, 65)])),
            **self._sometimes(self._equal),
            **self._sometimes(self._box),
            **self._sometimes(lambda: {"datetime": self._random.choice(TIMES)}),
            **self._sometimes(self._order),
            **self._sometimes(self._properties),
            **self._sometimes(lambda: {"crs": self._random.choice(SUPPORTED)}),
            **self._sometimes(self._words, chance=0.1),
            **self._sometimes(self._odd, chance=0.1),
        }
        if self._random.random() < 0.5:
            return Query(self._layer.id, tuple(drawn.items()))
        language = self._random.choice([TEXT, JSON])
        said = {**drawn, **self._sometimes(self._filter_crs, chance=0.1)}
        return Query(self._layer.id, tuple(said.items()), self.filter(2), language)

    def _sometimes(self, draw: Any, chance: float = 0.3) -> dict[str, str]:
        return draw() if self._random.random() < chance else {}

    def _value(self, field: Field) -> Any:
        known = [f["properties"][field.name] for f in self._features]
        known = [value for value in known if value not in (None, [])]
        value = self._random.choice(known) if known else "x"
        return self._random.choice(value) if isinstance(value, list) else value

    def _equal(self) -> dict[str, str]:
        field = self._random.choice(self._layer.fields)
        value = self._value(field)
        return {field.name: str(value).lower() if isinstance(value, bool) else str(value)}

    def _corners(self) -> tuple[float, float, float, float]:
        west, south = self._random.uniform(7.9, 8.9), self._random.uniform(44.9, 45.6)
        return (
            west,
            south,
            west + self._random.uniform(0, 0.5),
            south + self._random.uniform(0, 0.4),
        )

    def _box(self) -> dict[str, str]:
        west, south, east, north = self._corners()
        kind = self._random.choice(["", "", "heights", "latitude", "metres", "round"])
        if kind == "heights":
            return {"bbox": f"{west},{south},0,{east},{north},500"}
        if kind == "latitude":
            return {"bbox": f"{south},{west},{north},{east}", "bbox-crs": _LATITUDE_FIRST}
        if kind == "metres":
            corners = 4e5 + 7e4 * (west - 8), 4.98e6 + 1e5 * (south - 45)
            return {
                "bbox": f"{corners[0]},{corners[1]},{corners[0] + 6e4},{corners[1] + 4e4}",
                "bbox-crs": _METRES,
            }
        if kind == "round":  # round the other side of the world
            return {"bbox": f"{east},{south},{west},{north}", "bbox-crs": _DEGREES}
        return {"bbox": f"{west},{south},{east},{north}"}

    def _order(self) -> dict[str, str]:
        names = self._random.sample(sortables(self._layer), self._random.randint(1, 2))
        return {"sortby": ",".join(self._random.choice(["", "+", "-"]) + name for name in names)}

    def _properties(self) -> dict[str, str]:
        names = self._layer.field_names
        return {"properties": ",".join(self._random.sample(names, self._random.randint(1, 4)))}

    def _words(self) -> dict[str, str]:
        return {"q": self._random.choice(WORDS)} if searched(self._layer) else {}

    def _odd(self) -> dict[str, str]:
        return self._random.choice([
            {"nessuno": "1"}, {"limit": "0"}, {"limit": "99999"}, {"offset": "-1"}, {"limit": "x"},
            {"bbox": "8,45,9"}, {"bbox": "8,46,9,45"}, {"bbox": "nan,45,9,46"}, {"offset": "1_0"},
            {"crs": "EPSG:4326"}, {"sortby": "nessuno"}, {"properties": "nome,nessuno"}, {"q": ""},
            {"id": ""}, {"bbox-crs": _METRES}, {"filter-lang": "altro"}, {"datetime": "/"},
        ])  # fmt: skip

    def _filter_crs(self) -> dict[str, str]:
        return {"filter-crs": self._random.choice([_DEGREES, _LATITUDE_FIRST, "EPSG:1"])}

    def filter(self, depth: int) -> Expression:
        """Draw a filter; `depth` bounds its nesting."""
        kind = self._random.random()
        if depth == 0 or kind < 0.55:
            return self._predicate()
        if kind < 0.65:
            return no(self.filter(depth - 1))
        terms = [self.filter(depth - 1) for _ in range(self._random.randint(2, 3))]
        return op(self._random.choice(["and", "or"]), *terms)

    def _predicate(self) -> Expression:
        fields = self._layer.fields
        if self._layer.geometry != "none" and self._random.random() < 0.2:
            return self._in_space()
        field = self._random.choice(fields)
        if self._random.random() < 0.15:
            return op("isNull", prop(field.name))
        draw = {"codes": self._codes, "boolean": self._truth, "date": self._day}
        other = self._number if field.type in {"integer", "number"} else self._text
        return draw.get(field.type, other)(field)

    def _compared(self, left: Expression, right: Expression) -> Expression:
        return op(self._random.choice(COMPARING), left, right)

    def _text(self, field: Field) -> Expression:
        value, name = str(self._value(field)), prop(field.name)
        return self._random.choice([
            self._compared(name, value),
            op("like", name, value[: self._random.randint(0, 5)] + "%"),
            op("like", op("casei", name), op("casei", value[:3].upper() + "_" + value[4:])),
            op("in", name, [value, str(self._value(field))]),
            op("=", op("casei", name), op("casei", value.upper())),
            op("=", op("accenti", name), op("accenti", value)),
        ])  # fmt: skip

    def _number(self, field: Field) -> Expression:
        value, name = self._value(field), prop(field.name)
        rare = self._random.random() < RARELY
        return self._random.choice([
            self._compared(name, value),
            op("between", name, value - 3, value + 3),
            op("in", name, [value, 1, 2.5, -1]),
            self._compared(op("-", op("*", name, 2), 1), op("+", name, value)),
            self._compared(op(self._random.choice("%^") if rare else "/", name, 2), value / 2),
        ])  # fmt: skip

    def _truth(self, field: Field) -> Expression:
        name = prop(field.name)
        return name if self._random.random() < RARELY else op("=", name, True)

    def _day(self, field: Field) -> Expression:
        value, name = self._value(field), prop(field.name)
        if self._random.random() < 0.6:
            return self._compared(name, literal(value, "date"))
        related = self._random.choice(["t_after", "t_before", "t_equals", "t_intersects"])
        return op(related, name, literal(value, "date"))

    def _codes(self, field: Field) -> Expression:
        sets = ("a_contains", "a_overlaps", "a_equals", "a_containedBy")
        return op(self._random.choice(sets), prop(field.name), [self._value(field)])

    def _in_space(self) -> Expression:
        corners = self._corners()
        area = rectangle(corners) if self._random.random() > RARELY else {"bbox": list(corners)}
        related = self._random.choice(["s_intersects", "s_intersects", "s_within", "s_disjoint"])
        return op(related, prop("geometry"), area)
