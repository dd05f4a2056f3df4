"""How many times a published value has been revised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd
from pyarrow import ArrowException, parquet

from geo_core.model.tables import OpenTable
from geo_core.release.pointer import current

VALUE: Final = "valore"
METHOD: Final = "versione"
REVISION: Final = "revisione"
_COLUMNS: Final = ("id", VALUE, METHOD, REVISION)


def with_revisions(tables: Iterable[OpenTable], releases: Path) -> list[OpenTable]:
    """Count revisions in tables of values, from the release that is current.

    A value of the same row and method that differs from the current release's has one revision
    more than that. What is new, or made by another method, has none. Where the values are those
    of the current release so are the revisions: building again changes no byte.

    Parameters
    ----------
    tables : iterable of OpenTable
        Those with a column `revisione` are tables of values.
    releases : Path
        Folder of releases; maybe without any.
    """
    return [
        _revised(table, releases) if REVISION in table.layer.field_names else table
        for table in tables
    ]


def _revised(table: OpenTable, releases: Path) -> OpenTable:
    before = _published(releases, table.layer.id)
    if before is None:
        return table
    then = before.reindex(table.frame["id"])
    value = table.frame[VALUE].to_numpy(dtype=float, na_value=float("nan"))
    was = then[VALUE].to_numpy(dtype=float, na_value=float("nan"))
    comparable = then[METHOD].to_numpy(dtype=float, na_value=-1) == table.frame[METHOD].to_numpy()
    same = (value == was) | (pd.isna(value) & pd.isna(was))
    count = then[REVISION].fillna(0).to_numpy(dtype="int64")
    revision = (count + ~same) * comparable
    return replace(table, frame=table.frame.assign(**{REVISION: revision}))


def _published(releases: Path, layer: str) -> pd.DataFrame | None:
    """Return the values of the current release by `id`; None where it has none to read."""
    ident = current(releases)
    if ident is None:
        return None
    path = releases / ident / "collections" / layer / "features.parquet"
    try:
        return parquet.read_table(path, columns=list(_COLUMNS)).to_pandas().set_index("id")
    except (OSError, ArrowException):  # an earlier release without these columns
        return None
