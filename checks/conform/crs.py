"""Tests of OGC API Features, Part 2: coordinate reference systems by reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely.geometry import box as box_of
from shapely.geometry.base import BaseGeometry

from checks.conform.answers import as_text, chosen_by, compare, in_box, some_boxes
from checks.conform.core_items import require_parameter, spatial
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service
from checks.conform.shapes import features_problem, is_uri
from checks.conform.table import Feature, Table, features_of, geometry_of

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H: Final = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
ABSENT: Final = "http://www.opengis.net/def/crs/EPSG/0/2193"
"""A system that hardly any server offers: New Zealand's."""
_TRIED: Final = 10
"""Systems of a collection that are tried."""
_METRES, _DEGREES = 10.0, 1e-4
"""By how much two transformations of one position may differ: shifts of datums are estimates."""

crs = conformance_class("ogcapi-features-2/1.0/conf/crs")


def systems(service: Service, table: Table) -> list[str]:
    """Return the systems of a collection, those of the common list included."""
    listed = table.document.get("crs") or []
    skip_unless(listed, f"{table.id}: nessun crs / no crs")
    shared = service.document("/collections").get("crs") or [] if "#/crs" in listed else []
    return list(dict.fromkeys([*(uri for uri in listed if uri != "#/crs"), *shared]))


@cache
def _named(uri: str) -> CRS | None:
    """Return a system as its authority defines it; nothing if it is unknown here."""
    parts = re.split(r"[/:]", uri)
    authority, code = parts[-3:][0], parts[-1]
    try:
        return CRS.from_user_input(f"{authority}:{code}")
    except ProjError:
        return None


@cache
def _transformer(uri: str) -> Transformer:
    return Transformer.from_crs(CRS.from_user_input("OGC:CRS84"), _named(uri), always_xy=False)


def moved(geometry: BaseGeometry, uri: str) -> BaseGeometry:
    """Return a geometry of longitudes and latitudes in a system, axes as the authority has them."""

    def move(positions: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, Any]:
        return np.column_stack(_transformer(uri).transform(positions[:, 0], positions[:, 1]))

    return shapely.transform(geometry, move)


def _others(service: Service, table: Table) -> Iterator[str]:
    """Yield the systems of a collection that are not the default and known here."""
    for uri in systems(service, table)[:_TRIED]:
        if uri not in {CRS84, CRS84H} and is_uri(uri) and _named(uri) is not None:
            yield uri


def some_other(service: Service) -> tuple[Table, str]:
    """Return a spatial table and a system that is not its default one; `Skipped` without."""
    table = spatial(service)
    others = list(_others(service, table))
    skip_unless(others, "solo il sistema di base / the default system only")
    metric = [uri for uri in others if not _is_degrees(uri)]
    return table, (metric or others)[0]


def _is_degrees(uri: str) -> bool:
    named = _named(uri)
    return named is not None and bool(named.is_geographic)


@crs("/req/crs/crs-uri", "Ogni sistema ha un URI")
def crs_uri(service: Service) -> None:
    """Every system has a URI."""
    table = spatial(service)
    for uri in systems(service, table):
        require(is_uri(uri), service.ask("/collections"), "a URI", uri)


@crs("/req/crs/fc-md-crs-list", "Ogni raccolta con geometrie elenca i sistemi, col predefinito")
def fc_md_crs_list(service: Service) -> None:
    """Every spatial collection lists its systems, the default among them."""
    answer = service.ask("/collections")
    for table in service.tables:
        if not any(feature.get("geometry") for feature in table.first):
            continue
        listed = table.document.get("crs")
        require(isinstance(listed, list), answer, f"{table.id}: an array `crs`", listed)
        given = {CRS84, CRS84H} & set(systems(service, table))
        require(given, answer, f"{table.id}: {CRS84}", listed)


@crs("/req/crs/fc-md-crs-list-global", "I sistemi dell'elenco comune valgono per chi vi rimanda")
def fc_md_crs_list_global(service: Service) -> None:
    """The systems of the common list hold for a collection that refers to it."""
    table = spatial(service)
    referring = "#/crs" in (table.document.get("crs") or ())
    skip_unless(referring, "nessun rimando a un elenco comune / no reference to a common list")
    for uri in systems(service, table)[:_TRIED]:
        require_status(table.ask(crs=uri, limit="1"), 200)


