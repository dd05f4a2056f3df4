"""Writes the demonstration district: the CSV files an office would hand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo_core.errors import SourceError
from geo_core.input_folder import held
from geo_core.synth import (
    cases,
    deliveries,
    demand,
    households,
    instruments,
    localities,
    needs,
    networks,
    opportunities,
    pacts,
    practices,
    ratings,
    register,
    reports,
    service_areas,
)
from geo_core.synth.extent import PROVINCE, YEAR, Extent, extent
from geo_core.synth.folder import ORIGIN, Folder
from geo_core.synth.membership import membership
from geo_core.synth.reporters import Reporters, reporters
from geo_core.synth.settlement import Settlement, people, settle
from geo_core.synth.staff import staff
from geo_core.synth.themes import NEEDS, REPORTS, YEARS

__all__ = ["FILES", "ORIGIN", "PROVINCE", "SEED", "YEAR", "write_district"]

SEED: Final = 20231231

FILES: Final = (
    "popolazione.csv", "ambiti.csv", "organizzazioni.csv", "servizi.csv", "sedi.csv",
    "opportunita.csv", "strumenti.csv", "reti.csv", "patti.csv", "buone_prassi.csv",
    "aree_servizio.csv", "localita.csv", "rilevazioni.csv", "domanda.csv", "segnalazioni.csv",
    "valutazioni.csv", "fonti.csv", "consegne.csv", "conteggi.csv",
)  # fmt: skip
"""What is always written; `residenti.csv` too where residents are drawn."""

CASES: Final = 22_600
"""Need records of both years for `register.RESIDENTS` residents."""

REFERRED: Final = ("organizzazioni.csv", "servizi.csv", "sedi.csv")
"""Registers that others refer to. Where one is real, nothing is invented about its rows."""

_STREAMS: Final = (
    # One for each part, so that a change in one leaves the others as they are: add at the end.
    "places", "people", "bodies", "supply", "needs", "extent", "reporters", "demand", "reports",
    "ratings", "networks", "instruments", "pacts", "practices", "service_areas",
    "opportunities", "households", "staff",
)  # fmt: skip


type Tables = Mapping[str, pd.DataFrame]
"""Tables that are there already, by file name."""


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
        What whoever asked should know: which files were left as they are.

    Raises
    ------
    SourceError
        The real municipalities or residents cannot be read, or the folder not written.
    """
    random = dict(zip(_STREAMS, _generators(seed), strict=True))
    try:
        with held(target):
            folder = Folder(target, progress)
            _write(folder, random, residents, records, stage)
            folder.finish()
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror}", where=target.name) from None
    return _notes(folder)


def _write(
    folder: Folder,
    random: dict[str, np.random.Generator],
    residents: int | None,
    records: int | None,
    stage: Callable[[str], None],
) -> None:
    stage("comuni e residenti veri / real municipalities and residents")
    ground = extent(random["extent"], members=_members(folder), residents=residents)
    stage("abitati / settlement")
    settlements = settle(ground.municipalities, ground.residents, random["places"])
    district = _District(ground, settlements, int(ground.residents.sum()), random)
    settled = _settled(folder, district)
    if not folder.keeps(REFERRED):
        stage("registri / registers")
        _registers(folder, district)
        stage("casi / cases")
        _cases(folder, district, settled, records)
        offices = folder.tables["sedi.csv"]
        folder.table("valutazioni.csv", lambda: ratings.ratings(offices, random["ratings"]))


def _notes(folder: Folder) -> tuple[str, ...]:
    notes = [f"{name} was not written by this command and stays as it is" for name in folder.kept]
    if not set(REFERRED).isdisjoint(folder.kept):
        notes.append("no row was invented that would name one of a real register")
    return tuple(notes)


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


def _registers(folder: Folder, district: _District) -> None:
    """Write every open table; each row says that it is invented, and so does the marker."""
    members, residents = folder.tables["ambiti.csv"], district.extent.population[YEAR]
    workers = partial(staff, members, residents, YEAR, district.random["staff"])
    folder.table("conteggi.csv", workers)
    for name, make in _REGISTERS.items():
        folder.table(name, partial(_marked, make, district, folder.tables))


def _marked(
    make: Callable[[_District, Tables], pd.DataFrame], district: _District, tables: Tables
) -> pd.DataFrame:
    return make(district, tables).assign(dato_sintetico="true")


_REGISTERS: Final[Mapping[str, Callable[[_District, Tables], pd.DataFrame]]] = {
    "organizzazioni.csv": lambda d, _: register.organisations(
        d.settlements, d.residents, d.random["bodies"]
    ),
    "servizi.csv": lambda d, t: register.services(
        t["organizzazioni.csv"], d.residents, d.random["supply"]
    ),
    "sedi.csv": lambda d, t: register.offices(
        d.settlements, t["servizi.csv"], d.residents, d.random["supply"]
    ),
    "opportunita.csv": lambda d, t: opportunities.opportunities(
        d.settlements,
        t["organizzazioni.csv"],
        t["ambiti.csv"],
        d.residents,
        d.random["opportunities"],
    ),
    "strumenti.csv": lambda d, t: instruments.instruments(
        t["organizzazioni.csv"], t["ambiti.csv"], d.residents, d.random["instruments"]
    ),
    "reti.csv": lambda d, t: networks.networks(
        t["organizzazioni.csv"], d.residents, d.random["networks"]
    ),
    "patti.csv": lambda d, t: pacts.pacts(
        d.settlements, t["organizzazioni.csv"], t["strumenti.csv"], d.residents, d.random["pacts"]
    ),
    "buone_prassi.csv": lambda d, t: practices.practices(
        d.settlements, t, d.residents, d.random["practices"]
    ),
    "aree_servizio.csv": lambda d, t: service_areas.service_areas(
        d.settlements, t["sedi.csv"], d.residents, d.random["service_areas"]
    ),
}
"""How each open table is made, in the order in which they refer to each other."""


def _cases(
    folder: Folder,
    district: _District,
    inhabited: pd.DataFrame,
    records: int | None,
) -> None:
    group = cases.residents(inhabited)
    organisations = folder.tables["organizzazioni.csv"]
    seen = reporters(district.settlements, organisations, district.random["reporters"])
    folder.table("fonti.csv", lambda: deliveries.sources(seen))
    folder.table("consegne.csv", lambda: deliveries.deliveries(seen))
    count = records or register.scaled(CASES, district.residents)
    _needs_and_demand(folder, district, group, seen, count)
    rng = district.random["reports"]
    count = round(reports.PER_RESIDENT * district.residents)
    wanted = count / len(YEARS) / REPORTS.per_person / seen.handed_in.mean()
    found = cases.persons(group, REPORTS, wanted, rng)
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
    living = households.living(group, found, district.random["households"])
    folder.stream(
        "rilevazioni.csv",
        len(rows.person),
        lambda: needs.needs(group, found, rows, seen.ids, living=living, rng=rng),
    )
    requests = round(demand.PER_NEED * count)
    asked = cases.records(group, found, NEEDS, seen, count=requests, rng=asking)
    folder.stream(
        "domanda.csv",
        len(asked.person),
        lambda: demand.demand(group, found, asked, seen.ids, asking),
    )
