"""ISTAT's census sections of 2011 and 2021: where the residents of a municipality live.

Two files belong together: the variables (`R01_indicatori_2011_sezioni.csv`; for 2021 a workbook
of that name) and the sections' shapes (`R01_11_WGS84.shp`, `R01_21_WGS84.shp`). The census says
where people of an age and sex live inside a municipality; how many they are today say the
official totals.

The classes used are the same in both censuses: P14-P29 residents by five years of age (the last
is 75 and over), P30-P45 the males among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_core.errors import IngestError, SourceError
from geo_core.importers import published
from geo_core.importers.base import UNCHANGED, Context, Imported, Importer, of_elsewhere
from geo_core.importers.population import POPULATION, Spread, allotted
from geo_core.ingest.official import official
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.model.text import Text
from geo_core.place import overlay
from geo_core.place.areas import METRIC
from geo_core.place.dasymetric import COLUMNS, Floats
from geo_core.place.overlay import valid
from geo_core.sources import registry, zipped
from geo_core.sources.base import MIB, Job, Limits

EDITIONS: Final = {"SEZ2011": 2011, "SEZ21_ID": 2021}
"""The column that identifies a section, by which a file says of which census it is."""

CLASSES: Final = 16
ALL: Final = tuple(f"P{14 + k}" for k in range(CLASSES))
MALES: Final = tuple(f"P{30 + k}" for k in range(CLASSES))
NEEDED: Final = ("PROCOM", "P1", *ALL, *MALES)

LIMITS: Final = Limits(bytes=1024 * MIB, vertices=20_000_000)
_CLASS_OF: Final = np.minimum(np.arange(COLUMNS) // 2 // 5, CLASSES - 1)
_MALE: Final = np.arange(COLUMNS) % 2 == 1


@dataclass(frozen=True)
class _Drawn:
    """The sections of the district as they are drawn, each in the municipality it lies in today."""

    edition: str
    ids: list[str]
    shapes: np.ndarray
    codes: np.ndarray


@dataclass
class _Counted:
    """Residents by section: classes of females, then of males."""

    residents: dict[str, Floats] = field(default_factory=dict)
    elsewhere: int = 0


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read variables and shapes, of one or several regions, into `popolazione`.

    A section belongs to the municipality it lies in, whatever its code says: municipalities
    have merged since the census.

    Raises
    ------
    SourceError
        A file cannot be read.
    IngestError
        Variables or shapes are missing, or are of different censuses.
    """
    variables, shapes = _told_apart(files)
    base = official(context.input, context.district)
    drawn = _drawn(shapes, base.municipalities)
    problems: list[RowProblem] = []
    counted = _counted(variables, drawn, frozenset(base.municipalities["cod_istat"]), problems)
    made = allotted(context, base, _spread(drawn, counted))
    taken = len(counted.residents)
    return Imported(
        {POPULATION: made.table},
        rows=taken + counted.elsewhere + len(problems),
        accepted=taken,
        left_out=of_elsewhere(counted.elsewhere),
        notes=(*_notes(drawn, counted), *made.notes),
        problems=tuple(problems),
    )


