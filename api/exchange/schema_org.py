"""What a page says to search engines, in the words of schema.org (JSON-LD).

It repeats what the page shows and nothing else. Of a reserved office it says the name only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from api.asked import Asked
from api.exchange.directory import OFFICES, ORGANIZATIONS, SERVICES, Record, directory
from api.exchange.hours import weekly
from api.exchange.view import View, kept, mailbox, web_address
from geo_core.model.text import Text

type Thing = dict[str, Any]

_CONTEXT: Final = "https://schema.org"
_INVENTED: Final = Text(
    it="Dati inventati a scopo dimostrativo.", en="Data invented for demonstration."
)
_KINDS_OF_BODY: Final = {
    "comune": "GovernmentOrganization",
    "consorzio": "GovernmentOrganization",
    "asl": "GovernmentOrganization",
    "cpi": "GovernmentOrganization",
    "ets": "NGO",
    "impresa": "Corporation",
}
_KINDS_OF_OPPORTUNITY: Final = {
    "bando": "Grant",
    "contributo": "MonetaryGrant",
    "lavoro": "JobPosting",
    "formazione": "Course",
    "evento": "Event",
    "norma": "Legislation",
    "spazio": "Place",
}
_ENTRANCE: Final = {
    "accessibilita_ascensore": Text(it="Ascensore", en="Lift"),
    "accessibilita_bagno": Text(it="Bagno accessibile", en="Accessible toilet"),
    "accessibilita_parcheggio": Text(it="Parcheggio riservato", en="Reserved parking"),
}


def item(asked: Asked, collection: str, feature: Mapping[str, Any]) -> Thing | None:
    """Return what to say of one feature; None where schema.org has no word for it."""
    if collection not in _MAKERS:
        return None
    properties, geometry = feature["properties"], feature["geometry"]
    point = geometry["coordinates"] if geometry and geometry["type"] == "Point" else None
    record = Record(feature["id"], properties, None if point is None else (point[0], point[1]))
    view = View(directory(asked.served), asked.lang)
    return {
        "@context": _CONTEXT,
        **_MAKERS[collection](asked, view, record),
        "@id": _address(asked, collection, record.key),
        **kept(
            disambiguatingDescription=view.said(_INVENTED) if record.get("dato_sintetico") else None
        ),
    }


def dataset(asked: Asked, ident: str, document: Mapping[str, Any]) -> Thing:
    """Return what to say of a collection, whose OGC document is given."""
    info = asked.served.release.info(ident)
    manifest = asked.served.release.manifest
    files = [one for one in document["links"] if one["rel"] == "enclosure"]
    licences = [one["href"] for one in document["links"] if one["rel"] == "license"]
    return {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "@id": f"{asked.base}/collections/{ident}",
        "name": info.layer.title.in_(asked.lang),
        "description": info.layer.description.in_(asked.lang),
        "url": f"{asked.base}/collections/{ident}",
        "identifier": ident,
        "version": manifest.id,
        "dateModified": manifest.reference_date,
        "isAccessibleForFree": True,
        "includedInDataCatalog": {"@type": "DataCatalog", "url": f"{asked.base}/dcat"},
        "publisher": {
            "@type": "Organization",
            "name": manifest.publication.publisher.name.in_(asked.lang),
        },
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": one["type"], "contentUrl": one["href"]}
            for one in files
        ],
        **kept(
            keywords=list(info.layer.keywords),
            license=licences[0] if licences else None,
            temporalCoverage=_interval(info.interval),
            spatialCoverage=_box(info.bbox),
        ),
    }


def _service(asked: Asked, view: View, record: Record) -> Thing:
    giver = view.directory.organizations.get(
        view.directory.uuid(ORGANIZATIONS, record.get("id_org") or "")
    )
    return {
        "@type": "GovernmentService",
        **kept(
            name=view.own(record, "nome"),
            alternateName=view.other(record, "nome"),
            description=view.own(record, "descrizione"),
            serviceType=_code(asked, "tipo_servizio", record.get("tipo_servizio")),
            audience=[
                {"@type": "Audience", "audienceType": _code(asked, "target", code)}
                for code in record.get("target") or ()
            ],
            provider=None if giver is None else _named(asked, giver),
        ),
    }


def _named(asked: Asked, record: Record) -> Thing:
    return {
        "@type": _KINDS_OF_BODY.get(record.get("tipo"), "Organization"),
        "@id": _address(asked, ORGANIZATIONS, record.key),
        **kept(name=record.get("denominazione")),
    }


def _organization(asked: Asked, view: View, record: Record) -> Thing:
    town = view.directory.municipalities.get(record.get("cod_istat") or "")
    address = {"@type": "PostalAddress", "addressLocality": town, "addressCountry": "IT"}
    # The seat of a body with a secret place may be that place.
    public = view.directory.uuid(ORGANIZATIONS, record.key) in view.directory.housed
    return _named(asked, record) | kept(
        email=mailbox(record.get("email")),
        telephone=record.get("telefono"),
        url=web_address(record.get("sito")),
        taxID=record.get("cf"),
        address=address if town and public else None,
    )


def _office(_asked: Asked, view: View, record: Record) -> Thing:
    name = kept(name=view.own(record, "nome"), alternateName=view.other(record, "nome"))
    if record.get("riservata") is not False:
        return {"@type": "Organization", **name}
    hours = record.get("orari") or ""
    return {
        "@type": "CivicStructure",
        **name,
        **kept(
            geo=_geo(record),
            address=_postal(view, record),
            openingHours=[f"{r.byday.title()} {r.opens_at}-{r.closes_at}" for r in weekly(hours)],
            amenityFeature=[
                {"@type": "LocationFeatureSpecification", "name": view.said(title), "value": has}
                for field, title in _ENTRANCE.items()
                if (has := record.get(field)) is not None
            ],
        ),
    }


def _opportunity(asked: Asked, view: View, record: Record) -> Thing:
    kind = _KINDS_OF_OPPORTUNITY.get(record.get("tipo"), "CreativeWork")
    opens, closes = record.get("apertura"), record.get("scadenza")
    names = {"Event": ("startDate", "endDate"), "JobPosting": ("datePosted", "validThrough")}
    first, last = names.get(kind, ("", ""))
    amount = record.get("importo_eur")
    money = {"@type": "MonetaryAmount", "currency": "EUR", "maxValue": amount}
    return {
        "@type": kind,
        **kept(
            name=view.own(record, "titolo"),
            alternateName=view.other(record, "titolo"),
            title=view.own(record, "titolo") if kind == "JobPosting" else None,
            url=web_address(record.get("link")),
            amount=money if kind == "MonetaryGrant" and amount is not None else None,
            keywords=[_code(asked, "tipo_opportunita", record.get("tipo"))],
            **({first: opens, last: closes} if first else {}),
        ),
    }


_MAKERS: Final[Mapping[str, Callable[[Asked, View, Record], Thing]]] = {
    SERVICES: _service,
    ORGANIZATIONS: _organization,
    OFFICES: _office,
    "opportunita": _opportunity,
}


def _address(asked: Asked, collection: str, key: str) -> str:
    return f"{asked.base}/collections/{collection}/items/{quote(key, safe='~:@')}"


def _code(asked: Asked, codelist: str, code: str | None) -> str | None:
    """Return the title of a code, or the code itself where the list does not know it."""
    codes = asked.served.release.manifest.codelists.get(codelist, ())
    titles = {one.code: one.title.in_(asked.lang) for one in codes}
    return None if code is None else titles.get(code, code)


def _geo(record: Record) -> Thing | None:
    if record.point is None:
        return None
    longitude, latitude = record.point
    return {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}


def _postal(view: View, record: Record) -> Thing:
    town = view.directory.municipalities.get(record.get("cod_istat") or "")
    return {
        "@type": "PostalAddress",
        "addressCountry": "IT",
        **kept(
            streetAddress=record.get("indirizzo"),
            postalCode=record.get("cap"),
            addressLocality=town,
        ),
    }


def _interval(interval: tuple[str | None, str | None]) -> str | None:
    first, last = interval
    return f"{first or '..'}/{last or '..'}" if first or last else None


def _box(bbox: tuple[float, float, float, float] | None) -> Thing | None:
    if bbox is None:
        return None
    west, south, east, north = bbox
    shape = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
    return {"@type": "Place", "geo": shape}
