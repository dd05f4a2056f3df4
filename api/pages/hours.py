"""Opening hours in words, from OpenStreetMap's syntax."""

from __future__ import annotations

import re
from typing import Final

from geo_core.model.text import Lang

_DAYS: Final[dict[Lang, dict[str, str]]] = {
    "it": {
        "Mo": "lunedì", "Tu": "martedì", "We": "mercoledì", "Th": "giovedì", "Fr": "venerdì",
        "Sa": "sabato", "Su": "domenica", "PH": "festivi",
    },
    "en": {
        "Mo": "Monday", "Tu": "Tuesday", "We": "Wednesday", "Th": "Thursday", "Fr": "Friday",
        "Sa": "Saturday", "Su": "Sunday", "PH": "public holidays",
    },
}  # fmt: skip
_SPAN: Final = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:-(Mo|Tu|We|Th|Fr|Sa|Su))?")
_TIME: Final = r"(?:[01]\d|2[0-4]):[0-5]\d"
_RULE: Final = re.compile(rf"([A-Za-z,-]+) ((?:{_TIME}-{_TIME},?)+|off)")
_SPANNED: Final[dict[Lang, str]] = {"it": "da {} a {}", "en": "{} to {}"}
_AND: Final[dict[Lang, str]] = {"it": " e ", "en": " and "}
_CLOSED: Final[dict[Lang, str]] = {"it": "chiuso", "en": "closed"}


def in_words(hours: str | None, lang: Lang) -> str | None:
    """Return opening hours as people say them; what says more than days and hours stays as it is.

    Examples
    --------
    >>> in_words("Mo-Fr 09:00-12:30; Tu,Th 14:00-17:00", "it")
    'da lunedì a venerdì 9:00-12:30; martedì e giovedì 14:00-17:00'
    """
    if not hours:
        return None
    rules = [_RULE.fullmatch(part.strip()) for part in hours.split(";") if part.strip()]
    said = [_rule(rule, lang) if rule else None for rule in rules]
    return "; ".join(one for one in said if one) if all(said) else hours


def _rule(rule: re.Match[str], lang: Lang) -> str | None:
    spans = [_SPAN.fullmatch(span) for span in rule[1].split(",")]
    if not all(spans):
        return None
    names = _DAYS[lang]
    days = [
        _SPANNED[lang].format(names[span[1]], names[span[2]]) if span[2] else names[span[1]]
        for span in spans
        if span
    ]
    listed = _AND[lang].join(filter(None, (", ".join(days[:-1]), days[-1])))
    return f"{listed} {_times(rule[2], lang)}"


def _times(text: str, lang: Lang) -> str:
    if text == "off":
        return _CLOSED[lang]
    spans = [span.split("-") for span in text.rstrip(",").split(",")]
    return ", ".join("-".join(time.removeprefix("0") for time in span) for span in spans)
