"""How far services are, and how much of them is within reach, over the hills as the crow flies.

Distances are great circles times a detour factor, times are these at one speed: without a road
network nothing better is known, and in mountain valleys it is wrong. Whoever has a matrix of
travel times passes it instead.

Formulas: Luo and Wang 2003 (two-step floating catchment area, 2SFCA); Luo and Qi 2009 (enhanced,
E2SFCA).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

EARTH_KM: Final = 6371.0088
"""Mean radius of the earth (IUGG)."""


def straight_km(here: Floats, there: Floats) -> Floats:
    """Return great circle distances.

    Parameters
    ----------
    here, there : array of shape (n, 2) and (m, 2)
        Longitude and latitude in degrees (WGS 84).

    Returns
    -------
    array of shape (n, m)
        Kilometres, by the haversine formula.
    """
    lon, lat = np.radians(here).T
    to_lon, to_lat = np.radians(there).T
    half_lat = np.sin((to_lat[None, :] - lat[:, None]) / 2) ** 2
    half_lon = np.sin((to_lon[None, :] - lon[:, None]) / 2) ** 2
    chord = half_lat + np.cos(lat)[:, None] * np.cos(to_lat)[None, :] * half_lon
    km: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(chord))
    return km


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
    zones = np.searchsorted(np.asarray(limits), cost, side="left")
    found: Floats = np.array([*weights, 0.0])[zones]
    return found


def catchment(weights: Floats, *, demand: Floats, supply: Floats) -> Floats:
    """Return the supply within reach of each place, per unit of demand.

    ``R_j = S_j / sum_i W_ij P_i`` and ``A_i = sum_j W_ij R_j``. What is supplied is shared out
    exactly: ``sum_i P_i A_i`` is the sum of `S_j` over the offices that somebody reaches.

    Parameters
    ----------
    weights : array of shape (places, offices)
        Not negative; the same weight in both steps.
    demand : array of shape (places,)
        Persons.
    supply : array of shape (offices,)
        Places, or whatever is offered.

    Returns
    -------
    array of shape (places,)
        0 where nothing is in reach.
    """
    reached = weights.T @ demand
    ratio = np.zeros_like(reached)
    np.divide(supply, reached, out=ratio, where=reached > 0)
    shared: Floats = weights @ ratio
    return shared
