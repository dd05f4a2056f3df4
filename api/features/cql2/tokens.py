"""The words, numbers and signs of a filter written as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from api.features.cql2.nodes import MAX_LENGTH, refused

type Kind = Literal["text", "quoted", "number", "word", "sign", "end"]

# Names as in XML: the grammar of CQL2 takes them from there.
_START = (
    ":_A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1ffe\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
SIGNS: Final = frozenset({"=", "<>", "<", ">", "<=", ">="})
"""Signs between two values that are compared."""
COMPARISONS: Final = "values are compared by =, <>, <, >, <= or >="
_QUOTES: Final = "texts stand in single quotes, names with spaces in double quotes"
_TOKEN: Final = re.compile(
    r"[ \t\r\n]*(?:"
    # A quote is doubled or has a backslash; any other backslash stands for itself.
    r"(?P<text>'(?:[^'\\]|''|\\'|\\)*')"
    r'|(?P<quoted>"(?:[^"]|"")+")'
    r"|(?P<number>(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?)"
    rf"|(?P<word>[{_START}][{_START}.0-9\u0300-\u036f\u203f-\u2040]*)"
    r"|(?P<sign><=|>=|<>|[=<>(),+\-*/%^])"
    r"|(?P<end>\Z))"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign; `at` is its place, counted from 1.

    `value` of a text or of a name in quotes is without the quotes.
    """

    kind: Kind
    value: str
    at: int

    @property
    def word(self) -> str:
        """The word in upper case; empty for anything else."""
        return self.value.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a filter; the last one is the end.

    Raises
    ------
    InvalidParameter
        The text is too long, or holds a sign that is none of the language.
    """
    if len(text) > MAX_LENGTH:
        raise refused(f"`filter` is longer than {MAX_LENGTH} characters")
    place = 0
    while True:
        match = _TOKEN.match(text, place)
        if match is None:
            start = len(text) - len(text[place:].lstrip())
            raise refused(
                f"`filter` cannot be read at character {start + 1}",
                COMPARISONS if text[start : start + 2] == "!=" else _QUOTES,
            )
        token = _token(match)
        yield token
        if token.kind == "end":
            return
        place = match.end()


def _token(match: re.Match[str]) -> Token:
    kind: Kind = match.lastgroup  # type: ignore[assignment] # the groups are the kinds
    value = match[kind]
    if kind == "text":
        value = value[1:-1].replace("\\'", "'").replace("''", "'")
    elif kind == "quoted":
        value = value[1:-1].replace('""', '"')
    return Token(kind, value, match.start(kind) + 1)
