"""Checks the open tables that figures are made with: residents by cell, and by cell and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import h3
import numpy as np

from checks.audit.areas import KIND, PLACE, RESIDENTS, is_cell
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published
from checks.audit.themes import Estimate

PEOPLE = (RESIDENTS, "pop")
"""Columns of residents, in open collections as well."""


def population(published: Published, leaf: int) -> dict[str, float]:
    """Return residents per cell from the open collection that has most cells, empty if none has."""
    every = (by_cell(collection) for collection in published.collections.values())
    of_leaf = (
        found for found in every if found and {h3.get_resolution(cell) for cell in found} == {leaf}
    )
    return max(of_leaf, key=len, default={})


def by_cell(collection: Collection) -> dict[str, float]:
    """Return residents per cell of an open collection with one row per cell; empty of others."""
    people = _people(collection)
    if not people or PLACE not in collection.fields or KIND in collection.fields:
        return {}
    cells = [str(cell) for cell in collection.rows[PLACE]]
    if len(set(cells)) < len(cells) or not all(map(is_cell, cells)):
        return {}
    return dict(zip(cells, collection.numbers(people).tolist(), strict=True))


def _people(collection: Collection) -> str:
    return next((name for name in PEOPLE if name in collection.fields), "")


def weights(
    tally: Tally, published: Published, made: Estimate, leaf: int
) -> Mapping[tuple[str, str], float] | None:
    """Return residents by place and cell, checked; None without such an open collection.

    The residents of a cell sum to the open population of cells, those of a place to what the open
    collection of places says. Residents of places that are not in it (in another province, or of
    no managing body) have weights as well.
    """
    collection = published.collections.get(made.weights)
    columns = {made.cells, made.key, made.residents}
    if collection is None or not columns <= set(collection.fields) or not collection.features:
        tally.find(
            made.collection,
            "estimates without the open residents by cell and place that they are made with",
            weights=made.weights,
        )
        return None
    cells, places = (collection.rows[n].astype(str).tolist() for n in (made.cells, made.key))
    residents = collection.numbers(made.residents)
    where = collection.id
    tally.each(
        (residents >= 0) & (np.mod(residents, 1) == 0),
        where,
        "residents that are no whole number",
        lambda i: {"id": collection.ids[i], "residents": residents[i]},
    )
    _sums(tally, where, _added(cells, residents), population(published, leaf), "cell")
    for other in _places(published, made):
        keys = other.rows[made.key].astype(str).tolist()
        stated = dict(zip(keys, other.numbers(_people(other)).tolist(), strict=True))
        shown = {k: n for k, n in _added(places, residents).items() if k in stated}
        _sums(tally, where, shown, stated, "place")
    return _added(list(zip(places, cells, strict=True)), residents)


def _added[K](keys: list[K], residents: np.ndarray) -> dict[K, float]:
    found: Counter[K] = Counter()
    for key, number in zip(keys, residents.tolist(), strict=True):
        found[key] += number
    return dict(found)


def _sums(
    tally: Tally, where: str, made: Mapping[str, float], stated: Mapping[str, float], what: str
) -> None:
    """Check sums against open figures; who has no residents need not be listed."""
    if not stated:
        tally.find(where, f"no open collection has the residents of each {what}")
        return
    keys = sorted(made.keys() | stated.keys())
    tally.each(
        [made.get(key, 0) == stated.get(key, 0) for key in keys],
        where,
        f"residents do not sum to those of the {what}",
        lambda i: {what: keys[i], "sum": made.get(keys[i]), "open": stated.get(keys[i])},
    )


def _places(published: Published, made: Estimate) -> Iterator[Collection]:
    """Yield the open collections with one row per place: id and key are the same."""
    for collection in published.collections.values():
        if collection.id in {made.collection, made.weights} or not _people(collection):
            continue
        if made.key in collection.fields and collection.ids == [
            str(key) for key in collection.rows[made.key]
        ]:
            yield collection
