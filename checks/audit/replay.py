"""Check (a): every protected figure is recomputed from the base table of its theme.

The base table is the collection with the most areas in a year. Where nothing is banded or
merged a figure has to be equal, otherwise it has to lie in the interval that the bands leave.
Copies of the figures in tiles, files and pages are held against the features by `formats`: what
is replayed here is replayed there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from checks.audit import (
    replay_access,
    replay_areas,
    replay_estimates,
    replay_files,
    replay_gaps,
    replay_indicators,
    replay_names,
    replay_open,
    replay_rates,
    replay_reach,
    replay_risk,
    replay_shapes,
    replay_statement,
    replay_units,
    replay_values,
    replay_weights,
    zones,
)
from checks.audit.areas import PARTS, Areas, areas_of, parents, tables_of, years_of
from checks.audit.bounds import RANGE, STATUS, Bounds, added, read
from checks.audit.findings import Checked, Tally
from checks.audit.mvt import Ints
from checks.audit.published import Collection, Published
from checks.audit.themes import Theme, themes_of


def check(published: Published) -> Checked:
    """Recompute what every statement covers."""
    tally = Tally("replay")
    themes = themes_of(published.disclosure)
    for theme, said in zip(themes, published.disclosure["statements"], strict=True):
        _theme(tally, published, theme, said.get("geographies", ()))
    _years(tally, published, themes)
    replay_files.check(tally, published)
    replay_names.check(tally, published)
    replay_open.check(tally, published)
    replay_indicators.check(tally, published)
    replay_values.check(tally, published)
    replay_gaps.check(tally, published)
    replay_access.check(tally, published)
    replay_reach.check(tally, published)
    replay_risk.check(tally, published)
    replay_statement.check(tally, published.disclosure)
    return tally.result()


def _theme(
    tally: Tally, published: Published, theme: Theme, geographies: Sequence[Mapping[str, Any]]
) -> None:
    tables = list(tables_of(published, theme))
    tally.require(bool(tables), theme.name, f"no collection shows the year {theme.year}")
    if theme.units is not None:
        for collection, at in tables:
            if _is_complete(tally, collection, theme):
                replay_units.check(tally, collection, theme, at)
        return
    areas = [*_areas(tally, tables, theme), *zones.of_theme(tally, published, theme)]
    areas.sort(key=lambda a: -len(a.at))
    counts = [_counts(tally, table) for table in areas]
    by_cell = replay_weights.population(published, theme.leaf)
    if not by_cell:
        tally.note("no open collection has residents by cell: those of areas are not recomputed")
    for table in areas:
        replay_areas.outlines(tally, table, by_cell)
    replay_shapes.check(tally, theme, geographies, areas, by_cell)
    for (fine, of_fine), (coarse, of_coarse) in permutations(zip(areas, counts, strict=True), 2):
        _nested(tally, fine, of_fine, coarse, of_coarse, base=areas[0])
    if areas and theme.estimates:
        whole = [i for i, of in enumerate(areas) if not zones.is_part(of.collection)]
        of_base = replay_estimates.known([areas[i] for i in whole], [counts[i] for i in whole])
        replay_estimates.check(tally, published, theme, of_base)


def _areas(
    tally: Tally, tables: Iterable[tuple[Collection, Ints]], theme: Theme
) -> Iterator[Areas]:
    for collection, at in tables:
        if not set(collection.fields) >= PARTS:
            tally.find(collection.id, "a geography that is not made of the areas of the theme")
        elif _is_complete(tally, collection, theme):
            yield areas_of(collection, theme, at)


def _is_complete(tally: Tally, collection: Collection, theme: Theme) -> bool:
    """Check that a collection has every column of its theme, and no figure without a rule."""
    banded = [*theme.sums, *theme.shares, *theme.medians]
    if theme.units is None:
        needed = {*banded, *(n + STATUS for n in banded), *(n + RANGE for n in theme.sums)}
    else:
        needed = {*banded, replay_units.STATE} | ({theme.mean} if theme.mean else set())
    needed |= {n for name, rate in theme.rates.items() for n in (name, rate.low, rate.high)}
    missing = sorted(needed - set(collection.fields))
    tally.require(not missing, collection.id, "columns of the theme are missing", missing=missing)
    numeric = {n for n, f in collection.fields.items() if f.type in {"integer", "number"}}
    unexplained = sorted(numeric - needed - PARTS - set(theme.public))
    if theme.derived:
        tally.require(
            not unexplained, collection.id, "figures that no rule explains", columns=unexplained
        )
    elif unexplained:
        tally.note(
            f"{collection.id}: {', '.join(unexplained)}: not recomputed, because the statement "
            "does not say (member `derived`) how they are made"
        )
    return not missing


def _counts(tally: Tally, areas: Areas) -> dict[str, Bounds]:
    """Read all counts of a table, and recompute what is made of them."""
    theme, collection = areas.theme, areas.collection
    own = {c: _rows(read(tally, collection, theme, c), areas) for c in theme.counts.values()}
    for name, parts in theme.totals.items():
        own[name] = _rows(read(tally, collection, theme, name), areas)
        made = added([own[theme.counts[category]] for category in parts])
        replay_areas.sums(tally, areas, name, own[name], made)
    replay_areas.shares(tally, areas, own)
    replay_areas.medians(tally, areas, own)
    replay_rates.of_areas(tally, areas)
    return own


def _rows(bounds: Bounds, areas: Areas) -> Bounds:
    return Bounds(bounds.low[areas.at], bounds.high[areas.at], bounds.merged[areas.at])


def _nested(  # noqa: PLR0913 - two tables and their counts
    tally: Tally,
    fine: Areas,
    of_fine: Mapping[str, Bounds],
    coarse: Areas,
    of_coarse: Mapping[str, Bounds],
    *,
    base: Areas,
) -> None:
    """Recompute the figures of one table from those of a finer one, where they fit."""
    if zones.is_part(fine.collection):
        return
    inside = parents(fine, coarse, some=zones.is_part(coarse.collection))
    if inside is None:
        if fine is base:
            tally.find(
                coarse.collection.id,
                "the areas are not unions of those of the base table",
                base=base.collection.id,
                year=base.theme.year,
            )
        return
    for name, bounds in of_fine.items():
        replay_areas.rolled_up(
            tally, coarse, name, of_coarse[name], _gathered(bounds, inside, coarse)
        )
    replay_areas.residents(tally, fine, coarse, inside)


def _gathered(bounds: Bounds, inside: np.ndarray, coarse: Areas) -> Bounds:
    size, at = len(coarse.at), inside >= 0
    return Bounds(
        np.bincount(inside[at], bounds.low[at], size),
        np.bincount(inside[at], bounds.high[at], size),
        np.bincount(inside[at], bounds.merged[at], size) > 0,
    )


def _years(tally: Tally, published: Published, themes: tuple[Theme, ...]) -> None:
    """Every row of a protected collection belongs to a year that has a statement."""
    for collection in published.collections.values():
        covered = {t.year for t in themes if t.covers(collection.id, collection.fields)}
        if covered:
            _stated(tally, collection, covered)


def _stated(tally: Tally, collection: Collection, covered: set[int]) -> None:
    years = years_of(collection)
    tally.each(
        [year in covered for year in years],
        collection.id,
        "a row of a year without a disclosure statement",
        lambda i: {"id": collection.ids[i], "year": years[i]},
    )