@crs("/req/crs/fc-md-storageCrs", "Il sistema in cui i dati sono conservati è detto")
def fc_md_storage_crs(service: Service) -> None:
    """The system in which the data are stored is told."""
    stored = spatial(service).document.get("storageCrs")
    skip_unless(stored is not None, "nessun storageCrs / no storageCrs")
    require(is_uri(stored), service.ask("/collections"), "a URI", stored)


@crs("/req/crs/fc-md-storageCrs-valid-value", "Il sistema di conservazione è tra quelli offerti")
def fc_md_storage_crs_valid_value(service: Service) -> None:
    """The system of storage is among those offered."""
    table = spatial(service)
    stored = table.document.get("storageCrs")
    skip_unless(stored is not None, "nessun storageCrs / no storageCrs")
    listed = systems(service, table)
    require(stored in listed, service.ask("/collections"), f"one of {listed}", stored)


@crs("/req/crs/fc-crs-definition", "Il parametro `crs` è definito")
def fc_crs_definition(service: Service) -> None:
    """The parameter `crs` is defined."""
    require_parameter(service, spatial(service), "crs", "string")


@crs("/req/crs/fc-bbox-crs-definition", "Il parametro `bbox-crs` è definito")
def fc_bbox_crs_definition(service: Service) -> None:
    """The parameter `bbox-crs` is defined."""
    require_parameter(service, spatial(service), "bbox-crs", "string")


@crs("/req/crs/fc-crs-valid-value", "Un sistema offerto è accettato, uno non offerto rifiutato")
def fc_crs_valid_value(service: Service) -> None:
    """A system that is offered is accepted, another one is refused."""
    table = spatial(service)
    offered = systems(service, table)
    for uri in offered[:_TRIED]:
        require_status(table.ask(crs=uri, limit="1"), 200)
    skip_unless(ABSENT not in offered, f"{ABSENT} è offerto / is offered")
    require_status(table.ask(crs=ABSENT, limit="1"), 400)
    require_status(table.ask_item(table.first[0].get("id"), crs=ABSENT), 400)


@crs("/req/crs/fc-bbox-crs-valid-value", "`bbox-crs` accetta solo sistemi offerti")
def fc_bbox_crs_valid_value(service: Service) -> None:
    """`bbox-crs` accepts systems that are offered only."""
    table = spatial(service)
    for uri in systems(service, table)[:_TRIED]:
        box = "5,45,6,46" if _is_degrees(uri) or "CRS84" in uri else "0,0,1,1"
        require_status(table.ask(**{"bbox": box, "bbox-crs": uri, "limit": "1"}), 200)
    require_status(table.ask(**{"bbox": "0,0,1,1", "bbox-crs": ABSENT, "limit": "1"}), 400)


@crs("/req/crs/crs-exception", "Un `crs` senza senso è rifiutato con una ragione")
def crs_exception(service: Service) -> None:
    """A `crs` without sense is refused with a reason."""
    _refused(spatial(service).ask(crs="not-a-crs", limit="1"))


@crs("/req/crs/bbox-crs-exception", "Un `bbox-crs` senza senso è rifiutato con una ragione")
def bbox_crs_exception(service: Service) -> None:
    """A `bbox-crs` without sense is refused with a reason."""
    _refused(spatial(service).ask(**{"bbox": "0,0,1,1", "bbox-crs": "not-a-crs", "limit": "1"}))


def _refused(answer: Answer) -> None:
    require_status(answer, 400)
    require(len(answer.body.strip()) > 2, answer, "a message", "an empty body")


@crs("/req/crs/fc-crs-default-value", "Senza `crs` le coordinate sono quelle di base")
def fc_crs_default_value(service: Service) -> None:
    """Without `crs` coordinates are in the default system."""
    table = spatial(service)
    default = next((uri for uri in systems(service, table) if uri in {CRS84, CRS84H}), CRS84)
    answer = table.ask(crs=default, limit="10")
    named = {feature.get("id"): feature.get("geometry") for feature in features_of(answer)}
    plain = {feature.get("id"): feature.get("geometry") for feature in table.first}
    require(named == plain, answer, "the coordinates without crs", "others")


