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


def tile_answer(request: Request, body: Callable[[], bytes], *, media_type: str) -> Response:
    """Return a tile with its validators, or 304 without making it.

    It is kept among the answers that are sent again: unlike a tile that lies in an archive, it
    takes time to make.

    Parameters
    ----------
    body : callable
        Makes the bytes; not called when the client or this process holds them.
    media_type : str
        Its Content-Type.
    """
    current = served(request)
    seed = "\n".join((_SOFTWARE, current.release.id, request.scope["path"], media_type))
    etag = f'"{sha256(seed.encode(errors="replace")).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": current.caching, "Vary": "Accept-Encoding"}
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    # At an address that names the release it may be kept longer: another answer, of one ETag.
    name = f"{etag} {current.base}"
    found = current.answers.get(name)
    if found is None:
        found = Response(body(), headers=headers, media_type=media_type)
        current.answers.keep(name, found)
    return found
