"""Content codings: which one a client prefers, and answers packed in it.

Levels are light, because an answer that nobody asked for before is packed while its client
waits: a page of features comes within a seventh of the size of gzip's usual level, in a quarter
of its time or less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import pyarrow as pa

from api.language import weighed
from api.sink import Sink

_LEVELS: Final = {"zstd": 1, "br": 3, "gzip": 1}
"""Codings; the fastest first, for clients that have no preference."""

_AT_ARROW: Final = {"br": "brotli"}
_ALSO_GZIP: Final = ("x-gzip", "*")
_LOOSE: Final = ("json", "xml", "flatgeobuf", "geopackage")
"""Words of media types that are worth packing, beside texts."""

_NONE: Final = "identity"
_MAX_HEADER: Final = 2_000
_LEAST: Final = 1_000
"""Bytes; a smaller answer fits in a packet as it is."""


def preferred_coding(header: str) -> str:
    """Return the coding that an `Accept-Encoding` header prefers; an empty one wants none."""
    return _preferred(header[:_MAX_HEADER])


def accepts_gzip(header: str) -> bool:
    """Tell whether an `Accept-Encoding` header allows gzip; an empty one does not."""
    return _accepts_gzip(header[:_MAX_HEADER])


# Few headers are in use, so what they mean is worked out once.
@lru_cache(maxsize=128)
def _accepts_gzip(header: str) -> bool:
    return _weights(header).get("gzip", 0.0) > 0


@lru_cache(maxsize=128)
def _preferred(header: str) -> str:
    weights = _weights(header)
    # The first of equals is taken, and a coding is better than none.
    best = max((*_LEVELS, _NONE), key=lambda coding: weights.get(coding, 0.0))
    return best if best in _LEVELS and weights.get(best, 0.0) > 0 else ""


def _weights(header: str) -> dict[str, float]:
    weights = {wish: weight for weight, wish in weighed(header)}
    for name in _ALSO_GZIP:
        if name in weights:
            weights.setdefault("gzip", weights[name])
    return weights


def packs(media_type: str, size: int) -> bool:
    """Tell whether an answer is worth packing: text of some length, not what is packed already."""
    loose = media_type.startswith("text/") or any(kind in media_type for kind in _LOOSE)
    return loose and size >= _LEAST


def packed(body: bytes, coding: str) -> bytes:
    """Return the bytes of an answer in one of the codings."""
    codec = pa.Codec(_AT_ARROW.get(coding, coding), compression_level=_LEVELS[coding])
    out: bytes = codec.compress(body, asbytes=True)
    return out


def packed_pieces(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield the bytes of an answer in one of the codings, while it is made."""
    sink = Sink()
    with pa.CompressedOutputStream(sink, _AT_ARROW.get(coding, coding)) as stream:
        for piece in pieces:
            stream.write(piece)
            stream.flush()
            yield sink.taken()
    yield sink.taken()
