"""Recognises what must never be handed in: signs of a person in a cell.

A text is first made plain (`plain`): full-width letters and odd dashes change nothing; then what
only looks like a telephone or a date of birth is taken out (`HONEST`); then the signs are
sought. Every repetition is bounded, so the time is linear in the length of the text. The offline
form does the same with the same patterns.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_BLANKS: Final = re.compile(r"[\x00-\x20\x7f]+")


def plain(text: str) -> str:
    r"""Return a text in capitals, without accents and invisible characters.

    Full-width and other compatibility letters and digits become the usual ones, every dash a
    hyphen, every apostrophe ``'``, every run of blanks or control characters one blank.

    Examples
    --------
    >>> plain("Città  d\u2019Arte \uff11")
    "CITTA D'ARTE 1"
    """
    if not text.isascii():
        text = "".join(map(_flat, unicodedata.normalize("NFKD", text)))
    return _BLANKS.sub(" ", text).upper()


@lru_cache(maxsize=4096)
def _flat(letter: str) -> str:
    category = unicodedata.category(letter)
    if category.startswith("M") or category == "Cf":
        return ""
    if category == "Pd" or letter == "\N{MINUS SIGN}":
        return "-"
    if letter in "\u2018\u2019\u02bc":
        return "'"
    return " " if category.startswith("Z") or category == "Cc" else letter


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


def _same(separators: str, first: str, second: str, third: str) -> str:
    """Return a pattern of three parts with the same separator twice."""
    return _any(*(f"{first} ?{s} ?{second} ?{s} ?{third}" for s in separators.split()))


# Letters that replace digits when two persons would share a code ("omocodia") are allowed for.
_DIGIT: Final = r"[\dLMNPQRSTUV]"
_TAX_CODE: Final = (
    rf"(?<![A-Z0-9])[A-Z]{{6}} ?{_DIGIT}{{2}} ?[A-EHLMPRST] ?{_DIGIT}{{2}} ?"
    rf"[A-Z]{_DIGIT}{{3}} ?[A-Z](?![A-Z0-9])"
)
_MISTYPED_TAX_CODE: Final = (
    r"(?<![A-Z0-9])[A-Z]{6} ?[\dO]{2} ?[A-EHLMPRST] ?[\dO]{2} ?[A-Z][\dO]{3} ?[A-Z](?![A-Z0-9])"
)
_GAP: Final = "[ ._/-]{0,3}"
# Spelt out, or stuck to another word: the year and the day must be in digits.
_SPELT_TAX_CODE: Final = (
    rf"(?:[A-Z]{_GAP}){{6}}(?:\d{_GAP}){{2}}[A-EHLMPRST]{_GAP}[0-7]{_GAP}\d{_GAP}"
    rf"[A-Z]{_GAP}(?:{_DIGIT}{_GAP}){{3}}[A-Z]"
)

_NAMED_AT: Final = r"(?: ?[(\[{<] ?(?:AT|CHIOCCIOLA) ?[)\]}>] ?)"
_SAID_AT: Final = "(?: (?:AT|CHIOCCIOLA) )(?!WWW|HTTP)"
_DOT: Final = r"(?:\.| ?[(\[{<] ?(?:DOT|PUNTO) ?[)\]}>] ?| (?:DOT|PUNTO) )"
_HOST: Final = "[A-Z0-9][A-Z0-9-]{0,62}"
_DOMAIN: Final = "(?:IT|EU|COM|ORG|NET|INFO|BIZ|EDU|GOV|CLOUD|LIVE|ME|IO|CH|FR|DE|ES|UK|RO)"
_EMAIL: Final = _any(
    r"[^ @] ?@ ?[^ @.]{1,64} ?\. ?[^ @]",
    rf"[^ @]@{_HOST}{_DOT}[A-Z]{{2}}",
    rf"[A-Z0-9_.-]{_NAMED_AT}{_HOST}{_DOT}[A-Z]{{2}}",
    rf"[A-Z0-9_.-]{_any(_SAID_AT, r'[(\[{<]A[)\]}>]', '[_-]AT[_-]')}"
    rf"(?:{_HOST}{_DOT}){{1,3}}{_DOMAIN}(?![A-Z0-9])",
    # The preposition is a sign only before a name of which the dot is spelt out.
    rf"[A-Z0-9_.-] A (?:{_HOST} (?:DOT|PUNTO) ){{1,3}}(?:IT|EU|COM|ORG|NET)(?![A-Z0-9])",
)
_PAGE: Final = _any(
    r"(?<![A-Z0-9.-])(?:T|WA)\.ME/[A-Z0-9+]",
    r"(?<![A-Z0-9-])(?:FACEBOOK|FB)\.COM/[A-Z]{2,30}\.[A-Z]{2,30}(?![A-Z])",
    r"(?<![A-Z0-9_.])@[A-Z0-9_.]{3,30}",
)
_DOCUMENT: Final = _any(
    r"(?<![A-Z0-9])(?:IT|SM) ?\d\d ?[A-Z](?:[ -]?\d){10}(?:[ -]?[A-Z0-9]){12}(?![A-Z0-9])",
    r"(?<![A-Z0-9])[A-Z]{2}\d{5}[A-Z]{2}(?![A-Z0-9])",
    r"(?<![A-Z])(?:PASSAPORTO|IDENTITA|PATENTE)[ N.:°]{0,6}[A-Z]{2} ?\d{7}(?!\d)",
    r"(?<!\w)\d{20}(?!\w)",
)

_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = "(?:0?[1-9]|1[0-2])"
_YEAR: Final = r"(?:1[89]|20)\d\d"
_MONTHS: Final = (
    r"(?:GEN(?:NAIO)?|FEB(?:BRAIO)?|MAR(?:ZO)?|APR(?:ILE)?|MAG(?:GIO)?|GIU(?:GNO)?|LUG(?:LIO)?|"
    r"AGO(?:STO)?|SET(?:T|TEMBRE)?|OTT(?:OBRE)?|NOV(?:EMBRE)?|DIC(?:EMBRE)?)\.?"
)
_ENGLISH: Final = (
    r"(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|"
    r"SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)\.?"
)
_DAY_IN_WORDS: Final = (
    "(?:PRIMO|DUE|TRE|QUATTRO|CINQUE|SEI|SETTE|OTTO|NOVE|DIECI|UNDICI|DODICI|TREDICI|"
    "QUATTORDICI|QUINDICI|SEDICI|DICIASSETTE|DICIOTTO|DICIANNOVE|VENT[A-Z]{1,8}|TRENT[A-Z]{1,3})"
)
_YEAR_IN_WORDS: Final = "(?:MILLENOVECENTO|DUEMILA)"
_DATE: Final = _any(
    r"(?<!\d)\d{1,2} ?[-/.] ?\d{1,2} ?[-/.] ?\d{4}(?!\d)",
    rf"(?<!\d){_same(r'- / \.', r'\d{4}', r'\d{1,2}', r'\d{1,2}')}(?!\d)",
    r"(?<!\d)\d{1,2}\|\d{1,2}\|(?:1[89]|20)\d\d(?!\d)",
    r"(?<!\d)(?<!\d )(?:0[1-9]|[12]\d|3[01]) 0[1-9] [2-9]\d(?! ?\d)",
    rf"(?<!\d)(?<!\d[.,/-]){_DAY} {_MONTH} {_YEAR}(?!\d)",
    rf"(?<!\d){_YEAR} {_MONTH} {_DAY}(?!\d)",
    rf"(?<![A-Z\d.,/-]){_same(r'- / \.', _DAY, _MONTH, r'\d\d')}(?![A-Z\d])(?![./-]\d)",
)
_WRITTEN_DATE: Final = _any(
    rf"(?<!\d)\d{{1,2}}(?:O|°)?[ ./-]{{0,2}}{_any(_MONTHS, _ENGLISH)}[ ,./-]{{0,2}}(?:DEL )?"
    rf"(?:{_YEAR}|'\d\d)(?!\d)",
    # Streets have the names of days: ``Via 4 novembre 12``.
    r"(?<!VIA )(?<!LE )(?<!ZA )(?<!SO )(?<!GO )(?<!LO )(?<!\d)\d{1,2}[ ./-]"
    rf"{_MONTHS}[ ./-]{{1,2}}\d\d(?! ?[A-Z\d€:]|[.,]\d)",
    rf"(?<![A-Z])(?:{_DAY_IN_WORDS}|\d{{1,2}}) {_MONTHS} (?:DEL )?(?:{_YEAR}|{_YEAR_IN_WORDS})",
    rf"(?<![A-Z]){_ENGLISH} \d{{1,2}}(?:ST|ND|RD|TH)?,? {_YEAR}(?!\d)",
    rf"(?<![A-Z])(?:NAT[OAIE]|NASCITA|DDN)(?![A-Z])[^\d]{{0,40}}\d{{1,2}}[ ./-]{{1,3}}"
    rf"(?:\d{{1,2}}|{_MONTHS})[ ./-]{{1,3}}'?\d{{2,4}}(?!\d)",
)

_S: Final = "[ ./()_*·•-]{0,3}"
_START: Final = r"(?<!\d)(?<!\d[.,])"
_PHONE: Final = _any(
    rf"{_START}(?:\+|00)[1-9](?:{_S}\d){{7,13}}",
    rf"{_START}3[1-9]\d(?:{_S}\d){{6,7}}(?!\d)",
    rf"{_START}3[1-9](?:[ .-]\d\d){{4}}(?!\d)",
    rf"{_START}3[1-9]\d,(?:\d{{6,7}}|\d{{3}},\d{{4}}|\d{{3}},\d\d,\d\d)(?!\d)",
    rf"{_START}0[1-9]\d{{1,2}},\d{{5,8}}(?!\d)",
    rf"{_START}0[1-9](?:{_S}\d){{6,9}}(?!\d)",
    rf"{_START}[1-9]\d\d[ ./-]{{1,2}}(?:\d{{6,8}}|\d{{3}}[ ./-]{{1,2}}\d{{3,4}})(?!\w)",
    rf"{_START}\d(?:[ .-]\d){{7,14}}(?!\d)",
    rf"(?<!\w){_START}\d{{8,15}}(?!\w)(?![.,]\d)",
    r"(?<![A-Z])(?:TEL|TELEFONO|CEL|CELL|CELLULARE|MOBILE|WHATSAPP|FAX|PHONE)[ .:+°-]{0,4}"
    rf"\d(?:{_S}\d){{5,14}}",
)

TAX_CODE: Final = "looks like a tax code of a person"
"""Stands nowhere, not even where an office may be called."""

SIGNS: Final = (
    (TAX_CODE, re.compile(_any(_TAX_CODE, _MISTYPED_TAX_CODE, _SPELT_TAX_CODE))),
    ("looks like an e-mail address", re.compile(_EMAIL)),
    ("looks like somebody's page on a network", re.compile(_PAGE)),
    ("looks like a document or an account", re.compile(_DOCUMENT)),
    ("looks like a full date", re.compile(_any(_DATE, _WRITTEN_DATE))),
    ("looks like a telephone number", re.compile(_PHONE)),
)
"""What each pattern is a sign of, in a plain text; the first that is found is told."""

_TIME: Final = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_AMOUNT: Final = r"(?:\d{1,3}(?:[. ]\d{3}){1,4}|\d{1,12})(?:[.,]\d{1,2})?"
_EURO: Final = "(?:€|EURO?(?![A-Z]))"
_FULL: Final = _any(
    rf"{_DAY}[-/. ]{_MONTH}[-/. ]{_YEAR}", rf"{_DAY}(?:O|°)? {_MONTHS} (?:DEL )?{_YEAR}"
)
_OF_THIS_CENTURY: Final = _any(
    rf"{_DAY}[-/. ]{_MONTH}[-/. ]20\d\d", rf"{_DAY}(?:O|°)? {_MONTHS} (?:DEL )?20\d\d"
)
_TERM: Final = r"(?<![A-Z])(?:DAL|AL|ENTRO|SCADENZA|SCADE|DECORRENZA|PROROGA)(?:L'|:| IL| AL)? ?"
_STREET: Final = "(?<![A-Z])(?:VIA|VIALE|PIAZZA|PIAZZALE|CORSO|LARGO|PONTE)"

HONEST: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d.,]){_TIME}(?:[ /-]{{1,3}}{_TIME}){{1,7}}(?!\d)",
        rf"\d DEL(?:L'| ){_FULL}(?!\d)",
        rf"(?<!\d){_FULL},? N[.O°]{{1,3}} ?\d{{1,6}}(?!\d)",
        r"(?<!\d)(?<!\d[ ./-])\d{5,7}/(?:19|20)\d\d(?!\d)",
        r"(?<!\d)(?<!\d[ ./-])20\d\d/\d{5,8}(?![\d/])",
        r"(?<![A-Z])CIG[ .:N°]{0,4}[A-Z0-9]{10}(?![A-Z0-9])",
        r"(?<![A-Z])(?:P\. ?IVA|PARTITA IVA|PIVA)[ .:N°]{0,4}(?:IT ?)?\d{11}(?!\d)",
        r"(?<![A-Z])NUMERO VERDE[ .:N°]{0,4}80[03][ .-]?\d{3}[ .-]?\d{3}(?!\d)",
        r"(?<![A-Z])SEZION[EI] (?:DI )?CENSIMENTO[ .:N°]{0,4}\d{8,13}(?!\d)",
        rf"(?<!\d){_OF_THIS_CENTURY} ?- ?{_OF_THIS_CENTURY}(?!\d)",
        rf"{_TERM}{_OF_THIS_CENTURY}(?!\d)",
        rf"{_STREET} \d{{1,2}}(?:O|°)? {_MONTHS} (?:DEL )?{_YEAR}(?!\d)",
        rf"(?<!\d){_MONTH}[/.-]{_YEAR}[ -]{{1,3}}{_MONTH}[/.-]{_YEAR}(?!\d)",
        rf"{_EURO} ?{_AMOUNT}(?!\d)",
        rf"(?<![\d.,]){_AMOUNT} ?{_EURO}",
    )
)
"""Opening hours, acts with number and day, numbers of files, tenders, companies and sections of the
census, free telephone lines, periods and terms, streets named by a day, amounts of money."""

INSTEAD: Final = "|"
"""Stands where something honest was taken out."""


def sign_of_a_person(text: str) -> str | None:
    """Return what personal thing a text looks like, or None.

    Parameters
    ----------
    text : str
        One cell.

    Examples
    --------
    >>> sign_of_a_person("chiamare 0161 555 0199")
    'looks like a telephone number'
    >>> sign_of_a_person("Sportello n. 12") is None
    True
    """
    shown = plain(text)
    for pattern in HONEST:
        shown = pattern.sub(INSTEAD, shown)
    return next((what for what, pattern in SIGNS if pattern.search(shown)), None)


def looks_like_prose(text: str) -> bool:
    """Say whether a text that should be a code was written by hand: words and blanks."""
    return " " in text or len(text) > 40
