"""What holds for every request, whatever answers it: one release, safe headers, no traceback."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from api.asked import again
from api.errors import on_error, problem, server_fault
from api.processes.documents import PROCESS
from api.served import Releases, Served
from api.tiles.quick import plain_tile
from geo_core.errors import AtlanteError

LOG: Final = logging.getLogger("atlante.server")

_PINNED: Final = re.compile(r"/releases/(?P<release>[^/]{1,64})(?P<rest>/.*)?", re.DOTALL)

ALLOWED: Final = ("GET", "HEAD", "OPTIONS")
_POSTED: Final = re.compile(
    r"(/releases/[^/]{1,64})?(/collections/[^/]+/search|/processes/[^/]+/execution)/?"
)
"""Addresses to which a query is posted; nothing else has a body."""
_NO_PROCESS: Final = re.compile(
    rf"(/releases/[^/]{{1,64}})?/processes/(?!{PROCESS}/)[^/]+/execution/?"
)
"""Nothing is there by any method, which its route says."""
_FRAMED: Final = re.compile(r"(/releases/[^/]{1,64})?/embed(/.*)?", re.DOTALL)
"""Maps, of a named release too, and what is said in their place: these other sites may show."""
_LISTED: Final = re.compile(r"(/releases/[^/]{1,64})?/collections/[^/]+/items/?")
_ASK: Final = "a query is posted to `search`, beside `items`"
_MAX_HEADERS: Final = 98_304
"""Bytes of all headers of a request together."""

_HOST: Final = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_EXPOSED: Final = (
    b"Content-Crs, Content-Disposition, Content-Range, ETag, Link, OGC-NumberMatched, "
    b"OGC-NumberReturned"
)
_EVERYWHERE: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED),
]
_PREFLIGHT: Final = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Content-Type, If-None-Match, If-Range, Range"
    ),
    "Access-Control-Max-Age": "86400",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; style-src 'self'; font-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors "
)


class Boundary:
    """The outermost layer.

    - Only GET, HEAD and OPTIONS exist, and POST where a query is posted; no other body is read.
    - `/collections/` is `/collections`: both answer, none redirects.
    - The release is taken once, so a switch in the middle of a request changes nothing in it.
    - `/releases/{id}/...` is the same tree, of the release of that name.
    - A fault is logged with its traceback and answered without it.
    - A plain request for a vector tile is answered first of all, in two messages.
    - The routes of the data plane are answered here: what the framework does around each request
      costs more than a page of features.

    Parameters
    ----------
    app : Starlette
        Answers what no direct route does.
    direct : sequence of Route
        Routes that are tried first. Their handlers are coroutines.
    frame_ancestors : str
        Sites that may embed `/embed`; every other page only frames itself.
    included : sequence of Route, optional
        Routes of routers that the application includes and does not list.
    """

    def __init__(
        self,
        app: Starlette,
        *,
        direct: Sequence[Route],
        releases: Releases,
        frame_ancestors: str,
        included: Sequence[Route] = (),
    ) -> None:
        self.releases = releases
        self._app = app
        self._routes = [*direct, *app.routes]
        named = [one for one in (*self._routes, *included) if isinstance(one, Route)]
        self._templates = {one.path_format: one.path_regex for one in named}
        self._direct = [(route.path_regex, route.endpoint) for route in direct]
        self._policy = f"{_POLICY}'self'".encode("latin-1")
        self._framed_policy = f"{_POLICY}{frame_ancestors}".encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if await _tile(scope, send, self.releases.current):
            return
        outgoing = _Outgoing(send, self._policy_of(scope["path"]))
        scope["releases"], scope["served"] = self.releases, self.releases.current
        answer = _malformed(scope) or self._not_allowed(scope) or await self._pinned(scope)
        if answer is not None:
            await answer(scope, receive, outgoing)
            return
        scope["path"] = _without_slash(scope["path"])
        if await _tile(scope, send, scope["served"]):
            return
        try:
            answer = again(scope)
            if answer is None:
                await self._answered(scope, receive, outgoing)
            else:
                await answer(scope, receive, outgoing)
        except Exception:
            LOG.exception("fault while answering %s", self.template(scope["path"]))
            if not outgoing.started:
                await server_fault(Request(scope))(scope, receive, outgoing)

    def _not_allowed(self, scope: Scope) -> Response | None:
        """Return the answer that depends on the method alone, if there is one."""
        asks = _POSTED.fullmatch(scope["path"]) is not None
        allowed = ("POST", "OPTIONS") if asks else ALLOWED
        allow = ", ".join(allowed)
        if scope["method"] == "OPTIONS":
            headers = {"Allow": allow, "Access-Control-Allow-Methods": allow, **_PREFLIGHT}
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
        if scope["method"] in allowed or _NO_PROCESS.fullmatch(scope["path"]):
            return None
        if not self._is_address(scope["path"]):
            return problem(
                HTTPStatus.NOT_FOUND,
                code="not-found",
                detail="there is nothing at this address",
                request=Request(scope),
            )
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            code="method-not-allowed",
            detail="a query is posted here" if asks else "this service is read-only",
            hint=_ASK if scope["method"] == "POST" and _LISTED.fullmatch(scope["path"]) else "",
            headers={"Allow": allow},
            request=Request(scope),
        )

    def template(self, path: str) -> str:
        """Return the route behind an address, which names nothing that was asked for."""
        found = (name for name, pattern in self._templates.items() if pattern.fullmatch(path))
        return next(found, "other")

    @property
    def templates(self) -> list[str]:
        """All that `template` returns, but for `other`."""
        return [*self._templates]

    def _is_address(self, path: str) -> bool:
        named = _PINNED.fullmatch(path)
        plain = _without_slash((named["rest"] or "/") if named else path)
        asked = {"type": "http", "method": "GET", "path": plain, "root_path": "", "headers": []}
        return any(route.matches(asked)[0] is not Match.NONE for route in self._routes)

    async def _pinned(self, scope: Scope) -> Response | None:
        """Take the release that the address names; return the answer if there is none."""
        named = _PINNED.fullmatch(scope["path"])
        if named is None:
            return None
        try:
            served = await self.releases.opened(named["release"])
        except AtlanteError as error:
            return await on_error(Request(scope), error)
        scope["served"] = served.pinned
        scope["path"] = named["rest"] or "/"
        return None

    async def _answered(self, scope: Scope, receive: Receive, outgoing: Send) -> None:
        for pattern, endpoint in self._direct:
            found = pattern.fullmatch(scope["path"])
            if found is not None:
                scope["path_params"] = found.groupdict()
                answer = await _from(endpoint, Request(scope))
                await answer(scope, receive, outgoing)
                return
        await self._app(scope, receive, outgoing)

    def _policy_of(self, path: str) -> bytes:
        return self._framed_policy if _FRAMED.fullmatch(path) else self._policy


class _Outgoing:
    """Sends messages on, with the common headers on the first."""

    def __init__(self, send: Send, policy: bytes) -> None:
        self._send = send
        self._policy = policy
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = [*message["headers"], *_EVERYWHERE]
            if dict(headers).get(b"content-type", b"").startswith(b"text/html"):
                headers.append((b"content-security-policy", self._policy))
            # An answer may be sent many times: its own list stays as it is.
            message = {**message, "headers": headers}
        await self._send(message)


async def _tile(scope: Scope, send: Send, served: Served) -> bool:
    """Send a tile, if that is what is plainly asked for; tell whether it was."""
    found = plain_tile(scope, served)
    if found is None:
        return False
    headers = found.headers + _EVERYWHERE
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})
    return True


async def _from(endpoint: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    try:
        return await endpoint(request)
    except AtlanteError as error:
        return await on_error(request, error)


def _malformed(scope: Scope) -> Response | None:
    """Return the answer to headers that no honest client sends.

    The host decides nothing, since every link starts with the public address; a strange one is
    refused all the same, before something in front of this server believes it.
    """
    headers = scope["headers"]
    if sum(len(name) + len(value) for name, value in headers) > _MAX_HEADERS:
        return problem(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            code="headers-too-large",
            detail=f"the headers are longer than {_MAX_HEADERS} bytes",
            request=Request(scope),
        )
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) == 1 and _HOST.fullmatch(hosts[0]):
        return None
    if not hosts and scope.get("http_version") != "1.1":  # the only version that needs one
        return None
    return problem(
        HTTPStatus.BAD_REQUEST,
        code="bad-host",
        detail="the header `Host` does not name one host",
        request=Request(scope),
    )


def _without_slash(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path
