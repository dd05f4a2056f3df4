"""The name of a place or an organisation beside its code, in the open collections."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import pandas as pd

type Names = Mapping[str, Mapping[str, str]]
"""Published names by code, of each field of codes."""

NAMED_BY: Final[Mapping[str, str]] = {
    "nome_comune": "cod_istat",
    "nome_ambito": "cod_ambito",
    "nome_org": "id_org",
}
"""Fields that hold the name of what a code stands for, and the field of the code."""


def names_by(rows: pd.DataFrame, key: str) -> dict[str, str]:
    """Return the names (`denominazione`) of rows by their code."""
    return dict(zip(rows[key], rows["denominazione"], strict=True))


def with_names(rows: pd.DataFrame, fields: Collection[str], names: Names) -> pd.DataFrame:
    """Return rows with the names that a layer shows beside codes.

    A name follows from the code alone: a row that does not publish the code has no name either.

    Parameters
    ----------
    rows : DataFrame
        Rows that may be published, with the fields of codes.
    fields : collection of str
        Fields of the layer.
    names : Names
        Of municipalities, managing bodies and organisations.
    """
    wanted = {name: code for name, code in NAMED_BY.items() if name in fields}
    return rows.assign(
        **{name: rows[code].map(names[code].get).astype(object) for name, code in wanted.items()}
    )
