"""Tiles of several layers, put together from the archives.

A vector tile is its layers, one after the other, so the tiles of several tilesets are joined as
they are. They are packed anew: not every client reads gzip that was joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
from starlette.responses import Response

from api.asked import coded, matches
from api.coding import accepts_gzip
from api.served import Served
from api.tiles.documents import MVT
from api.tiles.grid import Place
from api.tiles.sheets import etag_of, tag_of
from geo_core.formats.pmtiles import inflate

_LEVEL: Final = 4
"""Level 6 takes twice as long for a fortieth less."""


class Joined:
    """A tile of several tilesets that somebody asks for.

    Parameters
    ----------
    shown : sequence of str
        Ids of the tilesets, in the order of the layers.
    at : tuple of 3 ints
        Zoom, column and row; there may be no tile.
    wanted : str
        `Accept-Encoding` of the request.
    """

    def __init__(self, current: Served, shown: Sequence[str], at: Place, *, wanted: str) -> None:
        self._current = current
        # A tile without layers is a valid tile.
        found = (current.tiles[ident].get(*at) for ident in shown)
        self._parts = [part for part in found if part is not None]
        self._gzip = bool(self._parts) and accepts_gzip(wanted)
        # What says how long it may be kept is part of a kept answer.
        tag = tag_of(current.release.id, current.base, *shown)
        self._etag = coded(etag_of(tag, at), "gzip" if self._gzip else "")

    def held(self, known: str) -> Response | None:
        """Return the answer if it takes no time: 304 to a client that holds it, or a kept one.

        Parameters
        ----------
        known : str
            `If-None-Match` of the request.
        """
        if known and matches(known, self._etag):
            return Response(status_code=304, headers=self._headers)
        return self._current.answers.get(self._etag)

    def made(self) -> Response:
        """Return the answer, and keep it."""
        headers = {**self._headers, "Content-Type": MVT}
        if not self._gzip:
            return Response(b"".join(map(inflate, self._parts)), headers=headers)
        headers["Content-Encoding"] = "gzip"
        out = Response(self._packed(), headers=headers)
        self._current.answers.keep(self._etag, out)
        return out

    @property
    def _headers(self) -> dict[str, str]:
        caching = self._current.caching
        return {"ETag": self._etag, "Cache-Control": caching, "Vary": "Accept-Encoding"}

    def _packed(self) -> bytes:
        if len(self._parts) == 1:
            return self._parts[0]
        codec = pa.Codec("gzip", compression_level=_LEVEL)
        out: bytes = codec.compress(b"".join(map(inflate, self._parts)), asbytes=True)
        return out
