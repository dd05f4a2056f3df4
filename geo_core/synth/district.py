"""Writes the demonstration district: the CSV files an office would hand in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo_core.errors import SourceError
from geo_core.synth import cases, demand, localities, needs, ratings, register, reports
from geo_core.synth.extent import PROVINCE, YEAR, Extent, extent
from geo_core.synth.folder import MARKER, ORIGIN, Folder, is_invented
from geo_core.synth.membership import membership
from geo_core.synth.reporters import Reporters, reporters
from geo_core.synth.settlement import Settlement, people, settle
from geo_core.synth.themes import NEEDS, REPORTS, YEARS

__all__ = [
    "FILES", "MARKER", "ORIGIN", "PROVINCE", "SEED", "YEAR", "is_invented", "write_district",
]  # fmt: skip

SEED: Final = 20231231

FILES: Final = (
    "popolazione.csv", "ambiti.csv", "organizzazioni.csv", "servizi.csv", "sedi.csv",
    "opportunita.csv", "localita.csv", "rilevazioni.csv", "domanda.csv", "segnalazioni.csv",
    "valutazioni.csv",
)  # fmt: skip
"""What is always written; `residenti.csv` too where residents are drawn."""

CASES: Final = 22_600
"""Need records of both years for `register.RESIDENTS` residents."""

_STREAMS: Final = (
    # One for each part, so that a change in one leaves the others as they are: add at the end.
    "places", "people", "bodies", "supply", "needs", "extent", "reporters", "demand", "reports",
    "ratings",
)  # fmt: skip


@dataclass(frozen=True)
class _District:
    """What the tables are made from."""

    extent: Extent
    settlements: dict[str, Settlement]
    residents: int
    random: dict[str, np.random.Generator]


def _nothing(_: str) -> None:
    """Tell nobody."""


def write_district(  # noqa: PLR0913 - each is a choice of its own
    target: Path,
    *,
    seed: int,
    residents: int | None = None,
    records: int | None = None,
    stage: Callable[[str], None] = _nothing,
    progress: Callable[[str], None] = _nothing,
) -> tuple[str, ...]:
    """Write the invented district, the same bytes for the same seed and sizes.

    Parameters
    ----------
    target : Path
        Folder that receives `FILES` (UTF-8 CSV with header); made if it is not there. A table
        in it that was not written by this function stays, and the others are made to fit it:
        above all a real `ambiti.csv`, whose municipalities of other provinces are settled too.
    seed : int
        Not negative. Each part draws from a stream of its own, so that a change in one leaves
        the others as they are.
    residents : int | None
        See `geo_core.synth.extent.extent`; all residents of province and members if left out.
    records : int | None
        Need records of both years together; in proportion to the residents if left out.
        Requests follow them in number, reports the residents, marks the offices.
    stage, progress : callable
        Told what is being made, and how far a long table is.

    Returns
    -------
    tuple of str
        The files that were left as they are.

    Raises
    ------
    SourceError
        The real municipalities or residents cannot be read, or the folder not written.
    """
    random = dict(zip(_STREAMS, _generators(seed), strict=True))
    try:
        folder = Folder(target, progress)
        stage("real municipalities and residents")
        ground = extent(random["extent"], members=_members(folder), residents=residents)
        stage("settlement")
        settlements = settle(ground.municipalities, ground.residents, random["places"])
        district = _District(ground, settlements, int(ground.residents.sum()), random)
        inhabited = _settled(folder, district)
        stage("registers")
        organisations, offices = _registers(folder, district)
        stage("cases")
        _cases(folder, district, inhabited, organisations, records)
        folder.table("valutazioni.csv", lambda: ratings.ratings(offices, random["ratings"]))
        folder.finish()
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror}", where=target.name) from None
    return tuple(folder.kept)


def _generators(seed: int) -> list[np.random.Generator]:
    seeds = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    return [np.random.Generator(np.random.PCG64(s)) for s in seeds]


def _members(folder: Folder) -> list[str]:
    """Return the municipalities that a real `ambiti.csv` has in a body at the end of `YEAR`."""
    real = folder.real("ambiti.csv")
    if real is None:
        return []
    until = real["al"] if "al" in real else pd.Series("", index=real.index)
    current = (until == "") | (until >= f"{YEAR}-12-31")
    return [str(code) for code in real.loc[current, "cod_istat"]]


def _settled(folder: Folder, district: _District) -> pd.DataFrame:
    ground, settlements = district.extent, district.settlements
    if ground.drawn:
        folder.table("residenti.csv", lambda: _totals(ground))
    folder.table("ambiti.csv", lambda: membership(ground, settlements))
    folder.table("localita.csv", lambda: localities.localities(settlements))
    drawn = folder.table(
        "popolazione.csv",
        lambda: people(settlements, ground.population[YEAR], district.random["people"]),
    )
    return drawn.astype({"eta": "int64", "n": "int64"})


def _totals(ground: Extent) -> pd.DataFrame:
    """Return the residents that were drawn, in the form of the official totals."""
    years = [rows.assign(anno=year) for year, rows in ground.population.items()]
    return pd.concat(years)[["anno", "cod_istat", "eta", "sesso", "n"]]


def _registers(folder: Folder, district: _District) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write organisations, services, offices and opportunities; return the first and the third."""
    places, residents = district.settlements, district.residents
    supply = district.random["supply"]
    organisations = folder.table(
        "organizzazioni.csv",
        lambda: _marked(register.organisations(places, residents, district.random["bodies"])),
    )
    services = folder.table(
        "servizi.csv", lambda: _marked(register.services(organisations, residents, supply))
    )
    offices = folder.table(
        "sedi.csv", lambda: _marked(register.offices(places, services, residents, supply))
    )
    folder.table(
        "opportunita.csv",
        lambda: _marked(register.opportunities(places, organisations, residents, supply)),
    )
    return organisations, offices


