"""Every draw, sealed: the protected numbers are drawn once and kept outside every release.

A second draw for the same counts would let a reader average the noise away. So what was drawn
is kept in a file that only its owner can read, and recorded in the ledger with the hash of that
file. It holds the protected numbers, and hashes of what they were made from; no noise, which
would undo the protection of what is published.

A draw is made of parts with disjoint records: the whole district, or each unit of a list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from geo_core import private
from geo_core.disclose import ledger
from geo_core.disclose.ledger import Entry
from geo_core.errors import DisclosureError
from geo_core.model.manifest import Sha256
from geo_core.model.policy import Category, Method
from geo_core.model.text import Strict

type Drawn = dict[Category, tuple[int, ...]]
"""Protected numbers of one part, by category."""


class Made(Strict):
    """What one part of a draw is made from.

    Attributes
    ----------
    outline : str
        Hash of what is measured, which is public.
    counts : str
        Hash of the true counts: whoever can guess them could confirm the guess with it.
    """

    outline: Sha256
    counts: Sha256


class Part(Made):
    """One part of a draw: what it was made from, and its protected numbers."""

    numbers: Drawn


class Sealed(Strict):
    """The content of a sealed file.

    Attributes
    ----------
    rules : str
        Hash of the parts of the policy that decide the numbers.
    parts : dict
        By name; those of earlier draws that this one only adds to are in it.
    """

    rules: Sha256
    parts: dict[str, Part]


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
        Gives what a part is made from today; of a name that is no part any more, too.
    draw : function
        Draws the numbers of some parts.
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
    method: Method = "dp"


@dataclass(frozen=True, slots=True)
class Obtained:
    """Protected numbers by part.

    Attributes
    ----------
    numbers : mapping
        A part that is newer than kept numbers is not in it.
    kept : bool
        The numbers are those of an earlier draw, and were made from something else.
    """

    numbers: Mapping[str, Drawn]
    kept: bool = False


def obtain(folder: Path, wanted: Wanted, *, keep: bool = False) -> Obtained:
    """Return the numbers of a draw: the sealed ones if they exist, otherwise new ones.

    A new draw is sealed first and charged second. A crash in between leaves a file that no
    table was published from; the next build uses and charges it. Parts that are new, beside
    others of which no count changed, get numbers of their own and cost nothing more: nobody is
    in two parts.

    Parameters
    ----------
    folder : Path
        The private folder; made if it is not there.
    wanted : Wanted
        What the numbers are for.
    keep : bool
        Return the numbers of the latest draw, if there is one, whatever the counts are today:
        nothing is drawn then.

    Raises
    ------
    DisclosureError
        The budget is spent, a rounded table would not be the only one, kept numbers do not
        fit today's outlines or policy, the numbers of a recorded draw are missing or changed,
        the ledger is damaged, or others can read the folder or a file in it.
    """
    with private.opened(folder):
        entries = ledger.read(folder)
        earlier = ledger.newest(entries, wanted.theme, wanted.year, wanted.kind)
        if keep and earlier:
            return _keep(_unseal(folder, earlier[0]), wanted)
        now = {name: wanted.made(name) for name in wanted.parts}
        for entry in earlier:
            sealed = _unseal(folder, entry)
            if not _agrees(sealed, wanted.rules, now):
                continue
            new = [name for name in now if name not in sealed.parts]
            if not new:
                return Obtained({name: sealed.parts[name].numbers for name in now})
            # Beside the latest draw only: to an older one a part that was drawn since is new
            # again, and its people would be drawn a second time at no cost.
            if entry == earlier[0] and _nobody_left(sealed, wanted):
                return _draw(folder, wanted, new, now=now, beside=sealed.parts, epsilon=0)
        charge = _charge(wanted, _key(wanted.rules, now), wanted.epsilon)
        ledger.check_once(entries, charge)
        ledger.check_budget(entries, charge, epsilon_year=wanted.epsilon_year)
        return _draw(folder, wanted, list(now), now=now, beside={}, epsilon=wanted.epsilon)


def _keep(sealed: Sealed, wanted: Wanted) -> Obtained:
    named = f"the {wanted.year} figures of {wanted.theme!r} that were published"
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
    return Obtained({name: part.numbers for name, part in there.items()}, kept=not same)


def _agrees(sealed: Sealed, rules: str, now: Mapping[str, Made]) -> bool:
    """Tell whether every part that is drawn already would be made from the same today."""
    return sealed.rules == rules and all(
        _same(part, now[name]) for name, part in sealed.parts.items() if name in now
    )


def _nobody_left(sealed: Sealed, wanted: Wanted) -> bool:
    """Tell whether nobody was counted in the parts that are gone: nobody went to a new one."""
    gone = set(sealed.parts).difference(wanted.parts)
    return all(_same(sealed.parts[name], wanted.made(name)) for name in gone)


def _same(part: Part, made: Made) -> bool:
    return (part.outline, part.counts) == (made.outline, made.counts)


def _draw(  # noqa: PLR0913 - what is drawn, from what, beside what, at what cost
    folder: Path,
    wanted: Wanted,
    new: Collection[str],
    *,
    now: Mapping[str, Made],
    beside: Mapping[str, Part],
    epsilon: float,
) -> Obtained:
    """Draw the new parts, or use what a crash left uncharged; seal them with the others."""
    made = {**beside, **{name: now[name] for name in new}}
    charge = _charge(wanted, _key(wanted.rules, made), epsilon)
    path = _path(folder, charge.key)
    content = private.read(path)
    if content is None:
        numbers = wanted.draw(new)
        drawn = {n: Part(**now[n].model_dump(), numbers=numbers[n]) for n in new}
        sealed = Sealed(rules=wanted.rules, parts={**beside, **drawn})
        content = json.dumps(sealed.model_dump(mode="json"), sort_keys=True).encode()
        private.write(path, content)
    sealed = _read(content, path)
    ledger.append(folder, charge, sealed=sha256(content).hexdigest())
    return Obtained({name: sealed.parts[name].numbers for name in now})


def _charge(wanted: Wanted, key: str, epsilon: float) -> ledger.Draw:
    return ledger.Draw(
        theme=wanted.theme,
        year=wanted.year,
        kind=wanted.kind,
        epsilon=epsilon,
        method=wanted.method,
        key=key,
    )


def _key(rules: str, made: Mapping[str, Made]) -> str:
    parts = {name: [part.outline, part.counts] for name, part in made.items()}
    return sha256(json.dumps([rules, parts], sort_keys=True).encode()).hexdigest()


def _path(folder: Path, key: str) -> Path:
    return folder / f"figures-{key}.json"


def _unseal(folder: Path, entry: Entry) -> Sealed:
    path = _path(folder, entry.key)
    content = private.read(path)
    if content is None or sha256(content).hexdigest() != entry.sealed:
        raise _lost(path, "missing" if content is None else "not what the ledger recorded")
    return _read(content, path)


def _read(content: bytes, path: Path) -> Sealed:
    try:
        return Sealed.model_validate_json(content)
    except ValidationError:
        raise _lost(path, "damaged") from None


def _lost(path: Path, how: str) -> DisclosureError:
    return DisclosureError(
        f"what was drawn for an earlier release is {how}",
        where=path.name,
        hint="restore the private folder from its backup; drawing again would weaken "
        "what is already published",
    )
