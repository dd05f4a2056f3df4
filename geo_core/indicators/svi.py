"""The Social Vulnerability Index of the CDC/ATSDR: percentile ranks, summed by theme.

Source: CDC/ATSDR Social Vulnerability Index, documentation of the 2022 release. Official results
come out equal to the last digit only if sums are rounded before they are ranked (otherwise noise
in the last bit breaks ties), if halves are rounded up, and if a variable of negative polarity is
ranked upwards too, and its rank taken from 1. The documentation says none of these; the official
tables of 2018, 2020 and 2022 show all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

DECIMALS: Final = 4
"""Of percentile ranks, and of sums before they are ranked."""

FLAG: Final = 0.9
"""Percentile rank from which a unit is flagged."""


class Svi(NamedTuple):
    """Result of `svi`; NaN where missing.

    Attributes
    ----------
    ranks : array, shape (units, m)
        Percentile rank of every variable.
    sums, theme_ranks : array, shape (units, themes)
        Sum of the ranks of each theme, and its percentile rank.
    total, rank : array, shape (units,)
        Sum of the theme sums (not of the theme ranks), and its percentile rank.
    flags : array, shape (units, m)
        1 where the percentile rank of a variable is at least `FLAG`, else 0.
    """

    ranks: Floats
    sums: Floats
    theme_ranks: Floats
    total: Floats
    rank: Floats
    flags: Floats


def rounded(values: Floats, decimals: int) -> Floats:
    """Round numbers as they are written: 0.25 to 0.3, away from zero, whatever their binary form.

    Parameters
    ----------
    values : array, any shape
        NaN where missing.
    decimals : int
        Decimals that are kept.
    """
    last = Decimal(1).scaleb(-decimals)
    different, places = np.unique(values, return_inverse=True)
    out = [
        np.nan if np.isnan(v) else float(Decimal(repr(v)).quantize(last, ROUND_HALF_UP))
        for v in different.tolist()
    ]
    return np.array(out, dtype=np.float64)[places].reshape(values.shape)


def percentile_rank(values: Floats, *, polarity: int = 1) -> Floats:
    """Return ``(rank - 1) / (N - 1)``, ascending, to four decimals, halves rounded up.

    Parameters
    ----------
    values : array, shape (units,)
        NaN where missing: these are neither ranked nor counted.
    polarity : 1 or -1
        For -1, what is missing from 1.

    Returns
    -------
    array, shape (units,)
        Between 0 and 1; of equal values all have the least rank. Of a single known value nothing
        can be told: NaN.
    """
    known = np.sort(values[~np.isnan(values)])
    most = known.size - 1
    if most < 1:
        return np.full(values.shape, np.nan)
    below = np.searchsorted(known, values, side="left")
    share = below if polarity > 0 else most - below
    # In whole numbers: a half is then a half.
    parts = (2 * share * 10**DECIMALS + most) // (2 * most)
    return np.where(np.isnan(values), np.nan, parts / 10**DECIMALS)


def svi(values: Floats, *, polarity: NDArray[np.int64], themes: Sequence[Sequence[int]]) -> Svi:
    """Rank variables, themes and the whole.

    Parameters
    ----------
    values : array, shape (units, m)
        Variables, rounded as they were published; NaN where missing.
    polarity : array, shape (m,)
        +1 where a higher value means a more vulnerable unit, -1 where less.
    themes : sequence of sequences of int
        Positions of the variables of each theme; every variable is in one theme.

    Returns
    -------
    Svi
        A unit that lacks a variable has no sum of its theme, and no total.
    """
    ranks = np.column_stack(
        [percentile_rank(values[:, j], polarity=int(p)) for j, p in enumerate(polarity)]
    )
    sums = np.column_stack([rounded(ranks[:, list(of)].sum(axis=1), DECIMALS) for of in themes])
    total = rounded(sums.sum(axis=1), DECIMALS)
    flags = np.where(np.isnan(ranks), np.nan, ranks >= FLAG)
    return Svi(
        ranks,
        sums,
        np.column_stack([percentile_rank(column) for column in sums.T]),
        total,
        percentile_rank(total),
        flags.astype(np.float64),
    )
