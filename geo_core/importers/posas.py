"""ISTAT's resident population by age and sex (POSAS), as demo.istat.it publishes it.

A title line ("Popolazione residente ... al 1° gennaio 2024"), a header, one row for every
municipality and age, a row of age 999 with the totals, and sometimes a note at the end. Older
editions count by marital status between the columns that are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.errors import IngestError
from geo_core.importers import published
from geo_core.importers.base import UNCHANGED, Context, Imported, Importer, of_elsewhere
from geo_core.ingest.left_out import LeftOut, left_out
from geo_core.ingest.population import OLDEST
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.ingest.residents import KEY, RESIDENTS, earlier_residents
from geo_core.model.text import Text

TOTAL: Final = 999
"""The age of the rows that hold the sums."""

SHOWN: Final = 10
"""Municipalities that a note lists; of more it says how many."""

_TITLE: Final = re.compile(r"1\s*[°º]?\s*gennaio\s+((?:19|20)\d{2})", re.IGNORECASE)
_FILE: Final = re.compile(r"POSAS_((?:19|20)\d{2})_", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d{1,9}")
_NEEDED: Final = ("Codice comune", "Età", "Totale maschi", "Totale femmine")
_SUM: Final = "Totale"

type Counts = tuple[int, int]
"""Males and females, in the order of the file."""


@dataclass
class _Municipality:
    first_row: int
    rows: int = 0
    by_age: dict[int, Counts] = field(default_factory=dict)
    total: tuple[int, Counts] | None = None
    wrong: int = 0
    """Refused rows: then none of it is taken."""


@dataclass
class _Tally:
    """What was found in one file."""

    year: int
    wanted: dict[str, _Municipality] = field(default_factory=dict)
    elsewhere: int = 0


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one file for each year into the table `residenti`.

    What the input folder already holds stays, unless a file brings the same municipality of the
    same year again. A municipality with a wrong row is left out as a whole: its total would be
    wrong.

    Raises
    ------
    SourceError
        A file cannot be read.
    IngestError
        A file is not POSAS, does not say its year, or two bring the same year.
    """
    tables: list[pd.DataFrame] = []
    tallies: list[_Tally] = []
    listed: list[RowProblem] = []
    for path in files:
        problems = Problems(path)
        tally = _tally(path, context.wanted, problems)
        if any(int(table["anno"].iloc[0]) == tally.year for table in tables if len(table)):
            hint = "send one of them"
            raise IngestError(f"two files are of the year {tally.year}", where=path.name, hint=hint)
        tables.append(_table(tally, problems))
        tallies.append(tally)
        listed += problems.listed()
    brought = pd.concat(tables, ignore_index=True)
    before = earlier_residents(context.input)
    again = _year_and_place(before).isin(set(_year_and_place(brought)))
    kept = before[~again].set_axis(-before.index[~again])
    places = [place for tally in tallies for place in tally.wanted.values()]
    elsewhere = sum(tally.elsewhere for tally in tallies)
    return Imported(
        {RESIDENTS: pd.concat([kept, brought])},
        rows=elsewhere + sum(place.rows for place in places),
        accepted=sum(place.rows for place in places if not place.wrong),
        left_out=(*of_elsewhere(elsewhere), *_beside_wrong_ones(places)),
        notes=(
            *(_note(*pair, context.wanted) for pair in zip(tallies, tables, strict=True)),
            *_kept(kept),
        ),
        problems=tuple(listed),
    )


def _beside_wrong_ones(places: Sequence[_Municipality]) -> tuple[LeftOut, ...]:
    return left_out(
        sum(place.rows - place.wrong for place in places if place.wrong),
        it="di un comune con una riga sbagliata: il suo totale non tornerebbe",
        en="of a municipality with a wrong row: its total would be wrong",
    )


def _year_and_place(residents: pd.DataFrame) -> pd.Series:
    return residents["anno"] + residents["cod_istat"]


def _kept(rows: pd.DataFrame) -> tuple[Text, ...]:
    places = list(rows.groupby("anno")["cod_istat"].nunique().items())
    it = ", ".join(f"{year} ({n} comuni)" for year, n in places)
    en = ", ".join(f"{year} ({n} municipalities)" for year, n in places)
    return (Text(it=f"già caricati, restano: {it}", en=f"kept: {en}"),) if len(rows) else ()


def _tally(path: Path, wanted: frozenset[str], problems: Problems) -> _Tally:
    lines = published.rows(path)
    titles, position = _header(path, lines)
    tally = _Tally(_year(path, titles))
    for row, cells in lines:
        code = cells[position["Codice comune"]] if len(cells) > 1 else ""
        if not _NUMBER.fullmatch(code):
            continue  # A note under the table.
        if code.zfill(6) not in wanted:
            tally.elsewhere += 1
        else:
            place = tally.wanted.setdefault(code.zfill(6), _Municipality(row))
            _add(place, row, cells, position, problems)
    return tally


