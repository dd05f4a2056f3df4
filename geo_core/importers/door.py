"""What is let in of a published table: the columns that are asked for, and no other.

A column that names persons is never asked for, and neither is one that nobody has looked at:
the next edition of a register may add a column that does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.errors import IngestError
from geo_core.ingest.addresses import words
from geo_core.sources import geopop

_OF_PERSONS: Final = """
amministratore amministratori cariche cognome firmatario legale nome persona presidente referente
rappresentante responsabile titolare titolo nachname name person vertreter vorname
"""
_PERSONS: Final = frozenset(_OF_PERSONS.split())


@dataclass(frozen=True)
class Admitted:
    """The columns that were asked for, and the names of those left outside.

    Attributes
    ----------
    frame : DataFrame
        Text without None, under our names; a column that the file has not is full of ``""``.
    headings : mapping of str to str
        What the file calls our names.
    dropped : tuple of str
        Columns of the file that were not taken, as it writes them.
    """

    frame: pd.DataFrame
    headings: Mapping[str, str]
    dropped: tuple[str, ...]


def admit(
    path: Path, frame: pd.DataFrame, columns: Mapping[str, str], *, needed: Collection[str]
) -> Admitted:
    """Take the columns that are asked for.

    Parameters
    ----------
    path : Path
        For messages only.
    frame : DataFrame
        As a source reads it.
    columns : mapping
        Our name by the words of a heading, joined by ``_``; several headings may have one name.
        A heading may go on in another language (``Sezione / Sektion``).
    needed : collection of str
        Our names without which the file is not the published one.

    Raises
    ------
    IngestError
        A needed column is missing, or two columns are the same.
    """
    named: dict[str, str] = {}
    for fits in (_is, _begins):
        free = {heading: name for heading, name in columns.items() if name not in named}
        _name_columns(path, [str(c) for c in frame.columns], free, fits, named)
    missing = [name for name in needed if name not in named]
    if missing:
        asked = sorted(heading for heading, name in columns.items() if name == missing[0])
        hint = f"in the published file it is {' or '.join(asked)}"
        raise IngestError(f"the column for {missing[0]} is missing", where=path.name, hint=hint)
    ours = {
        name: frame[named[name]].fillna("") if name in named else "" for name in columns.values()
    }
    return Admitted(
        pd.DataFrame(ours, index=frame.index, dtype=object),
        named,
        tuple(heading for heading in map(str, frame.columns) if heading not in named.values()),
    )


def _name_columns(
    path: Path,
    found: list[str],
    columns: Mapping[str, str],
    fits: Callable[[str, str], bool],
    named: dict[str, str],
) -> None:
    taken = set(named.values())
    for heading in found:
        names = {name for asked, name in columns.items() if fits(heading, asked)}
        if heading in taken or not names:
            continue
        name = max(names, key=len)
        if name in named:
            raise IngestError(f"two columns say {name}", where=path.name, hint="keep one of them")
        named[name] = heading


def _is(heading: str, asked: str) -> bool:
    return asked in {_joined(heading), _joined(heading.split("/", maxsplit=1)[0])}


def _begins(heading: str, asked: str) -> bool:
    """Tell whether a heading goes on in another language; what speaks of a person never fits."""
    first, _, rest = _joined(heading).partition(f"{asked}_")
    return not first and bool(rest) and not _PERSONS.intersection(rest.split("_"))


def _joined(heading: str) -> str:
    return "_".join(words(heading.replace("_", " "))).replace(".", "")


class Municipalities:
    """Finds the ISTAT code of a municipality by its name and the letters of its province."""

    CUT: int = 30
    """Characters after which the registers cut long names."""

    def __init__(self, municipalities: gpd.GeoDataFrame) -> None:
        self._provinces = geopop.provinces()
        self._names: dict[str, dict[str, str]] = {}
        rows = municipalities[["cod_provincia", "denominazione", "cod_istat"]]
        for province, name, code in rows.itertuples(index=False):
            self._names.setdefault(province, {})[_name(name)] = code

    def province(self, letters: str) -> str:
        """Return the code of a province; empty for letters of none."""
        return self._provinces.get(letters.upper(), "")

    def find(self, name: str, letters: str) -> str | None:
        """Return a code, or None where the province has no municipality of that name."""
        names = self._names.get(self.province(letters), {})
        asked = _name(name)
        if asked in names or len(name) < self.CUT:
            return names.get(asked)
        long = [code for known, code in names.items() if known.startswith(asked)]
        return long[0] if len(long) == 1 else None


def _name(text: str) -> str:
    return "".join(words(text)).replace(".", "")
