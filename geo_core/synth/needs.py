"""Invented need records of two years: `rilevazioni.csv`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo_core.synth.cases import People, Persons, Records
from geo_core.synth.households import KINDS, Living
from geo_core.synth.places import places
from geo_core.synth.streams import Columns, Draw, DrawByCode, constant, either, named, slices
from geo_core.synth.themes import BANDS, MONTHS, NEEDS

AREAS: Final = tuple(NEEDS.categories)
BENEFITS: Final = {
    "FAM": ("A3.03", "A2.10", "A1.07", ""),
    "DIS": ("A2.07", "A3.01", "A2.14", "A2.09"),
    "ANZ": ("A2.07", "A2.08", "A2.13", "A2.21", "A3.02"),
    "POV": ("A2.22", "A1.06", "A2.01", "A1.05.01", "A2.16"),
    "IMM": ("A2.16", "A2.09", ""),
    "DIP": ("A2.09", ""),
    "MUL": ("",),
    "VIO": ("A2.18", ""),
}
CHANGED: Final = 0.3
"""Share of further records of a person that state another main need."""

_FOREIGN: Final = {"extraUE": 80, "UE": 15, "nd": 5}
_USUAL: Final = {"IT": 88, "UE": 3, "extraUE": 6, "nd": 3}
_CITIZENS: Final = DrawByCode([_FOREIGN if area == "IMM" else _USUAL for area in AREAS])
_BENEFITS: Final = DrawByCode([dict.fromkeys(BENEFITS[area], 1) for area in AREAS])
_OUTCOMES: Final = Draw({"accolto": 66, "inviato": 12, "in_attesa": 14, "non_accolto": 8})
CHANNELS: Final = Draw(
    {"sportello": 55, "telefono": 18, "domicilio": 8, "posta": 3, "online": 6, "rete": 10}
)

# One row for each main need: it alone, with one other, with two others in either order.
_SEVERAL: Final = tuple(
    ";".join([main, *others])
    for main in AREAS
    for count in range(3)
    for others in permutations([area for area in AREAS if area != main], count)
)
_OTHERS: Final = len(AREAS) - 1
_PER_MAIN: Final = 1 + _OTHERS + _OTHERS * (_OTHERS - 1)


def needs(  # noqa: PLR0913 - each is a different part of a record
    people: People,
    persons: Persons,
    records: Records,
    organisations: list[str],
    *,
    living: Living,
    rng: np.random.Generator,
) -> Iterator[Columns]:
    """Write out need records, ordered by organisation and month.

    Parameters
    ----------
    organisations : list of str
        What the positions in `Records.org` mean.
    living : Living
        The households of the persons.

    Yields
    ------
    Columns
        The columns of `layers/intake/rilevazioni.yml`, text. One row is one record of one
        person; a person with a pseudonym may have several.
    """
    for part in slices(len(records.person)):
        person = records.person[part]
        group, count = persons.group[person], len(person)
        area = _stated(persons.category[person], records.again[part], rng)
        yield {
            "id_org": named(organisations, records.org[part]),
            "periodo": named(MONTHS, records.month[part]),
            "unita_luogo": places(people, group, rng),
            "area_utenza": named(AREAS, area),
            "bisogni": _several(area, rng),
            "prestazione": _BENEFITS(area, rng),
            "fascia_eta": _unless(0.03, named([b for b, _ in BANDS], people.band[group]), rng),
            "sesso": _unless(0.02, named(("F", "M"), people.sex[group]), rng),
            "n_persone": constant("1", count),
            "pseudonimo": pa.array(persons.pseudonym[person].astype(str), pa.string()),
            "nucleo": named(KINDS, living.kind[person]),
            "cittadinanza": _CITIZENS(area, rng),
            "esito": _OUTCOMES(count, rng),
            "canale": CHANNELS(count, rng),
            "pseudonimo_nucleo": pa.array(living.pseudonym[person].astype(str), pa.string()),
        }


def _stated(
    area: npt.NDArray[np.int8], again: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.int8]:
    upto = np.cumsum([c.share for c in NEEDS.categories.values()])
    other = np.minimum(np.searchsorted(upto / upto[-1], rng.random(len(area))), len(AREAS) - 1)
    return np.where(again & (rng.random(len(area)) < CHANGED), other, area).astype(np.int8)


def _several(main: npt.NDArray[np.int8], rng: np.random.Generator) -> pa.Array:
    chance = rng.random(len(main))
    one = 1 + rng.integers(0, _OTHERS, len(main))
    two = 1 + _OTHERS + rng.integers(0, _OTHERS * (_OTHERS - 1), len(main))
    which = np.where(chance < 0.72, 0, np.where(chance < 0.94, one, two))
    return named(_SEVERAL, main.astype(np.int64) * _PER_MAIN + which)


def _unless(share: float, texts: pa.Array, rng: np.random.Generator) -> pa.Array:
    """Leave a share of the answers unknown."""
    return either(rng.random(len(texts)) >= share, texts, "nd")
