"""Holds the rows of an upload against everything the build will hold them against.

The checks are the build's own: a row that passes here is published, or counted, there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.catalog import Catalog
from geo_core.ingest.answers import OUTSIDE
from geo_core.ingest.bodies import acceptable, check_membership, members_by_body
from geo_core.ingest.columns import read_columns
from geo_core.ingest.conteggi import COUNTS, check_counts
from geo_core.ingest.deliveries import SOURCES, check_sources
from geo_core.ingest.history import check_history
from geo_core.ingest.intake import THEMES, check_records
from geo_core.ingest.kinds import References
from geo_core.ingest.official import municipalities
from geo_core.ingest.points import misplaced
from geo_core.ingest.population import check_population
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.ingest.residents import check_residents
from geo_core.ingest.times import TIMES, check_times
from geo_core.model.district import District
from geo_core.uploads.tables import Target, references


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
    district: District
    municipalities: gpd.GeoDataFrame
    italy: frozenset[str]
    known: References
    bodies: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, folder: Path, catalog: Catalog, district: District) -> Around:
        """Read it from an input folder; the caller holds it."""
        places = municipalities(folder, district)
        return cls(
            folder=folder,
            catalog=catalog,
            district=district,
            municipalities=places,
            italy=acceptable(folder) | frozenset(places["cod_istat"]),
            known=references(folder, places, district),
            bodies=members_by_body(folder, on=district.reference_date),
        )


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
    path: Path, rows: pd.DataFrame, _target: Target, around: Around
) -> tuple[RowProblem, ...]:
    return check_residents(path, rows, municipalities=around.italy).problems


def _sources(
    path: Path, rows: pd.DataFrame, _target: Target, around: Around
) -> tuple[RowProblem, ...]:
    return check_sources(path, rows, organisations=around.known.organisations).problems


def _times(
    path: Path, rows: pd.DataFrame, _target: Target, around: Around
) -> tuple[RowProblem, ...]:
    known = around.known
    return check_times(path, rows, offices=known.offices, cells=known.cells).problems


def _conteggi(
    path: Path, rows: pd.DataFrame, _target: Target, around: Around
) -> tuple[RowProblem, ...]:
    towns, year = around.known.municipalities, around.district.year
    return check_counts(path, rows, towns=towns, bodies=around.bodies, year=year).problems


def _localities(
    path: Path, rows: pd.DataFrame, target: Target, around: Around
) -> tuple[RowProblem, ...]:
    areas = dict(
        zip(around.municipalities["cod_istat"], around.municipalities.geometry, strict=True)
    )
    shapely.prepare(list(areas.values()))
    problems = Problems(path)
    typed = read_columns(path, rows, target.columns, problems)
    problems.add_where(~typed["cod_istat"].isin(list(areas)), "cod_istat", _OUTSIDE)
    valid = problems.remaining(typed)
    cells = zip(valid.index, valid["lon"], valid["lat"], valid["cod_istat"], strict=True)
    for row, lon, lat, code in cells:
        refusal = misplaced(lon, lat, areas[code])
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
    TIMES: _times,
    COUNTS: _conteggi,
    "localita": _localities,
    **dict.fromkeys(THEMES, _records),
}
"""Tables with rules beyond those of their columns."""
