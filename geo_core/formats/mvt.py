"""A strict encoder for Mapbox Vector Tiles 2.1.

Whatever it is given, what it writes is valid: rings are closed and wound as the specification
says, no segment has length zero, no ring is degenerate, no feature id occurs twice, keys and
values are stored once. A polygon too small for the grid becomes the smallest square, so that
no feature vanishes at low zooms. Source: mapbox/vector-tile-spec, version 2.1.
"""

from __future__ import annotations

import struct
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

import orjson

from geo_core.errors import ReleaseError

EXTENT: Final = 4096
"""Units along a tile's side."""

type Position = tuple[int, int]
type Ring = Sequence[Position]
"""Positions in tile units, y to the south; the first may be repeated at the end."""
type Polygon = Sequence[Ring]
"""The exterior ring, then the holes."""

_POINT: Final = 1
_POLYGON: Final = 3
_CLOSE: Final = 15


@dataclass(frozen=True, slots=True)
class Tags:
    """The properties of a feature: keys, and as many encoded values; a null has neither."""

    keys: tuple[str, ...]
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TileFeature:
    """One feature in one tile: either points or polygons, in tile units."""

    id: int
    tags: Tags
    points: Sequence[Position] = ()
    polygons: Sequence[Polygon] = ()


def feature_id(ident: str) -> int:
    """Return the id of a feature in tiles: the first 52 bits of the SHA-256 of its text id.

    52 bits survive the double precision numbers of JavaScript.
    """
    return int(sha256(ident.encode()).hexdigest()[:13], 16)


def feature_ids(idents: Sequence[str], *, where: str) -> list[int]:
    """Return the tile ids of a collection's features.

    Raises
    ------
    ReleaseError
        Two features would share an id; `where` names the collection.
    """
    ids = [feature_id(ident) for ident in idents]
    if len(set(ids)) < len(ids):
        raise ReleaseError(
            "two features have the same id in vector tiles", where=where, hint="rename one of them"
        )
    return ids


def tags(properties: Iterable[tuple[str, object]]) -> Tags:
    """Encode properties once, for every tile a feature occurs in.

    Whole numbers stay whole, a list of codes becomes JSON text, a null is left out.
    """
    kept = [(key, value) for key, value in properties if value is not None]
    return Tags(
        keys=tuple(key for key, _ in kept),
        values=tuple(_value(_hashable(value)) for _, value in kept),
    )


def encode(layer: str, features: Iterable[TileFeature]) -> bytes:
    """Encode one tile with one layer.

    Parameters
    ----------
    layer : str
        Name of the layer inside the tile.
    features : Iterable[TileFeature]
        Distinct features, already cut to the tile and its buffer.

    Returns
    -------
    bytes
        The tile, not compressed; empty if there is no feature (an empty tile is valid).

    Raises
    ------
    ReleaseError
        Two features have the same id, or one has no geometry.
    """
    keys: _Numbered[str] = _Numbered()
    values: _Numbered[bytes] = _Numbered()
    encoded: list[bytes] = []
    seen: set[int] = set()
    for feature in features:
        if feature.id in seen:
            raise ReleaseError("a feature occurs twice in a vector tile", where=layer)
        seen.add(feature.id)
        encoded.append(_message(2, _feature(feature, keys, values)))
    if not encoded:
        return b""
    body = b"".join((
        _message(1, layer.encode()),
        *encoded,
        *(_message(3, key.encode()) for key in keys),
        *(_message(4, value) for value in values),
        _key(5, 0) + varint(EXTENT),
        _key(15, 0) + varint(2),
    ))  # fmt: skip
    return _message(3, body)