def _marked(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of every row that it is invented."""
    return rows.assign(dato_sintetico="true")


def _cases(
    folder: Folder,
    district: _District,
    inhabited: pd.DataFrame,
    organisations: pd.DataFrame,
    records: int | None,
) -> None:
    group = cases.residents(inhabited)
    seen = reporters(district.settlements, organisations, district.random["reporters"])
    count = records or register.scaled(CASES, district.residents)
    _needs_and_demand(folder, district, group, seen, count)
    rng = district.random["reports"]
    count = round(reports.PER_RESIDENT * district.residents)
    found = cases.persons(group, REPORTS, count / len(YEARS) / REPORTS.per_person, rng)
    rows = cases.records(group, found, REPORTS, seen, count=count, rng=rng)
    folder.stream(
        "segnalazioni.csv",
        len(rows.person),
        lambda: reports.reports(group, found, rows, seen.ids, rng),
    )


def _needs_and_demand(
    folder: Folder, district: _District, group: cases.People, seen: Reporters, count: int
) -> None:
    """Write needs and requests of the same persons."""
    rng, asking = district.random["needs"], district.random["demand"]
    wanted = count / len(YEARS) / NEEDS.per_person / seen.handed_in.mean()
    found = cases.persons(group, NEEDS, wanted, rng)
    rows = cases.records(group, found, NEEDS, seen, count=count, rng=rng)
    rows = cases.of_last_year(rows)
    folder.stream(
        "rilevazioni.csv",
        len(rows.person),
        lambda: needs.needs(group, found, rows, seen.ids, rng),
    )
    requests = round(demand.PER_NEED * count)
    asked = cases.records(group, found, NEEDS, seen, count=requests, rng=asking)
    folder.stream(
        "domanda.csv",
        len(asked.person),
        lambda: demand.demand(group, found, asked, seen.ids, asking),
    )
