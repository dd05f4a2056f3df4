"""Addresses of tiles: plain numbers, inside the range of a tileset, or nothing at all.

The check is arithmetic on the manifest alone. Whatever lies outside is refused before a file
is touched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NoReturn

from geo_core.errors import NotFound
from geo_core.model.mercator import Bounds, TileRange, tile_range

type Place = tuple[int, int, int]
"""Zoom, column, row."""

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")

ranges = lru_cache(maxsize=4096)(tile_range)
"""`tile_range`, remembered: asked only for zooms that exist."""


def place(z: str, x: str, y: str, *, bounds: Bounds, zooms: tuple[int, int]) -> Place:
    """Read the address of a tile.

    Parameters
    ----------
    z, x, y : str
        Zoom, column and row as they stand in the address.
    bounds, zooms : tuple
        Box of the tileset (degrees, OGC:CRS84), first and last zoom.

    Raises
    ------
    NotFound
        Not plain decimal numbers (`007`, `1.0`, `-1`), or outside the tileset.
    """
    if not all(_NUMBER.fullmatch(text) for text in (z, x, y)):
        _nothing(zooms)
    zoom, column, row = int(z), int(x), int(y)
    if not zooms[0] <= zoom <= zooms[1] or (column, row) not in ranges(bounds, zoom):
        _nothing(zooms)
    return zoom, column, row


def limits(bounds: Bounds, zooms: tuple[int, int]) -> list[TileRange]:
    """Return the range of every zoom of a tileset."""
    return [ranges(bounds, zoom) for zoom in range(zooms[0], zooms[1] + 1)]


def _nothing(zooms: tuple[int, int]) -> NoReturn:
    raise NotFound(
        "there is no tile at this address",
        hint=f"zooms {zooms[0]} to {zooms[1]}, inside the bounds that the tileset names",
    )
