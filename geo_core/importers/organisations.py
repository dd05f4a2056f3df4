"""Brings bodies of several registers together in the table `organizzazioni`, each body once.

The key is the body's tax code. Whatever the order in which registers are imported, the table
becomes the same: every register has its rank, the better one gives the value of a cell and the
others fill what it leaves empty. `fonte` lists the registers that know the body, by rank. An
import first takes out what the same register had brought before, so a body that was struck off
goes, unless another register or the office itself knows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.ingest.left_out import LeftOut, left_out
from geo_core.ingest.problems import Problems, Refusal
from geo_core.sources import csv

TABLE: Final = "organizzazioni"
KEY: Final = "id_org"

COLUMNS: Final = (
    KEY, "denominazione", "tipo", "forma_giuridica", "cf", "codice_ipa", "rep_runts",
    "sezione_runts", "cod_istat", "indirizzo", "cap", "sito", "email", "dato_sintetico", "fonte",
    "licenza",
)  # fmt: skip

_BETWEEN: Final = "; "
_BODY: Final = re.compile(r"\d{11}")
_PERSON: Final = re.compile(r"[A-Za-z]{6}[A-Za-z0-9]{10}")

type Row = dict[str, str]


@dataclass(frozen=True)
class Register:
    """A register of bodies.

    Attributes
    ----------
    source : str
        How it is named in `fonte`.
    own : tuple of str
        Columns that no other register fills.
    """

    source: str
    own: tuple[str, ...] = ()


OFFICE: Final = Register("Dati dell'ufficio")
IPA: Final = Register("IPA, AgID (CC BY 4.0)", ("codice_ipa",))
RUNTS: Final = Register("RUNTS, Ministero del lavoro", ("rep_runts", "sezione_runts"))
FIVE_PER_THOUSAND: Final = Register("Cinque per mille, Agenzia delle entrate (CC BY 4.0)")
OSM: Final = Register("© OpenStreetMap contributors (ODbL 1.0)", ("licenza",))
_RANKED: Final = tuple(r.source for r in (OFFICE, IPA, RUNTS, FIVE_PER_THOUSAND, OSM))


@dataclass(frozen=True)
class Bodies:
    """Rows that are bodies.

    Attributes
    ----------
    frame : DataFrame
        The rows with an eleven-digit tax code, or none, each code once.
    persons, repeated : int
        Rows left out: tax codes of persons, and codes of earlier rows.
    """

    frame: pd.DataFrame
    persons: int
    repeated: int

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Those rows with the reason."""
        return (
            *left_out(
                self.persons,
                it="di persone (codice fiscale di 16 caratteri)",
                en="of persons (tax codes of 16 characters)",
            ),
            *left_out(
                self.repeated,
                it="ripetono un codice fiscale già letto",
                en="repeat a tax code that was read already",
            ),
        )


def bodies(frame: pd.DataFrame, column: str, problems: Problems, *, required: bool) -> Bodies:
    """Leave out persons and repeated bodies; refuse what is no tax code.

    Parameters
    ----------
    frame : DataFrame
        Our names (`cf` among them), indexed by row number.
    column : str
        What the file calls `cf`, for messages.
    problems : Problems
        Receives what is refused.
    required : bool
        An empty tax code is refused.
    """
    codes = frame["cf"]
    persons = codes.str.fullmatch(_PERSON).astype(bool)
    known = codes.str.fullmatch(_BODY).astype(bool)
    bare = codes.eq("") & (not required)
    hint = "a spreadsheet may have dropped zeros in front: keep the column as text"
    problems.add_where(
        ~(persons | known | bare), column, Refusal("is not a tax code of 11 digits", hint)
    )
    repeated = known & codes.where(known).duplicated()
    return Bodies(frame[(known | bare) & ~repeated], int(persons.sum()), int(repeated.sum()))


def merged(folder: Path, brought: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Return the table `organizzazioni` with what one register brings.

    Parameters
    ----------
    folder : Path
        The input folder; its `organizzazioni.csv` is read if there is one.
    brought : DataFrame
        Some of `COLUMNS`, each body once; indexed by the row number in the file.
    register : Register
        Where the rows are from.

    Returns
    -------
    DataFrame
        Text, sorted by `id_org`; in the index the row number in the file, or for a body that
        nothing is brought of the negative of its row number in the stored table.
    """
    path = folder / f"{TABLE}.csv"
    before = csv.read(path) if path.exists() else pd.DataFrame(columns=list(COLUMNS))
    columns = list(dict.fromkeys([*before.columns, *COLUMNS]))
    kept, known = _without(_rows(before, columns), register)
    number = {
        row[KEY]: -int(at) for at, row in zip(before.index, _rows(before, columns), strict=True)
    }
    for at, row in zip(brought.index, _rows(brought, columns), strict=True):
        number[_add(kept, known, row, register)] = int(at)
    table = pd.DataFrame([kept[ident] for ident in sorted(kept)], columns=columns, dtype=object)
    return table.set_axis([number[ident] for ident in sorted(kept)])


def _rows(frame: pd.DataFrame, columns: list[str]) -> list[Row]:
    full = frame.reindex(columns=columns, fill_value="")
    return [dict(zip(columns, cells, strict=True)) for cells in full.itertuples(index=False)]


def _without(rows: list[Row], register: Register) -> tuple[dict[str, Row], dict[str, str]]:
    """Take out what a register had brought; return the rows, and every code's id."""
    kept: dict[str, Row] = {}
    for row in rows:
        sources = [source for source in row["fonte"].split(_BETWEEN) if source]
        if register.source in sources:
            sources.remove(register.source)
            row.update(dict.fromkeys(register.own, ""), fonte=_BETWEEN.join(sources))
            if not sources:
                continue
        kept[row[KEY]] = row
    return kept, {row["cf"]: row[KEY] for row in rows if row["cf"]}


def _add(kept: dict[str, Row], known: Mapping[str, str], row: Row, register: Register) -> str:
    """Add a row, or what it tells of a body that is known; return the body's id."""
    ident = known.get(row["cf"]) or row[KEY] or f"CF-{row['cf']}"
    row = {**row, KEY: ident, "dato_sintetico": "false", "fonte": register.source}
    if ident in kept:
        row = _both(kept[ident], row)
    kept[ident] = row
    return ident


def _both(old: Row, new: Row) -> Row:
    sources = old["fonte"].split(_BETWEEN) if old["fonte"] else [OFFICE.source]
    ranks = sorted({*map(_rank, sources), _rank(new["fonte"])})
    first, second = (old, new) if _rank(new["fonte"]) > ranks[0] else (new, old)
    both = {name: first[name] or second[name] for name in old}
    return {**both, KEY: old[KEY], "fonte": _BETWEEN.join(_RANKED[rank] for rank in ranks)}


def _rank(source: str) -> int:
    return _RANKED.index(source) if source in _RANKED else 0
