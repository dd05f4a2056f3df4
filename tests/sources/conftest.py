"""Real servers for the sources that read from one: PostGIS, and pages of GeoJSON over HTTP."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest

PACKAGES = ("postgresql-15-postgis-3", "postgresql-16-postgis-3", "postgresql-17-postgis-3")


@pytest.fixture(scope="session")
def postgis() -> Iterator[str]:
    """Start PostgreSQL with PostGIS from Debian's packages; yield the address of a database."""
    programs = _programs()
    if programs is None:
        pytest.skip(f"PostGIS is not installed (Debian package {PACKAGES[0]})")
    with tempfile.TemporaryDirectory(prefix="postgis") as folder:
        user = _unprivileged(Path(folder))
        data, port = Path(folder) / "data", _free_port()
        _run(user, programs / "initdb", "-D", data, "-U", "prova", "-E", "UTF8", "--no-sync")
        server = _start(user, programs, data, port)
        try:
            address = f"postgresql://prova@127.0.0.1:{port}/postgres?sslmode=prefer"
            _wait(user, programs, port)
            with psycopg.connect(address) as database:
                database.execute("CREATE EXTENSION postgis")
            yield address
        finally:
            server.terminate()
            server.wait(30)


def _programs() -> Path | None:
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for package in PACKAGES:
            command = ["apt-get", "install", "-y", "--no-install-recommends", package]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return _installed()
    return found


def _installed() -> Path | None:
    extensions = sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    folders = [Path("/usr/lib/postgresql") / path.parts[4] / "bin" for path in extensions]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _unprivileged(folder: Path) -> str | None:
    """Return the user PostgreSQL must run as; it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return owner.pw_name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(user: str | None, *command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, user=user, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _start(user: str | None, programs: Path, data: Path, port: int) -> subprocess.Popen[bytes]:
    command = [programs / "postgres", "-D", data, "-p", str(port), "-k", data, "-F"]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "logging_collector=off"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, user=user, cwd="/", stdout=quiet, stderr=quiet)


def _wait(user: str | None, programs: Path, port: int) -> None:
    for _ in range(60):
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        if subprocess.run(ready, user=user, cwd="/", check=False).returncode == 0:
            return
        threading.Event().wait(0.5)
    pytest.fail("PostgreSQL did not start")


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
