"""Puts rows into input tables: whole or not at all, several tables at once, private."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_core import input_folder, private
from geo_core.sources import csv, csv_chunks

type Tables = Mapping[str, pd.DataFrame]
"""Whole tables by name: a GeoDataFrame is kept as GeoParquet, every other as CSV."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A table after an upload.

    Attributes
    ----------
    kept, replaced : DataFrame
        Earlier rows that stay, and those that go.
    unchanged : int
        New rows that were there before, cell for cell.
    table : DataFrame
        The kept rows, then the new ones, in the order in which they are handed in; `stored`
        sorts them.

    A kept row has the negative of its row number in the stored table for its label.
    """

    kept: pd.DataFrame
    replaced: pd.DataFrame
    unchanged: int
    table: pd.DataFrame


def read_table(path: Path) -> pd.DataFrame:
    """Return a stored table as text, without columns if there is none."""
    return csv_chunks.read(path).reset_index(drop=True) if path.exists() else pd.DataFrame()


def merge(
    earlier: pd.DataFrame, new: pd.DataFrame, *, names: Sequence[str], replaces: Sequence[str]
) -> Merged:
    """Put new rows in the place of the earlier ones that agree with one of them.

    Parameters
    ----------
    earlier, new : DataFrame
        Text.
    names : sequence of str
        Columns that the table may have, in its order.
    replaces : sequence of str
        Columns in which rows must agree; every earlier row goes if there are none.
    """
    columns = [name for name in names if name in earlier or name in new]
    labels = -np.arange(csv.FIRST_ROW, csv.FIRST_ROW + len(earlier))
    before = earlier.reindex(columns=columns, fill_value="").set_axis(labels)
    after = new.reindex(columns=columns, fill_value="")
    keys = set(after[list(replaces)].itertuples(index=False, name=None))
    found = before[list(replaces)].itertuples(index=False, name=None)
    gone = np.array([key in keys for key in found] if replaces else [True] * len(before), bool)
    replaced, kept = before[gone], before[~gone]
    known = set(replaced.itertuples(index=False, name=None))
    same = sum(row in known for row in after.itertuples(index=False, name=None))
    return Merged(kept, replaced, same, pd.concat([kept, after]))


def exchanged(folder: Path, name: str, table: pd.DataFrame) -> tuple[int, int]:
    """Return how many stored rows go for a whole table, and how many new rows equal one of them.

    Parameters
    ----------
    table : DataFrame
        A row that stays has the negative of its row number in the stored table for its label.
    """
    path = folder / file_of(name, table)
    if not path.exists():
        return 0, 0
    geographic = isinstance(table, gpd.GeoDataFrame)
    earlier = gpd.read_parquet(path).to_wkb() if geographic else read_table(path)
    after = table.to_wkb() if isinstance(table, gpd.GeoDataFrame) else table
    stays = -table.index[table.index < 0] - csv.FIRST_ROW
    gone = earlier.drop(index=stays).drop_duplicates()
    new = after[after.index >= 0].reindex(columns=gone.columns, fill_value="")
    return len(earlier) - len(stays), len(new.merge(gone))


def stored(table: pd.DataFrame) -> bytes:
    """Return the bytes of a table: sorted by all its columns, so that equal rows give equal bytes.

    The order in which rows came says something about persons; it is not kept.
    """
    ordered = table.sort_values(list(table.columns), kind="stable") if len(table) else table
    text = ordered.to_csv(index=False, lineterminator="\n")
    return str(text).encode()


def store(folder: Path, tables: Tables, *, invented: Collection[str] = ()) -> None:
    """Put whole tables in the place of the stored ones, all or none.

    Parameters
    ----------
    folder : Path
        The input folder; the caller holds it.
    invented : collection of str
        Names of the tables that are invented.
    """
    prepared = input_folder.prepare(folder)
    for name, table in tables.items():
        write(prepared, name, table)
    input_folder.put(folder, invented=[file_of(name, tables[name]) for name in invented])


def write(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Write one table, for its owner only."""
    path = folder / file_of(name, table)
    if isinstance(table, gpd.GeoDataFrame):
        table.to_parquet(path, index=False, compression="zstd")
        path.chmod(0o600)
    else:
        private.write(path, stored(table))


def file_of(name: str, table: pd.DataFrame) -> str:
    """Return the file in which a table is kept."""
    return f"{name}.parquet" if isinstance(table, gpd.GeoDataFrame) else f"{name}.csv"
