"""A strict decoder of Mapbox Vector Tiles 2.1: what it returns is valid, or it raises.

What is read is bounded by the bytes that are there: a count is compared with them before anything
is made from it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from itertools import pairwise

UNKNOWN, POINT, LINE, POLYGON = range(4)

LARGEST = 16 << 20
"""Bytes of a tile at most."""

_LAYER = {1: 2, 2: 2, 3: 2, 4: 2, 5: 0, 15: 0}
_FEATURE = {1: 0, 2: 2, 3: 0, 4: 2}
_VALUE = {1: 2, 2: 5, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0}
"""Wire type by field."""


class Invalid(Exception):
    """The tile breaks the specification."""


@dataclass
class Feature:
    id: int | None
    kind: int
    properties: dict
    parts: list  # points, lines, or polygons as lists of open rings; commands of an unknown kind


@dataclass
class Layer:
    name: str
    version: int
    extent: int
    features: list[Feature] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    values: list = field(default_factory=list)


def decode(raw: bytes) -> dict[str, Layer]:
    _is(len(raw) <= LARGEST, "a tile is too large")
    try:
        layers = [_layer(content) for _, content in _fields(raw, {3: 2})]
    except UnicodeDecodeError:
        raise Invalid("a text is not UTF-8") from None
    _is(len({layer.name for layer in layers}) == len(layers), "two layers of one name")
    return {layer.name: layer for layer in layers}


def _is(condition: bool, what: str) -> bool:  # noqa: FBT001
    if not condition:
        raise Invalid(what)
    return True


def _layer(raw: bytes) -> Layer:
    parts: dict[int, list] = {number: [] for number in _LAYER}
    for number, content in _fields(raw, _LAYER):
        parts[number].append(content)
    _is(parts[15] in ([1], [2]), "version")
    _is(len(parts[1]) == 1 and len(parts[5]) <= 1, "name and extent stand once")
    layer = Layer(parts[1][0].decode(), parts[15][0], *parts[5] or [4096])
    layer.keys = [key.decode() for key in parts[3]]
    layer.values = [_value(value) for value in parts[4]]
    _is(len(set(layer.keys)) == len(layer.keys), "a key is stored twice")
    _is(len(set(parts[4])) == len(parts[4]), "a value is stored twice")
    layer.features = [_feature(feature, layer) for feature in parts[2]]
    ids = [feature.id for feature in layer.features if feature.id is not None]
    _is(len(set(ids)) == len(ids), "two features of one id")
    return layer


def _feature(raw: bytes, layer: Layer) -> Feature:
    fields = list(_fields(raw, _FEATURE))
    parts = dict(fields)
    _is(len(parts) == len(fields), "a part of a feature stands twice")
    tags = list(_varints(parts.get(2, b"")))
    _is(len(tags) % 2 == 0, "odd number of tags")
    _is(all(key < len(layer.keys) for key in tags[::2]), "a tag names no key")
    _is(all(value < len(layer.values) for value in tags[1::2]), "a tag names no value")
    properties = {
        layer.keys[k]: layer.values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)
    }
    _is(len(properties) * 2 == len(tags), "a key occurs twice in a feature")
    _is(parts.get(3) in _PARTS, "kind of geometry")
    commands = list(_varints(parts.get(4, b"")))
    _is(bool(commands), "no geometry")
    return Feature(parts.get(1), parts[3], properties, _PARTS[parts[3]](commands))


def _points(commands: list[int]) -> list:
    _is(commands[0] & 7 == 1 and commands[0] >> 3 > 0, "points start with a move")
    _is(len(commands) == 1 + 2 * (commands[0] >> 3), "number of points")
    return list(_walk(commands[1:], (0, 0)))


def _lines(commands: list[int]) -> list:
    lines: list = []
    cursor, at = (0, 0), 0
    while at < len(commands):
        line, at = _stroke(commands, at, cursor, least=1)
        _is(all(a != b for a, b in pairwise(line)), "a segment of length zero")
        lines.append(line)
        cursor = line[-1]
    return lines


def _polygons(commands: list[int]) -> list:
    polygons: list = []
    cursor, at = (0, 0), 0
    while at < len(commands):
        ring, end = _stroke(commands, at, cursor, least=2)
        _is(commands[end : end + 1] == [15], "a ring is closed")
        _is(all(a != b for a, b in pairwise([*ring, ring[0]])), "a segment of length zero")
        area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]]))
        _is(area != 0, "a ring without area")
        if area > 0:
            polygons.append([ring])
        else:
            _is(bool(polygons), "a hole without exterior")
            polygons[-1].append(ring)
        cursor, at = ring[-1], end + 1
    return polygons


_PARTS = {UNKNOWN: list, POINT: _points, LINE: _lines, POLYGON: _polygons}


def _stroke(commands: list[int], at: int, cursor: tuple[int, int], least: int) -> tuple[list, int]:
    """Return the positions of one move and the lines that follow it, and where they end."""
    _is(commands[at] == 1 << 3 | 1 and at + 3 < len(commands), "a line starts with one move")
    lines = commands[at + 3]
    count = lines >> 3
    end = at + 4 + 2 * count
    _is(lines & 7 == 2 and count >= least and end <= len(commands), "number of lines")
    steps = [*commands[at + 1 : at + 3], *commands[at + 4 : end]]
    return list(_walk(steps, cursor)), end


def _walk(deltas: list[int], start: tuple[int, int]):
    x, y = start
    for dx, dy in zip(deltas[::2], deltas[1::2], strict=True):
        x += dx >> 1 ^ -(dx & 1)
        y += dy >> 1 ^ -(dy & 1)
        yield x, y


def _value(raw: bytes):
    fields = list(_fields(raw, _VALUE))
    _is(len(fields) == 1, "a value is one")
    ((number, content),) = fields
    if number == 1:
        return content.decode()
    if number in {2, 3}:
        return struct.unpack("<f" if number == 2 else "<d", content)[0]
    if number == 4:
        return content - (content >> 63 << 64)
    if number == 6:
        return content >> 1 ^ -(content & 1)
    _is(number == 5 or content in {0, 1}, "kind of value")
    return bool(content) if number == 7 else content


def _fields(raw: bytes, wires: dict[int, int]):
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        number, wire = key >> 3, key & 7
        _is(wires.get(number) == wire, f"field {number} of wire type {wire}")
        if wire == 0:
            content, at = _varint(raw, at)
        else:
            size, at = (8 if wire == 1 else 4, at) if wire != 2 else _varint(raw, at)
            content, at = raw[at : at + size], at + size
        _is(at <= len(raw), "cut off")
        yield number, content


def _varints(raw: bytes):
    at = 0
    while at < len(raw):
        number, at = _varint(raw, at)
        yield number


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        _is(at < len(raw) and shift < 64, "cut off or too long number")
        number |= (raw[at] & 0x7F) << shift
        shift += 7
        at += 1
        if raw[at - 1] < 0x80:
            _is(number < 1 << 64, "too large a number")
            return number, at
