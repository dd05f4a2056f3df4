"""Counts and durations of what was answered, for Prometheus: by route, never by address or person.

Every serving process writes its own numbers to a small file that it maps into memory; whichever is
asked adds up the files of all. The labels are those of the program, so their number is bounded.
"""

from __future__ import annotations

import mmap
import os
import stat
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address, ip_network
from itertools import accumulate
from pathlib import Path
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.middleware import Boundary
from geo_core.errors import ServeError

PATH: Final = "/metrics"
TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes of duration; there is one more class without one."""
_CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")
_SUM: Final = len(_CLASSES)
_FIRST: Final = _SUM + 1
_WIDTH: Final = _FIRST + len(BOUNDS_S) + 1
"""Numbers of a route: answers by class of status, seconds together, answers by duration."""
_PASSED_ON: Final = (b"forwarded", b"via", b"x-real-ip", b"x-forwarded-")


class Counters:
    """Numbers of this process, in a file that its siblings read.

    Parameters
    ----------
    folder : Path
        Folder of the processes of one server; made if it is missing.
    routes : int
        How many routes there are.

    Raises
    ------
    ServeError
        The folder belongs to somebody else, or cannot be made.
    """

    def __init__(self, folder: Path, routes: int) -> None:
        self._folder = folder
        self._bytes = routes * _WIDTH * 8
        try:
            _make_own(folder)
            self._path = folder / str(os.getpid())
            with self._path.open("w+b") as file:
                file.truncate(self._bytes)
                self._numbers = memoryview(mmap.mmap(file.fileno(), self._bytes)).cast("d")
        except OSError as error:
            raise ServeError(
                f"the numbers of /metrics have no place: {error.strerror}",
                where=folder.name,
                hint="give the server a temporary folder of its own, or unset ATLANTE_METRICS",
            ) from None

    def count(self, route: int, status: int, seconds: float) -> None:
        """Add one answer."""
        at = route * _WIDTH
        self._numbers[at + min(max(status // 100, 1), 5) - 1] += 1
        self._numbers[at + _SUM] += seconds
        self._numbers[at + _FIRST + bisect_left(BOUNDS_S, seconds)] += 1

    def together(self) -> tuple[int, list[float]]:
        """Return how many processes live, and the numbers of all that ever served."""
        alive, total = 0, [0.0] * len(self._numbers)
        for path in sorted(self._folder.iterdir()):
            with suppress(OSError):
                raw = path.read_bytes()
                if path.name.isdecimal() and len(raw) == self._bytes:
                    alive += _lives(int(path.name))
                    total = [a + b for a, b in zip(total, memoryview(raw).cast("d"), strict=True)]
        return alive, total

    def forget(self) -> None:
        """Remove the file of this process, and the folder if it was the last one."""
        with suppress(OSError):
            self._path.unlink()
            self._folder.rmdir()


class Measured:
    """The server with its numbers at `/metrics`, for those networks that may read them.

    To all others, and to what a proxy passes on, there is nothing at that address: a proxy on this
    machine would otherwise lend its own address to everybody.

    Parameters
    ----------
    app : Boundary
        The server.
    readers : str
        Networks with spaces between.
    folder : Path, optional
        Where the processes of this server leave their numbers.
    """

    def __init__(self, app: Boundary, *, readers: str, folder: Path | None = None) -> None:
        self._app = app
        self._readers = [ip_network(one) for one in readers.split()]
        self._index = {name: at for at, name in enumerate([*app.templates, "other"])}
        self._counters = Counters(folder or _shared(), len(self._index))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI), and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            if scope["type"] == "lifespan":
                self._counters.forget()
            return
        if scope["path"] == PATH and scope["method"] in {"GET", "HEAD"} and self._may_read(scope):
            answer = PlainTextResponse(self._text(), headers={"Cache-Control": "no-store"})
            answer.headers["content-type"] = TYPE
            await answer(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            route = self._index[self._app.template(scope["path"])]
            self._counters.count(route, status, time.perf_counter() - began)

    def _may_read(self, scope: Scope) -> bool:
        if any(name.startswith(_PASSED_ON) for name, _ in scope["headers"]):
            return False
        try:
            peer = ip_address((scope.get("client") or ("", 0))[0])
        except ValueError:
            return False
        # A socket of both families names an IPv4 address inside one of IPv6.
        plain = getattr(peer, "ipv4_mapped", None) or peer
        return any(plain in network for network in self._readers)

    def _text(self) -> str:
        alive, numbers = self._counters.together()
        releases = self._app.releases
        lines = [
            *_head("atlante_workers", "gauge", "Serving processes that live."),
            f"atlante_workers {alive}",
            *_head("atlante_release_info", "gauge", "The release being served."),
            f'atlante_release_info{{release="{releases.current.release.id}"}} 1',
            *_head("atlante_release_degraded", "gauge", "1 while the newest cannot be opened."),
            f"atlante_release_degraded {int(releases.degraded)}",
            *_head("atlante_requests_total", "counter", "Answers, by route and class of status."),
        ]
        rows = [(r, numbers[i * _WIDTH : (i + 1) * _WIDTH]) for r, i in self._index.items()]
        asked = [(route, row) for route, row in rows if any(row)]
        for route, row in asked:
            for status, count in zip(_CLASSES, row, strict=False):
                if count:
                    labels = f'route="{route}",status="{status}"'
                    lines.append(f"atlante_requests_total{{{labels}}} {count:.0f}")
        help_ = "Seconds from a request to the last byte of its answer."
        lines += _head("atlante_request_seconds", "histogram", help_)
        lines += [line for route, row in asked for line in _histogram(route, row)]
        return "\n".join(lines) + "\n"


def _histogram(route: str, row: Sequence[float]) -> list[str]:
    name, bounds = "atlante_request_seconds", [*map(str, BOUNDS_S), "+Inf"]
    counts = list(accumulate(row[_FIRST:]))
    return [
        *(
            f'{name}_bucket{{route="{route}",le="{bound}"}} {count:.0f}'
            for bound, count in zip(bounds, counts, strict=True)
        ),
        f'{name}_sum{{route="{route}"}} {row[_SUM]:.6f}',
        f'{name}_count{{route="{route}"}} {counts[-1]:.0f}',
    ]


def _head(name: str, kind: str, told: str) -> list[str]:
    return [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]


def _shared() -> Path:
    """Return the folder of the processes that one parent started."""
    return Path(tempfile.gettempdir()) / f"atlante-{os.getppid()}"


def _make_own(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    told = folder.lstat()
    if not stat.S_ISDIR(told.st_mode) or told.st_uid != os.getuid():
        raise OSError(0, "it belongs to somebody else")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
