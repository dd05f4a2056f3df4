"""From the files an office sends to rows of a table: its columns, its way of writing, as text.

Cells stay text. What an Italian office writes in its own way is written in ours where the
declared type leaves no doubt: ``12,5`` in a column of numbers, ``31/12/2023`` in one of dates,
``sì`` in one of yes and no. What is in doubt stays as it is, and the check refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd
import shapely

from geo_core.errors import IngestError, NotFound, SourceError
from geo_core.ingest.deliveries import REPORTED
from geo_core.ingest.personal import sign_of_a_person
from geo_core.ingest.rules import SAID_OF_THE_ROW
from geo_core.model.field import FieldType
from geo_core.model.mapping import ColumnMapping, folded
from geo_core.model.tables import GEOMETRY
from geo_core.sources import places as sources
from geo_core.sources.mapping import mapped
from geo_core.uploads.names import shown_file, shown_heading
from geo_core.uploads.tables import Target

DECIMALS: Final = 7

_COMMA: Final = re.compile(r"-?[0-9]+,[0-9]+")
_IN_DOUBT: Final = re.compile(r"-?[0-9]{1,3}[.,][0-9]{3}")
_DAY: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_MIDNIGHT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(:00(\.0+)?)?")
_SHORT_CODE: Final = re.compile(r"(?:(?<=;)|(?<=; )|^)[0-9]{4,5}(?= ?;|$)")
_MUNICIPAL: Final = frozenset({"cod_istat", "unita_luogo", "comuni"})
"""Columns of ISTAT codes, one or several, of which a spreadsheet may have dropped the zeros."""
_YES_NO: Final = {
    **dict.fromkeys(("sì", "si", "s", "vero", "true", "yes", "1"), "true"),
    **dict.fromkeys(("no", "n", "falso", "false", "0"), "false"),
}
_REMOVE: Final = "remove them and send the file again: what tells who a person is must not be sent"
_PERSONS: Final = frozenset(
    {
        "cognome",
        "nominativo",
        "nascita",
        "nato",
        "nata",
        "cellulare",
        "referente",
        "responsabile",
        "utente",
        "assistito",
        "assistita",
        "paziente",
        "beneficiario",
        "beneficiaria",
        "firmatario",
        "surname",
    }
)
"""Words of a heading over names of persons, or what leads to them."""


class Place(NamedTuple):
    """Where a row is, as a receipt may name it.

    Attributes
    ----------
    headings : mapping of str to str
        What the file calls our columns, where it calls them otherwise.
    words : mapping of str to tuple of str
        The office's words for our codes, by our column, where it uses its own.
    """

    file: str
    row: int
    headings: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Sent:
    """What an office sent.

    Attributes
    ----------
    rows : DataFrame
        Text, no None, columns of the table; the index counts the rows of all files from 0.
    places : tuple of Place
        Where each row is.
    left_out : tuple of str
        Columns of the files that the table has not, as a receipt may name them.
    """

    rows: pd.DataFrame
    places: tuple[Place, ...]
    left_out: tuple[str, ...]


def read(given: Sequence[str], target: Target, *, profile: str | None) -> Sent:
    """Read the files of one upload.

    Parameters
    ----------
    given : sequence of str
        Places that `geo_core.sources.places` reads; all with the same columns.
    profile : str | None
        Mapping of the layer file by which the columns are renamed; without it the one that fits
        is taken where the file has not the columns of the table.

    Raises
    ------
    SourceError
        A file cannot be read.
    IngestError
        A file has no row, a column that must be there is missing, one names persons, or a file
        about persons has a column or a geometry of its own.
    NotFound
        The layer has no such mapping.
    """
    chosen = None if profile is None else _mapping(target, profile)
    parts: list[pd.DataFrame] = []
    places: list[Place] = []
    left_out: dict[str, None] = {}
    for number, place in enumerate(given, start=1):
        path = Path(shown_file(sources.label(place), number))
        frame = _frame(place, path.name, layer=chosen.layer if chosen else None)
        mapping = chosen or _fitting(target, frame)
        rows, unmapped = _columns(path, frame, target, mapping)
        parts.append(rows)
        headings = {ours: theirs for theirs, ours in mapping.columns.items()} if mapping else {}
        words = {ours: tuple(own) for ours, own in mapping.words.items()} if mapping else {}
        places += [Place(path.name, int(row), headings, words) for row in rows.index]
        left_out.update(dict.fromkeys(unmapped))
    whole = pd.concat(parts, ignore_index=True).fillna("")
    return Sent(_in_our_way(whole, target), tuple(places), tuple(left_out))


def _frame(place: str, shown: str, *, layer: str | None) -> pd.DataFrame:
    try:
        return sources.read(place, layer=layer).frame
    except SourceError as error:
        error.where = error.where.replace(sources.label(place), shown)
        raise


def _mapping(target: Target, profile: str) -> ColumnMapping:
    if not target.mappings:
        message, hint = f"{target.name} has no mapping", "leave out --mapping"
        raise NotFound(message, hint=hint)
    if profile not in target.mappings:
        raise NotFound.among("mapping", profile, target.mappings)
    return target.mappings[profile]


def _fitting(target: Target, frame: pd.DataFrame) -> ColumnMapping | None:
    """Return the one mapping whose columns are all in a file that has not those of the table."""
    found = {str(name) for name in frame.columns}
    if found.issuperset(c.name for c in target.columns if c.required):
        return None
    fit = [m for m in target.mappings.values() if found.issuperset(m.columns)]
    return fit[0] if len(fit) == 1 else None


def _columns(
    path: Path, frame: pd.DataFrame, target: Target, mapping: ColumnMapping | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    shape = frame[GEOMETRY] if GEOMETRY in frame.columns else None
    rows = pd.DataFrame(frame.drop(columns=[GEOMETRY] if shape is not None else []))
    headings = [str(name) for name in rows.columns]
    ignored: tuple[str, ...] = ()
    if mapping is not None:
        ignored = tuple(name for name in mapping.ignore if name in rows.columns)
        rows = _renamed(rows, mapping)
    if shape is not None:
        rows = _placed(path, rows, shape, target)
    wanted = {*target.names, *(c.name for c in SAID_OF_THE_ROW)}
    unmapped = {
        position: name
        for position, name in enumerate(headings, start=1)
        if name in rows.columns and name not in wanted
    }
    _check_columns(path, rows, unmapped, target)
    _check_rows(path, rows, target)
    told = (shown_heading(name, position) for position, name in unmapped.items())
    return rows[[n for n in target.names if n in rows.columns]], (*told, *ignored)


def _renamed(rows: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    """Return the mapped columns with our names and words, then those the mapping does not name."""
    fitted = mapped(rows, mapping, wanted=())
    out = fitted.frame.assign(**mapping.constants)
    for name, words in mapping.words.items():
        if name in out:
            known = {folded(word): code for word, code in words.items()}
            out[name] = [known.get(folded(cell or ""), cell) for cell in out[name]]
    rest = [name for name in fitted.unmapped if name not in out]
    return out.join(rows[rest])


def _placed(path: Path, rows: pd.DataFrame, shape: pd.Series, target: Target) -> pd.DataFrame:
    """Write points as longitude and latitude, and areas as text, where the table has them."""
    if target.personal:
        raise IngestError(
            "holds coordinates finer than a cell",
            where=path.name,
            hint="send the table without geometry; the place is a cell or a municipality",
        )
    kinds = shape.map(lambda geometry: None if geometry is None else geometry.geom_type)
    point, area = kinds == "Point", kinds.isin(["Polygon", "MultiPolygon"])
    written: dict[str, tuple[pd.Series, Callable[[Any], str]]] = {
        "lon": (point, lambda geometry: _degrees(geometry.x)),
        "lat": (point, lambda geometry: _degrees(geometry.y)),
        "area_wkt": (area, lambda geometry: shapely.to_wkt(geometry, DECIMALS)),
    }
    for name, (of_this_kind, write) in written.items():
        if name in target.names and name not in rows and of_this_kind.any():
            cells = [write(g) if here else "" for g, here in zip(shape, of_this_kind, strict=True)]
            rows[name] = pd.Series(cells, index=rows.index, dtype=object)
    return rows


def _degrees(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _check_columns(
    path: Path, rows: pd.DataFrame, unmapped: Mapping[int, str], target: Target
) -> None:
    """Refuse a file for its columns, all at once; a heading is repeated only if it is plain."""
    for position, heading in unmapped.items():
        if (sign := sign_of_a_person(heading)) is not None:
            message = f"the heading of column {position} {sign}"
            raise IngestError(message, where=path.name, hint=_REMOVE)
    persons = [place for place in unmapped.items() if names_persons(place[1])]
    if persons:
        message = f"has columns about single persons: {_listed(persons)}"
        raise IngestError(message, where=path.name, hint=_REMOVE)
    missing = [c.name for c in target.columns if c.required and c.name not in rows]
    columns = f"the columns are: {', '.join(c.name for c in target.columns)}"
    if missing:
        message = f"has not all columns of the table {target.name}; missing: {', '.join(missing)}"
        profiles = ", ".join(target.mappings)
        hint = f"{columns}; or name a mapping: {profiles}" if profiles else columns
        raise IngestError(message, where=path.name, hint=hint)
    if target.personal and unmapped:
        message = f"has columns that are not taken here: {_listed(unmapped.items())}"
        hint = f"remove them: of persons nothing else is taken; {columns}"
        raise IngestError(message, where=path.name, hint=hint)


def _listed(columns: Iterable[tuple[int, str]]) -> str:
    """Return columns by their position, and their heading where it may be repeated."""
    return ", ".join(
        f"{at} ({heading})" if shown_heading(heading, at) == heading else str(at)
        for at, heading in columns
    )


def _check_rows(path: Path, rows: pd.DataFrame, target: Target) -> None:
    if rows.empty:
        hint = "to take rows out, use --withdraw"
        if target.name in REPORTED:
            hint += (
                "; to say that there is nothing to report: "
                f'atlante import {target.name} --nothing "ORG-1 2023-04"'
            )
        message = "has a header and no row: there is nothing to load"
        raise IngestError(message, where=path.name, hint=hint)


def names_persons(heading: str) -> bool:
    """Tell whether a heading stands over names of persons, or over what leads to them."""
    words = set(re.findall(r"[^\W\d_]+", heading.casefold()))
    return bool(words & _PERSONS) or {"codice", "fiscale"} <= words


def _in_our_way(rows: pd.DataFrame, target: Target) -> pd.DataFrame:
    types = {column.name: column.type for column in target.columns}
    out = rows.copy()
    for name in rows.columns:
        cells = rows[name].astype(str).str.strip()
        if name in _MUNICIPAL:
            cells = cells.map(lambda text: _SHORT_CODE.sub(_six_digits, text))
        write = _WRITTEN.get(types.get(name, "text"))
        out[name] = (cells if write is None else write(cells)).astype(object)
    return out


def _six_digits(code: re.Match[str]) -> str:
    return code[0].zfill(6)


def _numbers(cells: pd.Series) -> pd.Series:
    both = all(cells.str.contains(sign, regex=False).any() for sign in ".,")
    return cells.map(lambda text: _number(text, in_both_ways=both))


def _number(text: str, *, in_both_ways: bool) -> str:
    # Where a column has points and commas, one of them may separate thousands, three digits each:
    # nothing is guessed, and a comma is what the check refuses.
    if in_both_ways and _IN_DOUBT.fullmatch(text):
        return text.replace(".", ",")
    return text.replace(",", ".") if _COMMA.fullmatch(text) else text


def _dates(cells: pd.Series) -> pd.Series:
    return cells.map(_date)


def _date(text: str) -> str:
    day = _DAY.fullmatch(text)
    if day is not None:
        return f"{day[3]}-{int(day[2]):02d}-{int(day[1]):02d}"
    midnight = _MIDNIGHT.fullmatch(text)
    return midnight[1] if midnight else text


def _booleans(cells: pd.Series) -> pd.Series:
    return cells.map(lambda text: _YES_NO.get(text.casefold(), text))


_WRITTEN: Final[dict[FieldType, Callable[[pd.Series], pd.Series]]] = {
    "number": _numbers,
    "integer": _numbers,
    "date": _dates,
    "boolean": _booleans,
}
