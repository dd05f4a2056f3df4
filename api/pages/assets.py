"""The files pages are made of, read once: style sheets, scripts and the vendored map library."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent / "static"

_TYPES: Final = {
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Media types by ending; a file with another ending is not served."""


class Asset(NamedTuple):
    """One static file, as it is and gzipped."""

    body: bytes
    gzipped: bytes
    media_type: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """Return every static file by its path under `/static/<version>/`.

    Requests look names up here and never touch the disk, so no path can lead elsewhere.
    """
    files = sorted(p for p in ROOT.rglob("*") if p.is_file() and p.suffix in _TYPES)
    return {p.relative_to(ROOT).as_posix(): _read(p) for p in files}


@cache
def version() -> str:
    """Return a short hash of all static files; it changes when any of them does."""
    digest = sha256()
    for name, asset in assets().items():
        digest.update(f"{name} {asset.etag}\n".encode())
    return digest.hexdigest()[:12]


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(
        body=body,
        gzipped=gzip.compress(body, mtime=0),
        media_type=_TYPES[path.suffix],
        etag=f'"{sha256(body).hexdigest()[:32]}"',
    )
