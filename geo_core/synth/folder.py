"""The folder the invented tables go to: what is real in it stays, what was invented is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core import input_folder
from geo_core.sources import csv
from geo_core.sources.base import Origin
from geo_core.synth import streams

ORIGIN: Final = Origin(
    version="2023-12-31",
    licence="CC-BY-4.0",
    attribution="Dati inventati da Atlante (CC BY 4.0)",
    synthetic=True,
)
"""Provenance of every file that is written."""


def remove(target: Path) -> tuple[str, ...]:
    """Take every invented table out of an input folder, and return their files' names."""
    with input_folder.held(target):
        names = [name for name in input_folder.marked(target) if (target / name).exists()]
        gone = tuple(name for name in names if input_folder.is_invented(target / name))
        input_folder.prepare(target)
        input_folder.put(target, gone=gone)
    return gone


class Folder:
    """A folder that receives invented tables, all at once at the end.

    Parameters
    ----------
    target : Path
        The input folder; the caller holds it.
    progress : callable
        Told how far a long table is.

    Attributes
    ----------
    kept : list of str
        Files that are there and were not invented: they are left as they are.
    tables : dict of DataFrame
        Every table asked for so far, real or invented, by file name.
    """

    __slots__ = ("_prepared", "_progress", "_target", "_written", "kept", "tables")

    def __init__(self, target: Path, progress: Callable[[str], None]) -> None:
        self._target = target
        self._progress = progress
        self._written: list[str] = []
        self.kept: list[str] = []
        self.tables: dict[str, pd.DataFrame] = {}
        self._prepared = input_folder.prepare(target)

    def keeps(self, names: Iterable[str]) -> bool:
        """Tell whether any of these files is there and was not invented; note those that are."""
        real = [name for name in names if (self._target / name).exists() and not self._ours(name)]
        self.kept += [name for name in real if name not in self.kept]
        return bool(real)

    def real(self, name: str) -> pd.DataFrame | None:
        """Return the rows, as text, of a table that was not invented; None if there is none."""
        return csv.read(self._target / name) if self.keeps([name]) else None

    def table(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return the real table of this name, or invent and write it."""
        rows = self.real(name)
        if rows is None:
            rows = make()
            rows.to_csv(self._begun(name), index=False, lineterminator="\n")
        self.tables[name] = rows
        return rows

    def stream(self, name: str, rows: int, make: Callable[[], Iterator[streams.Columns]]) -> None:
        """Invent and write a long table, unless there is a real one."""

        def told(done: int) -> None:
            self._progress(f"{name}: {done:,} of {rows:,} rows")

        if not self.keeps([name]):
            streams.write(self._begun(name), make(), progress=told)

    def finish(self) -> None:
        """Put the new tables in place; remove invented ones that are not renewed."""
        before = {name for name in input_folder.marked(self._target) if self._ours(name)}
        gone = before.difference(self._written)
        input_folder.put(self._target, invented=self._written, gone=gone)

    def _ours(self, name: str) -> bool:
        path = self._target / name
        return path.exists() and input_folder.is_invented(path)

    def _begun(self, name: str) -> Path:
        """Return a new file, which nobody else may read, for the change to come."""
        path = self._prepared / name
        path.touch(mode=0o600)
        self._written.append(name)
        return path
