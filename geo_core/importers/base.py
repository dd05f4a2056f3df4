"""What an importer is: it reads files as their author publishes them, and makes input tables.

An importer believes nothing and loses nothing silently: rows it leaves out are counted, rows it
refuses are named, columns that name persons are dropped at the door. It writes no file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.catalog import CodeList
from geo_core.ingest.left_out import LeftOut, left_out
from geo_core.ingest.problems import RowProblem
from geo_core.model.district import District
from geo_core.model.text import Text

UNCHANGED: Final = "download the file again and send it unchanged"
"""How to mend a row that its publisher would not have written."""


@dataclass(frozen=True)
class Context:
    """The district that an importer reads for.

    Attributes
    ----------
    municipalities : GeoDataFrame
        `cod_istat`, `denominazione`, `cod_provincia`, `geometry` (EPSG:4326); at least the
        wanted ones.
    wanted : frozenset of str
        Six-digit ISTAT codes of the municipalities whose rows are kept.
    input : Path
        The input folder, for an importer that builds on a table already there.
    """

    district: District
    municipalities: gpd.GeoDataFrame
    wanted: frozenset[str]
    input: Path


@dataclass(frozen=True)
class Imported:
    """What one import brings: ``rows == accepted + len(problems) + rows left out``.

    Attributes
    ----------
    tables : mapping of name to DataFrame
        Whole input tables, cells as text. A GeoDataFrame is kept as GeoParquet
        (`<name>.parquet`), every other table as CSV (`<name>.csv`). In the index a row that was
        there before, and stays, has the negative of its number in the stored table; a new one of
        a register has the number of the row in the given file.
    rows, accepted : int
        Rows of the given files (without titles, headers and notes), and those that are taken.
    left_out : tuple of LeftOut
        Rows that are neither taken nor refused.
    dropped : tuple of str
        Columns left out because they name persons, or because nobody asked for them.
    headings : mapping of str to str
        What the file calls the columns of a register.
    notes : tuple of Text
        What else whoever imports should know.
    problems : tuple of RowProblem
        Refused rows.
    codelists : mapping of name to CodeList
        Code lists, as in `layers/codelists/`.
    """

    tables: Mapping[str, pd.DataFrame]
    rows: int
    accepted: int
    left_out: tuple[LeftOut, ...] = ()
    dropped: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    codelists: Mapping[str, CodeList] = field(default_factory=dict)


@dataclass(frozen=True)
class Importer:
    """One published file format.

    Attributes
    ----------
    name : str
        As written after `atlante import`.
    makes : tuple of str
        Names of the input tables it replaces.
    files : Text
        Which files it takes, in words.
    read : callable
        Reads the files, none for an importer that says so in `files`; raises `AtlanteError`.
    """

    name: str
    title: Text
    makes: tuple[str, ...]
    files: Text
    read: Callable[[Sequence[Path], Context], Imported]


def of_elsewhere(rows: int) -> tuple[LeftOut, ...]:
    """Say of rows that they are of municipalities outside the district."""
    return left_out(rows, it="di altri comuni", en="of other municipalities")
