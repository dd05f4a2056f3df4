"""Reading a query string strictly: every parameter is known, stands once and is clean text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final
from urllib.parse import unquote

from geo_core.errors import InvalidParameter

MAX_QUERY: Final = 16_384
"""Longest query string that is looked at, in bytes."""

MAX_PARAMETERS: Final = 200
MAX_INTEGER: Final = 2**63 - 1

type Pairs = list[tuple[str, str]]
"""Names and values of parameters, in the order they were given."""

_WHOLE = re.compile(r"0|[1-9][0-9]{0,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SPACED: Final = "filter"
"""A parameter of several lines: tabs and line ends are white space of its language."""
_JOINED: Final = "subset"
"""A parameter that is a list, and may be given in parts (OGC API - DGGS, `subset`)."""
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_query(raw: bytes, known: Collection[str]) -> dict[str, str]:
    """Return the parameters of a query string.

    Parameters
    ----------
    raw : bytes
        The query string as it came, percent-encoded.
    known : Collection[str]
        Names the resource understands; anything else is refused, so that a filter that was
        misspelt never looks like a filter that matched everything.

    Raises
    ------
    InvalidParameter
        Unknown, repeated, not UTF-8, with control characters, or too long.
    """
    return checked(read_pairs(raw), known)


def checked(pairs: Pairs, known: Collection[str]) -> dict[str, str]:
    """Return parameters by name.

    Raises
    ------
    InvalidParameter
        Unknown, repeated, or with control characters; `filter` may have tabs and line ends.
    """
    out: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise _unknown(name, known)
        if name in out and name != _JOINED:
            raise InvalidParameter(name, f"`{name}` is given twice", hint="give it once")
        if (_CONTROL_IN_LINES if name == _SPACED else _CONTROL).search(value):
            raise InvalidParameter(name, f"`{name}` holds a control character")
        out[name] = f"{out[name]},{value}" if name in out else value
    return out


def read_pairs(raw: bytes, *, longest: int = MAX_QUERY) -> Pairs:
    """Return names and values as they are written in an address or a form.

    Raises
    ------
    InvalidParameter
        Longer than `longest` bytes, more than 200 of them, or not UTF-8.
    """
    if len(raw) > longest:
        raise InvalidParameter("query", f"the query is longer than {longest} bytes")
    try:
        pieces = [piece.partition("=") for piece in raw.decode("utf-8").split("&") if piece]
        if len(pieces) > MAX_PARAMETERS:
            raise InvalidParameter("query", f"the query has more than {MAX_PARAMETERS} parameters")
        return [(_decoded(name), _decoded(value)) for name, _, value in pieces]
    except UnicodeDecodeError:
        raise InvalidParameter("query", "the query is not UTF-8") from None


def _decoded(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    return unquote(text.replace("+", " "), errors="strict")


def _unknown(name: str, known: Collection[str]) -> InvalidParameter:
    close = get_close_matches(name[:64], known, n=1)
    message = (
        f"`{name}` is not a parameter of this resource"
        if shown(name)
        else "there is an unknown parameter of this resource"
    )
    return InvalidParameter(name, message, hint=f"did you mean `{close[0]}`?" if close else "")


def shown(text: str) -> bool:
    """Tell whether a text of the client may be repeated to it: short and printable."""
    return len(text) <= 64 and text.isprintable()


def choice(name: str, value: str, allowed: Iterable[str]) -> str:
    """Return a value if it is one of the allowed ones."""
    if value not in (names := list(allowed)):
        raise InvalidParameter(
            name, f"`{name}` has a value that is not allowed", hint=f"one of: {', '.join(names)}"
        )
    return value


def whole(name: str, value: str, *, least: int) -> int:
    """Return a whole number written in plain ASCII digits, from `least` to 2^63-1."""
    if not _WHOLE.fullmatch(value) or not least <= (number := int(value)) <= MAX_INTEGER:
        raise InvalidParameter(
            name, f"`{name}` is not a whole number from {least} to 2^63-1", hint=f"{name}=100"
        )
    return number


def number(name: str, value: str) -> float:
    """Return a finite number in plain decimal or scientific notation."""
    if not _NUMBER.fullmatch(value) or abs(out := float(value)) == float("inf"):
        raise InvalidParameter(
            name,
            f"`{name}` holds something that is not a finite number",
            hint="decimals after a point: 0.5",
        )
    return out
