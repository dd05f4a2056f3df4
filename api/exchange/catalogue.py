"""The catalogue of a release in DCAT-AP_IT, so that dati.gov.it and others can harvest it.

Every collection is a data set; its distributions are the files and addresses the release really
has. DCAT-AP_IT is the Italian profile of the European DCAT-AP; services of data, which it does
not know, are told as in DCAT-AP 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from api.downloads import offered
from api.exchange.directory import SOURCES
from api.exchange.rdf import Iri, Literal, Members, Name, Triple, both, node
from api.exchange.vocabularies import (
    LANGUAGES,
    THEMES,
    file_type,
    frequency,
    licence,
    media_type,
    terms_of,
    themes,
)
from api.served import Served
from geo_core.model.layer import Layer
from geo_core.model.manifest import CollectionInfo, FileEntry, Manifest
from geo_core.model.publication import Body
from geo_core.model.text import Lang, Text

_LICENCE: Final = "CC-BY-4.0"
_FILES: Final = {
    "parquet": ("PARQUET", Text(it="GeoParquet", en="GeoParquet")),
    "gpkg": ("GPKG", Text(it="GeoPackage", en="GeoPackage")),
    "csv": ("CSV", Text(it="CSV", en="CSV")),
    "pmtiles": ("BIN", Text(it="Tessere vettoriali PMTiles", en="PMTiles vector tiles")),
}
"""File type of the European list and title, by the ending of a download."""

_GEOJSON: Final = Text(it="GeoJSON, a pagine", en="GeoJSON, in pages")
_HSDS: Final = Text(it="Elenco di servizi HSDS 3.0", en="HSDS 3.0 service directory")
_OGC: Final = Text(it="OGC API - Features", en="OGC API - Features")
_OGC_STANDARD: Final = Iri("http://www.opengis.net/doc/IS/ogcapi-features-1/1.0")
_ABOUT: Final = Text(
    it="Servizi sociali, sedi, opportunità, bisogni in forma protetta e mappe di rischio di un "
    "territorio, come dati aperti.",
    en="Social services, offices, opportunities, protected figures of needs and risk maps of a "
    "territory, as open data.",
)


def catalogue(served: Served) -> list[Triple]:
    """Return the catalogue of a release, as statements."""
    writer = _Writer(served.release.manifest, served.base)
    said = [
        *writer.catalogue(),
        *(t for info in writer.manifest.collections for t in writer.dataset(info)),
        *writer.services(),
        *writer.people(),
    ]
    return [*said, *terms_of(said)]


def summary(served: Served, lang: Lang) -> dict[str, Any]:
    """Return what the page of the catalogue shows to people, in one language."""
    manifest = served.release.manifest
    said = manifest.publication
    return {
        "publisher": said.publisher.name.in_(lang),
        "holder": said.rights_holder.name.in_(lang),
        "ipa": said.rights_holder.ipa,
        "contact": said.contact.name.in_(lang),
        "email": said.contact.email,
        "datasets": [
            {"id": info.layer.id, "title": info.layer.title.in_(lang)}
            for info in manifest.collections
        ],
    }


@dataclass(frozen=True)
class _Writer:
    """The manifest of a release and where it is served; each method makes statements."""

    manifest: Manifest
    base: str

    def catalogue(self) -> list[Triple]:
        title, publication = self.manifest.title, self.manifest.publication
        day = self.manifest.reference_date
        return node(
            Iri(f"{self.base}/dcat"),
            {
                "rdf:type": _classes("dcatapit:Catalog", "dcat:Catalog"),
                # The profile gives a catalogue one title; the English one stands beside it.
                "dct:title": Literal(title.it, "it"),
                "dct:alternative": Literal(title.en, "en"),
                "dct:description": both(_ABOUT),
                "dct:publisher": self._agent(publication.publisher),
                "dct:modified": Literal(f"{day}T00:00:00Z", type="xsd:dateTime"),
                "dct:language": LANGUAGES,
                "dct:license": licence(_LICENCE),
                "dcat:themeTaxonomy": THEMES,
                "foaf:homepage": Iri(f"{self.base}/"),
                "dcat:dataset": [self._set(i.layer) for i in self.manifest.collections],
                "dcat:service": [self._features, self._directory],
            },
        )

    def dataset(self, info: CollectionInfo) -> list[Triple]:
        here = self._set(info.layer)
        made = list(self._distributions(info.layer))
        every = [subject for subject, name, _value in made if name == "dcat:accessURL"]
        return [
            *node(
                here,
                {
                    "rdf:type": _classes("dcatapit:Dataset", "dcat:Dataset"),
                    **self._described(info.layer),
                    "dct:spatial": _below(here, "territorio") if info.bbox else None,
                    "dct:temporal": _below(here, "periodo") if info.interval[0] else None,
                    "dcat:distribution": every,
                },
            ),
            *_around(info, here),
            *made,
        ]

    def _described(self, layer: Layer) -> Members:
        publication = self.manifest.publication
        return {
            "dct:identifier": Literal(f"{publication.rights_holder.ipa}:{layer.id}"),
            "dct:title": both(layer.title),
            "dct:description": both(layer.description),
            "dct:modified": Literal(self.manifest.reference_date, type="xsd:date"),
            "dct:rightsHolder": self._agent(publication.rights_holder),
            "dct:publisher": self._agent(publication.publisher),
            "dct:accrualPeriodicity": frequency(layer.frequency),
            "dct:language": LANGUAGES,
            "dct:provenance": _below(self._set(layer), "fonte"),
            "dcat:theme": [*themes(layer.group)],
            "dcat:keyword": [Literal(word, "it") for word in layer.keywords],
            "dcat:contactPoint": Iri(f"{self.base}/dcat#contatto"),
            "dcat:landingPage": Iri(f"{self._set(layer).address}?f=html"),
            "owl:versionInfo": Literal(self.manifest.id),
        }

    def _distributions(self, layer: Layer) -> Iterator[Triple]:
        here = self._set(layer)
        items = Iri(f"{here.address}/items?f=json")
        yield from _distribution(
            _below(here, "geojson"), _GEOJSON, items, ("GEOJSON", "application/geo+json"), layer
        )
        yield (_below(here, "geojson"), "dcat:accessService", self._features)
        if layer.id in SOURCES:
            directory = Iri(f"{self.base}/hsds")
            yield from _distribution(
                _below(here, "hsds"), _HSDS, directory, ("JSON", "application/json"), layer
            )
            yield (_below(here, "hsds"), "dcat:accessService", self._directory)
        entries = {entry.path: entry for entry in self.manifest.files}
        for name, path in offered(self.manifest).items():
            stem, _, ending = name.rpartition(".")
            if stem == layer.id and ending in _FILES:
                yield from self._file(_below(here, ending), name, entries[path], layer)

    def _file(self, subject: Iri, name: str, entry: FileEntry, layer: Layer) -> Iterator[Triple]:
        code, title = _FILES[name.rpartition(".")[2]]
        address = Iri(f"{self.base}/download/{name}")
        yield from _distribution(subject, title, address, (code, entry.media_type), layer)
        yield (subject, "dcat:downloadURL", address)

    def services(self) -> list[Triple]:
        layers = [info.layer for info in self.manifest.collections]
        listed = [layer for layer in layers if layer.id in SOURCES]
        return [
            *self._service(self._features, _OGC, ("/", "/api"), layers),
            *node(self._features, {"dct:conformsTo": _OGC_STANDARD}),
            *node(_OGC_STANDARD, {"rdf:type": Name("dct:Standard"), "dct:title": both(_OGC)}),
            *self._service(self._directory, _HSDS, ("/hsds", "/hsds/profile"), listed),
        ]

    def _service(
        self, subject: Iri, title: Text, paths: tuple[str, str], layers: list[Layer]
    ) -> list[Triple]:
        return node(
            subject,
            {
                "rdf:type": Name("dcat:DataService"),
                "dct:title": both(title),
                "dcat:endpointURL": Iri(self.base + paths[0]),
                "dcat:endpointDescription": Iri(self.base + paths[1]),
                "dct:publisher": self._agent(self.manifest.publication.publisher),
                "dct:license": licence(_LICENCE),
                "dcat:contactPoint": Iri(f"{self.base}/dcat#contatto"),
                "dcat:servesDataset": [self._set(layer) for layer in layers],
            },
        )

    def people(self) -> Iterator[Triple]:
        said = self.manifest.publication
        for body in (said.publisher, said.rights_holder):
            yield from node(
                self._agent(body),
                {
                    "rdf:type": _classes("dcatapit:Agent", "foaf:Agent"),
                    "dct:identifier": Literal(body.ipa),
                    # The profile gives an agent one name.
                    "foaf:name": Literal(body.name.it, "it"),
                },
            )
        kinds = ("dcatapit:Organization", "vcard:Organization", "vcard:Kind")
        yield from node(
            Iri(f"{self.base}/dcat#contatto"),
            {
                "rdf:type": _classes(*kinds),
                "vcard:fn": Literal(said.contact.name.it),
                "vcard:hasEmail": Iri(f"mailto:{said.contact.email}"),
            },
        )

    def _set(self, layer: Layer) -> Iri:
        return Iri(f"{self.base}/collections/{layer.id}")

    def _agent(self, body: Body) -> Iri:
        return Iri(f"{self.base}/dcat#ente-{body.ipa}")

    @property
    def _features(self) -> Iri:
        return Iri(f"{self.base}/dcat#ogc-api-features")

    @property
    def _directory(self) -> Iri:
        return Iri(f"{self.base}/dcat#hsds")


def _classes(*names: str) -> list[Name]:
    return [Name(name) for name in names]


def _below(subject: Iri, fragment: str) -> Iri:
    return Iri(f"{subject.address}#{fragment}")


def _distribution(
    subject: Iri, title: Text, address: Iri, kinds: tuple[str, str], layer: Layer
) -> list[Triple]:
    """Return a distribution; `kinds` are its European file type and its media type."""
    return node(
        subject,
        {
            "rdf:type": _classes("dcatapit:Distribution", "dcat:Distribution"),
            "dct:title": both(title),
            "dcat:accessURL": address,
            "dct:format": file_type(kinds[0]),
            "dcat:mediaType": media_type(kinds[1]),
            "dct:license": licence(layer.licence),
        },
    )


def _around(info: CollectionInfo, here: Iri) -> Iterator[Triple]:
    """Yield what a data set refers to: its origin, territory and period."""
    yield from node(
        _below(here, "fonte"),
        {"rdf:type": Name("dct:ProvenanceStatement"), "rdfs:label": both(info.layer.source)},
    )
    if info.bbox:
        box: Members = {"rdf:type": Name("dct:Location"), "dcat:bbox": _box(info.bbox)}
        yield from node(_below(here, "territorio"), box)
    first, last = info.interval
    if first:
        # The Italian profile came first; DCAT has had names of its own since version 2.
        begin = Literal(first, type="xsd:date")
        end = Literal(last, type="xsd:date") if last else None
        yield from node(
            _below(here, "periodo"),
            {
                "rdf:type": Name("dct:PeriodOfTime"),
                "dcatapit:startDate": begin,
                "dcatapit:endDate": end,
                "dcat:startDate": begin,
                "dcat:endDate": end,
            },
        )


def _box(bbox: tuple[float, float, float, float]) -> Literal:
    west, south, east, north = bbox
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    ring = ", ".join(f"{x} {y}" for x, y in corners)
    return Literal(f"POLYGON(({ring}))", type="geo:wktLiteral")
