"""The folder the invented tables go to: what is real in it stays, what was invented is replaced."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd

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
    """

    __slots__ = ("_progress", "_target", "_written", "kept")

    def __init__(self, target: Path, progress: Callable[[str], None]) -> None:
        self._target = target
        self._progress = progress
        self._written: list[str] = []
        self.kept: list[str] = []
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(0o700)

    def real(self, name: str) -> pd.DataFrame | None:
        """Return the rows, as text, of a table that was not invented; None if there is none."""
        path = self._target / name
        if not path.exists() or is_invented(path):
            return None
        if name not in self.kept:
            self.kept.append(name)
        return csv.read(path)

    def table(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return the real table of this name, or invent and write it."""
        real = self.real(name)
        if real is not None:
            return real
        rows = make()
        self._write(name, lambda path: rows.to_csv(path, index=False, lineterminator="\n"))
        return rows

    def stream(self, name: str, rows: int, make: Callable[[], Iterator[streams.Columns]]) -> None:
        """Invent and write a long table, unless there is a real one."""
        path = self._target / name
        if path.exists() and not is_invented(path):
            self.kept.append(name)
            return

        def told(done: int) -> None:
            self._progress(f"{name}: {done:,} of {rows:,} rows")

        self._write(name, lambda part: streams.write(part, make(), progress=told))

    def finish(self) -> None:
        """Put the new tables in place; remove invented ones that are not renewed."""
        before = [name for name in _marked(self._target) if self._is_ours(name)]
        marker = {name: _digest(self._part(name)) for name in self._written}
        (self._target / MARKER).write_text(json.dumps(marker, indent=1), encoding="utf-8")
        for name in self._written:
            self._part(name).replace(self._target / name)
        for name in set(before) - set(self._written):
            (self._target / name).unlink()

    def _is_ours(self, name: str) -> bool:
        path = self._target / name
        return path.exists() and is_invented(path)

    def _write(self, name: str, write: Callable[[Path], object]) -> None:
        part = self._part(name)
        part.touch(mode=0o600)
        write(part)
        self._written.append(name)

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