def _told_apart(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    variables = [path for path in files if _is_table(path)]
    shapes = [path for path in files if path not in variables]
    if not variables or not shapes:
        hint = "for example R01_indicatori_2011_sezioni.csv and R01_11_WGS84.zip"
        raise IngestError("sections need their variables and their shapes", hint=hint)
    return variables, shapes


def _is_table(path: Path) -> bool:
    if path.suffix.lower() != ".zip":
        return path.suffix.lower() in {".csv", ".xlsx"}
    names = zipped.check(Job(places=(str(path),), limits=LIMITS))
    return not any(name.lower().endswith(".shp") for name in names)


def _drawn(paths: Sequence[Path], municipalities: gpd.GeoDataFrame) -> _Drawn:
    tree = shapely.STRtree(municipalities.geometry.to_numpy())
    boxes = {METRIC: tuple(municipalities.to_crs(METRIC).total_bounds)}
    editions: set[str] = set()
    ids: list[str] = []
    shapes: list[np.ndarray] = []
    codes: list[np.ndarray] = []
    for path in paths:
        frame = registry.read(path, limits=LIMITS, boxes=boxes).frame
        edition = _edition(path, frame.columns, ())
        editions.add(edition)
        frame = frame[frame.geometry.notna()]
        outlines = valid(frame.geometry.to_numpy())
        inside, at = tree.query(shapely.point_on_surface(outlines), predicate="within")
        ids += [_ident(text or "") for text in frame[edition].iloc[inside]]
        shapes.append(outlines[inside])
        codes.append(municipalities["cod_istat"].to_numpy()[at])
    if len(editions) != 1:
        hint = "send the files of one census"
        raise IngestError("the shapes are of different censuses", hint=hint)
    if not ids:
        raise IngestError("no section lies in the district", hint="send the district's region")
    return _Drawn(editions.pop(), ids, np.concatenate(shapes), np.concatenate(codes))


def _counted(
    paths: Sequence[Path], drawn: _Drawn, codes: frozenset[str], problems: list[RowProblem]
) -> _Counted:
    counted, here = _Counted(), frozenset(drawn.ids)
    for path in paths:
        found = Problems(path)
        rows = _rows(path)
        header = next(rows, (1, []))[1]
        if _edition(path, header, NEEDED) != drawn.edition:
            hint = "send the files of one census"
            raise IngestError("is of another census than the shapes", where=path.name, hint=hint)
        position = {name: at for at, name in enumerate(header)}
        for number, cells in rows:
            if len(cells) != len(header):
                refusal = Refusal("has not as many cells as the header", UNCHANGED)
                found.add(number, "PROCOM", refusal)
                continue
            ident = _ident(cells[position[drawn.edition]])
            if ident in here or cells[position["PROCOM"]].zfill(6) in codes:
                counts = [_count(cells[position[name]]) for name in (*ALL, *MALES)]
                _add(counted, number, ident, counts, found)
            else:
                counted.elsewhere += 1
        problems += found.listed()
    return counted


def _rows(path: Path) -> Iterator[published.Row]:
    """Yield the header and the rows of a table of variables."""
    if path.suffix.lower() != ".xlsx":
        yield from published.rows(path)
        return
    try:
        frame = registry.read(path).frame
    except SourceError as error:
        hint = "open the workbook, keep the rows of your province, or save it as CSV"
        raise SourceError(error.message, where=error.where, hint=hint) from None
    yield 1, list(frame.columns)
    for number, *cells in frame.fillna("").itertuples(name=None):
        yield number, cells


def _edition(path: Path, columns: Iterable[str], needed: Sequence[str]) -> str:
    present = set(columns)
    found = [name for name in EDITIONS if name in present]
    missing = [name for name in needed if name not in present]
    if len(found) != 1 or missing:
        what = f"has no column {missing[0]}" if found else f"has none of {', '.join(EDITIONS)}"
        raise IngestError(what, where=path.name, hint="send ISTAT's files of sections unchanged")
    return found[0]


def _add(counted: _Counted, number: int, ident: str, counts: list[int], problems: Problems) -> None:
    everybody, males = np.array(counts[:CLASSES]), np.array(counts[CLASSES:])
    if min(counts) < 0 or (males > everybody).any():
        refusal = Refusal("residents by age and sex are not counts that agree", UNCHANGED)
        problems.add(number, "P14", refusal)
    elif not ident or ident in counted.residents:
        refusal = Refusal("its section has no number, or an earlier row's", UNCHANGED)
        problems.add(number, "PROCOM", refusal)
    else:
        counted.residents[ident] = np.concatenate([everybody - males, males]).astype(float)


def _ident(text: str) -> str:
    """Return a section's number: shapefiles write it with decimals, tables with zeros in front."""
    return text.partition(".")[0].lstrip("0")


def _count(text: str) -> int:
    """Return a count; an empty cell is nobody, as ISTAT leaves out zeros; -1 if it is none."""
    whole = text.removesuffix(".0")
    return int(whole or 0) if len(whole) < 9 and (whole.isdecimal() or not whole) else -1


def _spread(drawn: _Drawn, counted: _Counted) -> dict[str, Spread]:
    """Return the residents of the sections by municipality and cell, as weights."""
    pieces = overlay.cut(drawn.shapes)
    whole = np.bincount(pieces.of, weights=pieces.area, minlength=len(drawn.ids))
    # A section drawn in several rows is shared over all of them.
    total = pd.Series(whole).groupby(pd.Index(drawn.ids)).transform("sum").to_numpy()
    nobody = np.zeros(2 * CLASSES)
    residents = np.array([counted.residents.get(ident, nobody) for ident in drawn.ids])
    weights = (pieces.area / total[pieces.of])[:, None] * residents[pieces.of]
    keys = [pd.Series(drawn.codes[pieces.of], name="cod_istat"), pd.Series(pieces.cell, name="h3")]
    by_cell = pd.DataFrame(weights).groupby(keys).sum()
    return {
        str(code): Spread(tuple(part.index.get_level_values("h3")), _columns(part.to_numpy()))
        for code, part in by_cell.groupby(level="cod_istat")
    }


def _columns(classes: Floats) -> Floats:
    """Give every single age and sex the weights of its class."""
    return classes[:, _CLASS_OF + CLASSES * _MALE]


def _notes(drawn: _Drawn, counted: _Counted) -> tuple[Text, ...]:
    persons = {ident: float(classes.sum()) for ident, classes in counted.residents.items()}
    year, every = EDITIONS[drawn.edition], f"{sum(persons.values()):.0f}"
    note = Text(
        it=f"censimento del {year}: {every} residenti in {len(persons)} sezioni",
        en=f"census of {year}: {every} residents in {len(persons)} sections",
    )
    lost = sum(persons[ident] for ident in set(persons) - set(drawn.ids))
    weightless = Text(
        it=f"{lost:.0f} residenti di sezioni senza forma non pesano",
        en=f"{lost:.0f} residents of sections without a shape weigh nothing",
    )
    return (note, weightless) if lost else (note,)


IMPORTER: Final = Importer(
    name="istat-sezioni",
    title=Text(
        it="Popolazione per cella dalle sezioni di censimento (ISTAT 2011, 2021)",
        en="Population by cell from census sections (ISTAT 2011, 2021)",
    ),
    makes=(POPULATION,),
    files=Text(
        it="R01_indicatori_2011_sezioni.csv (2021: .xlsx) e R01_11_WGS84.shp o .zip, per regione",
        en="R01_indicatori_2011_sezioni.csv (2021: .xlsx) and R01_11_WGS84.shp or .zip, by region",
    ),
    read=read,
)
