"""What the OpenAPI document says of the exchange formats."""

from __future__ import annotations

from typing import Final

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

_PARAMETERS: Final[dict[str, tuple[str, Json]]] = {
    "search": ("Words of names and descriptions", {**_TEXT, "minLength": 1, "maxLength": 200}),
    "taxonomy_term_id": ("Has this code", _UUID),
    "taxonomy_id": ("Has a code of this list, or belongs to it", _UUID),
    "organization_id": ("Given by this organisation", _UUID),
    "modified_after": ("Changed on this day (or instant's day) or after it", _TEXT),
    "parent_id": ("Below this code", _UUID),
    "top_only": ("Only codes without a broader one", _FLAG),
    "page": ("Number of the page", {"type": "integer", "minimum": 1, "default": 1}),
    "per_page": (
        f"Objects of a page; more than {MOST_PER_PAGE} are not given at once",
        {"type": "integer", "minimum": 1, "default": PER_PAGE},
    ),
    "format": (
        "Pages of JSON, or all objects one per line",
        {**_TEXT, "enum": ["json", "ndjson"], "default": "json"},
    ),
    "full": ("Give objects with all that belongs to them", _FLAG),
    "minimal": ("Give identifiers and dates only", _FLAG),
    "full_service": ("Give the services of organisations in full", _FLAG),
}


def paths() -> Json:
    """Return the paths of `/hsds` and `/dcat`."""
    return {**_hsds(), **_dcat()}


def _hsds() -> Json:
    common = shared("f", "lang")
    return {
        "/hsds": get(
            "getHsds",
            "Services and offices in HSDS 3.0",
            tag=_TAG,
            content=as_types(OBJECT, JSON.type),
            parameters=common,
        ),
        "/hsds/profile": get(
            "getHsdsProfile",
            "What is exported to HSDS and what is left out",
            tag=_TAG,
            content=as_types(OBJECT, JSON.type),
            parameters=common,
        ),
        "/hsds/datapackage.zip": get(
            "getHsdsTables",
            "Everything of HSDS as CSV tables",
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
            f"HSDS: {kind.name}",
            tag=_TAG,
            content={JSON.type: {"schema": page}, _LINES: {"schema": _TEXT}},
            parameters=[*shared("lang"), *asked],
        ),
        f"/hsds/{kind.name}/{{id}}": get(
            f"hsds.get.{kind.name}",
            f"HSDS: one of {kind.name}, with all that belongs to it",
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
            "Catalogue of all collections in DCAT-AP_IT",
            tag=_TAG,
            content={
                media: {"schema": OBJECT if media == _JSON_LD else _TEXT} for media in media_types
            },
            parameters=shared("lang"),
        )
        for ending, media_types in forms.items()
    }
