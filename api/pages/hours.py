"""Opening hours in words, from OpenStreetMap's syntax."""

from __future__ import annotations

import re
from typing import Final

from api.exchange.hours import days_of, in_force
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
_ORDER: Final = "MoTuWeThFrSaSuMo"
_SPAN: Final = r"(?:PH|(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?)"
_SPANS: Final = re.compile(rf"{_SPAN}(?:,{_SPAN})*")
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
    'lunedì, mercoledì e venerdì 9:00-12:30; martedì e giovedì 14:00-17:00'
    """
    if not hours:
        return None
    rules = [_RULE.fullmatch(part.strip()) for part in hours.split(";") if part.strip()]
    if not all(rule and _SPANS.fullmatch(rule[1]) for rule in rules):
        return hours
    said = in_force((days_of(rule[1]), rule[2]) for rule in rules if rule)
    return "; ".join(f"{_days(days, lang)} {_times(times, lang)}" for days, times in said)


def _days(days: list[str], lang: Lang) -> str:
    """Return days in words; three and more in a row as the first and the last of them."""
    names, rows = _DAYS[lang], list[list[str]]()
    for day in days:
        if rows and _ORDER.find(rows[-1][-1] + day) >= 0:
            rows[-1].append(day)
        else:
            rows.append([day])
    said = [
        one
        for row in rows
        for one in (
            [_SPANNED[lang].format(names[row[0]], names[row[-1]])]
            if len(row) > 2
            else [names[day] for day in row]
        )
    ]
    return _AND[lang].join(filter(None, (", ".join(said[:-1]), said[-1])))


def _times(text: str, lang: Lang) -> str:
    if text == "off":
        return _CLOSED[lang]
    spans = [span.split("-") for span in text.rstrip(",").split(",")]
    return ", ".join("-".join(time.removeprefix("0") for time in span) for span in spans)
