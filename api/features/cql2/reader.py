"""Walks over the tokens of a filter, one ahead."""

from __future__ import annotations

from collections.abc import Callable

from api.features.cql2.nodes import Budget, refused
from api.features.cql2.tokens import COMPARISONS, SIGNS, Token, tokens


class Reader:
    """The tokens of a filter, one ahead of what is read, and what may still be spent.

    Attributes
    ----------
    older : bool
        Whether words of the older language are read, too.
    """

    def __init__(self, text: str, *, older: bool = False) -> None:
        self.older = older
        self._tokens = tokens(text)
        self.budget = Budget()
        self.ahead: Token = next(self._tokens)

    def take(self) -> Token:
        """Return the token ahead, and go on to the next."""
        taken = self.ahead
        if taken.kind != "end":
            self.ahead = next(self._tokens)
        return taken

    def sign(self, *signs: str) -> str:
        """Take the sign ahead if it is one of these; else return an empty text."""
        found = self.ahead.kind == "sign" and self.ahead.value in signs
        return self.take().value if found else ""

    def word(self, *words: str) -> str:
        """Take the word ahead if it is one of these (in upper case); else return an empty text."""
        return self.take().word if self.ahead.word in words else ""

    def several[T](self, read: Callable[[Reader], T]) -> list[T]:
        """Read one thing or more, with commas between, and take the closing bracket."""
        found = [read(self)]
        while self.sign(","):
            found.append(read(self))
        self.expect(")")
        return found

    def expect(self, sign: str) -> None:
        """Take a sign that must come here."""
        if not self.sign(sign):
            raise self.unexpected(f"`{sign}`")

    def unexpected(self, wanted: str) -> Exception:
        """Return the error of a token that cannot stand here."""
        if self.ahead.kind == "end":
            return refused(f"`filter` ends where {wanted} should come")
        hint = COMPARISONS if self.ahead.value in SIGNS else ""
        return refused(f"at character {self.ahead.at} of `filter`, {wanted} should come", hint)


def number(reader: Reader) -> float:
    """Take a number without sign, which must be finite."""
    if reader.ahead.kind != "number":
        raise reader.unexpected("a number")
    value = float(reader.take().value)
    if value == float("inf"):
        raise refused("`filter` holds a number that is not finite")
    return value


def signed(reader: Reader) -> float:
    """Take a number with or without a sign."""
    negative = reader.sign("-")
    if not negative:
        reader.sign("+")
    value = number(reader)
    return -value if negative else value
