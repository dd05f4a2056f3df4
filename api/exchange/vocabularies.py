"""Terms of published vocabularies that the catalogue refers to, and what must be said of them.

A harvester looks nothing up, so the class of every term stands in the catalogue itself. Terms:
the authority tables of the Publications Office of the European Union, ADMS, IANA.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from api.exchange.rdf import Iri, Literal, Members, Name, Triple, both, node
from geo_core.model.text import Text

_EU: Final = "http://publications.europa.eu/resource/authority/"
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_LICENCE_TYPES: Final = "http://purl.org/adms/licencetype/"

THEMES: Final = Iri(f"{_EU}data-theme")
"""The list of themes itself."""

LANGUAGES: Final = (Iri(f"{_EU}language/ITA"), Iri(f"{_EU}language/ENG"))

_THEME_TITLES: Final = {
    "SOCI": Text(it="Popolazione e società", en="Population and society"),
    "REGI": Text(it="Regioni e città", en="Regions and cities"),
    "GOVE": Text(it="Governo e settore pubblico", en="Government and public sector"),
    "ECON": Text(it="Economia e finanze", en="Economy and finance"),
}
_THEMES_OF_GROUP: Final = {
    "confini": ("SOCI", "REGI"),
    "popolazione": ("SOCI", "REGI"),
    "opportunita": ("SOCI", "ECON"),
    "partecipazione": ("SOCI", "GOVE"),
}
_FREQUENCY_TITLES: Final = {
    "ANNUAL": Text(it="annuale", en="annual"),
    "IRREG": Text(it="irregolare", en="irregular"),
    "MONTHLY": Text(it="mensile", en="monthly"),
}
_LICENCES: Final = {
    "CC-BY-4.0": (
        "CC_BY_4_0",
        "Attribution",
        Text(it="Creative Commons Attribuzione 4.0", en="Creative Commons Attribution 4.0"),
    )
}
_LICENCE_TYPE_TITLES: Final = {"Attribution": Text(it="Attribuzione", en="Attribution")}

_CLASSES: Final = {
    "dct:format": ("dct:MediaTypeOrExtent",),
    "dcat:mediaType": ("dct:MediaType", "dct:MediaTypeOrExtent"),
    "dct:license": ("dcatapit:LicenseDocument", "dct:LicenseDocument"),
    "dct:accrualPeriodicity": ("dct:Frequency",),
    "dct:language": ("dct:LinguisticSystem",),
    "dcat:theme": ("skos:Concept",),
    "dcat:themeTaxonomy": ("skos:ConceptScheme",),
    "dcat:landingPage": ("foaf:Document",),
    "foaf:homepage": ("foaf:Document",),
    "vcard:hasEmail": ("vcard:Email",),
}
"""Classes of what stands after a property."""


def themes(group: str) -> list[Iri]:
    """Return the European themes of a group of layers; always `SOCI`."""
    return [Iri(f"{_EU}data-theme/{code}") for code in _THEMES_OF_GROUP.get(group, ("SOCI",))]


def frequency(code: str) -> Iri:
    """Return the address of a frequency of updating, such as `ANNUAL`."""
    return Iri(f"{_EU}frequency/{code}")


def file_type(code: str) -> Iri:
    """Return the address of a file type, such as `GEOJSON`."""
    return Iri(f"{_EU}file-type/{code}")


def media_type(text: str) -> Iri:
    """Return the address of a media type; parameters after `;` are left out."""
    return Iri(_MEDIA + text.partition(";")[0])


def licence(spdx: str) -> Iri:
    """Return the address of a licence by its SPDX id."""
    if spdx in _LICENCES:
        return Iri(f"{_EU}licence/{_LICENCES[spdx][0]}")
    return Iri(f"https://spdx.org/licenses/{spdx}")


def terms_of(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield what must be said of every term the statements refer to, each once."""
    for subject, name in dict.fromkeys((v, n) for _s, n, v in triples if n in _CLASSES):
        if isinstance(subject, Iri):
            yield from node(subject, {"rdf:type": [Name(c) for c in _CLASSES[name]]})
    yield from node(THEMES, {"dct:title": Literal("Data Theme", "en")})
    for code, title in _THEME_TITLES.items():
        concept: Members = {"skos:prefLabel": both(title), "skos:inScheme": THEMES}
        yield from node(
            Iri(f"{THEMES.address}/{code}"), {"rdf:type": Name("skos:Concept"), **concept}
        )
    for code, title in _FREQUENCY_TITLES.items():
        labels: Members = {"rdf:type": Name("dct:Frequency"), "rdfs:label": both(title)}
        yield from node(frequency(code), labels)
    yield from _licences()


def _licences() -> Iterator[Triple]:
    for spdx, (_code, kind, title) in _LICENCES.items():
        classes = [Name(c) for c in _CLASSES["dct:license"]]
        about: Members = {"rdf:type": classes, "foaf:name": both(title)}
        yield from node(licence(spdx), {**about, "dct:type": Iri(_LICENCE_TYPES + kind)})
    for kind, title in _LICENCE_TYPE_TITLES.items():
        labels: Members = {"rdf:type": Name("skos:Concept"), "skos:prefLabel": both(title)}
        yield from node(Iri(_LICENCE_TYPES + kind), labels)
