"""One upload: read, hold against the rules, put in the place of what it replaces, receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core import private
from geo_core.catalog import Catalog, read_catalog
from geo_core.errors import IngestError
from geo_core.ingest import pseudonyms
from geo_core.ingest.bodies import acceptable, members_by_body
from geo_core.ingest.history import HISTORY, condensed
from geo_core.ingest.official import municipalities
from geo_core.ingest.problems import Problems, RowProblem
from geo_core.model.district import District
from geo_core.model.text import Text
from geo_core.settings import BuildSettings
from geo_core.sources.places import label
from geo_core.strict_yaml import read_document
from geo_core.synth.folder import is_invented
from geo_core.uploads import storing
from geo_core.uploads.checking import (
    Around,
    check,
    check_in_register,
    check_register_as_it_is,
)
from geo_core.uploads.names import shown_file
from geo_core.uploads.reading import Sent, read
from geo_core.uploads.receipt import Receipt, RefusedRow
from geo_core.uploads.renamed import renamed
from geo_core.uploads.tables import Target, references, target

SOURCE: Final = "Dichiarato dall'ente"
"""`fonte` of a register row whose file does not name another."""

_PSEUDONYM: Final = "pseudonimo"


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an upload is to be taken.

    Attributes
    ----------
    profile : str | None
        Mapping of the layer file.
    partial : bool
        Take the rows that are accepted although others are refused.
    invented : bool
        The rows are invented; the table must be invented as a whole.
    """

    profile: str | None = None
    partial: bool = False
    invented: bool = False


@dataclass(frozen=True)
class Desk:
    """Where uploads come in: settings, declarations, and the district they are for."""

    settings: BuildSettings
    catalog: Catalog
    district: District
    municipalities: gpd.GeoDataFrame

    @classmethod
    def open(cls, settings: BuildSettings) -> Desk:
        """Read what is declared, and the municipalities of the district."""
        district = read_document(settings.project / "config" / "distretto.yml", District)
        places = municipalities(settings.input, district)
        return cls(settings, read_catalog(settings.project), district, places)

    def around(self) -> Around:
        """Return what rows are held against."""
        places = self.municipalities
        return Around(
            folder=self.settings.input,
            catalog=self.catalog,
            municipalities=places,
            italy=acceptable(self.settings.input) | frozenset(places["cod_istat"]),
            known=references(self.settings.input, places, self.district),
            bodies=members_by_body(self.settings.input, on=self.district.reference_date),
        )


def upload(desk: Desk, name: str, given: Sequence[str], wishes: Wishes) -> Receipt:
    """Take in the files of one table.

    Parameters
    ----------
    desk : Desk
        Where.
    name : str
        Input table.
    given : sequence of str
        Files, or other places that `geo_core.sources.places` reads: all rows of the bodies and
        periods they name. What was there of these is replaced.
    wishes : Wishes
        How.

    Returns
    -------
    Receipt
        With `written` false if a row is refused and that was not allowed: nothing changed then.

    Raises
    ------
    AtlanteError
        A file cannot be read or is of another table; nothing changed.
    """
    around = desk.around()
    table = target(name, desk.catalog, around.known)
    sent = read(given, table, profile=wishes.profile)
    with storing.locked(around.folder):
        _check_invented(around.folder / f"{name}.csv", table, wishes)
        found = _found(sent, table, around, invented=wishes.invented)
        complete = not (found.problems or found.broken)
        written = len(found.rows) > 0 and (complete or wishes.partial)
        merged = _store(desk, table, found.rows, wishes) if written else None
    return Receipt(
        name=name,
        title=table.title,
        files=tuple(shown_file(label(place), i) for i, place in enumerate(given, start=1)),
        written=written,
        invented=wishes.invented,
        of=_of(found.rows, table),
        rows=len(sent.rows),
        accepted=len(found.rows),
        left_out_rows=len(sent.rows) - len(found.rows) - len(found.problems),
        refused=tuple(RefusedRow.of(p) for p in _named(found.problems, sent.places)),
        broken=tuple(RefusedRow.of(p) for p in found.broken),
        replaced=len(merged.replaced) if merged else 0,
        unchanged=merged.unchanged if merged else 0,
        left_out=sent.left_out,
        translated=found.translated,
    )


def withdraw(desk: Desk, name: str, key: Sequence[str], *, partial: bool = False) -> Receipt:
    """Take out all rows of a body and a period (or of whatever an upload of this table replaces).

    Parameters
    ----------
    desk : Desk
        Where.
    name : str
        Input table.
    key : sequence of str
        One value for each of the table's `replaces` columns.
    partial : bool
        Take the rows out although rows of other registers refer to them.

    Returns
    -------
    Receipt
        With `written` false if no row has the key, or others refer to them and that was not
        allowed: nothing changed then.

    Raises
    ------
    IngestError
        The key has too few or too many parts, or the table is replaced as a whole.
    """
    folder, around = desk.settings.input, desk.around()
    table = target(name, desk.catalog, around.known)
    if not table.replaces:
        raise IngestError(f"{name} is always replaced as a whole", hint="import the new table")
    if len(key) != len(table.replaces):
        asked = " ".join(table.replaces).upper()
        hint = f'atlante import {name} --withdraw "{asked}"'
        raise IngestError(f"to withdraw rows of {name} give {asked}", hint=hint)
    path = folder / f"{name}.csv"
    with storing.locked(folder):
        earlier = storing.read_table(path)
        asked_for = pd.DataFrame([dict(zip(table.replaces, key, strict=True))], dtype=object)
        gone = storing.merge(earlier, asked_for, names=table.names, replaces=table.replaces)
        broken = _broken(gone.kept, table, around) if len(gone.replaced) else ()
        written = len(gone.replaced) > 0 and (partial or not broken)
        if written:
            _write(path, gone.kept)
    return Receipt(
        name=name,
        title=table.title,
        files=(),
        written=written,
        of=(" ".join(key),),
        rows=0,
        accepted=0,
        broken=tuple(RefusedRow.of(p) for p in broken),
        replaced=len(gone.replaced) if written else 0,
        notes=(Text(it="ritiro di tutte le righe", en="all rows withdrawn"),),
    )


