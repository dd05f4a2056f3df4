"""From true counts to protected integers: one draw of sealed noise per theme and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo_core.disclose import counts as given
from geo_core.disclose import ledger, noise_store
from geo_core.disclose.infer import infer
from geo_core.disclose.noise import Noise, draw, level_epsilons, variance
from geo_core.disclose.tree import Ints, Level, totals
from geo_core.model.policy import Category, Policy, UnitPolicy

type Trees = Mapping[Category, tuple[Level, ...]]
"""The measured levels of each category."""


@dataclass(frozen=True, slots=True)
class Charged:
    """What a draw is charged to.

    Attributes
    ----------
    theme : str
        Its name in `config/disclosure.yml`; the ledger counts by it.
    synthetic : bool
        Whether the counts are invented: then charged as `demo`.
    private : Path
        Folder of the sealed noise and the ledger, outside every release.
    """

    theme: str
    synthetic: bool
    private: Path


def protected_numbers(  # noqa: PLR0913 - what a draw depends on, and where it is kept
    counts: pd.DataFrame,
    true: Mapping[Category, Ints],
    trees: Trees,
    *,
    outlines: Mapping[Category, str],
    policy: Policy | UnitPolicy,
    year: int,
    charged: Charged,
) -> dict[Category, Ints]:
    """Return one protected integer per node of the finest level of each category.

    Parameters
    ----------
    counts : DataFrame
        The counts of one year, from `counts.checked`: they decide the key of the draw.
    true : mapping of arrays of int
        The same, per node of the finest level.
    trees : mapping
        Measured levels of each category.
    outlines : mapping
        Hash of what each category is measured on.
    policy : Policy or UnitPolicy
        The signed policy.
    year : int
        Calendar year of the counts.
    charged : Charged
        Where the draw is recorded.

    Raises
    ------
    DisclosureError
        No budget is left, or the private folder is damaged or open to others.
    """
    kind = "demo" if charged.synthetic else "real"
    # Titles, bands and the yearly limit do not decide the noise: changing them must not
    # cause a second draw for the same counts.
    deciding = {
        "method": policy.method,
        "epsilon": policy.epsilon,
        "level_shares": dict(policy.level_shares),
        "contribution_cap": policy.contribution_cap,
    }
    facts = {"theme": charged.theme, "year": year, "kind": kind, "policy": deciding}
    key = given.draw_key(counts, outlines, facts)
    noise = noise_store.obtain(
        charged.private,
        ledger.Draw(theme=charged.theme, year=year, kind=kind, epsilon=policy.epsilon, key=key),
        epsilon_year=policy.epsilon_year,
        make=lambda: draw(trees, policy),
    )
    return with_noise(true, trees, noise, policy)


def with_noise(
    true: Mapping[Category, Ints], trees: Trees, noise: Noise, policy: Policy | UnitPolicy
) -> dict[Category, Ints]:
    """Add noise to every level and reconcile: one non-negative integer per node and category.

    Parameters
    ----------
    true : mapping of arrays of int
        True number per node of the finest level of each category.
    trees : mapping
        Measured levels of each category.
    noise : Noise
        From `noise.draw`, for the same levels.
    policy : Policy or UnitPolicy
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
