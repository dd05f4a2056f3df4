"""Pieces that operations of the OpenAPI document are made of."""

from __future__ import annotations

from typing import Any, Final

type Json = dict[str, Any]

HTML: Final = "text/html"
BYTES: Final[Json] = {"type": "string", "format": "binary"}
OBJECT: Final[Json] = {"type": "object"}
_PAGE: Final[Json] = {"type": "string"}


def get(  # noqa: PLR0913 - the members of an operation object
    operation: str,
    summary: str,
    *,
    tag: str,
    content: Json,
    parameters: list[Json] | None = None,
    not_found: bool = False,
) -> Json:
    """Return the path item of an address that can only be read."""
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": [tag],
            "parameters": parameters or [],
            "responses": {
                "200": {"description": "OK", "content": content},
                "304": {"description": "Not modified"},
                "400": {"$ref": "#/components/responses/InvalidParameter"},
                **({"404": {"$ref": "#/components/responses/NotFound"}} if not_found else {}),
                "406": {"$ref": "#/components/responses/NotAcceptable"},
                "500": {"$ref": "#/components/responses/ServerError"},
            },
        }
    }


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


def in_query(name: str, description: str, schema: Json) -> Json:
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
