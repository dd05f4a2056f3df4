"""What a text that people read may be written with, and which numbers stand in it.

A number can hide where a reader does not look: among marks without width, in raised, wide or
foreign digits, in blanks, in a word or a name with digits. So texts have letters, digits and marks
of two languages alone, one blank between words; every run of digits is a number, wherever it
stands, unless it is part of a name that the release declares.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

MARKS: Final = frozenset("©«»·\u2013\u2014\u2018\u2019“”…€§°")
"""Beside ASCII: what Italian and English texts have."""
LETTERS_TO: Final = "\u017f"
"""The last letter of the block that holds those of European languages."""
RAISED: Final = re.compile(r"(?<=m)²")
"""The one raised digit: of square metres and kilometres."""
LICENSED: Final = re.compile(
    r"\b(?:CC[ -]BY(?:[ -]SA)?[ -]\d\.\d|CC0[ -]1\.0|ODbL[ -]1\.0|IODL[ -]2\.0)\b|\bH3\b"
)
"""Licences, and the name of the grid."""
WORD: Final = re.compile(r"\w+(?:[-.:]\w+)*")
NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")

_ONES: Final = "un|uno|una|due|tre|tré|quattro|cinque|sei|sette|otto|nove"
_TEENS: Final = (
    "dieci|undici|dodici|tredici|quattordici|quindici|sedici|diciassette|diciotto|diciannove"
)
_TENS: Final = "(?:venti?|(?:tren|quaran|cinquan|sessan|settan|ottan|novan)ta?)"
_BELOW: Final = rf"(?:{_TEENS}|{_TENS}(?:{_ONES})?|{_ONES})"
_HUNDREDS: Final = rf"(?:(?:{_ONES})?cent[oi]?)?{_BELOW}?"
_ITALIAN: Final = re.compile(
    rf"(?:{_HUNDREDS}(?:mila|mille))?{_HUNDREDS}(?:esim[oaie])?|dozzin[ae]"
)
_ENGLISH: Final = re.compile(
    "three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    "|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|dozens?"
)
_ROMAN: Final = re.compile(
    r"(?=[IVXLCDM]{2})M*(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
)
_ABBREVIATED: Final = frozenset({"CD", "CI", "DI", "LI", "MI"})
"""Words and abbreviations that are written like a Roman numeral, in a text in capitals."""
_SMALL: Final = frozenset({"", "un", "uno", "una", "due"})
"""Articles, and the two of a pair."""


def strange(text: str) -> list[str]:
    """Return what a text must not be written with: names of characters, or `blanks`.

    Parameters
    ----------
    text : str
        As it is published.
    """
    plain = RAISED.sub("", text)
    odd = {unicodedata.name(c, f"U+{ord(c):04X}") for c in plain if not _usual(c)}
    blanks = {"blanks"} if text != " ".join(text.split()) else set()
    return sorted(odd | blanks)


def _usual(character: str) -> bool:
    if character in MARKS or " " <= character <= "~":
        return True
    letter = unicodedata.category(character) in {"Lu", "Ll"} and character <= LETTERS_TO
    return letter and unicodedata.is_normalized("NFC", character)


def numbers(text: str, names: AbstractSet[str] = frozenset()) -> set[str]:
    """Return every run of digits of a text, thousands without their mark.

    Parameters
    ----------
    text : str
    names : set of str
        Words with digits that are names: of columns, collections, codes.
    """
    bare = LICENSED.sub(" ", text)
    for word in sorted(set(WORD.findall(bare)) & names, key=len, reverse=True):
        bare = re.sub(rf"(?<![\w.:-]){re.escape(word)}(?![\w:-])", " ", bare)
    return {_plain(number) for number in NUMBER.findall(bare)}


def _plain(number: str) -> str:
    if THOUSANDS.fullmatch(number):
        return re.sub("[.,]", "", number)
    return number.replace(",", ".")


def spelt(text: str) -> list[str]:
    """Return the numbers of a text that are written in words, or in Roman numerals."""
    return sorted(set(_spelt(text)))


def _spelt(text: str) -> Iterator[str]:
    for word in re.findall(r"[^\W\d_]+", LICENSED.sub(" ", text)):
        low = word.lower()
        if low in _SMALL or word in _ABBREVIATED:
            continue
        if _ITALIAN.fullmatch(low) or _ENGLISH.fullmatch(low) or _ROMAN.fullmatch(word):
            yield word
