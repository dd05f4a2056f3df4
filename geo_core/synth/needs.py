"""Invented need records: real residents of the invented settlement, drawn without replacement.

Shares by area follow the spending shares of ISTAT's survey of municipal social services, with
more addictions than there (0.3 % would leave nothing to protect). Needs gather in some
neighbourhoods: a factor for each coarse cell and one for each cell, by area.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_core.model import cells

N_PERSONS: Final = 10_600
N_RECORDS: Final = 12_000
YEAR: Final = 2023
KNOWN_SHARE: Final = 0.75
"""Share of persons whose body computes a pseudonym."""

BANDS: Final = (
    ("0-2", 0), ("3-5", 3), ("6-13", 6), ("14-17", 14),
    ("18-34", 18), ("35-64", 35), ("65-74", 65), ("75+", 75),
)  # fmt: skip
"""Age bands and their first year."""

SHARES: Final = {
    "FAM": 0.36, "DIS": 0.25, "ANZ": 0.17, "POV": 0.085, "IMM": 0.05, "DIP": 0.03, "MUL": 0.055,
}  # fmt: skip

WEIGHTS: Final = {
    # Relative risk by age band.
    "FAM": (5, 5, 6, 6, 3, 2, 0.2, 0.1),
    "DIS": (0.5, 1, 2, 2, 1.5, 2, 3, 4),
    "ANZ": (0, 0, 0, 0, 0, 0, 2, 8),
    "POV": (0, 0, 0, 0, 3, 4, 1.5, 1),
    "IMM": (2, 2, 2, 3, 4, 2, 0.3, 0.1),
    "DIP": (0, 0, 0, 1, 4, 3, 0.5, 0.1),
    "MUL": (1, 1, 1, 1, 1, 1, 1, 1),
}
BENEFITS: Final = {
    "FAM": ("A3.03", "A2.10", "A1.07", ""),
    "DIS": ("A2.07", "A3.01", "A2.14", "A2.09"),
    "ANZ": ("A2.07", "A2.08", "A2.13", "A2.21", "A3.02"),
    "POV": ("A2.22", "A1.06", "A2.01", "A1.05.01", "A2.16"),
    "IMM": ("A2.16", "A2.09", ""),
    "DIP": ("A2.09", ""),
    "MUL": ("",),
}
COLUMNS: Final = (
    "id_org", "periodo", "unita_luogo", "area_utenza", "bisogni", "prestazione", "fascia_eta",
    "sesso", "n_persone", "pseudonimo", "nucleo", "cittadinanza", "esito", "canale",
)  # fmt: skip
REPORTING: Final = ("consorzio", "ets", "parrocchia", "asl", "comune")
"""Kinds of organisation that hand in records."""

type Texts = npt.NDArray[np.object_]


def needs(
    people: pd.DataFrame, organisations: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Invent one year of need records.

    Parameters
    ----------
    people : DataFrame
        ``h3``, ``eta``, ``sesso``, ``n``, as `geo_core.synth.settlement.people` returns.
    organisations : DataFrame
        ``id_org``, ``tipo``.

    Returns
    -------
    DataFrame
        `COLUMNS`, text, ordered by organisation and month. One row is one record of one
        person; a person with a pseudonym may have several.
    """
    residents = people.loc[people.index.repeat(people["n"]), ["h3", "eta", "sesso"]]
    persons = _persons(residents.reset_index(drop=True), rng)
    again = rng.choice(np.flatnonzero(persons["pseudonimo"] != ""), N_RECORDS - N_PERSONS)
    records = persons.iloc[np.concatenate([np.arange(N_PERSONS), again])].reset_index(drop=True)
    _change_some_areas(records, rng)
    _describe(records, organisations, rng)
    ordered = records.sort_values(["id_org", "periodo"], kind="stable", ignore_index=True)
    return ordered[list(COLUMNS)]


