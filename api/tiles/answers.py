"""How a tile is answered: validators first, the tile only when the client lacks it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.asked import matches
from api.params import read_query
from api.served import Served, served

_SOFTWARE: Final = version("atlante")


def without_parameters(request: Request) -> Served:
    """Return the release a request is pinned to; a tile has no parameters.

    Raises
    ------
    InvalidParameter
        Any parameter at all: a tile cannot be filtered, recoloured or resized.
    """
    read_query(request.scope["query_string"], ())
    return served(request)


def tile_answer(
    request: Request,
    release: str,
    body: Callable[[], bytes],
    *,
    media_type: str,
    encoding: str = "",
) -> Response:
    """Return a tile with its validators, or 304 without making it.

    Parameters
    ----------
    release : str
        Id of the release the tile comes from.
    body : callable
        Makes the bytes; not called when the client holds them.
    media_type, encoding : str
        Content-Type, and Content-Encoding of the bytes (empty: none).
    """
    seed = "\n".join((_SOFTWARE, release, request.scope["path"], media_type, encoding))
    etag = f'"{sha256(seed.encode(errors="replace")).hexdigest()[:32]}"'
    kept = {
        "ETag": etag,
        "Cache-Control": served(request).caching,
        "Vary": "Accept-Encoding",
    }
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=kept)
    if encoding:
        kept["Content-Encoding"] = encoding
    return Response(body(), headers=kept, media_type=media_type)
