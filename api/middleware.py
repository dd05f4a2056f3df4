"""What holds for every request, whatever answers it: one release, safe headers, no traceback."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import on_error, problem, server_fault
from api.served import Releases
from geo_core.errors import AtlanteError

LOG: Final = logging.getLogger("atlante.server")

_PINNED: Final = re.compile(r"/releases/(?P<release>[^/]{1,64})(?P<rest>/.*)?", re.DOTALL)

ALLOWED: Final = ("GET", "HEAD", "OPTIONS")
_POSTED: Final = re.compile(r"(/releases/[^/]{1,64})?/collections/[^/]+/search/?")
"""Addresses to which a query is posted; nothing else has a body."""
_EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Crs, Content-Range, ETag, Link",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Content-Type, If-None-Match, If-Range, Range"
    ),
    "Access-Control-Max-Age": "86400",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; style-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors "
)


class Boundary:
    """The outermost layer.

    - Only GET, HEAD and OPTIONS exist, and POST where a query is posted; no other body is read.
    - `/collections/` is `/collections`: both answer, none redirects.
    - The release is taken once, so a switch in the middle of a request changes nothing in it.
    - `/releases/{id}/...` is the same tree, of the release of that name.
    - A fault is logged with its traceback and answered without it.

    Parameters
    ----------
    frame_ancestors : str
        Sites that may embed `/embed`; every other page only frames itself.
    """

    def __init__(self, app: ASGIApp, *, releases: Releases, frame_ancestors: str) -> None:
        self._app = app
        self._releases = releases
        self._frame_ancestors = frame_ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        outgoing = _Outgoing(send, self._policy(scope["path"]))
        scope["served"] = self._releases.current
        answer = _early(Request(scope)) or await self._pinned(scope)
        if answer is not None:
            await answer(scope, receive, outgoing)
            return
        scope["path"] = _without_slash(scope["path"])
        await self._guarded(scope, receive, outgoing)

    async def _pinned(self, scope: Scope) -> Response | None:
        """Take the release that the address names; return the answer if there is none."""
        named = _PINNED.fullmatch(scope["path"])
        if named is None:
            return None
        try:
            served = await self._releases.opened(named["release"])
        except AtlanteError as error:
            return await on_error(Request(scope), error)
        scope["served"] = served.pinned
        scope["path"] = named["rest"] or "/"
        return None

    async def _guarded(self, scope: Scope, receive: Receive, outgoing: _Outgoing) -> None:
        try:
            await self._app(scope, receive, outgoing)
        except Exception:
            LOG.exception("fault while answering %r", scope["path"])
            if not outgoing.started:
                await server_fault(Request(scope))(scope, receive, outgoing)

    def _policy(self, path: str) -> str:
        framed = path == "/embed" or path.startswith("/embed/")
        return _POLICY + (self._frame_ancestors if framed else "'self'")


class _Outgoing:
    """Sends messages on, with the common headers on the first."""

    def __init__(self, send: Send, policy: str) -> None:
        self._send = send
        self._policy = policy
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers.update(_EVERYWHERE)
            if headers.get("content-type", "").startswith("text/html"):
                headers.setdefault("Content-Security-Policy", self._policy)
        await self._send(message)


def _early(request: Request) -> Response | None:
    """Return the answer that depends on the method alone, if there is one."""
    asks = _POSTED.fullmatch(request.scope["path"]) is not None
    allowed = ("POST", "OPTIONS") if asks else ALLOWED
    allow = ", ".join(allowed)
    if request.method == "OPTIONS":
        headers = {"Allow": allow, "Access-Control-Allow-Methods": allow, **_PREFLIGHT}
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    if request.method in allowed:
        return None
    return problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        code="method-not-allowed",
        detail="a query is posted here" if asks else "this service is read-only",
        headers={"Allow": allow},
        request=request,
    )


def _without_slash(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path
