"""The clients: which are installed here, and how to speak with one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any, Final

import orjson

WITHIN_S: Final = 60
"""Seconds for one collection; a client that takes longer is ended."""
_CLIENTS: Final = Path(__file__).with_name("clients")
_DEBIAN_PYTHON: Final = "/usr/bin/python3"
_QGIS: Final = "from qgis.core import Qgis; print(Qgis.QGIS_VERSION)"
_PYOGRIO: Final = "import pyogrio; print('GDAL', '.'.join(map(str, pyogrio.__gdal_version__)))"
_OWSLIB: Final = "import owslib; print(owslib.__version__)"
_SF: Final = "cat(as.character(packageVersion('sf')), 'GDAL', sf::sf_extSoftVersion()['GDAL'])"


@dataclass(frozen=True)
class Program:
    """A client.

    Attributes
    ----------
    version : str
        What it says of itself; empty if it is not installed.
    command : tuple of str
        What answers questions, see `checks.doctor.clients`.
    """

    name: str
    version: str
    command: tuple[str, ...]


def programs(names: tuple[str, ...]) -> list[Program]:
    """Return the clients of these names, installed or not; `KeyError` for an unknown one."""
    return [_MAKERS[name](name) for name in names]


def _qgis(name: str) -> Program:
    version = _printed(_DEBIAN_PYTHON, "-c", _QGIS)
    return Program(name, version, (_DEBIAN_PYTHON, "-I", str(_CLIENTS / "with_qgis.py")))


def _ogrinfo(name: str) -> Program:
    version = _printed("ogrinfo", "--version").partition(",")[0]
    return Program(name, version, (*_module(name), shutil.which("ogrinfo") or ""))


def _library(name: str, needs: str, asks: str) -> Program:
    version = _printed(sys.executable, "-c", asks) if find_spec(needs) else ""
    return Program(name, version, _module(name))


def _chromium(name: str) -> Program:
    path = shutil.which("chromium") or ""
    version = _printed(path, "--version") if path and find_spec("playwright") else ""
    return Program(name, " ".join(version.split()[:2]), (*_module(name), path))


def _sf(name: str) -> Program:
    path = shutil.which("Rscript") or ""
    return Program(name, _printed(path, "-e", _SF) if path else "", (*_module(name), path))


_MAKERS: Final = {
    "qgis": _qgis,
    "ogrinfo": _ogrinfo,
    "geopandas": lambda name: _library(name, "pyogrio", _PYOGRIO),
    "owslib": lambda name: _library(name, "owslib", _OWSLIB),
    "chromium": _chromium,
    "sf": _sf,
}
NAMES: Final = tuple(_MAKERS)


def _module(name: str) -> tuple[str, ...]:
    return sys.executable, "-m", f"checks.doctor.clients.with_{name}"


def _printed(program: str, *arguments: str) -> str:
    """Return what a program prints, or nothing if it is not there or fails."""
    found = shutil.which(program)
    if not found:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - a program that was looked up, no shell
            [found, *arguments], capture_output=True, text=True, check=False, timeout=WITHIN_S
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


@dataclass
class Conversation:
    """A client's process; started when it is asked, and again after it was ended.

    It has a home of its own, so that nothing it kept from before answers in place of the service.
    """

    program: Program
    within_s: float = WITHIN_S
    _home: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(
            prefix="atlante-doctor-", ignore_cleanup_errors=True
        )
    )
    _process: subprocess.Popen[bytes] | None = None
    _rest: bytes = b""

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a question; `error` says that there was none, or not in time."""
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
        try:
            process.stdin.write(orjson.dumps(question) + b"\n")
            process.stdin.flush()
            line = self._line(process)
        except BrokenPipeError:
            line = b""
        if line:
            return dict(orjson.loads(line))
        ended = process.poll() is not None
        said = self._complaint()
        self._end()
        if ended:
            return {"error": f"si è chiuso / it ended: {said}"}
        return {
            "error": f"fermo da {self.within_s:g} s, chiuso / hung for {self.within_s:g} s, ended"
        }

    def close(self) -> None:
        """End the process, and remove its home."""
        self._end()
        self._home.cleanup()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            home = Path(self._home.name)
            with (home / "stderr").open("wb") as errors:
                self._process = subprocess.Popen(  # noqa: S603 - a client, no shell
                    self.program.command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=_environment(home),
                    start_new_session=True,
                )
            self._rest = b""
        return self._process

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        """Return the next line that is an answer; empty at the end of the output or of the time."""
        assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
        end = time.monotonic() + self.within_s
        with DefaultSelector() as selector:
            selector.register(process.stdout, EVENT_READ)
            while (left := end - time.monotonic()) > 0:
                line, found, rest = self._rest.partition(b"\n")
                if found:
                    self._rest = rest
                    if line.startswith(b"{"):
                        return line
                elif selector.select(left):
                    read = os.read(process.stdout.fileno(), 1 << 16)
                    if not read:
                        process.wait()
                        return b""
                    self._rest += read
        return b""

    def _complaint(self) -> str:
        text = Path(self._home.name, "stderr").read_text(encoding="utf-8", errors="replace")
        return " ".join(text.split())[-300:]

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None  # noqa: S101 - both were opened
            with suppress(BrokenPipeError):  # what it had not read yet
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it started, too
        process.wait()


def _environment(home: Path) -> dict[str, str]:
    """Return an environment without a window, without proxies and without what a user has set."""
    own = {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
    }
    ours = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return own | ours
