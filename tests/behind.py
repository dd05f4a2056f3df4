"""nginx of the distribution in front of real servers, with the very file of `deploy/`."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
PREFIX = "/geo"
_MAIN = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/main.log notice;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log {folder}/access.log;
    include {folder}/atlante.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """A running nginx: the public address, its certificate, and the folder of its logs."""

    url: str
    plain: str
    certificate: Path
    folder: Path

    @property
    def context(self) -> ssl.SSLContext:
        """Trust this certificate alone."""
        return ssl.create_default_context(cafile=str(self.certificate))


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def programs() -> tuple[str, str]:
    """Return the paths of nginx and openssl; without them the suite is named as not run."""
    found = [shutil.which(name, path="/usr/sbin:/usr/bin:/bin") for name in ("nginx", "openssl")]
    if not all(found):
        pytest.skip("nginx or openssl is not installed (Debian packages nginx-light, openssl)")
    return str(found[0]), str(found[1])


def certified(openssl: str, folder: Path) -> tuple[Path, Path]:
    """Make a certificate of localhost that signs itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    places = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *names, *places], check=True, capture_output=True)
    return certificate, key


def configured(folder: Path, servers: Sequence[int], ports: tuple[int, int], key: Path) -> str:
    """Return the file of `deploy/` with the ports, the name and the certificate of this machine."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    plain, secure = ports
    lines = "".join(f"    server 127.0.0.1:{port} max_fails=0;\n" for port in servers)
    text, once = re.subn(r"(?:    server 127\.0\.0\.1:\d+ max_fails=0;\n)+", lines, text)
    assert once == 1
    text = re.sub(r" *listen \[::\]:\d+[^;]*;\n", "", text)
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ", f"listen 127.0.0.1:{secure} "),
        ("https://dati.example.it$request_uri", f"https://localhost:{secure}$request_uri"),
        ("/etc/ssl/atlante/fullchain.pem", str(folder / "certificate.pem")),
        ("/etc/ssl/atlante/privkey.pem", str(key)),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return text.replace("dati.example.it", "localhost")


@contextmanager
def proxied(
    folder: Path, servers: Sequence[int], *, secure: int | None = None, rate: str = "100000r/s"
) -> Iterator[Proxy]:
    """Put nginx in front of servers on these ports, until the block ends.

    A test asks more in a second than the file lets a person ask, so its rate is another.
    """
    nginx, openssl = programs()
    certificate, key = certified(openssl, folder)
    ports = (free_port(), secure or free_port())
    text = configured(folder, servers, ports, key).replace("rate=100r/s", f"rate={rate}")
    (folder / "atlante.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder), encoding="utf-8")
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    command += ["-e", str(folder / "main.log")]
    with (folder / "stderr.log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _wait(process, ports[1], folder)
            url = f"https://localhost:{ports[1]}{PREFIX}"
            yield Proxy(url, f"http://127.0.0.1:{ports[0]}", certificate, folder)
        finally:
            process.terminate()
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(100):
        assert process.poll() is None, (folder / "stderr.log").read_text(encoding="utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not start")
