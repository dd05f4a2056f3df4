"""Errors as answers: one table from class to status, one body for all (RFC 9457)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Final

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.features.paging import ReleaseGone
from api.features.posted import BodyTooLarge, BodyTooSlow, Busy, UnsupportedMedia
from api.italian import in_italian
from api.language import (
    HTML,
    LANGUAGES,
    Media,
    NotAcceptable,
    preferred_language,
    preferred_media,
)
from api.pages import render
from api.params import shown
from geo_core.errors import AtlanteError, InvalidParameter, NotFound, ReleaseDamaged
from geo_core.model.cells import InvalidCell
from geo_core.model.text import Lang

LOG: Final = logging.getLogger("atlante.server")
VARY: Final = "Accept, Accept-Language"
PROBLEM: Final = Media("json", "application/problem+json", ("application/json",))


_FRAMED: Final = re.compile(
    r"(/releases/(?P<day>\d{4}-\d{2}-\d{2})-[0-9a-f]{12})?/embed(/.*)?", re.DOTALL
)
"""Addresses that stand inside other sites."""

STATUS: Final[dict[type[AtlanteError], HTTPStatus]] = {
    InvalidParameter: HTTPStatus.BAD_REQUEST,
    InvalidCell: HTTPStatus.NOT_FOUND,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    ReleaseDamaged: HTTPStatus.SERVICE_UNAVAILABLE,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    ReleaseGone: HTTPStatus.GONE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
"""The only place where an error gets a status; whatever is not here is a fault of the server."""


def status_of(error: AtlanteError) -> HTTPStatus:
    """Return the status of an error: its own or that of its nearest listed ancestor."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(  # noqa: PLR0913 - the members of a problem document
    status: HTTPStatus,
    *,
    code: str,
    detail: str,
    request: Request,
    hint: str = "",
    parameter: str = "",
    headers: Mapping[str, str] | None = None,
    kind: str = "about:blank",
) -> Response:
    """Return a problem document; `code` and `description` are OGC's names for it.

    What people read is in the language of the request; a browser that asks for a page gets one.
    """
    lang = _language(request)
    title, detail, hint = (_said(text, lang) for text in (status.phrase, detail, hint))
    body = {
        "type": kind,
        "title": title,
        "status": int(status),
        "detail": detail,
        "code": code,
        "description": detail,
        **({"parameter": parameter} if parameter and shown(parameter) else {}),
        **({"hint": hint} if hint else {}),
    }
    kept = {"Cache-Control": "no-store", "Content-Language": lang, "Vary": VARY, **(headers or {})}
    if _wants_page(request):
        return Response(_page(request, body, lang), status, headers=kept, media_type=HTML.type)
    return Response(orjson.dumps(body), status, headers=kept, media_type=PROBLEM.type)


def _said(text: str, lang: Lang) -> str:
    return in_italian(text) if lang == "it" else text


def _wants_page(request: Request) -> bool:
    try:
        return preferred_media(None, request.headers.get("accept", ""), (PROBLEM, HTML)) is HTML
    except NotAcceptable:
        return False


def _language(request: Request) -> Lang:
    """Return the language that is asked for; a parameter that names none is what may be wrong."""
    asked = request.query_params.get("lang")
    header = request.headers.get("accept-language", "")
    return preferred_language(asked if asked in LANGUAGES else None, header)


def _page(request: Request, body: dict[str, object], lang: Lang) -> str:
    served = request.scope["served"]
    doc = {"parameter": "", "hint": "", **body}
    context = {"base": served.base, "release": served.release.manifest, "doc": doc}
    framed = _FRAMED.fullmatch(request.scope["path"])
    if framed is None:
        return render("error", context, lang)
    # An id begins with the day of its data; it is in the path only if there is no such release.
    return render("map_error", {**context, "withdrawn": _real_day(framed["day"])}, lang)


def _real_day(text: str | None) -> str:
    """Return a day that is in the calendar, or nothing."""
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return ""


def server_fault(request: Request) -> Response:
    """Return the answer to a fault of ours; what happened stands in the log only."""
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal",
        detail="the server could not answer; the fault has been logged",
        request=request,
    )


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error raised on purpose; re-raise a fault so that it is logged once."""
    if not isinstance(error, AtlanteError):
        raise error
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    if isinstance(error, ReleaseDamaged):
        LOG.error("%s: %s", error.where, error.message)
    return problem(
        status,
        code=error.code,
        detail=error.message,
        hint=error.hint,
        parameter=getattr(error, "parameter", ""),
        headers=getattr(error, "headers", None),
        kind=getattr(error, "kind", "about:blank"),
        request=request,
    )


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses, such as an unknown address."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = "there is nothing at this address" if status == 404 else status.phrase
    return problem(
        status,
        code=status.phrase.lower().replace(" ", "-"),
        detail=detail,
        headers=dict(error.headers or {}),
        request=request,
    )


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Answer a request whose parameters the framework refuses: 400, naming the first one."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    place, name = first["loc"][0], str(first["loc"][-1])
    in_path = place == "path"
    return problem(
        HTTPStatus.NOT_FOUND if in_path else HTTPStatus.BAD_REQUEST,
        code="not-found" if in_path else InvalidParameter.code,
        detail=f"`{name}` is not valid" if shown(name) else "a parameter is not valid",
        parameter=name,
        request=request,
    )
