"""Tests of OGC Two Dimensional Tile Matrix Set 2.0: grids, metadata of tilesets, limits."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final

from checks.conform.forms import (
    COUNT,
    LINKS,
    NUMBER,
    POSITIVE,
    TEXT,
    Form,
    array,
    form,
    require_form,
)
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service, links_of, media_of
from checks.conform.table import JSON
from checks.conform.tiles_grid import crs_of, grid_of, metres_per_unit
from checks.conform.tiles_sets import SCHEME, Tileset, tilesets

BASE: Final = "tms/2.0/conf/"
_PIXEL: Final = 0.00028
"""Metres of a pixel that scale denominators are of (TMS 2.0, 6.1)."""
_WEB: Final = 20037508.3427892
_ORIGINS: Final = {"WebMercatorQuad": (-_WEB, _WEB), "WorldCRS84Quad": (-180.0, 90.0)}
_FIRST: Final = {"WebMercatorQuad": 559082264.028717, "WorldCRS84Quad": 279541132.014358}
"""Origin and first scale denominator of registered grids (TMS 2.0, annex D)."""

_CRS: Final[Form] = {"anyOf": [TEXT, {"type": "object"}]}
_POINT: Final = array(NUMBER, minItems=2, maxItems=2)
_MATRIX: Final = form(
    "id scaleDenominator cellSize pointOfOrigin tileWidth tileHeight matrixWidth matrixHeight",
    id=TEXT,
    scaleDenominator=NUMBER,
    cellSize=NUMBER,
    cornerOfOrigin={"enum": ["topLeft", "bottomLeft"]},
    pointOfOrigin=_POINT,
    tileWidth=POSITIVE,
    tileHeight=POSITIVE,
    matrixWidth=POSITIVE,
    matrixHeight=POSITIVE,
)
_SET: Final = form(
    "crs tileMatrices",
    id=TEXT,
    title=TEXT,
    uri=TEXT,
    crs=_CRS,
    orderedAxes=array(TEXT, minItems=1),
    tileMatrices=array(_MATRIX, minItems=1),
)
_LIMIT: Final = form(
    "tileMatrix minTileRow maxTileRow minTileCol maxTileCol",
    tileMatrix=TEXT,
    minTileRow=COUNT,
    maxTileRow=COUNT,
    minTileCol=COUNT,
    maxTileCol=COUNT,
)
_LIMITS: Final = array(_LIMIT)
_BOX: Final = form("lowerLeft upperRight", lowerLeft=_POINT, upperRight=_POINT)
_LAYER: Final = form("id dataType", id=TEXT, dataType=TEXT, minTileMatrix=TEXT, maxTileMatrix=TEXT)
_TILESET: Final = form(
    "dataType crs links",
    title=TEXT,
    description=TEXT,
    dataType={"enum": ["map", "vector", "coverage"]},
    crs=_CRS,
    tileMatrixSetURI=TEXT,
    links=LINKS,
    tileMatrixSetLimits=_LIMITS,
    layers=array(_LAYER, minItems=1),
    boundingBox=_BOX,
    attribution=TEXT,
    license=TEXT,
    version=TEXT,
    mediaTypes=array(TEXT),
)


def _sets(service: Service) -> Iterator[Answer]:
    """Yield the definition of each grid that a tested tileset links."""
    seen = set()
    for one in tilesets(service):
        links = links_of(one.document, *SCHEME)
        links.sort(key=lambda link: "json" not in media_of(link))
        if links and links[0]["href"] not in seen:
            seen.add(links[0]["href"])
            yield service.ask(str(links[0]["href"]))
    skip_unless(seen, "nessuna griglia collegata / no tile matrix set is linked")


def _limited(service: Service) -> list[Tileset]:
    found = [one for one in tilesets(service) if one.is_limited]
    skip_unless(found, "nessun limite / no limits")
    return found


@conformance_class(f"{BASE}tilematrixset")(
    "/req/tilematrixset/model", "Una griglia è quella che dice di essere"
)
def tilematrixset(service: Service) -> str:
    """A tile matrix set is what it says it is."""
    seen = []
    for answer in _sets(service):
        document = object_of(answer)
        require_form(answer, document, _SET, "a tile matrix set")
        matrices = document["tileMatrices"]
        names = [matrix["id"] for matrix in matrices]
        require(len(set(names)) == len(names), answer, "each matrix once", names)
        scales = [matrix["scaleDenominator"] for matrix in matrices]
        falling = all(a > b for a, b in pairwise(scales))
        require(falling, answer, "falling scale denominators", scales)
        unit = metres_per_unit(crs_of(document["crs"]))
        for matrix in matrices:
            scale = matrix["cellSize"] * unit / _PIXEL
            near = math.isclose(scale, matrix["scaleDenominator"], rel_tol=1e-5)
            expected = f"matrix {matrix['id']}: scaleDenominator {scale}"
            require(near, answer, expected, matrix["scaleDenominator"])
        _require_known(answer, document)
        seen.append(str(document.get("id", document.get("uri"))))
    return ", ".join(seen)


def _require_known(answer: Answer, document: dict[str, Any]) -> None:
    """Raise `Failed` where a registered grid differs from its registration."""
    name = str(document.get("uri") or document.get("id") or "").rpartition("/")[2]
    if name not in _FIRST:
        return
    first = next(iter(grid_of(document).matrices.values()))
    near = all(
        math.isclose(a, b, rel_tol=1e-8)
        for a, b in zip((first.west, first.north), _ORIGINS[name], strict=True)
    )
    require(near, answer, f"{name}: origin {_ORIGINS[name]}", (first.west, first.north))
    scale = document["tileMatrices"][0]["scaleDenominator"]
    same = math.isclose(scale, _FIRST[name], rel_tol=1e-6)
    require(same, answer, f"{name}: scaleDenominator {_FIRST[name]}", scale)


@conformance_class(f"{BASE}tilesetmetadata")(
    "/req/tilesetmetadata/model", "La descrizione di un insieme ne dice tipo, area e strati"
)
def metadata_model(service: Service) -> str:
    """The metadata of a tileset tell its type, its area and its layers."""
    for one in tilesets(service):
        require_form(one.answer, object_of(one.answer), _TILESET, "the metadata of a tileset")
        known = list(one.grid.matrices)
        for layer in one.document.get("layers", ()):
            told = [layer.get(f"{side}TileMatrix") for side in ("min", "max")]
            unknown = [name for name in told if name is not None and name not in known]
            require(not unknown, one.answer, "matrices of the grid", unknown)
        lowest, highest = ((one.document.get("boundingBox") or {}).get(k) for k in _CORNERS)
        if lowest is not None and highest is not None:
            right = all(a <= b for a, b in zip(lowest, highest, strict=True))
            require(right, one.answer, "a box with its lower corner first", (lowest, highest))
    return f"{len(tilesets(service))} insiemi / tilesets"


_CORNERS: Final = ("lowerLeft", "upperRight")


@conformance_class(f"{BASE}tilesetmetadata")(
    "/req/tilesetmetadata/identifier", "La descrizione di un insieme ne indica la griglia"
)
def metadata_identifier(service: Service) -> str:
    """The metadata of a tileset lead to its tile matrix set, or hold it."""
    for one in tilesets(service):
        held = isinstance(one.document.get("tileMatrixSet"), dict)
        led = links_of(one.document, *SCHEME)
        require(held or led, one.answer, f"a link {SCHEME[0]}", links_of(one.document))
        require(one.grid.matrices, one.answer, "a tile matrix set", one.grid)
    return f"{len(tilesets(service))} insiemi / tilesets"


@conformance_class(f"{BASE}tilematrixsetlimits")(
    "/req/tilematrixsetlimits/model", "I limiti stanno nella griglia, una volta per livello"
)
def limits_model(service: Service) -> str:
    """Limits are within the grid, once for each matrix."""
    for one in _limited(service):
        require_form(one.answer, one.document["tileMatrixSetLimits"], _LIMITS, "limits")
        names = [tiles.matrix for tiles in one.ranges]
        require(len(set(names)) == len(names), one.answer, "each matrix once", names)
        for tiles in one.ranges:
            matrix = one.grid.matrices.get(tiles.matrix)
            require(matrix is not None, one.answer, f"a matrix {tiles.matrix}", names)
            if matrix is not None:
                inside = tiles.rows[0] <= tiles.rows[1] < matrix.rows
                inside = inside and tiles.cols[0] <= tiles.cols[1] < matrix.columns
                expected = f"within {matrix.rows} rows and {matrix.columns} columns"
                require(inside, one.answer, expected, tiles)
    return f"{len(_limited(service))} insiemi / tilesets"


def _require_strict(answer: Answer) -> None:
    """Raise `Failed` unless a document is JSON in UTF-8 with each member once."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _value in pairs}) < len(pairs):
            raise ValueError("a member stands twice")
        return dict(pairs)

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        json.loads(answer.body.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except ValueError as error:
        require(holds=False, answer=answer, expected="JSON in UTF-8", found=str(error))


type Look = Callable[[Service], list[Answer]]


def _json_class(name: str, italian: str, look: Look, wanted: Form, part: str | None) -> None:
    """Add the tests of one JSON encoding: that it is JSON, its form and its media type."""
    group = conformance_class(f"{BASE}json-{name}")

    @group(f"/req/json-{name}/ietf", f"{italian}: JSON")
    def ietf(service: Service) -> str:
        """The documents are JSON, in UTF-8, with each member once."""
        for answer in look(service):
            _require_strict(answer)
        return f"{len(look(service))} documenti / documents"

    @group(f"/req/json-{name}/schema", f"{italian}: la forma")
    def schema(service: Service) -> str:
        """The documents have the form of the schema."""
        for answer in look(service):
            document = object_of(answer)
            require_form(answer, document[part] if part else document, wanted, name)
        return f"{len(look(service))} documenti / documents"

    if part is None:

        @group(f"/req/json-{name}/media-type", f"{italian}: il tipo")
        def media_type(service: Service) -> str:
            """The documents are of type application/json."""
            for answer in look(service):
                require(answer.media == JSON, answer, JSON, answer.media)
            return f"{len(look(service))} documenti / documents"


def _grids(service: Service) -> list[Answer]:
    return list(_sets(service))


def _descriptions(service: Service) -> list[Answer]:
    return [one.answer for one in tilesets(service)]


def _limits(service: Service) -> list[Answer]:
    return [one.answer for one in _limited(service)]


_json_class("tilematrixset", "Le griglie", _grids, _SET, None)
_json_class("tilesetmetadata", "Le descrizioni degli insiemi", _descriptions, _TILESET, None)
_json_class("tilematrixsetlimits", "I limiti", _limits, _LIMITS, "tileMatrixSetLimits")
