"""The tilesets of a release, ready to be answered from: what each answer needs is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from api.tiles.grid import Place, ranges
from geo_core.formats.pmtiles import PMTilesReader
from geo_core.model.manifest import Manifest
from geo_core.model.mercator import TileRange

_SOFTWARE: Final = version("atlante")


@dataclass(frozen=True, slots=True)
class Sheets:
    """One tileset, ready to be answered from.

    Attributes
    ----------
    ranges : Mapping
        Columns and rows of every zoom it has.
    tag : str
        What the ETags of its tiles are made of: program, release and tileset.
    caching : tuple
        The header that says how long its tiles may be kept.
    """

    theme: bool
    archive: PMTilesReader
    ranges: Mapping[int, TileRange]
    tag: str
    caching: tuple[bytes, bytes]


def sheets(
    manifest: Manifest, archives: Mapping[str, PMTilesReader], *, caching: str
) -> dict[str, Sheets]:
    """Return the tilesets of a release by id, those that are open."""
    return {
        one.id: Sheets(
            theme=one.theme,
            archive=archives[one.id],
            ranges={zoom: ranges(one.bounds, zoom) for zoom in one.collections},
            tag=tag_of(manifest.id, one.id),
            caching=(b"cache-control", caching.encode()),
        )
        for one in manifest.tilesets
        if one.id in archives
    }


def tag_of(*shown: str) -> str:
    """Return what tells tiles of a release apart from those of any other, and of other programs."""
    return sha256("\n".join((_SOFTWARE, *shown)).encode()).hexdigest()


def etag_of(tag: str, at: Place) -> str:
    """Return the strong ETag of a tile as it is: a hash of where it lies, never of what it holds.

    Parameters
    ----------
    tag : str
        From `tag_of`.
    at : tuple of 3 ints
        Zoom, column and row.
    """
    return f'"{sha256(f"{tag}{at}".encode()).hexdigest()[:32]}"'
