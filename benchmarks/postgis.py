"""PostGIS from Debian's packages, in a temporary folder and on a port of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

PACKAGES = ("postgresql-15-postgis-3", "postgresql-16-postgis-3", "postgresql-17-postgis-3")
_USER = "prova"


class NoPostgis(Exception):
    """PostGIS is not installed and could not be, or does not start."""


@contextmanager
def postgis() -> Iterator[str]:
    """Start PostgreSQL with PostGIS and yield the address of a database; end it on leaving.

    Raises
    ------
    NoPostgis
        It is not there, or does not start.
    """
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="postgis") as folder:
        user = _unprivileged(Path(folder))
        data, port = Path(folder) / "data", free_port()
        _run(user, programs / "initdb", "-D", data, "-U", _USER, "-E", "UTF8", "--no-sync")
        server = _start(user, programs, data, port)
        try:
            _wait(user, programs, port)
            address = f"postgresql://{_USER}@127.0.0.1:{port}/postgres"
            with psycopg.connect(address) as database:
                database.execute("CREATE EXTENSION postgis")
            yield address
        finally:
            server.terminate()
            server.wait(30)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _programs() -> Path:
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for package in PACKAGES:
            command = ["apt-get", "install", "-y", "--no-install-recommends", package]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                found = _installed()
                break
    if found is None:
        raise NoPostgis(f"PostGIS is not installed (Debian package {PACKAGES[0]})")
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


def _run(user: str | None, *command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, user=user, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoPostgis(done.stderr)


def _start(user: str | None, programs: Path, data: Path, port: int) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [
        programs / "postgres",
        "-D",
        data,
        "-p",
        str(port),
        "-k",
        data,
        "-F",
    ]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "logging_collector=off"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, user=user, cwd="/", stdout=quiet, stderr=quiet)


def _wait(user: str | None, programs: Path, port: int) -> None:
    for _ in range(60):
        ready: list[str | Path] = [
            programs / "pg_isready",
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
        ]
        if subprocess.run(ready, user=user, cwd="/", check=False).returncode == 0:
            return
        time.sleep(0.5)
    raise NoPostgis("PostgreSQL did not start")
