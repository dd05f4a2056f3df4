"""Everything an input folder holds, read and checked: what goes on, and what was refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo_core.catalog import Catalog
from geo_core.errors import IngestError, SourceError
from geo_core.ingest.bodies import check_membership
from geo_core.ingest.intake import Intake, check_needs
from geo_core.ingest.kinds import References, kind
from geo_core.ingest.population import check_population, reconcile
from geo_core.ingest.problems import Checked, RowProblem
from geo_core.ingest.register import check_register
from geo_core.sources import csv

SHOWN = 10
"""Refused rows that an error lists; the count always covers all."""


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
        Accepted rows of organisations, services, offices and opportunities, by layer id.
    needs : DataFrame
        `h3` (leaf), `area_utenza`, `n`: class D until disclosure control.
    counts : dict of Counted
        Where every row of every file went.
    problems : tuple of RowProblem
        Every refused row.
    """

    population: pd.DataFrame
    membership: pd.DataFrame
    register: dict[str, gpd.GeoDataFrame]
    needs: pd.DataFrame
    counts: dict[str, Counted]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True)
class Counted:
    """Rows of one file: ``rows == accepted + merged + refused``.

    `merged` are need records of a person who is counted by another record; `withheld` are
    accepted rows whose place is kept secret.
    """

    rows: int
    accepted: int
    refused: int
    merged: int = 0
    withheld: int = 0


def read_handed_in(  # noqa: PLR0913 - each is a different thing the rows are held against
    folder: Path,
    catalog: Catalog,
    *,
    municipalities: gpd.GeoDataFrame,
    residents: pd.DataFrame,
    territory: Collection[str],
    year: int,
) -> HandedIn:
    """Read and check every file of an input folder.

    Parameters
    ----------
    folder : Path
        Holds `popolazione.csv`, `ambiti.csv`, `organizzazioni.csv`, `servizi.csv`,
        `sedi.csv`, `opportunita.csv` and `rilevazioni.csv`.
    catalog : Catalog
        What is declared.
    municipalities : GeoDataFrame
        `cod_istat` and `geometry` of every municipality a row may name.
    residents : DataFrame
        Official population of `year`: `cod_istat`, `eta`, `sesso`, `n`.
    territory : collection of str
        Leaf cells of the district's territory. A need may also lie in an inhabited cell whose
        centre is just outside.
    year : int
        Calendar year of the needs.

    Raises
    ------
    SourceError, IngestError
        A file cannot be read, a column is missing or unknown, or the population differs from
        the official one. Refused rows do not raise here: see `problems`.
    """
    codes = frozenset(municipalities["cod_istat"])
    people = check_population(*_read(folder, "popolazione"), municipalities=codes)
    reconcile(people.frame, residents)
    members = check_membership(*_read(folder, "ambiti"), municipalities=codes)
    register = check_register(
        folder,
        {layer.id: layer for layer in catalog.layers},
        codelists=catalog.codelists,
        municipalities=municipalities,
    )
    known = References(
        organisations=frozenset(register["organizzazioni"].frame["id"]),
        offices=frozenset(register["sedi"].frame["id"]),
        cells=frozenset(territory) | frozenset(people.frame["h3"]),
        years=frozenset({year}),
    )
    columns = kind(catalog, "rilevazioni", known).columns
    needs = check_needs(*_read(folder, "rilevazioni"), columns=columns)
    checked: dict[str, Checked[pd.DataFrame]] = {
        "popolazione": people,
        "ambiti": members,
        **register,
    }
    return HandedIn(
        population=people.frame,
        membership=members.frame,
        register={name: c.frame for name, c in register.items()},
        needs=needs.counts,
        counts={**{name: _counted(c) for name, c in checked.items()}, "rilevazioni": _taken(needs)},
        problems=(*(p for c in checked.values() for p in c.problems), *needs.problems),
    )


def refuse_partial(handed: HandedIn) -> None:
    """Raise `IngestError` with the first refused rows, if any row was refused."""
    if not handed.problems:
        return
    shown = "\n  ".join(str(p) for p in handed.problems[:SHOWN])
    more = len(handed.problems) - SHOWN
    raise IngestError(
        f"{len(handed.problems)} rows are refused, so nothing is published\n  {shown}"
        + (f"\n  and {more} more" if more > 0 else ""),
        hint="correct these rows, or build with --allow-partial to publish without them",
    )


def _read(folder: Path, name: str) -> tuple[Path, pd.DataFrame]:
    path = folder / f"{name}.csv"
    if not path.exists():
        raise SourceError(
            "is not in the input folder",
            where=path.name,
            hint="put it there, or run `atlante synth` for the demonstration district",
        )
    return path, csv.read(path)


def _counted(checked: Checked[pd.DataFrame]) -> Counted:
    return Counted(
        rows=checked.rows_in,
        accepted=len(checked.frame),
        refused=len(checked.problems),
        withheld=checked.withheld,
    )


def _taken(needs: Intake) -> Counted:
    return Counted(
        rows=needs.rows_in,
        accepted=needs.accepted,
        refused=len(needs.problems),
        merged=needs.merged,
    )
