"""What errors say, in Italian, for the page that a person meets; programs read the English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

_SENTENCES: Final[Mapping[str, str]] = {
    "there is nothing at this address": "A questo indirizzo non c'è nulla.",
    "there is no file at this address": "A questo indirizzo non c'è nessun file.",
    "there is no collection {}": "Non c'è una raccolta {}.",
    "there is no feature {}": "Non c'è un oggetto {}.",
    "there is no download {}": "Non c'è un file da scaricare {}.",
    "there is no style {}": "Non c'è uno stile {}.",
    "there is no raster {}": "Non c'è un raster {}.",
    "there is no tileset {}": "Non ci sono tessere {}.",
    "there is no release {}": "Non c'è una versione {}.",
    "this service is read-only": "Il servizio si può solo leggere.",
    "{} is not a parameter of this resource": "{} non è un parametro di questa pagina.",
    "there is an unknown parameter of this resource": "C'è un parametro che questa pagina non ha.",
    "{} has a value that is not allowed": "{} ha un valore che non è ammesso.",
    "{} is not a whole number from {} to {}": "{} non è un numero intero da {} a {}.",
    "{} is given twice": "{} è scritto due volte.",
    "give it once": "Scriverlo una volta sola.",
    "the release these pages are of is not published any more": "La versione di queste pagine "
    "non è più pubblicata.",
    "start again at {}": "Ricominciare da {}",
    "{} names an unknown field": "{} nomina un campo che non c'è.",
    "did you mean {}?": "Forse {}?",
    "known: {}": "Ci sono: {}.",
    "one of: {}": "Uno fra: {}.",
    "the server could not answer; the fault has been logged": "Il guasto è annotato nel registro.",
}
"""Sentences with their Italian; ``{}`` stands for what varies, such as a name."""


def in_italian(text: str) -> str | None:
    """Return a sentence of an error in Italian; None if it is not known."""
    for pattern, italian in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return italian.format(*found.groups())
    return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.escape(english).replace(r"\{\}", "(.+)"), re.DOTALL), italian)
        for english, italian in _SENTENCES.items()
    )
