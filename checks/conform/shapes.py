"""The forms of documents: what links, collections, features and OpenAPI documents must have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from checks.conform.definition import METHODS, Definition

_DEPTHS: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How deep the positions of a geometry lie."""


def link_problem(link: object) -> str | None:
    """Say what is wrong with a link; nothing if all is well."""
    if not isinstance(link, dict) or not isinstance(link.get("href"), str):
        return f"a link without href: {link}"
    wrong = [name for name in ("rel", "type", "hreflang", "title") if not _text(link, name)]
    return f"a link whose {wrong[0]} is no text: {link}" if wrong else None


def landing_problem(document: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a landing page."""
    if not (_text(document, "title") and _text(document, "description")):
        return "title or description is no text"
    return links_problem(document)


def links_problem(document: Mapping[str, Any]) -> str | None:
    """Say what is wrong with the links of a document."""
    links = document.get("links")
    if not isinstance(links, list):
        return "no array `links`"
    return next(filter(None, map(link_problem, links)), None)


def collection_problem(document: object) -> str | None:
    """Say what is wrong with the description of a collection."""
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        return f"a collection without id: {str(document)[:100]}"
    for name in ("title", "description", "itemType"):
        if not _text(document, name):
            return f"{document['id']}: {name} is no text"
    crs = document.get("crs", [])
    if not isinstance(crs, list) or not all(isinstance(uri, str) for uri in crs):
        return f"{document['id']}: crs is no array of texts"
    return extent_problem(document.get("extent")) or links_problem(document)


def extent_problem(extent: object) -> str | None:
    """Say what is wrong with an extent."""
    if extent is None:
        return None
    if not isinstance(extent, dict):
        return "extent is no object"
    boxes = (extent.get("spatial") or {}).get("bbox", [])
    if not isinstance(boxes, list) or not all(map(_is_box, boxes)):
        return f"extent.spatial.bbox is no array of boxes: {boxes}"
    intervals = (extent.get("temporal") or {}).get("interval", [])
    if not isinstance(intervals, list) or not all(map(_is_interval, intervals)):
        return f"extent.temporal.interval is no array of intervals: {intervals}"
    return None


def feature_problem(document: object) -> str | None:
    """Say what is wrong with a feature of GeoJSON."""
    if not isinstance(document, dict) or document.get("type") != "Feature":
        return f"not of type Feature: {str(document)[:100]}"
    if "geometry" not in document or "properties" not in document:
        return "a feature without geometry or properties"
    if not isinstance(document["properties"], dict | None):
        return "properties is no object"
    if not isinstance(document.get("id", ""), str | int | float):
        return "id is neither text nor number"
    return geometry_problem(document["geometry"])


def features_problem(document: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a collection of features of GeoJSON."""
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        return "no FeatureCollection with an array `features`"
    return next(filter(None, map(feature_problem, features)), None)


def geometry_problem(geometry: object) -> str | None:
    """Say what is wrong with a geometry of GeoJSON."""
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        return f"a geometry that is no object: {geometry}"
    if geometry.get("type") == "GeometryCollection":
        parts = geometry.get("geometries")
        problems = map(geometry_problem, parts) if isinstance(parts, list) else iter(["no parts"])
        return next(filter(None, problems), None)
    depth = _DEPTHS.get(str(geometry.get("type")))
    if depth is None:
        return f"a geometry of unknown type {geometry.get('type')}"
    if not _nested(geometry.get("coordinates"), depth):
        return f"coordinates that are none of a {geometry['type']}"
    areal = "Polygon" in geometry["type"]
    rings = _flattened(geometry["coordinates"], depth - 1) if areal else iter([])
    open_rings = [ring for ring in rings if len(ring) < 4 or ring[0] != ring[-1]]
    return f"a ring that is not closed: {open_rings[0][:2]} …" if open_rings else None


def positions(geometry: Mapping[str, Any]) -> Iterator[list[float]]:
    """Yield the positions of a geometry of GeoJSON."""
    if geometry.get("type") == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from positions(part)
    else:
        yield from _flattened(geometry["coordinates"], _DEPTHS[geometry["type"]])


def openapi_problem(definition: Definition) -> str | None:
    """Say what is wrong with an OpenAPI 3.0 document."""
    document = definition.document
    info = document.get("info")
    if not str(document.get("openapi", "")).startswith("3.0."):
        return f"openapi is {document.get('openapi')!r}, not 3.0.x"
    if not isinstance(info, dict) or not {"title", "version"} <= info.keys():
        return "info without title or version"
    if not isinstance(document.get("paths"), dict):
        return "no object `paths`"
    if dangling := definition.dangling():
        return f"a reference that leads nowhere: {dangling[0]}"
    return _paths_problem(definition)


def _paths_problem(definition: Definition) -> str | None:
    seen: set[str] = set()
    for path, item in definition.paths.items():
        if not path.startswith("/"):
            return f"a path without a slash: {path}"
        for method, operation in definition.resolve(item).items():
            if method not in METHODS:
                continue
            ident = str(operation.get("operationId", f"{method} {path}"))
            if ident in seen:
                return f"two operations are called {ident}"
            seen.add(ident)
            if problem := _operation_problem(definition, path, method, operation):
                return f"{method} {path}: {problem}"
    return None


def _operation_problem(
    definition: Definition, path: str, method: str, operation: Mapping[str, Any]
) -> str | None:
    if not isinstance(operation.get("responses"), dict) or not operation["responses"]:
        return "no responses"
    if method != "get":
        return None
    parameters = definition.parameters(path)
    for name, parameter in parameters.items():
        if "$ref" in parameter:
            continue
        if parameter.get("in") not in {"query", "path", "header", "cookie"}:
            return f"parameter {name} is nowhere"
        if ("schema" in parameter) == ("content" in parameter):
            return f"parameter {name} has not exactly one of schema and content"
        if parameter["in"] == "path" and parameter.get("required") is not True:
            return f"parameter {name} of the path is not required"
    inner = set(re.findall(r"\{([^{}]+)\}", path))
    missing = sorted(inner - parameters.keys())
    elsewhere = any("$ref" in parameter for parameter in parameters.values())
    return f"parameter {missing[0]} is not defined" if missing and not elsewhere else None


def is_uri(text: object) -> bool:
    """Tell whether a text is a URI."""
    return isinstance(text, str) and bool(urlsplit(text).scheme) and " " not in text


def _text(document: Mapping[str, Any], name: str) -> bool:
    return isinstance(document.get(name, ""), str)


def _is_box(box: object) -> bool:
    return isinstance(box, list) and len(box) in {4, 6} and all(map(_is_number, box))


def _is_interval(interval: object) -> bool:
    sides = interval if isinstance(interval, list) else []
    return len(sides) == 2 and all(isinstance(side, str | None) for side in sides)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _nested(coordinates: object, depth: int) -> bool:
    if not isinstance(coordinates, list):
        return False
    if depth:
        return all(_nested(part, depth - 1) for part in coordinates)
    return len(coordinates) >= 2 and all(map(_is_number, coordinates))


def _flattened(coordinates: Any, levels: int) -> Iterator[list[Any]]:
    """Yield the lists that lie some levels down."""
    if levels == 0:
        yield coordinates
    else:
        for part in coordinates:
            yield from _flattened(part, levels - 1)
