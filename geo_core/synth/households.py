"""With whom the persons with a case live: some of them in the same household."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_core.synth.cases import Codes, People, Persons
from geo_core.synth.streams import DrawByCode

KINDS: Final = ("singolo", "coppia", "con_minori", "monogenitore", "altro", "nd")
NAMED: Final = 0.8
"""Share of persons with a pseudonym whose body computes one of the household too."""

_TOGETHER: Final = 0.4
"""Chance that a person lives with another one of the cell who has a case and the same kind."""

_MOST: Final = np.array([1, 2, 4, 3, 3, 2])
"""Most persons of one household with a case, by kind."""

_MINOR: Final = {"con_minori": 62, "monogenitore": 26, "altro": 8, "nd": 4}
_ADULT: Final = {
    "singolo": 34, "coppia": 16, "con_minori": 24, "monogenitore": 12, "altro": 10, "nd": 4,
}  # fmt: skip
_OLD: Final = {"singolo": 46, "coppia": 38, "altro": 12, "nd": 4}
_OF_BAND: Final = DrawByCode([_MINOR] * 4 + [_ADULT] * 2 + [_OLD] * 2)


@dataclass(frozen=True, slots=True)
class Living:
    """With whom each person lives; both arrays have one element for each.

    Attributes
    ----------
    kind : array
        Position in `KINDS`.
    pseudonym : array of 32 bytes
        Of the household; empty where none is computed.
    """

    kind: Codes
    pseudonym: npt.NDArray[np.bytes_]


def living(people: People, persons: Persons, rng: np.random.Generator) -> Living:
    """Draw the household of each person: the kind by age, its members from one cell."""
    texts = _OF_BAND(people.band[persons.group], rng)
    kind = np.array([KINDS.index(text) for text in texts.unique().to_pylist()], np.int8)
    kind = kind[texts.dictionary_encode().indices.to_numpy()]
    household = _shared(people.cell[persons.group], kind, rng)
    count = int(household.max(initial=-1)) + 1
    names = np.frombuffer(rng.bytes(16 * count).hex().encode(), "S32")[household]
    known = (persons.pseudonym != b"") & (rng.random(len(kind)) < NAMED)
    return Living(kind, np.where(known, names, b""))


def _shared(
    cell: npt.NDArray[np.int32], kind: Codes, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Give each person the number of a household, from 0 up."""
    order = np.lexsort((rng.random(len(cell)), kind, cell))
    ordered = np.column_stack([cell[order], kind[order]])
    other = np.ones(len(order), dtype=bool)
    other[1:] = (np.diff(ordered, axis=0) != 0).any(axis=1)
    starts = np.flatnonzero(other)
    position = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    alone = rng.random(len(order)) >= _TOGETHER
    new = other | alone | (position % _MOST[ordered[:, 1]] == 0)
    household = np.empty(len(order), np.int64)
    household[order] = np.cumsum(new) - 1
    return household
