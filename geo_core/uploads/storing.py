"""Puts rows into an input table: whole or not at all, one upload at a time, private."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core import private
from geo_core.errors import IngestError
from geo_core.release.durable import sync_file, sync_folder
from geo_core.sources import csv_chunks
from geo_core.synth.district import MARKER

LOCK: Final = ".caricamento"
WAIT_S: Final = 60.0
_AGAIN_S: Final = 0.1


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
    """

    kept: pd.DataFrame
    replaced: pd.DataFrame
    unchanged: int
    table: pd.DataFrame


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the input folder for one upload; made, for its owner only, if it is not there.

    Raises
    ------
    IngestError
        Another upload holds it for longer than a minute.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(descriptor)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int) -> None:
    until = time.monotonic() + WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                message = "another upload is being written"
                raise IngestError(message, hint="try again when it is over") from None
            time.sleep(_AGAIN_S)
        else:
            return


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
    before = earlier.reindex(columns=columns, fill_value="")
    after = new.reindex(columns=columns, fill_value="")
    keys = set(after[list(replaces)].itertuples(index=False, name=None))
    found = before[list(replaces)].itertuples(index=False, name=None)
    gone = pd.Series([key in keys for key in found] if replaces else True, index=before.index)
    replaced, kept = before[gone], before[~gone]
    known = set(replaced.itertuples(index=False, name=None))
    same = sum(row in known for row in after.itertuples(index=False, name=None))
    return Merged(kept, replaced, same, pd.concat([kept, after], ignore_index=True))


def stored(table: pd.DataFrame) -> bytes:
    """Return the bytes of a table: sorted by all its columns, so that equal rows give equal bytes.

    The order in which rows came says something about persons; it is not kept.
    """
    ordered = table.sort_values(list(table.columns), kind="stable") if len(table) else table
    text = ordered.to_csv(index=False, lineterminator="\n")
    return str(text).encode()


def write_boundaries(path: Path, table: gpd.GeoDataFrame) -> None:
    """Write a table with geometry as GeoParquet, whole or not at all, for its owner only."""
    part = path.with_name(f".{path.name}.new")
    table.to_parquet(part, index=False, compression="zstd")
    part.chmod(0o600)
    sync_file(part)
    part.replace(path)
    sync_folder(path.parent)


def call_invented(path: Path) -> None:
    """Say in the marker beside a table that its rows, as they are now, are invented."""
    marker = path.with_name(MARKER)
    known = json.loads(marker.read_text(encoding="utf-8")) if marker.exists() else {}
    known[path.name] = sha256(path.read_bytes()).hexdigest()
    private.write(marker, json.dumps(known, indent=1).encode())
