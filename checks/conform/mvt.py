"""A decoder of Mapbox Vector Tiles that takes every valid tile and no other.

Source: Mapbox Vector Tile Specification 2.1, sections 4.1 to 4.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

EXTENT: Final = 4096
"""Units along the side of a tile, where a layer does not say."""
UNKNOWN: Final = 0
POINT: Final = 1
LINE: Final = 2
POLYGON: Final = 3
_VERSIONS: Final = (1, 2)
_MOVE: Final = 1
_DRAW: Final = 2
_CLOSE: Final = 7
_VALUES: Final = {1: 2, 2: 5, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0}
"""Wire type of each kind of value."""
_LAYER: Final = {1: 2, 2: 2, 3: 2, 4: 2, 5: 0, 15: 0}
_FEATURE: Final = {1: 0, 2: 2, 3: 0, 4: 2}

type Position = tuple[int, int]


class InvalidTile(Exception):
    """The tile breaks the specification; the message says how."""


@dataclass(frozen=True)
class Feature:
    """One feature of a tile.

    Attributes
    ----------
    id : int or None
        Number of the feature, if it has one.
    kind : int
        0 unknown, 1 points, 2 lines, 3 polygons.
    properties : dict
        Text, numbers and booleans.
    parts : list of list of (int, int)
        Points as one part; lines; rings without their closing point, outer ones clockwise as seen.
    """

    id: int | None
    kind: int
    properties: dict[str, Any]
    parts: list[list[Position]]

    @property
    def bounds(self) -> tuple[int, int, int, int] | None:
        """Least and greatest column and row; nothing without a position."""
        points = [point for part in self.parts for point in part]
        if not points:
            return None
        columns, rows = zip(*points, strict=True)
        return min(columns), min(rows), max(columns), max(rows)


@dataclass(frozen=True)
class Layer:
    """One layer of a tile."""

    name: str
    extent: int
    features: list[Feature] = field(default_factory=list)


def decode(raw: bytes) -> dict[str, Layer]:
    """Return the layers of a tile by name; `InvalidTile` if it is not valid."""
    try:
        layers = [_layer(content) for _number, content in _fields(raw, {3: 2})]
    except (IndexError, UnicodeDecodeError, struct.error) as error:
        raise InvalidTile(f"the tile is damaged: {error}") from error
    named = {layer.name: layer for layer in layers}
    _is(len(named) == len(layers), "two layers of one name")
    return named


def _is(condition: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise InvalidTile(what)


def _layer(raw: bytes) -> Layer:
    parts: dict[int, list[Any]] = {number: [] for number in _LAYER}
    for number, content in _fields(raw, _LAYER):
        parts[number].append(content)
    _is(len(parts[15]) == 1 and parts[15][0] in _VERSIONS, "a layer has a version, 1 or 2")
    _is(len(parts[1]) == 1 and len(parts[5]) <= 1, "name and extent of a layer stand once")
    extent = parts[5][0] if parts[5] else EXTENT
    _is(extent > 0, "extent of a layer")
    keys = [str(key, "utf-8") for key in parts[3]]
    values = [_value(value) for value in parts[4]]
    strict = parts[15][0] > 1
    features = [_feature(raw, keys, values, strict=strict) for raw in parts[2]]
    numbered = [feature.id for feature in features if feature.id is not None]
    _is(len(set(numbered)) == len(numbered), "two features of one id")
    return Layer(str(parts[1][0], "utf-8"), extent, features)


def _feature(raw: bytes, keys: Sequence[str], values: Sequence[Any], *, strict: bool) -> Feature:
    parts: dict[int, Any] = {}
    for number, content in _fields(raw, _FEATURE):
        _is(number not in parts, "a part of a feature stands twice")
        parts[number] = content
    _is(3 in parts and 4 in parts, "a feature has a type and a geometry")
    tags = list(_varints(parts.get(2, b"")))
    _is(len(tags) % 2 == 0, "odd number of tags")
    pairs = list(zip(tags[::2], tags[1::2], strict=True))
    fit = all(key < len(keys) and value < len(values) for key, value in pairs)
    _is(fit, "a tag points nowhere")
    properties = {keys[key]: values[value] for key, value in pairs}
    _is(len(properties) == len(pairs), "a key occurs twice in a feature")
    outline = _outline(parts[3], list(_varints(parts[4])), strict=strict)
    return Feature(parts.get(1), parts[3], properties, outline)


def _outline(kind: int, numbers: list[int], *, strict: bool) -> list[list[Position]]:
    _is(kind in {UNKNOWN, POINT, LINE, POLYGON}, "kind of geometry")
    if kind == UNKNOWN:
        return []
    _is(bool(numbers), "a feature without outline")
    if kind == POINT:
        _is(numbers[0] & 7 == _MOVE and numbers[0] >> 3 > 0, "points are one move")
        _is(len(numbers) == 1 + 2 * (numbers[0] >> 3), "number of points")
        return [list(_walk(numbers[1:], (0, 0)))]
    parts = list(_paths(numbers, closed=kind == POLYGON))
    if kind == POLYGON and strict:
        _is(_area(parts[0]) > 0, "the first ring is an outer one")
        _is(all(_area(ring) != 0 for ring in parts), "a ring without area")
    return parts


def _paths(numbers: list[int], *, closed: bool) -> Iterator[list[Position]]:
    """Yield lines, or rings without the point that closes them."""
    cursor, at, least = (0, 0), 0, 2 if closed else 1
    while at < len(numbers):
        _is(numbers[at] == 1 << 3 | _MOVE, "a part begins with one move")
        lines = numbers[at + 3]
        count, end = lines >> 3, at + 4 + 2 * (lines >> 3)
        _is(lines & 7 == _DRAW and count >= least, "a part has too few lines")
        _is(end <= len(numbers), "an outline is cut off")
        part = list(_walk([*numbers[at + 1 : at + 3], *numbers[at + 4 : end]], cursor))
        _is(all(a != b for a, b in pairwise(part)), "a line of length zero")
        if closed:
            _is(numbers[end] == 1 << 3 | _CLOSE, "a ring is closed")
            end += 1
        yield part
        cursor, at = part[-1], end


def _area(ring: list[Position]) -> int:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]]))


def _walk(deltas: Sequence[int], start: Position) -> Iterator[Position]:
    x, y = start
    for dx, dy in zip(deltas[::2], deltas[1::2], strict=True):
        x += dx >> 1 ^ -(dx & 1)
        y += dy >> 1 ^ -(dy & 1)
        yield x, y


def _value(raw: bytes) -> Any:
    found = list(_fields(raw, _VALUES))
    _is(len(found) == 1, "a value is of one kind")
    number, content = found[0]
    if number == 1:
        return str(content, "utf-8")
    if number in {2, 3}:
        return struct.unpack("<f" if number == 2 else "<d", content)[0]
    if number == 6:
        return content >> 1 ^ -(content & 1)
    if number == 4 and content >= 1 << 63:
        return content - (1 << 64)
    return bool(content) if number == 7 else content


def _fields(raw: bytes, known: dict[int, int]) -> Iterator[tuple[int, Any]]:
    """Yield number and content of each field; `known` has the wire type of each number."""
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        number, wire = key >> 3, key & 7
        _is(known.get(number) == wire, f"field {number} of type {wire}")
        if wire == 0:
            content, at = _varint(raw, at)
            yield number, content
            continue
        size = 8 if wire == 1 else 4
        if wire == 2:
            size, at = _varint(raw, at)
        _is(at + size <= len(raw), "cut off")
        yield number, raw[at : at + size]
        at += size


def _varints(raw: bytes) -> Iterator[int]:
    at = 0
    while at < len(raw):
        number, at = _varint(raw, at)
        yield number


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        _is(at < len(raw) and shift < 64, "a number is cut off or too long")
        number |= (raw[at] & 0x7F) << shift
        shift += 7
        at += 1
        if raw[at - 1] < 0x80:
            return number, at
