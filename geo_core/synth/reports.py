"""Invented reports of citizens, as desks write them down: `segnalazioni.csv`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from geo_core.synth.cases import People, Persons, Records
from geo_core.synth.needs import CHANNELS
from geo_core.synth.places import places
from geo_core.synth.streams import Columns, constant, named, numbers, slices
from geo_core.synth.themes import MONTHS, REPORTS

PER_RESIDENT: Final = 0.018
"""Reports of both years for each resident."""

_STATES: Final = ("aperta", "presa_in_carico", "chiusa")
_CATEGORIES: Final = tuple(REPORTS.categories)


def reports(
    people: People,
    persons: Persons,
    records: Records,
    organisations: list[str],
    rng: np.random.Generator,
) -> Iterator[Columns]:
    """Write out reports, ordered by organisation and month.

    Yields
    ------
    Columns
        The columns of `layers/intake/segnalazioni.yml`, text. Older reports are closed more
        often; only closed ones have days.
    """
    for part in slices(len(records.person)):
        person, month = records.person[part], records.month[part]
        count = len(person)
        closed = rng.random(count) < 0.9 - 0.5 * month / len(MONTHS)
        state = np.where(closed, 2, rng.integers(0, 2, count))
        days = np.minimum(rng.gamma(1.3, 35, count), 365).astype(np.int64)
        yield {
            "id_org": named(organisations, records.org[part]),
            "periodo": named(MONTHS, month),
            "unita_luogo": places(people, persons.group[person], rng),
            "categoria": named(_CATEGORIES, persons.category[person]),
            "stato": named(_STATES, state),
            "giorni_chiusura": numbers(days, closed),
            "n_segnalazioni": constant("1", count),
            "pseudonimo": pa.array(persons.pseudonym[person].astype(str), pa.string()),
            "canale": CHANNELS(count, rng),
        }
