"""What a change of some tables does to their rows and to all others: the next build's refusals.

One rule for every upload, import and withdrawal: rows that the build takes today and would refuse
afterwards are found before anything is written. Registers are checked as the build checks them.
Rows about persons are not listed: those that name what goes are counted by table.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.ingest.bodies import check_membership
from geo_core.ingest.boundaries import BOUNDARIES
from geo_core.ingest.official import unpeopled
from geo_core.ingest.problems import RowProblem
from geo_core.ingest.register import check_register
from geo_core.ingest.rules import TABLES
from geo_core.sources import csv, csv_chunks
from geo_core.uploads.checking import Around
from geo_core.uploads.storing import Tables, file_of

_MEMBERSHIP: Final = "ambiti"
_POPULATION: Final = "popolazione"
_OTHERS: Final = (_MEMBERSHIP, "comuni_storia", _POPULATION, "indirizzi", "localita", "residenti")
"""Tables beside the registers on which a check depends."""


@dataclass(frozen=True)
class Consequences:
    """Rows that the next build would refuse because of a change.

    Attributes
    ----------
    own : mapping
        Rows that the change brings, by table; `RowProblem.row` is their label in the index.
    broken : tuple of RowProblem
        Rows that are there already, of registers and of membership.
    orphaned : mapping of str to int
        Number of further rows that are there already, by table.
    unpeopled : tuple of str
        Years and municipalities that would lose their residents, without whom nothing is built.
    """

    own: Mapping[str, tuple[RowProblem, ...]]
    broken: tuple[RowProblem, ...]
    orphaned: Mapping[str, int]
    unpeopled: tuple[str, ...] = ()

    @property
    def harmless(self) -> bool:
        """Tell whether everything that is there already stays usable."""
        return not (self.broken or self.orphaned or self.unpeopled)


@dataclass(frozen=True)
class _State:
    """What the build would make of a folder: refused rows, and the codes that rows may name."""

    problems: Mapping[str, tuple[RowProblem, ...]]
    codes: Mapping[str, frozenset[str]]
    municipalities: frozenset[str]


def consequences(tables: Tables, around: Around) -> Consequences:
    """Return what the build would refuse if some tables became these.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Whole tables, text. Labels of the index tell where a row is from: not negative for one
        that the change brings, else the negative of its row number in the stored table.
    around : Around
        The input folder as it is.

    Raises
    ------
    AtlanteError
        With these tables nothing could be built at all.
    """
    with _trial(tables, around) as trial:
        after, lacking = _state(trial), _unpeopled(trial)
    before = cache(lambda: _state(around))
    own = {name: tuple(_of_the_change(name, table, after)) for name, table in tables.items()}
    there = [p for name in after.problems for p in _there(name, tables.get(name), after)]
    known = {p for found in before().problems.values() for p in found} if there else set()
    return Consequences(
        own=own,
        broken=tuple(p for p in there if p not in known),
        orphaned=_orphaned(before(), after, around, tables),
        unpeopled=tuple(sorted(lacking - _unpeopled(around))) if lacking else (),
    )


@contextmanager
def _trial(tables: Tables, around: Around) -> Iterator[Around]:
    """Make a folder in which the change is made and everything else is as it is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = {f"{other}.csv" for other in (*TABLES, *_OTHERS)} | {f"{BOUNDARIES}.parquet"}
        for other in kept - {file_of(*item) for item in tables.items()}:
            stored = around.folder / other
            if stored.exists():
                (folder / other).symlink_to(stored.resolve())
        for given, table in tables.items():
            path = folder / file_of(given, table)
            if isinstance(table, gpd.GeoDataFrame):
                table.to_parquet(path, index=False)
            else:
                table.to_csv(path, index=False)
        registers_alone = TABLES.keys() >= tables.keys()
        yield (
            dataclasses.replace(around, folder=folder)
            if registers_alone
            else Around.of(folder, around.catalog, around.district)
        )


def _state(around: Around) -> _State:
    path = around.folder / f"{_MEMBERSHIP}.csv"
    members = (
        check_membership(path, csv.read(path), municipalities=around.italy).problems
        if path.exists()
        else ()
    )
    registers = check_register(
        around.folder,
        around.catalog.documents,
        codelists=around.catalog.codelists,
        municipalities=around.municipalities,
        bodies=around.bodies,
    )
    return _State(
        problems={_MEMBERSHIP: members, **{name: c.problems for name, c in registers.items()}},
        codes={
            "organizzazioni": frozenset(registers["organizzazioni"].frame["id"]),
            "sedi": frozenset(registers["sedi"].frame["id"]),
            "place": around.known.cells | around.known.municipalities,
        },
        municipalities=around.known.municipalities,
    )


def _unpeopled(around: Around) -> frozenset[str]:
    codes = frozenset(around.municipalities["cod_istat"])
    found = unpeopled(around.folder, around.district, codes)
    return frozenset(f"{year} {code}" for year, code in found)


def _of_the_change(name: str, table: pd.DataFrame, after: _State) -> Iterator[RowProblem]:
    for problem in after.problems.get(name, ()):
        label = int(table.index[problem.row - csv.FIRST_ROW])
        if label >= 0:
            yield dataclasses.replace(problem, row=label)


def _there(name: str, table: pd.DataFrame | None, after: _State) -> Iterator[RowProblem]:
    for problem in after.problems[name]:
        label = -problem.row if table is None else int(table.index[problem.row - csv.FIRST_ROW])
        if label < 0:
            yield dataclasses.replace(problem, row=-label)


def _orphaned(before: _State, after: _State, around: Around, tables: Tables) -> dict[str, int]:
    """Count the rows, about persons and of population, that name a code that goes."""
    lost = {kind: codes - after.codes[kind] for kind, codes in before.codes.items()}
    naming = {
        table: {
            column: lost[kind]
            for column, answer in document.fields.items()
            if (kind := answer.refers or answer.type) in lost
        }
        for table, document in around.catalog.intake.items()
    }
    naming[_POPULATION] = {"cod_istat": before.municipalities - after.municipalities}
    counted = {
        table: _count(around.folder / f"{table}.csv", columns)
        for table, columns in naming.items()
        if table not in tables and any(columns.values())
    }
    return {table: rows for table, rows in counted.items() if rows}


def _count(path: Path, gone: Mapping[str, frozenset[str]]) -> int:
    if not path.exists():
        return 0
    return sum(
        int(
            pd.concat([rows[name].isin(codes) for name, codes in gone.items()], axis=1)
            .any(axis=1)
            .sum()
        )
        for rows in csv_chunks.chunks(path)
    )
