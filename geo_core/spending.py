"""What the budgets of real records are spent on: asked for by the operator, and said before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from geo_core.disclose.draws import Wanted
from geo_core.disclose.ledger import Entry, Published
from geo_core.errors import DisclosureError
from geo_core.ingest.deliveries import REPORTED
from geo_core.ingest.intake import THEMES
from geo_core.model.text import counted

type Chosen = Callable[[str, int, bool], bool]
"""Of a theme, a year and whether anything of it was delivered: may its real records be drawn."""


def chosen(
    only: Collection[str] | None, *, themes: Collection[str], years: Collection[int]
) -> Chosen:
    """Return what the operator has asked to draw.

    Parameters
    ----------
    only : collection of str, optional
        Themes and years such as ``bisogni 2023``; an empty one stands for all of which anything
        was delivered. Without it nothing is drawn.
    themes, years
        Those of the installation.

    Raises
    ------
    DisclosureError
        One is no theme and year of the installation.
    """
    if only is None:
        return lambda _theme, _year, _delivered: False
    known = {f"{theme} {year}" for theme in themes for year in years}
    asked = {" ".join(one.split()) for one in only}
    if unknown := sorted(asked - known):
        raise DisclosureError(
            f"{unknown[0]!r} is no theme and year of this district",
            hint=f"the themes are: {', '.join(themes)}; the years: {', '.join(map(str, years))}",
        )
    if not asked:
        return lambda _theme, _year, delivered: delivered
    return lambda theme, year, _delivered: f"{theme} {year}" in asked


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the operator, in Italian and in English, what is spent or waits to be.

    Attributes
    ----------
    deliveries : DataFrame
        What was handed in: ``tabella`` and ``periodo`` (``YYYY-MM``), a row each.
    tables : mapping
        By theme, the tables its records are in.
    on : str
        ISO date the release refers to.
    """

    deliveries: pd.DataFrame
    tables: Mapping[str, Collection[str]]
    on: str

    def waiting(self, wanted: Sequence[Wanted]) -> Iterator[str]:
        """Say which themes and years have records and no figures."""
        for one in wanted:
            it, en = self._given(one)
            cost_it, cost_en = _cost(one.epsilon, one)
            command = f"atlante build --new-figures --only '{one.theme} {one.year}'"
            yield f"ATTENZIONE: {one.theme} {one.year} aspetta, e non ha righe: {it}; {cost_it}"
            yield f"WARNING: {one.theme} {one.year} is waiting and has no rows: {en}; {cost_en}"
            yield from self._early(one.year)
            if not self.delivered(one.theme, one.year):
                yield "  nessuna consegna dichiarata: si estrae solo nominandolo con --only"
                yield "  no delivery is declared: it is drawn only where --only names it"
            yield f"  quando l'anno è completo / when the year is complete: {command}"

    def delivered(self, theme: str, year: int) -> bool:
        """Tell whether a year's figures would be more than noise, as far as deliveries tell.

        Of tables that are not handed in by month no delivery is declared: they always may be.
        """
        tables = self.tables.get(theme, ())
        return not set(tables) & set(REPORTED) or self._number(theme, year) > 0

    def spending(self, draws: Iterable[tuple[Wanted, float]]) -> Iterator[str]:
        """Say what is about to be drawn of real records."""
        for one, epsilon in draws:
            it, en = self._given(one)
            cost_it, cost_en = _cost(epsilon, one)
            yield f"{one.theme} {one.year}: cifre nuove: {it}; {cost_it}"
            yield f"{one.theme} {one.year}: new figures: {en}; {cost_en}"
            yield from self._early(one.year)

    def _given(self, one: Wanted) -> tuple[str, str]:
        """Say how much was handed in."""
        persons = counted(one.persons, *_PERSONS)
        made_known = counted(self._number(one.theme, one.year), *_DELIVERIES)
        return f"{persons.it}, {made_known.it}", f"{persons.en}, {made_known.en}"

    def _number(self, theme: str, year: int) -> int:
        """Return how many deliveries are declared."""
        made = self.deliveries
        own = made["tabella"].isin(list(self.tables.get(theme, ())))
        return int((own & made["periodo"].str.startswith(f"{year}-")).sum())

    def _early(self, year: int) -> Iterator[str]:
        if self.on < f"{year}-12-31":
            yield (
                f"  ATTENZIONE: al {self.on} (reference_date) il {year} non è finito: le cifre "
                "escono una volta, si estraggono quando i dati dell'anno ci sono tutti"
            )
            yield (
                f"  WARNING: on {self.on} (reference_date) {year} is not over: figures come out "
                "once, draw them when all data of the year are in"
            )


def kept(theme: str, years: Iterable[int]) -> Iterator[str]:
    """Say which figures are of earlier records."""
    for year in years:
        yield (
            f"{theme} {year}: le cifre sono quelle già uscite; le righe o l'elenco sono cambiati "
            "e non contano"
        )
        yield (
            f"{theme} {year}: the figures are those published before; the records or the list have "
            "changed since and do not count"
        )


def recovered(entries: Iterable[Entry]) -> Iterator[str]:
    """Say which sealed draws the ledger did not know."""
    for one in entries:
        yield (
            f"ATTENZIONE: {one.theme} {one.year}: cifre estratte che il registro non conosceva, "
            f"annotate ora: epsilon {one.epsilon:g}"
        )
        yield (
            f"WARNING: {one.theme} {one.year}: figures drawn that the ledger did not know, charged "
            f"now: epsilon {one.epsilon:g}"
        )


def elsewhere(lost: Iterable[Published]) -> Iterator[str]:
    """Say which invented figures of earlier releases this private folder has not drawn."""
    named = ", ".join(dict.fromkeys(f"{one.theme} {one.year}" for one in lost))
    if named:
        yield f"cifre inventate di versioni precedenti che questa cartella privata non ha: {named}"
        yield f"invented figures of earlier releases that this private folder has not: {named}"


def tables_of(placing: str) -> dict[str, list[str]]:
    """Return, by theme, the tables its records are in; `placing` is of all with a cell."""
    own = {policy: [table] for table, theme in THEMES.items() for policy in theme.policies}
    return {**own, placing: [t for t, theme in THEMES.items() if theme.place == "unita_luogo"]}


def _cost(epsilon: float, one: Wanted) -> tuple[str, str]:
    if one.method == "round5":
        return _ONCE
    return (
        f"spesa: epsilon {epsilon:g} dei {one.epsilon_year:g} dell'anno",
        f"cost: epsilon {epsilon:g} of the {one.epsilon_year:g} of the year",
    )


_PERSONS: Final = (("persona contata", "persone contate"), ("person counted", "persons counted"))
_DELIVERIES: Final = (
    ("consegna annotata", "consegne annotate"),
    ("delivery recorded", "deliveries recorded"),
)
_ONCE: Final = ("la tabella dell'anno esce una volta sola", "the year's table comes out only once")
