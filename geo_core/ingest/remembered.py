"""Remembers every office that was ever said to be reserved: its row goes, its place stays secret.

The private folder holds what such a place is recognised by, from the first upload or build that
sees it, whether the row is accepted or refused, until a person forgets it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core import private as private_folder
from geo_core.errors import DisclosureError, NotFound

FILE: Final = "luoghi-riservati.json"
COLUMNS: Final = ("id_sede", "id_org", "nome", "nome_en", "cod_istat", "indirizzo", "lon", "lat")
"""What a reserved office is recognised by; cells as they were handed in."""


def remembered(private: Path) -> pd.DataFrame:
    """Return the remembered offices, a row for each place that one ever had.

    Parameters
    ----------
    private : Path
        The private folder.

    Returns
    -------
    DataFrame
        Text; the columns are `COLUMNS`.

    Raises
    ------
    DisclosureError
        Others can read the file, or it is damaged.
    """
    return pd.DataFrame(sorted(_read(private)), columns=list(COLUMNS), dtype=object)


def remember(private: Path, offices: pd.DataFrame) -> None:
    """Remember offices beside those that are remembered already.

    Parameters
    ----------
    private : Path
        The private folder.
    offices : DataFrame
        Text, with any of `COLUMNS`.
    """
    rows = offices.reindex(columns=list(COLUMNS)).fillna("").astype(str)
    new = set(rows.itertuples(index=False, name=None))
    if new <= _read(private):
        return
    with private_folder.opened(private):
        _write(private, _read(private) | new)


def forget(private: Path, office: str) -> None:
    """Forget an office: what stands at its place may be published from then on.

    Raises
    ------
    NotFound
        No such office is remembered.
    """
    with private_folder.opened(private):
        known = _read(private)
        kept = {row for row in known if row[0] != office}
        if kept == known:
            raise NotFound.among("reserved office", office, sorted({row[0] for row in known}))
        _write(private, kept)


def _read(private: Path) -> set[tuple[str, ...]]:
    content = private_folder.read(private / FILE)
    if content is None:
        return set()
    try:
        return {tuple(str(row[name]) for name in COLUMNS) for row in json.loads(content)}
    except (ValueError, KeyError, TypeError):
        hint = "restore the private folder from its backup"
        where = (private / FILE).name
        raise DisclosureError("the remembered places are damaged", where=where, hint=hint) from None


def _write(private: Path, rows: Iterable[tuple[str, ...]]) -> None:
    listed = [dict(zip(COLUMNS, row, strict=True)) for row in sorted(rows)]
    content = json.dumps(listed, ensure_ascii=False, indent=1).encode()
    private_folder.write(private / FILE, content)
