"""A membership attack: from many publications with and without one person, a bound of epsilon.

Whoever attacks holds figures of one publication, knows every other record, and guesses whether
the person is in it. Under epsilon-differential privacy `P(guess | in) <= e^epsilon P(guess | out)`
for every guess, and the other way round. How often each happens is counted; so, with the ends of
Clopper and Pearson's intervals, `log(least rate if in / greatest rate if out)` is a lower bound of
epsilon that holds with 95 % confidence.
The way to guess is found on publications of its own, which are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

CONFIDENCE: Final = 0.95
FINEST: Final = -60
"""Binary digits after the point that are looked at."""


class Guess(NamedTuple):
    """A way to guess: `in` (or `out`, if `turned`) where a score is at least a threshold.

    The score is a weighted sum of figures.
    """

    weights: Floats
    threshold: float
    turned: bool


def bound(inside: Floats, outside: Floats, *, trained: int) -> float:
    """Return the lower bound of epsilon that an attack proves; 0 if it proves nothing.

    Parameters
    ----------
    inside, outside : array of float, shape (publications, figures)
        Figures with and without the person.
    trained : int
        The first so many of both are used to find the guess, the others to count.
    """
    inside, outside = _with_digits(inside), _with_digits(outside)
    guess = best_guess(inside[:trained], outside[:trained])
    right, wrong = (_guessed(x[trained:], guess) for x in (inside, outside))
    if guess.turned:
        right, wrong = wrong, right
    return max(0.0, lower_bound(int(right.sum()), int(wrong.sum()), len(right)))


def lower_bound(right: int, wrong: int, of: int) -> float:
    """Return the bound of epsilon of a guess made so often with and without the person."""
    least, _ = interval(right, of)
    _, most = interval(wrong, of)
    return math.log(least / most) if least > 0 else -math.inf


def interval(found: int, of: int) -> tuple[float, float]:
    """Return the interval of a rate by Clopper and Pearson (Biometrika 26, 1934).

    Both ends of two intervals hold together with `CONFIDENCE` at least, since each end that is
    used fails with half of the rest at most.
    """
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if found == 0 else _solved(found - 1, of, 1 - tail)
    high = 1.0 if found == of else _solved(found, of, tail)
    return low, high


def _solved(most: int, of: int, wanted: float) -> float:
    """Return the rate at which at most `most` of `of` are found with a probability."""
    n, k = np.arange(of + 1), np.arange(most + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(n[1:]))])
    ways = logs[of] - logs[k] - logs[of - k]
    low, high = 0.0, 1.0
    for _ in range(50):
        p = (low + high) / 2
        found = np.exp(ways + k * math.log(p) + (of - k) * math.log1p(-p)).sum()
        low, high = (p, high) if found > wanted else (low, p)
    return (low + high) / 2


def best_guess(inside: Floats, outside: Floats) -> Guess:
    """Return the guess that works best: of every figure alone, and of Fisher's discriminant."""
    found: list[tuple[float, Guess]] = []
    for weights in _weights(inside, outside):
        scores = inside @ weights, outside @ weights
        for threshold in np.unique(np.concatenate(scores)):
            of_in, of_out = (int((s >= threshold).sum()) for s in scores)
            found += [
                (_worth(of_in, of_out), Guess(weights, threshold, turned=False)),
                (
                    _worth(len(outside) - of_out, len(inside) - of_in),
                    Guess(weights, threshold, turned=True),
                ),
            ]
    return max(found, key=lambda pair: pair[0])[1]


def _weights(inside: Floats, outside: Floats) -> Iterator[Floats]:
    figures = inside.shape[1]
    yield from np.eye(figures)
    spread = np.atleast_2d(np.cov(inside.T) + np.cov(outside.T)) + 1e-6 * np.eye(figures)
    # Rounded, so that a linear sum of whole numbers has not too many thresholds.
    discriminant: Floats = np.linalg.solve(spread, inside.mean(axis=0) - outside.mean(axis=0))
    largest = np.abs(discriminant).max()
    yield np.round(8 * discriminant / largest) if largest > 0 else discriminant


def _worth(right: int, wrong: int) -> float:
    """Return the logarithm of the ratio, less two of its standard errors."""
    r, w = right + 0.5, wrong + 0.5
    return math.log(r / w) - 2 * math.sqrt(1 / r + 1 / w)


def _guessed(figures: Floats, guess: Guess) -> NDArray[np.bool_]:
    chosen: NDArray[np.bool_] = figures @ guess.weights >= guess.threshold
    return ~chosen if guess.turned else chosen


def _with_digits(figures: Floats) -> Floats:
    """Add how many binary digits each figure has after the point.

    The sum of a count and noise in floating point has fewer of them the larger the count is
    (Mironov, On significance of the least significant bits for differential privacy, CCS 2012).
    """
    digits = np.zeros_like(figures)
    for power in range(-1, FINEST, -1):
        digits[figures % 2.0 ** (power + 1) != 0] = -power
    return np.hstack([figures, digits])
