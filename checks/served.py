"""Starts the real command line and the real server in a child process, as a user would.

Tests, benchmarks and the pictures of the documentation use it. Nothing of the project is
imported: what is measured and checked is the program as installed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 120
STOPPED_WITHIN_S = 10
_HOST = "127.0.0.1"


class DidNotRun(Exception):
    """The command failed, or the server did not become ready; the message holds its output."""


@dataclass(frozen=True)
class Running:
    """A server that runs.

    Attributes
    ----------
    url : str
        Address of the landing page, without a slash at the end.
    pid : int
        The process that was started; it may have children that answer.
    """

    url: str
    pid: int


def program() -> str:
    """Return the path of the command `atlante` of the running environment."""
    return str(Path(sys.executable).with_name("atlante"))


def run(*arguments: str) -> str:
    """Run the command `atlante` and return what it printed.

    Raises
    ------
    DidNotRun
        It ended with an exit code other than 0.
    """
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [program(), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DidNotRun(
            f"atlante {' '.join(arguments)} ended with {done.returncode}\n"
            f"{done.stdout}{done.stderr}"
        )
    return done.stdout + done.stderr


def build_demo(home: Path) -> None:
    """Write the synthetic district into `home` and build its release; `DidNotRun` on failure."""
    run("synth", "--home", str(home))
    run("build", "--home", str(home))


@contextmanager
def serve(home: Path, *, log: Path, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Serve the current release of `home` on a free port of 127.0.0.1.

    Parameters
    ----------
    home : Path
        Folder that holds `releases/`.
    log : Path
        File that receives everything the server prints.
    settings : Mapping, optional
        Environment variables `ATLANTE_*`; no other reaches the server.

    Yields
    ------
    Running
        Ready to answer; stopped on leaving.

    Raises
    ------
    DidNotRun
        `/readyz` does not answer 200 within `READY_WITHIN_S` seconds.
    """
    url = f"http://{_HOST}:{_free_port()}"
    port = url.rpartition(":")[2]
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [program(), "serve", "--home", str(home), "--port", port],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={k: v for k, v in os.environ.items() if not k.startswith("ATLANTE_")}
            | dict(settings or {}),
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, url, log)
            yield Running(url, process.pid)
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - our own http
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise DidNotRun(f"the server did not become ready\n{log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        # Workers would outlive a parent that is killed; the group holds them all.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
