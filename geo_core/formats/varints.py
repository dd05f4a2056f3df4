"""Variable-length integers of protocol buffers: 7 bits a byte, least significant first."""

from __future__ import annotations

from typing import Final

import numpy as np

from geo_core.formats.outlines import Ints

_BYTES: Final = np.array([1, *((bits + 6) // 7 for bits in range(1, 65))])
"""How many bytes a number of so many bits takes."""

_SHORT: Final = tuple(bytes((number,)) for number in range(0x80))


def varint(number: int) -> bytes:
    """Encode one integer, which is not negative."""
    if number < 0x80:
        return _SHORT[number]
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def sizes_of(numbers: Ints) -> Ints:
    """Return how many bytes each integer takes: not negative, and 53 bits at most."""
    return _BYTES[np.frexp(numbers.astype(np.float64))[1]]


def packed(numbers: Ints, sizes: Ints) -> bytes:
    """Encode integers, one after the other; `sizes` is what `sizes_of` says of them."""
    at = np.cumsum(sizes) - sizes
    out = np.empty(int(sizes.sum()), np.uint8)
    rest = numbers
    while len(rest):
        more = rest > 0x7F
        out[at] = rest & 0x7F | more << 7
        rest, at = rest[more] >> 7, at[more] + 1
    return out.tobytes()
