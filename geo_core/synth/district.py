"""Writes the demonstration district: the CSV files an office would hand in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo_core.errors import SourceError
from geo_core.sources import geopop
from geo_core.sources.base import Origin, provenance
from geo_core.synth import needs, register, settlement

PROVINCE: Final = "002"
YEAR: Final = 2023
SEED: Final = 20231231
ORIGIN: Final = Origin(
    version="2023-12-31",
    licence="CC-BY-4.0",
    attribution="Dati inventati da Atlante (CC BY 4.0)",
    synthetic=True,
)
"""Provenance of every file that is written."""

FILES: Final = (
    "popolazione.csv", "ambiti.csv", "organizzazioni.csv", "servizi.csv", "sedi.csv",
    "opportunita.csv", "rilevazioni.csv",
)  # fmt: skip


MARKER: Final = "sintetico.json"
"""Names the invented files with their hashes, so that a real one is never taken for one."""


def write_district(target: Path, *, seed: int) -> None:
    """Write the invented district of Vercelli, the same bytes for the same seed.

    Parameters
    ----------
    target : Path
        Folder that receives `FILES` (UTF-8 CSV with header); made if it is not there.
    seed : int
        Not negative. Each file draws from a stream of its own, so that a change in one leaves
        the others as they are.

    Raises
    ------
    SourceError
        The real municipalities or residents cannot be read, or the folder not written.
    """
    places, people, bodies, supply, cases = (
        np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(5)
    )
    municipalities = geopop.municipalities(PROVINCE)
    population = geopop.population(YEAR, PROVINCE)
    residents = population.groupby("cod_istat")["n"].sum()
    settlements = settlement.settle(municipalities, residents, places)
    inhabited = settlement.people(settlements, population, people)
    organisations = register.organisations(settlements, bodies)
    services = register.services(organisations, supply)
    tables = {
        "popolazione.csv": inhabited,
        "ambiti.csv": register.membership(settlements),
        "organizzazioni.csv": organisations,
        "servizi.csv": services,
        "sedi.csv": register.offices(settlements, services, supply),
        "opportunita.csv": register.opportunities(settlements, organisations, supply),
        "rilevazioni.csv": needs.needs(inhabited, organisations, cases),
    }
    _write(target, tables)


def is_invented(path: Path) -> bool:
    """Tell whether a file is, byte for byte, one that `write_district` wrote beside its marker.

    Raises
    ------
    SourceError
        The file cannot be read.
    """
    try:
        known = json.loads((path.parent / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(known, dict) and known.get(path.name) == _digest(path)


def _digest(path: Path) -> str:
    digest = provenance(path, ORIGIN).sha256
    if digest is None:
        raise SourceError("has no hash", where=path.name)
    return digest


def _write(target: Path, tables: dict[str, pd.DataFrame]) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        # Real files of persons will take the place of these: nobody else may look in.
        target.chmod(0o700)
        for name, table in tables.items():
            table.to_csv(target / name, index=False, encoding="utf-8", lineterminator="\n")
        marker = {name: _digest(target / name) for name in tables}
        (target / MARKER).write_text(json.dumps(marker, indent=1), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror}", where=target.name) from None
