"""Zones: a level that has a collection says what its features say; sums are the same at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from checks.audit.published import Zoned
from checks.audit.zones_asked import HEAD, ZONE, asked
from checks.doctor.asks import Collection, Door, hrefs
from checks.doctor.told import Row, Told

PUBLISHED: Final = "published"
AREA: Final = "zone_area"
STATUS: Final = "zone_status"


def check(told: Told, door: Door, of: Collection, known: Mapping[str, Collection]) -> None:
    """Compare what is said of zones at every level with the collections of these levels."""
    family, _, own = of.id.rpartition("_r")
    for href in of.hrefs("dggrs-list"):
        answers = list(asked(door, href, of.fields))
        sums = _summed(door, href)
        tables = {one.level: one for one in answers if one.how == "geojson"}
        for one in answers:
            at = f"dggs {one.how}"
            if one.how == "geojson":
                like = known.get(f"{family}_r{one.level}")
                if like is not None:
                    _features(told, of.id, at, like, one)
            elif one.how == "json":
                _packet(told, of.id, at, one, tables[one.level])
            else:
                told.same(of.id, at, _plain(tables[one.level]), _plain(one))
        if int(own) not in tables:
            told.find(of.id, "dggs", f"level {own} is not answered")
        for level, one in tables.items():
            if not any(row[AREA] for row in tables[max(tables)].rows):
                _totals(told, of, level, one, sums)


def _summed(door: Door, href: str) -> list[str]:
    """Return the fields whose sums are conserved."""
    grid = hrefs(door.json(href)["dggrs"][0]["links"], "self")[0]
    rules = door.json(grid).get("aggregation", {})
    return [name for name, of in rules.items() if of["rule"] == "sum"]


def _plain(one: Zoned) -> list[Row]:
    """Return the rows of an answer without outlines."""
    return [
        (row[ZONE], {name: v for name, v in row.items() if name not in {"geometry", "odd"}})
        for row in one.rows
    ]


def _features(told: Told, where: str, form: str, like: Collection, one: Zoned) -> None:
    """Compare zones with features: a zone is one, or names those that it is a part of."""
    parts = {
        area.rpartition("/")[2] for row in one.rows for area in (row[AREA] or "").split() if area
    }
    rows = [
        {name: value for name, value in row.items() if name not in {*HEAD, "geometry", "odd"}}
        for row in one.rows
        if row[STATUS] == PUBLISHED
    ]
    wanted = [
        (ident, {name: row[name] for name in (rows[0] if rows else row) if name in row})
        for ident, row in like.rows
        if ident not in parts
    ]
    told.same(where, form, wanted, [(str(row["id"]), row) for row in rows])
    strange = sorted(parts - {ident for ident, _ in like.rows})
    if strange:
        told.find(where, form, f"areas of level {one.level} that are no features", strange[:3])


def _packet(told: Told, where: str, form: str, one: Zoned, table: Zoned) -> None:
    """Arrays have the numbers of the table, and nothing for zones that it has not."""
    numbers = {row[ZONE]: row["values"] for row in one.rows}
    listed = {row[ZONE] for row in table.rows}
    wanted = [
        (row[ZONE], {name: row[name] for name in numbers.get(row[ZONE], {})}) for row in table.rows
    ]
    some = [(cell, values) for cell, values in numbers.items() if cell in listed]
    told.same(where, form, wanted, some)
    for cell, values in numbers.items():
        if cell not in listed and any(value is not None for value in values.values()):
            told.find(where, form, "a zone with values that the table does not have", [cell])


def _totals(told: Told, of: Collection, level: int, one: Zoned, sums: Sequence[str]) -> None:
    for name in sums:
        all_of_it = math.fsum(_numbers([row for _, row in of.rows], name))
        found = math.fsum(_numbers(one.rows, name))
        told.count(of.id, "dggs sums", 1, len(one.rows))
        if not math.isclose(all_of_it, found, rel_tol=1e-9, abs_tol=1e-9):
            told.find(
                of.id, "dggs sums", f"level {level}: {name} adds up to {found}, not {all_of_it}"
            )


def _numbers(rows: Sequence[Mapping[str, Any]], name: str) -> Iterator[float]:
    return (row[name] for row in rows if row[name] is not None)