def _persons(residents: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    chosen, areas = _choose(residents, rng)
    persons = residents.iloc[chosen].reset_index(drop=True)
    count = len(persons)
    names = np.array([rng.bytes(16).hex() for _ in range(count)], dtype=object)
    band = np.searchsorted([first for _, first in BANDS], persons["eta"], side="right") - 1
    bands = np.array([code for code, _ in BANDS], dtype=object)[band]
    sex = persons["sesso"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "unita_luogo": persons["h3"].to_numpy(dtype=object),
            "area_utenza": areas,
            "fascia_eta": np.where(rng.random(count) < 0.03, "nd", bands),
            "sesso": np.where(rng.random(count) < 0.02, "nd", sex),
            "pseudonimo": np.where(rng.random(count) < KNOWN_SHARE, names, ""),
        },
        dtype=object,
    )


def _choose(
    residents: pd.DataFrame, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], Texts]:
    """Draw persons without replacement, area by area, the rarest area first.

    Weighted drawing by exponential keys: Efraimidis and Spirakis, Information Processing
    Letters 97 (2006).
    """
    names, cell = np.unique(residents["h3"].to_numpy(dtype=str), return_inverse=True)
    _, coarse = np.unique([cells.parent(cells.cell(n), 7) for n in names], return_inverse=True)
    band = np.searchsorted([first for _, first in BANDS], residents["eta"], side="right") - 1
    free = np.ones(len(residents), dtype=bool)
    chosen, areas = [], []
    for area in sorted(SHARES, key=lambda a: SHARES[a]):
        hood = np.exp(rng.normal(0, 0.5, coarse.max() + 1)[coarse] + rng.normal(0, 0.3, len(names)))
        weight = np.array(WEIGHTS[area])[band] * hood[cell] * free
        with np.errstate(divide="ignore"):
            key = rng.exponential(1, len(residents)) / weight
        count = round(N_PERSONS * SHARES[area])
        taken = np.sort(np.argsort(key, kind="stable")[:count])
        free[taken] = False
        chosen.append(taken)
        areas.append(np.full(count, area, dtype=object))
    return np.concatenate(chosen), np.concatenate(areas)


def _change_some_areas(records: pd.DataFrame, rng: np.random.Generator) -> None:
    """Let three in ten later records of a person state another main need."""
    position = np.arange(len(records))
    later = np.flatnonzero((position >= N_PERSONS) & (rng.random(len(records)) < 0.3))
    other = rng.choice(list(SHARES), len(later), p=list(SHARES.values()))
    records.loc[later, "area_utenza"] = other


def _describe(records: pd.DataFrame, organisations: pd.DataFrame, rng: np.random.Generator) -> None:
    """Fill in everything a desk notes beside place, area, age and sex."""
    count = len(records)
    reporting = organisations.loc[organisations["tipo"].isin(REPORTING), "id_org"]
    records["id_org"] = rng.choice(reporting.to_numpy(dtype=object), count)
    records["periodo"] = [f"{YEAR}-{month:02d}" for month in rng.integers(1, 13, count)]
    main = records["area_utenza"].tolist()
    records["bisogni"] = [_several(area, rng) for area in main]
    records["prestazione"] = [str(rng.choice(BENEFITS[area])) for area in main]
    records["n_persone"] = "1"
    records["nucleo"] = _draw(
        {"singolo": 35, "coppia": 18, "con_minori": 25, "monogenitore": 14, "altro": 8}, count, rng
    )
    foreign = _draw({"extraUE": 80, "UE": 15, "nd": 5}, count, rng)
    usual = _draw({"IT": 88, "UE": 3, "extraUE": 6, "nd": 3}, count, rng)
    records["cittadinanza"] = np.where(records["area_utenza"] == "IMM", foreign, usual)
    records["esito"] = _draw(
        {"accolto": 66, "inviato": 12, "in_attesa": 14, "non_accolto": 8}, count, rng
    )
    records["canale"] = _draw(
        {"sportello": 55, "telefono": 18, "domicilio": 8, "posta": 3, "online": 6, "rete": 10},
        count,
        rng,
    )


def _several(main: str, rng: np.random.Generator) -> str:
    others: Sequence[str] = [area for area in SHARES if area != main]
    extra = rng.choice(others, int(rng.choice(3, p=[0.72, 0.22, 0.06])), replace=False)
    return ";".join([main, *extra])


def _draw(shares: dict[str, int], count: int, rng: np.random.Generator) -> Texts:
    weights = np.array(list(shares.values()), dtype=float)
    return rng.choice(np.array(list(shares), dtype=object), count, p=weights / weights.sum())
