"""Numbers as people write them, in either language."""

from __future__ import annotations

from typing import Final

from api.pages.words import unit_of
from geo_core.model.field import Field
from geo_core.model.text import Lang

_ITALIAN: Final = str.maketrans(",.", ".,")
_MONTHS: Final = {
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
           "settembre", "ottobre", "novembre", "dicembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December"),
}  # fmt: skip


def written(value: float, lang: Lang) -> str:
    """Return a number with at most 2 decimals; one below 10,000 has no separator, as years."""
    whole = isinstance(value, int) or value == int(value)
    text = f"{value:,.0f}" if whole else f"{value:,.2f}".rstrip("0").rstrip(".")
    if whole and abs(value) < 10_000:
        text = text.replace(",", "")
    return text if lang == "en" else text.translate(_ITALIAN)


def measured(value: float, field: Field, lang: Lang, *, count: int) -> str:
    """Return a value of a field with its unit; `count` is how many features there are."""
    text, unit = written(value, lang), unit_of(field, count=count)
    if unit is None:
        return text
    return f"{text} {(unit.one if text == '1' else unit.many).in_(lang)}"


def day_in_words(iso: str, lang: Lang) -> str:
    """Return a day (YYYY-MM-DD) as it is written in a text: 5 gennaio 2024."""
    year, month, day = map(int, iso[:10].split("-"))
    first = "1º" if lang == "it" and day == 1 else str(day)
    return f"{first} {_MONTHS[lang][month - 1]} {year}"
