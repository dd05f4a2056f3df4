"""Load on a server: `wrk`, some open connections, a list of addresses over and over."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLIENTS: Final = 8
_PACKAGE: Final = "wrk"
_UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class NoLoad(Exception):
    """`wrk` is not installed, or a server answered something else than it should."""


@dataclass(frozen=True)
class Load:
    """What a server did under load.

    Attributes
    ----------
    per_second : float
        Answers a second.
    p99_ms : float
        Milliseconds within which 99 in 100 of them came.
    answers : int
        How many there were.
    """

    per_second: float
    p99_ms: float
    answers: int = 0


def installed() -> None:
    """Make sure that `wrk` is there: as root on Debian it is installed; `NoLoad` otherwise."""
    if shutil.which("wrk") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-y", "--no-install-recommends", _PACKAGE]
        subprocess.run(command, capture_output=True, check=False)
    if shutil.which("wrk") is None:
        raise NoLoad(f"wrk is not installed (Debian package {_PACKAGE})")


def load(  # noqa: PLR0913 - who is asked what, how and for how long
    url: str,
    targets: Sequence[str],
    *,
    seconds: float,
    folder: Path,
    headers: Mapping[str, str] | None = None,
    clients: int = CLIENTS,
) -> Load:
    """Ask a server for addresses in turn from open connections.

    Parameters
    ----------
    url : str
        The server, without a slash at the end.
    targets : sequence of str
        Paths with queries.
    folder : Path
        Where the script for `wrk` may lie.
    headers : Mapping, optional
        What every request says beside.
    clients : int, optional
        Open connections.

    Raises
    ------
    NoLoad
        An answer was neither 200 nor 304.
    """
    script = folder / "load.lua"
    script.write_text(_script(targets, headers or {}), encoding="utf-8")
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "--timeout", "60s",
               "-s", str(script), url]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise NoLoad(f"{url}{targets[0]}\n{done.stdout}")
    rate = re.search(r"Requests/sec:\s*([0-9.]+)", done.stdout)
    last = re.search(r"99%\s+([0-9.]+)(us|ms|s|m)\b", done.stdout)
    answers = re.search(r"([0-9]+) requests in", done.stdout)
    if rate is None or last is None or answers is None:
        raise NoLoad(done.stdout)
    return Load(float(rate[1]), float(last[1]) * _UNITS[last[2]], int(answers[1]))


def _script(targets: Sequence[str], headers: Mapping[str, str]) -> str:
    listed = ", ".join(f"[==[{target}]==]" for target in targets)
    said = "".join(f"wrk.headers['{n}'] = [==[{v}]==]\n" for n, v in headers.items())
    return f"""{said}local targets, made, at = {{ {listed} }}, {{}}, 0
function init()
  for i, target in ipairs(targets) do made[i] = wrk.format("GET", target) end
end
function request()
  at = at % #made + 1
  return made[at]
end
"""
