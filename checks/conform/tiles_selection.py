"""Tests of OGC API Tiles, classes Collections Selection and OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from checks.conform.definition import is_elsewhere, path_below
from checks.conform.http import Answer
from checks.conform.outcome import Skipped, object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service
from checks.conform.tiles import BASE, core
from checks.conform.tiles_sets import MVT, Tileset, layers_of, lists, tilesets, vector

selection = conformance_class(f"{BASE}collections-selection")
oas30 = conformance_class(f"{BASE}oas30")
_TRIED_MAX: Final = 40
"""Tiles among which one with several layers is looked for."""


def _several(service: Service) -> Iterator[tuple[Tileset, list[str]]]:
    """Yield the tilesets that are made of several collections, and which these are."""
    known = {str(collection["id"]) for collection in service.collections}
    for one in tilesets(service):
        layers = [str(layer.get("id")) for layer in one.document.get("layers") or ()]
        named = [layer for layer in layers if layer in known]
        if not one.origin and len(named) > 1:
            yield one, named


def _full(one: Tileset) -> Answer | None:
    """Return a tile with several layers, if one is found."""
    tried = 0
    for tiles in reversed(one.ranges):
        for row, col in tiles.corners[::-1]:
            answer = one.tile(tiles.matrix, row, col)
            tried += 1
            if answer.status == 200 and answer.media == MVT and len(layers_of(answer)) > 1:
                return answer
            if tried > _TRIED_MAX:
                return None
    return None


_NONE: Final = "nessun insieme di più raccolte / no tileset of several collections"


@selection("/req/collections-selection/query-collections", "Si può chiedere solo alcune raccolte")
def query_collections(service: Service) -> str:
    """Some of the collections can be asked for."""
    seen = []
    for one, named in _several(service):
        for wanted in (named[:1], named[:2]):
            chosen = {"collections": ",".join(wanted)}
            require_status(service.ask(one.address, chosen), 200)
            tiles = one.ranges[-1]
            row, col = tiles.corners[-1]
            require_status(one.tile(tiles.matrix, row, col, chosen), 200, 204)
        seen.append(one.address)
    skip_unless(seen, _NONE)
    return f"{len(seen)} insiemi / tilesets"


@selection("/req/collections-selection/collections-response", "Solo le raccolte chieste rispondono")
def collections_response(service: Service) -> str:
    """The collections that are asked for are answered, and no other, in their order."""
    seen = 0
    for one, named in _several(service):
        for wanted in (named[:1], named[1:2]):
            answer = service.ask(one.address, {"collections": ",".join(wanted)})
            layers = [layer.get("id") for layer in object_of(answer).get("layers") or ()]
            require(layers == wanted, answer, f"layers {wanted}", layers)
        whole = _full(one) if one.is_mvt else None
        if whole is not None:
            seen += _require_chosen(one, whole)
    skip_unless(seen, f"{_NONE}, o nessuna tessera con più strati / or no tile with several layers")
    return f"{seen} tessere / tiles"


def _require_chosen(one: Tileset, whole: Answer) -> int:
    names = list(layers_of(whole))
    url = whole.asked.url
    for wanted in ([names[0]], [names[1]], names[:2], names[1::-1]):
        answer = one.service.ask(url, {"collections": ",".join(wanted)}, accept=MVT)
        require_status(answer, 200)
        found = layers_of(answer)
        require(list(found) == wanted, answer, f"layers {wanted}", list(found))
        for name in wanted:
            same = found[name] == layers_of(whole)[name]
            require(same, answer, f"layer {name} as in {url}", f"{len(found[name].features)}")
    return 4


def _parameter(service: Service, name: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield each path of tiles, and what the definition says of a parameter of it."""
    for one in tilesets(service):
        row, col = one.ranges[-1].corners[-1]
        address = service.client.address(one.address_of(one.ranges[-1].matrix, row, col))
        path = path_below(address, service.client.root)
        if service.definition.path_of(path) is not None:
            yield path, service.definition.parameters(path).get(name)
        elif f"{BASE}oas30" in service.declared:
            yield path, None


