"""Records of persons: checked, each person counted once, and reduced to counts.

Nothing of a single record leaves this module but its place in a count. Pseudonyms serve to
count a person once and are then dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from geo_core.ingest.columns import Column, read_columns
from geo_core.ingest.households import HOUSEHOLD, UNKNOWN
from geo_core.ingest.persons import Persons
from geo_core.ingest.problems import Problems, Refusal, RowProblem
from geo_core.model.policy import WITHOUT_PLACE

WAITING: Final = "in_attesa"
_WAITS: Final = ((30, "attesa_30"), (90, "attesa_90"))
"""Days up to which a wait is in a class, both included."""


@dataclass(frozen=True, slots=True)
class Theme:
    """How records of one table become counts.

    Attributes
    ----------
    policy : str
        The policy under which the counts are published.
    place : str
        Column of the place: a cell, a municipality or an office.
    persons : str
        Column that says how many persons a record without pseudonym stands for.
    category : callable
        Gives the category of every accepted record.
    check : callable
        Refuses records whose cells contradict each other.
    hidden : str | None
        The policy of persons in `WITHOUT_PLACE`, where the table may have any.
    households : str | None
        The policy of households, where the table may tell them.
    """

    policy: str
    place: str
    persons: str
    category: Callable[[pd.DataFrame], pd.Series]
    check: Callable[[pd.DataFrame, Problems], None]
    hidden: str | None = None
    households: str | None = None

    @property
    def policies(self) -> tuple[str, ...]:
        """Every policy under which something of the table is published."""
        return tuple(p for p in (self.policy, self.hidden, self.households) if p is not None)


@dataclass(frozen=True, slots=True)
class Intake:
    """What one file of records came to.

    ``rows_in == accepted + merged + refused``.

    Attributes
    ----------
    accepted : int
        Records that count.
    merged : int
        Records of a person who is counted by another record of the same year.
    refused : int
        Records that do not count.
    problems : tuple of RowProblem
        One for each refused row, or as many as were asked for.
    counts : DataFrame
        ``anno``, ``luogo``, ``categoria``, ``n`` (persons, at least 1), sorted by the first
        three; each person once a year. This alone goes on to the next stage.
    withheld : int
        Accepted records of a reserved place: they are in no count.
    households : DataFrame | None
        As `counts`, of households by kind, each once a year; None where no file tells them.
    without_household : int
        Persons who are in no household that is counted.
    """

    rows_in: int
    accepted: int
    merged: int
    refused: int
    problems: tuple[RowProblem, ...]
    counts: pd.DataFrame
    withheld: int = 0
    households: pd.DataFrame | None = None
    without_household: int = 0


def check_records(
    path: Path,
    rows: pd.DataFrame,
    *,
    table: str,
    columns: Collection[Column],
    reserved: Collection[str] = (),
) -> Intake:
    """Check records that are all at hand: see `check_chunks`."""
    return check_chunks(path, [rows], table=table, columns=columns, reserved=reserved)


def check_chunks(  # noqa: PLR0913 - each is a choice of its own
    path: Path,
    chunks: Iterable[pd.DataFrame],
    *,
    table: str,
    columns: Collection[Column],
    reserved: Collection[str] = (),
    listed: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Intake:
    """Check records of persons, and count persons by year, place and category.

    A record with a pseudonym counts one person; of the records of a year with the same
    pseudonym, whoever handed them in, the one of the earliest month counts (among equals the
    first by organisation, place and category). Other records count as many persons as they say.
    Of the records that count, households are made: `geo_core.ingest.households`.
    Neither the order of the rows nor how they are cut into parts changes a count.

    Parameters
    ----------
    path : Path
        File the rows come from; only its name is used.
    chunks : iterable of DataFrame
        The rows, in any number of parts: text, indexed by row number, as
        `geo_core.sources.csv_chunks.chunks` yields. Each part is forgotten before the next.
    table : str
        A key of `THEMES`.
    columns : Collection[Column]
        The rules of the columns, from `geo_core.ingest.kinds`.
    reserved : Collection[str]
        Places of which nothing is counted.
    listed : int | None
        Most problems that are returned; all by default.
    progress : callable
        Told after each part how many rows were read so far.

    Raises
    ------
    IngestError
        A column is missing or unknown: then no row is read.
    """
    theme = THEMES[table]
    persons = Persons(reserved)
    rows_in, refused, told = 0, 0, list[RowProblem]()
    for rows in chunks:
        problems = Problems(path)
        persons.add(_accepted(path, rows, theme, columns, problems))
        rows_in += len(rows)
        refused += len(problems)
        told += problems.listed(None if listed is None else listed - len(told))
        progress(rows_in)
    counts = persons.finish()
    return Intake(
        rows_in=rows_in,
        accepted=persons.accepted,
        merged=persons.merged,
        refused=refused,
        problems=tuple(told),
        counts=counts,
        withheld=persons.withheld,
        households=persons.households,
        without_household=persons.without_household,
    )


def _accepted(
    path: Path,
    rows: pd.DataFrame,
    theme: Theme,
    columns: Collection[Column],
    problems: Problems,
) -> pd.DataFrame:
    """Return the records that no rule refuses, in the columns that `Persons` counts."""
    records = read_columns(path, rows, columns, problems)
    # A cell that is refused already is None: it is told once.
    several = records["pseudonimo"].notna() & (records[theme.persons] != 1)
    problems.add_where(
        several,
        theme.persons,
        Refusal(
            "is not 1 although the pseudonym stands for one person",
            "write 1, or leave the pseudonym empty",
        ),
    )
    theme.check(records, problems)
    valid = problems.remaining(records)
    accepted = pd.DataFrame(
        {
            "periodo": valid["periodo"],
            "luogo": valid[theme.place],
            "categoria": theme.category(valid),
            "n": valid[theme.persons],
            "pseudonimo": valid["pseudonimo"],
            "id_org": valid.get("id_org", ""),
        }
    )
    if theme.households is None or HOUSEHOLD not in rows:
        return accepted
    kind = valid["nucleo"].fillna(UNKNOWN)
    return accepted.assign(**{HOUSEHOLD: valid[HOUSEHOLD], "nucleo": kind})


def _main_need(records: pd.DataFrame) -> pd.Series:
    return records["area_utenza"]


def _check_needs(records: pd.DataFrame, problems: Problems) -> None:
    pairs = zip(records["area_utenza"], records["bisogni"], strict=True)
    absent = pd.Series(
        [None not in (main, needs) and main not in needs for main, needs in pairs],
        index=records.index,
        dtype=bool,
    )
    hint = "add the code of area_utenza to the needs"
    refusal = Refusal("does not list the main need of area_utenza", hint)
    problems.add_where(absent, "bisogni", refusal)


def _outcome(records: pd.DataFrame) -> pd.Series:
    """Return the outcome; of an accepted request, the class of its wait."""
    simple = {"inviato": "inviate", WAITING: "in_attesa", "non_accolto": "non_accolte"}
    days = pd.to_numeric(records["attesa_giorni"])
    waits = np.select(
        [days.isna(), *(days <= most for most, _ in _WAITS)],
        ["attesa_nd", *(name for _, name in _WAITS)],
        "attesa_oltre",
    )
    classes = pd.Series(waits, index=records.index, dtype=object)
    return records["esito"].map(simple).fillna(classes)


def _check_demand(records: pd.DataFrame, problems: Problems) -> None:
    both = (records["esito"] == WAITING) & records["attesa_giorni"].notna()
    hint = "leave it empty until there is an answer, or correct esito"
    refusal = Refusal("is not empty although nobody answered yet", hint)
    problems.add_where(both, "attesa_giorni", refusal)


def _subject(records: pd.DataFrame) -> pd.Series:
    return records["categoria"]


def _check_reports(records: pd.DataFrame, problems: Problems) -> None:
    open_ = records["stato"].notna() & (records["stato"] != "chiusa")
    both = open_ & records["giorni_chiusura"].notna()
    hint = "leave it empty until it is closed, or correct stato"
    refusal = Refusal("is not empty although it is not closed", hint)
    problems.add_where(both, "giorni_chiusura", refusal)


def _mark(records: pd.DataFrame) -> pd.Series:
    return records["voto"].map(str)


def _nothing_more(_records: pd.DataFrame, _problems: Problems) -> None:
    """Accept what the columns accept."""


THEMES: Final[Mapping[str, Theme]] = MappingProxyType(
    {
        "rilevazioni": Theme(
            "bisogni",
            "unita_luogo",
            "n_persone",
            _main_need,
            _check_needs,
            hidden="violenza",
            households="nuclei",
        ),
        "domanda": Theme("domanda", "unita_luogo", "n_richieste", _outcome, _check_demand),
        "segnalazioni": Theme(
            "segnalazioni", "unita_luogo", "n_segnalazioni", _subject, _check_reports
        ),
        "valutazioni": Theme("valutazioni", "id_sede", "n_voti", _mark, _nothing_more),
    }
)
"""Every table with records of persons (class D)."""


def by_policy(table: str, intake: Intake | None) -> dict[str, pd.DataFrame]:
    """Return the counts of one table by the policy under which they are published.

    Persons in `WITHOUT_PLACE` are taken out of those who have a place. Their own counts have a row
    for every other row too, with 0 persons: whether figures are drawn depends on whether records
    were handed in, not on whether anybody is in them. Households have none without any record.
    """
    theme = THEMES[table]
    if intake is None:
        return {}
    hidden = intake.counts["categoria"].isin(WITHOUT_PLACE)
    found = {theme.policy: intake.counts[~hidden]}
    if theme.hidden is not None:
        (category,) = WITHOUT_PLACE
        n = intake.counts["n"].where(hidden, 0)
        found[theme.hidden] = intake.counts.assign(categoria=category, n=n)
    if theme.households is not None and intake.households is not None:
        found[theme.households] = intake.households
    return found
