"""The folder the invented tables go to: what is real in it stays, what was invented is replaced."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core import private
from geo_core.errors import SourceError
from geo_core.sources import csv
from geo_core.sources.base import Origin, provenance
from geo_core.synth import streams

ORIGIN: Final = Origin(
    version="2023-12-31",
    licence="CC-BY-4.0",
    attribution="Dati inventati da Atlante (CC BY 4.0)",
    synthetic=True,
)
"""Provenance of every file that is written."""

MARKER: Final = "sintetico.json"
"""Names the invented files with their hashes, so that a real one is never taken for one."""


def is_invented(path: Path) -> bool:
    """Tell whether a file is, byte for byte, one that was invented, by the marker beside it.

    Raises
    ------
    SourceError
        The file cannot be read.
    """
    return path.name in _marked(path.parent) and _marked(path.parent)[path.name] == _digest(path)


class Folder:
    """A folder that receives invented tables, all at once at the end.

    Parameters
    ----------
    target : Path
        Made if it is not there; nobody else may look in.
    progress : callable
        Told how far a long table is.

    Attributes
    ----------
    kept : list of str
        Files that are there and were not invented: they are left as they are.
    tables : dict of DataFrame
        Every table asked for so far, real or invented, by file name.
    """

    __slots__ = ("_progress", "_target", "_written", "kept", "tables")

    def __init__(self, target: Path, progress: Callable[[str], None]) -> None:
        self._target = target
        self._progress = progress
        self._written: list[str] = []
        self.kept: list[str] = []
        self.tables: dict[str, pd.DataFrame] = {}
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(0o700)

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
        before = [name for name in _marked(self._target) if self._ours(name)]
        marker = {name: _digest(self._part(name)) for name in self._written}
        private.write(self._target / MARKER, json.dumps(marker, indent=1).encode())
        for name in self._written:
            self._part(name).replace(self._target / name)
        for name in set(before) - set(self._written):
            (self._target / name).unlink()

    def _ours(self, name: str) -> bool:
        path = self._target / name
        return path.exists() and is_invented(path)

    def _begun(self, name: str) -> Path:
        """Return a new file, which nobody else may read, beside the one it will replace."""
        part = self._part(name)
        part.touch(mode=0o600)
        self._written.append(name)
        return part

    def _part(self, name: str) -> Path:
        return self._target / f".{name}.part"


def _marked(folder: Path) -> dict[str, str]:
    try:
        known = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _digest(path: Path) -> str:
    digest = provenance(path, ORIGIN).sha256
    if digest is None:
        raise SourceError("has no hash", where=path.name)
    return digest
