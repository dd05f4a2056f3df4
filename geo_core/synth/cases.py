"""Persons with a case and their records: real residents, drawn without replacement.

Everything is numbers, one array for each property, so that ten million records fit: texts are
made batch by batch where a table is written (`geo_core.synth.tables`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_core.model import cells
from geo_core.synth.reporters import Reporters
from geo_core.synth.themes import BANDS, MONTHS, YEARS, Category, Theme

MOST_SHARE: Final = 0.3
"""Largest share of residents with a case in a year: more records are of the same persons."""

SAME_DESK: Final = 0.7
"""Share of a person's further records that the same organisation keeps."""

type Ints = npt.NDArray[np.int32]
type Codes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class People:
    """Residents in groups of equal cell, municipality, age band and sex.

    Attributes
    ----------
    cells, towns : list of str
        What the positions in `cell` and `town` mean; both ascending.
    band, sex : array of int8
        Positions in `BANDS` and in F, M.
    n : array of int64
        Residents of each group.
    """

    cells: list[str]
    towns: list[str]
    cell: Ints
    town: Ints
    band: Codes
    sex: Codes
    n: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Persons:
    """Persons with a case; all arrays have one element for each.

    Attributes
    ----------
    group : array
        Position in `People`.
    category : array
        Position in the theme's categories.
    pseudonym : array of 32 bytes
        Empty where no pseudonym is computed.
    present : array of bool (persons, years)
    """

    group: Ints
    category: Codes
    pseudonym: npt.NDArray[np.bytes_]
    present: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Records:
    """Records that were handed in, ordered by organisation and month.

    Attributes
    ----------
    person : array
        Position in `Persons`.
    org, month : array
        Positions in the reporters' `ids` and in `MONTHS`.
    again : array of bool
        A further record of a person and year.
    """

    person: Ints
    org: Ints
    month: Codes
    again: npt.NDArray[np.bool_]


def residents(people: pd.DataFrame) -> People:
    """Group the residents of `geo_core.synth.settlement.people`."""
    cell, names = pd.factorize(people["h3"], sort=True)
    town, towns = pd.factorize(people["cod_istat"], sort=True)
    first = [year for _, year in BANDS]
    return People(
        cells=list(names),
        towns=list(towns),
        cell=cell.astype(np.int32),
        town=town.astype(np.int32),
        band=(np.searchsorted(first, people["eta"], side="right") - 1).astype(np.int8),
        sex=(people["sesso"] == "M").to_numpy(dtype=np.int8),
        n=people["n"].to_numpy(dtype=np.int64),
    )


def persons(people: People, theme: Theme, wanted: float, rng: np.random.Generator) -> Persons:
    """Draw persons category by category, the rarest first, each resident at most once.

    Cases gather in some neighbourhoods: a factor for each coarse cell and one for each cell, by
    category, the same in both years.

    Parameters
    ----------
    wanted : float
        Persons of the last year, about; no more than `MOST_SHARE` of the residents.
    """
    total = int(people.n.sum())
    wanted = min(wanted, MOST_SHARE * total)
    group = np.repeat(np.arange(len(people.n), dtype=np.int32), people.n)
    free = np.ones(total, dtype=bool)
    _, coarse = np.unique(
        [cells.parent(cells.cell(c), 7) for c in people.cells], return_inverse=True
    )
    names = list(theme.categories)
    drawn = []
    for name in sorted(names, key=lambda c: theme.categories[c].share):
        category = theme.categories[name]
        hood = rng.normal(0, 0.5, coarse.max() + 1)[coarse] + rng.normal(0, 0.3, len(coarse))
        weight = np.array(category.ages)[people.band] * np.exp(hood)[people.cell]
        presence = _presence(category, theme.staying)
        count = round(wanted * category.share / float(presence[1:].sum()))
        taken = _without_replacement(np.where(free, weight[group], 0), count, rng)
        free[taken] = False
        kind = rng.choice(3, len(taken), p=presence)
        drawn.append((group[taken], np.full(len(taken), names.index(name), np.int8), kind))
    groups, categories, kinds = (np.concatenate(part) for part in zip(*drawn, strict=True))
    present = np.column_stack([kinds != 2, kinds != 0])
    return Persons(groups, categories, _pseudonyms(len(groups), theme.known, rng), present)


