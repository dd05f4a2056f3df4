"""The directory of services of one release, joined once: who offers what, and where.

Secret places never get in: whatever is written from a `Directory` cannot name one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final
from uuid import UUID, uuid5

import orjson

from api.features.engine import Collection
from api.served import Served
from geo_core.model.text import Text

ORGANIZATIONS: Final = "organizzazioni"
SERVICES: Final = "servizi"
OFFICES: Final = "sedi"
AREAS: Final = "aree_servizio"
SOURCES: Final = (ORGANIZATIONS, SERVICES, OFFICES, AREAS)
"""Collections the directory is made of."""

_MUNICIPALITIES: Final = "comuni"
_STATES: Final = frozenset({"active", "inactive", "defunct", "temporarily closed"})

TAXONOMIES: Final[Mapping[str, Mapping[str, str]]] = {
    "tipo_servizio": {SERVICES: "tipo_servizio"},
    "prestazione": {SERVICES: "cod_siuss"},
    "area_utenza": {SERVICES: "area_utenza"},
    "target": {SERVICES: "target"},
    "accesso_canale": {SERVICES: "accesso_canale"},
    "evento_vita": {SERVICES: "evento_vita"},
    "materia": {SERVICES: "materia"},
    "tipo_sede": {OFFICES: "tipo_sede"},
    "tipo_organizzazione": {ORGANIZATIONS: "tipo"},
    "forma_giuridica": {ORGANIZATIONS: "forma_giuridica"},
    "sezione_runts": {ORGANIZATIONS: "sezione_runts"},
    "qualita_geocodifica": {
        OFFICES: "qualita_geocodifica",
        ORGANIZATIONS: "qualita_geocodifica",
    },
    "base_area": {AREAS: "base"},
}
"""Code lists that become taxonomies, each with the fields that hold its codes, by collection."""

_SIUSS: Final = (
    "https://w3id.org/italia/social-security/controlled-vocabulary/pensions/"
    "tipo_categoria_prestazione_siuss/"
)
"""Start of the addresses of SIUSS codes (INPS, CC BY 4.0)."""


@dataclass(frozen=True)
class Record:
    """One row of a collection.

    Attributes
    ----------
    key : str
        Id of the feature.
    values : Mapping
        Its properties.
    point : tuple of float | None
        Longitude and latitude, degrees, OGC:CRS84.
    """

    key: str
    values: Mapping[str, Any]
    point: tuple[float, float] | None

    def get(self, name: str) -> Any:
        """Return a property; None where the collection has no such field."""
        return self.values.get(name)


@dataclass(frozen=True)
class Taxonomy:
    """One code list; `name` and `description` are those of the field that uses it."""

    codelist: str
    name: Text
    description: Text


@dataclass(frozen=True)
class Term:
    """One code of a taxonomy; `parent` is the UUID of a broader code of the same list."""

    taxonomy: str
    code: str
    title: Text
    parent: str | None
    address: str | None


@dataclass(frozen=True)
class Directory:
    """Everything the export speaks of; each kind of thing by its UUID, in published order.

    Attributes
    ----------
    base : str
        Address of the collections the directory is made of.
    areas : dict
        Areas of services; those of offices have no room in the standard.
    places : dict
        A service at an office: the UUIDs of both.
    municipalities : dict
        Name by ISTAT code.
    housed : frozenset of str
        Organisations (UUIDs) whose seat may be told: those with a secret place may live there.
    skipped : int
        Services without a state, which the standard demands.
    """

    namespace: UUID
    base: str
    organizations: Mapping[str, Record]
    services: Mapping[str, Record]
    offices: Mapping[str, Record]
    areas: Mapping[str, Record]
    places: Mapping[str, tuple[str, str]]
    taxonomies: Mapping[str, Taxonomy]
    terms: Mapping[str, Term]
    municipalities: Mapping[str, str]
    housed: frozenset[str]
    skipped: int

    @cached_property
    def given_at(self) -> Mapping[str, list[str]]:
        """Places of each service."""
        return _grouped((service, place) for place, (service, _office) in self.places.items())

    @cached_property
    def served_in(self) -> Mapping[str, list[str]]:
        """Areas of each service, by the id of its feature."""
        return _grouped((a.get("id_servizio"), uuid) for uuid, a in self.areas.items())

    @cached_property
    def offered_by(self) -> Mapping[str, list[str]]:
        """Services of each organisation, by the id of its feature."""
        return _grouped((s.get("id_org"), uuid) for uuid, s in self.services.items())

    def uuid(self, *key: str) -> str:
        """Return the UUID (version 5) of a stable key of ours, such as `servizi`, `SER-001`."""
        return uuid_of(self.namespace, *key)

    def terms_of(self, record: Record, collection: str) -> Iterator[tuple[str, str]]:
        """Yield (field, UUID of the term) for every code a record holds."""
        for codelist, fields in TAXONOMIES.items():
            if field := fields.get(collection):
                held = record.get(field) or ()
                for code in (held,) if isinstance(held, str) else held:
                    if (term := self.uuid("termini", codelist, code)) in self.terms:
                        yield field, term


def _grouped(pairs: Iterable[tuple[Any, str]]) -> Mapping[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for group, member in pairs:
        groups[group].append(member)
    # A plain dictionary: asking for what is not there must not change it.
    return dict(groups)


def uuid_of(namespace: UUID, *key: str) -> str:
    """Return the UUIDv5 of a key; its parts are joined with `/`."""
    return str(uuid5(namespace, "/".join(key)))


@lru_cache(maxsize=1)
def directory(served: Served) -> Directory:
    """Return the directory of what is served; joined once, then kept while it is served."""
    space = served.release.manifest.publication.namespace
    day = served.release.manifest.reference_date
    every = {name: _records(served.collections.get(name)) for name in SOURCES}
    held = {name: [r for r in rows if _is_valid(r, day)] for name, rows in every.items()}
    # Whatever does not say that it is public is kept out; a place that was secret stays so.
    public = [r for r in held[OFFICES] if r.get("riservata") is False]
    secret = [r for r in every[OFFICES] if r.get("riservata") is not False]
    keepers = {r.get("id_org") for r in secret}
    within = {service for r in secret for service in _services_at(r)}
    organizations = _by_uuid(space, ORGANIZATIONS, held[ORGANIZATIONS])
    services = _by_uuid(space, SERVICES, [r for r in held[SERVICES] if r.get("stato") in _STATES])
    offices = _by_uuid(space, OFFICES, public)
    open_ = {r.key for r in services.values()} - within
    return Directory(
        namespace=space,
        base=served.base,
        organizations=organizations,
        services=services,
        offices=offices,
        areas=_by_uuid(space, AREAS, [r for r in held[AREAS] if r.get("id_servizio") in open_]),
        places=_places(space, services, offices),
        taxonomies=dict(_taxonomies(served, space)),
        terms=dict(_terms(served, space)),
        municipalities=_names(served.collections.get(_MUNICIPALITIES)),
        housed=frozenset(u for u, r in organizations.items() if r.key not in keepers),
        skipped=len(held[SERVICES]) - len(services),
    )


def _records(collection: Collection | None) -> list[Record]:
    if collection is None:
        return []
    return [_record(orjson.loads(collection.fragments[row])) for row in collection.order.tolist()]


def _is_valid(record: Record, day: str) -> bool:
    """Tell whether a record is valid on a day (ISO); an open end always is."""
    first, last = record.get("valido_dal"), record.get("valido_al")
    return (first is None or first <= day) and (last is None or day <= last)


def _record(feature: dict[str, Any]) -> Record:
    geometry = feature["geometry"]
    point = geometry["coordinates"] if geometry and geometry["type"] == "Point" else None
    return Record(feature["id"], feature["properties"], None if point is None else tuple(point[:2]))


def _by_uuid(space: UUID, collection: str, records: list[Record]) -> dict[str, Record]:
    return {uuid_of(space, collection, record.key): record for record in records}


def _places(
    space: UUID, services: Mapping[str, Record], offices: Mapping[str, Record]
) -> dict[str, tuple[str, str]]:
    places = {}
    for office, record in offices.items():
        for key in _services_at(record):
            service = uuid_of(space, SERVICES, key)
            if service in services:
                place = uuid_of(space, "servizi_sedi", key, record.key)
                places[place] = (service, office)
    return places


def _services_at(office: Record) -> list[str]:
    """Return the ids of the features of the services that an office gives."""
    return [key for key in (office.get("servizi") or "").split(";") if key]


def _taxonomies(served: Served, space: UUID) -> Iterator[tuple[str, Taxonomy]]:
    for codelist, fields in TAXONOMIES.items():
        held = [
            found.layer.field(name)
            for collection, name in fields.items()
            if (found := served.collections.get(collection)) and name in found.layer.field_names
        ]
        if held:
            yield (
                uuid_of(space, "tassonomie", codelist),
                Taxonomy(codelist, held[0].title, held[0].description),
            )


def _terms(served: Served, space: UUID) -> Iterator[tuple[str, Term]]:
    for taxonomy, held in _taxonomies(served, space):
        codes = served.release.manifest.codelists.get(held.codelist, ())
        known = {code.code for code in codes}
        for code in codes:
            broader = code.code.rpartition(".")[0]
            yield (
                uuid_of(space, "termini", held.codelist, code.code),
                Term(
                    taxonomy=taxonomy,
                    code=code.code,
                    title=code.title,
                    parent=uuid_of(space, "termini", held.codelist, broader)
                    if broader in known
                    else None,
                    address=_SIUSS + code.code if held.codelist == "prestazione" else None,
                ),
            )


def _names(collection: Collection | None) -> dict[str, str]:
    """Return the name of every municipality by its code, without decoding its outline."""
    if collection is None:
        return {}
    code, name = collection.columns["cod_istat"], collection.columns["denominazione"]
    pairs = zip(code.values.tolist(), name.values.tolist(), strict=True)
    return {code.vocabulary[c]: name.vocabulary[n] for c, n in pairs if c >= 0 and n >= 0}
