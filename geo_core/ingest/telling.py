"""Whether a text tells a place: its address, however it is written, or its coordinates.

An address is a word of the street's name and a house number. A text that has both, close to each
other and in any order, tells it. Too much is taken for it rather than too little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import unquote_plus

from geo_core.ingest.addresses import KINDS, LOCAL, words
from geo_core.ingest.personal import plain

_LOOK_ALIKES: Final = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHOPCTYXIJSABEZHIKMNOPTYX",
)
"""Cyrillic and Greek capitals that look like Latin ones."""

_TOKEN: Final = re.compile(r"[0-9]+ ?[-/] ?[0-9]+|[0-9]+|[A-Z]+")
_SHORT: Final = re.compile(r"(?<![A-Z])([A-Z])\.([A-Z]{2,3})(?![A-Z])")
_ROMAN: Final = re.compile("[IVX]{2,}")
_STREETS: Final = frozenset(
    {"via", "viale", "piazza", "piazzale", "piazzetta", "corso", "vicolo", "largo"}
)
"""Kinds of street that are nothing else in a name."""

_NUMBERED: Final = frozenset(
    {"NC", "NR", "NUM", "NUMERO", "CIVICO", "CIV", "SNC", "INT", "INTERNO", "SCALA"}
)
_ARTICLES: Final = """
    DI DEL DELLA DELLO DEI DEGLI DELLE DA DAL AL ALLA IN LA LO IL LE GLI AND OF THE
"""
_SMALL: Final = frozenset(_ARTICLES.split())
_USUAL: Final = """
    ANDREA ANTONIO CARLO DOMENICO ENRICO FRANCESCO GIACOMO GIOVANNI GIUSEPPE LUIGI MARCO MARIA
    MARIO MICHELE PAOLO PIETRO SAN SANTA SANTO SANT DON FRATELLI
