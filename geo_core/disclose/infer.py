"""From noisy counts at several levels to consistent whole numbers that are never negative.

First the counts of all levels are reconciled by weighted least squares, then they are made
integers from the top down. Both steps use only the noisy counts and the public tree, so they
reveal nothing more (post-processing of a differentially private release).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo_core.disclose.tree import Floats, Ints, Level


def infer(tree: tuple[Level, ...], noisy: Sequence[Ints], variances: Sequence[float]) -> Ints:
    """Return one non-negative integer per area.

    Parameters
    ----------
    tree : tuple of Level
        Nested levels, coarse to fine.
    noisy : sequence of arrays of int
        Noisy count of every node, one array per level.
    variances : sequence of float
        Variance of the noise of each level.
    """
    return whole(tree, reconcile(tree, noisy, variances))


def reconcile(
    tree: tuple[Level, ...], noisy: Sequence[Ints], variances: Sequence[float]
) -> list[Floats]:
    """Return the least-squares estimate of every node; children sum to their parent.

    The two passes of Hay, Rastogi, Miklau and Suciu (Boosting the accuracy of differentially
    private histograms through consistency, VLDB 2010, section 4.1), with a variance per node
    instead of per depth, so that the tree may be irregular. The district as a whole is not
    measured; it is the sum of the first level.

    Parameters
    ----------
    tree, noisy, variances
        As in `infer`.

    Returns
    -------
    list of arrays of float
        One array per level.
    """
    estimates, spread = _upwards(tree, noisy, variances)
    above = estimates[0].sum(keepdims=True)
    for i, level in enumerate(tree):
        gap = above - _sum(estimates[i], level.parents, len(above))
        share = spread[i] / _sum(spread[i], level.parents, len(above))[level.parents]
        estimates[i] = above = estimates[i] + share * gap[level.parents]
    return estimates


def whole(tree: tuple[Level, ...], estimates: Sequence[Floats]) -> Ints:
    """Round consistent estimates to non-negative integers per area, from the top down.

    The district's total is rounded (never below 0). Then the children of each node are moved
    to the nearest point that is non-negative and sums to the node's integer, and rounded by
    largest remainder.

    Returns
    -------
    array of int, shape (areas,)
    """
    above = np.array([max(0, int(np.floor(estimates[0].sum() + 0.5)))], dtype=np.int64)
    for level, values in zip(tree, estimates, strict=True):
        above = apportion(project(values, above, level.parents), above, level.parents)
    return above


def project(values: Floats, sums: Ints, groups: Ints) -> Floats:
    """Return the nearest non-negative vectors with the given sums (Euclidean distance).

    Sorting algorithm of Held, Wolfe and Crowder (Validation of subgradient optimization, 1974),
    for many vectors at once.

    Parameters
    ----------
    values : array of float, shape (n,)
        All vectors, in any order.
    sums : array of int, shape (m,)
        Of each vector; not negative.
    groups : array of int, shape (n,)
        The vector of each value, from 0 to m - 1; none is empty.

    Returns
    -------
    array of float, shape (n,)
    """
    order = np.lexsort((-values, groups))
    falling, of = values[order], groups[order]
    first, rank = _ranks(of, len(sums))
    running = np.cumsum(falling)
    running -= (running[first] - falling[first])[of]
    excess = (running - sums[of]) / (rank + 1)
    # With sum 0 no value exceeds its own excess; the first one then sets the level.
    kept = np.maximum(np.bincount(of[falling > excess], minlength=len(sums)), 1)
    projected: Floats = np.maximum(values - excess[first + kept - 1][groups], 0.0)
    return projected


def apportion(values: Floats, sums: Ints, groups: Ints) -> Ints:
    """Round non-negative numbers to integers with the given sums, by largest remainder.

    Ties go to the earlier position.

    Parameters
    ----------
    values : array of float, shape (n,)
        Not negative; those of a group sum to its number in `sums`, up to rounding error.
    sums, groups
        As in `project`.

    Returns
    -------
    array of int, shape (n,)
    """
    # A sum such as 2.9999999999 stands for 3: without this its remainder would win a seat
    # that belongs to a true remainder.
    near = np.rint(values)
    settled = np.where(np.abs(values - near) < 1e-9, near, values)
    floors = np.floor(settled).astype(np.int64)
    seats = sums - _sum(floors, groups, len(sums)).astype(np.int64)
    order = np.lexsort((floors - settled, groups))
    of = groups[order]
    _, rank = _ranks(of, len(sums))
    floors[order[rank < seats[of]]] += 1
    return floors


def _ranks(groups: Ints, number: int) -> tuple[Ints, Ints]:
    """Return where each of the sorted groups begins, and the position of each entry in its own."""
    first = np.searchsorted(groups, np.arange(number))
    return first, np.arange(len(groups)) - first[groups]


def _upwards(
    tree: tuple[Level, ...], noisy: Sequence[Ints], variances: Sequence[float]
) -> tuple[list[Floats], list[Floats]]:
    """Return, per level, the best estimate from each node's own subtree and its variance."""
    estimates = [np.asarray(noisy[-1], dtype=np.float64)]
    spread = [np.full(tree[-1].size, variances[-1])]
    for i in range(len(tree) - 2, -1, -1):
        parents, size = tree[i + 1].parents, tree[i].size
        below, below_spread = (_sum(x[0], parents, size) for x in (estimates, spread))
        own = 1 / (1 + variances[i] / below_spread)  # weight of the node's own measurement
        estimates.insert(0, own * noisy[i] + (1 - own) * below)
        spread.insert(0, (1 - own) * below_spread)
    return estimates, spread


def _sum(values: Floats | Ints, groups: Ints, size: int) -> Floats:
    return np.bincount(groups, weights=values, minlength=size)
