"""The ledger: every draw of noise, so that no person's yearly budget is spent twice.

A file of JSON lines in the private folder. Each line carries the hash of the line before it;
a line that was changed, cut or taken out makes the ledger unreadable and stops the build.
It is never published: the key of a draw is a hash of true counts.

The last line, which no other holds, is compared with its sealed file (`vault`).

A chain does not show that its last lines are missing. So each draw has a random name, which the
release states: a published name that the ledger does not know tells that it is an older one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from geo_core import private
from geo_core.errors import DisclosureError
from geo_core.model.disclosure import DrawId
from geo_core.model.manifest import Sha256
from geo_core.model.policy import Method
from geo_core.model.text import Strict

FILE: Final = "ledger.jsonl"
SLACK: Final = 1e-9
"""Of sums of epsilons."""
_START: Final = "0" * 64
_NAMED: Final = 3
_LEAVE: Final = (
    "nothing was drawn: `atlante build` publishes everything else anew and these figures as they "
    "are; to draw others alone: `atlante build --new-figures --only 'THEME YEAR'`"
)


class Draw(Strict):
    """What a draw is for and what it costs.

    Attributes
    ----------
    theme : str
        Name of the policy, e.g. `bisogni`.
    year : int
        Calendar year of the counts.
    kind : "real" or "demo"
        `demo` stands for synthetic input: recorded, never refused.
    epsilon : float
        Privacy loss of one person through this draw; 0 for a rounded table, which has no such
        bound.
    method : "dp" or "round5"
        What protects the counts.
    key : str
        SHA-256 of everything the draw depends on.
    """

    theme: str
    year: int
    kind: Literal["real", "demo"]
    epsilon: Annotated[float, Field(ge=0)]
    method: Method = "dp"
    key: Sha256


class Entry(Draw):
    """One line: a draw, its name, the hash of its sealed file and the hash of the line before.

    A line that is older than names has none.
    """

    draw: DrawId | None = None
    sealed: Sha256
    previous: Sha256


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of a draw, being no function of any count.

    Attributes
    ----------
    draw : str | None
        Its name.
    spent : float
        Epsilon of all draws of its theme, year and kind.
    """

    draw: DrawId | None
    spent: float


@dataclass(frozen=True, slots=True)
class Published:
    """A named draw that a release shows.

    Attributes
    ----------
    synthetic : bool
        Whether the records are invented.
    release : str
        The release that shows it.
    """

    draw: DrawId
    theme: str
    year: int
    synthetic: bool
    release: str


def read(folder: Path) -> tuple[Entry, ...]:
    """Return every entry, oldest first; none if there is no ledger yet.

    Raises
    ------
    DisclosureError
        The ledger is damaged, or others can read it.
    """
    content = private.read(folder / FILE) or b""
    lines = content.splitlines(keepends=True)
    previous, entries = _START, []
    for number, line in enumerate(lines, start=1):
        entry = _parse(line, number)
        if entry.previous != previous:
            raise _damaged(number)
        entries.append(entry)
        previous = sha256(line).hexdigest()
    return tuple(entries)


def newest(entries: tuple[Entry, ...], theme: str, year: int, kind: str) -> tuple[Entry, ...]:
    """Return the entries of one theme, year and kind, latest first."""
    asked = (theme, year, kind)
    return tuple(e for e in reversed(entries) if (e.theme, e.year, e.kind) == asked)


def told(entries: tuple[Entry, ...], entry: Entry) -> Told:
    """Return what may be told of one of the entries.

    Later draws count too: their figures were published, or may have been.
    """
    drawn = newest(entries, entry.theme, entry.year, entry.kind)
    return Told(entry.draw, round(sum(e.epsilon for e in drawn), 9))


def unknown(entries: tuple[Entry, ...], published: Iterable[Published]) -> tuple[Published, ...]:
    """Return the published draws that the ledger does not know."""
    known = {entry.draw for entry in entries}
    return tuple(one for one in published if one.draw not in known)


def check_complete(entries: tuple[Entry, ...], published: Iterable[Published]) -> None:
    """Raise `DisclosureError` if a release shows a real draw that the ledger does not know."""
    real = [one for one in unknown(entries, published) if not one.synthetic]
    if real:
        named = ", ".join(f"{one.theme} {one.year} ({one.release})" for one in real[:_NAMED])
        raise DisclosureError(
            f"the ledger does not know figures that were published: {named}",
            where=FILE,
            hint="restore the private folder from its newest backup: with an older one, or "
            "without, the same counts would be drawn again, and averaged",
        )


def check_once(entries: tuple[Entry, ...], draw: Draw) -> None:
    """Raise `DisclosureError` if a real rounded table would not be the only one of its year.

    Two roundings of a count, or one and a noisy count, narrow it together.
    """
    earlier = newest(entries, draw.theme, draw.year, draw.kind)
    rounded = "round5" in {draw.method, *(e.method for e in earlier)}
    if draw.kind == "real" and earlier and rounded:
        raise DisclosureError(
            f"figures of {draw.theme!r} for {draw.year} were published from other records, areas "
            "or policy: a table under `round5` is published once",
            hint=_LEAVE,
        )


def fits(entries: tuple[Entry, ...], draw: Draw, *, epsilon_year: float) -> bool:
    """Tell whether a draw is within the year's budget of its theme; an invented one always is."""
    spent = _spent(entries, draw)
    return draw.kind == "demo" or spent + draw.epsilon <= epsilon_year + SLACK


def check_budget(entries: tuple[Entry, ...], draw: Draw, *, epsilon_year: float) -> None:
    """Raise `DisclosureError` if a real draw would exceed the year's budget of its theme."""
    if not fits(entries, draw, epsilon_year=epsilon_year):
        spent = _spent(entries, draw)
        raise DisclosureError(
            f"the {draw.year} budget of {draw.theme!r} is spent: {spent:g} of {epsilon_year:g} "
            f"is used and this release needs {draw.epsilon:g}",
            hint=_LEAVE,
        )


def _spent(entries: tuple[Entry, ...], draw: Draw) -> float:
    return sum(e.epsilon for e in newest(entries, draw.theme, draw.year, draw.kind))


def append(folder: Path, draw: Draw, *, name: DrawId | None, sealed: str) -> Entry:
    """Record a draw; after this returns it survives a power failure.

    Parameters
    ----------
    folder : Path
        The private folder, held by `private.opened`, its ledger already read.
    draw : Draw
        The draw that was made.
    name : str | None
        Its name, as in its sealed file.
    sealed : str
        SHA-256 of its sealed file.

    Returns
    -------
    Entry
        The line that was added.
    """
    content = private.read(folder / FILE) or b""
    last = content.splitlines(keepends=True)[-1:]
    previous = sha256(last[0]).hexdigest() if last else _START
    entry = Entry(**draw.model_dump(), draw=name, sealed=sealed, previous=previous)
    private.write(folder / FILE, content + entry.model_dump_json().encode() + b"\n")
    return entry


def _parse(line: bytes, number: int) -> Entry:
    if not line.endswith(b"\n"):
        raise _damaged(number)
    try:
        return Entry.model_validate_json(line)
    except ValidationError:
        raise _damaged(number) from None


def _damaged(number: int) -> DisclosureError:
    return DisclosureError(
        "the ledger is damaged: what was spent is not known, so nothing may be published",
        where=f"{FILE}:{number}",
        hint="restore the private folder from its backup",
    )
