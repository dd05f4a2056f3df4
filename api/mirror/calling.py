"""Asking the server from within its own process: no socket, no port."""

from __future__ import annotations

import asyncio
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message

_HOST: Final = (b"host", b"localhost")


class Said(NamedTuple):
    """An answer."""

    status: int
    media_type: str
    body: bytes


async def ask(app: ASGIApp, address: str) -> Said:
    """Return the answer to a GET request for a path with its query."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(), "root_path": "", "headers": [_HOST],
        "server": ("localhost", 80), "client": ("localhost", 0), "state": {},
    }  # fmt: skip
    got: list[Message] = []
    asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not asked:
            await asyncio.Event().wait()  # nobody goes away before the answer is whole
        return asked.pop()

    async def send(message: Message) -> None:
        got.append(message)

    await app(scope, receive, send)
    started = next(one for one in got if one["type"] == "http.response.start")
    headers = dict(started["headers"])
    body = b"".join(one.get("body", b"") for one in got if one["type"] == "http.response.body")
    return Said(started["status"], headers.get(b"content-type", b"").decode("latin-1"), body)
