"""Answers of zones are held against the features, and against each other where there are none.

A zone shows the figures of an area that lies in it and in no other, if no other area reaches into
it; any other zone of the district shows which areas hold it and nothing else. Which those are
follows from the members of the areas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import h3
import numpy as np

from checks.audit import zones
from checks.audit.areas import areas_of
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published, Zoned
from checks.audit.themes import Theme
from checks.audit.zones_asked import HEAD, ZONE

NEAR: Final = 1e-7
"""Degrees by which a corner of a zone may be off."""
PUBLISHED, MERGED, NO_DATA = "published", "merged", "no-data"
STATUS: Final = "_stato"


@dataclass(frozen=True)
class Known:
    """What has to be said of the zones of a level.

    Attributes
    ----------
    rows : mapping
        Properties by zone; None where it has no figures of its own.
    areas : mapping
        By zone that has none: the areas that hold it, as collection and id.
    """

    rows: Mapping[str, Mapping[str, Any] | None]
    areas: Mapping[str, list[tuple[str, str]]]


def check(tally: Tally, published: Published) -> None:
    """Check every answer about zones."""
    for ident, answers in published.zoned.items():
        if not ident:
            _together(tally, published, answers)
            continue
        collection = published.collections[ident]
        theme = zones.theme_of(published, collection)
        if theme is None:
            continue
        for level in sorted({one.level for one in answers}):
            known = _known(published, theme, collection, level)
            for one in answers:
                if one.level == level:
                    where = f"{ident}, {one.how} of level {level}"
                    tally.require(known is not None, where, "figures of a level without any")
                    if known is not None:
                        _answer(tally, where, one, known, (collection, theme))


def family(ident: str) -> str:
    """Return what all themes together call the theme of a collection on cells."""
    return ident.rpartition("_r")[0]


def _together(tally: Tally, published: Published, answers: Sequence[Zoned]) -> None:
    """Check what is said of all themes together: each has the figures that it has alone."""
    for collection in published.collections.values():
        theme = zones.theme_of(published, collection)
        members = {} if theme is None else zones.members_of(published, theme)
        if theme is not None and members and members[max(members)] is collection:
            for one in answers:
                known = _known(published, theme, collection, one.level)
                _theme(tally, one, {} if known is None else known.rows, collection)


def _theme(
    tally: Tally,
    one: Zoned,
    known: Mapping[str, Mapping[str, Any] | None],
    collection: Collection,
) -> None:
    prefix = f"{family(collection.id)}."
    found = [
        {n.removeprefix(prefix): v for n, v in row.items() if n.startswith(prefix)}
        for row in one.rows
    ]
    cells = [row[ZONE] for row in one.rows]
    tally.require(len(set(cells)) == len(cells), f"all themes, level {one.level}", "a zone twice")
    tally.each(
        [
            values.keys() <= collection.fields.keys()
            and values == {name: (known.get(zone) or {}).get(name) for name in values}
            for zone, values in zip(cells, found, strict=True)
        ],
        f"{prefix[:-1]} among all themes, level {one.level}",
        "a zone is told otherwise than by the theme alone",
        lambda i: {"zone": cells[i]},
    )


def _known(published: Published, theme: Theme, collection: Collection, level: int) -> Known | None:
    """Return what is known of a level: its collection's features, or what the coarsest one says."""
    members = zones.members_of(published, theme)
    if level in members:
        own = members[level]
        areas = areas_of(own, theme, np.arange(len(own.features)))
        cells = dict(zip(own.ids, areas.members, strict=True))
        return _of_areas(own, cells, level, own.id)
    of_level = [
        one
        for one in published.zones.values()
        if one.document[zones.LEVEL] == level and one.like in {m.id for m in members.values()}
    ]
    if not of_level or collection.id not in {m.id for m in members.values()}:
        return None
    like = published.collections[of_level[0].like]
    return _of_areas(of_level[0], zones.areas_at(published, like, level), level, "")


