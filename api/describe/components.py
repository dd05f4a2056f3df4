"""What the operations of the OpenAPI document share."""

from __future__ import annotations

from typing import Final

from api.describe.operations import OBJECT, Json, in_path, in_query, object_of, schema_named
from api.features.crs import CRS84, SUPPORTED
from api.features.filters import LANGUAGES as FILTER_LANGUAGES
from api.features.filters import TEXT
from api.features.formats.profiles import PROFILE
from api.features.paging import TOKEN
from api.language import LANGUAGES, OPENAPI_31, STYLE
from api.settings import Settings

_PROBLEM: Final = "application/problem+json"


def parameters(settings: Settings) -> Json:
    """Return the parameters that several operations share."""
    systems: Json = {"type": "string", "format": "uri", "enum": list(SUPPORTED), "default": CRS84}
    whole: Json = {"type": "integer", "minimum": 1}
    languages: Json = {"type": "string", "enum": list(FILTER_LANGUAGES), "default": TEXT}
    profiles: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    box: Json = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    page: Json = {**whole, "maximum": settings.items_max, "default": settings.items_default}
    queries = (
        ("f", "Representation", {"type": "string", "enum": ["json", "html"]}),
        ("lang", "Language of texts", {"type": "string", "enum": list(LANGUAGES)}),
        ("limit", "Features per page; larger values are clamped", page),
        ("offset", "Features to skip", {"type": "integer", "minimum": 0, "default": 0}),
        ("bbox", "Features must intersect this box", box),
        ("bbox-crs", "Reference system of `bbox`", systems),
        ("crs", "Reference system of the answer, in its axis order", systems),
        (
            "datetime",
            "A day, an instant or an interval (RFC 3339, `..` is open)",
            {"type": "string"},
        ),
        ("filter", "Condition in CQL2, text or JSON", {"type": "string"}),
        ("filter-lang", "Language of `filter`", languages),
        ("filter-crs", "Reference system of the coordinates in `filter`", systems),
        (PROFILE, "Profile of GeoJSON: `rfc7946` (default), `jsonfg` or `jsonfg-plus`", profiles),
        (TOKEN, "A page, as named by a link of another; instead of `offset`", {"type": "string"}),
    )
    of_schema = in_query(
        "f",
        "Flat schema, JSON Schema of a GeoJSON Feature, or a page",
        {"type": "string", "enum": ["json", "geojson", "html"]},
    )
    forms = {"data": "json", "page": "html", "style": STYLE.f}
    one = {
        f"f-{name}": in_query("f", "Representation", {"type": "string", "enum": [only]})
        for name, only in forms.items()
    }
    versions = {"type": "string", "enum": ["json", OPENAPI_31.f, "html"]}
    return {
        **{name: in_query(name, text, schema) for name, text, schema in queries},
        "f-schema": of_schema,
        "f-api": in_query("f", "OpenAPI 3.0, OpenAPI 3.1, or a page", versions),
        **one,
        "featureId": in_path("featureId", {"type": "string"}),
    }


def responses() -> Json:
    """Return the answers to what is not served."""
    content = {_PROBLEM: {"schema": schema_named("problem")}}
    return {
        "InvalidParameter": {"description": "A parameter is unknown or wrong", "content": content},
        "NotFound": {"description": "There is nothing of that name", "content": content},
        "NotAcceptable": {"description": "No such representation", "content": content},
        "ReleaseGone": {"description": "The release of `token` is gone", "content": content},
        "BodyTooSlow": {"description": "The body did not arrive in time", "content": content},
        "BodyTooLarge": {"description": "The body is too long", "content": content},
        "UnsupportedMedia": {"description": "The body is of another type", "content": content},
        "ServerError": {"description": "A fault of the server", "content": content},
    }


_TEXT: Final[Json] = {"type": "string"}
_LINKS: Final[Json] = {"type": "array", "items": schema_named("link")}


def schemas() -> Json:
    """Return the schemas of documents and features."""
    return {"document": OBJECT, **_documents(), **_features(), "problem": _problem()}


def _documents() -> Json:
    described = {"title": _TEXT, "description": _TEXT, "links": _LINKS}
    return {
        "link": object_of(["href", "rel"], href=_TEXT, rel=_TEXT, type=_TEXT, title=_TEXT),
        "landingPage": object_of(["links"], **described),
        "confClasses": object_of(["conformsTo"], conformsTo=_list_of(_TEXT)),
        "functions": object_of(
            ["functions"], functions=_list_of(schema_named("function")), links=_LINKS
        ),
        "function": object_of(
            ["name", "returns"],
            name=_TEXT,
            description=_TEXT,
            arguments=_list_of(OBJECT),
            returns=_list_of(_TEXT),
        ),
        "collection": object_of(["id", "links"], id=_TEXT, **described),
        "collections": object_of(
            ["links", "collections"],
            links=_LINKS,
            collections=_list_of(schema_named("collection")),
        ),
    }


def _features() -> Json:
    count: Json = {"type": "integer", "minimum": 0}
    return {
        "feature": object_of(
            ["type", "geometry", "properties"],
            type={"type": "string", "enum": ["Feature"]},
            id=_TEXT,
            geometry={"type": "object", "nullable": True},
            properties=OBJECT,
        ),
        "featureCollection": object_of(
            ["type", "features"],
            type={"type": "string", "enum": ["FeatureCollection"]},
            numberMatched=count,
            numberReturned=count,
            links=_LINKS,
            features=_list_of(schema_named("feature")),
        ),
    }


def _problem() -> Json:
    texts = ("title", "detail", "code", "description", "parameter", "hint")
    return object_of(["title", "status"], status={"type": "integer"}, **dict.fromkeys(texts, _TEXT))


def _list_of(items: Json) -> Json:
    return {"type": "array", "items": items}
