"""The directory as objects of HSDS 3.0 (Human Services Data Specification, Open Referral).

Every function makes a new object from one record; members that would be empty are left out.
`*_full` objects nest what belongs to them; the others hold what occurs once.
"""

from __future__ import annotations

from typing import Final

from api.exchange import parts
from api.exchange.directory import OFFICES, ORGANIZATIONS, SERVICES
from api.exchange.view import Thing, View, kept, mailbox, web_address
from geo_core.model.text import Text

_DAYS: Final = Text(it="{} giorni", en="{} days")


def organization(view: View, ident: str) -> Thing:
    """Return an organisation."""
    record = view.directory.organizations[ident]
    return kept(
        id=ident,
        name=record.get("denominazione") or record.key,
        description=parts.of_body(view, record),
        email=mailbox(record.get("email")),
        website=web_address(record.get("sito")),
        tax_id=record.get("cf"),
        legal_status=parts.titles(view, record, ORGANIZATIONS, "forma_giuridica"),
    )


def organization_full(view: View, ident: str, *, full_service: bool = False) -> Thing:
    """Return an organisation with its phone, seat, identifiers, kinds and services."""
    record = view.directory.organizations[ident]
    offered = view.directory.offered_by.get(record.key, [])
    return organization(view, ident) | kept(
        phones=parts.phones(view, record, organization_id=ident),
        locations=parts.seat(view, ident, record),
        organization_identifiers=parts.identifiers(view, ident, record),
        attributes=list(parts.attributes(view, ident, record, ORGANIZATIONS)),
        services=[
            service_full(view, uuid) if full_service else _short(view, uuid) for uuid in offered
        ],
    )


def service(view: View, ident: str) -> Thing:
    """Return a service with the organisation that gives it."""
    record = view.directory.services[ident]
    giver = view.directory.uuid(ORGANIZATIONS, record.get("id_org") or "")
    known = giver in view.directory.organizations
    wait = record.get("attesa_giorni")
    return kept(
        id=ident,
        organization_id=giver if known else None,
        name=view.own(record, "nome") or record.key,
        alternate_name=view.other(record, "nome"),
        description=view.own(record, "descrizione"),
        status=record.get("stato"),
        fees_description=parts.fees(view, record),
        wait_time=None if wait is None else view.said(_DAYS).format(wait),
        minimum_age=record.get("eta_min"),
        maximum_age=record.get("eta_max"),
        alert=parts.invented(view, record),
        last_modified=parts.midnight(record),
        organization=organization(view, giver) if known else None,
    )


def service_full(view: View, ident: str) -> Thing:
    """Return a service with its areas, costs, documents, codes and the places that give it."""
    return _service_alone(view, ident) | kept(
        service_at_locations=[
            _place_alone(view, place) for place in view.directory.given_at.get(ident, [])
        ]
    )


def _service_alone(view: View, ident: str) -> Thing:
    record = view.directory.services[ident]
    return service(view, ident) | kept(
        service_areas=list(parts.service_areas(view, ident, record)),
        cost_options=list(parts.costs(view, ident, record)),
        required_documents=parts.documents(view, ident, record),
        attributes=list(parts.attributes(view, ident, record, SERVICES)),
    )


def service_at_location(view: View, ident: str) -> Thing:
    """Return a service at an office, each with what occurs once."""
    offered, office = view.directory.places[ident]
    return {
        "id": ident,
        "service_id": offered,
        "location_id": office,
        "location": location(view, office),
        "service": service(view, offered),
    }


def service_at_location_full(view: View, ident: str) -> Thing:
    """Return a service at an office, each with all that belongs to it."""
    offered, _office = view.directory.places[ident]
    return {**_place_alone(view, ident), "service": _service_alone(view, offered)}


def _place_alone(view: View, ident: str) -> Thing:
    offered, office = view.directory.places[ident]
    return {
        "id": ident,
        "service_id": offered,
        "location_id": office,
        "location": _location_full(view, office),
    }


def location(view: View, ident: str) -> Thing:
    """Return an office."""
    record = view.directory.offices[ident]
    keeper = view.directory.uuid(ORGANIZATIONS, record.get("id_org") or "")
    longitude, latitude = record.point or (None, None)
    return kept(
        id=ident,
        location_type="physical",
        organization_id=keeper if keeper in view.directory.organizations else None,
        name=view.own(record, "nome"),
        alternate_name=view.other(record, "nome"),
        description=parts.of_office(view, record),
        transportation=record.get("trasporto"),
        latitude=latitude,
        longitude=longitude,
    )


def _location_full(view: View, ident: str) -> Thing:
    record = view.directory.offices[ident]
    return location(view, ident) | kept(
        contacts=parts.contacts(view, ident, record),
        phones=parts.phones(view, record, location_id=ident),
        addresses=parts.addresses(view, ident, record),
        accessibility=parts.accessibility(view, ident, record),
        schedules=list(parts.schedules(view, ident, record)),
        attributes=list(parts.attributes(view, ident, record, OFFICES)),
    )


def _short(view: View, ident: str) -> Thing:
    whole = service(view, ident)
    return {name: whole[name] for name in ("id", "name", "status")}
