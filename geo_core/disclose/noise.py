"""Integer noise: OpenDP draws it, and its privacy map is held against the budget.

Every count of a level gets noise from the discrete Laplace distribution,
`P(X = x) ~ exp(-|x| / scale)`. With `scale = 1 / epsilon` a change of one count of a level by 1
costs epsilon. One person changes them by `contribution_cap` at most, over all categories together.
No other source of randomness is used in this package: Laplace noise made from floating-point
numbers is not private (Mironov, On significance of the least significant bits for
differential privacy, CCS 2012).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import opendp.prelude as dp

from geo_core.disclose.tree import Ints, Level
from geo_core.model.policy import Category, LevelName, Policy, UnitPolicy

type Noise = dict[Category, dict[LevelName, Ints]]
"""Drawn values: one array per category and level, in the order of the level's nodes."""


def level_epsilons(policy: Policy | UnitPolicy) -> dict[LevelName, float]:
    """Return what a change of a count by 1 may cost at each measured level, coarse to fine.

    A person changes the counts by up to `contribution_cap`, which together costs `policy.epsilon`.
    """
    shares: Mapping[LevelName, float] = policy.level_shares
    of_record = policy.epsilon / policy.contribution_cap
    return {name: shares[name] * of_record for name in sorted(shares)}


def draw(trees: Mapping[Category, tuple[Level, ...]], policy: Policy | UnitPolicy) -> Noise:
    """Draw the noise of a whole theme.

    Parameters
    ----------
    trees : mapping
        Measured levels of each category, from `tree.levels`.
    policy : Policy or UnitPolicy
        Gives epsilon and its shares.
    """
    noise: Noise = {category: {} for category in trees}
    for name, epsilon in level_epsilons(policy).items():
        sizes = {c: level.size for c, tree in trees.items() for level in tree if level.name == name}
        # One call per level: its privacy map then covers all categories together.
        values = iter(discrete_laplace(sum(sizes.values()), epsilon=epsilon))
        for category, size in sizes.items():
            noise[category][name] = np.fromiter(values, dtype=np.int64, count=size)
    return noise


def discrete_laplace(size: int, *, epsilon: float) -> list[int]:
    """Draw independent integers that make `size` disjoint counts epsilon-private together."""
    return list(_laplace(scale(epsilon))([0] * size))


def scale(epsilon: float) -> float:
    """Return the scale of the noise, the smallest float that OpenDP accounts within epsilon."""
    # The privacy map rounds up, so the plain quotient can be one step too small.
    quotient = 1 / epsilon
    while accounted(quotient) > epsilon:
        quotient = math.nextafter(quotient, math.inf)
    return quotient


def accounted(width: float) -> float:
    """Return the epsilon that OpenDP accounts for noise of a scale: one count changes by 1."""
    return float(_laplace(width).map(1))  # type: ignore[no-untyped-call]  # opendp's own gap


def variance(epsilon: float) -> float:
    """Return the variance of discrete Laplace noise: `2 q / (1 - q)^2` with `q = exp(-epsilon)`."""
    q = math.exp(-epsilon)
    return 2 * q / (1 - q) ** 2


def half_width(epsilon: float, *, coverage: float) -> int:
    """Return the smallest k for which `|noise| <= k` has at least the given probability.

    From the tail `P(|X| > k) = 2 q^(k+1) / (1 + q)`, `q = exp(-epsilon)`.
    """
    k = 0
    while covered(epsilon, k) < coverage:
        k += 1
    return k


def covered(epsilon: float, k: int) -> float:
    """Return the probability that discrete Laplace noise lies in `[-k, k]`."""
    q = math.exp(-epsilon)
    return 1 - 2 * q ** (k + 1) / (1 + q)


def _laplace(width: float) -> dp.Measurement:
    dp.enable_features("contrib")
    counts = dp.vector_domain(dp.atom_domain(T=int))
    return dp.m.make_laplace(counts, dp.l1_distance(T=int), scale=width)
