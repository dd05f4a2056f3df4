"""The paths of a collection in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.describe.links import Said
from api.describe.operations import (
    BYTES,
    OBJECT,
    Json,
    as_types,
    get,
    in_both,
    in_query,
    post,
    schema_named,
    shared,
)
from api.describe.schemas import TYPES
from api.features.filters import FILTER
from api.features.formats.media import ITEM, NAMES, offered
from api.features.formats.profiles import PROFILE
from api.features.paging import TOKEN
from api.features.posted import FORM, JSON
from api.features.query import sortables
from api.features.sought import MAX_LENGTH, MAX_TERMS, Q, searched
from api.language import GEOJSON, SCHEMA, Media
from api.language import JSON as JSON_MEDIA
from geo_core.model.field import Field
from geo_core.model.layer import Layer

_DOCUMENTS: Final = {
    "schema": Said("schema dei dati", "schema of the data"),
    "queryables": Said("campi per i filtri", "fields to filter on"),
    "sortables": Said("campi per l'ordine", "fields to sort on"),
}
_WHOLE: Final = Said("la raccolta", "the collection")
_MANY: Final = Said("gli oggetti", "features")
_ONE: Final = Said("un oggetto", "one feature")
_POSTED: Final = Said(
    "una domanda nel corpo, per filtri più lunghi di un indirizzo",
    "a query in the body, for filters longer than an address may be",
)


def of_features(layer: Layer) -> Json:
    """Return the paths of a collection: each concrete, with the parameters it understands."""
    return {**_described(layer), **_asked(layer)}


def _of(layer: Layer, what: Said) -> Said:
    return in_both(lambda lang: f"{layer.title.in_(lang)}: {what.in_(lang)}")


def _described(layer: Layer) -> Json:
    here = f"/collections/{layer.id}"
    schemas = {
        f"{here}/{name}": get(
            f"get{name.capitalize()}.{layer.id}",
            _of(layer, what),
            tag="features",
            content=as_types(OBJECT, SCHEMA.type),
            parameters=shared("f-schema" if name == "schema" else "f", "lang"),
        )
        for name, what in _DOCUMENTS.items()
    }
    document = get(
        f"describeCollection.{layer.id}",
        _of(layer, _WHOLE),
        tag="features",
        content=as_types(schema_named("collection"), JSON_MEDIA.type),
        parameters=shared("f", "lang"),
    )
    return {here: document, **schemas}


def _asked(layer: Layer) -> Json:
    here, media = f"/collections/{layer.id}", offered(layer)
    data = tuple(one for one in media if not one.is_html)
    return {
        f"{here}/items": get(
            f"getFeatures.{layer.id}",
            _of(layer, _MANY),
            tag="features",
            content=_content("featureCollection", media),
            parameters=[_f(media), *shared("lang", PROFILE, *_QUERY), *_own(layer)],
            paged=True,
            about=layer.description,
        ),
        f"{here}/search": post(
            f"search.{layer.id}",
            _of(layer, _POSTED),
            tag="features",
            content=_content("featureCollection", data),
            parameters=[_f(data), *shared("lang", PROFILE)],
            body=_bodies(layer),
            about=layer.description,
        ),
        f"{here}/items/{{featureId}}": get(
            f"getFeature.{layer.id}",
            _of(layer, _ONE),
            tag="features",
            content=_content("feature", ITEM),
            parameters=[_f(ITEM), *shared("lang", PROFILE, "featureId", "crs")],
            not_found=True,
            about=layer.description,
        ),
    }


def _f(media: tuple[Media, ...]) -> Json:
    names = ", ".join(f"`{one.f}` {NAMES[one.f]}" for one in media)
    values: Json = {"type": "string", "enum": [one.f for one in media], "default": media[0].f}
    return in_query("f", Said(f"Formato: {names}", f"Representation: {names}"), values)


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


def _own(layer: Layer) -> list[Json]:
    return [*_text_search(layer), *_named(layer), *map(_queryable, layer.fields)]


def queries(layer: Layer) -> Json:
    """Return the schema of what may be posted: the parameters of `items`, by name."""
    common = {name: {"$ref": f"#/components/parameters/{name}/schema"} for name in _QUERY}
    said = {**common, **{one["name"]: one["schema"] for one in _own(layer)}}
    # In a form a filter is a text.
    said[FILTER] = {"oneOf": [{"type": "string"}, {"type": "object"}]}
    return {
        f"query.{layer.id}": {
            "type": "object",
            "properties": said,
            "additionalProperties": False,
        }
    }


def _bodies(layer: Layer) -> Json:
    schema = schema_named(f"query.{layer.id}")
    names = (*_QUERY, *(one["name"] for one in _own(layer)))
    separated = {name: {"style": "form", "explode": False} for name in names}
    return {FORM: {"schema": schema, "encoding": separated}, JSON: {"schema": schema}}


def _text_search(layer: Layer) -> list[Json]:
    names = searched(layer)
    if not names:
        return []
    listed = ", ".join(names)
    said = Said(
        f"Parole da cercare, in italiano, in uno di: {listed}. Maiuscole, accenti, plurali e "
        "articoli non contano; le virgole separano le alternative, le parole con uno spazio in "
        "mezzo stanno una dopo l'altra",
        f"Words to look for, in Italian, in any of: {listed}. Case, accents, plurals and "
        "articles make no difference; commas separate alternatives, words with spaces between "
        "follow each other",
    )
    term: Json = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
    return [
        in_query(Q, said, {"type": "array", "items": term, "minItems": 1, "maxItems": MAX_TERMS})
    ]


_ORDER: Final = Said(
    "Campi per l'ordine; `-` davanti al nome è decrescente",
    "Fields to sort by; `-` before a name is descending",
)
_KEPT: Final = Said("Campi da restituire", "Fields to return")


def _named(layer: Layer) -> list[Json]:
    """Return the parameters that name fields of the layer."""

    def listed(pattern: str) -> Json:
        name: Json = {"type": "string", "pattern": pattern}
        return {"type": "array", "items": name, "minItems": 1, "uniqueItems": True}

    order = listed(f"^[+-]?({'|'.join(sortables(layer))})$")
    return [
        in_query("sortby", _ORDER, order),
        in_query("properties", _KEPT, listed(f"^({'|'.join(layer.field_names)})$")),
    ]


def _queryable(field: Field) -> Json:
    title, about = field.title, field.description
    return {
        "name": field.name,
        "in": "query",
        "description": in_both(lambda lang: f"{title.in_(lang)}. {about.in_(lang)}"),
        # Of a list of codes: one that it must hold.
        "schema": TYPES["text" if field.type == "codes" else field.type],
        "style": "form",
        "explode": False,
    }
