"""The smallest ASGI application: what its server can do at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

type Message = dict[str, Any]

_HEADERS = [(b"etag", b'"x"')]


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Answer 304 to everything."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 304, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b""})
