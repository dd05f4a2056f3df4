"""Patterns of LIKE, and texts without case or accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from api.features.cql2.nodes import refused

MAX_WILDCARDS: Final = 16
MAX_PATTERN: Final = 1_000


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a test whether a text matches a pattern of LIKE.

    `%` is any text, `_` one character, a backslash takes either as it is. The pieces between the
    `%` are sought from the left, each once: atomic groups keep the search from going back, so the
    time grows with the product of the lengths and not faster.

    Raises
    ------
    InvalidParameter
        The pattern has more than `MAX_WILDCARDS` wildcards or `MAX_PATTERN` characters.
    """
    if len(pattern) > MAX_PATTERN:
        raise refused(f"a pattern of LIKE has more than {MAX_PATTERN} characters")
    first, *others = _pieces(pattern)
    sought = "".join(f"(?>.*?{piece})" for piece in others[:-1])
    ends = "".join(f".*{piece}" for piece in others[-1:])
    expression = re.compile(f"{first}{sought}{ends}", re.DOTALL)
    return lambda text: expression.fullmatch(text) is not None


def _pieces(pattern: str) -> list[str]:
    """Return what stands between the `%` of a pattern, as regular expressions."""
    pieces = [""]
    wildcards, escaped = 0, False
    for character in pattern:
        if escaped or character not in "\\%_":
            pieces[-1] += re.escape(character)
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            wildcards += 1
            if character == "_":
                pieces[-1] += "."
            elif len(pieces) == 1 or pieces[-1]:
                pieces.append("")
    if escaped:
        pieces[-1] += re.escape("\\")
    if wildcards > MAX_WILDCARDS:
        raise refused(f"a pattern of LIKE has more than {MAX_WILDCARDS} wildcards")
    return pieces


def without_case(text: str) -> str:
    """Return a text as it compares when case makes no difference (Unicode case folding)."""
    return unicodedata.normalize("NFC", text).casefold()


def without_accents(text: str) -> str:
    """Return a text without the marks that Unicode splits off its letters."""
    parts = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain)
