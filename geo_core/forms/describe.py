"""What a form asks, and every rule of its answers, as plain data for the browser."""

from __future__ import annotations

import math
from typing import Any, Final

from geo_core.catalog import Catalog
from geo_core.errors import IngestError
from geo_core.forms.choices import options
from geo_core.forms.javascript import for_javascript
from geo_core.forms.known import Body, Known
from geo_core.forms.places import drawn_boundaries, drawn_cells
from geo_core.ingest.columns import CALLED, FORMULA, MAX_TEXT
from geo_core.ingest.kinds import ENTERED, Question, kind
from geo_core.ingest.personal import HONEST, SIGNS, TAX_CODE
from geo_core.ingest.register import WITHHELD
from geo_core.ingest.rules import SEVERAL, STATES, TABLES
from geo_core.ingest.secret import ALWAYS_RESERVED, NAME

POINT: Final = frozenset({"lon", "lat"})
LEFT_OUT: Final = frozenset({"area_wkt"})
"""Columns that a form does not ask for: a polygon is drawn in a desktop GIS."""

EXPECTED: Final = {
    "a code of letters, digits, . _ or -": (
        "un codice di lettere e cifre senza spazi, al massimo 40; si possono usare . _ -"
    ),
    "a list of codes separated by semicolons": "un elenco di codici separati da punto e virgola",
    "the tax code of a body, eleven digits": "il codice fiscale di un ente, undici cifre",
    "opening hours as OpenStreetMap writes them": (
        "un orario nella forma Mo-Fr 09:00-12:30; Sa 09:00-12:00 (giorni: Mo Tu We Th Fr Sa Su)"
    ),
    "a postal code of five digits": "un CAP di cinque cifre",
    "a web address that starts with https://": "un indirizzo web che comincia con https://",
    "a URI that starts with https:// or urn:": "un indirizzo che comincia con https:// o urn:",
    "a polygon in WKT, degrees, WGS 84": "un poligono in WKT, in gradi, prima la longitudine",
    "a pseudonym of 32 hexadecimal characters in lower case": (
        "uno pseudonimo di 32 cifre esadecimali, con le lettere minuscole"
    ),
}
"""Italian of the sentences that tell what a pattern expects."""

SIGNS_IT: Final = {
    "looks like a tax code of a person": "sembra il codice fiscale di una persona",
    "looks like an e-mail address": "sembra un indirizzo e-mail",
    "looks like somebody's page on a network": "sembra la pagina di qualcuno in una rete sociale",
    "looks like a document or an account": "sembra un documento o un conto bancario",
    "looks like a full date": "sembra una data completa",
    "looks like a telephone number": "sembra un numero di telefono",
}

_WHERE: Final = "Il comune in cui si trova."
_AREAS: Final = frozenset({"comuni", "ambito_territoriale"})
"""Columns that say where a row is by naming whole areas."""


def entered(catalog: Catalog) -> tuple[str, ...]:
    """Return the kinds that are declared and entered by people."""
    return tuple(name for name in ENTERED if name in catalog.intake or name in TABLES)


def describe(catalog: Catalog, name: str, known: Known, body: Body) -> dict[str, Any]:
    """Return one form as data: JSON that needs nothing else.

    Parameters
    ----------
    catalog : Catalog
        What is declared.
    name : str
        A kind of row.
    known : Known
        What may be referred to.
    body : Body
        Who fills in the form.

    Raises
    ------
    NotFound
        There is no such kind.
    IngestError
        The body has nothing that the rows could refer to.
    """
    asked = kind(catalog, name, known.references)
    questions = [q for q in asked.questions if q.column.name not in LEFT_OUT]
    names = {question.column.name for question in questions}
    position = _position(names)
    return {
        "kind": name,
        "title": asked.title.it,
        "description": asked.description.it,
        "body": {"code": body.code, "name": body.name},
        "questions": [_question(q, name, catalog, known, body) for q in questions],
        "position": position,
        "signs": [[SIGNS_IT[sign], for_javascript(pattern.pattern)] for sign, pattern in SIGNS],
        "grave": SIGNS_IT[TAX_CODE],
        "honest": [for_javascript(pattern.pattern) for pattern in HONEST],
        "formula": for_javascript(FORMULA.pattern),
        "called": for_javascript(CALLED.pattern),
        "most": MAX_TEXT,
        **_rules_of_a_row(name, names),
        **(drawn_cells(known) if position == "cell" else {}),
        **(drawn_boundaries(known) if position == "point" else {}),
    }


def _question(
    question: Question, name: str, catalog: Catalog, known: Known, body: Body
) -> dict[str, Any]:
    column = question.column
    choice = options(question, name, catalog, known, body)
    if column.required and choice == []:
        raise IngestError(
            f"{body.code} has no row that {name} could refer to in {column.name}",
            hint="enter or import it first, then make the form again",
        )
    several = column.name in SEVERAL
    anybodys = options(question, name, catalog, known, None) if several else None
    return {
        "name": column.name,
        "type": "several" if several else question.type,
        "title": "Comune" if column.name == "cod_istat" else question.title.it,
        "description": _WHERE if column.name == "cod_istat" else question.description.it,
        "required": column.required,
        "options": choice,
        "known": None if anybodys is None else [code for code, _ in anybodys],
        "low": _finite(column.low),
        "high": _finite(column.high),
        "pattern": for_javascript(column.pattern) if column.pattern else None,
        "expected": EXPECTED[column.expected] if column.pattern else None,
        "contact": column.contact,
        "most": column.max_items,
    }


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None


def _position(names: set[str]) -> str | None:
    if "unita_luogo" in names:
        return "cell"
    return "point" if names >= POINT else None


def _rules_of_a_row(name: str, names: set[str]) -> dict[str, Any]:
    """Return what must hold between the cells of a row, and between the rows of a file."""
    table = TABLES.get(name)
    counted = [n for n in names if n.startswith("n_")] if "pseudonimo" in names else []
    named = sorted(names & _AREAS)
    return {
        "key": [table.key, *table.within] if table else [],
        "ordered": [list(pair) for pair in table.ordered] if table else [],
        "past": list(table.past) if table else [],
        "placed": bool(table and table.placed and names >= POINT),
        "named": named,
        "main": ["area_utenza", "bisogni"] if names >= {"area_utenza", "bisogni"} else None,
        "single": counted[0] if counted else None,
        "reserved": _reserved(names) if "riservata" in names else None,
        "states": list(STATES) if name == "patti" else None,
        "versions": ["id_prassi", "versione", "dal"] if name == "buone_prassi" else None,
    }


def _reserved(names: set[str]) -> dict[str, Any]:
    """Return by what an office is known to be secret, and what a secret one must not tell."""
    return {
        "kinds": sorted(ALWAYS_RESERVED),
        "withheld": sorted(names & {*WITHHELD, *POINT}),
        "name": for_javascript(NAME.pattern),
    }
