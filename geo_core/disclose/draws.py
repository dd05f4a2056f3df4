"""Every draw, sealed: the protected numbers are drawn once and kept outside every release.

A second draw for the same counts would let a reader average the noise away. So what was drawn
is kept in a file that only its owner can read, and recorded in the ledger with the hash of that
file. It holds the protected numbers, and hashes of what they were made from; no noise, which
would undo the protection of what is published.

A draw is made of parts with disjoint records: the whole district, or each unit of a list.

What real records spend is never spent by accident: they are drawn only where the operator asked
for it, and everything is drawn, or nothing is.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from geo_core import private
from geo_core.disclose import ledger
from geo_core.disclose.ledger import Entry, Published, Told
from geo_core.disclose.vault import Drawn, Made, Part, Sealed, charge_unknown, path_of, unseal
from geo_core.errors import DisclosureError
from geo_core.model.policy import Method


@dataclass(frozen=True, slots=True)
class Wanted:
    """What numbers are wanted for.

    Attributes
    ----------
    rules : str
        As in `Sealed`.
    parts : collection of str
        Names of the parts, sorted.
    made : function
        Gives what a part is made from today.
    draw : function
        Draws the numbers of some parts.
    persons : int
        How many are counted: for the operator alone.
    records : bool
        Whether the theme has records of any year: without them nothing is drawn.
    method : "dp" or "round5"
        Of a real theme and year there is one table under `round5`, and then no other.
    """

    theme: str
    year: int
    kind: Literal["real", "demo"]
    epsilon: float
    epsilon_year: float
    rules: str
    parts: Collection[str]
    made: Callable[[str], Made]
    draw: Callable[[Collection[str]], Mapping[str, Drawn]]
    persons: int
    records: bool
    method: Method = "dp"


@dataclass(frozen=True, slots=True)
class Obtained:
    """Protected numbers by part.

    Attributes
    ----------
    numbers : mapping
        A part that is newer than kept numbers is not in it.
    told : Told
        What may be told of the draw.
    kept : bool
        The numbers are those of an earlier draw, and were made from something else.
    """

    numbers: Mapping[str, Drawn]
    told: Told
    kept: bool = False


@dataclass(frozen=True, slots=True)
class _Draw:
    """A draw that is to be made: which parts of it are new, beside which, and at what cost."""

    wanted: Wanted
    now: Mapping[str, Made]
    new: Collection[str]
    beside: Mapping[str, Part]
    epsilon: float

    @property
    def charge(self) -> ledger.Draw:
        made = {**self.beside, **{name: self.now[name] for name in self.new}}
        return ledger.Draw(
            theme=self.wanted.theme,
            year=self.wanted.year,
            kind=self.wanted.kind,
            epsilon=self.epsilon,
            method=self.wanted.method,
            key=_key(self.wanted, made),
        )


def obtain(
    folder: Path,
    wanted: Sequence[Wanted],
    *,
    new: Callable[[str, int], bool],
    say: Callable[[Sequence[tuple[Wanted, float]]], None],
    published: Iterable[Published],
) -> list[Obtained | None]:
    """Return the numbers of several draws: those that exist, and new ones where they may be made.

    Of invented records the sealed numbers are returned if they were made from the same, otherwise
    new ones. So are those of real records where `new` allows it. Elsewhere real records have the
    numbers of their latest draw, whatever the records are today, or none.

    Every budget is checked before anything is drawn, and everything is drawn before anything is
    charged. What is sealed and not in the ledger is charged first of all (`vault`). Parts that are
    new, beside others of which no count changed, get numbers of their own for as much epsilon as
    all would cost, or none where the budget of the year is spent.

    Parameters
    ----------
    folder : Path
        The private folder; made if it is not there.
    wanted : sequence of Wanted
        What the numbers are for; each theme, year and kind once.
    new : function
        Of a theme and a year: whether its real records may be drawn.
    say : function
        Told what real records are about to be drawn for, and what each costs.
    published : iterable of Published
        The draws that releases show: the ledger must know the real ones.

    Returns
    -------
    list
        In the order of `wanted`; None where there are no numbers.

    Raises
    ------
    DisclosureError
        The ledger lacks what is published, a budget is spent, a rounded table would not be the
        only one, kept numbers do not fit today's outlines or policy, the numbers of a recorded
        draw are missing or changed, the ledger is damaged or lacks several draws of a year, or
        others can read the folder or a file in it. No new draw is charged then.
    """
    with private.opened(folder):
        charge_unknown(folder)
        entries = ledger.read(folder)
        ledger.check_complete(entries, published)
        plans = [
            _plan(folder, entries, w, new=w.records and (w.kind == "demo" or new(w.theme, w.year)))
            for w in wanted
        ]
        to_make = [plan for plan in plans if isinstance(plan, _Draw)]
        say([(plan.wanted, plan.epsilon) for plan in to_make if plan.wanted.kind == "real"])
        made = {id(plan): _made(plan) for plan in to_make}
        seals = {id(plan): _seal(folder, plan, made[id(plan)]) for plan in to_make}
        return [
            _charged(folder, plan, made[id(plan)], seals[id(plan)], entries)
            if isinstance(plan, _Draw)
            else plan
            for plan in plans
        ]


def _plan(
    folder: Path, entries: tuple[Entry, ...], wanted: Wanted, *, new: bool
) -> Obtained | _Draw | None:
    """Return the numbers there are, or the draw that is to be made if it may be."""
    earlier = ledger.newest(entries, wanted.theme, wanted.year, wanted.kind)
    if not new:
        if not earlier:
            return None
        told = ledger.told(entries, earlier[0])
        return _keep(unseal(folder, earlier[0]), wanted, told)
    now = {name: wanted.made(name) for name in wanted.parts}
    for entry in earlier:
        sealed = unseal(folder, entry)
        if not _agrees(sealed, wanted.rules, now):
            continue
        joined = [name for name in now if name not in sealed.parts]
        if not joined:
            return _keep(sealed, wanted, ledger.told(entries, entry))
        if entry == earlier[0]:
            return _beside(wanted, now, joined, sealed, entries)
    plan = _Draw(wanted, now, list(now), {}, epsilon=wanted.epsilon)
    ledger.check_once(entries, plan.charge)
    ledger.check_budget(entries, plan.charge, epsilon_year=wanted.epsilon_year)
    return plan


def _beside(
    wanted: Wanted,
    now: Mapping[str, Made],
    joined: Collection[str],
    sealed: Sealed,
    entries: tuple[Entry, ...],
) -> Obtained | _Draw:
    """Draw parts that joined the others, or leave them without numbers if the budget is spent.

    Equal counts do not show that nobody moved: somebody else may have come in the place of who
    went to a new part. So whoever is in one may have been drawn before, and pays again.
    """
    plan = _Draw(wanted, now, joined, sealed.parts, epsilon=wanted.epsilon)
    if ledger.fits(entries, plan.charge, epsilon_year=wanted.epsilon_year):
        return plan
    latest = ledger.newest(entries, wanted.theme, wanted.year, wanted.kind)[0]
    return _keep(sealed, wanted, ledger.told(entries, latest))


def _made(plan: _Draw) -> Sealed:
    """Draw the new parts."""
    numbers = plan.wanted.draw(plan.new)
    drawn = {n: Part(**plan.now[n].model_dump(), numbers=numbers[n]) for n in plan.new}
    return Sealed(
        rules=plan.wanted.rules,
        draw=secrets.token_hex(16),
        charge=plan.charge,
        parts={**plan.beside, **drawn},
    )


def _seal(folder: Path, plan: _Draw, made: Sealed) -> str:
    """Write a sealed file and return its hash."""
    content = json.dumps(made.model_dump(mode="json"), sort_keys=True).encode()
    private.write(path_of(folder, plan.charge.key), content)
    return sha256(content).hexdigest()


def _charged(
    folder: Path, plan: _Draw, made: Sealed, sealed: str, entries: tuple[Entry, ...]
) -> Obtained:
    entry = ledger.append(folder, plan.charge, name=made.draw, sealed=sealed)
    numbers = {name: made.parts[name].numbers for name in plan.now}
    return Obtained(numbers, ledger.told((*entries, entry), entry))


def _keep(sealed: Sealed, wanted: Wanted, told: Told) -> Obtained:
    named = f"the {wanted.year} figures of {wanted.theme!r} that were published"
    if wanted.kind == "real" and told.spent > wanted.epsilon_year + ledger.SLACK:
        raise DisclosureError(
            f"{named} have cost more epsilon than the policy allows in a year",
            hint="bring back the epsilon_year of that theme in config/disclosure.yml",
        )
    if sealed.rules != wanted.rules:
        raise DisclosureError(
            f"{named} were drawn under another policy",
            hint="bring back the policy of that theme in config/disclosure.yml",
        )
    now = {name: wanted.made(name) for name in wanted.parts}
    there = {name: part for name, part in sealed.parts.items() if name in now}
    if any(part.outline != now[name].outline for name, part in there.items()):
        raise DisclosureError(
            f"{named} are of other areas: the population has changed",
            hint="bring back the population they were drawn on",
        )
    same = _agrees(sealed, wanted.rules, now) and len(there) == len(now)
    return Obtained({name: part.numbers for name, part in there.items()}, told, kept=not same)


def _agrees(sealed: Sealed, rules: str, now: Mapping[str, Made]) -> bool:
    """Tell whether every part that is drawn already would be made from the same today."""
    return sealed.rules == rules and all(
        _same(part, now[name]) for name, part in sealed.parts.items() if name in now
    )


def _same(part: Part, made: Made) -> bool:
    return (part.outline, part.counts) == (made.outline, made.counts)


def _key(wanted: Wanted, made: Mapping[str, Made]) -> str:
    """Name a draw: two years of the same counts, such as none, are drawn each for itself."""
    of = [wanted.theme, wanted.year, wanted.kind, wanted.rules]
    parts = {name: [part.outline, part.counts] for name, part in made.items()}
    return sha256(json.dumps([of, parts], sort_keys=True).encode()).hexdigest()
