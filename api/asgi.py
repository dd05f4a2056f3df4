"""Starting the server: one address, one or more processes, no access log."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Final, Never

from api.settings import Settings
from geo_core.errors import ReleaseError, ServeError
from geo_core.release.pointer import available
from geo_core.release.read import open_release

_LEAN: Final = {"MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Freed memory goes back to the system instead of to a pool per thread and one of Arrow's."""


def serve(settings: Settings) -> Never:
    """Become the server, until it is stopped.

    This process is replaced by granian, which starts the serving ones: whatever was imported to
    get here, a whole build perhaps, is gone. They read their settings from the environment.

    Raises
    ------
    ServeError
        The port is taken or may not be used, or there is no valid release.
    """
    _check_port(settings)
    _check_releases(settings.releases)
    address = settings.public_url
    sys.stdout.write(
        f"{address}/  (mappa / map: {address}/embed/)\n"
        "Ctrl+C ferma il servizio / stops the service\n"
    )
    sys.stdout.flush()
    arguments = [sys.executable, "-m", "granian", *_options(settings), "api.app:from_environment"]
    os.execve(sys.executable, arguments, os.environ | _environment(settings))  # noqa: S606 - ours


def _options(settings: Settings) -> list[str]:
    stated = {
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "interface": "asgi",
        "http": "1",
        "log-level": "warning",
        "workers-kill-timeout": "10",
    }
    switches = ["--factory", "--no-ws", "--no-access-log", "--respawn-failed-workers"]
    return [*switches, *(f"--{name}={value}" for name, value in stated.items())]


def _environment(settings: Settings) -> dict[str, str]:
    given = {f"ATLANTE_{name.upper()}": str(value) for name, value in settings}
    return _LEAN | given | {"ATLANTE_RELEASES": str(settings.releases.resolve())}


def _check_port(settings: Settings) -> None:
    """Bind the address once and let go, so that a taken port is one clear line."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ServeError(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror}",
                hint="stop what listens there, or choose another port: make demo PORT=8001",
            ) from None


def _check_releases(root: Path) -> None:
    """Make sure that a serving process will find a release it can open."""
    refused = []
    for ident in available(root):
        try:
            open_release(root / ident)
        except ReleaseError as error:
            refused.append(f"\n  {error.where}: {error.message}")
        else:
            return
    raise ServeError(
        "there is no valid release to serve" + "".join(refused),
        where=root.name,
        hint="build one with `atlante build`, or set ATLANTE_RELEASES to the right folder",
    )
