"""A strict reader of Mapbox Vector Tiles 2.1: tags and outlines of a layer as arrays.

The specification lets the same tile be written in many ways, and which one it is could be a
figure; so one way alone is read, that of the releases.

Source: Mapbox Vector Tile Specification 2.1, sections 4.1 to 4.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

type Ints = npt.NDArray[np.int64]

EXTENT: Final = 4096
"""Units along the side of a tile."""


POINT: Final = 1
POLYGON: Final = 3
_MOVE: Final = 1
_LINE: Final = 2
_CLOSE: Final = 15


class InvalidTile(Exception):
    """The tile breaks the specification."""


@dataclass(frozen=True)
class Layer:
    """One layer of a tile; n features and k keys.

    Attributes
    ----------
    values : list
        Distinct values: text, int, float or bool.
    tags : int array, (n, k)
        Position in `values`, or -1 where the feature has no such key.
    ids : uint64 array, (n,)
    kinds : int array, (n,)
        1 point, 3 polygon.
    points : int array, (m, 2)
        The vertices of all outlines, in units of the tile.
    counts : int array, (n,)
        How many of them each feature has.
    begins : bool array, (m,)
        Which of them begin a ring.
    follows : set of pairs of int
        Keys one of which stands right behind the other in a feature.
    """

    name: str
    keys: list[str]
    values: list[Any]
    tags: Ints
    ids: npt.NDArray[np.uint64]
    kinds: Ints
    points: Ints
    counts: Ints
    begins: npt.NDArray[np.bool_]
    follows: set[tuple[int, int]]

    @property
    def idle(self) -> int:
        """Keys and values that no feature has."""
        used = np.zeros(len(self.values) + 1, bool)
        used[self.tags] = True  # -1 marks the last, which stands for no value
        return int((~used[:-1]).sum() + (~(self.tags >= 0).any(axis=0)).sum())


def decode(raw: bytes) -> list[Layer]:
    """Return the layers of a tile (not packed); `InvalidTile` if it is not valid."""
    try:
        return [_layer(content) for number, content in _fields(raw) if _is(number == 3, "field")]
    except (IndexError, KeyError, ValueError, struct.error, TypeError) as error:
        raise InvalidTile(f"the tile is damaged: {error}") from error


def _is(condition: bool, what: str) -> bool:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise InvalidTile(what)
    return True


def _layer(raw: bytes) -> Layer:
    parts: dict[int, list[Any]] = {1: [], 2: [], 3: [], 4: [], 5: [], 15: []}
    last = 0
    for number, content in _fields(raw):
        _is(number >= last, "the parts of a layer are not in their order")
        last = number
        parts[number].append(content)
    _is(parts[15] == [2] and len(parts[1]) == 1 and parts[5] == [EXTENT], "head of a layer")
    keys = [str(key, "utf-8") for key in parts[3]]
    _is(len(set(keys)) == len(keys), "a key is stored twice")
    values = [_value(value) for value in parts[4]]
    _is(len(set(parts[4])) == len(values), "a value is stored twice")
    ids, packed, kinds, outlines = zip(*map(_feature, parts[2]), strict=True)
    tags, follows = _tags(packed, len(keys), len(values))
    points, counts, begins = _outlines(outlines, kinds)
    return Layer(
        name=str(parts[1][0], "utf-8"),
        keys=keys,
        values=values,
        tags=tags,
        ids=np.array(ids, np.uint64),
        kinds=np.array(kinds, np.int64),
        points=points,
        counts=counts,
        begins=begins,
        follows=follows,
    )


def _feature(raw: bytes) -> tuple[int, bytes, int, bytes]:
    """Return number, tags, kind and outline of a feature."""
    found: dict[int, Any] = {1: 0, 2: b"", 3: 0, 4: b""}
    last = 0
    for number, content in _fields(raw):
        _is(number in found, "field of a feature")
        _is(number != 1 or content > 0, "a number that says nothing")
        _is(number > last, "a part of a feature stands twice, or not in its order")
        found[number], last = content, number
    return found[1], found[2], found[3], found[4]


def _tags(packed: Sequence[bytes], keys: int, values: int) -> tuple[Ints, set[tuple[int, int]]]:
    """Return which value each feature has of each key, and which keys follow each other."""
    numbers, count = _varints(packed)
    _is(bool((count % 2 == 0).all()), "odd number of tags")
    owner = np.repeat(np.arange(len(packed)), count // 2)
    key, value = numbers[::2], numbers[1::2]
    _is(bool((key < keys).all() and (value < values).all()), "a tag points nowhere")
    by_key = value[np.argsort(key, kind="stable")]
    for named, size in ((key, keys), (by_key, values)):
        first = _first(named, size)
        _is(bool((np.diff(first) > 0).all()), "keys or values are not in the order of features")
    tags = np.full((len(packed), keys), -1, np.int64)
    tags[owner, key] = value
    _is(int((tags >= 0).sum()) == len(key), "a key occurs twice in a feature")
    follows = np.zeros((keys, keys), bool)
    same = owner[:-1] == owner[1:]
    follows[key[:-1][same], key[1:][same]] = True
    return tags, {(a, b) for a, b in np.argwhere(follows).tolist()}


def _first(numbers: Ints, size: int) -> Ints:
    """Return where each number below `size` that occurs is seen first, the least number first."""
    first = np.full(size, len(numbers), np.int64)
    # Backwards: of several places the one that is written last stays.
    first[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    return np.asarray(first[first < len(numbers)], np.int64)


def _outlines(
    packed: Sequence[bytes], kinds: Sequence[int]
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return the vertices of all outlines, how many each has, and which begin a ring."""
    numbers, count = _varints(packed)
    starts = np.concatenate([[0], np.cumsum(count)])
    commands, rings = _commands(numbers.tolist(), starts.tolist(), kinds)
    is_step = np.ones(len(numbers), bool)
    is_step[commands] = False
    before = np.concatenate([[0], np.cumsum(is_step)]) // 2
    deltas = numbers >> 1 ^ -(numbers & 1)
    points = np.cumsum(deltas[is_step].reshape(-1, 2), axis=0)
    first = before[starts]
    counts = np.diff(first)
    begins = np.zeros(len(points), bool)
    begins[before[rings]] = True
    # One sum runs through all features; what it had reached before each is taken off again.
    points = points - np.repeat(np.concatenate([[[0, 0]], points])[first[:-1]], counts, axis=0)
    return points, counts, begins


