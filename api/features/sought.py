"""Full text (`q`): whole words of what people read, in Italian.

Case and accents make no difference, articles and prepositions are passed over, and a word is
found in the singular and in the plural. Commas separate alternatives; words with spaces between
them must follow each other in one text (OGC API Records Part 1 and Features Part 9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from api.features.columns import Column, ListColumn, Mask
from api.features.cql2.patterns import without_accents, without_case
from geo_core.errors import InvalidParameter
from geo_core.model.field import Field
from geo_core.model.layer import Layer
from geo_core.model.manifest import Code

Q: Final = "q"
MAX_LENGTH: Final = 200
"""Longest text that is sought, in characters."""
MAX_TERMS: Final = 10
"""Most alternatives."""

_READ: Final = frozenset({
    "ambito_territoriale", "attori", "azione", "bene_comune", "definizione", "denominazione",
    "descrizione", "esiti", "esito", "indirizzo", "nome", "nome_ambito", "nome_comune",
    "nome_org", "nome_sede", "nome_unita", "oggetto", "problema", "risorse", "soggetti",
    "titolo", "trasporto",
})  # fmt: skip
"""Fields of free text that are words, not identifiers, addresses of the web or remarks on the
source; those in English end in `_en`."""
_UNREAD: Final = frozenset({"tipo_geometria", "qualita_geocodifica"})
"""Fields of codes that say something of the row, not of what it stands for."""

_WORD: Final = re.compile(r"[^\W_]+")
_PASSED_OVER: Final = frozenset({
    "a", "ad", "agli", "ai", "al", "all", "alla", "alle", "allo", "con", "d", "da", "dagli",
    "dai", "dal", "dall", "dalla", "dalle", "dallo", "de", "degli", "dei", "del", "dell",
    "della", "delle", "dello", "di", "e", "ed", "fra", "gli", "i", "il", "in", "l", "la",
    "le", "lo", "negli", "nei", "nel", "nell", "nella", "nelle", "nello", "o", "od", "per",
    "su", "sugli", "sui", "sul", "sull", "sulla", "sulle", "sullo", "tra", "un", "una", "uno",
})  # fmt: skip
_VOWELS: Final = "aeiou"
_SHORTEST: Final = 3
"""Letters that are left of a word at least, so that short words stay apart."""


def searched(layer: Layer) -> tuple[str, ...]:
    """Return the fields of a layer in which `q` looks; none where there is nothing to read."""
    return tuple(field.name for field in layer.fields if _is_read(field, layer))


def _is_read(field: Field, layer: Layer) -> bool:
    if field.codelist is not None:
        # Codes of protected layers tell how a figure was treated, not what is there.
        return layer.sensitivity == "A" and field.name not in _UNREAD
    return field.type == "text" and field.name.removesuffix("_en") in _READ


def read_sought(params: Mapping[str, str]) -> tuple[str, ...]:
    """Return the alternatives of `q`, each as `spelt`; none where it is not given.

    Raises
    ------
    InvalidParameter
        It is too long, has too many alternatives, or one of them has no word to look for.
    """
    if Q not in params:
        return ()
    said = params[Q].split(",")
    if len(params[Q]) > MAX_LENGTH or len(said) > MAX_TERMS:
        raise InvalidParameter(
            Q, f"`{Q}` has more than {MAX_LENGTH} characters or {MAX_TERMS} alternatives"
        )
    terms = tuple(map(spelt, said))
    if not all(map(str.strip, terms)):
        raise InvalidParameter(
            Q, f"`{Q}` holds no word to look for", hint="q=scuola, or q=infanzia,biblioteca"
        )
    return terms


def spelt(text: str) -> str:
    """Return the stems of a text's words, each with a space before and behind it.

    >>> spelt("Servizi per l'Infanzia") == spelt("servizio infanzia") == " serviz infanz "
    True
    """
    words = _WORD.findall(without_accents(without_case(text)))
    return " ".join(["", *(_stem(word) for word in words if word not in _PASSED_OVER), ""])


def _stem(word: str) -> str:
    """Cut what tells the singular from the plural: final vowels, and the h of -chi and -ghe."""
    stem = word.rstrip(_VOWELS)
    if stem != word:
        stem = stem.removesuffix("h")
    return word[:_SHORTEST] if len(stem) < _SHORTEST else stem


@dataclass(frozen=True)
class Reading:
    """One column as it is read.

    Attributes
    ----------
    texts : tuple of str
        What each entry of the column's vocabulary reads as, `spelt`.
    """

    column: Column | ListColumn
    texts: tuple[str, ...]

    def holding(self, terms: Iterable[str]) -> Mask:
        """Return the rows whose text holds one of the terms, each `spelt`."""
        found = [any(term in text for term in terms) for text in self.texts]
        if isinstance(self.column, ListColumn):
            listed: Mask = self.column.holds[:, np.array(found, dtype=np.bool_)].any(axis=1)
            return listed
        # One entry more: the rank of null is the last place, counted from the end.
        mask: Mask = np.array([*found, False], dtype=np.bool_)[self.column.values]
        return mask


def reading(column: Column | ListColumn, codes: tuple[Code, ...]) -> Reading:
    """Return a column as it is read: its texts, or the titles of its codes."""
    titles = {code.code: f"{spelt(code.title.it)}|{spelt(code.title.en)}" for code in codes}
    texts = (titles.get(text) or spelt(text) for text in column.vocabulary)
    return Reading(column, tuple(texts))
