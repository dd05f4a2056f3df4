"""One upload: read, hold against the rules, put in the place of what it replaces, receipt."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.catalog import Catalog, read_catalog
from geo_core.errors import IngestError
from geo_core.ingest import pseudonyms
from geo_core.ingest.columns import PROSE, UNKNOWN
from geo_core.ingest.deliveries import REPORTED
from geo_core.ingest.history import HISTORY, condensed
from geo_core.ingest.households import HOUSEHOLD
from geo_core.ingest.kinds import References
from geo_core.ingest.left_out import LeftOut
from geo_core.ingest.problems import Problems, RowProblem, WrongCell
from geo_core.ingest.remembered import remember
from geo_core.ingest.secret import OFFICES, read_reserved, said_reserved
from geo_core.input_folder import held, is_invented
from geo_core.model.district import District
from geo_core.model.text import Text
from geo_core.settings import BuildSettings
from geo_core.sources.places import label
from geo_core.strict_yaml import read_document
from geo_core.uploads import deliveries, storing
from geo_core.uploads.checking import Around, check
from geo_core.uploads.consequences import Consequences, consequences
from geo_core.uploads.names import shown_file
from geo_core.uploads.reading import Place, Sent, read
from geo_core.uploads.receipt import Receipt, RefusedRow
from geo_core.uploads.renamed import renamed
from geo_core.uploads.tables import Target, target

SOURCE: Final = "Dichiarato dall'ente"
"""`fonte` of a register row whose file does not name another."""

MOST: Final = 36
"""Bodies, or periods of one, that an error lists."""

_PSEUDONYMS: Final = ("pseudonimo", HOUSEHOLD)
_NONE: Final = Consequences(own={}, broken=(), orphaned={})


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an upload is to be taken.

    Attributes
    ----------
    profile : str | None
        Mapping of the layer file.
    partial : bool
        Take the rows that are accepted although others are, or would then be, refused.
    invented : bool
        The rows are invented; the table must be invented as a whole.
    covers : tuple of str
        Organisations and months that the files cover, with rows or without: see
        `deliveries.covered`.
    """

    profile: str | None = None
    partial: bool = False
    invented: bool = False
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Desk:
    """Where uploads come in: settings, declarations, and the district they are for."""

    settings: BuildSettings
    catalog: Catalog
    district: District

    @classmethod
    def open(cls, settings: BuildSettings) -> Desk:
        """Read what is declared."""
        district = read_document(settings.project / "config" / "distretto.yml", District)
        return cls(settings, read_catalog(settings.project), district)

    def remember(self, offices: pd.DataFrame | None = None) -> None:
        """Remember the reserved offices that are there, and those that are handed in."""
        known = [read_reserved(self.settings.input)]
        if offices is not None:
            known.append(said_reserved(offices))
        remember(self.settings.private, pd.concat(known))

    def around(self) -> Around:
        """Return what rows are held against; the caller holds the input folder."""
        return Around.of(self.settings.input, self.catalog, self.district)


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
        With `written` false if a row is refused, or rows elsewhere would be, and that was not
        allowed: nothing changed then.

    Raises
    ------
    AtlanteError
        A file cannot be read or is of another table; nothing changed.
    """
    sent = read(given, target(name, desk.catalog, References()), profile=wishes.profile)
    with held(desk.settings.input):
        desk.remember(sent.rows if name == OFFICES else None)
        around = desk.around()
        table = target(name, desk.catalog, around.known)
        _check_invented(around.folder / f"{name}.csv", table, wishes)
        covered = deliveries.covered(name, wishes.covers, around.known)
        found = _found(sent, table, around, invented=wishes.invented)
        written = len(found.rows) > 0 and (found.complete or wishes.partial)
        merged = _store(desk, table, found.rows, covered, wishes) if written else None
    return Receipt(
        name=name,
        title=table.title,
        files=tuple(shown_file(label(place), i) for i, place in enumerate(given, start=1)),
        written=written,
        invented=wishes.invented,
        of=_of(found.rows, table),
        rows=len(sent.rows),
        accepted=len(found.rows),
        left_out_rows=found.left_out,
        refused=tuple(RefusedRow.of(p) for p in _as_sent(found.problems, sent)),
        broken=tuple(RefusedRow.of(p) for p in found.elsewhere.broken),
        orphaned=dict(found.elsewhere.orphaned),
        unpeopled=found.elsewhere.unpeopled,
        replaced=len(merged.replaced) if merged else 0,
        unchanged=merged.unchanged if merged else 0,
        left_out=sent.left_out,
        translated=found.translated,
        notes=_noted(name, len(covered)) if written else (),
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
        Take the rows out although other rows refer to them.

    Returns
    -------
    Receipt
        With `written` false if others refer to the rows and that was not allowed: nothing
        changed then.

    Raises
    ------
    IngestError
        The key has too few or too many parts, no row has it, or the table is replaced as a whole.
    """
    with held(desk.settings.input):
        desk.remember()
        around = desk.around()
        table = target(name, desk.catalog, around.known)
        _check_key(table, key)
        path = around.folder / f"{name}.csv"
        earlier = storing.read_table(path)
        asked_for = pd.DataFrame([dict(zip(table.replaces, key, strict=True))], dtype=object)
        gone = storing.merge(earlier, asked_for, names=table.names, replaces=table.replaces)
        noted = deliveries.withdrawn(around.folder, name, key)
        if not len(gone.replaced) and not noted:
            raise _no_such(table, earlier, key)
        elsewhere = _NONE if table.personal else consequences({name: gone.kept}, around)
        written = partial or elsewhere.harmless
        if written:
            tables = {**({name: gone.kept} if len(gone.replaced) else {}), **noted}
            invented = [t for t in tables if is_invented(around.folder / f"{t}.csv")]
            storing.store(around.folder, tables, invented=invented)
    return Receipt(
        name=name,
        title=table.title,
        files=(),
        written=written,
        withdrawn=True,
        of=(" ".join(key),),
        rows=0,
        accepted=0,
        broken=tuple(RefusedRow.of(p) for p in elsewhere.broken),
        orphaned=dict(elsewhere.orphaned),
        unpeopled=elsewhere.unpeopled,
        replaced=len(gone.replaced) if written else 0,
    )


