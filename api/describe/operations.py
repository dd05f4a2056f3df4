"""Pieces that operations of the OpenAPI document are made of.

Texts stay pairs of both languages until the document is whole; `in_language` takes one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from api.describe.links import Said
from geo_core.model.text import Lang, Text

type Json = dict[str, Any]

HTML: Final = "text/html"
BYTES: Final[Json] = {"type": "string", "format": "binary"}
OBJECT: Final[Json] = {"type": "object"}
_PAGE: Final[Json] = {"type": "string"}
_OK: Final = Said("La risposta", "The answer")
_UNCHANGED: Final = Said("Non è cambiato nulla", "Not modified")


class Tag(NamedTuple):
    """What operations are grouped by: a name and what it stands for."""

    name: Said
    about: Said


TAGS: Final = {
    "service": Tag(
        Said("Il servizio", "The service"), Said("Che cosa c'è, e come", "What there is, and how")
    ),
    "features": Tag(
        Said("Gli oggetti", "Features"),
        Said(
            "Gli oggetti delle raccolte (OGC API - Features)",
            "Features of collections (OGC API - Features)",
        ),
    ),
    "tiles": Tag(
        Said("Tessere e stili", "Tiles and styles"),
        Said("Tessere vettoriali, raster e stili", "Vector tiles, rasters and styles"),
    ),
    "zones": Tag(
        Said("Zone", "Zones"),
        Said(
            "Le stesse cifre per zona della griglia H3 (OGC API - DGGS)",
            "The same figures by zone of the grid H3 (OGC API - DGGS)",
        ),
    ),
    "processes": Tag(
        Said("Processi", "Processes"),
        Said(
            "Un indice ricalcolato con altre scelte (OGC API - Processes)",
            "An index by other choices (OGC API - Processes)",
        ),
    ),
    "files": Tag(
        Said("File", "Files"),
        Said("Raccolte intere, da scaricare", "Whole collections, to download"),
    ),
    "exchange": Tag(
        Said("Scambio", "Exchange"),
        Said("Cataloghi e scambio di dati", "Catalogues and exchange of data"),
    ),
}


def in_both(say: Callable[[Lang], str]) -> Said:
    """Return a text that is put together, in both languages."""
    return Said(say("it"), say("en"))


def in_language(value: Any, lang: Lang) -> Any:
    """Return a document with every text in one language."""
    if isinstance(value, Said | Text):
        return value.in_(lang)
    if isinstance(value, dict):
        return {name: in_language(one, lang) for name, one in value.items()}
    return [in_language(one, lang) for one in value] if isinstance(value, list) else value


def get(  # noqa: PLR0913 - the members of an operation object
    operation: str,
    summary: Said | Text,
    *,
    tag: str,
    content: Json,
    parameters: list[Json] | None = None,
    not_found: bool = False,
    paged: bool = False,
    about: Said | Text | None = None,
) -> Json:
    """Return the path item of an address that can only be read; `about` says more of it."""
    answers = {"304": {"description": _UNCHANGED}}
    if paged:
        answers["410"] = _response("ReleaseGone")
    if not_found:
        answers["404"] = _response("NotFound")
    described = _operation(operation, summary, tag, content, parameters or [], answers)
    return {"get": {**described, "description": about or summary}}


def post(  # noqa: PLR0913 - the members of an operation object
    operation: str,
    summary: Said | Text,
    *,
    tag: str,
    content: Json,
    parameters: list[Json],
    body: Json,
    about: Said | Text,
) -> Json:
    """Return the path item of an address to which a query is posted; `about` says more of it."""
    answers = {
        "408": _response("BodyTooSlow"),
        "410": _response("ReleaseGone"),
        "413": _response("BodyTooLarge"),
        "415": _response("UnsupportedMedia"),
    }
    described = _operation(operation, summary, tag, content, parameters, answers)
    asked = {"required": True, "content": body}
    return {"post": {**described, "description": about, "requestBody": asked}}


def _operation(  # noqa: PLR0913, PLR0917 - as above
    operation: str,
    summary: Said | Text,
    tag: str,
    content: Json,
    parameters: list[Json],
    answers: Json,
) -> Json:
    responses = {
        "200": {"description": _OK, "content": content},
        **answers,
        "400": _response("InvalidParameter"),
        "406": _response("NotAcceptable"),
        "500": _response("ServerError"),
    }
    return {
        "operationId": operation,
        "summary": summary,
        "tags": [TAGS[tag].name],
        "parameters": parameters,
        "responses": dict(sorted(responses.items())),
    }


def _response(name: str) -> Json:
    return {"$ref": f"#/components/responses/{name}"}


def shared(*names: str) -> list[Json]:
    """Return references to parameters of the components."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def as_types(schema: Json, *media_types: str) -> Json:
    """Return the content of an answer: a schema in some media types, and a page."""
    return {media: {"schema": schema} for media in media_types} | {HTML: {"schema": _PAGE}}


def schema_named(name: str) -> Json:
    """Return a reference to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def in_path(name: str, schema: Json) -> Json:
    """Return a parameter of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_query(name: str, description: Said | Text, schema: Json) -> Json:
    """Return an optional parameter of the query."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def object_of(required: list[str], **properties: Json) -> Json:
    """Return the schema of an object with these properties."""
    return {"type": "object", "required": required, "properties": properties}
