"""Registers in which invented rows stand beside real ones."""

from __future__ import annotations

from pathlib import Path

from geo_core import input_folder
from geo_core.ingest.rules import TABLES
from geo_core.sources import csv


def invented_rows(folder: Path) -> dict[str, int]:
    """Count the invented rows, by table, of the registers that are not invented as a whole.

    Parameters
    ----------
    folder : Path
        The input folder.
    """
    found = {}
    with input_folder.held(folder):
        for name in TABLES:
            path = folder / f"{name}.csv"
            if path.exists() and not input_folder.is_invented(path):
                rows = csv.read(path)
                if "dato_sintetico" in rows:
                    found[name] = int(rows["dato_sintetico"].eq("true").sum())
    return {name: rows for name, rows in found.items() if rows}
