"""What the OpenAPI document says of lineages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from api.describe.links import Said
from api.describe.operations import (
    OBJECT,
    Json,
    as_types,
    get,
    in_both,
    object_of,
    schema_named,
    shared,
)
from api.language import JSON
from api.lineage.documents import DOES
from geo_core.model.layer import Layer

_WHAT: Final = Said(
    "da che cosa sono calcolati i valori di un oggetto",
    "what the values of a feature are computed from",
)
_TEXT: Final[Json] = {"type": "string"}
_TEXTS: Final[Json] = {"type": "array", "items": _TEXT}
_NUMBER: Final[Json] = {"type": "number", "nullable": True}


def paths(layers: Iterable[Layer]) -> Json:
    """Return the paths of the lineages of collections that have them."""
    return {
        f"/collections/{layer.id}/items/{{featureId}}/lineage": get(
            f"getLineage.{layer.id}",
            _of(layer),
            tag="features",
            content=as_types(schema_named("lineage"), JSON.type),
            parameters=shared("featureId", "f", "lang"),
            not_found=True,
        )
        for layer in layers
    }


def _of(layer: Layer) -> Said:
    return in_both(lambda lang: f"{layer.title.in_(lang)}: {_WHAT.in_(lang)}")


def schemas() -> Json:
    """Return the schema of the lineage of a feature."""
    counted = object_of(
        ["name", "title", "unit", "ages", "sources", "value"],
        name=_TEXT,
        title=_TEXT,
        unit=_TEXT,
        ages={"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        sources=_TEXTS,
        value={"type": "integer", "minimum": 0},
    )
    step = object_of(
        ["operation", "inputs", "parameters", "output", "value"],
        operation={"type": "string", "enum": list(DOES)},
        title=_TEXT,
        inputs=_TEXTS,
        parameters=OBJECT,
        output=_TEXT,
        value=_NUMBER,
    )
    source = object_of(
        ["name", "version", "sha256", "licence", "attribution", "synthetic"],
        name=_TEXT,
        version=_TEXT,
        sha256={"type": "string", "nullable": True},
        licence=_TEXT,
        attribution=_TEXT,
        synthetic={"type": "boolean"},
    )
    whole = object_of(
        ["collection", "feature", "release", "inputs", "sources", "steps", "published", "links"],
        collection=_TEXT,
        feature=_TEXT,
        release=_TEXT,
        method=_TEXT,
        goalposts=_TEXT,
        inputs={"type": "array", "items": counted},
        sources={"type": "array", "items": source},
        steps={"type": "array", "items": step},
        published={"type": "object", "additionalProperties": _NUMBER},
        links={"type": "array", "items": schema_named("link")},
    )
    return {"lineage": whole}
