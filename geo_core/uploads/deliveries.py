"""Keeps book of what organisations hand in: the table `consegne` (`geo_core.ingest.deliveries`).

It is written in the same change as the rows themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.ingest.deliveries import DELIVERIES, DELIVERY_COLUMNS, REPORTED
from geo_core.input_folder import is_invented
from geo_core.uploads import storing

_NAMES: Final = tuple(column.name for column in DELIVERY_COLUMNS)
_KEY: Final = _NAMES[:3]


def made(
    folder: Path, table: str, handed_in: pd.DataFrame, *, invented: bool
) -> dict[str, pd.DataFrame]:
    """Return `consegne` with the deliveries of an upload; nothing for a table without months.

    Parameters
    ----------
    folder : Path
        The input folder; the caller holds it.
    table : str
        The table that was handed in.
    handed_in : DataFrame
        ``id_org`` and ``periodo`` of what was handed in; there may be no row about persons.
    invented : bool
        An exercise. Invented deliveries do not stay beside real ones.
    """
    if table not in REPORTED:
        return {}
    path = folder / f"{DELIVERIES}.csv"
    stale = path.exists() and is_invented(path) and not invented
    earlier = pd.DataFrame() if stale else storing.read_table(path)
    day = datetime.now(tz=UTC).date().isoformat()
    new = handed_in[["id_org", "periodo"]].drop_duplicates().assign(tabella=table, giorno=day)
    return {DELIVERIES: storing.merge(earlier, new, names=_NAMES, replaces=_KEY).table}


def withdrawn(folder: Path, table: str, key: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return `consegne` without a delivery whose rows are all withdrawn."""
    path = folder / f"{DELIVERIES}.csv"
    if table not in REPORTED or not path.exists():
        return {}
    asked = pd.DataFrame([[key[0], table, key[1], ""]], columns=_NAMES, dtype=object)
    earlier = storing.read_table(path)
    return {DELIVERIES: storing.merge(earlier, asked, names=_NAMES, replaces=_KEY).kept}
