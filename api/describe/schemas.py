"""Schemas of a collection: what its features hold, what can be filtered and sorted on.

Two shapes of one truth: the flat logical schema of OGC API Common Part 3, and the JSON Schema
of a GeoJSON Feature, which is the one GDAL reads field types from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.features.query import sortables as sortable_names
from geo_core.model.disclosure import Disclosure
from geo_core.model.field import Field
from geo_core.model.layer import GeometryKind, Layer
from geo_core.model.manifest import Code
from geo_core.model.text import Lang
from geo_core.model.units import unit_in

type Schema = dict[str, Any]
type CodeLists = Mapping[str, tuple[Code, ...]]
type Builder = Callable[[Layer, CodeLists, Lang, str], Schema]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TYPES: Final[dict[str, Schema]] = {
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "codes": {"type": "array"},
}
_ROLES: Final = {
    "id": "id",
    "periodo_inizio": "primary-interval-start",
    "periodo_fine": "primary-interval-end",
    "valido_dal": "primary-interval-start",
    "valido_al": "primary-interval-end",
}
_SHAPES: Final[dict[GeometryKind, tuple[str, ...]]] = {
    "Point": ("Point",),
    "MultiPolygon": ("MultiPolygon",),
    "Geometry": ("Point", "MultiPolygon"),
}
_FORMATS: Final[dict[GeometryKind, str]] = {
    "Point": "geometry-point",
    "MultiPolygon": "geometry-multipolygon",
    "Geometry": "geometry-any",
}
_GEOMETRY_TITLES: Final[dict[Lang, str]] = {"it": "Geometria", "en": "Geometry"}


def schema(layer: Layer, codes: CodeLists, lang: Lang, address: str) -> Schema:
    """Return the logical schema: every property of a feature, flat, and its geometry."""
    return _object(layer, lang, address, {**_fields(layer, codes, lang), **_geometry(layer, lang)})


def queryables(layer: Layer, codes: CodeLists, lang: Lang, address: str) -> Schema:
    """Return what a filter can name: every property, and the geometry through `bbox`."""
    return {**schema(layer, codes, lang, address), "additionalProperties": False}


def sortables(layer: Layer, codes: CodeLists, lang: Lang, address: str) -> Schema:
    """Return what `sortby` can name: the properties that have an order."""
    fields = _fields(layer, codes, lang)
    ordered = {name: fields[name] for name in sortable_names(layer)}
    return _object(layer, lang, address, ordered)


def feature_schema(layer: Layer, codes: CodeLists, lang: Lang, address: str) -> Schema:
    """Return the schema of one GeoJSON Feature of the collection.

    It is a schema object of OpenAPI 3.0, whose `nullable` leaves `type` a single word: GDAL
    takes a list of types for text. `id` stands at the top only, or GDAL makes two columns.
    """
    return {
        "$id": address,
        "title": layer.title.in_(lang),
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": _geojson(layer),
            "properties": {
                "type": "object",
                "properties": {
                    field.name: _nullable(property_of(field, codes, lang))
                    for field in layer.fields
                    if field.name != "id"
                },
            },
        },
    }


def property_of(field: Field, codes: CodeLists, lang: Lang) -> Schema:
    """Return one field as JSON Schema: type, texts, unit, role and the codes it may hold."""
    described = {
        "title": field.title.in_(lang),
        "description": field.description.in_(lang),
        **_typed(field, codes, lang),
    }
    if field.unit is not None:
        # Words of a language, not codes of UCUM: the keyword beside it must say so.
        described |= {"x-ogc-unit": unit_in(field.unit, lang), "x-ogc-unitLang": lang}
    if field.name in _ROLES:
        described["x-ogc-role"] = _ROLES[field.name]
    return described


def _typed(field: Field, codes: CodeLists, lang: Lang) -> Schema:
    known = codes.get(field.codelist or "", ())
    values = [{"const": code.code, "title": code.title.in_(lang)} for code in known]
    if field.type == "codes":
        items = {"type": "string", **({"oneOf": values} if values else {})}
        return {"type": "array", "items": items}
    return {**TYPES[field.type], **({"oneOf": values} if values else {})}


def _object(layer: Layer, lang: Lang, address: str, properties: Schema) -> Schema:
    return {
        "$schema": _DIALECT,
        "$id": address,
        "type": "object",
        "title": layer.title.in_(lang),
        "description": layer.description.in_(lang),
        "properties": properties,
    }


def _fields(layer: Layer, codes: CodeLists, lang: Lang) -> Schema:
    return {
        field.name: {**property_of(field, codes, lang), "x-ogc-propertySeq": place}
        for place, field in enumerate(layer.fields, start=1)
    }


def _geometry(layer: Layer, lang: Lang) -> Schema:
    if layer.geometry == "none":
        return {}
    return {
        "geometry": {
            "title": _GEOMETRY_TITLES[lang],
            "format": _FORMATS[layer.geometry],
            "x-ogc-role": "primary-geometry",
        }
    }


def _geojson(layer: Layer) -> Schema:
    if layer.geometry == "none":
        return {"type": "object", "nullable": True}
    return {
        "type": "object",
        "nullable": True,
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"type": "string", "enum": list(_SHAPES[layer.geometry])},
            "coordinates": {"type": "array"},
        },
    }


def _nullable(described: Schema) -> Schema:
    """Return a property that may be null; codes stand in the logical schema only."""
    kept = {name: value for name, value in described.items() if name != "oneOf"}
    return {**kept, "nullable": True}


def statement_schema(address: str) -> Schema:
    """Return the schema of the disclosure statement, as it is published."""
    described = Disclosure.model_json_schema(mode="serialization")
    return {"$schema": _DIALECT, "$id": address, **described}
