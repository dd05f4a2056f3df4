"""The vocabulary of the sources: what is asked, what is allowed, what comes out.

A source reads and believes nothing: cells come out as text, a geometry as well-known binary in
the system of its file. Types, codes and places are the business of the stages that follow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from pydantic import Field

from geo_core.errors import SourceError
from geo_core.model.manifest import Input
from geo_core.model.text import Strict

if TYPE_CHECKING:
    import pandas as pd

MIB: Final = 2**20

MAX_NAME: Final = 200
"""Longest name of a column, in characters."""

type Cell = str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who stands behind a file.

    Attributes
    ----------
    version : str
        Version or reference date of the data, as its author writes it.
    licence : str
        SPDX name of the licence.
    attribution : str
        Sentence that must stay beside everything made from the file.
    synthetic : bool
        True if the figures are invented for demonstration.
    """

    version: str
    licence: str
    attribution: str
    synthetic: bool


class Limits(Strict):
    """How much a source accepts; beyond it the file is refused, never cut.

    Attributes
    ----------
    bytes : int
        Size of the file; of a zip, what it unpacks to; of a service, all its pages.
    rows : int
        A population by cell, age and sex of a region has a million.
    cells : int
        Rows times columns.
    cell : int
        Characters in one cell.
    vertices : int
        Positions in all geometries together.
    nesting : int
        Depth of geometry collections.
    """

    bytes: int = Field(128 * MIB, gt=0)
    rows: int = Field(2_500_000, gt=0)
    columns: int = Field(200, gt=0)
    cells: int = Field(20_000_000, gt=0)
    cell: int = Field(2_000, gt=0)
    vertices: int = Field(3_000_000, gt=0)
    nesting: int = Field(4, gt=0)


LIMITS: Final = Limits()


class Job(Strict):
    """What one reading is asked for.

    Attributes
    ----------
    places : tuple of str
        Absolute paths of files of one table, or the address of a database.
    layer : str | None
        Sheet, layer, table or entity; None for the only one.
    boxes : mapping of str to (west, south, east, north)
        By reference system ("EPSG:32632"): of a file in that system, only what touches the box
        is read. A file of a whole region does not fit into the memory a parser may have.
    """

    places: tuple[str, ...]
    layer: str | None = None
    boxes: Mapping[str, tuple[float, float, float, float]] = {}
    limits: Limits = LIMITS

    @property
    def path(self) -> Path:
        """The file, for formats that are read from one."""
        return Path(self.places[0])


@dataclass(frozen=True, slots=True)
class Parsed:
    """A table as a parser hands it on.

    Attributes
    ----------
    columns : mapping of name to cells
        In the order of the file; text, or None where the format can say that there is nothing.
    rows : sequence of int
        Number of each row as a person sees it: the line of a spreadsheet (the header is 1), the
        position in an attribute table (the first is 1).
    wkb : sequence of bytes | None
        One geometry per row, two or three dimensions; None for a table without geometry.
    crs : str | None
        Reference system of the geometries, as the file names it.
    found : tuple of str
        What was found out about the file: encoding, separator, sheet, system.
    """

    columns: Mapping[str, Sequence[Cell]]
    rows: Sequence[int]
    wkb: Sequence[bytes | None] | None = None
    crs: str | None = None
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One input format.

    Attributes
    ----------
    name : str
        As people call it.
    endings : tuple of str
        Lower-case file endings with the dot; empty for a service.
    parse : callable
        Reads a job; raises `SourceError`. It imports GDAL or a database's library only when
        called, so that these are loaded in a worker and in no other process.
    drivers : tuple of str
        GDAL drivers that may exist in that process.
    bounded : bool
        The parser runs in a process of limited memory and time (`geo_core.sources.bounded`).
    """

    name: str
    endings: tuple[str, ...]
    parse: Callable[[Job], Parsed]
    drivers: tuple[str, ...] = ()
    bounded: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A table that was read.

    Attributes
    ----------
    frame : DataFrame or GeoDataFrame
        Text columns without surrounding blanks (dtype object; None only where the format tells
        nothing from ``""``), indexed by `row` as `Parsed.rows` says; `geometry` in EPSG:4326,
        longitude first, two dimensions, if the source has one.
    found : tuple of str
        What was found out about the file, for the report to the person who sent it.
    """

    frame: pd.DataFrame
    found: tuple[str, ...]


def refuse(job: Job, message: str, *, at: str = "", hint: str = "") -> NoReturn:
    """Raise `SourceError` with the name of the file, the place in it, and the remedy."""
    name = job.path.name
    raise SourceError(message, where=f"{name}, {at}" if at else name, hint=hint)


def unreadable(path: Path, error: OSError) -> SourceError:
    """Return the error of a file that the system does not give."""
    hint = "check its name and folder"
    return SourceError(f"cannot be read: {error.strerror}", where=path.name, hint=hint)


def check_names(job: Job, names: Sequence[str], *, at: str = "row 1") -> None:
    """Refuse too many columns, and a name that is empty, endless, unprintable or repeated."""
    if len(names) > job.limits.columns:
        refuse(
            job,
            f"has more than {job.limits.columns} columns",
            at=at,
            hint="keep the columns that are needed",
        )
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name or len(name) > MAX_NAME or not name.isprintable():
            hint = "the first row names every column"
            refuse(job, f"column {position} has no usable name", at=at, hint=hint)
        if name in seen:
            hint = "rename or remove one of them"
            refuse(job, f"column {position} repeats the name of an earlier one", at=at, hint=hint)
        seen.add(name)


def check_size(job: Job, *, rows: int, columns: int) -> None:
    """Refuse more rows or cells than the limits allow."""
    if rows > job.limits.rows:
        refuse(job, f"has more than {job.limits.rows} rows", hint="split the file")
    if rows * columns > job.limits.cells:
        refuse(job, f"has more than {job.limits.cells} cells", hint="split the file")


def provenance(path: Path, origin: Origin) -> Input:
    """Return the manifest entry of one input file.

    Parameters
    ----------
    path : Path
        File that was read; its name without the folder becomes the entry's name.
    origin : Origin
        Who stands behind it.

    Raises
    ------
    SourceError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None
    return Input(
        name=path.name,
        version=origin.version,
        sha256=digest,
        licence=origin.licence,
        attribution=origin.attribution,
        synthetic=origin.synthetic,
    )