def _presence(category: Category, staying: float) -> npt.NDArray[np.float64]:
    """Return the chances of a person to be there first year only, both, last year only."""
    coming = (category.growth - staying) / ((1 - staying) * (1 + category.growth))
    return np.array([(1 - staying) * (1 - coming), staying, (1 - staying) * coming])


def _without_replacement(
    weight: npt.NDArray[np.float64], count: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw positions by weight, ascending.

    Exponential keys: Efraimidis and Spirakis, Information Processing Letters 97 (2006).
    """
    with np.errstate(divide="ignore"):
        key = rng.exponential(1, len(weight)) / weight
    count = min(count, int((weight > 0).sum()))
    return np.sort(np.argsort(key, kind="stable")[:count])


def _pseudonyms(count: int, known: float, rng: np.random.Generator) -> npt.NDArray[np.bytes_]:
    names = np.frombuffer(rng.bytes(16 * count).hex().encode(), "S32")
    return np.where(rng.random(count) < known, names, b"")


def records(  # noqa: PLR0913 - each is a different part of a record
    people: People,
    found: Persons,
    theme: Theme,
    seen: Reporters,
    *,
    count: int,
    rng: np.random.Generator,
) -> Records:
    """Invent the records of both years, less what no organisation handed in.

    Parameters
    ----------
    count : int
        Records that are left at the end (fewer if there are no persons to have them).

    Notes
    -----
    A person has one record in each year of presence; further records go to persons with a
    pseudonym, so that nobody counts twice.
    """
    home = people.town[found.group]
    desk = seen.of(home, rng)
    first = [np.flatnonzero(found.present[:, year]).astype(np.int32) for year in range(len(YEARS))]
    persons_ = np.concatenate(first)
    years = np.repeat(np.arange(len(YEARS), dtype=np.int8), [len(p) for p in first])
    share = _handed_in_share(desk, persons_, years, seen)
    more = max(0, round(1.02 * count / share) - len(persons_)) if share else 0
    known = np.flatnonzero(found.pseudonym[persons_] != b"")
    extra = rng.choice(known, more).astype(np.int32) if len(known) else known.astype(np.int32)
    person = np.concatenate([persons_, persons_[extra]])
    year = np.concatenate([years, years[extra]])
    again = np.arange(len(person)) >= len(persons_)
    org = desk[person]
    elsewhere = np.flatnonzero(again & (rng.random(len(person)) > SAME_DESK))
    org[elsewhere] = seen.of(home[person[elsewhere]], rng)
    month = (12 * year + _months(found.category[person], theme, rng)).astype(np.int8)
    return _sorted(Records(person, org, month, again), seen, count, rng)


def _handed_in_share(desk: Ints, person: Ints, year: Codes, seen: Reporters) -> float:
    by_year = seen.handed_in.reshape(len(seen.ids), len(YEARS), 12).mean(axis=2)
    return float(by_year[desk[person], year].mean()) if len(person) else 0.0


def _months(category: Codes, theme: Theme, rng: np.random.Generator) -> Codes:
    chance = rng.random(len(category))
    month = np.empty(len(category), np.int8)
    for code, declared in enumerate(theme.categories.values()):
        there = category == code
        upto = np.cumsum(declared.months) / np.sum(declared.months)
        month[there] = np.minimum(np.searchsorted(upto, chance[there], side="right"), 11)
    return month


def _sorted(every: Records, seen: Reporters, count: int, rng: np.random.Generator) -> Records:
    """Drop what was not handed in, keep `count` at random, order the rest."""
    kept = np.flatnonzero(seen.handed_in[every.org, every.month])
    if len(kept) > count:
        kept = np.sort(rng.permutation(kept)[:count])
    slot = every.org[kept] * np.int32(len(MONTHS)) + every.month[kept]
    kept = kept[np.argsort(slot, kind="stable")]
    return Records(every.person[kept], every.org[kept], every.month[kept], every.again[kept])
