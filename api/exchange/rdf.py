"""Statements (RDF triples) and the two forms the catalogue is written in.

Every node has an address and there are no blank nodes, so that writing is one pass and two
copies of the catalogue can be compared line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson

from geo_core.model.text import Lang, Text

PREFIXES: Final = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatapit": "http://dati.gov.it/onto/dcatapit#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Short names of the vocabularies, as used in `prefix:name`."""

_TYPE: Final = "rdf:type"
_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_SAFE: Final = ":/?#[]@!$&'()*+,;=%~-._"


@dataclass(frozen=True)
class Iri:
    """The address of a thing, whole."""

    address: str

    @property
    def ascii(self) -> str:
        """The address with every character that may not stand in one percent-encoded."""
        return quote(self.address, safe=_SAFE)


@dataclass(frozen=True)
class Name:
    """A term of a vocabulary, as `prefix:name`; the prefix is one of `PREFIXES`."""

    text: str


@dataclass(frozen=True)
class Literal:
    """A value: plain text, text in a language, or text of a type (a `prefix:name`)."""

    text: str
    lang: Lang | None = None
    type: str | None = None


type Value = Iri | Name | Literal
type Members = Mapping[str, Value | Iterable[Value] | None]
"""Values of a thing by property; None says nothing."""

type Triple = tuple[Iri, str, Value]
"""Subject, property (`prefix:name`) and value."""


def both(text: Text) -> tuple[Literal, Literal]:
    """Return a text in both languages."""
    return Literal(text.it, "it"), Literal(text.en, "en")


def node(subject: Iri, members: Members) -> list[Triple]:
    """Return the statements of one thing."""
    return [
        (subject, name, value)
        for name, given in members.items()
        if given is not None
        for value in ([given] if isinstance(given, Iri | Name | Literal) else given)
    ]


def turtle(triples: Iterable[Triple]) -> bytes:
    """Return statements as Turtle, things in the order in which they are first named."""
    head = [f"@prefix {name}: <{address}> ." for name, address in PREFIXES.items()]
    return "\n".join([*head, *map(_paragraph, _things(triples)), ""]).encode()


def jsonld(triples: Iterable[Triple]) -> bytes:
    """Return statements as flat JSON-LD; the context is in the document, never fetched."""
    graph = [_object(subject, members) for subject, members in _things(triples)]
    return orjson.dumps({"@context": PREFIXES, "@graph": graph}, option=orjson.OPT_INDENT_2)


type _Thing = tuple[Iri, list[tuple[str, list[Value]]]]


def _things(triples: Iterable[Triple]) -> list[_Thing]:
    said: dict[Iri, dict[str, dict[Value, None]]] = {}
    for subject, name, value in triples:
        said.setdefault(subject, {}).setdefault(name, {})[value] = None
    return [
        (s, [(n, list(values)) for n, values in members.items()]) for s, members in said.items()
    ]


def _paragraph(thing: _Thing) -> str:
    subject, members = thing
    lines = [
        f"    {'a' if name == _TYPE else name} {', '.join(map(_written, values))}"
        for name, values in members
    ]
    return f"\n<{subject.ascii}>\n" + " ;\n".join(lines) + " ."


def _written(value: Value) -> str:
    if isinstance(value, Iri):
        return f"<{value.ascii}>"
    if isinstance(value, Name):
        return value.text
    quoted = f'"{value.text.translate(_ESCAPES)}"'
    if value.lang is not None:
        return f"{quoted}@{value.lang}"
    return quoted if value.type is None else f"{quoted}^^{value.type}"


def _object(subject: Iri, members: list[tuple[str, list[Value]]]) -> dict[str, Any]:
    types = [v.text for n, values in members if n == _TYPE for v in values if isinstance(v, Name)]
    rest = {name: list(map(_plain, values)) for name, values in members if name != _TYPE}
    return {"@id": subject.ascii, "@type": types, **rest}


def _plain(value: Value) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": value.ascii}
    if isinstance(value, Name):
        return {"@id": value.text}
    tag = {"@language": value.lang} if value.lang else {"@type": value.type} if value.type else {}
    return {"@value": value.text, **tag}
