"""Tests of OGC API Tiles, class Mapbox Vector Tiles: what is in a tile, and where."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Final

from shapely import Polygon
from shapely.geometry import MultiLineString, MultiPoint, Point
from shapely.geometry import box as box_of
from shapely.geometry.base import BaseGeometry

from checks.conform import mvt
from checks.conform.answers import as_text
from checks.conform.http import Answer
from checks.conform.outcome import Skipped, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service
from checks.conform.table import SAMPLE_MAX, Feature, Table, geometry_of
from checks.conform.tiles import BASE
from checks.conform.tiles_grid import Box, Matrix
from checks.conform.tiles_sets import MVT, Tileset, layers_of, vector

tiles_mvt = conformance_class(f"{BASE}mvt")

_TILES_MAX: Final = 6
"""Tiles of a tileset whose content is held against the items."""
_PIXEL: Final = 1 / 256
"""Part of a tile by which what is drawn may be off."""
_MARGIN: Final = 1 / 8
"""Part of a tile that may be drawn beyond its edge."""


@tiles_mvt("/req/mvt/content", "Ogni tessera è valida, e disegna gli oggetti al loro posto")
def content(service: Service) -> str:
    """Every tile is valid and draws the features in their place."""
    tiles = drawn = features = 0
    for one in vector(service):
        for answer in _tiles_of(one):
            tiles += 1
            features += sum(len(layer.features) for layer in layers_of(answer).values())
        drawn += _require_places(one)
    skip_unless(features, "solo tessere vuote / empty tiles only")
    return f"{tiles} tessere / tiles, {features} oggetti / features, {drawn} al posto / placed"


def _tiles_of(one: Tileset) -> Iterator[Answer]:
    for tiles in one.ranges:
        for row, col in tiles.corners if one.is_limited else tiles.corners[-1:]:
            answer = require_status(one.tile(tiles.matrix, row, col), 200, 204)
            if answer.status == 200:
                require(answer.media == MVT, answer, MVT, answer.media)
                yield answer


def _require_places(one: Tileset) -> int:
    """Raise `Failed` unless places within features are drawn where they lie; how many there are."""
    table, seen = one.table, 0
    if table is None:
        return 0
    matrix = one.grid.matrices[one.ranges[-1].matrix]
    for feature in _some(table.features):
        geometry = geometry_of(feature)
        if geometry is None or geometry.is_empty:
            continue
        within = geometry.representative_point()
        place = one.grid.placed(within.x, within.y)
        answer = require_status(one.tile(matrix.id, *matrix.tile_at(place)), 200)
        found = [
            (layer.extent, drawn)
            for layer in layers_of(answer).values()
            for drawn in layer.features
            if is_same(feature, drawn)
        ]
        require(found, answer, f"feature {feature.get('id')}, which lies here", "none")
        near = min(_distance(matrix, place, extent, drawn) for extent, drawn in found)
        expected = f"feature {feature.get('id')} at ({within.x}, {within.y})"
        require(near <= 2 * _PIXEL, answer, expected, f"{near:.3f} of a tile away")
        seen += 1
    return seen


def _some(features: list[Feature]) -> list[Feature]:
    return features[:: max(1, len(features) // _TILES_MAX)][:_TILES_MAX]


def _distance(matrix: Matrix, place: tuple[float, float], extent: int, drawn: mvt.Feature) -> float:
    """Return how far a place is from what is drawn of a feature, in parts of a tile."""
    west, south, east, north = matrix.box(*matrix.tile_at(place))
    x, y = (place[0] - west) / (east - west), (north - place[1]) / (north - south)
    return float(_outline(drawn).distance(Point(x * extent, y * extent))) / extent


def _outline(drawn: mvt.Feature) -> BaseGeometry:
    if drawn.kind == mvt.POINT:
        return MultiPoint(drawn.parts[0])
    if drawn.kind == mvt.LINE:
        return MultiLineString(drawn.parts)
    area: BaseGeometry = Polygon()
    for ring in drawn.parts:
        area = area.symmetric_difference(Polygon(ring).buffer(0))
    return area


def is_same(feature: Feature, drawn: mvt.Feature) -> bool:
    """Tell whether a feature of a tile is an item: by `id`, by number, or by all they share."""
    ident = str(feature.get("id"))
    if "id" in drawn.properties:
        return str(drawn.properties["id"]) == ident
    if str(drawn.id) == ident:
        return True
    shared = _shared(feature, drawn)
    return len(shared) > 0 and all(is_equal(a, b) for a, b in shared.values())


def _shared(feature: Feature, drawn: mvt.Feature) -> dict[str, tuple[Any, Any]]:
    properties = feature.get("properties") or {}
    return {
        name: (properties[name], value)
        for name, value in drawn.properties.items()
        if name in properties
    }


def is_equal(item: Any, drawn: Any) -> bool:
    """Tell whether a value of a tile is that of an item; what tiles have no kind for is JSON."""
    if isinstance(item, list | dict):
        try:
            return bool(json.loads(drawn) == item)
        except (TypeError, ValueError):
            return False
    if isinstance(item, bool) or isinstance(drawn, bool):
        return item is drawn
    if isinstance(item, int | float) and isinstance(drawn, int | float):
        return math.isclose(item, drawn, rel_tol=1e-6, abs_tol=1e-12)
    return bool(item == drawn)


@tiles_mvt("/plus/mvt/items", "Una tessera ha gli oggetti della raccolta, con i loro valori")
def items(service: Service) -> str:
    """A tile has the items of its collection that lie in it, with their values."""
    seen = tiles = 0
    for one in vector(service):
        table = one.table
        if table is None or not one.is_limited:
            continue
        finest = one.ranges[-1].matrix
        held = [(m, row, col) for m, row, col in one.held() if m.id == finest]
        for matrix, row, col in held[:_TILES_MAX]:
            seen += _require_items(one, table, matrix, (row, col))
            tiles += 1
    skip_unless(seen, "nessuna raccolta con tessere / no collection with tiles")
    return f"{seen} oggetti / features in {tiles} tessere / tiles"


def _require_items(one: Tileset, table: Table, matrix: Matrix, at: tuple[int, int]) -> int:
    """Raise `Failed` unless a tile has the items it must have, and none that it may not have."""
    answer = require_status(one.tile(matrix.id, *at), 200)
    drawn = [f for layer in layers_of(answer).values() for f in layer.features]
    box = matrix.box(*at)
    asked = as_text(one.grid.degrees(_grown(box, _MARGIN)))
    features, whole = table.download(SAMPLE_MAX, bbox=asked)
    if not whole:
        raise Skipped("troppi oggetti in una tessera / too many features in a tile")
    inner = box_of(*one.grid.degrees(_grown(box, -_PIXEL)))
    left = list(drawn)
    for feature in features:
        geometry = geometry_of(feature)
        same = [shown for shown in left if is_same(feature, shown)]
        left = [shown for shown in left if shown not in same]
        must = geometry is not None and geometry.intersects(inner)
        require(same or not must, answer, f"feature {feature.get('id')}, which lies here", "none")
        require(len(same) < 2, answer, f"feature {feature.get('id')} once", f"{len(same)} times")
        for shown in same:
            wrong = {n: v for n, v in _shared(feature, shown).items() if not is_equal(*v)}
            require(not wrong, answer, f"the values of {feature.get('id')}", wrong)
    extra = [shown.properties.get("id", shown.id) for shown in left]
    require(not extra, answer, "no feature but the items that lie here", extra[:5])
    return len(drawn)


def _grown(box: Box, part: float) -> Box:
    west, south, east, north = box
    x, y = (east - west) * part, (north - south) * part
    return west - x, south - y, east + x, north + y
