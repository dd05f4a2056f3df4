"""The input tables that a file may be uploaded to: their columns, and what an upload replaces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd

from geo_core.catalog import Catalog
from geo_core.errors import NotFound
from geo_core.ingest import bodies, conteggi, deliveries, history, times
from geo_core.ingest.columns import Column
from geo_core.ingest.kinds import References, kind
from geo_core.ingest.population import METHODS, OLDEST
from geo_core.ingest.rules import LON_LAT, SAID_OF_THE_ROW, TABLES
from geo_core.model.cells import LEAF, covering
from geo_core.model.district import District
from geo_core.model.mapping import ColumnMapping
from geo_core.model.text import Text
from geo_core.sources import csv_chunks

_AGES: Final = (
    Column("eta", "integer", required=True, low=0, high=OLDEST),
    Column("sesso", "text", required=True, codes=frozenset({"F", "M"})),
    Column("n", "integer", required=True, low=0),
)
_CODE: Final = Column("cod_istat", "text", required=True, expected="six digits")
_CELL: Final = Column("h3", "text", required=True, expected="an H3 cell of resolution 8")


@dataclass(frozen=True, slots=True)
class Target:
    """One input table.

    Attributes
    ----------
    columns : tuple of Column
        In the order of the table.
    replaces : tuple of str
        An upload takes the place of the earlier rows that agree with one of its rows in these
        columns; of the whole table if there are none.
    personal : bool
        The rows are about persons (class D).
    register : bool
        The rows are published one by one and say who brought them.
    mappings : dict
        Files with columns of their own, by the profile's name.
    """

    name: str
    title: Text
    columns: tuple[Column, ...]
    replaces: tuple[str, ...]
    personal: bool
    register: bool
    mappings: dict[str, ColumnMapping]

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that the stored table may have, in its order."""
        own = tuple(column.name for column in self.columns)
        said = tuple(c.name for c in SAID_OF_THE_ROW if c.name not in own)
        return (*own, *said) if self.register else own


_BASE: Final = {
    "ambiti": (
        Text(it="Appartenenza dei comuni agli enti gestori", en="Membership of municipalities"),
        bodies.columns(frozenset()),
        (),
    ),
    "comuni_storia": (
        Text(it="Storia dei codici dei comuni", en="History of municipal codes"),
        history.COLUMNS,
        (),
    ),
    "popolazione": (
        Text(it="Popolazione per cella", en="Population by cell"),
        (_CODE, _CELL, *_AGES, Column("metodo", "text", codes=METHODS)),
        ("cod_istat",),
    ),
    "residenti": (
        Text(it="Residenti ufficiali", en="Official residents"),
        (Column("anno", "integer", required=True), _CODE, *_AGES),
        ("anno", "cod_istat"),
    ),
    "localita": (
        Text(it="Località", en="Localities"),
        (_CODE, Column("denominazione", "text", required=True), *LON_LAT),
        ("cod_istat",),
    ),
    deliveries.SOURCES: (
        Text(it="Chi consegna quali dati, e da quando", en="Who hands in which data, since when"),
        deliveries.SOURCE_COLUMNS,
        (),
    ),
    times.TIMES: (
        Text(it="Tempi di viaggio verso le sedi", en="Travel times to offices"),
        times.columns(),
        (),
    ),
    conteggi.COUNTS: (
        Text(it="Conteggi per gli indicatori", en="Counts for indicators"),
        conteggi.columns(),
        ("indicatore", "anno"),
    ),
}
"""Tables that nobody fills in by hand, by name: title, columns, what an upload replaces."""


def names(catalog: Catalog) -> tuple[str, ...]:
    """Return every table that a file may be uploaded to."""
    return (*_BASE, *TABLES, *catalog.intake)


def target(name: str, catalog: Catalog, known: References) -> Target:
    """Return one table; `NotFound` with the closest name otherwise."""
    document = catalog.documents.get(name)
    mappings = document.mappings if document else {}
    if name in _BASE:
        title, columns, replaces = _BASE[name]
        return Target(
            name, title, columns, replaces, personal=False, register=False, mappings=mappings
        )
    if name not in names(catalog):
        raise NotFound.among("table or importer", name, names(catalog))
    entered = kind(catalog, name, known)
    return Target(
        name,
        entered.title,
        entered.columns,
        entered.replaces,
        personal=name in catalog.intake,
        register=name in TABLES,
        mappings=mappings,
    )


def references(folder: Path, municipalities: gpd.GeoDataFrame, district: District) -> References:
    """Return what rows may refer to: the codes in the other tables, and the district's cells."""
    cells = frozenset(covering(municipalities.union_all(), LEAF))
    return References(
        organisations=_column(folder, "organizzazioni", "id_org"),
        offices=_column(folder, "sedi", "id_sede"),
        municipalities=frozenset(municipalities["cod_istat"]),
        cells=cells | _column(folder, "popolazione", "h3"),
        years=frozenset(district.years),
    )


def _column(folder: Path, table: str, column: str) -> frozenset[str]:
    path = folder / f"{table}.csv"
    if not path.exists():
        return frozenset()
    rows = csv_chunks.read(path)
    return frozenset(rows[column]) if column in rows else frozenset()
