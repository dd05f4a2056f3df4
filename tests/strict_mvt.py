"""A strict decoder of Mapbox Vector Tiles 2.1: what it returns is valid, or it raises."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from itertools import pairwise

POINT, POLYGON = 1, 3


class Invalid(Exception):
    """The tile breaks the specification."""


@dataclass
class Feature:
    id: int
    kind: int
    properties: dict
    parts: list  # points, or polygons as lists of open rings


@dataclass
class Layer:
    name: str
    extent: int
    features: list[Feature] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    values: list = field(default_factory=list)


def decode(raw: bytes) -> dict[str, Layer]:
    layers = [_layer(content) for number, content in _fields(raw) if _is(number == 3, "tile field")]
    _is(len({layer.name for layer in layers}) == len(layers), "two layers of one name")
    return {layer.name: layer for layer in layers}


def _is(condition: bool, what: str) -> bool:  # noqa: FBT001
    if not condition:
        raise Invalid(what)
    return True


def _layer(raw: bytes) -> Layer:
    parts: dict[int, list] = {1: [], 2: [], 3: [], 4: [], 5: [], 15: []}
    for number, content in _fields(raw):
        _is(number in parts, "unknown layer field")
        parts[number].append(content)
    _is(parts[15] == [2], "version")
    _is(len(parts[1]) == 1 and len(parts[5]) == 1, "name and extent stand once")
    layer = Layer(parts[1][0].decode(), parts[5][0])
    layer.keys = [key.decode() for key in parts[3]]
    layer.values = [_value(value) for value in parts[4]]
    _is(len(set(layer.keys)) == len(layer.keys), "a key is stored twice")
    typed = [(type(value), value) for value in layer.values]
    _is(len(set(typed)) == len(typed), "a value is stored twice")
    layer.features = [_feature(feature, layer) for feature in parts[2]]
    _is(bool(layer.features), "a layer without features")
    ids = [feature.id for feature in layer.features]
    _is(len(set(ids)) == len(ids), "two features of one id")
    return layer


def _feature(raw: bytes, layer: Layer) -> Feature:
    parts = dict(_fields(raw))
    tags = list(_varints(parts.get(2, b"")))
    _is(len(tags) % 2 == 0, "odd number of tags")
    properties = {
        layer.keys[k]: layer.values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)
    }
    _is(len(properties) * 2 == len(tags), "a key occurs twice in a feature")
    kind, commands = parts[3], list(_varints(parts[4]))
    _is(kind in {POINT, POLYGON}, "kind of geometry")
    shape = _points(commands) if kind == POINT else _polygons(commands)
    return Feature(parts[1], kind, properties, shape)


def _points(commands: list[int]) -> list:
    _is(commands[0] & 7 == 1 and commands[0] >> 3 > 0, "points start with a move")
    _is(len(commands) == 1 + 2 * (commands[0] >> 3), "number of points")
    return list(_walk(commands[1:], (0, 0)))


def _polygons(commands: list[int]) -> list:
    polygons: list = []
    cursor, at = (0, 0), 0
    while at < len(commands):
        _is(commands[at] == 1 << 3 | 1, "a ring starts with one move")
        lines = commands[at + 3]
        count = lines >> 3
        _is(lines & 7 == 2 and count >= 2, "a ring has two lines at least")
        end = at + 4 + 2 * count
        ring = list(_walk([*commands[at + 1 : at + 3], *commands[at + 4 : end]], cursor))
        _is(commands[end] == 15, "a ring is closed")
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


def _walk(deltas: list[int], start: tuple[int, int]):
    x, y = start
    for dx, dy in zip(deltas[::2], deltas[1::2], strict=True):
        x += dx >> 1 ^ -(dx & 1)
        y += dy >> 1 ^ -(dy & 1)
        yield x, y


def _value(raw: bytes):
    ((number, content),) = _fields(raw)
    if number == 1:
        return content.decode()
    if number in {2, 3}:
        return struct.unpack("<f" if number == 2 else "<d", content)[0]
    if number in {4, 5}:
        return content
    if number == 6:
        return content >> 1 ^ -(content & 1)
    _is(number == 7 and content in {0, 1}, "kind of value")
    return bool(content)


def _fields(raw: bytes):
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            content, at = _varint(raw, at)
        elif wire in {1, 5}:
            size = 8 if wire == 1 else 4
            content, at = raw[at : at + size], at + size
        else:
            _is(wire == 2, "wire type")
            size, at = _varint(raw, at)
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
            return number, at