def _check_key(table: Target, key: Sequence[str]) -> None:
    name = table.name
    if not table.replaces:
        raise IngestError(f"{name} is always replaced as a whole", hint="import the new table")
    if len(key) != len(table.replaces):
        asked = " ".join(table.replaces).upper()
        hint = f'atlante import {name} --withdraw "{asked}"'
        raise IngestError(f"to withdraw rows of {name} give {asked}", hint=hint)


def _no_such(table: Target, earlier: pd.DataFrame, key: Sequence[str]) -> IngestError:
    """Say what could be withdrawn: what there is of the body, else every body."""
    there = _of(earlier, table) if len(earlier) else ()
    of_the_body = [known for known in there if known.split()[0] == key[0]]
    shown = of_the_body or list(dict.fromkeys(known.split()[0] for known in there))
    listed = ", ".join(shown[:MOST]) + (", …" if len(shown) > MOST else "")
    names, values = " ".join(table.replaces), " ".join(key)
    return IngestError(
        f"no row of {table.name} has {names} = {values}",
        hint=f"there are: {listed}" if there else "the table has no rows",
    )


@dataclass(frozen=True)
class _Found:
    """What the checks say of the rows that were sent; problems count rows from 0."""

    rows: pd.DataFrame
    problems: tuple[RowProblem, ...]
    left_out: tuple[LeftOut, ...]
    elsewhere: Consequences
    translated: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return self.elsewhere.harmless and not self.problems


def _found(sent: Sent, table: Target, around: Around, *, invented: bool) -> _Found:
    """Return the accepted rows as they would be stored."""
    early = Problems(Path(table.name))
    today = renamed(around.folder, table.name, sent.rows, early)
    rows, left_out = early.remaining(today.rows), tuple[LeftOut, ...]()
    if table.name == HISTORY:
        history = condensed(rows)
        rows, left_out = history.rows, history.left_out
    if table.register:
        rows = _said(rows, invented=invented)
    late = () if table.register else check(rows, table, around)
    good = _without(rows, late)
    elsewhere = (
        _NONE
        if table.personal
        else consequences({table.name: _merged(good, table, around.folder).table}, around)
    )
    own = elsewhere.own.get(table.name, ())
    problems = sorted((*early.listed(), *late, *own), key=lambda problem: problem.row)
    return _Found(_without(good, own), tuple(problems), left_out, elsewhere, today.codes)


