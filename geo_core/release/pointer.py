"""Which releases exist and which one is current."""

from __future__ import annotations

import os
import re
from pathlib import Path

from geo_core.errors import NotFound, ReleaseError
from geo_core.release.durable import sync_folder, write_durably

POINTER = "current"
_ID = re.compile(r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}$")


def current(root: Path) -> str | None:
    """Return the id the pointer names, or None when there is no usable pointer.

    Parameters
    ----------
    root : Path
        Folder of releases.
    """
    try:
        named = (root / POINTER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return named if _ID.match(named) else None


def available(root: Path) -> list[str]:
    """Return the ids of every published release, the last published first."""
    if not root.is_dir():
        return []
    found = [p for p in root.iterdir() if is_published(root, p.name)]
    return [p.name for p in sorted(found, key=_published, reverse=True)]


def is_published(root: Path, ident: str) -> bool:
    """Tell whether a release of that id is there; touches one file."""
    return bool(_ID.match(ident)) and (root / ident / "manifest.json").is_file()


def switch(root: Path, ident: str) -> None:
    """Make a release current, atomically.

    Raises
    ------
    NotFound
        No release of that id is in `root`.
    ReleaseError
        The pointer cannot be written.
    """
    known = available(root)
    if ident not in known:
        raise NotFound.among("release", ident, known)
    staged = root / f".{POINTER}.{os.getpid()}"
    try:
        write_durably(staged, f"{ident}\n".encode("ascii"))
        staged.replace(root / POINTER)
        sync_folder(root)
    except OSError as error:
        raise ReleaseError(f"the pointer cannot be written: {error.strerror}") from None


def _published(folder: Path) -> tuple[int, str]:
    return (folder / "manifest.json").stat().st_mtime_ns, folder.name
