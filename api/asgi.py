"""Starting the server: one address, one or more processes, no access log."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Final

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from api.settings import Settings
from geo_core.errors import ReleaseError, ServeError
from geo_core.release.pointer import available
from geo_core.release.read import open_release

# Named, not imported: this process only watches over the ones that serve.
_TARGET: Final = "api.app:from_environment"
_STOP_SECONDS: Final = 10


def serve(settings: Settings) -> None:
    """Serve until stopped.

    The serving processes read their settings from the environment, where they are put.

    Raises
    ------
    ServeError
        The port is taken or may not be used, or there is no valid release.
    """
    _check_port(settings)
    _check_releases(settings.releases)
    os.environ.update(_environment(settings))
    Server(
        _TARGET,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.workers,
        loop=Loops.asyncio,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


def _environment(settings: Settings) -> dict[str, str]:
    return {f"ATLANTE_{name.upper()}": str(value) for name, value in settings}


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
                hint="stop what listens there, or choose another port: PORT=8001",
            ) from None


def _check_releases(root: Path) -> None:
    """Make sure that a serving process will find a release it can open."""
    refused = []
    for ident in available(root):
        try:
            open_release(root / ident)
        except ReleaseError as error:
            refused.append(f"{error.where}: {error.message}")
        else:
            return
    raise ServeError(
        "there is no valid release to serve" + "".join(f"; {reason}" for reason in refused),
        where=root.name,
        hint="build one with `atlante build`, or set ATLANTE_RELEASES to the right folder",
    )
