"""Rewrites Python's regular expressions for JavaScript, so that a rule is written once."""

from __future__ import annotations

import re
from typing import Final

_SPACE: Final = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# What these mean to Python in a text; JavaScript's own know ASCII only, or other blanks.
_CLASSES: Final = {"d": r"\p{Nd}", "w": r"\p{L}\p{N}_", "s": _SPACE}
_PART: Final = re.compile(r"\\.|\[\^?\]?|\]|[^\\\[\]]+", re.DOTALL)


def for_javascript(pattern: str) -> str:
    r"""Return a pattern that means to JavaScript, with the flag ``u``, what it means to Python.

    Parameters
    ----------
    pattern : str
        Literals, classes, groups, bounded repetitions, look-arounds; ``\d``, ``\w`` and
        ``\s`` in Python's meaning for text.

    Raises
    ------
    ValueError
        It holds an escape that is not translated.

    Examples
    --------
    >>> for_javascript(r"[^\d@]")
    '[^\\p{Nd}@]'
    """
    out: list[str] = []
    inside = False
    for part in _PART.findall(pattern):
        if part.startswith("\\"):
            out.append(_escaped(part[1], inside=inside))
            continue
        if part.startswith("["):
            inside = True
        elif part == "]":
            inside = False
        out.append(part)
    return "".join(out)


def _escaped(letter: str, *, inside: bool) -> str:
    if letter in _CLASSES:
        return _CLASSES[letter] if inside else f"[{_CLASSES[letter]}]"
    if letter.isalnum() or not letter.isascii():
        raise ValueError(f"\\{letter} is not translated")
    return f"\\{letter}"