"""
_GIVEN: Final = frozenset(_USUAL.split())
"""Words of so many streets that they tell none of them apart."""

_CLOSE: Final = 3
"""Words between the street and the number, others than the usual ones, at most."""

_WIDEST: Final = 200
_POSTAL: Final = 10_000
_LONGEST: Final = 5
"""Letters from which a word is known inside a longer one."""

_DECIMAL: Final = (
    re.compile(r"(?<![0-9.])-?[0-9]{1,3}\.[0-9]+"),
    re.compile(r"(?<![0-9,])-?[0-9]{1,3},[0-9]+"),
)

type Span = tuple[int, int]
type Token = str | Span


@dataclass(frozen=True, slots=True)
class Written:
    """What an address is known by.

    Attributes
    ----------
    name : frozenset of str
        Words of the street, of which one is enough; of an address without a number all.
    numbers : frozenset of int
        Numbers in the street's name.
    house : tuple of int | None
        First and last house number.
    kind : str
        Kind of street, or empty.
    """

    name: frozenset[str]
    numbers: frozenset[int]
    house: Span | None
    kind: str


def skeleton(text: str) -> str:
    """Return a plain text in which letters that look alike are the same letter.

    Examples
    --------
    >>> skeleton("Gari\u00adbaldi"), skeleton("\u0421asa")
    ('GARIBALDI', 'CASA')
    """
    flat = plain(text)
    return flat if flat.isascii() else flat.translate(_LOOK_ALIKES)


def read_address(text: str) -> Written | None:
    """Read an address; None if nothing in it could be recognised."""
    return _written(_tokens(text))


def address_in(text: str) -> Written | None:
    """Return the address in a text that says more, or None."""
    tokens = _tokens(text)
    at = next((i for i, t in enumerate(tokens[:-1]) if _kind(t) in _STREETS), None)
    if at is not None:
        return _written(tokens[at:])
    at = next((i for i, token in enumerate(tokens[:-1]) if len(_kind(token)) > 1), None)
    found = None if at is None else _written(tokens[at:])
    return found if found is not None and found.house is not None else None


def tells(text: str, wanted: Sequence[Written]) -> bool:
    """Tell whether a text holds one of the addresses."""
    if not wanted:
        return False
    tokens = _tokens(text)
    return any(_holds(tokens, address) for address in wanted)


def coordinates(text: str) -> list[tuple[float, float]]:
    """Return the pairs of decimal numbers of a text, both ways round."""
    pairs = []
    for pattern in _DECIMAL:
        found = [float(n.replace(",", ".")) for n in pattern.findall(text)]
        pairs += [pair for a, b in pairwise(found) for pair in ((a, b), (b, a))]
    return pairs


def _tokens(text: str) -> list[Token]:
    flat = skeleton(unquote_plus(text))
    joined = _SHORT.sub(lambda m: m[1] + m[2] if (m[1] + m[2]).lower() in KINDS else m[0], flat)
    return [token for raw in _TOKEN.findall(joined) if (token := _token(raw)) is not None]


def _token(raw: str) -> Token | None:
    if raw[0].isdigit():
        first, *rest = (int(number) for number in re.findall("[0-9]+", raw)[:2])
        last = rest[0] if rest and first < rest[0] <= first + _WIDEST else first
        return None if first >= _POSTAL else (first, last)
    if _ROMAN.fullmatch(raw) and words(raw)[0].isdigit():
        return (int(words(raw)[0]),) * 2
    return raw


def _kind(token: Token) -> str:
    return KINDS.get(token.lower(), "") if isinstance(token, str) and len(token) > 1 else ""


def _written(tokens: list[Token]) -> Written | None:
    kinds = [(i, kind) for i, token in enumerate(tokens) if (kind := _kind(token))]
    at, kind = next((k for k in kinds if k[1] not in LOCAL), kinds[0] if kinds else (-1, ""))
    before, after = tokens[: max(at, 0)], tokens[at + 1 :]
    first = next((i for i, token in enumerate(after) if _says(token)), None)
    if first is None:
        return None
    rest = after[first:]
    end = next((i for i, token in enumerate(rest) if not isinstance(token, str)), len(rest))
    house = next((token for token in (*rest[end:], *before) if not isinstance(token, str)), None)
    name = [token for token in rest[:end] if isinstance(token, str) and _says(token)]
    own = {token[0] for token in after[:first] if not isinstance(token, str)}
    apart = frozenset(name) - _GIVEN
    return Written(apart or frozenset(name), frozenset(own), house, kind)


def _says(token: Token) -> bool:
    """Tell whether a word may be part of a street's name."""
    return (
        isinstance(token, str)
        and len(token) > 1
        and token not in _SMALL | _NUMBERED
        and not _kind(token)
    )


def _holds(tokens: list[Token], address: Written) -> bool:
    if address.house is None:
        return _named(tokens, address)
    near = [t for t in tokens if not isinstance(t, str) or _matters(t, address)]
    for i, token in enumerate(near):
        if isinstance(token, str) and any(_same(token, word) for word in address.name):
            around = near[max(0, i - _CLOSE) : i + _CLOSE + 1]
            spans = [token for token in around if not isinstance(token, str)]
            wanted = [address.house, *((number, number) for number in address.numbers)]
            if all(any(_overlap(span, one) for span in spans) for one in wanted):
                return True
    return False


def _named(tokens: list[Token], address: Written) -> bool:
    """Tell whether a text holds an address without a number: a farm, or nothing but a street."""
    said = [token for token in tokens if isinstance(token, str) and _says(token)]
    if address.kind in LOCAL:
        there = any(_kind(token) == address.kind for token in tokens)
        return there and address.name <= set(said)
    alone = len(said) == sum(not _kind(t) for t in tokens if len(t) > 1 and isinstance(t, str))
    return alone and address.name == frozenset(said) - _GIVEN


def _matters(token: str, address: Written) -> bool:
    return token in address.name or (_says(token) and token not in _GIVEN)


def _same(token: str, word: str) -> bool:
    return token == word or (len(word) >= _LONGEST and word in token)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