def _without(rows: pd.DataFrame, refused: Collection[RowProblem]) -> pd.DataFrame:
    return rows[~rows.index.isin([problem.row for problem in refused])]


def _said(rows: pd.DataFrame, *, invented: bool) -> pd.DataFrame:
    source = rows["fonte"] if "fonte" in rows else pd.Series("", index=rows.index, dtype=object)
    return rows.assign(
        dato_sintetico="true" if invented else "false",
        fonte=source.where(source != "", SOURCE),
    )


def _as_sent(problems: Collection[RowProblem], sent: Sent) -> list[RowProblem]:
    """Say of each problem the file, the row and the columns that a person sees."""
    return [
        dataclasses.replace(
            problem,
            file=place.file,
            row=place.row,
            cells=tuple(_cell_as_sent(cell, place) for cell in problem.cells),
        )
        for problem in problems
        for place in [sent.places[problem.row]]
    ]


def _cell_as_sent(cell: WrongCell, place: Place) -> WrongCell:
    """Name the column as the file does, and of a code that is not known the office's own words."""
    words = place.words.get(cell.column, ()) if cell.reason in {UNKNOWN, PROSE} else ()
    return WrongCell(
        column=place.headings.get(cell.column, cell.column),
        reason=cell.reason,
        hint=f"write one of: {', '.join(words)}" if words else cell.hint,
    )


def _merged(rows: pd.DataFrame, table: Target, folder: Path) -> storing.Merged:
    earlier = storing.read_table(folder / f"{table.name}.csv")
    return storing.merge(earlier, rows, names=table.names, replaces=table.replaces)


def _noted(name: str, months: int) -> tuple[Text, ...]:
    """Say which deliveries were recorded: without a word on what the files cover, none."""
    if name not in REPORTED:
        return ()
    if months:
        return (Text(it=f"consegne annotate: {months}", en=f"deliveries recorded: {months}"),)
    return (
        Text(
            it="nessuna consegna annotata: i mesi coperti si dichiarano con --covers",
            en="no delivery recorded: the months that are covered are declared with --covers",
        ),
    )


def _store(
    desk: Desk, table: Target, rows: pd.DataFrame, covered: pd.DataFrame, wishes: Wishes
) -> storing.Merged:
    if table.personal and (found := [name for name in _PSEUDONYMS if name in rows]):
        key = pseudonyms.key(desk.settings.private)
        rows = rows.assign(**{name: pseudonyms.rekey(rows[name], key) for name in found})
    folder = desk.settings.input
    merged = _merged(rows, table, folder)
    if len(covered):
        deliveries.check_covered(table.name, covered, rows=rows, earlier=merged.kept)
    tables = {
        table.name: merged.table,
        **deliveries.made(folder, table.name, covered, invented=wishes.invented),
    }
    storing.store(folder, tables, invented=list(tables) if wishes.invented else ())
    return merged


def _check_invented(path: Path, table: Target, wishes: Wishes) -> None:
    """Keep real rows and invented ones apart where no row says which it is."""
    if not path.exists():
        return
    before = is_invented(path)
    if wishes.invented and not before:
        raise IngestError(
            "holds rows that are not invented", where=path.name, hint="leave out the option"
        )
    if before and table.replaces and not (table.register or wishes.invented):
        raise IngestError(
            "holds invented rows, which real ones must not join",
            where=path.name,
            hint="take the invented tables out (atlante synth --remove), or say "
            "--rows-are-invented in an exercise",
        )


def _of(rows: pd.DataFrame, table: Target) -> tuple[str, ...]:
    named: Mapping[tuple[str, ...], None] = dict.fromkeys(
        rows[list(table.replaces)].itertuples(index=False, name=None) if table.replaces else ()
    )
    return tuple(sorted(" ".join(key) for key in named))
