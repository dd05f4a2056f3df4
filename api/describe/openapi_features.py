"""The paths of a collection in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.describe.operations import (
    BYTES,
    OBJECT,
    Json,
    as_types,
    get,
    in_query,
    post,
    schema_named,
    shared,
)
from api.describe.schemas import property_of
from api.features.filters import FILTER
from api.features.formats.media import ITEM, NAMES, offered
from api.features.formats.profiles import PROFILE
from api.features.paging import TOKEN
from api.features.posted import FORM, JSON
from api.features.query import sortables
from api.features.sought import MAX_LENGTH, MAX_TERMS, Q, searched
from api.language import GEOJSON, SCHEMA, Media
from api.language import JSON as JSON_MEDIA
from geo_core.model.layer import Field, Layer
from geo_core.model.text import Lang


def of_features(layer: Layer, lang: Lang) -> Json:
    """Return the paths of a collection: each concrete, with the parameters it understands."""
    return {**_described(layer, lang), **_asked(layer, lang)}


def _described(layer: Layer, lang: Lang) -> Json:
    title, here = layer.title.in_(lang), f"/collections/{layer.id}"
    schemas = {
        f"{here}/{name}": get(
            f"get{name.capitalize()}.{layer.id}",
            f"{title}: {name}",
            tag="features",
            content=as_types(OBJECT, SCHEMA.type),
            parameters=shared("f-schema" if name == "schema" else "f", "lang"),
        )
        for name in ("schema", "queryables", "sortables")
    }
    document = get(
        f"describeCollection.{layer.id}",
        title,
        tag="features",
        content=as_types(schema_named("collection"), JSON_MEDIA.type),
        parameters=shared("f", "lang"),
    )
    return {here: document, **schemas}


def _asked(layer: Layer, lang: Lang) -> Json:
    title, here = layer.title.in_(lang), f"/collections/{layer.id}"
    media, about = offered(layer), layer.description.in_(lang)
    data = tuple(one for one in media if not one.is_html)
    return {
        f"{here}/items": get(
            f"getFeatures.{layer.id}",
            title,
            tag="features",
            content=_content("featureCollection", media),
            parameters=[_f(media), *shared("lang", PROFILE, *_QUERY), *_own(layer, lang)],
            paged=True,
            about=about,
        ),
        f"{here}/search": post(
            f"search.{layer.id}",
            f"{title}: a query in the body, for filters longer than an address may be",
            tag="features",
            content=_content("featureCollection", data),
            parameters=[_f(data), *shared("lang", PROFILE)],
            body=_bodies(layer, lang),
            about=about,
        ),
        f"{here}/items/{{featureId}}": get(
            f"getFeature.{layer.id}",
            title,
            tag="features",
            content=_content("feature", ITEM),
            parameters=[_f(ITEM), *shared("lang", PROFILE, "featureId", "crs")],
            not_found=True,
            about=about,
        ),
    }


def _f(media: tuple[Media, ...]) -> Json:
    names = ", ".join(f"`{one.f}` {NAMES[one.f]}" for one in media)
    values: Json = {"type": "string", "enum": [one.f for one in media], "default": media[0].f}
    return in_query("f", f"Representation: {names}", values)


def _content(schema: str, media: tuple[Media, ...]) -> Json:
    """Return the content of an answer with features: their schema in JSON, else bytes or a page."""
    types = dict.fromkeys(one.type.partition(";")[0] for one in media)
    known = {GEOJSON.type: schema_named(schema), "text/html": {"type": "string"}}
    return {name: {"schema": known.get(name, BYTES)} for name in types}


_QUERY: Final = (
    "limit",
    "offset",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    TOKEN,
)


def _own(layer: Layer, lang: Lang) -> list[Json]:
    fields = (_queryable(field, lang) for field in layer.fields)
    return [*_text_search(layer), *_named(layer), *fields]


def queries(layer: Layer, lang: Lang) -> Json:
    """Return the schema of what may be posted: the parameters of `items`, by name."""
    common = {name: {"$ref": f"#/components/parameters/{name}/schema"} for name in _QUERY}
    said = {**common, **{one["name"]: one["schema"] for one in _own(layer, lang)}}
    # In a form a filter is a text.
    said[FILTER] = {"oneOf": [{"type": "string"}, {"type": "object"}]}
    return {
        f"query.{layer.id}": {
            "type": "object",
            "properties": said,
            "additionalProperties": False,
        }
    }


def _bodies(layer: Layer, lang: Lang) -> Json:
    schema = schema_named(f"query.{layer.id}")
    names = (*_QUERY, *(one["name"] for one in _own(layer, lang)))
    separated = {name: {"style": "form", "explode": False} for name in names}
    return {FORM: {"schema": schema, "encoding": separated}, JSON: {"schema": schema}}


def _text_search(layer: Layer) -> list[Json]:
    names = searched(layer)
    if not names:
        return []
    said = (
        "Words to look for, in Italian, in any of: "
        f"{', '.join(names)}. Case, accents, plurals and articles make no difference; commas "
        "separate alternatives, words with spaces between follow each other"
    )
    term: Json = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
    return [
        in_query(Q, said, {"type": "array", "items": term, "minItems": 1, "maxItems": MAX_TERMS})
    ]


def _named(layer: Layer) -> list[Json]:
    """Return the parameters that name fields of the layer."""

    def listed(pattern: str) -> Json:
        name: Json = {"type": "string", "pattern": pattern}
        return {"type": "array", "items": name, "minItems": 1, "uniqueItems": True}

    order = listed(f"^[+-]?({'|'.join(sortables(layer))})$")
    return [
        in_query("sortby", "Fields to sort by; `-` before a name is descending", order),
        in_query("properties", "Fields to return", listed(f"^({'|'.join(layer.field_names)})$")),
    ]


def _queryable(field: Field, lang: Lang) -> Json:
    kept = {"type", "format"}
    described = property_of(field, {}, lang)
    if field.type == "codes":
        described["type"] = "string"  # a code that the list must hold
    return {
        "name": field.name,
        "in": "query",
        "description": f"{described['title']}. {described['description']}",
        "schema": {name: value for name, value in described.items() if name in kept},
        "style": "form",
        "explode": False,
    }