def _of_areas(
    shown: Collection, cells: Mapping[str, Sequence[str]], level: int, named: str
) -> Known:
    features = {str(f["id"]): f["properties"] for f in shown.features}
    touched: dict[str, list[str]] = {}
    reach: dict[str, set[str]] = {}
    for ident, members in cells.items():
        reach[ident] = {h3.cell_to_parent(cell, level) for cell in members}
        for zone in reach[ident]:
            touched.setdefault(zone, []).append(ident)
    rows: dict[str, Mapping[str, Any] | None] = {}
    areas: dict[str, list[tuple[str, str]]] = {}
    for zone, idents in touched.items():
        alone = len(idents) == 1 and len(reach[idents[0]]) == 1
        rows[zone] = features.get(idents[0], {}) if alone else None
        areas[zone] = [] if alone else sorted((named, ident) for ident in idents)
    return Known(rows, areas)


def _answer(
    tally: Tally, where: str, one: Zoned, known: Known, of: tuple[Collection, Theme]
) -> None:
    collection, theme = of
    cells = [row[ZONE] for row in one.rows]
    tally.require(len(set(cells)) == len(cells), where, "a zone that is told twice")
    some = [row for row in one.rows if one.how != "json" or row[ZONE] in known.rows]
    tally.require(
        {row[ZONE] for row in some} == known.rows.keys(),
        where,
        "the zones are not those of which anything is known",
        others=sorted({row[ZONE] for row in some} ^ known.rows.keys())[:9],
    )
    made = [
        _packet(row[ZONE], known, collection, theme)
        if one.how == "json"
        else _row(row[ZONE], known, collection, one.level)
        for row in one.rows
    ]
    tally.each(
        [
            {**expected, "odd": []} == {"odd": [], **_plain(row)} and _placed(row)
            for row, expected in zip(one.rows, made, strict=True)
        ],
        where,
        "a zone is told otherwise than the features tell its areas",
        lambda i: {"zone": cells[i], "differ": sorted(_differing(_plain(one.rows[i]), made[i]))},
    )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without its outline; areas in one order."""
    plain = {name: value for name, value in row.items() if name != "geometry"}
    if isinstance(held := plain.get("zone_area"), str):
        plain["zone_area"] = " ".join(sorted(held.split(" ")))
    return plain


def _row(zone: str, known: Known, collection: Collection, level: int) -> dict[str, Any]:
    """Return the row that a table has of a zone."""
    own, held = known.rows.get(zone), known.areas.get(zone, [])
    head = (zone, level, MERGED if own is None else PUBLISHED, _written(held))
    fields = {name: None if own is None else own.get(name) for name in collection.fields}
    return {**dict(zip(HEAD, head, strict=True)), **fields}


def _written(held: Sequence[tuple[str, str]]) -> str | None:
    return " ".join(sorted(f"{of}/{ident}" if of else ident for of, ident in held)) or None


def _packet(zone: str, known: Known, collection: Collection, theme: Theme) -> dict[str, Any]:
    """Return what DGGS-JSON says of a zone."""
    own, there = known.rows.get(zone), zone in known.rows
    names = [n for n, f in collection.fields.items() if f.type in {"integer", "number"}]
    missing = MERGED if there else NO_DATA
    return {
        ZONE: zone,
        "values": {name: None if own is None else own.get(name) for name in names},
        "status": {name: missing if own is None else _status(name, own, theme) for name in names},
        "areas": known.areas.get(zone, []),
    }


def _status(name: str, own: Mapping[str, Any], theme: Theme) -> str:
    """Return why a value is as it is: that of the count it is made of, where it has none."""
    if own.get(name) is not None:
        return PUBLISHED
    counts = [r.count for n, r in theme.rates.items() if name in {n, r.low, r.high}]
    said = next((own[n + STATUS] for n in (name, *counts) if n + STATUS in own), NO_DATA)
    return NO_DATA if said == PUBLISHED else str(said)


def _placed(row: Mapping[str, Any]) -> bool:
    """Tell whether an outline, if there is one, is that of the zone."""
    if "geometry" not in row:
        return True
    shape, corners = row["geometry"], h3.cell_to_boundary(row[ZONE])
    made = np.array([(lon, lat) for lat, lon in (*corners, corners[0])])
    if shape["type"] != "Polygon" or len(shape["coordinates"]) != 1:
        return False
    found = np.array(shape["coordinates"][0])
    return found.shape == made.shape and bool((np.abs(found - made) <= NEAR).all())


def _differing(row: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[str]:
    for name in row.keys() | made.keys():
        if row.get(name, ...) != made.get(name, ...) and (name != "odd" or row[name]):
            yield name
