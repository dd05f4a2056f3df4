"""The only way from counts of needs to rows that may be published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo_core.disclose import counts as given
from geo_core.disclose import features, ledger, noise_store
from geo_core.disclose.infer import infer
from geo_core.disclose.noise import Noise, draw, level_epsilons, variance
from geo_core.disclose.shape import Shapes, publishable
from geo_core.disclose.tree import Ints, Level, levels, totals
from geo_core.errors import DisclosureError, NotFound
from geo_core.model.layer import Layer
from geo_core.model.policy import CATEGORIES, Category, Policy
from geo_core.model.tables import MINT, ProtectedTable


@dataclass(frozen=True)
class Protected:
    """One protected theme and year.

    Attributes
    ----------
    shapes : Shapes
        The publishable areas (public information).
    tables : mapping
        Layer id to its rows.
    """

    shapes: Shapes
    tables: Mapping[str, ProtectedTable]

    def table(self, layer: Layer) -> ProtectedTable:
        """Return the rows of one layer; `NotFound` if it was not asked for."""
        try:
            return self.tables[layer.id]
        except KeyError:
            raise NotFound.among("protected table", layer.id, self.tables) from None


def protect(  # noqa: PLR0913 - each is a part of the agreement with the data-protection officer
    counts: pd.DataFrame,
    residents: pd.Series,
    *,
    layers: tuple[Layer, ...],
    policy: Policy,
    theme: str,
    year: int,
    synthetic: bool,
    private: Path,
) -> Protected:
    """Protect the counts of one theme and year, and build the rows of its hexagon layers.

    Every number of every row is a function of one protected integer per area and category.
    The same input gives the same rows, byte for byte, as long as the private folder lasts.

    Parameters
    ----------
    counts : DataFrame
        Columns `h3` (resolution 8), `area_utenza` (category code), `n` (persons). Each person
        counts once per theme and year (`policy.contribution_cap`).
    residents : Series of int
        Residents per H3 cell of resolution 8. Its index is the district: give also the cells
        where nobody lives, so that a need recorded there belongs to the area around it.
    layers : tuple of Layer
        Class B layers with a resolution whose policy is `theme`.
    policy : Policy
        The signed policy of the theme.
    theme : str
        Its name in `config/disclosure.yml`; the ledger counts by it.
    year : int
        Calendar year of the counts.
    synthetic : bool
        Whether the counts are invented: charged as `demo`, published as `dato_sintetico`.
    private : Path
        Folder of the sealed noise and the ledger, outside every release.

    Raises
    ------
    DisclosureError
        A layer of another theme, input that is not as described, a need in a cell outside
        the district, too few residents, no budget left, or a private folder that is damaged
        or open to others. Nothing is published then.
    """
    resolutions = {layer.id: _resolution(layer, theme) for layer in layers}
    shapes = publishable(given.district(residents), policy)
    true = given.checked(counts, shapes.base)
    charge = _charge(true, shapes, policy, theme=theme, year=year, synthetic=synthetic)
    numbers = _sealed(given.per_area(true, shapes), shapes, policy, charge, private)
    return Protected(
        shapes,
        {
            layer.id: ProtectedTable(
                layer,
                features.rows(
                    layer,
                    resolutions[layer.id],
                    shapes=shapes,
                    protected=numbers,
                    policy=policy,
                    year=year,
                    synthetic=synthetic,
                ),
                key=MINT,
            )
            for layer in layers
        },
    )


def measured(shapes: Shapes, policy: Policy) -> dict[Category, tuple[Level, ...]]:
    """Return the levels at which each category is measured."""
    return {c: levels(shapes.of(c), policy.level_shares) for c in CATEGORIES}


def with_noise(
    true: Mapping[Category, Ints],
    trees: Mapping[Category, tuple[Level, ...]],
    noise: Noise,
    policy: Policy,
) -> dict[Category, Ints]:
    """Add noise to every level and reconcile: one non-negative integer per area and category.

    Parameters
    ----------
    true : mapping of arrays of int
        True number per area of each category.
    trees : mapping
        From `measured`.
    noise : Noise
        From `noise.draw`, for the same levels.
    policy : Policy
        Gives the variance of the noise of each level.
    """
    variances = [variance(e) for e in level_epsilons(policy).values()]
    return {
        category: infer(
            tree,
            [
                count + noise[category][level.name]
                for count, level in zip(totals(tree, true[category]), tree, strict=True)
            ],
            variances,
        )
        for category, tree in trees.items()
    }


def _resolution(layer: Layer, theme: str) -> int:
    if layer.policy != theme or layer.resolution is None:
        raise DisclosureError(
            f"layer {layer.id!r} is not a hexagon layer under the policy {theme!r}",
            hint="a layer under disclosure control names its policy and its resolutions",
        )
    return layer.resolution


def _charge(  # noqa: PLR0913 - what the key of a draw must depend on
    counts: pd.DataFrame,
    shapes: Shapes,
    policy: Policy,
    *,
    theme: str,
    year: int,
    synthetic: bool,
) -> ledger.Draw:
    kind = "demo" if synthetic else "real"
    # Titles, bands and the yearly limit do not decide the noise: changing them must not
    # cause a second draw for the same counts.
    deciding = policy.model_dump(include={"method", "epsilon", "level_shares", "contribution_cap"})
    facts = {"theme": theme, "year": year, "kind": kind, "policy": deciding}
    key = given.draw_key(counts, shapes, facts)
    return ledger.Draw(theme=theme, year=year, kind=kind, epsilon=policy.epsilon, key=key)


def _sealed(
    true: Mapping[Category, Ints],
    shapes: Shapes,
    policy: Policy,
    charge: ledger.Draw,
    private: Path,
) -> dict[Category, Ints]:
    """Return one protected integer per area of each category, with the noise of this draw."""
    trees = measured(shapes, policy)
    noise = noise_store.obtain(
        private, charge, epsilon_year=policy.epsilon_year, make=lambda: draw(trees, policy)
    )
    return with_noise(true, trees, noise, policy)
