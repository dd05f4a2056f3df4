"""From true counts to protected integers: one sealed draw per theme and year."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from geo_core.disclose import draws
from geo_core.disclose.counts import hashed
from geo_core.disclose.draws import Drawn, Made, Obtained, Wanted
from geo_core.disclose.infer import infer
from geo_core.disclose.noise import Noise, level_epsilons, variance
from geo_core.disclose.tree import Ints, Level, totals
from geo_core.model.policy import ROUND_BASE, Category, Policy, RoundedPolicy, UnitPolicy

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
        Folder of the sealed draws and the ledger, outside every release.
    keep : bool
        Take the numbers that were drawn before, whatever the records are today.
    """

    theme: str
    synthetic: bool
    private: Path
    keep: bool = False


def obtain(  # noqa: PLR0913 - what a draw depends on, and where it is kept
    parts: Collection[str],
    made: Callable[[str], Made],
    draw: Callable[[Collection[str]], Mapping[str, Drawn]],
    *,
    policy: Policy | RoundedPolicy | UnitPolicy,
    year: int,
    charged: Charged,
) -> Obtained:
    """Return the protected numbers of some parts: those drawn before, or new ones.

    Parameters
    ----------
    parts, made, draw
        As in `draws.Wanted`.
    policy : Policy, RoundedPolicy or UnitPolicy
        The signed policy.
    year : int
        Calendar year of the counts.
    charged : Charged
        Where the draw is recorded.

    Raises
    ------
    DisclosureError
        As `draws.obtain`.
    """
    epsilon, epsilon_year = (
        (0.0, 0.0) if isinstance(policy, RoundedPolicy) else (policy.epsilon, policy.epsilon_year)
    )
    wanted = Wanted(
        theme=charged.theme,
        year=year,
        kind="demo" if charged.synthetic else "real",
        epsilon=epsilon,
        epsilon_year=epsilon_year,
        rules=hashed(_deciding(policy)),
        parts=parts,
        made=made,
        draw=draw,
        method=policy.method,
    )
    return draws.obtain(charged.private, wanted, keep=charged.keep)


def _deciding(policy: Policy | RoundedPolicy | UnitPolicy) -> dict[str, object]:
    """Return what of a policy decides the numbers.

    Titles, bands and the yearly limit do not: changing them must not cause a second draw for the
    same counts.
    """
    common = {
        "method": policy.method,
        "contribution_cap": policy.contribution_cap,
        "categories": list(policy.categories),
    }
    if isinstance(policy, RoundedPolicy):
        return {**common, "base": ROUND_BASE}
    return {**common, "epsilon": policy.epsilon, "level_shares": dict(policy.level_shares)}


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
