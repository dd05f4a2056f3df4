"""Stores several tables in a process that is killed at every write: see `killed`."""

from __future__ import annotations

from pathlib import Path

import killed
import pandas as pd

from geo_core.input_folder import held
from geo_core.uploads import storing


def tables(folder: Path) -> None:
    """Store an invented table and two real ones, as an upload or an import does."""
    rows = {
        name: pd.DataFrame({"x": [word]}, dtype=object)
        for name, word in (("a", "inventato di nuovo"), ("b", "vero"), ("c", "vero"))
    }
    with held(folder):
        storing.store(folder, rows, invented=["a"])


if __name__ == "__main__":
    killed.main({"tables": tables})
