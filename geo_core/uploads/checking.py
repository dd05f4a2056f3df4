"""Holds the rows of an upload against everything the build will hold them against.

The checks are the build's own: a row that passes here is published, or counted, there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.catalog import Catalog
from geo_core.ingest.answers import OUTSIDE
from geo_core.ingest.bodies import check_membership
from geo_core.ingest.columns import read_columns
from geo_core.ingest.deliveries import SOURCES, check_sources
from geo_core.ingest.history import check_history
from geo_core.ingest.intake import THEMES, check_records
from geo_core.ingest.kinds import References
from geo_core.ingest.points import misplaced
from geo_core.ingest.population import check_population
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.ingest.register import check_register
from geo_core.ingest.residents import check_residents
from geo_core.ingest.rules import TABLES
from geo_core.uploads.tables import Target


@dataclass(frozen=True)
class Around:
    """What the rows are held against.

    Attributes
    ----------
    folder : Path
        The input folder.
    municipalities : GeoDataFrame
        `cod_istat` and `geometry` of the district.
    italy : frozenset of str
        Every ISTAT code that membership may name: a body may have members anywhere.
    bodies : mapping
        Members of each body on the reference date.
    """

    folder: Path
    catalog: Catalog
    municipalities: gpd.GeoDataFrame
    italy: frozenset[str]
    known: References
    bodies: Mapping[str, frozenset[str]]


_OUTSIDE: Final = Refusal(OUTSIDE, "write the code of a municipality of the district")

type Check = Callable[[Path, pd.DataFrame, Target, Around], tuple[RowProblem, ...]]


def check(rows: pd.DataFrame, target: Target, around: Around) -> tuple[RowProblem, ...]:
    """Return the refused rows of a table that is not a register.

    Parameters
    ----------
    rows : DataFrame
        Text; the index is what `RowProblem.row` says.
    """
    path = Path(f"{target.name}.csv")
    return _CHECKS.get(target.name, _by_columns)(path, rows, target, around)


def check_in_register(
    table: pd.DataFrame, target: Target, around: Around
) -> dict[str, tuple[RowProblem, ...]]:
    """Return the refused rows of every register, if one of them became this table.

    Parameters
    ----------
    table : DataFrame
        Text; the whole table as it would be stored.

    Returns
    -------
    dict
        By table. For `target` the row is the position in `table`, else the row of the file.
    """
    return check_in_registers({target.name: table}, around)


def check_in_registers(
    tables: Mapping[str, pd.DataFrame], around: Around
) -> dict[str, tuple[RowProblem, ...]]:
    """Return the refused rows of every register, if several became these tables at once."""
    with tempfile.TemporaryDirectory() as name:
        trial = Path(name)
        for other in (*TABLES, "indirizzi", "localita"):
            stored = around.folder / f"{other}.csv"
            if stored.exists():
                (trial / stored.name).symlink_to(stored.resolve())
        for given, table in tables.items():
            own = trial / f"{given}.csv"
            own.unlink(missing_ok=True)
            table.to_csv(own, index=False)
        found = _register_problems(trial, around)
    # The header is row 1.
    moved = {given: tuple(p.at(p.row - 2) for p in found[given]) for given in tables}
    return {**found, **moved}


def check_register_as_it_is(around: Around) -> frozenset[RowProblem]:
    """Return what is wrong with the registers before an upload."""
    found = _register_problems(around.folder, around)
    return frozenset(problem for problems in found.values() for problem in problems)


def _register_problems(folder: Path, around: Around) -> dict[str, tuple[RowProblem, ...]]:
    checked = check_register(
        folder,
        around.catalog.documents,
        codelists=around.catalog.codelists,
        municipalities=around.municipalities,
        bodies=around.bodies,
    )
    return {name: c.problems for name, c in checked.items()}


def _membership(
    path: Path, rows: pd.DataFrame, _target: Target, around: Around
) -> tuple[RowProblem, ...]:
    return check_membership(path, rows, municipalities=around.italy).problems


def _history(
    path: Path, rows: pd.DataFrame, _target: Target, _around: Around
) -> tuple[RowProblem, ...]:
    return check_history(path, rows).problems


def _population(
    path: Path, rows: pd.DataFrame, _target: Target, around: Around
) -> tuple[RowProblem, ...]:
    return check_population(path, rows, municipalities=around.known.municipalities).problems


def _residents(
    path: Path, rows: pd.DataFrame, _target: Target, _around: Around
) -> tuple[RowProblem, ...]:
    return check_residents(path, rows).problems


def _sources(
    path: Path, rows: pd.DataFrame, _target: Target, around: Around
) -> tuple[RowProblem, ...]:
    return check_sources(path, rows, organisations=around.known.organisations).problems


def _localities(
    path: Path, rows: pd.DataFrame, target: Target, around: Around
) -> tuple[RowProblem, ...]:
    areas = dict(
        zip(around.municipalities["cod_istat"], around.municipalities.geometry, strict=True)
    )
    shapely.prepare(list(areas.values()))
    problems = Problems(path)
    typed = problems.remaining(read_columns(path, rows, target.columns, problems))
    cells = zip(typed.index, typed["lon"], typed["lat"], typed["cod_istat"], strict=True)
    for row, lon, lat, code in cells:
        refusal = misplaced(lon, lat, areas[code]) if code in areas else _OUTSIDE
        if refusal is not None:
            problems.add(int(row), "lon", refusal)
    return problems.listed()


def _records(
    path: Path, rows: pd.DataFrame, target: Target, _around: Around
) -> tuple[RowProblem, ...]:
    return check_records(path, rows, table=target.name, columns=target.columns).problems


def _by_columns(
    path: Path, rows: pd.DataFrame, target: Target, _around: Around
) -> tuple[RowProblem, ...]:
    problems = Problems(path)
    read_columns(path, rows, target.columns, problems)
    return problems.listed()


_CHECKS: Final[Mapping[str, Check]] = {
    "ambiti": _membership,
    "comuni_storia": _history,
    "popolazione": _population,
    "residenti": _residents,
    SOURCES: _sources,
    "localita": _localities,
    **dict.fromkeys(THEMES, _records),
}
"""Tables with rules beyond those of their columns."""
