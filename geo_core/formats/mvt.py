"""A strict encoder for Mapbox Vector Tiles 2.1: all tiles of a zoom in a few steps over arrays.

What it cannot write as the specification says it refuses: a ring that is wound the wrong way or
has no area, a segment of length zero, a feature twice in a tile. Keys and values are stored
once, values key by key in the order of the features: like stands by like, which packs better.
Features have no number beside the text id of their properties: it would be a third of a packed
tile of hexagons.
Source: mapbox/vector-tile-spec, version 2.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray

from geo_core.errors import ReleaseError
from geo_core.formats.outlines import Ints, Outlines, runs, starts, totals
from geo_core.formats.varints import packed, sizes_of, varint

EXTENT: Final = 4096
"""Units along a tile's side."""

_POINT: Final = 1
_POLYGON: Final = 3
_MOVE: Final = 1 << 3 | 1
_LINE: Final = 2
_CLOSE: Final = 15

_AT_ONCE: Final = 4096
"""Features whose numbers are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of n features, encoded once for every tile they occur in.

    Attributes
    ----------
    keys : tuple of k str
    values : list of bytes
        Distinct values, each a part of a layer.
    codes : int array, (n, k)
        Position in `values`; -1 is null.
    """

    keys: tuple[str, ...]
    values: list[bytes]
    codes: Ints


@dataclass(frozen=True, slots=True)
class Pieces:
    """n pieces of features in t tiles, those of a tile together.

    Attributes
    ----------
    counts : int array, (t,)
        How many each tile has, one at least.
    rows : int array, (n,)
        Positions of the features in the properties.
    outlines : Outlines
        Points, or rings: an exterior wound positive, then its holes, wound negative.
    """

    counts: Ints
    rows: Ints
    outlines: Outlines


def properties(columns: Mapping[str, Sequence[object]]) -> Properties:
    """Encode columns of n values; the values of each are of one type, or None.

    Whole numbers stay whole, a list of codes becomes JSON text, a null is left out.
    """
    known: dict[bytes, int] = {}
    codes = [_coded(column, known) for column in columns.values()]
    matrix = np.array(codes, np.int64).reshape(len(codes), -1).T
    return Properties(tuple(columns), list(known), np.ascontiguousarray(matrix))


def _coded(column: Sequence[object], known: dict[bytes, int]) -> list[int]:
    """Return the position in `known` of each value of a column, and add those it lacks."""
    plain = [orjson.dumps(v).decode() if isinstance(v, list) else v for v in column]
    of: dict[object, int] = {
        value: known.setdefault(_message(4, _value(value)), len(known))
        for value in dict.fromkeys(plain)
        if value is not None
    }
    of[None] = -1
    return [of[value] for value in plain]


def encode(layer: str, pieces: Pieces, said: Properties) -> Iterator[bytes]:
    """Encode tiles of one layer.

    Parameters
    ----------
    layer : str
        Name of the layer inside the tiles.
    pieces : Pieces
        Features, already cut to their tiles and buffers.
    said : Properties
        Of the collection they are from.

    Yields
    ------
    bytes
        One tile after the other, not compressed.

    Raises
    ------
    ReleaseError
        A feature occurs twice in a tile, or an outline is not valid.
    """
    if not len(pieces.counts):
        return
    _check(layer, pieces)
    codes = said.codes[pieces.rows]
    numbered = _numbered(codes, pieces.counts, len(said.values))
    body, ends = _features(pieces, codes, numbered)
    head = _message(1, layer.encode())
    keys = [_message(3, key.encode()) for key in said.keys]
    tail = _key(5, 0) + varint(EXTENT) + _key(15, 0) + varint(2)
    last = np.cumsum(pieces.counts) - 1
    begin = 0
    for end, used, values in zip(ends[last].tolist(), numbered.keys, numbered.values, strict=True):
        yield _message(3, b"".join((
            head,
            body[begin:end],
            *(keys[key] for key in used),
            *(said.values[value] for value in values),
            tail,
        )))  # fmt: skip
        begin = end