def _defined(service: Service, name: str, kind: str) -> str:
    """Raise `Failed` unless a parameter of tiles is defined as it must be."""
    seen = 0
    for path, parameter in _parameter(service, name):
        answer = service.definition.answer
        expected = f"{path}: parameter {name} in path, required, {kind}"
        require(parameter is not None, answer, expected, service.definition.path_of(path))
        if parameter is None or is_elsewhere(parameter):
            continue
        schema = service.definition.schema(parameter)
        placed = parameter.get("in") == "path" and parameter.get("required") is True
        require(placed and schema.get("type") == kind, answer, expected, parameter)
        least = schema.get("minimum", 0) >= 0
        require(kind != "integer" or least, answer, f"{expected}, 0 at least", schema)
        seen += 1
    skip_unless(seen, "nessuna tessera nella definizione / no tiles in the definition")
    return f"{seen} percorsi / paths"


@core("/req/core/tc-tilematrix-definition", "La definizione ha il parametro `tileMatrix`")
def tilematrix_definition(service: Service) -> str:
    """The definition has the parameter `tileMatrix`."""
    return _defined(service, "tileMatrix", "string")


@core("/req/core/tc-tilerow-definition", "La definizione ha il parametro `tileRow`")
def tilerow_definition(service: Service) -> str:
    """The definition has the parameter `tileRow`."""
    return _defined(service, "tileRow", "integer")


@core("/req/core/tc-tilecol-definition", "La definizione ha il parametro `tileCol`")
def tilecol_definition(service: Service) -> str:
    """The definition has the parameter `tileCol`."""
    return _defined(service, "tileCol", "integer")


def _paths(service: Service) -> Iterator[tuple[str, str, str]]:
    """Yield resource, origin and path of the lists, tilesets and tiles."""
    client = service.client
    for origin, answer in lists(service).items():
        yield "getTileSetsList", origin, path_below(answer.asked.url, client.root)
    for one in tilesets(service):
        yield "getTileSet", one.origin, path_below(client.address(one.address), client.root)
        row, col = one.ranges[-1].corners[-1]
        address = one.address_of(one.ranges[-1].matrix, row, col)
        yield "getTile", one.origin, path_below(client.address(address), client.root)


@oas30("/req/oas30/completeness", "La definizione ha i percorsi di elenchi, insiemi e tessere")
def completeness(service: Service) -> str:
    """The definition has the paths of lists, tilesets and tiles."""
    seen = 0
    for resource, _origin, path in _paths(service):
        operation = service.definition.operation(path)
        answer = service.definition.answer
        require(operation is not None, answer, f"{path} ({resource})", "no such path")
        statuses = service.definition.statuses(path) or set()
        require({"200", "2XX", "DEFAULT"} & statuses, answer, f"{path}: 200", sorted(statuses))
        seen += 1
    several = [one for one, _named in _several(service)]
    if f"{BASE}collections-selection" in service.declared:
        for one in several:
            path = path_below(service.client.address(one.address), service.client.root)
            found = service.definition.parameters(path)
            require(
                "collections" in found, service.definition.answer, f"{path}: collections", found
            )
    return f"{seen} percorsi / paths"


@oas30("/req/oas30/operation-id", "Gli identificativi delle operazioni hanno il suffisso previsto")
def operation_id(service: Service) -> str:
    """The identifiers of operations end as they must."""
    seen = set()
    for resource, origin, path in _paths(service):
        operation = service.definition.operation(path)
        if operation is None:
            raise Skipped(f"{path} non è nella definizione / is not in the definition")
        kind = "vector" if any(one.origin == origin for one in vector(service)) else "map"
        suffix = f"{'collection' if origin else 'dataset'}.{kind}.{resource}"
        found = str(operation.get("operationId"))
        ends = found == suffix or found.endswith(f".{suffix}")
        require(ends, service.definition.answer, f"{path}: …{suffix}", found)
        seen.add(found)
    return ", ".join(sorted(seen))
