"""What an input folder already holds and a form may refer to: bodies, offices, places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.errors import NotFound, SourceError
from geo_core.ingest.kinds import References
from geo_core.ingest.official import municipalities
from geo_core.ingest.rules import IDENTIFIER, TABLES
from geo_core.ingest.secret import ALWAYS_RESERVED
from geo_core.model import cells
from geo_core.model.district import District
from geo_core.sources import csv

_CODE: Final = re.compile(IDENTIFIER[0])


_NAMES: Final = {
    "organizzazioni": ("id_org", "denominazione"),
    "sedi": ("id_sede", "nome"),
    "servizi": ("id_servizio", "nome"),
    "strumenti": ("id_strumento", "titolo"),
    "patti": ("id_patto", "titolo"),
}
"""Columns with the code and the name of the registers whose rows may be named."""


@dataclass(frozen=True, slots=True)
class Named:
    """A row of a register.

    Attributes
    ----------
    owner : str
        The organisation it belongs to, or empty.
    public : bool
        Anybody may learn that it exists: it is no unsigned pact and no reserved office.
    """

    code: str
    name: str
    owner: str
    public: bool


@dataclass(frozen=True, slots=True)
class Locality:
    """A named place inside a municipality, degrees, WGS 84."""

    municipality: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Known:
    """Everything that a form offers for choice.

    Attributes
    ----------
    references : References
        What the check of an upload is given.
    municipalities : GeoDataFrame
        ``cod_istat``, ``denominazione``, ``geometry`` (MultiPolygon, EPSG:4326), by name.
    inhabited : frozenset of str
        Leaf cells with residents.
    registers : dict of tuple of Named
        Rows that may be named, by table; an organisation's owner is itself.
    seats : dict
        Municipality of the seat of each organisation.
    members : dict
        Municipalities of each managing body, by its code.
    bodies : dict
        Names of the managing bodies, by code.
    """

    references: References
    municipalities: gpd.GeoDataFrame
    inhabited: frozenset[str]
    registers: dict[str, tuple[Named, ...]]
    seats: dict[str, str]
    members: dict[str, frozenset[str]]
    bodies: dict[str, str]
    localities: tuple[Locality, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """Who fills in a form.

    Attributes
    ----------
    organisations : frozenset of str
        Whose records it may enter: itself, or those with their seat in a managing body.
    """

    code: str
    name: str
    organisations: frozenset[str]


def read_known(folder: Path, district: District) -> Known:
    """Read the tables of an input folder; a table that is missing offers nothing.

    Parameters
    ----------
    folder : Path
        The input folder.
    district : District
        Its province and year.

    Raises
    ------
    SourceError
        A file cannot be read.
    """
    membership = [r for r in _rows(folder, "ambiti", "cod_istat", "cod_ambito") if not r.get("al")]
    places = municipalities(folder, district).sort_values("denominazione", ignore_index=True)
    shapely.prepare(places.geometry.to_numpy())
    registers = {name: tuple(_named(folder, name, *of)) for name, of in _NAMES.items()}
    inhabited = frozenset(_column(folder, "popolazione", "h3"))
    territory = cells.covering(places.union_all(), cells.LEAF)
    members: dict[str, set[str]] = {}
    for row in membership:
        members.setdefault(row["cod_ambito"], set()).add(row["cod_istat"])
    return Known(
        references=References(
            organisations=frozenset(o.code for o in registers["organizzazioni"]),
            offices=frozenset(o.code for o in registers["sedi"]),
            municipalities=frozenset(places["cod_istat"]),
            cells=frozenset(territory) | inhabited,
            years=frozenset({district.year - 1, district.year}),
        ),
        municipalities=places,
        inhabited=inhabited,
        registers=registers,
        seats={r["id_org"]: r.get("cod_istat", "") for r in _rows(folder, "organizzazioni")},
        members={code: frozenset(of) for code, of in members.items()},
        bodies={r["cod_ambito"]: r.get("denominazione", "") for r in membership},
        localities=tuple(_localities(folder)),
    )


def find_body(known: Known, code: str) -> Body:
    """Return the organisation or managing body of a code; `NotFound` with the closest name."""
    names = {o.code: o.name for o in known.registers["organizzazioni"]}
    if code in names:
        return Body(code, names[code], frozenset({code}))
    if code in known.bodies:
        seated = {o for o, seat in known.seats.items() if seat in known.members[code]}
        return Body(code, known.bodies[code], frozenset(seated) & set(names))
    both = (*names, *known.bodies)
    if not both:
        raise SourceError(
            "names nobody who could fill in a form",
            where="organizzazioni.csv",
            hint="import the organisations first, or run `atlante synth` for the demonstration",
        )
    error = NotFound.among("body", code, both)
    error.hint = error.hint or "its code is in organizzazioni.csv or ambiti.csv"
    raise error


def _rows(folder: Path, name: str, *needed: str) -> list[dict[str, str]]:
    path = folder / f"{name}.csv"
    if not path.exists():
        return []
    table = csv.read(path)
    for column in needed:
        if column not in table:
            message = f"the column {column} is missing"
            raise SourceError(message, where=path.name, hint="import it again")
    return [{str(k): str(v) for k, v in row.items()} for row in table.to_dict("records")]


def _column(folder: Path, name: str, column: str) -> Iterable[str]:
    path = folder / f"{name}.csv"
    table = csv.read(path) if path.exists() else pd.DataFrame()
    return [str(text) for text in table[column].unique()] if column in table else []


def _named(folder: Path, table: str, key: str, name: str) -> Iterator[Named]:
    for row in _rows(folder, table, key):
        code = row[key]
        if _CODE.fullmatch(code):
            title = row.get(name, "") or code
            yield Named(code, title, row.get("id_org", ""), _is_public(row, table))


def _is_public(row: dict[str, str], table: str) -> bool:
    """Say whether the build publishes such a row; what a row does not say is not taken for yes."""
    states = TABLES[table].public
    if states and row.get("stato", "") not in states:
        return False
    if table != "sedi":
        return True
    return row.get("riservata", "") == "false" and row.get("tipo_sede", "") not in ALWAYS_RESERVED


def _localities(folder: Path) -> Iterator[Locality]:
    """Yield the localities with a position: the others cannot be shown on a map."""
    for row in _rows(folder, "localita", "cod_istat", "denominazione", "lon", "lat"):
        with suppress(ValueError):
            lon, lat = float(row["lon"]), float(row["lat"])
            yield Locality(row["cod_istat"], row["denominazione"], lon, lat)
