"""Stands between a client and a service, and writes down what is asked.

The log of the requests is the evidence of a report: which client asked what, and whether it left a
filter to the server or took everything and chose by itself. A server of the service's own writes
no such log, because what somebody asks may be personal.
"""

from __future__ import annotations

import http.client
import io
import re
import ssl
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

WAIT_S: Final = 60
_TEXT: Final = re.compile(r"json|xml|html|text/(?!csv)|yaml|javascript|qgis\.qml")
_PACKED: Final = re.compile(r"qgis\.qgz")
"""A project of QGIS: texts in a ZIP archive."""
_ONE_HOP: Final = {
    "connection", "content-length", "keep-alive", "transfer-encoding", "strict-transport-security",
}  # fmt: skip
_WITHOUT_BODY: Final = {204, 304}
_RETURNED: Final = re.compile(rb'"numberReturned": ?(\d+)')


@dataclass(frozen=True)
class Asked:
    """One request of a client, and what was answered.

    Attributes
    ----------
    client, collection : str
        On whose behalf, as `Recorder.turn` said.
    query : dict
        Parameters, decoded.
    size : int
        Bytes of the answer's body.
    features : int | None
        Features in the answer, if it is a page of them.
    """

    client: str
    collection: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    size: int
    features: int | None


@dataclass
class Recorder:
    """A service behind a proxy.

    Attributes
    ----------
    url : str
        Landing page, by way of the proxy, without a slash at the end.
    log : list of Asked
        What was asked, in order.
    """

    target: str
    url: str = ""
    log: list[Asked] = field(default_factory=list)
    _turn: tuple[str, str] = ("", "")
    _lock: Lock = field(default_factory=Lock)

    def turn(self, client: str, collection: str) -> None:
        """Say on whose behalf the next requests are."""
        with self._lock:
            self._turn = client, collection

    def of(self, client: str, collection: str) -> list[Asked]:
        """Return what a client asked when it was shown a collection."""
        with self._lock:
            return [a for a in self.log if (a.client, a.collection) == (client, collection)]

    def here(self, address: str) -> str:
        """Return an address of the service by way of the proxy."""
        return self._moved.sub(_origin(self.url), address)

    def note(self, method: str, path: str, status: int, body: bytes) -> None:
        """Write down a request and its answer."""
        parts, found = urlsplit(path), _RETURNED.search(body)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        returned = int(found[1]) if found else None
        with self._lock:
            self.log.append(
                Asked(*self._turn, method, parts.path, query, status, len(body), returned)
            )

    def rewritten(self, body: bytes, media_type: str) -> bytes:
        """Return a body whose links stay with the proxy; the server's lead past it."""
        if _PACKED.search(media_type):
            return _repacked(body, self._rewritten)
        return self._rewritten(body) if _TEXT.search(media_type) else body

    def _rewritten(self, text: bytes) -> bytes:
        moved, here = self._moved.pattern.encode(), _origin(self.url).encode()
        return re.sub(moved, here, text)

    @property
    def _moved(self) -> re.Pattern[str]:
        return re.compile(re.escape(_origin(self.target)) + r"(?![\w.:-])")


def _repacked(archive: bytes, change: Callable[[bytes], bytes]) -> bytes:
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(made, "w") as target:
            for name in source.namelist():
                target.writestr(name, change(source.read(name)))
    except zipfile.BadZipFile:
        return archive  # what the client makes of it is what is asked
    return made.getvalue()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@contextmanager
def recording(target: str) -> Iterator[Recorder]:
    """Stand before a service, on a free port of 127.0.0.1.

    Parameters
    ----------
    target : str
        Landing page that the service's own links carry.
    """
    recorder = Recorder(target)
    handler = type("_Own", (_Handler,), {"recorder": recorder})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        path = urlsplit(target).path.rstrip("/")
        recorder.url = f"http://127.0.0.1:{server.server_port}{path}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a body that waits for its head to arrive takes 40 ms
    recorder: Recorder

    def _forward(self) -> None:
        try:
            answer, body = self._asked()
        except (OSError, http.client.HTTPException) as error:
            self.recorder.note(self.command, self.path, 502, b"")
            self.send_error(502, str(error)[:200])
            return
        media_type = answer.headers.get("Content-Type", "")
        self.recorder.note(self.command, self.path, answer.status, body)
        body = self.recorder.rewritten(body, media_type)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _ONE_HOP:
                self.send_header(name, self.recorder.here(value))
        if self.command == "HEAD" and not _TEXT.search(media_type):
            self.send_header("Content-Length", answer.headers.get("Content-Length", "0"))
        elif answer.status not in _WITHOUT_BODY:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_OPTIONS = do_POST = _forward  # noqa: N815 - names that `http.server` calls

    def _asked(self) -> tuple[http.client.HTTPResponse, bytes]:
        connection = _connected(self.recorder.target)
        try:
            headers = {
                name: value for name, value in self.headers.items() if name.lower() != "host"
            }
            # The body is read here, so it is not to be packed.
            headers |= {"Accept-Encoding": "identity", "Connection": "close"}
            posted = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            connection.request(self.command, self.path, body=posted, headers=headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def _connected(target: str) -> http.client.HTTPConnection:
    parts = urlsplit(target)
    host = str(parts.hostname)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=WAIT_S, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=WAIT_S)