def _header(path: Path, lines: Iterator[published.Row]) -> tuple[list[str], dict[str, int]]:
    """Return the lines before the header, and where each column stands."""
    titles: list[str] = []
    for _, (_, cells) in zip(range(5), lines, strict=False):
        if set(_NEEDED) <= set(cells):
            return titles, {name: at for at, name in enumerate(cells)}
        titles.append(" ".join(cells))
    hint = f"POSAS files of municipalities have the columns {', '.join(_NEEDED)}"
    raise IngestError("is not a POSAS file", where=path.name, hint=hint)


def _year(path: Path, titles: list[str]) -> int:
    said = _TITLE.search(" ".join(titles))
    named = _FILE.search(path.name)
    years = {int(found[1]) for found in (said, named) if found}
    if len(years) == 1:
        return years.pop()
    message = "its title and its name say different years" if years else "does not say its year"
    hint = "keep the title line and the name of the file as downloaded (POSAS_2024_it_Comuni.csv)"
    raise IngestError(message, where=path.name, hint=hint)


def _add(
    place: _Municipality, row: int, cells: list[str], position: dict[str, int], problems: Problems
) -> None:
    place.rows += 1
    refusal = _wrong(cells, position)
    if refusal is None:
        age = int(cells[position["Età"]])
        counts = (int(cells[position["Totale maschi"]]), int(cells[position["Totale femmine"]]))
        if age in place.by_age or (age == TOTAL and place.total is not None):
            refusal = ("Età", Refusal("repeats an earlier row of the municipality", UNCHANGED))
        elif age == TOTAL:
            place.total = (row, counts)
        else:
            place.by_age[age] = counts
    if refusal is not None:
        problems.add(row, *refusal)
        place.wrong += 1


def _wrong(cells: list[str], position: dict[str, int]) -> tuple[str, Refusal] | None:
    if len(cells) != len(position):
        return "Codice comune", Refusal("has not as many cells as the header", UNCHANGED)
    for name in (*_NEEDED[1:], *((_SUM,) if _SUM in position else ())):
        if not _NUMBER.fullmatch(cells[position[name]]):
            return name, Refusal("is not a whole number", UNCHANGED)
    age, males, females = (int(cells[position[name]]) for name in _NEEDED[1:])
    if age > OLDEST and age != TOTAL:
        return "Età", Refusal(f"is not between 0 and {OLDEST}, nor {TOTAL}", UNCHANGED)
    if _SUM in position and males + females != int(cells[position[_SUM]]):
        return _SUM, Refusal("is not the sum of males and females", UNCHANGED)
    return None


def _table(tally: _Tally, problems: Problems) -> pd.DataFrame:
    rows = []
    for code, place in sorted(tally.wanted.items()):
        if _complete(place, problems):
            for age in range(OLDEST + 1):
                males, females = place.by_age.get(age, (0, 0))
                rows += [(code, age, "F", females), (code, age, "M", males)]
    table = pd.DataFrame(rows, columns=[*KEY[1:], "n"]).astype(str)
    table.insert(0, "anno", str(tally.year))
    return table


def _complete(place: _Municipality, problems: Problems) -> bool:
    if place.wrong:
        return False
    if place.total is None:
        refusal = Refusal(f"its municipality has no row of age {TOTAL}", UNCHANGED)
        problems.add(place.first_row, "Età", refusal)
        place.wrong += 1
        return False
    row, total = place.total
    for at, name in enumerate(("Totale maschi", "Totale femmine")):
        if sum(counts[at] for counts in place.by_age.values()) != total[at]:
            problems.add(row, name, Refusal("is not the sum of the ages", UNCHANGED))
            place.wrong += 1
            return False
    return True


def _note(tally: _Tally, table: pd.DataFrame, wanted: frozenset[str]) -> Text:
    persons = int(table["n"].astype("int64").sum())
    places = table["cod_istat"].nunique()
    absent = sorted(wanted - set(tally.wanted))
    some, more = ", ".join(absent[:SHOWN]), len(absent) - SHOWN
    return Text(
        it=f"1° gennaio {tally.year}: {persons} residenti, {places} comuni"
        + (f"; non nel file: {some}" if some else "")
        + (f" e altri {more}" if more > 0 else ""),
        en=f"1 January {tally.year}: {persons} residents, {places} municipalities"
        + (f"; not in the file: {some}" if some else "")
        + (f" and {more} more" if more > 0 else ""),
    )


IMPORTER: Final = Importer(
    name="istat-posas",
    title=Text(
        it="Popolazione residente per età e sesso (ISTAT, POSAS)",
        en="Resident population by age and sex (ISTAT, POSAS)",
    ),
    makes=(RESIDENTS,),
    files=Text(
        it="POSAS_AAAA_it_Comuni.csv o .zip, uno per anno; servono l'anno e quello prima",
        en="POSAS_YYYY_it_Comuni.csv or .zip, one for each year; the year and the one before",
    ),
    read=read,
)
