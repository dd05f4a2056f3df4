"""What the HSDS export holds and what it leaves out: the standard is smaller than the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.asked import Asked
from api.describe.links import Link, link, self_links
from api.exchange.directory import AREAS, OFFICES, ORGANIZATIONS, SERVICES, directory
from api.exchange.lists import KINDS
from api.language import HTML, JSON
from geo_core.model.field import Field
from geo_core.model.text import Lang, Text

VERSION: Final = "3.0"
"""Version of the Human Services Data Specification."""

STANDARD: Final = "https://docs.openreferral.org/"

_SERVICES_AT_OFFICES: Final = "servizi_sedi"
_CODES_OF_SERVICE: Final = frozenset({"tipo_servizio", "cod_siuss", "stato"})
_TERMS_OF_SERVICE: Final = frozenset(
    {"eta_min", "eta_max", "isee_richiesto", "costo_min", "costo_max", "attesa_giorni"}
)
_PLACE: Final = frozenset({"indirizzo", "cap", "telefono", "cod_istat", "qualita_geocodifica"})
_ROOM: Final = frozenset({"orari", "accessibilita_gradini", "posti", "posti_liberi", "data_posti"})

KEPT: Final = {
    ORGANIZATIONS: frozenset({"id", "dato_sintetico", "denominazione", "tipo"})
    | {"forma_giuridica", "cf", "codice_ipa", "rep_runts", "sezione_runts", "sito", "email"}
    | _PLACE,
    SERVICES: frozenset({"id", "dato_sintetico", "aggiornato_il", "id_org", "nome", "nome_en"})
    | {"descrizione", "descrizione_en", "area_utenza", "target", "accesso_canale"}
    | {"evento_vita", "materia"}
    | _CODES_OF_SERVICE
    | _TERMS_OF_SERVICE,
    OFFICES: frozenset({"id", "dato_sintetico", "id_org", "servizi", "nome", "nome_en"})
    | {"tipo_sede", "riservata", "email", "trasporto", "verificata_il"}
    | {"accessibilita_ascensore", "accessibilita_bagno", "accessibilita_parcheggio"}
    | _PLACE
    | _ROOM,
    _SERVICES_AT_OFFICES: frozenset({"id", "dato_sintetico", "id_org", "id_servizio", "id_sede"})
    | {"nome", "nome_en", "nome_sede", "nome_sede_en", "tipo_sede"}
    | _CODES_OF_SERVICE
    | _TERMS_OF_SERVICE
    | _PLACE
    | _ROOM,
    AREAS: frozenset({"id", "dato_sintetico", "nome", "id_servizio", "base", "minuti", "comuni"}),
}
"""Fields that reach the export, by collection; every other field is left out."""

_SAME: Final = Text(it="ripete l'identificativo", en="repeats the identifier")
_NO_ROOM: Final = Text(
    it="lo standard non ha un campo per questo dato", en="the standard has no field for this"
)
_CELL: Final = Text(it="lo standard non conosce le celle H3", en="the standard knows no H3 cells")
_DERIVED: Final = Text(
    it="si ricava dai servizi della sede", en="follows from the services of the office"
)
_NAMED: Final = Text(it="si ricava dal codice che lo precede", en="follows from the code before it")
_IN_CATALOGUE: Final = Text(it="è nel catalogo", en="stands in the catalogue")
_CURRENT: Final = Text(
    it="si esporta solo ciò che è valido alla data di riferimento",
    en="only what is valid on the reference date is exported",
)
_DATED: Final = Text(
    it="lo standard data soltanto i servizi", en="the standard dates services only"
)
_OF_SERVICES: Final = Text(
    it="lo standard conosce le aree dei servizi, non quelle delle sedi",
    en="the standard knows areas of services, not of offices",
)
_ALL: Final = {
    "fonte": _NO_ROOM,
    "licenza": _IN_CATALOGUE,
    "valido_dal": _CURRENT,
    "valido_al": _CURRENT,
}
WHY: Final[Mapping[str, Mapping[str, Text]]] = {
    ORGANIZATIONS: {**_ALL, "id_org": _SAME, "aggiornato_il": _DATED, "nome_comune": _NAMED},
    SERVICES: {
        **_ALL,
        "id_servizio": _SAME,
        "nome_org": _NAMED,
        "cod_nomenclatore": _NO_ROOM,
        "norma_uri": _NO_ROOM,
    },
    OFFICES: {
        **_ALL,
        "id_sede": _SAME,
        "aggiornato_il": _DATED,
        "h3_r9": _CELL,
        "n_servizi": _DERIVED,
        "tipi_servizio": _DERIVED,
        "nome_org": _NAMED,
        "nome_comune": _NAMED,
    },
    _SERVICES_AT_OFFICES: {
        **_ALL,
        "aggiornato_il": _DATED,
        "h3_r9": _CELL,
        "nome_org": _NAMED,
        "nome_comune": _NAMED,
    },
    AREAS: {**_ALL, "id_area": _SAME, "aggiornato_il": _DATED, "id_sede": _OF_SERVICES},
}
"""Why a field is left out, by collection; a field that a district adds has no room."""

_NOTES: Final = (
    Text(
        it="Le sedi riservate non compaiono: il servizio c'è, il luogo no. Di un'organizzazione "
        "che ha una sede riservata non si pubblica nemmeno la sede legale.",
        en="Reserved offices do not appear: the service is there, the place is not. Of an "
        "organisation with a reserved office not even the seat is published.",
    ),
    Text(
        it="Un luogo è sempre un punto: confini, esagoni, bisogni, domanda e rischio sono nelle "
        "raccolte OGC e non in questo formato. Dell'area di un servizio c'è l'indirizzo (campo "
        "uri) a cui si trova il poligono.",
        en="A place is always a point: boundaries, hexagons, needs, demand and risk are in the OGC "
        "collections and not in this format. The area of a service has the address (field uri) "
        "of its outline.",
    ),
    Text(
        it="I posti, che lo standard ha soltanto dalla versione 3.1, e la data della verifica sono "
        "scritti nella descrizione della sede; così anche l'avviso che un dato è inventato.",
        en="Places, which the standard has from version 3.1 only, and the day of the last check "
        "stand in the description of an office; so does the warning that a record is invented.",
    ),
    Text(
        it="Un indirizzo compare solo se si conoscono via, CAP e comune, che lo standard pretende; "
        "la provincia è scritta con il suo codice ISTAT.",
        en="An address appears only if street, postal code and municipality are known, as the "
        "standard demands; the province is written as its ISTAT code.",
    ),
    Text(
        it="Un servizio senza stato non compare, perché lo standard lo pretende.",
        en="A service without a status does not appear, because the standard demands one.",
    ),
    Text(
        it="Non si può tornare da questo formato ai dati di partenza senza perdite.",
        en="The source data cannot be had back from this format without losses.",
    ),
)

_LISTS: Final = {
    "services": Text(it="Servizi", en="Services"),
    "service_at_locations": Text(it="Servizi presso le sedi", en="Services at offices"),
    "organizations": Text(it="Organizzazioni", en="Organisations"),
    "taxonomies": Text(it="Elenchi di codici", en="Code lists"),
    "taxonomy_terms": Text(it="Codici", en="Codes"),
}
_TABLES: Final = Text(it="Tutto in tabelle (ZIP)", en="Everything as tables (ZIP)")
_TITLE: Final = Text(
    it="Servizi e sedi nel formato HSDS", en="Services and offices in the HSDS format"
)
_ABOUT: Final = Text(
    it="La stessa rete di servizi nel formato di Open Referral (Human Services Data Specification "
    "3.0), che usano gli elenchi di servizi di altri paesi.",
    en="The same network of services in the format of Open Referral (Human Services Data "
    "Specification 3.0), which service directories of other countries use.",
)


def metadata(asked: Asked) -> dict[str, Any]:
    """Return what HSDS asks of the root of an API."""
    return {
        "version": VERSION,
        "profile": f"{asked.base}/hsds/profile",
        "openapi_url": f"{asked.base}/api?f=json",
    }


def profile(asked: Asked) -> dict[str, Any]:
    """Return what is in the export, what is not, and how its identifiers are made."""
    lang, found = asked.lang, directory(asked.served)
    counts = {name: len(kind.things(found)) for name, kind in KINDS.items()}
    return {
        "title": _TITLE.in_(lang),
        "description": _ABOUT.in_(lang),
        "version": VERSION,
        "standard": STANDARD,
        "namespace": str(found.namespace),
        "counts": counts,
        "services_without_status": found.skipped,
        "dropped": [
            _dropped(collection, field, lang)
            for collection, kept in KEPT.items()
            if collection in asked.served.collections
            for field in asked.served.collections[collection].layer.fields
            if field.name not in kept
        ],
        "notes": [note.in_(lang) for note in _NOTES],
        "links": [*self_links(asked, (JSON, HTML)), *_links(asked)],
    }


def _dropped(collection: str, field: Field, lang: Lang) -> dict[str, str]:
    return {
        "collection": collection,
        "field": field.name,
        "title": field.title.in_(lang),
        "reason": WHY[collection].get(field.name, _NO_ROOM).in_(lang),
    }


def _links(asked: Asked) -> list[Link]:
    lists = [
        link("items", f"{asked.base}/hsds/{name}", JSON.type, title.in_(asked.lang))
        for name, title in _LISTS.items()
    ]
    packed = f"{asked.base}/hsds/datapackage.zip"
    return [*lists, link("enclosure", packed, "application/zip", _TABLES.in_(asked.lang))]
