"""Recomputes open hexagons that are made of other open collections: outlines, supply, residents.

An open figure that follows from what is published beside it has no room for another one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import h3
import numpy as np

from checks.audit.areas import DECIMALS, KIND, PLACE, RESIDENTS, is_cell
from checks.audit.bounds import SLACK
from checks.audit.findings import Tally
from checks.audit.published import Collection, Feature, Published
from checks.audit.replay_weights import by_cell, population

LEAF: Final = 8
OFFICES: Final = "sedi"
SERVICES: Final = "servizi"
CHANCES: Final = "opportunita"
SUPPLY: Final = {OFFICES, SERVICES, CHANCES, "posti", "posti_liberi", "posti_ignoti", PLACE}
"""Columns of supply on hexagons."""
LISTS: Final = {OFFICES: {"servizi", "posti", "posti_liberi", "riservata", "h3_r9"},
                SERVICES: {"tipo_servizio"}, CHANCES: {"h3_r9"}}  # fmt: skip
"""Open lists that supply is counted from, and the columns it takes."""
KIND_OF: Final = "s_"
"""What the names of counts of one kind of service begin with."""
RATES: Final = {"sedi_10000": OFFICES, "posti_10000": "posti"}


def check(tally: Tally, published: Published) -> None:
    """Check every open collection on plain hexagons."""
    for collection in published.collections.values():
        if PLACE in collection.fields and KIND not in collection.fields and collection.features:
            _hexagons(tally, collection)
    people = population(published, LEAF)
    for collection in published.collections.values():
        _residents(tally, collection, people)
    lists = {name: published.collections.get(name) for name in LISTS}
    known = {name: of for name, of in lists.items() if of and LISTS[name] <= set(of.fields)}
    if known.keys() == LISTS.keys():
        counted = _supply(known, published.release[:10])
        for collection in published.collections.values():
            if set(collection.fields) >= SUPPLY:
                _on_hexagons(tally, collection, counted, people)


def _residents(tally: Tally, collection: Collection, people: Mapping[str, float]) -> None:
    """Check residents of hexagons of any resolution against those of the finest cells."""
    shown = by_cell(collection)
    resolutions = {h3.get_resolution(cell) for cell in shown}
    if len(resolutions) != 1 or not people or min(resolutions) > LEAF:
        return
    made = Counter[str]()
    for cell, number in people.items():
        made[h3.cell_to_parent(cell, min(resolutions))] += int(number)
    cells = list(shown)
    tally.each(
        [shown[cell] == made[cell] for cell in cells],
        collection.id,
        "residents of a hexagon are not those of its cells",
        lambda i: {"cell": cells[i], "shown": shown[cells[i]], "cells": made[cells[i]]},
    )


def _hexagons(tally: Tally, collection: Collection) -> None:
    """Check that the outline of a row with a cell is that of the cell, point by point."""
    shown = [f for f in collection.features if (f["geometry"] or {}).get("type") == "MultiPolygon"]
    tally.each(
        [_right(feature) for feature in shown],
        collection.id,
        "the outline is not that of the hexagon, point by point",
        lambda i: {"id": shown[i]["id"]},
    )


def _right(feature: Feature) -> bool:
    cell = str(feature["properties"][PLACE])
    if not is_cell(cell):
        return False
    ring = [[round(lon, DECIMALS), round(lat, DECIMALS)] for lat, lon in h3.cell_to_boundary(cell)]
    return bool(feature["geometry"]["coordinates"] == [[[*ring, ring[0]]]])


def _supply(lists: Mapping[str, Collection], day: str) -> dict[str, Counter[str]]:
    """Return what is counted in each cell of the finest resolution, by cell."""
    kinds = dict(zip(lists[SERVICES].ids, lists[SERVICES].rows["tipo_servizio"], strict=True))
    found: dict[str, Counter[str]] = {}
    for office in _placed(lists[OFFICES]):
        if not office["riservata"]:
            found.setdefault(office["h3_r9"], Counter()).update(_of_office(office, kinds))
    for chance in _placed(lists[CHANCES]):
        begun = (chance.get("valido_dal") or "") <= day
        if begun and (chance.get("valido_al") or day) >= day:
            found.setdefault(chance["h3_r9"], Counter()).update({CHANCES: 1})
    return found


def _placed(collection: Collection) -> Iterator[Mapping[str, Any]]:
    """Yield the properties of what is at a point."""
    for feature in collection.features:
        if (feature["geometry"] or {}).get("type") == "Point":
            yield feature["properties"]


def _of_office(office: Mapping[str, Any], kinds: Mapping[str, Any]) -> Counter[str]:
    offered = [ident for ident in (office["servizi"] or "").split(";") if ident]
    counts = Counter(f"{KIND_OF}{kinds.get(ident)}" for ident in offered)
    counts.update({
        OFFICES: 1,
        SERVICES: len(offered),
        "posti": office["posti"] or 0,
        "posti_liberi": office["posti_liberi"] or 0,
        "posti_ignoti": office["posti"] is None,
    })  # fmt: skip
    return counts


def _on_hexagons(
    tally: Tally,
    collection: Collection,
    counted: Mapping[str, Counter[str]],
    people: Mapping[str, float],
) -> None:
    cells = [str(cell) for cell in collection.rows[PLACE]]
    resolution = h3.get_resolution(cells[0]) if cells else LEAF
    made: dict[str, Counter[str]] = {}
    for cell, counts in counted.items():
        made.setdefault(h3.cell_to_parent(cell, resolution), Counter()).update(counts)
    if people:
        for cell, number in people.items():
            above = h3.cell_to_parent(cell, resolution)
            if above in made:
                made[above][RESIDENTS] += int(number)
    tally.require(
        sorted(made) == sorted(cells),
        collection.id,
        "hexagons that are not those with offices or opportunities",
        cells=sorted(made.keys() ^ set(cells))[:3],
    )
    names = [n for n in collection.fields if n in SUPPLY - {PLACE} or n.startswith(KIND_OF)]
    for name in names:
        _column(tally, collection, name, [made.get(cell, Counter())[name] for cell in cells])
    for name, of in RATES.items() if people else ():
        if name in collection.fields:
            rates = [_rate(made.get(cell, Counter()), of) for cell in cells]
            _column(tally, collection, name, rates)


def _rate(counts: Counter[str], of: str) -> float:
    lived = counts[RESIDENTS]
    return round(10_000 * counts[of] / lived, 2) if lived else np.nan


def _column(tally: Tally, collection: Collection, name: str, made: list[float]) -> None:
    shown = collection.numbers(name)
    right = np.array(made, np.float64)
    tally.each(
        (np.abs(shown - right) <= SLACK) | (np.isnan(shown) & np.isnan(right)),
        collection.id,
        f"{name} does not follow from the published points",
        lambda i: {"id": collection.ids[i], "shown": shown[i], "points": right[i]},
    )
