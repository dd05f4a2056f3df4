"""From true counts to protected integers: one sealed draw per theme and year."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_core.disclose import draws
from geo_core.disclose.counts import hashed
from geo_core.disclose.draws import Obtained, Wanted
from geo_core.disclose.infer import infer
from geo_core.disclose.ledger import Published
from geo_core.disclose.noise import Noise, level_epsilons, variance
from geo_core.disclose.tree import Ints, Level, totals
from geo_core.disclose.vault import Drawn, Made
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
    """

    theme: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Prepared[T]:
    """A theme that is ready to be drawn.

    Attributes
    ----------
    wanted : tuple of Wanted
        Its draws: one for each year.
    finish : function
        Makes of what was obtained for them, None where there are no numbers, what is published.
    """

    wanted: tuple[Wanted, ...]
    finish: Callable[[Sequence[Obtained | None]], T]


def finished[T](
    folder: Path,
    themes: Sequence[Prepared[T]],
    *,
    new: Callable[[str, int], bool],
    say: Callable[[Sequence[tuple[Wanted, float]]], None],
    published: Iterable[Published],
) -> list[T]:
    """Draw what may be drawn of every theme, all or nothing, and finish each.

    Parameters
    ----------
    folder : Path
        Of the sealed draws and the ledger, outside every release.
    themes : sequence of Prepared
        Every theme of a release.
    new, say, published
        As in `draws.obtain`.

    Raises
    ------
    DisclosureError
        As `draws.obtain`.
    """
    every = [wanted for theme in themes for wanted in theme.wanted]
    obtained = iter(draws.obtain(folder, every, new=new, say=say, published=published))
    return [theme.finish([next(obtained) for _ in theme.wanted]) for theme in themes]


def wanted(  # noqa: PLR0913 - what a draw depends on
    parts: Collection[str],
    made: Callable[[str], Made],
    draw: Callable[[Collection[str]], Mapping[str, Drawn]],
    *,
    policy: Policy | RoundedPolicy | UnitPolicy,
    year: int,
    charged: Charged,
    persons: int,
    records: bool,
) -> Wanted:
    """Say what protected numbers of some parts are wanted for.

    Parameters
    ----------
    parts, made, draw
        As in `draws.Wanted`.
    policy : Policy, RoundedPolicy or UnitPolicy
        The signed policy.
    year : int
        Calendar year of the counts.
    charged : Charged
        What the draw is recorded as.
    persons, records
        As in `draws.Wanted`.
    """
    epsilon, epsilon_year = (
        (0.0, 0.0) if isinstance(policy, RoundedPolicy) else (policy.epsilon, policy.epsilon_year)
    )
    return Wanted(
        theme=charged.theme,
        year=year,
        kind="demo" if charged.synthetic else "real",
        epsilon=epsilon,
        epsilon_year=epsilon_year,
        rules=hashed(_deciding(policy)),
        parts=parts,
        made=made,
        draw=draw,
        persons=persons,
        records=records,
        method=policy.method,
    )


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
