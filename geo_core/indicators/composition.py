"""How residents are shared out among groups of ages, in places where few live.

In a village of 48 one family more or less turns every share. So each unit is lent a number of
residents with the ages of all units together: many lent to a village change its shares a lot,
the same number in a town hardly. The number is the one under which the counts of all units are
likeliest, if true shares vary from unit to unit by a Dirichlet distribution and counts by chance
around them (empirical Bayes for the Dirichlet-multinomial; Mosimann 1962).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

type Floats = NDArray[np.float64]

MOST: Final = 1e6
"""Residents lent at most: with so many all units are alike."""
DECIMALS: Final = 3
"""Of the residents lent: what is published is what was computed with."""
SEED: Final = 20_231_231


class Composition(NamedTuple):
    """What units are lent.

    Attributes
    ----------
    shares : array of shape (groups,)
        Of all units together.
    lent : float
        Residents lent to each unit.
    """

    shares: Floats
    lent: float


def fitted(counts: Floats) -> Composition:
    """Return what the counts of units say themselves: their shares, and the likeliest loan.

    Parameters
    ----------
    counts : array of shape (units, groups)
        Persons; units without any say nothing. One unit alone is lent the most.
    """
    people = counts.sum(axis=1)
    known, people = counts[people > 0], people[people > 0]
    if not people.size:
        return Composition(np.full(counts.shape[1], np.nan), MOST)
    shares = known.sum(axis=0) / people.sum()
    known, among = known[:, shares > 0], shares[shares > 0]

    def unlikelihood(log_lent: float) -> float:
        lent = np.exp(log_lent)
        whole = gammaln(people + lent) - gammaln(lent)
        parts = gammaln(known + lent * among) - gammaln(lent * among)
        return float(whole.sum() - parts.sum())

    best = minimize_scalar(
        unlikelihood, bounds=(0, np.log(MOST)), method="bounded", options={"xatol": 1e-10}
    )
    return Composition(shares, round(float(np.exp(best.x)), DECIMALS))


def smoothed(counts: Floats, of: Composition) -> Floats:
    """Return shares of units with what they are lent; NaN where nobody lives.

    ``(n_g + k p_g) / (N + k)``, with k the residents lent and p_g their shares.
    """
    people = counts.sum(axis=1, keepdims=True)
    shares: Floats = (counts + of.lent * of.shares) / (people + of.lent)
    return np.where(people > 0, shares, np.nan)


def own_weight(counts: Floats, of: Composition) -> Floats:
    """Return the part of the smoothed shares that is the unit's own: 0 to 1."""
    people = counts.sum(axis=1)
    weight: Floats = people / (people + of.lent)
    return weight


def drawn(counts: Floats, of: Composition, *, keys: Sequence[int], draws: int) -> Floats:
    """Draw shares that the counts of units may stand for (the Dirichlet posterior).

    Parameters
    ----------
    counts : array of shape (units, groups)
    keys : sequence of int
        One per unit, not negative: what is drawn for a unit depends on its key and not on the
        units beside it.
    draws : int
        Per unit.

    Returns
    -------
    array of shape (draws, units, groups)
    """
    heights = np.maximum(counts + of.lent * of.shares, np.finfo(float).tiny)
    out = np.empty((draws, *counts.shape))
    for unit, (key, height) in enumerate(zip(keys, heights, strict=True)):
        rng = np.random.default_rng([SEED, key])
        out[:, unit] = rng.standard_gamma(height, size=(draws, len(height)))
    shares: Floats = out / out.sum(axis=-1, keepdims=True)
    return shares