@dataclass(frozen=True)
class _Found:
    rows: pd.DataFrame
    problems: tuple[RowProblem, ...]
    broken: tuple[RowProblem, ...]
    translated: tuple[str, ...]


def _found(sent: Sent, table: Target, around: Around, *, invented: bool) -> _Found:
    """Return the accepted rows as they would be stored; problems count rows from 0."""
    early = Problems(Path(table.name))
    today = renamed(around.folder, table.name, sent.rows, early)
    rows = early.remaining(today.rows)
    broken: tuple[RowProblem, ...] = ()
    if table.name == HISTORY:
        rows = condensed(rows)
    if table.register:
        rows = _said(rows, invented=invented)
        late, broken = _in_register(rows, table, around)
    else:
        late = check(rows, table, around)
    refused = {problem.row for problem in late}
    problems = sorted((*early.listed(), *late), key=lambda problem: problem.row)
    return _Found(rows[~rows.index.isin(refused)], tuple(problems), broken, today.codes)


def _said(rows: pd.DataFrame, *, invented: bool) -> pd.DataFrame:
    source = rows["fonte"] if "fonte" in rows else pd.Series("", index=rows.index, dtype=object)
    return rows.assign(
        dato_sintetico="true" if invented else "false",
        fonte=source.where(source != "", SOURCE),
    )


def _in_register(
    rows: pd.DataFrame, table: Target, around: Around
) -> tuple[tuple[RowProblem, ...], tuple[RowProblem, ...]]:
    """Return the refused rows, and the rows of other registers that would be refused then."""
    merged = _merged(rows, table, around)
    found = check_in_register(merged.table, table, around)
    before = len(merged.kept)
    own = [p for p in found[table.name] if p.row >= before]
    moved = (p.at(int(rows.index[p.row - before])) for p in own)
    return tuple(moved), _new_elsewhere(found, table, around)


def _broken(kept: pd.DataFrame, table: Target, around: Around) -> tuple[RowProblem, ...]:
    """Return the rows of other registers that would be refused if only these rows stayed."""
    if not table.register:
        return ()
    return _new_elsewhere(check_in_register(kept, table, around), table, around)


def _new_elsewhere(
    found: Mapping[str, tuple[RowProblem, ...]], table: Target, around: Around
) -> tuple[RowProblem, ...]:
    others = [p for name, listed in found.items() if name != table.name for p in listed]
    known = check_register_as_it_is(around) if others else frozenset()
    return tuple(p for p in others if p not in known)


def _named(problems: Collection[RowProblem], places: Sequence[tuple[str, int]]) -> list[RowProblem]:
    """Say of each problem the file and the row that a person sees."""
    return [p.at(places[p.row][1], file=places[p.row][0]) for p in problems]


def _merged(rows: pd.DataFrame, table: Target, around: Around) -> storing.Merged:
    earlier = storing.read_table(around.folder / f"{table.name}.csv")
    return storing.merge(earlier, rows, names=table.names, replaces=table.replaces)


def _store(desk: Desk, table: Target, rows: pd.DataFrame, wishes: Wishes) -> storing.Merged:
    if table.personal and _PSEUDONYM in rows:
        key = pseudonyms.key(desk.settings.private)
        rows = rows.assign(**{_PSEUDONYM: pseudonyms.rekey(rows[_PSEUDONYM], key)})
    path = desk.settings.input / f"{table.name}.csv"
    earlier = storing.read_table(path)
    merged = storing.merge(earlier, rows, names=table.names, replaces=table.replaces)
    private.write(path, storing.stored(merged.table))
    if wishes.invented:
        storing.call_invented(path)
    return merged


def _write(path: Path, table: pd.DataFrame) -> None:
    """Store a table that only lost rows: what was invented is so still."""
    was = is_invented(path)
    private.write(path, storing.stored(table))
    if was:
        storing.call_invented(path)


def _check_invented(path: Path, table: Target, wishes: Wishes) -> None:
    """Keep real rows about persons and invented ones apart."""
    if not path.exists():
        return
    before = is_invented(path)
    if wishes.invented and not before:
        raise IngestError(
            "holds rows that are not invented", where=path.name, hint="leave out the option"
        )
    if table.personal and before and not wishes.invented:
        raise IngestError(
            "holds invented rows, which real ones must not join",
            where=path.name,
            hint="remove that file first, or say --rows-are-invented in an exercise",
        )


def _of(rows: pd.DataFrame, table: Target) -> tuple[str, ...]:
    named: Mapping[tuple[str, ...], None] = dict.fromkeys(
        rows[list(table.replaces)].itertuples(index=False, name=None) if table.replaces else ()
    )
    return tuple(sorted(" ".join(key) for key in named))
