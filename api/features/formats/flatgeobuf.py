"""FlatGeobuf 3: what QGIS asks for first, because it reads it fastest.

Written without the optional index: a page is read whole. The order is that of the query. Days
are ISO text, as in every other format; a list of codes is JSON.
Source: flatgeobuf.org, the schemas `header.fbs` and `feature.fbs`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import orjson
import shapely

from api.features.formats.flatbuffers import (
    Block,
    Scalar,
    sized,
    table,
    text,
    vector,
    vector_of,
)
from api.features.formats.found import Found, Piece, Shapes, Value
from geo_core.model.field import Field, FieldType
from geo_core.model.layer import GeometryKind
from geo_core.model.text import Lang

_MAGIC: Final = b"fgb\x03fgb\x01"
_POINT, _POLYGON, _MULTIPOLYGON = 1, 3, 6
_KINDS: Final[dict[GeometryKind, int]] = {"Point": _POINT, "MultiPolygon": _MULTIPOLYGON}
_EACH_ITS_OWN: Final = 0
_NO_INDEX: Final = 0

_COLUMNS: Final[dict[FieldType, int]] = {
    "boolean": 2,
    "integer": 7,
    "number": 10,
    "text": 11,
    "date": 11,
    "codes": 12,
}
"""Types of columns: Bool, Long, Double, String, Json."""


def write(found: Found) -> Iterator[bytes]:
    """Yield the header, then the features piece by piece."""
    yield _MAGIC + sized(_header(found))
    packers = [_PACKERS[field.type] for field in found.fields]
    for piece in found.pieces():
        yield b"".join(_features(piece, packers))


def _header(found: Found) -> Block:
    layer = found.collection.layer
    return table(
        text(layer.id),
        None,  # the envelope
        Scalar("B", _KINDS.get(layer.geometry, _EACH_ITS_OWN)),
        *(None,) * 4,  # neither heights, nor measures, nor times
        vector_of([_column(field, found.lang) for field in found.fields]),
        Scalar("Q", len(found.rows)),
        Scalar("H", _NO_INDEX),
        table(text("EPSG"), Scalar("i", found.epsg)),
        text(layer.title.in_(found.lang)),
        text(layer.description.in_(found.lang)),
    )


def _column(field: Field, lang: Lang) -> Block:
    return table(
        text(field.name),
        Scalar("B", _COLUMNS[field.type]),
        text(field.title.in_(lang)),
        text(field.description.in_(lang)),
    )


def _features(piece: Piece, packers: Sequence[Callable[[Any], bytes]]) -> Iterator[bytes]:
    keys = [struct.pack("<H", place) for place in range(len(packers))]
    rows = zip(*piece.columns.values(), strict=True)
    for shape, values in zip(_geometries(piece), rows, strict=True):
        packed = b"".join(
            [
                key + pack(value)
                for key, pack, value in zip(keys, packers, values, strict=True)
                if value is not None
            ]
        )
        yield sized(table(shape, vector(packed, number=len(packed))))


def _text(value: Value) -> bytes:
    raw = str(value).encode()
    return struct.pack("<I", len(raw)) + raw


def _json(value: Value) -> bytes:
    raw = orjson.dumps(value)
    return struct.pack("<I", len(raw)) + raw


_PACKERS: Final[dict[FieldType, Callable[[Any], bytes]]] = {
    "boolean": struct.Struct("<?").pack,
    "integer": struct.Struct("<q").pack,
    "number": struct.Struct("<d").pack,
    "text": _text,
    "date": _text,
    "codes": _json,
}


def _geometries(piece: Piece) -> list[Block | None]:
    """Return the geometry of each feature; None where it has none."""
    if piece.shapes is None:
        return [None] * len(piece)
    parts, owner = shapely.get_parts(piece.shapes, return_index=True)
    blocks: list[list[Block]] = [[] for _ in range(len(piece))]
    for index, block in zip(owner.tolist(), _parts(parts), strict=True):
        blocks[index].append(block)
    points = shapely.get_type_id(piece.shapes) == shapely.GeometryType.POINT
    return [
        (own[0] if point else _several(own)) if own else None
        for own, point in zip(blocks, points.tolist(), strict=True)
    ]


def _several(polygons: Sequence[Block]) -> Block:
    return table(*(None,) * 6, Scalar("B", _MULTIPOLYGON), vector_of(polygons))


def _parts(parts: Shapes) -> Iterator[Block]:
    """Yield points and polygons; `ends` says where each of several rings of a polygon ends."""
    numbers = shapely.get_num_coordinates(parts)
    ends = np.cumsum(numbers).tolist()
    holes = shapely.get_num_interior_rings(parts).tolist()
    points = shapely.get_type_id(parts) == shapely.GeometryType.POINT
    raw = shapely.get_coordinates(parts).astype("<f8").tobytes()
    of_part = zip(ends, numbers.tolist(), holes, points.tolist(), strict=True)
    for index, (end, number, several, point) in enumerate(of_part):
        content = raw[16 * (end - number) : 16 * end]
        xy = vector(content, number=2 * number, unit=8)
        kind = Scalar("B", _POINT if point else _POLYGON)
        yield table(_ends(parts[index]) if several else None, xy, *(None,) * 4, kind)


def _ends(polygon: shapely.Geometry) -> Block:
    ends = np.cumsum(shapely.get_num_coordinates(shapely.get_rings(polygon)), dtype="<u4")
    return vector(ends.tobytes(), number=len(ends))
