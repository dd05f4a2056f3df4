"""Recomputes the figures of areas: outlines, residents, sums, shares, medians."""

from __future__ import annotations

from collections.abc import Mapping

import h3
import numpy as np

from checks.audit.areas import (
    CELLS,
    GROUP,
    KIND,
    PLACE,
    RESIDENTS,
    WHOLE,
    Areas,
    common_ancestor,
    held,
    is_cell,
    lineage,
    outline,
)
from checks.audit.bounds import BAND, MERGED, PUBLISHED, STATUS, Bounds, added, rounded
from checks.audit.findings import Tally
from checks.audit.mvt import Ints

ROUNDING = 0.05 + 1e-9
"""Half of the last decimal of a percentage or mean."""


def outlines(tally: Tally, areas: Areas, by_cell: Mapping[str, float]) -> None:
    """Check that the areas do not overlap and are what their columns say of them.

    Parameters
    ----------
    tally : Tally
    areas : Areas
    by_cell : mapping
        Residents per cell, as `replay_weights.population` returns them.
    """
    where, of = areas.collection.id, areas.members
    counts = areas.numbers(CELLS)
    tally.each(
        [len(m) == n and len(m) > 0 for m, n in zip(of, counts, strict=True)],
        where,
        f"{CELLS} is not the number of cells in the outline",
        lambda i: {"id": areas.ids[i], "cells": len(of[i]), CELLS: counts[i]},
    )
    tally.each(
        [all(areas.of_cell[cell] == i for cell in m) for i, m in enumerate(of)],
        where,
        "two areas overlap",
        lambda i: {"id": areas.ids[i]},
    )
    _exact(tally, areas)
    _kinds(tally, areas)
    _people(tally, areas, by_cell)


def _exact(tally: Tally, areas: Areas) -> None:
    """Check that an outline is that of its cells: a point or a start that is moved could tell."""
    features = [areas.collection.features[i]["geometry"] or {} for i in areas.at.tolist()]
    tally.each(
        [
            shape.get("type") == "MultiPolygon" and shape["coordinates"] == outline(members)
            for shape, members in zip(features, areas.members, strict=True)
        ],
        areas.collection.id,
        "the outline is not that of the cells in it, point by point",
        lambda i: {"id": areas.ids[i], "cells": len(areas.members[i])},
    )


def _kinds(tally: Tally, areas: Areas) -> None:
    """Check that a cell holds all members in it, and that a group is named by its ancestor."""
    within, places, kinds = held(areas), areas.texts(PLACE), areas.texts(KIND)
    leaf = areas.theme.leaf

    def right(i: int) -> bool:
        members, place = areas.members[i], str(places[i])
        if not members or not is_cell(place) or h3.get_resolution(place) > leaf:
            return False
        above = h3.get_resolution(place)
        inside = all(lineage(member, leaf)[above] == place for member in members)
        whole = inside and within[place] == len(members)
        ancestor = place == common_ancestor(members, leaf)
        return whole if kinds[i] == WHOLE else kinds[i] == GROUP and ancestor and not whole

    tally.each(
        [right(i) for i in range(len(areas.at))],
        areas.collection.id,
        f"{PLACE} and {KIND} are not those of the outline",
        lambda i: {"id": areas.ids[i], PLACE: places[i], KIND: kinds[i]},
    )


def _people(tally: Tally, areas: Areas, by_cell: Mapping[str, float]) -> None:
    """Residents follow from the open population of cells, and reach the stated minimum."""
    residents = areas.numbers(RESIDENTS)
    if by_cell:
        expected = [sum(by_cell.get(cell, 0) for cell in m) for m in areas.members]
        tally.each(
            residents == expected,
            areas.collection.id,
            f"{RESIDENTS} is not the sum of the open population of the cells",
            lambda i: {"id": areas.ids[i], RESIDENTS: residents[i], "cells": expected[i]},
        )
    for column, least in areas.theme.fewest_residents.items():
        status = areas.texts(column + STATUS)
        tally.each(
            [s == MERGED or bool(n >= least) for s, n in zip(status, residents, strict=True)],
            areas.collection.id,
            f"{column} is shown for an area with fewer than {least} residents",
            lambda i: {"id": areas.ids[i], RESIDENTS: residents[i]},
        )


def residents(tally: Tally, fine: Areas, coarse: Areas, inside: Ints) -> None:
    """Check the residents of coarse areas against the sum of the fine ones."""
    at = inside >= 0
    made = np.bincount(inside[at], fine.numbers(RESIDENTS)[at], len(coarse.at))
    shown = coarse.numbers(RESIDENTS)
    tally.each(
        made == shown,
        coarse.collection.id,
        f"{RESIDENTS} is not the sum of the areas of {fine.collection.id}",
        lambda i: {"id": coarse.ids[i], "sum": made[i], "shown": shown[i]},
    )


