"""The only way from counts of persons in cells to rows that may be published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geo_core.disclose import counts as given
from geo_core.disclose import features
from geo_core.disclose.sealed import Charged, Trees, protected_numbers
from geo_core.disclose.shape import Shapes, publishable
from geo_core.disclose.tree import levels
from geo_core.errors import DisclosureError, NotFound
from geo_core.model.layer import Layer
from geo_core.model.policy import Policy
from geo_core.model.tables import MINT, ProtectedTable


@dataclass(frozen=True)
class Protected:
    """One protected theme.

    Attributes
    ----------
    shapes : Shapes
        The publishable areas (public information).
    years : tuple of int
        Calendar years that something is counted in, ascending; each was a draw of its own.
    tables : mapping
        Layer id to its rows.
    """

    shapes: Shapes
    years: tuple[int, ...]
    tables: Mapping[str, ProtectedTable]

    def table(self, layer: Layer) -> ProtectedTable:
        """Return the rows of one layer; `NotFound` if it was not asked for."""
        try:
            return self.tables[layer.id]
        except KeyError:
            raise NotFound.among("protected table", layer.id, self.tables) from None


def protect(
    counts: pd.DataFrame,
    residents: pd.Series,
    *,
    layers: tuple[Layer, ...],
    policy: Policy,
    charged: Charged,
) -> Protected:
    """Protect the counts of one theme, year by year, and build the rows of its hexagon layers.

    Every number of every row is a function of one protected integer per area, category and
    year. A layer with `series` shows every year, any other the latest. The same input gives the
    same rows, byte for byte, as long as the private folder lasts. Without counts there is no
    draw, and the layers have no rows.

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
        Class B layers with a resolution whose policy is the theme's.
    policy : Policy
        The signed policy of the theme.
    charged : Charged
        The theme, and where its draws are recorded.

    Raises
    ------
    DisclosureError
        A layer of another theme, input that is not as described, a record in a cell outside
        the district, too few residents, no budget left, or a private folder that is damaged
        or open to others. Nothing is published then.
    """
    resolutions = {layer.id: _resolution(layer, charged.theme) for layer in layers}
    shapes = publishable(given.district(residents), policy)
    years = given.checked(counts, places=shapes.base.area_of, categories=policy.categories)
    numbers = {
        year: protected_numbers(
            true,
            given.per_area(true, shapes),
            measured(shapes, policy),
            outlines={c: shapes.of(c).sha256 for c in policy.categories},
            policy=policy,
            year=year,
            charged=charged,
        )
        for year, true in years.items()
    }
    latest = dict(list(numbers.items())[-1:])
    tables = {
        layer.id: ProtectedTable(
            layer,
            features.rows(
                layer,
                resolutions[layer.id],
                shapes=shapes,
                protected=numbers if layer.series else latest,
                policy=policy,
                synthetic=charged.synthetic,
            ),
            key=MINT,
        )
        for layer in layers
    }
    return Protected(shapes, tuple(numbers), tables)


def measured(shapes: Shapes, policy: Policy) -> Trees:
    """Return the levels at which each category is measured."""
    return {c: levels(shapes.of(c), policy.level_shares) for c in shapes.categories}


def _resolution(layer: Layer, theme: str) -> int:
    if layer.policy != theme or layer.resolution is None:
        raise DisclosureError(
            f"layer {layer.id!r} is not a hexagon layer under the policy {theme!r}",
            hint="a layer under disclosure control names its policy and its resolutions",
        )
    return layer.resolution