def _key(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


def _message(number: int, content: bytes) -> bytes:
    return _key(number, 2) + varint(len(content)) + content


_FEATURE: Final = _key(2, 2)[0]
_TAGS: Final = _key(2, 2)[0]
_KIND: Final = _key(3, 0)[0]
_GEOMETRY: Final = _key(4, 2)[0]


def _value(value: object) -> bytes:
    if isinstance(value, bool):
        return _key(7, 0) + varint(int(value))
    if isinstance(value, int):
        return (
            _key(6, 0) + varint(value << 1 ^ value >> 63)
            if value < 0
            else _key(5, 0) + varint(value)
        )
    if isinstance(value, float):
        return _key(3, 1) + struct.pack("<d", value + 0.0)  # 0.0 and -0.0 are one value
    return _message(1, str(value).encode())


def _check(layer: str, pieces: Pieces) -> None:
    """Raise `ReleaseError` where something would not be valid in a tile."""
    tile = np.repeat(np.arange(len(pieces.counts)), pieces.counts)
    places = np.sort(tile << 32 | pieces.rows)
    if (places[1:] == places[:-1]).any():
        raise ReleaseError("a feature occurs twice in a vector tile", where=layer)
    x, y = pieces.outlines.places
    counts = pieces.outlines.rings
    first, owned = starts(counts), starts(pieces.outlines.owned)
    before = np.arange(len(x)) - 1
    before[first] += counts
    areas = totals(x[before] * y - x * y[before], counts)
    still = (x == x[before]) & (y == y[before])
    is_point = counts == 1
    still[first[is_point]] = False
    exterior = (areas > 0)[owned] | is_point[owned]
    if still.any() or not (exterior.all() and (areas != 0 | is_point).all()):
        raise ReleaseError("an outline is not valid in a vector tile", where=layer)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """What the numbers of keys and values mean in each of t tiles with n pieces and k keys.

    Attributes
    ----------
    keys : list of t lists
        Positions of the keys that the tile has, in its order.
    values : list of t lists
        Likewise of the values.
    of_key, of_value : int array, (n, k)
        Their numbers in the tile; where there is none, anything.
    """

    keys: list[list[int]]
    values: list[list[int]]
    of_key: NDArray[np.int32]
    of_value: NDArray[np.int32]


def _numbered(codes: Ints, counts: Ints, values: int) -> _Numbered:
    """Give numbers to keys as they are first seen, to values key by key as they are."""
    found = _Numbered([], [], np.zeros(codes.shape, np.int32), np.zeros(codes.shape, np.int32))
    number = np.zeros(values + 1, np.int64)  # the last is that of a null
    for start, count in zip(starts(counts).tolist(), counts.tolist(), strict=True):
        own = codes[start : start + count]
        there = own >= 0
        first = np.where(there.any(axis=0), there.argmax(axis=0), count)
        keys = np.argsort(first, kind="stable")[: np.count_nonzero(first < count)]
        seen = own.T[keys].ravel()
        seen = seen[seen >= 0]
        nth = np.arange(len(seen))
        number[seen[::-1]] = nth[::-1]  # of several places the one that is written last stays
        new = seen[number[seen] == nth]
        number[new] = np.arange(len(new))
        found.of_value[start : start + count] = number[own]
        found.of_key[start : start + count, keys] = np.arange(len(keys))
        found.keys.append(keys.tolist())
        found.values.append(new.tolist())
    return found


def _features(pieces: Pieces, codes: Ints, numbered: _Numbered) -> tuple[bytes, Ints]:
    """Return the features of all tiles, and where each ends."""
    geometry, sizes = _commands(pieces.outlines)
    at = np.concatenate(([0], np.cumsum(sizes)))
    is_point = pieces.outlines.rings[starts(pieces.outlines.owned)] == 1
    kinds = np.where(is_point, _POINT, _POLYGON)
    written: list[bytes] = []
    ends = [np.zeros(1, np.int64)]
    for start in range(0, len(codes), _AT_ONCE):
        some = slice(start, min(start + _AT_ONCE, len(codes)))
        there = codes[some] >= 0
        pairs = np.stack((numbered.of_key[some], numbered.of_value[some]), axis=2)[there]
        body, end = _encoded(
            kinds[some],
            (pairs.ravel(), 2 * there.sum(axis=1)),
            (geometry[at[some.start] : at[some.stop]], sizes[some]),
        )
        written.append(body)
        ends.append(end + ends[-1][-1])
    return b"".join(written), np.concatenate(ends)[1:]


type _Groups = tuple[NDArray[np.integer], Ints]
"""Numbers, and how many each feature has of them."""


def _encoded(kinds: Ints, tags: _Groups, geometry: _Groups) -> tuple[bytes, Ints]:
    """Return features as parts of a layer, and where each ends.

    Everything in a feature is a varint, its lengths included: they are put together as numbers
    and become bytes at once.
    """
    tagged = tags[1] > 0
    head = np.where(tagged, 4, 2)
    counts = head + tags[1] + 4 + geometry[1]
    start = starts(counts)
    kind = start + head + tags[1]
    of_tags, of_geometry = (start + 3)[tagged], kind + 3
    numbers = np.zeros(counts.sum(), np.int64)
    numbers[start], numbers[of_tags - 1] = _FEATURE, _TAGS
    numbers[runs(start + head, tags[1])] = tags[0]
    numbers[kind], numbers[kind + 1], numbers[kind + 2] = _KIND, kinds, _GEOMETRY
    numbers[runs(kind + 4, geometry[1])] = geometry[0]
    sizes = sizes_of(numbers)
    # Lengths count as one byte until they are known, the inner ones first.
    _measure(numbers, sizes, of_geometry, (of_geometry + 1, start + counts))
    _measure(numbers, sizes, of_tags, (of_tags + 1, kind[tagged]))
    _measure(numbers, sizes, start + 1, (start + 2, start + counts))
    return packed(numbers, sizes), np.cumsum(sizes)[start + counts - 1]


def _measure(numbers: Ints, sizes: Ints, at: Ints, spans: tuple[Ints, Ints]) -> None:
    """Put the bytes of spans of numbers where their lengths stand."""
    before = np.concatenate(([0], np.cumsum(sizes)))
    numbers[at] = before[spans[1]] - before[spans[0]]
    sizes[at] = sizes_of(numbers[at])


def _commands(outlines: Outlines) -> _Groups:
    """Return the commands of all outlines, and how many numbers each feature has.

    A ring is a move, one line through its other vertices, and a close; a point is a move.
    """
    counts, first = outlines.rings, starts(outlines.rings)
    steps = np.diff(outlines.places, axis=1, prepend=0)
    own = first[starts(outlines.owned)]
    steps[:, own] = outlines.places[:, own]  # a feature is drawn from the corner of the tile
    east, south = steps << 1 ^ steps >> 63
    is_ring = counts > 1
    sizes = np.where(is_ring, 2 * counts + 3, 3)
    start = starts(sizes)
    numbers = np.empty(sizes.sum(), np.int64)
    at = 2 * np.arange(len(east)) + np.repeat(start + 2 - 2 * first, counts)
    at[first] -= 1
    numbers[at], numbers[at + 1] = east, south
    numbers[start] = _MOVE
    numbers[start[is_ring] + 3] = counts[is_ring] - 1 << 3 | _LINE
    numbers[(start + sizes)[is_ring] - 1] = _CLOSE
    return numbers, totals(sizes, outlines.owned)
