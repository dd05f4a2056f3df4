"""What the operations of the OpenAPI document share."""

from __future__ import annotations

from typing import Final

from api.describe.links import Said
from api.describe.operations import OBJECT, Json, in_path, in_query, object_of, schema_named
from api.features.crs import CRS84, SUPPORTED
from api.features.filters import LANGUAGES as FILTER_LANGUAGES
from api.features.filters import TEXT
from api.features.formats.profiles import PROFILE
from api.features.paging import TOKEN
from api.language import LANGUAGES, OPENAPI_31
from api.settings import Settings

_PROBLEM: Final = "application/problem+json"

_FORM: Final = Said("Formato", "Representation")
_SCHEMA_FORM: Final = Said(
    "Schema piatto, schema JSON di un oggetto GeoJSON, o una pagina",
    "Flat schema, JSON Schema of a GeoJSON Feature, or a page",
)
_API_FORM: Final = Said(
    "OpenAPI 3.0, OpenAPI 3.1, o una pagina", "OpenAPI 3.0, OpenAPI 3.1, or a page"
)
_LIMIT: Final = Said(
    "Oggetti per pagina; un numero più grande vale come il massimo",
    "Features per page; larger values are clamped",
)
_OFFSET: Final = Said("Oggetti da saltare", "Features to skip")
_BOX: Final = Said("Solo oggetti che toccano questo riquadro", "Features must intersect this box")
_BOX_CRS: Final = Said("Sistema di riferimento di `bbox`", "Reference system of `bbox`")
_CRS: Final = Said(
    "Sistema di riferimento della risposta, con il suo ordine degli assi",
    "Reference system of the answer, in its axis order",
)
_WHEN: Final = Said(
    "Un giorno, un istante o un intervallo (RFC 3339; `..` lascia aperto)",
    "A day, an instant or an interval (RFC 3339, `..` is open)",
)
_FILTER: Final = Said("Condizione in CQL2, come testo o JSON", "Condition in CQL2, text or JSON")
_FILTER_LANGUAGE: Final = Said("Linguaggio di `filter`", "Language of `filter`")
_FILTER_CRS: Final = Said(
    "Sistema di riferimento delle coordinate in `filter`",
    "Reference system of the coordinates in `filter`",
)
_PROFILE: Final = Said(
    "Profilo di GeoJSON: `rfc7946` (se non si dice altro), `jsonfg` o `jsonfg-plus`",
    "Profile of GeoJSON: `rfc7946` (default), `jsonfg` or `jsonfg-plus`",
)
_TOKEN: Final = Said(
    "Una pagina, come la nomina il collegamento di un'altra; al posto di `offset`",
    "A page, as named by a link of another; instead of `offset`",
)


def parameters(settings: Settings) -> Json:
    """Return the parameters that several operations share."""
    systems: Json = {"type": "string", "format": "uri", "enum": list(SUPPORTED), "default": CRS84}
    whole: Json = {"type": "integer", "minimum": 1}
    languages: Json = {"type": "string", "enum": list(FILTER_LANGUAGES), "default": TEXT}
    profiles: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    box: Json = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    page: Json = {**whole, "maximum": settings.items_max, "default": settings.items_default}
    queries = (
        ("f", _FORM, {"type": "string", "enum": ["json", "html"]}),
        (
            "lang",
            Said("Lingua dei testi", "Language of texts"),
            {"type": "string", "enum": list(LANGUAGES)},
        ),
        ("limit", _LIMIT, page),
        ("offset", _OFFSET, {"type": "integer", "minimum": 0, "default": 0}),
        ("bbox", _BOX, box),
        ("bbox-crs", _BOX_CRS, systems),
        ("crs", _CRS, systems),
        ("datetime", _WHEN, {"type": "string"}),
        ("filter", _FILTER, {"type": "string"}),
        ("filter-lang", _FILTER_LANGUAGE, languages),
        ("filter-crs", _FILTER_CRS, systems),
        (PROFILE, _PROFILE, profiles),
        (TOKEN, _TOKEN, {"type": "string"}),
    )
    schema_forms = {"type": "string", "enum": ["json", "geojson", "html"]}
    forms = {"data": "json", "page": "html"}
    one = {
        f"f-{name}": in_query("f", _FORM, {"type": "string", "enum": [only]})
        for name, only in forms.items()
    }
    versions = {"type": "string", "enum": ["json", OPENAPI_31.f, "html"]}
    return {
        **{name: in_query(name, text, schema) for name, text, schema in queries},
        "f-schema": in_query("f", _SCHEMA_FORM, schema_forms),
        "f-api": in_query("f", _API_FORM, versions),
        **one,
        "featureId": in_path("featureId", {"type": "string"}),
    }


_REFUSALS: Final = {
    "InvalidParameter": Said(
        "Un parametro non c'è o non va bene", "A parameter is unknown or wrong"
    ),
    "NotFound": Said("Non c'è nulla di questo nome", "There is nothing of that name"),
    "NotAcceptable": Said("Non c'è in questo formato", "No such representation"),
    "ReleaseGone": Said("La versione di `token` non c'è più", "The release of `token` is gone"),
    "BodyTooSlow": Said("Il corpo non è arrivato in tempo", "The body did not arrive in time"),
    "BodyTooLarge": Said("Il corpo è troppo lungo", "The body is too long"),
    "UnsupportedMedia": Said("Il corpo è di un altro tipo", "The body is of another type"),
    "Busy": Said("Troppe richieste insieme", "Too many requests at once"),
    "ServerError": Said("Un guasto del servizio", "A fault of the server"),
}


def responses() -> Json:
    """Return the answers to what is not served."""
    content = {_PROBLEM: {"schema": schema_named("problem")}}
    return {name: {"description": said, "content": content} for name, said in _REFUSALS.items()}


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
