"""The only way from counts of persons in cells to rows that may be published."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core.disclose import counts as given
from geo_core.disclose import estimates, features
from geo_core.disclose.draws import Obtained, Wanted
from geo_core.disclose.estimates import Places
from geo_core.disclose.features import Basis
from geo_core.disclose.ledger import Told
from geo_core.disclose.noise import draw
from geo_core.disclose.rounding_audit import with_rounding
from geo_core.disclose.sealed import Charged, Prepared, Trees, wanted, with_noise
from geo_core.disclose.shape import Shapes, cut, publishable
from geo_core.disclose.tree import Ints, levels
from geo_core.disclose.vault import Drawn, Made
from geo_core.errors import DisclosureError, NotFound
from geo_core.model.accuracy import Accuracy
from geo_core.model.layer import Layer
from geo_core.model.policy import Category, Policy, RoundedPolicy
from geo_core.model.tables import MINT, Levels, ProtectedTable, ZoneLevel
from geo_core.model.text import Name

_WHOLE: Final = "district"
"""The one part of a draw on areas, which are reconciled with each other."""


@dataclass(frozen=True)
class Protected:
    """One protected theme.

    Attributes
    ----------
    shapes : Shapes
        The publishable areas (public information).
    years : tuple of int
        Calendar years that have figures, ascending; each was a draw of its own.
    tables : mapping
        Layer id to its rows.
    errors : Accuracy
        The errors that are promised of the figures.
    draws : mapping
        By year, what may be told of its draw.
    kept : tuple of int
        Years whose figures were drawn before, from other records: for the operator alone.
    coarser : mapping
        By family and H3 resolution, rows like those of its coarsest collection, for each
        resolution that is coarser still. Bands hide what they are the sums of, so nobody else can
        make them. They have no rates, for no errors are measured there.
    """

    shapes: Shapes
    years: tuple[int, ...]
    tables: Mapping[str, ProtectedTable]
    errors: Accuracy
    draws: Mapping[int, Told]
    kept: tuple[int, ...] = ()
    coarser: Mapping[Name, Levels] = field(default_factory=dict)

    def table(self, layer: Layer) -> ProtectedTable:
        """Return the rows of one layer; `NotFound` if it was not asked for."""
        try:
            return self.tables[layer.id]
        except KeyError:
            raise NotFound.among("protected table", layer.id, self.tables) from None


def protect(  # noqa: PLR0913 - all of them decide what is published
    counts: pd.DataFrame,
    residents: pd.Series,
    *,
    layers: tuple[Layer, ...],
    policy: Policy | RoundedPolicy,
    years: Sequence[int],
    charged: Charged,
    errors: Callable[[Shapes], Accuracy],
    places: Places,
) -> Prepared[Protected]:
    """Prepare the counts of one theme, year by year, and the rows of its layers.

    Every number of every row is a function of one protected integer per area, category and
    year. A layer with `series` shows every year that has figures, any other the latest. Which
    years these are no record decides: if there are counts of any year, every year can be drawn,
    of zeros too. The same input gives the same rows, byte for byte, as long as the private folder
    lasts. Without figures the layers have no rows.

    Parameters
    ----------
    counts : DataFrame
        Columns `anno` (calendar year), `luogo` (cell of resolution 8), `categoria` (a category
        of the policy), `n` (persons). Each person counts once per theme and year
        (`policy.contribution_cap`).
    residents : Series of int
        Residents per H3 cell of resolution 8. Its index is the district: give also the cells
        where nobody lives, so that a need recorded there belongs to the area around it.
    layers : tuple of Layer
        Class B layers whose policy is the theme's: on hexagons, or of estimates.
    policy : Policy or RoundedPolicy
        The signed policy of the theme.
    years : sequence of int
        Calendar years that are drawn and shown, ascending: the district's.
    charged : Charged
        The theme, and what its draws are recorded as.
    errors : function
        Of the publishable areas: the errors that are promised, measured on invented persons.
        It is asked where there are figures.
    places : Places
        Open data that estimates are made with.

    Raises
    ------
    DisclosureError
        A layer of another theme, input that is not as described, a record in a cell outside
        the district, or too few residents. What is prepared also refuses a table that no rounding
        keeps safe, before anything is charged.
    """
    for layer in layers:
        _check(layer, charged.theme)
    shapes = publishable(given.district(residents), policy)
    found = given.checked(counts, places=shapes.base.area_of, categories=policy.categories)
    none = counts[list(given.KEYED)].head(0)
    wished = tuple(
        _wanted(
            found.get(year, none),
            shapes,
            policy,
            year=year,
            charged=charged,
            records=bool(found),
        )
        for year in years
    )

    def finish(obtained: Sequence[Obtained | None]) -> Protected:
        made = {w.year: o for w, o in zip(wished, obtained, strict=True) if o is not None}
        numbers = {year: _numbers(one) for year, one in made.items()}
        promised = errors(shapes) if made else Accuracy()
        basis = Basis(shapes, numbers, policy, charged.synthetic)
        tables = {
            layer.id: ProtectedTable(layer, _rows(layer, basis, promised, places), key=MINT)
            for layer in layers
        }
        kept = tuple(year for year, one in made.items() if one.kept)
        draws = {year: one.told for year, one in made.items()}
        above = _coarser(layers, basis)
        return Protected(shapes, tuple(numbers), tables, promised, draws, kept, above)

    return Prepared(wished, finish)


def _rows(layer: Layer, basis: Basis, errors: Accuracy, places: Places) -> gpd.GeoDataFrame:
    if layer.resolution is not None:
        around = errors.around(layer.resolution)
        return features.rows(layer, layer.resolution, basis, around)
    return estimates.rows(layer, places, basis, errors.of(layer.id).around(None))


def _coarser(layers: Iterable[Layer], basis: Basis) -> dict[Name, Levels]:
    coarsest: dict[Name, tuple[int, Layer]] = {}
    for layer in layers:
        if layer.resolution is not None and not layer.series:
            own = layer.resolution, layer
            coarsest[layer.family] = min(coarsest.get(layer.family, own), own, key=itemgetter(0))
    return {
        family: {level: _level(layer, resolution, level, basis) for level in range(resolution)}
        for family, (resolution, layer) in coarsest.items()
    }


def _level(layer: Layer, resolution: int, level: int, basis: Basis) -> ZoneLevel:
    finer, shown = (cut(basis.shapes.base, r) for r in (resolution, level))
    parts: dict[str, tuple[str, ...]] = {}
    for area in finer.areas:
        whole = shown.areas[shown.area_of[area.members[0]]]
        parts[whole.id] = (*parts.get(whole.id, ()), area.id)
    rows = features.rows(layer, level, basis, None)
    return ZoneLevel(ProtectedTable(layer, rows, key=MINT), parts)


def _wanted(  # noqa: PLR0913 - what a draw depends on
    counts: pd.DataFrame,
    shapes: Shapes,
    policy: Policy | RoundedPolicy,
    *,
    year: int,
    charged: Charged,
    records: bool,
) -> Wanted:
    outlines = {c: shapes.of(c).sha256 for c in policy.categories}
    made = Made(outline=given.hashed(outlines), counts=given.digest(counts))
    return wanted(
        (_WHOLE,),
        lambda _: made,
        partial(_drawn, counts, shapes, policy),
        policy=policy,
        year=year,
        charged=charged,
        persons=int(counts["n"].sum()),
        records=records,
    )


def _numbers(obtained: Obtained) -> dict[Category, Ints]:
    return {c: np.array(n, dtype=np.int64) for c, n in obtained.numbers[_WHOLE].items()}


def _drawn(
    counts: pd.DataFrame, shapes: Shapes, policy: Policy | RoundedPolicy, parts: Collection[str]
) -> dict[str, Drawn]:
    true = given.per_area(counts, shapes)
    if isinstance(policy, RoundedPolicy):
        numbers = with_rounding(true, shapes)
    else:
        trees = measured(shapes, policy)
        numbers = with_noise(true, trees, draw(trees, policy), policy)
    drawn = {c: tuple(n.tolist()) for c, n in numbers.items()}
    return dict.fromkeys(parts, drawn)


def measured(shapes: Shapes, policy: Policy) -> Trees:
    """Return the levels at which each category is measured."""
    return {c: levels(shapes.of(c), policy.level_shares) for c in shapes.categories}


def _check(layer: Layer, theme: str) -> None:
    if layer.policy != theme or (layer.resolution is None and layer.estimated_on is None):
        raise DisclosureError(
            f"layer {layer.id!r} is not one of hexagons or estimates under the policy {theme!r}",
            hint="a layer under disclosure control names its policy, and its resolutions or "
            "`estimated_on`",
        )
