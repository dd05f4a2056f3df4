"""Units of measure, written in Italian in `layers/`, `styles/` and `config/`, and their English."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator

from geo_core.model.text import Lang, Text

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": "1",
        "%": "%",
        "EUR": "EUR",
        "anni": "years",
        "anno": "year",
        "assistenti sociali/5.000 persone": "social workers/5,000 persons",
        "celle": "cells",
        "classe": "class",
        "comuni": "municipalities",
        "giorni": "days",
        "km": "km",
        "km²": "km²",
        "minuti": "minutes",
        "mesi": "months",
        "nuclei": "households",
        "opportunità": "opportunities",
        "organizzazioni": "organisations",
        "organizzazioni/10.000 persone": "organisations/10,000 persons",
        "patti/10.000 persone": "pacts/10,000 persons",
        "persone": "persons",
        "persone/km²": "persons/km²",
        "persone/1.000 residenti": "persons/1,000 residents",
        "persone per persona": "persons per person",
        "posizione": "rank",
        "posti": "places",
        "posti/1.000 persone": "places/1,000 persons",
        "posti/10.000 persone": "places/10,000 persons",
        "punti": "points",
        "sedi": "offices",
        "sedi/10.000 persone": "offices/10,000 persons",
        "servizi": "services",
        "unità dell'indicatore": "unit of the indicator",
    }
)
"""English of every unit that a declaration may name; `1` is a pure number."""

_ONE: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "anni": Text(it="anno", en="year"),
        "assistenti sociali": Text(it="assistente sociale", en="social worker"),
        "celle": Text(it="cella", en="cell"),
        "comuni": Text(it="comune", en="municipality"),
        "giorni": Text(it="giorno", en="day"),
        "minuti": Text(it="minuto", en="minute"),
        "mesi": Text(it="mese", en="month"),
        "nuclei": Text(it="nucleo", en="household"),
        "opportunità": Text(it="opportunità", en="opportunity"),
        "organizzazioni": Text(it="organizzazione", en="organisation"),
        "patti": Text(it="patto", en="pact"),
        "persone": Text(it="persona", en="person"),
        "posti": Text(it="posto", en="place"),
        "punti": Text(it="punto", en="point"),
        "sedi": Text(it="sede", en="office"),
        "servizi": Text(it="servizio", en="service"),
    }
)
"""What follows the number 1. Of a rate such as `posti/1.000 persone`, what it begins with."""


def known_unit(unit: str) -> str:
    """Return a unit that a declaration names.

    Raises
    ------
    ValueError
        `UNITS` has no such unit: says what comes close and where a new one is added.
    """
    if unit in UNITS:
        return unit
    close = get_close_matches(unit, UNITS, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(
        f"the unit {unit!r} is not known: {guess}a new one is added, with its English, "
        "to geo_core/model/units.py"
    )


Unit = Annotated[str, AfterValidator(known_unit)]
"""A unit of a declaration. Not of a release: one made with another table is still read."""


def unit_in(unit: str, lang: Lang) -> str:
    """Return a unit in one language.

    A unit that is not in the table any more, in a release of an older version, stays as it is.
    """
    return unit if lang == "it" else UNITS.get(unit, unit)


def of_one(unit: str) -> Text:
    """Return what to write after the number 1, where a unit stands after others."""
    counted, slash, base = unit.partition("/")
    one = _ONE.get(counted)
    if one is None:
        return Text(it=unit, en=unit_in(unit, "en"))
    return Text(
        it=f"{one.it}{slash}{base}", en=f"{one.en}{slash}{unit_in(unit, 'en').partition('/')[2]}"
    )


def one_in(written: str, lang: Lang) -> str:
    """Return what to write after the number 1 of a unit as `unit_in` writes it: person, persons."""
    units = (unit for unit in UNITS if unit_in(unit, lang) == written)
    return of_one(next(units, written)).in_(lang)
