"""The patterns of hatched rows, as the one picture that MapLibre styles name.

QGIS 3.22 takes the picture of twice the size as well, and draws it as a raster fill.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Final

from geo_core.model.style import Hatch, Scale
from geo_core.styling.legend import Row, rows

type Json = dict[str, object]
type Pattern = tuple[Hatch, str]
"""How it is hatched, and over which colour."""

TILE: Final = 12
"""Pixels after which a pattern repeats."""
INKS: Final = {"lines": "#6b7480", "cross": "#c9ced4"}
"""Colours of the lines: those that stand for a withheld value are darker than those for none."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOUR: Final = 2


def name_of(row: Row) -> str:
    """Return the name of the pattern of a hatched row."""
    return f"{row.hatch}-{row.colour.removeprefix('#')}"


def patterns(scales: Iterable[Scale]) -> tuple[Pattern, ...]:
    """Return the patterns that styles need, each once, in one order."""
    every = (row for scale in scales for row in rows(scale))
    return tuple(sorted({(row.hatch, row.colour) for row in every if row.hatch != "none"}))


def index(found: Iterable[Pattern], ratio: int = 1) -> Json:
    """Return where each pattern lies in the picture, by name.

    Parameters
    ----------
    found : iterable of Pattern
    ratio : int
        Pixels of the picture for one of the map.
    """
    side = TILE * ratio
    return {
        f"{hatch}-{colour.removeprefix('#')}": {
            "x": at * side, "y": 0, "width": side, "height": side, "pixelRatio": ratio,
        }
        for at, (hatch, colour) in enumerate(found)
    }  # fmt: skip


def picture(found: Iterable[Pattern], ratio: int = 1) -> bytes:
    """Return the patterns side by side as PNG, `TILE * ratio` pixels high."""
    listed, side = tuple(found), TILE * ratio
    lines = [
        b"".join(_rgb(hatch, colour, x, y, side) for hatch, colour in listed for x in range(side))
        for y in range(side)
    ]
    return _png(len(listed) * side, lines)


def _rgb(hatch: Hatch, colour: str, x: int, y: int, side: int) -> bytes:
    """Return a pixel; lines at 45 degrees leave a tile where the next one takes them up."""
    thick = side // TILE
    rising, falling = (x + y) % side < thick, (x - y) % side < thick
    inked = rising or (falling and hatch == "cross")
    return bytes.fromhex((INKS[hatch] if inked else colour).removeprefix("#"))


def _png(width: int, lines: list[bytes]) -> bytes:
    """Return a PNG of 8 bits a channel (ISO/IEC 15948); at least one pixel wide."""
    lines = lines if width else [bytes(3)]
    head = struct.pack(">IIBBBBB", width or 1, len(lines), 8, _TRUE_COLOUR, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    parts = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
