"""Patterns of LIKE, and texts without case or accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from api.features.cql2.nodes import refused

MAX_WILDCARDS: Final = 16
_ANY: Final = None
"""Stands for one character, whichever it is."""

type _Piece = list[str | None]


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a test whether a text matches a pattern of LIKE.

    `%` is any text, `_` one character, a backslash takes either as it is. The pieces between the
    `%` are sought from the left, each once, so the time grows with the product of the lengths
    and no pattern is slow.

    Raises
    ------
    InvalidParameter
        The pattern has more than `MAX_WILDCARDS` wildcards.
    """
    pieces = _pieces(pattern)
    if len(pieces) == 1:
        return lambda text: len(text) == len(pieces[0]) and _at(text, 0, pieces[0])
    first, *middle, last = pieces

    def matches(text: str) -> bool:
        place, end = len(first), len(text) - len(last)
        if place > end or not _at(text, 0, first) or not _at(text, end, last):
            return False
        for piece in middle:
            found = _find(text, place, end, piece)
            if found < 0:
                return False
            place = found + len(piece)
        return True

    return matches


def _pieces(pattern: str) -> list[_Piece]:
    pieces: list[_Piece] = [[]]
    wildcards, escaped = 0, False
    for character in pattern:
        if escaped or character not in "\\%_":
            pieces[-1].append(character)
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            wildcards += 1
            if character == "_":
                pieces[-1].append(_ANY)
            elif len(pieces) == 1 or pieces[-1]:
                pieces.append([])
    if escaped:
        pieces[-1].append("\\")
    if wildcards > MAX_WILDCARDS:
        raise refused(f"a pattern of LIKE has more than {MAX_WILDCARDS} wildcards")
    return pieces


def _at(text: str, place: int, piece: _Piece) -> bool:
    return all(wanted is _ANY or text[place + i] == wanted for i, wanted in enumerate(piece))


def _find(text: str, place: int, end: int, piece: _Piece) -> int:
    starts = range(place, end - len(piece) + 1)
    return next((start for start in starts if _at(text, start, piece)), -1)


def without_case(text: str) -> str:
    """Return a text as it compares when case makes no difference (Unicode case folding)."""
    return unicodedata.normalize("NFC", text).casefold()


def without_accents(text: str) -> str:
    """Return a text without the marks that Unicode splits off its letters."""
    parts = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain)
