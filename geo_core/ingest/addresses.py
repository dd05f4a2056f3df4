"""Takes Italian addresses apart: kind of street, words of its name, house number, locality.

Offices write one street in many ways (``C.so G. Garibaldi, n. 12/A``, ``CORSO GARIBALDI
GIUSEPPE 12a``). Here both become the same few words, so that they can be compared. Nothing is
looked up: whether a street exists is the business of `geo_core.ingest.geocode`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

type Words = tuple[str, ...]

_SPELLINGS: Final = {
    "via": "via v",
    "viale": "viale vle",
    "corso": "corso cso",
    "piazza": "piazza pza pzza piaza",
    "piazzale": "piazzale ple pzle pzzale",
    "piazzetta": "piazzetta ptta pzetta pzzetta",
    "vicolo": "vicolo vlo vic",
    "largo": "largo lgo",
    "strada": "strada str",
    "strada provinciale": "sp",
    "strada statale": "ss",
    "strada regionale": "sr",
    "contrada": "contrada cda",
    "borgo": "borgo bgo",
    "salita": "salita sal",
    "traversa": "traversa trav",
    "galleria": "galleria",
    "rione": "rione",
    "villaggio": "villaggio",
    "lungofiume": "lungofiume",
    "localita": "localita loc",
    "frazione": "frazione fraz frz",
    "regione": "regione reg",
    "borgata": "borgata bta",
    "cascina": "cascina cna casc",
}
KINDS: Final = {alias: kind for kind, aliases in _SPELLINGS.items() for alias in aliases.split()}
"""Every spelling of a kind of street, without points, to its full name."""

ROADS: Final = frozenset({"strada provinciale", "strada statale", "strada regionale"})
"""Kinds whose first number is the road's, not a house's."""

LOCAL: Final = frozenset({"localita", "frazione", "regione", "borgata", "cascina"})
"""Kinds that name a place and no street."""

_YEAR: Final = """
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
"""
_MONTHS: Final = frozenset(_YEAR.split())
_ROMAN: Final = re.compile("x{0,3}(ix|iv|v?i{0,3})")
_VALUES: Final = {"i": 1, "v": 5, "x": 10}
_CONNECTING: Final = frozenset("aeio")

_FIRST: Final = re.compile(r"([a-z']+(?:[./][a-z]+)*)\.?(?:\s+|(?=\d))(?=\S)")
_WORD: Final = re.compile(r"([a-z0-9]+)([.']?)")
_SUFFIX: Final = r"(?:\s*[/-]?\s*(bis|ter|quater|[a-z])(?![a-z]))?"
_NUMBER: Final = re.compile(rf"(.*?)[\s,]+(?:n(?:r|um|umero)?[.\s]+)?0*(\d{{1,5}}){_SUFFIX}\s*")
_RANGE: Final = re.compile(r"(.*?)[\s,]+(?:n(?:r|um)?[.\s]+)?\d{1,5}\s*[/-]\s*\d{1,5}\s*")
_CIVIC: Final = re.compile(rf"0*(\d{{1,5}}){_SUFFIX}")
_NO_NUMBER: Final = re.compile(r"[\s,]+(?:s\.?\s?n\.?\s?c?\.?|senza numero|km\.?\s*[\d+,.]+)\s*$")
_INSIDE: Final = re.compile(
    r"(\d\s*(?:/?\s*[a-z]\b)?)[\s,;-]+(?:int|interno|scala|sc|piano|pal|palazzina|c/o|presso)\b.*"
)
_POSTAL: Final = re.compile(r"[\s,;(-]+\d{5}(?!\d).*")
_BEFORE_NUMBER: Final = re.compile(r"\s*[,;]\s*(?=(?:n(?:r|um|umero)?[.\s]+)?\d|s\.?n|km)")
_PARTS: Final = re.compile(r"\s*[,;()]\s*|\s+-\s+")


@dataclass(frozen=True, slots=True)
class Street:
    """A street's name.

    Attributes
    ----------
    kind : str
        Full name of the kind, as in `KINDS`; empty if none is said.
    words : tuple of str
        Lower-case ASCII words; one that is cut short ends with a point.
    """

    kind: str
    words: Words


@dataclass(frozen=True, slots=True)
class Address:
    """What one text may mean.

    Attributes
    ----------
    readings : tuple of (Street, str or None)
        Street and house number, the most literal reading first: ``via 4 novembre`` is first a
        street without a number.
    places : tuple of Words
        Names beside the street that may be localities.
    """

    readings: tuple[tuple[Street, str | None], ...]
    places: tuple[Words, ...]


def words(text: str) -> Words:
    """Return the words of a name: lower case, no accents, Roman numerals as Arabic ones.

    Examples
    --------
    >>> words("G. D'Annunzio"), words("XX Settembre"), words("Libertà") == words("LIBERTA'")
    (('g.', 'd', 'annunzio'), ('20', 'settembre'), True)
    """
    return _words(_plain(text))


def house_number(text: str) -> str | None:
    """Return a house number in one spelling, or None.

    Examples
    --------
    >>> house_number("12 BIS"), house_number("12a"), house_number("012"), house_number("snc")
    ('12/bis', '12/a', '12', None)
    """
    found = _CIVIC.fullmatch(_plain(text))
    return _joined(found[1], found[2]) if found else None


@lru_cache(maxsize=65_536)
def street(text: str) -> Street:
    """Return a street's name, without a house number.

    Examples
    --------
    >>> street("P.zza S. Eusebio") == Street("piazza", ("s.", "eusebio"))
    True
    """
    return _street(_plain(text))


def parse(text: str, *, municipality: str = "") -> Address:
    """Take an address apart.

    Parameters
    ----------
    text : str
        As an office writes it, with or without postal code and municipality.
    municipality : str
        Name of the municipality, which may end the text.

    Examples
    --------
    >>> parse("Fraz. Bianca, C.so Roma n. 3/b - 13100 Vercelli").readings[-1]
    (Street(kind='corso', words=('roma',)), '3/b')
    """
    line = _INSIDE.sub(r"\1", _POSTAL.sub("", _plain(text)))
    if municipality:
        line = re.sub(rf"(?<=\d)\s+{re.escape(_plain(municipality))}\s*$", "", line)
    parts = [part for part in _PARTS.split(_BEFORE_NUMBER.sub(" ", line)) if part.strip()]
    if not parts:
        return Address((), ())
    main = next((p for p in parts if _kind(p)[0] not in {"", *LOCAL}), parts[0])
    places = tuple(_street(part).words for part in parts if part is not main)
    return Address(_readings(main), tuple(place for place in places if place))


def _readings(line: str) -> tuple[tuple[Street, str | None], ...]:
    bare = _NO_NUMBER.sub("", line)
    literal = _street(bare)
    readings: list[tuple[Street, str | None]] = [(literal, None)]
    several, one = _RANGE.fullmatch(bare), _NUMBER.fullmatch(bare)
    if several:
        readings.append((_street(several[1]), None))
    elif one:
        readings.append((_street(one[1]), _joined(one[2], one[3])))
    if literal.kind in ROADS and len(literal.words) == 1:
        del readings[1:]
    return tuple((street, number) for street, number in readings if street.words)


def _joined(number: str, suffix: str | None) -> str:
    return f"{number}/{suffix}" if suffix else number


def _plain(text: str) -> str:
    for sign in "°ºª":
        text = text.replace(sign, ".")
    for sign in "’‘`´":  # noqa: RUF001 - typographic apostrophes are what is looked for
        text = text.replace(sign, "'")
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(plain.replace("f.lli", "fratelli").split())


def _street(line: str) -> Street:
    kind, rest = _kind(line)
    return Street(kind, _words(rest))


def _kind(line: str) -> tuple[str, str]:
    """Split a kind off the front; a line that is nothing but a kind has none."""
    first = _FIRST.match(line)
    head = re.sub("[./']", "", first[1]) if first else ""
    if first and head in KINDS:
        kind, rest = KINDS[head], line[first.end() :]
        return ("", line) if kind in ROADS and not rest[0].isdigit() else _road(kind, rest)
    # "v.roma": the kind and the name without a blank between them.
    short, _, rest = line.partition(".")
    return (KINDS[short], rest) if short in KINDS and rest.strip(". ") else ("", line)


def _road(kind: str, rest: str) -> tuple[str, str]:
    second, _, after = rest.partition(" ")
    both = f"{kind} {second}"
    return (both, after) if both in ROADS and after else (kind, rest)


def _words(line: str) -> Words:
    found = _WORD.findall(line)
    return tuple(
        _word(word, sign, before_month=after in _MONTHS)
        for (word, sign), (after, _) in zip(found, [*found[1:], ("", "")], strict=False)
    )


def _word(word: str, sign: str, *, before_month: bool) -> str:
    if before_month and word == "primo":
        return "1"
    if (before_month or len(word) > 1) and word and _ROMAN.fullmatch(word):
        return str(_value(word))
    if word.isdigit():
        return word.lstrip("0") or "0"
    initial = len(word) == 1 and sign != "'" and word not in _CONNECTING
    return f"{word}." if sign == "." or initial else word


def _value(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    after = [*values[1:], 0]
    return sum(-v if v < w else v for v, w in zip(values, after, strict=True))
