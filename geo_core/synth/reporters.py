"""Which organisation sees a person, and in which months it hands in anything at all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_core.synth.settlement import Settlement
from geo_core.synth.themes import MONTHS

REACH_KM: Final = {"consorzio": 30, "asl": 60, "comune": 8, "ets": 14, "parrocchia": 7}
"""Kinds of organisation that hand in records, and how far their users live, km."""

SIZE: Final = {"consorzio": 5.0, "asl": 3.0, "comune": 1.5, "ets": 1.0, "parrocchia": 0.8}
SILENT: Final = 0.06
"""Share of organisations that hand in nothing, ever."""
LATE: Final = 0.08
"""Share that began in the second year."""
GAP: Final = 0.2
"""Share that leaves out some months in a row."""

_KM: Final = 111.32
"""Length of one degree of latitude."""


@dataclass(frozen=True, slots=True)
class Reporters:
    """Organisations that hand in records.

    Attributes
    ----------
    ids : list of str
        Ascending.
    cumulated : array (municipalities, organisations)
        For each municipality the distribution function of the organisation a person goes to.
    handed_in : array of bool (organisations, months)
        Whether the records of a month exist at all.
    """

    ids: list[str]
    towns: list[str]
    cumulated: npt.NDArray[np.float64]
    handed_in: npt.NDArray[np.bool_]

    def of(self, towns: npt.NDArray[np.int32], rng: np.random.Generator) -> npt.NDArray[np.int32]:
        """Draw the organisation of each person by municipality (its position in `towns`)."""
        drawn = np.empty(len(towns), np.int32)
        chance = rng.random(len(towns))
        order = np.argsort(towns, kind="stable")
        starts = np.searchsorted(towns[order], np.arange(len(self.towns) + 1))
        for town, (first, last) in enumerate(pairwise(starts)):
            there = order[first:last]
            drawn[there] = np.searchsorted(self.cumulated[town], chance[there], side="right")
        return drawn


def reporters(
    settlements: dict[str, Settlement], organisations: pd.DataFrame, rng: np.random.Generator
) -> Reporters:
    """Invent who reports, from where, and when not.

    Parameters
    ----------
    organisations : DataFrame
        ``id_org``, ``tipo``, ``cod_istat``, text.
    """
    known = organisations[organisations["tipo"].isin(list(REACH_KM))].sort_values("id_org")
    size = known["tipo"].map(SIZE).to_numpy() * rng.lognormal(0, 0.5, len(known))
    reach = known["tipo"].map(REACH_KM).to_numpy()
    weight = size * np.exp(-_distances(settlements, known["cod_istat"].tolist()) / reach)
    cumulated = np.cumsum(weight, axis=1)
    cumulated /= cumulated[:, -1:]
    # A chance just below 1 must not fall behind the last organisation.
    cumulated[:, -1] = 1
    return Reporters(
        known["id_org"].tolist(), list(settlements), cumulated, _handed_in(len(known), rng)
    )


def _distances(settlements: dict[str, Settlement], seats: list[str]) -> npt.NDArray[np.float64]:
    """Return km between each municipality and each seat; 0 for a seat elsewhere."""
    towns = np.array([s.main for s in settlements.values()])
    at = np.array([settlements[c].main if c in settlements else (np.nan, np.nan) for c in seats])
    apart = towns[:, None, :] - at[None, :, :]
    apart[..., 0] *= np.cos(np.radians(towns[:, None, 1]))
    away: npt.NDArray[np.float64] = np.nan_to_num(_KM * np.hypot(apart[..., 0], apart[..., 1]))
    return away


def _handed_in(count: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Draw the gaps: every sort of them occurs where there are organisations enough."""
    there = np.ones((count, len(MONTHS)), dtype=bool)
    order = rng.permutation(count)
    silent, late, gaps = (round(share * count) for share in (SILENT, LATE, GAP))
    there[order[:silent]] = False
    there[order[silent : silent + late], : len(MONTHS) // 2] = False
    for org in order[silent + late : silent + late + gaps]:
        length = int(rng.integers(2, 6))
        start = int(rng.integers(0, len(MONTHS) - length + 1))
        there[org, start : start + length] = False
    return there