def rolled_up(tally: Tally, coarse: Areas, name: str, shown: Bounds, made: Bounds) -> None:
    """Check counts of coarse areas against the sums of the finer ones that make them up."""
    fits = (shown.low <= made.high) & (shown.high >= made.low)
    tally.each(
        # Parts that are all known leave no reason to merge the whole.
        fits & (made.merged | ~shown.merged),
        coarse.collection.id,
        f"{name} does not follow from the base table",
        lambda i: _evidence(coarse, i, shown, made),
    )


def sums(tally: Tally, areas: Areas, name: str, shown: Bounds, made: Bounds) -> None:
    """Check a total against the sum of its categories."""
    fits = (shown.low <= made.high) & (shown.high >= made.low)
    tally.each(
        fits & (shown.merged == made.merged),
        areas.collection.id,
        f"{name} is not the sum of its categories",
        lambda i: _evidence(areas, i, shown, made),
    )


def _evidence(areas: Areas, i: int, shown: Bounds, made: Bounds) -> dict[str, object]:
    return {
        "id": areas.ids[i],
        "shown": _range(shown, i),
        "recomputed": _range(made, i),
    }


def _range(bounds: Bounds, i: int) -> str:
    low, high = bounds.low[i], bounds.high[i]
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


def shares(tally: Tally, areas: Areas, counts: Mapping[str, Bounds]) -> None:
    """Check percentages: null where the part is a band or the whole too small."""
    for name, said in areas.theme.shares.items():
        part, whole = counts[said["part"]], counts[said["whole"]]
        value, status = areas.numbers(name), np.array(areas.texts(name + STATUS), dtype=object)
        merged = part.merged | whole.merged
        # Both are numbers here: a part that is no band makes its whole none.
        enough = part.exact & whole.exact & (whole.low >= (areas.theme.fewest or 0)) & ~merged
        expected = np.select([merged, enough], [MERGED, PUBLISHED], BAND)
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = 100 * part.low / whole.low
        near = (np.abs(value - percent) <= ROUNDING) & rounded(value, 1)
        right = np.where(enough, near, np.isnan(value))
        tally.each(
            right & (status == expected),
            areas.collection.id,
            f"{name} is not {said['part']} in 100 {said['whole']}",
            lambda i, v=value, s=status, p=percent, e=expected: {  # type: ignore[misc]
                "id": areas.ids[i],
                "shown": [v[i], s[i]],
                "recomputed": [p[i], e[i]],
            },
        )


def medians(tally: Tally, areas: Areas, counts: Mapping[str, Bounds]) -> None:
    """Check the class of a median: it is possible, and shown only where enough are counted."""
    theme = areas.theme
    for name, categories in theme.medians.items():
        parts = [counts[theme.counts[c]] for c in categories]
        shown, status = areas.texts(name), areas.texts(name + STATUS)
        right = [
            _median_right(parts, i, categories, pair, theme.fewest or 0)
            for i, pair in enumerate(zip(shown, status, strict=True))
        ]
        tally.each(
            right,
            areas.collection.id,
            f"{name} cannot be the class of the median",
            lambda i, shown=shown, status=status, parts=parts: {  # type: ignore[misc]
                "id": areas.ids[i],
                "shown": [shown[i], status[i]],
                "classes": [_range(p, i) for p in parts],
            },
        )


def _median_right(
    parts: list[Bounds],
    i: int,
    categories: tuple[str, ...],
    said: tuple[object, object],
    fewest: int,
) -> bool:
    """Tell whether class and status of row `i` are possible."""
    total = added([Bounds(p.low[i : i + 1], p.high[i : i + 1], p.merged[i : i + 1]) for p in parts])
    shown, status = said
    if total.merged[0]:
        return status == MERGED and shown is None
    if status != PUBLISHED:
        return status == BAND and shown is None and bool(total.low[0] < fewest)
    possible = shown in categories and bool(total.high[0] >= fewest)
    return possible and _may_be_median(parts, categories.index(str(shown)), i)


def _may_be_median(parts: list[Bounds], k: int, i: int) -> bool:
    """Tell whether class `k` can be the first that half of all do not exceed.

    With b before it, c in it and a after it: 2 (b + c) >= a + b + c and 2 b < a + b + c, so
    1 - c <= a - b <= c, and the greatest c allows most.
    """
    c = parts[k].high[i]
    least = sum(p.low[i] for p in parts[k + 1 :]) - sum(p.high[i] for p in parts[:k])
    most = sum(p.high[i] for p in parts[k + 1 :]) - sum(p.low[i] for p in parts[:k])
    return bool(least <= c and most >= 1 - c)
