"""ANNCSU's addresses: the open-data file ``INDIR_XXXX_AAAAMMGG.csv``, plain or in its zip.

UTF-8, semicolons, one row for each access: CODICE_COMUNE (cadastral), CODICE_ISTAT,
PROGRESSIVO_NAZIONALE, CODICE_COMUNALE, ODONIMO, LOCALITA', DIZIONE_LINGUA1, DIZIONE_LINGUA2,
PROGRESSIVO_ACCESSO, CODICE_COMUNALE_ACCESSO, CIVICO, ESPONENTE, SPECIFICITA, METRICO,
PROGRESSIVO_SNC, COORD_X_COMUNE, COORD_Y_COMUNE, QUOTA, METODO. Coordinates are degrees of
longitude and latitude in ETRF2000 with a decimal comma; about one access in five has none.
ETRF2000 is taken for WGS 84: they differ by less than a metre.

A file of one region is read; that of all Italy is larger than what is accepted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geo_core.errors import IngestError
from geo_core.importers import published
from geo_core.importers.base import UNCHANGED, Context, Imported, Importer, of_elsewhere
from geo_core.ingest.addresses import house_number
from geo_core.ingest.geocode import ADDRESSES
from geo_core.ingest.left_out import LeftOut, left_out
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.model.text import Text

TABLE: Final = "indirizzi"

ISTAT: Final = "CODICE_ISTAT"
STREET: Final = "ODONIMO"
LOCALITY: Final = "LOCALITA'"
NUMBER: Final = "CIVICO"
SUFFIX: Final = "ESPONENTE"
LON: Final = "COORD_X_COMUNE"
LAT: Final = "COORD_Y_COMUNE"
NEEDED: Final = (ISTAT, STREET, LOCALITY, NUMBER, SUFFIX, LON, LAT)

_DEGREES: Final = re.compile(r"\d{1,2}([.,]\d{1,15})?")

type _Cells = tuple[str, ...]
"""The cells of the columns in `NEEDED`."""


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read files of one or more regions into the table `indirizzi`, which they replace.

    An access without coordinates is left out, and so is one whose point is outside its
    municipality; both are counted.

    Raises
    ------
    SourceError, IngestError
        A file cannot be read, or is no such list.
    """
    tables: list[pd.DataFrame] = []
    count: Counter[str] = Counter()
    listed: list[RowProblem] = []
    dropped: dict[str, None] = {}
    if not files:
        raise IngestError("no file is given", hint="give the addresses of a region")
    for path in files:
        problems = Problems(path)
        table, others = _one(path, context, problems, count)
        tables.append(table)
        dropped.update(dict.fromkeys(others))
        listed += problems.listed()
    table = pd.concat(tables)
    return Imported(
        {TABLE: table},
        rows=count["rows"],
        accepted=len(table),
        left_out=_left_out(count),
        dropped=tuple(dropped),
        notes=(_places(table["cod_istat"].nunique()),),
        problems=tuple(listed),
    )


def _places(municipalities: int) -> Text:
    return Text(it=f"comuni: {municipalities}", en=f"municipalities: {municipalities}")


def _left_out(count: Counter[str]) -> tuple[LeftOut, ...]:
    return (
        *of_elsewhere(count["elsewhere"]),
        *left_out(count["no position"], it="senza coordinate", en="without coordinates"),
        *left_out(count["outside"], it="fuori dal proprio comune", en="outside their municipality"),
    )


def _one(
    path: Path, context: Context, problems: Problems, count: Counter[str]
) -> tuple[pd.DataFrame, list[str]]:
    lines = published.rows(path)
    header = next(lines, (1, []))[1]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        hint = "send INDIR_..., the addresses, not STRAD_..., the streets"
        raise IngestError(f"the column {missing[0]} is missing", where=path.name, hint=hint)
    rows = list(_rows(lines, header, context.wanted, problems, count))
    table = pd.DataFrame([r[1] for r in rows], columns=list(ADDRESSES), dtype=object)
    table.index = pd.Index([r[0] for r in rows], dtype="int64", name="row")
    placed = table[_inside(table, context.municipalities)]
    count["outside"] += len(table) - len(placed)
    return placed, [name for name in header if name and name not in NEEDED]


def _rows(
    lines: Iterator[published.Row],
    header: list[str],
    wanted: frozenset[str],
    problems: Problems,
    count: Counter[str],
) -> Iterator[tuple[int, _Cells]]:
    at = [header.index(name) for name in NEEDED]
    for number, cells in lines:
        if not any(cells):
            continue
        count["rows"] += 1
        if len(cells) != len(header):
            problems.add(number, ISTAT, Refusal("has not as many cells as the header", UNCHANGED))
            continue
        taken = tuple(cells[i] for i in at)
        if taken[0].zfill(6) not in wanted:
            count["elsewhere"] += 1
        elif not (taken[-2] and taken[-1]):
            count["no position"] += 1
        elif (refusal := _wrong(taken)) is not None:
            problems.add(number, *refusal)
        else:
            yield number, _address(taken)


def _wrong(cells: _Cells) -> tuple[str, Refusal] | None:
    for name, cell in zip((LON, LAT), cells[-2:], strict=True):
        if not _DEGREES.fullmatch(cell):
            return name, Refusal("is not degrees with a decimal comma", UNCHANGED)
    return None if cells[1] else (STREET, Refusal("is empty and must not be", UNCHANGED))


def _address(cells: _Cells) -> _Cells:
    code, street, locality, number, suffix, lon, lat = cells
    whole = f"{number}/{suffix}" if number and suffix else number
    degrees = (lon.replace(",", "."), lat.replace(",", "."))
    return (code.zfill(6), street, locality, house_number(whole) or whole, *degrees)


def _inside(table: pd.DataFrame, municipalities: gpd.GeoDataFrame) -> pd.Series:
    areas = municipalities.set_index("cod_istat").geometry
    inside = pd.Series(data=False, index=table.index)
    for code, group in table.groupby("cod_istat"):
        lon, lat = (group[name].to_numpy(dtype=float) for name in ("lon", "lat"))
        inside[group.index] = shapely.intersects_xy(areas[code], lon, lat)
    return inside


IMPORTER: Final = Importer(
    name="anncsu",
    title=Text(it="Indirizzi con coordinate (ANNCSU)", en="Addresses with positions (ANNCSU)"),
    makes=(TABLE,),
    files=Text(
        it="INDIR_PIEM_AAAAMMGG.csv o il suo .zip, uno per regione",
        en="INDIR_PIEM_YYYYMMDD.csv or its .zip, one for each region",
    ),
    read=read,
)
