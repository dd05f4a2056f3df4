"""What belongs to an organisation, a service or an office, as small objects of HSDS 3.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from api.exchange.directory import AREAS, OFFICES, ORGANIZATIONS, SERVICES, Record
from api.exchange.hours import weekly
from api.exchange.view import Thing, View, kept, mailbox
from geo_core.model.text import Text

_INCOME: Final = Text(it="Dichiarazione ISEE", en="ISEE income statement")
_MONTHLY: Final = {
    "costo_min": Text(it="Costo minimo al mese", en="Minimum cost per month"),
    "costo_max": Text(it="Costo massimo al mese", en="Maximum cost per month"),
}
_ENTRANCE: Final = {
    "accessibilita_gradini": Text(it="Gradini all'ingresso", en="Steps at the entrance"),
    "accessibilita_ascensore": Text(it="Ascensore", en="Lift"),
    "accessibilita_bagno": Text(it="Bagno accessibile", en="Accessible toilet"),
    "accessibilita_parcheggio": Text(it="Parcheggio riservato", en="Reserved parking"),
}
_YES: Final = Text(it="sì", en="yes")
_NO: Final = Text(it="no", en="no")
_IN: Final = Text(it="Comune di {}", en="Municipality of {}")
_INVENTED: Final = Text(
    it="Dati inventati a scopo dimostrativo", en="Data invented for demonstration"
)
_PLACES: Final = Text(it="Posti: {}", en="Places: {}")
_FREE: Final = Text(it="Posti liberi: {}", en="Free places: {}")
_CHECKED: Final = Text(it="Dati verificati il {}", en="Data checked on {}")
_MINUTES: Final = Text(it="{} minuti", en="{} minutes")
_ENTITIES: Final = {
    SERVICES: "service",
    OFFICES: "location",
    ORGANIZATIONS: "organization",
    AREAS: "service_area",
}
_IDENTIFIERS: Final = {
    "cf": "Codice fiscale",
    "codice_ipa": "Codice IPA",
    "rep_runts": "Repertorio RUNTS",
}


def taxonomy(view: View, ident: str) -> Thing:
    """Return a code list."""
    held = view.directory.taxonomies[ident]
    return {
        "id": ident,
        "name": view.said(held.name),
        "description": view.said(held.description),
    }


def term(view: View, ident: str) -> Thing:
    """Return a code with the list it belongs to."""
    held = view.directory.terms[ident]
    within = taxonomy(view, held.taxonomy)
    return kept(
        id=ident,
        code=held.code,
        name=view.said(held.title),
        description=f"{within['name']}: {view.said(held.title)}",
        parent_id=held.parent,
        taxonomy=within["name"],
        taxonomy_detail=within,
        language=view.lang,
        taxonomy_id=held.taxonomy,
        term_uri=held.address,
    )


def attributes(view: View, ident: str, record: Record, collection: str) -> Iterator[Thing]:
    """Yield the codes a record holds, one by one."""
    for field, code in view.directory.terms_of(record, collection):
        yield {
            "id": view.directory.uuid("attributi", ident, field, code),
            "link_id": ident,
            "taxonomy_term_id": code,
            "link_type": field,
            "link_entity": _ENTITIES[collection],
            "taxonomy_term": term(view, code),
        }


def titles(view: View, record: Record, collection: str, field: str) -> str | None:
    """Return the titles of the codes that a field of a record holds."""
    terms = [t for name, t in view.directory.terms_of(record, collection) if name == field]
    return ", ".join(view.said(view.directory.terms[t].title) for t in terms) or None


def invented(view: View, record: Record) -> str | None:
    """Return the warning that a record was made up; None if it was not."""
    return view.said(_INVENTED) if record.get("dato_sintetico") else None


def of_body(view: View, record: Record) -> str:
    """Return the description the standard demands: the kind of body and its municipality."""
    kind = titles(view, record, ORGANIZATIONS, "tipo")
    return _sentences(kind, municipality(view, record), invented(view, record)) or record.key


def of_office(view: View, record: Record) -> str | None:
    """Return in words what the standard has no member for: where, how many places, how old."""
    places, free, day = (record.get(name) for name in ("posti", "posti_liberi", "data_posti"))
    return _sentences(
        municipality(view, record),
        _filled(view, _PLACES, places),
        _filled(view, _FREE, free if free is None or day is None else f"{free} ({day})"),
        _filled(view, _CHECKED, record.get("verificata_il")),
        invented(view, record),
    )


def _filled(view: View, text: Text, value: object) -> str | None:
    return None if value is None else view.said(text).format(value)


def _sentences(*said: str | None) -> str | None:
    return ". ".join(filter(None, said)) or None


def municipality(view: View, record: Record) -> str | None:
    """Return where a record is, as far as its municipality; None if that is unknown."""
    name = view.directory.municipalities.get(record.get("cod_istat") or "")
    return None if name is None else view.said(_IN).format(name)


def seat(view: View, ident: str, record: Record) -> list[Thing]:
    """Return the seat of an organisation, unless it may give a secret place away."""
    if record.point is None or ident not in view.directory.housed:
        return []
    longitude, latitude = record.point
    uuid = view.directory.uuid("sedi_legali", record.key)
    seat = kept(
        id=uuid,
        organization_id=ident,
        location_type="physical",
        name=record.get("denominazione"),
        description=municipality(view, record),
        latitude=latitude,
        longitude=longitude,
        addresses=addresses(view, uuid, record, "indirizzi_legali"),
    )
    return [seat]


def phones(view: View, record: Record, **owner: str) -> list[Thing]:
    """Return the telephone of an organisation or an office; `owner` names whose it is."""
    phone = record.get("telefono")
    if not phone:
        return []
    uuid = view.directory.uuid("telefoni", *owner.values())
    return [{"id": uuid, **owner, "number": phone, "type": "voice"}]


def contacts(view: View, ident: str, record: Record) -> list[Thing]:
    """Return the mailbox of an office; the name of a person is never known."""
    email = mailbox(record.get("email"))
    if email is None:
        return []
    uuid = view.directory.uuid("contatti", record.key)
    return [{"id": uuid, "location_id": ident, "email": email}]


def service_areas(view: View, ident: str, record: Record) -> Iterator[Thing]:
    """Yield the areas of a service; `uri` is where their outline is."""
    for uuid in view.directory.served_in.get(record.key, []):
        area = view.directory.areas[uuid]
        codes = filter(None, (area.get("comuni") or "").split(";"))
        towns = ", ".join(view.directory.municipalities.get(code, code) for code in codes)
        yield kept(
            id=uuid,
            service_id=ident,
            name=area.get("nome"),
            description=_sentences(
                titles(view, area, AREAS, "base"),
                _filled(view, _MINUTES, area.get("minuti")),
                towns,
                invented(view, area),
            ),
            uri=f"{view.directory.base}/collections/{AREAS}/items/{quote(area.key, safe='~:@')}",
            attributes=list(attributes(view, uuid, area, AREAS)),
        )


def identifiers(view: View, ident: str, record: Record) -> list[Thing]:
    """Return the codes of an organisation in public registers."""
    return [
        {
            "id": view.directory.uuid("identificativi", record.key, field),
            "organization_id": ident,
            "identifier_type": title,
            "identifier": record.get(field),
        }
        for field, title in _IDENTIFIERS.items()
        if record.get(field)
    ]


def fees(view: View, record: Record) -> str | None:
    """Return what a service costs, in words."""
    parts = [
        f"{view.said(title)}: {record.get(field):g} EUR"
        for field, title in _MONTHLY.items()
        if record.get(field) is not None
    ]
    return "; ".join(parts) or None


def costs(view: View, ident: str, record: Record) -> Iterator[Thing]:
    """Yield the least and the highest cost of a service."""
    for field, title in _MONTHLY.items():
        if (amount := record.get(field)) is not None:
            yield {
                "id": view.directory.uuid("costi", record.key, field),
                "service_id": ident,
                "option": view.said(title),
                "currency": "EUR",
                "amount": amount,
            }


def documents(view: View, ident: str, record: Record) -> list[Thing]:
    """Return the documents a service asks for."""
    if not record.get("isee_richiesto"):
        return []
    uuid = view.directory.uuid("documenti", record.key, "isee")
    return [{"id": uuid, "service_id": ident, "document": view.said(_INCOME)}]


def addresses(view: View, ident: str, record: Record, key: str = "indirizzi") -> list[Thing]:
    """Return the address, only where all the parts that the standard demands are known.

    `key` keeps the identifiers of the addresses of offices and of bodies apart.
    """
    street, code = record.get("indirizzo"), record.get("cap")
    town = view.directory.municipalities.get(record.get("cod_istat") or "")
    if not (street and code and town):
        return []
    return [
        {
            "id": view.directory.uuid(key, record.key),
            "location_id": ident,
            "address_1": street,
            "city": town,
            "state_province": record.get("cod_istat")[:3],
            "postal_code": code,
            "country": "IT",
            "address_type": "physical",
        }
    ]


def accessibility(view: View, ident: str, record: Record) -> list[Thing]:
    """Return what is known of the entrance of an office."""
    said = [
        f"{view.said(title)}: {view.said(_YES if record.get(field) else _NO)}"
        for field, title in _ENTRANCE.items()
        if record.get(field) is not None
    ]
    if not said:
        return []
    uuid = view.directory.uuid("accessibilita", record.key)
    return [{"id": uuid, "location_id": ident, "description": "; ".join(said)}]


def schedules(view: View, ident: str, record: Record) -> Iterator[Thing]:
    """Yield the opening hours of an office: as rules where they are plain, always as text."""
    hours = record.get("orari")
    if not hours:
        return
    common = {"location_id": ident, "description": hours}
    rules = weekly(hours)
    if not rules:
        yield {"id": view.directory.uuid("orari", record.key, hours), **common}
    for rule in rules:
        uuid = view.directory.uuid("orari", record.key, *rule)
        yield {"id": uuid, **common, "freq": "WEEKLY", **rule._asdict()}


def midnight(record: Record) -> str | None:
    """Return the day a record dates from, as an instant."""
    day = record.get("aggiornato_il")
    return None if day is None else f"{day}T00:00:00Z"
