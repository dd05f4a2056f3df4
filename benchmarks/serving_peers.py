"""The servers that ours is compared with: pygeoapi and tipg on a PostGIS with the same features.

And two that tell what can be had at most: the bare server, and nginx sending files.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import geopandas as gpd
import psycopg
import shapely
import yaml

from benchmarks.postgis import free_port
from benchmarks.serving_data import COLLECTION, ROOT, layer
from checks.served import Running

PACKAGES: Final = (
    "pygeoapi==0.24.0", "tipg==1.6.1", "uvicorn[standard]", "starlette",
    "psycopg2-binary", "sqlalchemy", "geoalchemy2",
)  # fmt: skip
"""What is compared with, and what it needs beside what it brings."""

_TYPES: Final = {"integer": "integer", "boolean": "boolean"}
_READY_WITHIN_S: Final = 60


class NoPeer(Exception):
    """A peer could not be installed, or does not answer."""


def environment(folder: Path) -> Path:
    """Install the peers into an environment of their own, once; return its programs."""
    programs = folder / "bin"
    if not (programs / "uvicorn").exists():
        steps = ([sys.executable, "-m", "venv", str(folder)],
                 [str(programs / "pip"), "install", "--quiet", *PACKAGES])  # fmt: skip
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise NoPeer(done.stderr)
    return programs


def fill(database: str, frame: gpd.GeoDataFrame) -> None:
    """Write the features into a table with the indexes that the questions need."""
    names = layer().field_names
    types = {one.name: _TYPES.get(one.type, "text") for one in layer().fields}
    columns = ", ".join(f"{name} {types[name]}" for name in names)
    with psycopg.connect(database) as connection:
        connection.execute(
            f"CREATE TABLE {COLLECTION} ({columns}, geometry geometry(Polygon, 4326),"
            f" PRIMARY KEY (id))"
        )
        copy = f"COPY {COLLECTION} ({', '.join(names)}, geometry) FROM STDIN"
        rows = frame[list(names)].astype(object).where(frame[list(names)].notna(), None)
        shapes = shapely.to_wkb(shapely.set_srid(frame.geometry, 4326), hex=True, include_srid=True)
        with connection.cursor().copy(copy) as lines:
            for row, shape in zip(rows.itertuples(index=False), shapes, strict=True):
                lines.write_row((*row, shape))
        connection.execute(f"CREATE INDEX ON {COLLECTION} USING gist (geometry)")
        connection.execute(f"CREATE INDEX ON {COLLECTION} (pop)")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


@contextmanager
def pygeoapi(programs: Path, database: str, folder: Path) -> Iterator[Running]:
    """Serve the table by pygeoapi's own PostgreSQL provider."""
    port = free_port()
    config, openapi = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_text(yaml.safe_dump(_configuration(database, port)), encoding="utf-8")
    said = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    command = [str(programs / "pygeoapi"), "openapi", "generate", str(config),
               "--output-file", str(openapi)]  # fmt: skip
    done = subprocess.run(command, env=os.environ | said, capture_output=True, check=False)
    if done.returncode != 0:
        raise NoPeer(done.stderr.decode())
    with _uvicorn(programs, "pygeoapi.starlette_app:APP", port, said, folder) as running:
        yield running


@contextmanager
def tipg(programs: Path, database: str, folder: Path) -> Iterator[Running]:
    """Serve the table by tipg."""
    said = {"DATABASE_URL": database}
    with _uvicorn(programs, "tipg.main:app", free_port(), said, folder) as running:
        yield running


@contextmanager
def bare(folder: Path, application: str = "benchmarks.serving_bare:app") -> Iterator[Running]:
    """Serve an application of ours by the HTTP server alone: the smallest one, if none is named."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--port", str(port),
               "--interface", "asgi", "--http", "1", "--no-ws", "--no-access-log",
               "--log-level", "warning", application]  # fmt: skip
    with _running(command, port, ROOT, log=folder / "bare.log") as running:
        yield running


@contextmanager
def nginx(files: Path, folder: Path) -> Iterator[Running]:
    """Serve a folder of gzipped tiles by one process of nginx; as root on Debian it is installed.

    Raises
    ------
    NoPeer
        It is not there, or does not start.
    """
    if shutil.which("nginx") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", "nginx-light"]
        subprocess.run(install, capture_output=True, check=False)
    if shutil.which("nginx") is None:
        raise NoPeer("nginx is not installed (Debian package nginx-light)")
    port, config = free_port(), folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port, files=files), encoding="utf-8")
    command = ["nginx", "-c", str(config), "-e", str(folder / "nginx.log")]
    with _running(command, port, folder, log=folder / "nginx-out.log") as running:
        yield running


# The files' own folders are closed to others, so nginx stays the user it is started by.
_NGINX: Final = """
daemon off; worker_processes 1; user root; pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  open_file_cache max=10000; open_file_cache_valid 1h;
  types {{ application/vnd.mapbox-vector-tile mvt; }}
  server {{
    listen 127.0.0.1:{port};
    root {files};
    add_header Content-Encoding gzip; add_header Vary Accept-Encoding;
  }}
}}
"""


@contextmanager
def _running(command: list[str], port: int, cwd: Path, *, log: Path) -> Iterator[Running]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=out)
        try:
            _listens(process, port, log)
            yield Running(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise NoPeer(f"{process.args!r} does not listen\n{log.read_text(errors='replace')}")


@contextmanager
def _uvicorn(
    programs: Path, app: str, port: int, said: Mapping[str, str], folder: Path
) -> Iterator[Running]:
    url = f"http://127.0.0.1:{port}"
    log = folder / f"{app.partition('.')[0]}.log"
    command = [str(programs / "uvicorn"), app, "--port", str(port),
               "--log-level", "warning", "--no-access-log"]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=os.environ | said, cwd=folder, stdout=out, stderr=out
        )
        try:
            _wait(process, f"{url}/collections?f=json", log)
            yield Running(url, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise NoPeer(f"{url} does not answer\n{log.read_text(errors='replace')}")


def _configuration(database: str, port: int) -> dict[str, Any]:
    """Return pygeoapi's configuration: ours, with its PostgreSQL provider for one collection."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "config" / "pygeoapi.yml").read_text("utf-8"))
    config["server"] |= {
        "url": f"http://127.0.0.1:{port}",
        "bind": {"host": "127.0.0.1", "port": port},
    }
    parts = urlsplit(database)
    data = {"host": parts.hostname, "port": parts.port, "dbname": parts.path[1:],
            "user": parts.username, "password": "", "search_path": ["public"]}  # fmt: skip
    provider = {"type": "feature", "name": "PostgreSQL", "data": data, "id_field": "id",
                "table": COLLECTION, "geom_field": "geometry"}  # fmt: skip
    collection = config["resources"][COLLECTION] | {"providers": [provider]}
    return config | {"resources": {COLLECTION: collection}}
