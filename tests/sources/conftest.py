"""Real servers for the sources that read from one: PostGIS, and pages of GeoJSON over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.postgis import NoPostgis
from benchmarks.postgis import postgis as started


@pytest.fixture(scope="session")
def postgis() -> Iterator[str]:
    """Start PostgreSQL with PostGIS from Debian's packages; yield the address of a database."""
    try:
        with started() as address:
            yield f"{address}?sslmode=prefer"
    except NoPostgis as reason:
        pytest.skip(str(reason))


type Answer = Callable[[str], tuple[int, dict[str, str], bytes]]


@pytest.fixture
def answering() -> Iterator[Callable[[Answer], str]]:
    """Start HTTP servers that answer as a function of the path says."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def pages(features: list[dict[str, object]], size: int) -> Answer:
    """Answer a collection in pages, with `next` links."""

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        start = int(path.partition("offset=")[2] or 0)
        document: dict[str, object] = {
            "type": "FeatureCollection",
            "features": features[start : start + size],
        }
        if start + size < len(features):
            href = f"/collections/sedi/items?offset={start + size}"
            document["links"] = [{"rel": "next", "href": href}]
        return 200, {"Content-Type": "application/geo+json"}, json.dumps(document).encode()

    return answer


@pytest.fixture
def paged() -> Callable[[list[dict[str, object]], int], Answer]:
    return pages
