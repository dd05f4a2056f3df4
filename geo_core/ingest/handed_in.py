"""Everything an input folder holds, read and checked: what goes on, and what was refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.catalog import Catalog
from geo_core.errors import IngestError, SourceError
from geo_core.ingest.across import known_ids, reserved
from geo_core.ingest.bodies import acceptable, check_membership, members_on
from geo_core.ingest.conteggi import COUNTS, read_counts
from geo_core.ingest.deliveries import Deliveries, read_deliveries
from geo_core.ingest.intake import THEMES, Intake, check_chunks
from geo_core.ingest.kinds import References, kind
from geo_core.ingest.population import check_population, reconcile, unplaced
from geo_core.ingest.problems import Checked, RowProblem
from geo_core.ingest.register import check_register
from geo_core.ingest.secret import Secrets
from geo_core.ingest.times import TIMES, read_times
from geo_core.sources import csv_chunks

SHOWN = 10
"""Refused rows that an error lists; the count always covers all."""

NEEDED: Final = {
    "ambiti": "atlante import ambiti FILE (which municipality is in which managing body)",
    "popolazione": "atlante import istat-sezioni FILES, or popolazione-raster FILE (docs/fonti.md);"
    " popolazione-areale will do only where no records of persons are published",
}
"""Tables without which nothing can be built, in the order in which to bring them, and how."""


type _Tables = dict[str, Checked[pd.DataFrame]]


@dataclass(frozen=True)
class HandedIn:
    """The checked content of an input folder.

    Attributes
    ----------
    population : DataFrame
        `cod_istat`, `h3` (leaf), `eta`, `sesso`, `n`.
    membership : DataFrame
        `cod_istat`, `cod_ambito`, `denominazione`, `dal`, `al`.
    register : dict of GeoDataFrame
        Accepted rows of the tables of `geo_core.ingest.rules.TABLES`, by name.
    records : dict of Intake
        Records of persons by table, only tables that are there: class D until disclosure
        control.
    deliveries : Deliveries
        Who was to hand in records, and who did.
    times : DataFrame
        Travel times (`geo_core.ingest.times`); without rows where nobody handed them in.
    conteggi : DataFrame
        Counts of a census or of an office's own books (`geo_core.ingest.conteggi`); maybe no rows.
    counts : dict of Counted
        Where every row of every file went.
    problems : tuple of RowProblem
        Every refused row; of records of persons the first `SHOWN` of each table.
    unplaced : tuple of str
        Municipalities of other provinces whose residents are in no cell.
    """

    population: pd.DataFrame
    membership: pd.DataFrame
    register: dict[str, gpd.GeoDataFrame]
    records: dict[str, Intake]
    deliveries: Deliveries
    times: pd.DataFrame
    conteggi: pd.DataFrame
    counts: dict[str, Counted]
    problems: tuple[RowProblem, ...]
    unplaced: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """Rows of one file: ``rows == accepted + merged + restricted + refused``.

    `merged` are records of a person who is counted by another record; `withheld` are
    accepted rows whose place is kept secret; `geocoded` are positions found for rows that had
    none, by quality.
    """

    rows: int
    accepted: int
    refused: int
    merged: int = 0
    withheld: int = 0
    restricted: int = 0
    absent: bool = False
    geocoded: Mapping[str, int] = field(default_factory=dict)


def read_handed_in(  # noqa: PLR0913 - each is a different thing the rows are held against
    folder: Path,
    catalog: Catalog,
    *,
    municipalities: gpd.GeoDataFrame,
    residents: pd.DataFrame,
    territory: Collection[str],
    province: str,
    years: Collection[int],
    on: str,
    secrets: Secrets,
    progress: Callable[[str], None],
) -> HandedIn:
    """Read and check every file of an input folder.

    Parameters
    ----------
    folder : Path
        Holds the tables of `NEEDED`, and whichever there are of the registers and `THEMES`.
    catalog : Catalog
        What is declared.
    municipalities : GeoDataFrame
        `cod_istat` and `geometry` of every municipality a row may name.
    residents : DataFrame
        Official population: `cod_istat`, `eta`, `sesso`, `n`.
    territory : collection of str
        Leaf cells of the district's territory. A record may also lie in an inhabited cell
        whose centre is just outside.
    province : str
        Three-digit code; all its residents must be in a cell.
    years : collection of int
        Calendar years of records of persons.
    on : str
        Reference date, ``YYYY-MM-DD``: the day on which the bodies have their members.
    secrets : Secrets
        Where nothing may be.
    progress : callable
        Told how far a long table is.

    Raises
    ------
    SourceError, IngestError
        A needed file is not there, one cannot be read, a column is missing or unknown, or the
        population differs from the official one. Refused rows do not raise here: see `problems`.
    """
    _need(folder)
    codes = frozenset(municipalities["cod_istat"])
    people = check_population(*_read(folder, "popolazione"), municipalities=codes)
    absent = unplaced(people.frame, residents, province=province)
    reconcile(people.frame, residents[~residents["cod_istat"].isin(absent)])
    members = check_membership(*_read(folder, "ambiti"), municipalities=acceptable(folder))
    register = check_register(
        folder,
        catalog.documents,
        codelists=catalog.codelists,
        municipalities=municipalities,
        bodies=members_on(members.frame, on),
        secrets=secrets,
    )
    known = References(
        organisations=known_ids(register["organizzazioni"]),
        offices=known_ids(register["sedi"]),
        municipalities=frozenset(people.frame["cod_istat"]),
        cells=frozenset(territory) | frozenset(people.frame["h3"]),
        years=frozenset(years),
    )
    records = _records(folder, catalog, known, register["sedi"], progress)
    checked: _Tables = {"popolazione": people, "ambiti": members, **register}
    optional = _optional(folder, known, members.frame, towns=codes, on=on)
    checked |= {name: table for name, table in optional.items() if not table.absent}
    return HandedIn(
        population=people.frame,
        membership=members.frame,
        register={name: c.frame for name, c in register.items()},
        records=records,
        deliveries=read_deliveries(folder),
        counts=_counts(checked, records),
        times=optional[TIMES].frame,
        conteggi=optional[COUNTS].frame,
        problems=tuple(p for t in (checked, records) for c in t.values() for p in c.problems),
        unplaced=absent,
    )


def _optional(
    folder: Path, known: References, members: pd.DataFrame, *, towns: Collection[str], on: str
) -> dict[str, Checked[pd.DataFrame]]:
    bodies, year = members_on(members, on), int(on[:4])
    return {
        TIMES: read_times(folder, offices=known.offices, cells=known.cells),
        COUNTS: read_counts(folder, towns=towns, bodies=bodies, year=year),
    }


def refuse_partial(handed: HandedIn) -> None:
    """Raise `IngestError` with the first refused rows, if any row was refused."""
    refused = sum(counted.refused for counted in handed.counts.values())
    if not refused:
        return
    shown = "\n  ".join(str(p) for p in handed.problems[:SHOWN])
    more = refused - SHOWN
    said = "1 row is refused" if refused == 1 else f"{refused} rows are refused"
    rest = f"\n  and {more} more" if more > 0 else ""
    raise IngestError(
        f"{said}, so nothing is published\n  {shown}{rest}",
        hint="correct these rows, or build with --allow-partial to publish without them",
    )


def _records(
    folder: Path,
    catalog: Catalog,
    known: References,
    offices: Checked[gpd.GeoDataFrame],
    progress: Callable[[str], None],
) -> dict[str, Intake]:
    """Read and check every table with records of persons that is in the folder."""
    secret = reserved(offices.frame)
    unpublished = offices.restricted | frozenset(offices.frame.loc[secret, "id"])
    return {
        table: check_chunks(
            folder / f"{table}.csv",
            csv_chunks.chunks(folder / f"{table}.csv"),
            table=table,
            columns=kind(catalog, table, known).columns,
            reserved=unpublished,
            listed=SHOWN,
            progress=partial(_told, table, progress),
        )
        for table in THEMES
        if (folder / f"{table}.csv").exists()
    }


def _told(table: str, progress: Callable[[str], None], rows: int) -> None:
    progress(f"{table}: {rows:,} rows")


def _need(folder: Path) -> None:
    """Raise `SourceError` that names every needed table that is missing, and what brings it."""
    missing = [name for name in NEEDED if not (folder / f"{name}.csv").exists()]
    if missing:
        raise SourceError(
            "the input folder lacks what every district needs",
            where=", ".join(f"{name}.csv" for name in missing),
            hint="\n  ".join(NEEDED[name] for name in missing),
        )


def _read(folder: Path, name: str) -> tuple[Path, pd.DataFrame]:
    path = folder / f"{name}.csv"
    return path, csv_chunks.read(path)


def _counts(checked: _Tables, records: Mapping[str, Intake]) -> dict[str, Counted]:
    return {
        **{name: _counted(table) for name, table in checked.items()},
        **{name: _taken(intake) for name, intake in records.items()},
    }


def _counted(checked: Checked[pd.DataFrame]) -> Counted:
    return Counted(
        rows=checked.rows_in,
        accepted=len(checked.frame),
        refused=len(checked.problems),
        withheld=checked.withheld,
        restricted=len(checked.restricted),
        absent=checked.absent,
        geocoded=checked.geocoded,
    )


def _taken(intake: Intake) -> Counted:
    return Counted(
        rows=intake.rows_in,
        accepted=intake.accepted,
        refused=intake.refused,
        merged=intake.merged,
        withheld=intake.withheld,
    )
