"""What the OpenAPI document says of the exchange formats."""

from __future__ import annotations

from typing import Final

from api.describe.links import Said
from api.describe.operations import (
    BYTES,
    HTML,
    OBJECT,
    Json,
    as_types,
    get,
    in_path,
    in_query,
    object_of,
    shared,
)
from api.exchange.lists import KINDS, MOST_PER_PAGE, PER_PAGE, Kind
from api.language import JSON

_TAG: Final = "exchange"
_TURTLE: Final = "text/turtle"
_JSON_LD: Final = "application/ld+json"
_LINES: Final = "application/x-ndjson"

_TEXT: Final[Json] = {"type": "string"}
_FLAG: Final[Json] = {"type": "boolean", "default": False}
_UUID: Final[Json] = {"type": "string", "format": "uuid"}
_YES_OR_NO: Final[Json] = {"type": "boolean"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}

_PARAMETERS: Final[dict[str, tuple[Said, Json]]] = {
    "search": (
        Said("Parole di nomi e descrizioni", "Words of names and descriptions"),
        {**_TEXT, "minLength": 1, "maxLength": 200},
    ),
    "taxonomy_term_id": (Said("Ha questo codice", "Has this code"), _UUID),
    "taxonomy_id": (
        Said(
            "Ha un codice di questo elenco, o ne fa parte",
            "Has a code of this list, or belongs to it",
        ),
        _UUID,
    ),
    "organization_id": (
        Said("Offerto da questa organizzazione", "Given by this organisation"),
        _UUID,
    ),
    "modified_after": (
        Said(
            "Cambiato in questo giorno (o nel giorno di questo istante) o dopo",
            "Changed on this day (or instant's day) or after it",
        ),
        _TEXT,
    ),
    "parent_id": (Said("Sotto questo codice", "Below this code"), _UUID),
    "top_only": (
        Said("Solo codici che non stanno sotto altri", "Only codes without a broader one"),
        _FLAG,
    ),
    "page": (
        Said("Numero della pagina", "Number of the page"),
        {"type": "integer", "minimum": 1, "default": 1},
    ),
    "per_page": (
        Said(
            f"Voci per pagina; più di {MOST_PER_PAGE} non si danno in una volta",
            f"Objects of a page; more than {MOST_PER_PAGE} are not given at once",
        ),
        {"type": "integer", "minimum": 1, "default": PER_PAGE},
    ),
    "format": (
        Said(
            "Pagine di JSON, o tutte le voci una per riga",
            "Pages of JSON, or all objects one per line",
        ),
        {**_TEXT, "enum": ["json", "ndjson"], "default": "json"},
    ),
    "full": (
        Said("Voci con tutto ciò che ne fa parte", "Give objects with all that belongs to them"),
        _FLAG,
    ),
    "minimal": (
        Said("Solo identificativi e date", "Give identifiers and dates only"),
        _FLAG,
    ),
    "full_service": (
        Said("I servizi delle organizzazioni per intero", "Give services in full"),
        _FLAG,
    ),
}


def paths() -> Json:
    """Return the paths of `/hsds` and `/dcat`."""
    return {**_hsds(), **_dcat()}


def _hsds() -> Json:
    common = shared("f", "lang")
    return {
        "/hsds": get(
            "getHsds",
            Said("Servizi e sedi in HSDS 3.0", "Services and offices in HSDS 3.0"),
            tag=_TAG,
            content=as_types(OBJECT, JSON.type),
            parameters=common,
        ),
        "/hsds/profile": get(
            "getHsdsProfile",
            Said(
                "Che cosa si esporta in HSDS e che cosa no",
                "What is exported to HSDS and what is left out",
            ),
            tag=_TAG,
            content=as_types(OBJECT, JSON.type),
            parameters=common,
        ),
        "/hsds/datapackage.zip": get(
            "getHsdsTables",
            Said("Tutto HSDS come tabelle CSV", "Everything of HSDS as CSV tables"),
            tag=_TAG,
            content={"application/zip": {"schema": BYTES}},
            parameters=shared("lang"),
        ),
        **{path: item for kind in KINDS.values() for path, item in _kind(kind).items()},
    }


def _kind(kind: Kind) -> Json:
    page = object_of(
        ["contents"],
        **dict.fromkeys(("total_items", "total_pages", "page_number", "size"), _COUNT),
        **dict.fromkeys(("first_page", "last_page", "empty"), _YES_OR_NO),
        contents={"type": "array", "items": OBJECT},
    )
    asked = [in_query(name, *_PARAMETERS[name]) for name in kind.parameters]
    one = [in_query("full_service", *_PARAMETERS["full_service"])]
    return {
        f"/hsds/{kind.name}": get(
            f"hsds.list.{kind.name}",
            Said(f"HSDS: elenco {kind.name}", f"HSDS: list of {kind.name}"),
            tag=_TAG,
            content={JSON.type: {"schema": page}, _LINES: {"schema": _TEXT}},
            parameters=[*shared("lang"), *asked],
        ),
        f"/hsds/{kind.name}/{{id}}": get(
            f"hsds.get.{kind.name}",
            Said(
                f"HSDS: una voce di {kind.name}, con tutto ciò che ne fa parte",
                f"HSDS: one of {kind.name}, with all that belongs to it",
            ),
            tag=_TAG,
            content={JSON.type: {"schema": OBJECT}},
            parameters=[
                *shared("lang"),
                in_path("id", _UUID),
                *(one if kind.name == "organizations" else ()),
            ],
            not_found=True,
        ),
    }


def _dcat() -> Json:
    forms = {"": (_TURTLE, _JSON_LD, HTML), ".ttl": (_TURTLE,), ".jsonld": (_JSON_LD,)}
    return {
        f"/dcat{ending}": get(
            f"getCatalogue{ending.replace('.', '_')}",
            Said(
                "Il catalogo di tutte le raccolte in DCAT-AP_IT",
                "Catalogue of all collections in DCAT-AP_IT",
            ),
            tag=_TAG,
            content={
                media: {"schema": OBJECT if media == _JSON_LD else _TEXT} for media in media_types
            },
            parameters=shared("lang"),
        )
        for ending, media_types in forms.items()
    }
