"""How much of what is offered is within reach: the family of floating catchment areas.

Each variant is two tables of weights: by which each office counts the persons it is there for,
and by which each place counts the offices it reaches. What a cost is, minutes or kilometres, over
a road network or as the crow flies, is the caller's.

Formulas: Luo and Wang 2003 (two steps, 2SFCA); Luo and Qi 2009 (enhanced, E2SFCA); Joseph and
Bantock 1982 (gravity); Paez, Higgins and Vivona 2019, PLoS ONE 14(6) e0218773 (balanced, BFCA).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.errors import IngestError
from geo_core.model.cells import EARTH_KM

type Floats = NDArray[np.float64]
type Steps = Literal["plain", "balanced", "shares"]
"""How the weights of a pair count in the two steps; see `catchment`."""

UNREACHABLE: Final = np.inf
"""Cost of a pair that nothing connects."""


class Catchment(NamedTuple):
    """What the two steps find.

    Attributes
    ----------
    access : array of shape (places,)
        A: supply per unit of demand; 0 where nothing is in reach.
    ratio : array of shape (offices,)
        R: supply over the demand that comes; 0 where nobody comes.
    """

    access: Floats
    ratio: Floats


def straight_km(here: Floats, there: Floats) -> Floats:
    """Return great circle distances.

    Parameters
    ----------
    here, there : array of shape (n, 2) and (m, 2)
        Longitude and latitude in degrees (WGS 84).

    Returns
    -------
    array of shape (n, m)
        Kilometres: from the chord between two points of the unit sphere, which is as exact as the
        haversine formula and asks for no sine or cosine of each pair.
    """
    square = np.zeros((len(here), len(there)))
    for one, other in zip(_on_the_sphere(here), _on_the_sphere(there), strict=True):
        square += (one[:, None] - other[None, :]) ** 2
    km: Floats = 2 * EARTH_KM * np.arcsin(np.minimum(np.sqrt(square) / 2, 1))
    return km


def _on_the_sphere(points: Floats) -> tuple[Floats, Floats, Floats]:
    lon, lat = np.radians(points).T
    return np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)


def refuse_costs(cost: Floats) -> None:
    """Raise unless every cost is a number from 0 on, or `UNREACHABLE`.

    Raises
    ------
    IngestError
        A cost is negative or not a number: says how many.
    """
    wrong = int(np.count_nonzero(~(cost >= 0)))
    if wrong:
        raise IngestError(
            f"costs that are negative or not numbers: {wrong}",
            hint="a cost is 0 or more; of a pair that nothing connects there is no row",
        )


def within(cost: Floats, limit: float) -> Floats:
    """Return 1 where a cost is at most `limit`, else 0: the weights of 2SFCA."""
    return (cost <= limit).astype(np.float64)


def in_zones(cost: Floats, limits: Sequence[float], weights: Sequence[float]) -> Floats:
    """Return the weight of the zone a cost lies in: the weights of E2SFCA.

    Parameters
    ----------
    cost : array
        In the unit of `limits`.
    limits : sequence of float
        Upper bounds of the zones, ascending, included; beyond the last the weight is 0.
    weights : sequence of float
        One for each zone.
    """
    found = np.zeros(np.shape(cost))
    for limit, weight in sorted(zip(limits, weights, strict=True), reverse=True):
        found[cost <= limit] = weight
    return found


def decaying(cost: Floats, limit: float, *, power: float, least: float = 0) -> Floats:
    """Return ``cost ** power`` where a cost is at most `limit`, else 0: weights of gravity.

    Parameters
    ----------
    power : float
        Beta, as a rule negative: with -1 the weight is one over the cost.
    least : float
        Lower costs count as this one.

    Raises
    ------
    IngestError
        `power` is negative and a cost is 0: its weight would be infinite.
    """
    raised = np.maximum(cost, least)
    if power < 0 and (raised == 0).any():
        raise IngestError(
            "a cost of 0 has no weight by a negative power",
            hint="say the least cost, such as 1 minute: lower ones count as it",
        )
    reached = cost <= limit
    return np.where(reached, np.power(np.where(reached, raised, 1.0), power), 0.0)


def catchment(
    weights: Floats, *, demand: Floats, supply: Floats, steps: Steps = "plain"
) -> Catchment:
    """Return the supply within reach of each place, per unit of demand.

    ``R_j = S_j / sum_i U_ij P_i`` and ``A_i = sum_j V_ij R_j``. With ``r_ij`` a weight over the
    sum of its row (a place's weights of all offices) and ``c_ij`` over that of its column:

    - ``plain``: U and V are the weights themselves. What is supplied is shared out exactly:
      ``sum_i P_i A_i`` is the sum of `S_j` over the offices that somebody reaches. A place in
      reach of five offices is demand of all five.
    - ``balanced`` (Paez et al. 2019): U = r, V = c. Demand is counted once, and ratios are:
      ``sum_j sum_i r_ij P_i`` is the demand that reaches an office, and
      ``sum_i A_i = sum_j R_j``. A is not per person: two halves of a place have half of it each.
    - ``shares``: U = V = r. Demand is counted once, and A is the ratio that a resident meets,
      mean over the offices that he turns to: ``sum_i P_i A_i`` is the sum of `S_j` as in
      ``plain``, and the halves of a place have what the whole has.

    Parameters
    ----------
    weights : array of shape (places, offices)
        Not negative, finite.
    demand : array of shape (places,)
        Persons.
    supply : array of shape (offices,)
        Places, or whatever is offered.
    """
    rows = weights if steps == "plain" else _proportions(weights, axis=1)
    reached = rows.T @ demand
    ratio = np.zeros_like(reached)
    np.divide(supply, reached, out=ratio, where=reached > 0)
    columns = _proportions(weights, axis=0) if steps == "balanced" else rows
    return Catchment(columns @ ratio, ratio)


def _proportions(weights: Floats, *, axis: int) -> Floats:
    """Return each weight over the sum along an axis; zeros where that is zero."""
    total = weights.sum(axis=axis, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