def _commands(
    numbers: list[int], starts: list[int], kinds: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return where the commands stand, and those that begin a ring.

    Points are one command; a ring is a move, one line through its other vertices, and a close.
    """
    found, rings = [], []
    for (start, end), kind in zip(pairwise(starts), kinds, strict=True):
        _is(kind in {POINT, POLYGON} and start < end, "a feature without outline")
        at = start
        if kind == POINT:
            _is(numbers[at] == (end - at) // 2 << 3 | _MOVE, "command")
            found.append(at)
            rings.append(at)
            at += 1 + 2 * ((end - at) // 2)
        while at < end:
            line = at + 3
            close = line + 1 + 2 * (numbers[line] >> 3)
            _is(numbers[at] == 1 << 3 | _MOVE and numbers[line] & 7 == _LINE, "command")
            _is(close > line + 1 and numbers[close] == _CLOSE, "command")
            found += (at, line, close)
            rings.append(at)
            at = close + 1
        _is(at == end, "an outline is cut off")
    return found, rings


def _varints(packed: Sequence[bytes]) -> tuple[Ints, Ints]:
    """Return all numbers of packed fields, and how many each field has."""
    data = np.frombuffer(b"".join(packed), np.uint8)
    last = data < 0x80
    stops = np.concatenate([[0], np.cumsum([len(p) for p in packed], dtype=np.int64)])
    _is(bool(last[[s - 1 for p, s in zip(packed, stops[1:], strict=True) if p]].all()), "cut off")
    ends = np.flatnonzero(last)
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    shift = 7 * (np.arange(len(data)) - np.repeat(starts, np.diff(starts, append=len(data))))
    _is(bool((shift < 63).all()), "too long a number")
    _is(bool(((data > 0) | (shift == 0)).all()), "a number with idle bytes")
    bits = (data & 0x7F).astype(np.int64) << shift
    numbers = np.add.reduceat(bits, starts) if len(ends) else np.empty(0, np.int64)
    until = np.concatenate([[0], np.cumsum(last)])
    return numbers, until[stops[1:]] - until[stops[:-1]]


_SIZES: Final[Mapping[int, int | None]] = {0: None, 1: 8, 2: None, 5: 4}
"""Bytes of a field by its wire type; None if a number says how many, or is the content."""


@lru_cache(1 << 16)
def _value(raw: bytes) -> Any:
    ((number, content),) = _fields(raw)
    if number == 1:
        return content.decode()
    if number == 3:
        return struct.unpack("<d", content)[0]
    # Of the ways to write a number one is used: which of them it is could be a figure.
    if number == 6:
        _is(content & 1 == 1, "kind of value")
        return -(content >> 1) - 1
    _is(number == 5 or (number == 7 and content <= 1), "kind of value")
    return bool(content) if number == 7 else content


def _fields(raw: bytes) -> Iterator[tuple[int, Any]]:
    # Written out: a release has millions of fields, and nearly every length is one byte.
    at, end = 0, len(raw)
    while at < end:
        key = raw[at]  # numbers of fields are small: their key is one byte
        wire = key & 7
        if key >= 0x80 or wire not in _SIZES:
            raise InvalidTile("wire type")
        size, at = _SIZES[wire], at + 1
        if size is None:
            size, at = raw[at], at + 1
            if size >= 0x80:
                size, at = _varint(raw, at - 1)
        if wire == 0:
            yield key >> 3, size
            continue
        if at + size > end:
            raise InvalidTile("cut off")
        yield key >> 3, raw[at : at + size]
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    number, shift = raw[at] & 0x7F, 7
    while raw[at] >= 0x80:
        at += 1
        number |= (raw[at] & 0x7F) << shift
        shift += 7
        _is(shift <= 70, "too long a number")
    _is(raw[at] > 0, "a number with idle bytes")
    return number, at + 1
