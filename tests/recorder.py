"""What a client asks a server, and what leaves the server: a proxy that writes it down.

``python recorder.py LOG`` forwards to the server whose address it reads from its input, after it
has printed its own. It is a process of its own because GDAL holds the interpreter while it reads.
The server itself writes no such log: what somebody asks may be personal.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

WITHOUT_BODY = {204, 304}
OF_ONE_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Seen:
    """One request, and its answer.

    Attributes
    ----------
    query : dict
        Parameters, decoded.
    accept : str
        Media types that were asked for.
    ids : list of str
        The features that left the server, in order.
    matched : int | None
        `numberMatched` of the answer.
    """

    method: str
    path: str
    query: dict[str, str]
    accept: str
    status: int
    ids: list[str] = field(default_factory=list)
    matched: int | None = None


@dataclass
class Recorded:
    """A server behind a proxy.

    Attributes
    ----------
    url : str
        Address of the landing page; every link of the server starts with it.
    """

    url: str
    _log: Path
    _forgotten: int = 0

    def forget(self) -> None:
        """Leave out of `seen` what was asked up to now."""
        self._forgotten = len(self._lines())

    def seen(self) -> list[Seen]:
        """Return what was asked, in order."""
        return [Seen(**json.loads(line)) for line in self._lines()[self._forgotten :]]

    def pages(self, collection: str) -> list[Seen]:
        """Return what was asked of the features of a collection."""
        return [one for one in self.seen() if one.path == f"/collections/{collection}/items"]

    def _lines(self) -> list[str]:
        return self._log.read_text(encoding="utf-8").splitlines()


@contextmanager
def proxy(log: Path) -> Iterator[tuple[Recorded, subprocess.Popen[str]]]:
    """Start the proxy; who writes an address to its input tells it the server."""
    log.touch()
    process = subprocess.Popen(
        [sys.executable, __file__, str(log)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        try:
            yield Recorded(process.stdout.readline().strip(), log), process
        finally:
            process.terminate()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_at = ""
    log = Path()

    def _forward(self) -> None:
        upstream = HTTPConnection(urlsplit(self.server_at).netloc, timeout=60)
        # The body is read here, so it is not to be packed.
        headers = {**self.headers, "Accept-Encoding": "identity", "Connection": "close"}
        upstream.request(self.command, self.path, headers=headers)
        answer = upstream.getresponse()
        body = answer.read()
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(self._seen(answer.status, body))) + "\n")
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_ONE_HOP:
                self.send_header(name, value)
        if answer.status not in WITHOUT_BODY:
            self.send_header("Content-Length", answer.headers.get("Content-Length", str(len(body))))
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    do_GET = do_HEAD = do_OPTIONS = _forward  # noqa: N815 - names that `http.server` calls

    def _seen(self, status: int, body: bytes) -> Seen:
        parts = urlsplit(self.path)
        page = json.loads(body) if b'"FeatureCollection"' in body[:200] else {}
        return Seen(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            accept=self.headers.get("Accept", ""),
            status=status,
            ids=[feature["id"] for feature in page.get("features", [])],
            matched=page.get("numberMatched"),
        )

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main(log: str) -> None:
    """Forward and write down, until terminated."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        _Handler.server_at, _Handler.log = sys.stdin.readline().strip(), Path(log)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
