"""A query in the body of a request, read as strictly as one in an address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import anyio
import orjson
from starlette.requests import ClientDisconnect, Request

from api.features.filters import FILTER, FILTER_LANG
from api.features.filters import JSON as CQL2_JSON
from api.params import Pairs, read_pairs
from geo_core.errors import AtlanteError, InvalidParameter

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
MAX_BODY: Final = 131_072
"""Longest body, in bytes: the longest filter, and what encoding it adds."""
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii"})
"""Charsets that a body may state; ASCII is part of UTF-8."""
_EXAMPLE: Final = '{"filter": "posti > 10"}'
_WRAPPED: Final = '{"filter": {"op": ">", "args": [{"property": "posti"}, 10]}}'
_PATIENCE: Final = 10.0
"""Seconds in which a body must arrive."""


class BodyTooLarge(AtlanteError):
    """The body is longer than `MAX_BODY`."""

    code = "body-too-large"


class BodyTooSlow(AtlanteError):
    """The body did not arrive in time."""

    code = "body-too-slow"


class Busy(AtlanteError):
    """As many as may wait do already."""

    code = "busy"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


class UnsupportedMedia(AtlanteError):
    """The body is of a media type, a charset or a content coding that is not read."""

    code = "unsupported-media-type"


async def posted(request: Request) -> Pairs:
    """Return the parameters in the body of a request, not checked yet.

    Raises
    ------
    UnsupportedMedia, BodyTooLarge, BodyTooSlow
        It is not read.
    InvalidParameter
        It is not what its media type says.
    """
    media = said_as(request)
    return _READERS[media](await body(request))


def said_as(request: Request) -> str:
    """Return the media type of a body that is read; `UnsupportedMedia` for any other."""
    headers = request.headers
    stated = headers.get("content-type", "")
    media = stated.split(";", 1)[0].strip().lower()
    coding = headers.get("content-encoding", "identity").strip().lower()
    if media not in _READERS or coding != "identity":
        raise UnsupportedMedia(
            "a query is posted as a form or as JSON, without a content coding",
            hint=f"Content-Type: {FORM} or {JSON}",
        )
    if any(charset.lower() not in _UTF_8 for charset in _CHARSET.findall(stated)):
        raise UnsupportedMedia("a query is posted in UTF-8", hint="leave `charset` out")
    return media


async def body(request: Request, *, most: int = MAX_BODY) -> bytes:
    """Return the body of a request, at most so many bytes.

    Raises
    ------
    BodyTooLarge, BodyTooSlow
        It is not read.
    InvalidParameter
        It ends early.
    """
    body = bytearray()
    try:
        with anyio.fail_after(_PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise BodyTooLarge(f"the body is longer than {most} bytes")
    except TimeoutError:
        raise BodyTooSlow(f"the body did not arrive within {_PATIENCE:.0f} seconds") from None
    except ClientDisconnect:
        raise InvalidParameter("body", "the body ends early") from None
    return bytes(body)


def _of_form(raw: bytes) -> Pairs:
    return read_pairs(raw, longest=MAX_BODY)


def object_in(raw: bytes, *, example: str) -> dict[str, Any]:
    """Return the object of JSON that a body is.

    Parameters
    ----------
    raw : bytes
        The body.
    example : str
        A body as it should be, for who sent another.

    Raises
    ------
    InvalidParameter
        It is another value or no JSON, or gives a member twice.
    """
    try:
        said = orjson.loads(raw)
        json.loads(raw, object_pairs_hook=_once)
    except _Twice:
        raise _unreadable("gives a member of an object twice", example) from None
    except (ValueError, RecursionError):
        raise _unreadable("is not JSON", example) from None
    if not isinstance(said, dict):
        raise _unreadable("is not an object of parameters", example)
    return said


def _of_json(raw: bytes) -> Pairs:
    said = object_in(raw, example=_EXAMPLE)
    if "op" in said and FILTER not in said:
        raise InvalidParameter(
            "body", "the body is the filter alone, not an object of parameters", hint=_WRAPPED
        )
    if isinstance(said.get(FILTER), dict | bool):
        said = {FILTER_LANG: CQL2_JSON, **said, FILTER: orjson.dumps(said[FILTER]).decode()}
    return [(name, _text(name, value)) for name, value in said.items()]


class _Twice(Exception):
    """A member of an object is given twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; the member that is given twice would hide the first."""
    out = dict(pairs)
    if len(out) < len(pairs):
        raise _Twice
    return out


def _text(name: str, value: Any) -> str:
    """Return a value as it is written in an address."""
    parts = value if isinstance(value, list) else [value]
    texts = [part if isinstance(part, str) else orjson.dumps(part).decode() for part in parts]
    listed = isinstance(value, list)
    if not all(isinstance(part, str | bool | int | float) for part in parts) or (
        listed and any("," in text for text in texts)
    ):
        raise InvalidParameter(name, f"`{name}` is not a text, a number, or a list of them")
    return ",".join(texts)


def _unreadable(why: str, example: str) -> InvalidParameter:
    return InvalidParameter("body", f"the body {why}", hint=example)


_READERS: Final[Mapping[str, Callable[[bytes], Pairs]]] = {FORM: _of_form, JSON: _of_json}
