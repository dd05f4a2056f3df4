"""The sealed files of the private folder: one for each draw, with what it was drawn for.

A draw is sealed first and charged second. A sealed file that the ledger does not know is one whose
charge a crash prevented, or a ledger that is older than its files: in either case a reader may have
seen the figures, so the draw is charged before anything else is drawn.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from geo_core import private
from geo_core.disclose import ledger
from geo_core.disclose.ledger import Draw, Entry
from geo_core.errors import DisclosureError
from geo_core.model.disclosure import DrawId
from geo_core.model.manifest import Sha256
from geo_core.model.policy import Category
from geo_core.model.text import Strict

type Drawn = dict[Category, tuple[int, ...]]
"""Protected numbers of one part, by category."""

_NAME: Final = "figures-{}.json"
_RESTORE: Final = (
    "restore the private folder from its newest backup: with an older ledger the same counts would "
    "be drawn again, and averaged"
)


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
    draw : str | None
        Random name of the draw; None in a file that is older than names.
    charge : Draw | None
        What the draw is to be charged as; None in a file that is older than this.
    parts : dict
        By name; those of earlier draws that this one only adds to are in it.
    """

    rules: Sha256
    draw: DrawId | None = None
    charge: Draw | None = None
    parts: dict[str, Part]


def path_of(folder: Path, key: str) -> Path:
    """Return the sealed file of a draw."""
    return folder / _NAME.format(key)


def unseal(folder: Path, entry: Entry) -> Sealed:
    """Return what a recorded draw sealed.

    Raises
    ------
    DisclosureError
        It is missing, damaged or not what the ledger recorded, or others can read it.
    """
    path = path_of(folder, entry.key)
    content = private.read(path)
    if content is None or sha256(content).hexdigest() != entry.sealed:
        raise _lost(path, "missing" if content is None else "not what the ledger recorded")
    return parse(content, path)


def parse(content: bytes, path: Path) -> Sealed:
    """Read the content of a sealed file; `DisclosureError` if it is damaged."""
    try:
        return Sealed.model_validate_json(content)
    except ValidationError:
        raise _lost(path, "damaged") from None


def recover(folder: Path) -> tuple[Entry, ...]:
    """As `charge_unknown`, of a folder that is not held."""
    with private.opened(folder):
        return charge_unknown(folder)


def charge_unknown(folder: Path) -> tuple[Entry, ...]:
    """Charge the sealed draws that the ledger does not know, and return their new lines.

    A crash leaves at most one of a theme and year, as the next build charges it. Of several nobody
    knows which is the latest.

    Parameters
    ----------
    folder : Path
        The private folder, held by `private.opened`.

    Raises
    ------
    DisclosureError
        A file does not tell what it is of, or there are several of a theme and year; the ledger
        is damaged, or its last line does not say what was sealed.
    """
    entries = ledger.read(folder)
    for last in entries[-1:]:
        _check_last(folder, last)
    known = {path_of(folder, entry.key).name for entry in entries}
    files = sorted(folder.glob(_NAME.format("*")))
    found = [_unknown(path) for path in files if path.name not in known]
    several = Counter((draw.theme, draw.year, draw.kind) for draw, _, _ in found)
    for (theme, year, _), number in several.items():
        if number > 1:
            raise DisclosureError(
                f"the ledger does not know {number} sealed draws of {theme!r} for {year}",
                where=ledger.FILE,
                hint=_RESTORE,
            )
    return tuple(ledger.append(folder, d, name=name, sealed=seal) for d, name, seal in found)


def _check_last(folder: Path, entry: Entry) -> None:
    """Raise `DisclosureError` if the last line, which no other line holds, was changed."""
    sealed = unseal(folder, entry)
    charged = entry.model_dump(include=set(Draw.model_fields))
    if sealed.draw != entry.draw or (sealed.charge and sealed.charge.model_dump() != charged):
        raise DisclosureError(
            "the last line of the ledger is not what was drawn", where=ledger.FILE, hint=_RESTORE
        )


def _unknown(path: Path) -> tuple[Draw, DrawId | None, str]:
    content = private.read(path) or b""
    sealed = parse(content, path)
    if sealed.charge is None or path_of(path.parent, sealed.charge.key) != path:
        raise DisclosureError(
            "the ledger does not know this sealed draw, which does not say what it is of",
            where=path.name,
            hint=_RESTORE,
        )
    return sealed.charge, sealed.draw, sha256(content).hexdigest()


def _lost(path: Path, how: str) -> DisclosureError:
    return DisclosureError(
        f"what was drawn for an earlier release is {how}",
        where=path.name,
        hint="restore the private folder from its backup; drawing again would weaken "
        "what is already published",
    )
