"""Invented requests to services of two years, met or not: `domanda.csv`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo_core.synth.cases import People, Persons, Records
from geo_core.synth.kinds import SERVICES
from geo_core.synth.needs import AREAS, CHANNELS
from geo_core.synth.places import places
from geo_core.synth.streams import Columns, DrawByCode, constant, named, numbers, slices
from geo_core.synth.themes import MONTHS

PER_NEED: Final = 0.75
"""Requests for each need record."""

_KINDS: Final = tuple(service.kind for service in SERVICES)


def _area(need: str) -> str:
    """Return the area a request is for: violence is said of needs alone."""
    return "FAM" if need == "VIO" else need


_REQUESTED: Final = tuple(_area(need) for need in AREAS)


def _asked(area: str) -> Mapping[str, float]:
    """Return what persons of an area ask for: what is meant for it, above all."""
    for_all = {"sportello_sociale": 12.0, "centro_impiego": 3.0}
    own = {s.kind: float(s.weight) for s in SERVICES if _area(area) in s.areas.split(";")}
    return {kind: own.get(kind, for_all.get(kind, 0.1)) for kind in _KINDS}


_ASKED: Final = DrawByCode([_asked(area) for area in AREAS])

# Where places are few, more have to wait or are refused.
_SCARCE: Final = {
    "nido",
    "micronido",
    "struttura_residenziale",
    "edilizia_sociale",
    "centro_diurno",
}
_OUTCOMES: Final = DrawByCode(
    [
        {"accolto": 46, "inviato": 8, "in_attesa": 28, "non_accolto": 18}
        if kind in _SCARCE
        else {"accolto": 74, "inviato": 12, "in_attesa": 8, "non_accolto": 6}
        for kind in _KINDS
    ]
)
_DAYS: Final = np.array([75.0 if kind in _SCARCE else 16.0 for kind in _KINDS])
LONGEST: Final = 900
"""Longest wait, days."""


def demand(
    people: People,
    persons: Persons,
    records: Records,
    organisations: list[str],
    rng: np.random.Generator,
) -> Iterator[Columns]:
    """Write out requests, ordered by organisation and month.

    Yields
    ------
    Columns
        The columns of `layers/intake/domanda.yml`, text. Who still waits has no days.
    """
    for part in slices(len(records.person)):
        person = records.person[part]
        area, count = persons.category[person], len(person)
        service = _ASKED(area, rng)
        kind = pc.index_in(service, pa.array(_KINDS)).to_numpy()
        outcome = _OUTCOMES(kind, rng)
        days = np.minimum(rng.gamma(1.5, _DAYS[kind] / 1.5), LONGEST).astype(np.int64)
        answered = pc.not_equal(outcome, "in_attesa").to_numpy(zero_copy_only=False)
        yield {
            "id_org": named(organisations, records.org[part]),
            "periodo": named(MONTHS, records.month[part]),
            "unita_luogo": places(people, persons.group[person], rng),
            "area_utenza": named(_REQUESTED, area),
            "tipo_servizio": service,
            "esito": outcome,
            "attesa_giorni": numbers(days, answered),
            "n_richieste": constant("1", count),
            "pseudonimo": pa.array(persons.pseudonym[person].astype(str), pa.string()),
            "canale": CHANNELS(count, rng),
        }