def varint(number: int) -> bytes:
    """Encode an unsigned integer, 7 bits a byte, least significant first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


_SMALL: Final = tuple(varint(number) for number in range(1 << 14))
"""Almost every integer of a tile: tags, commands and moves inside one tile."""


def _packed(numbers: Sequence[int]) -> bytes:
    try:
        return b"".join([_SMALL[number] for number in numbers])
    except IndexError:
        return b"".join(map(varint, numbers))


def _key(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


_KEYS: Final = tuple(_key(number, 2) for number in range(6))
"""Keys of the parts that have a length, by field number."""

_FEATURE_ID: Final = _key(1, 0)
_KIND: Final = {kind: _key(3, 0) + varint(kind) for kind in (_POINT, _POLYGON)}


def _message(number: int, content: bytes) -> bytes:
    return _KEYS[number] + _packed((len(content),)) + content


def _hashable(value: object) -> Hashable:
    return orjson.dumps(value).decode() if isinstance(value, list) else value


def _value(value: Hashable) -> bytes:
    """Encode a Value message; floats are not kept, for 0.0 and -0.0 are one key to a cache."""
    if isinstance(value, float):
        return _key(3, 1) + struct.pack("<d", value)
    return _kept_value(value)


@lru_cache(maxsize=1 << 16, typed=True)
def _kept_value(value: object) -> bytes:
    """Encode a Value message; the cache is typed, so that 1 and True stay apart."""
    if isinstance(value, bool):
        return _key(7, 0) + varint(int(value))
    if isinstance(value, int):
        return (
            _key(6, 0) + varint(value << 1 ^ value >> 63)
            if value < 0
            else _key(5, 0) + varint(value)
        )
    return _message(1, str(value).encode())


class _Numbered[Key](dict[Key, int]):
    """Numbers what it is asked for, in the order it was first asked."""

    def __missing__(self, key: Key) -> int:
        number = self[key] = len(self)
        return number


def _feature(feature: TileFeature, keys: _Numbered[str], values: _Numbered[bytes]) -> bytes:
    indices = [0] * (2 * len(feature.tags.keys))
    indices[::2] = map(keys.__getitem__, feature.tags.keys)
    indices[1::2] = map(values.__getitem__, feature.tags.values)
    if not feature.polygons and not feature.points:
        raise ReleaseError(f"feature {feature.id} has no geometry in a vector tile")
    kind = _POLYGON if feature.polygons else _POINT
    geometry = _polygons(feature.polygons) if feature.polygons else _points(feature.points)
    return b"".join((
        _FEATURE_ID + varint(feature.id),
        _message(2, _packed(indices)) if indices else b"",
        _KIND[kind],
        _message(4, _packed(geometry)),
    ))  # fmt: skip


def _points(points: Sequence[Position]) -> list[int]:
    return [len(points) << 3 | 1, *_moves(points, (0, 0))]


def _polygons(polygons: Sequence[Polygon]) -> list[int]:
    """Return the commands of polygons; if all are too small, those of the smallest square."""
    rings = [ring for polygon in polygons for ring in _wound(polygon)]
    if not rings:
        rings = [_square(polygons[0][0][0])]
    commands: list[int] = []
    cursor = (0, 0)
    for ring in rings:
        first, *rest = ring
        commands += (1 << 3 | 1, *_moves((first,), cursor))
        commands += (len(rest) << 3 | 2, *_moves(rest, first), _CLOSE)
        cursor = ring[-1]
    return commands


def _moves(positions: Sequence[Position], start: Position) -> list[int]:
    """Return the steps from position to position, zigzag encoded (written out: it is hot)."""
    x, y = start
    out: list[int] = []
    for to_x, to_y in positions:
        east, south = to_x - x, to_y - y
        out += (east << 1 ^ east >> 63, south << 1 ^ south >> 63)
        x, y = to_x, to_y
    return out


def _wound(polygon: Polygon) -> list[Ring]:
    """Return the rings that have an area: exterior positive, holes negative.

    A polygon whose exterior has none is left out with its holes.
    """
    exterior, *holes = [_open(ring) for ring in polygon]
    area = _area(exterior)
    if area == 0:
        return []
    return [
        exterior if area > 0 else exterior[::-1],
        *(hole if inside < 0 else hole[::-1] for hole in holes if (inside := _area(hole))),
    ]


def _open(ring: Ring) -> list[Position]:
    """Drop repeated positions, the closing one included."""
    kept: list[Position] = []
    for position in ring:
        if not kept or kept[-1] != position:
            kept.append(position)
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return kept


def _area(ring: Sequence[Position]) -> int:
    """Return twice the signed area (surveyor's formula); 0 for less than three positions."""
    area = 0
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        area += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return area


def _square(corner: Position) -> Ring:
    """Return the smallest ring with an area, wound as an exterior, inside the buffered tile."""
    x, y = corner
    return ((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1))
