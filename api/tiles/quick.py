"""A vector tile in the fewest steps: one expression, one look-up, one list of headers.

A plain request for a tile is answered here, before anything else looks at it. Whatever is not
plain (a query, an odd header, another method, a place outside) is left to the routes, which say
what is wrong with it. Both make their answers in `tile_answer`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from starlette.responses import Response
from starlette.types import Scope

from api.asked import coded, matches
from api.coding import accepts_gzip
from api.served import Served
from api.tiles.documents import MVT
from api.tiles.grid import Place
from api.tiles.sheets import Sheets, etag_of
from api.tiles.views import TMS
from geo_core.errors import ReleaseDamaged
from geo_core.formats.pmtiles import inflate

type Headers = list[tuple[bytes, bytes]]

_NAME, _NUMBER = "([a-z0-9_]{1,100})", "(0|[1-9][0-9]{0,8})"
_ADDRESS: Final = re.compile(
    rf"/xyz/{_NAME}/{_NUMBER}/{_NUMBER}/{_NUMBER}\.mvt"
    rf"|/(?:collections/{_NAME}/tiles|tiles/{_NAME})/{TMS}/{_NUMBER}/{_NUMBER}/{_NUMBER}"
)
_HOST: Final = re.compile(rb"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")
_MOST_BYTES: Final = 8_192
"""Of all headers of a plain request together."""

_VARY: Final = (b"vary", b"Accept-Encoding")
_TYPE: Final = (b"content-type", MVT.encode())
_GZIP: Final = (b"content-encoding", b"gzip")
_EMPTY: Final = (b"content-length", b"0")


class Answer(NamedTuple):
    """Status, headers and body, as they are sent."""

    status: int
    headers: Headers
    body: bytes


def plain_tile(scope: Scope, served: Served) -> Answer | None:
    """Return the answer to a plain request for a tile that there is; None for any other."""
    found = _ADDRESS.fullmatch(scope["path"])
    if found is None or scope["query_string"] or scope["method"] not in {"GET", "HEAD"}:
        return None
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if not _plain(headers, len(scope["headers"])):
        return None
    xyz, z, x, y, collection, theme, z_, y_, x_ = found.groups()
    held = served.sheets.get(xyz or collection or theme)
    if held is None or (not xyz and held.theme is not (theme is not None)):
        return None
    at = (int(z), int(x), int(y)) if xyz else (int(z_), int(x_), int(y_))
    within = held.ranges.get(at[0])
    if within is None or at[1:] not in within:
        return None
    try:
        return tile_answer(
            held,
            at,
            wanted=headers.get(b"accept-encoding", b"").decode("latin-1"),
            known=headers.get(b"if-none-match", b"").decode("latin-1"),
        )
    except ReleaseDamaged:
        return None


def tile_answer(held: Sheets, at: Place, *, wanted: str, known: str) -> Answer:
    """Return a tile with its validators, or 304.

    Parameters
    ----------
    held : Sheets
        A tileset.
    at : tuple of 3 ints
        Zoom, column and row, inside its range.
    wanted, known : str
        `Accept-Encoding` and `If-None-Match` of the request.
    """
    packed = held.archive.get(*at)
    gzip = packed is not None and accepts_gzip(wanted)
    etag = coded(etag_of(held.tag, at), "gzip" if gzip else "")
    kept = [(b"etag", etag.encode()), held.caching, _VARY]
    if known and matches(known, etag):
        return Answer(304, kept, b"")
    if packed is None:
        return Answer(200, [*kept, _TYPE, _EMPTY], b"")  # a tile without layers is a valid tile
    if gzip:
        return Answer(200, [*kept, _TYPE, _GZIP, _length(packed)], packed)
    body = inflate(packed)
    return Answer(200, [*kept, _TYPE, _length(body)], body)


def as_response(answer: Answer) -> Response:
    """Return an answer as the framework takes it."""
    out = Response(answer.body, answer.status)
    out.raw_headers = answer.headers
    return out


def _plain(headers: Mapping[bytes, bytes], count: int) -> bool:
    """Tell whether headers are few, each said once, with an ordinary host."""
    host = headers.get(b"host")
    return (
        len(headers) == count
        and host is not None
        and _HOST.fullmatch(host) is not None
        and sum(map(len, headers)) + sum(map(len, headers.values())) <= _MOST_BYTES
    )


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(body)).encode()