@crs("/req/crs/fc-crs-action", "Con `crs` le coordinate sono nel sistema chiesto")
def fc_crs_action(service: Service) -> None:
    """With `crs` coordinates are in the system asked for, axes in the order of its authority."""
    table = spatial(service)
    others = list(_others(service, table))
    skip_unless(others, "solo il sistema di base / the default system only")
    plain = {feature.get("id"): feature for feature in table.first}
    for uri in others:
        answer = table.ask(crs=uri, limit="10")
        for feature in features_of(answer):
            _same_place(answer, uri, plain[feature.get("id")], feature)
    item = table.ask_item(table.first[0].get("id"), crs=others[0])
    _same_place(item, others[0], table.first[0], object_of(item))


def _same_place(answer: Answer, uri: str, plain: Feature, other: Feature) -> None:
    here, there = geometry_of(plain), geometry_of(other)
    require((here is None) is (there is None), answer, "the same geometries", there)
    if here is None or there is None:
        return
    wanted, got = shapely.get_coordinates(moved(here, uri)), shapely.get_coordinates(there)
    within = _DEGREES if _is_degrees(uri) else _METRES
    same = wanted.shape == got.shape and bool(np.allclose(wanted, got, rtol=0, atol=within))
    where = f"{uri} {plain.get('id')}"
    require(same, answer, f"{where}: {wanted[0].tolist()}", got[:1].tolist())


@crs("/req/crs/fc-bbox-crs-action", "`bbox-crs` dice in che sistema è il rettangolo")
def fc_bbox_crs_action(service: Service) -> None:
    """`bbox-crs` tells the system of the box."""
    table, uri = some_other(service)
    geometries = [g for f in table.features if (g := geometry_of(f)) is not None]
    slack = 10 * (_DEGREES if _is_degrees(uri) else _METRES)
    west, south, east, north = moved(geometries[len(geometries) // 2], uri).buffer(slack).bounds
    inner = box_of(west + slack, south + slack, east - slack, north - slack).buffer(slack / 2)
    outer = box_of(west, south, east, north).buffer(slack)

    def holds(feature: Feature) -> bool | None:
        geometry = geometry_of(feature)
        if geometry is None:
            return None
        if (there := moved(geometry, uri)).intersects(inner):
            return True
        return None if there.intersects(outer) else False

    box = ",".join(f"{side:.4f}" for side in (west, south, east, north))
    compare(table, chosen_by(table, holds), **{"bbox": box, "bbox-crs": uri})


@crs("/req/crs/fc-bbox-crs-valid-default-value", "Senza `bbox-crs` il rettangolo è in gradi")
def fc_bbox_crs_default_value(service: Service) -> None:
    """Without `bbox-crs` the box is in the default system."""
    table = spatial(service)
    box = next(iter(some_boxes(table)))
    for parameters in ({}, {"bbox-crs": CRS84}):
        compare(table, chosen_by(table, in_box(box)), bbox=as_text(box), **parameters)


@crs("/req/crs/ogc-crs-header", "L'intestazione `Content-Crs` dice il sistema")
def ogc_crs_header(service: Service) -> None:
    """The header `Content-Crs` tells the system."""
    table = spatial(service)
    for uri in systems(service, table)[:_TRIED]:
        answer = require_status(table.ask(crs=uri, limit="1"), 200)
        require("content-crs" in answer.headers, answer, "Content-Crs", sorted(answer.headers))


@crs("/req/crs/ogc-crs-header-value", "`Content-Crs` porta l'URI chiesto tra parentesi angolari")
def ogc_crs_header_value(service: Service) -> None:
    """`Content-Crs` has the URI that was asked for in angle brackets."""
    table = spatial(service)
    for uri in systems(service, table)[:_TRIED]:
        answer = require_status(table.ask(crs=uri, limit="1"), 200)
        named = answer.headers.get("content-crs")
        require(named == f"<{uri}>", answer, f"<{uri}>", named)


@crs("/req/crs/geojson", "GeoJSON può portare un sistema concordato")
def geojson(service: Service) -> None:
    """GeoJSON can carry a system that was agreed on."""
    table, uri = some_other(service)
    answer = table.ask(crs=uri, limit="1")
    problem = features_problem(object_of(answer))
    require("json" in answer.media, answer, "GeoJSON", answer.media)
    require(problem is None, answer, "GeoJSON", problem)
