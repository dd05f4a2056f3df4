"""The folder of a release: what is in it, and what its manifest says of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = "manifest.json"
REPORT: Final = "audit.json"
STATEMENT: Final = "disclosure.json"
NO_PACKAGE: Final[Mapping[str, Callable[[], str]]] = {"zlib": lambda: zlib.ZLIB_RUNTIME_VERSION}
"""What a release names beside packages, and how to learn which one is here."""


@dataclass(frozen=True)
class Folder:
    """A release on the disk.

    Attributes
    ----------
    path : Path
    manifest : dict
        Its manifest.
    raw : bytes
        The manifest as it is written.
    fresh : bool
        It was made a moment ago, by the libraries that are here.
    """

    path: Path
    manifest: Mapping[str, Any]
    raw: bytes
    fresh: bool = False

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of the release, none if it is not there."""
        file = self.path / path
        return file.read_bytes() if file.is_file() else b""

    @cached_property
    def layers(self) -> dict[str, Mapping[str, Any]]:
        """The declaration of each collection."""
        return {info["layer"]["id"]: info["layer"] for info in self.manifest["collections"]}

    @cached_property
    def elsewhere(self) -> list[str]:
        """Libraries that made the release in another version than is here: bytes may differ."""
        stated = self.manifest["versions"].items()
        return sorted(name for name, said in stated if said != _here(name))

    def entries(self) -> Iterator[tuple[str, bool]]:
        """Yield what is in the folder, and whether it is a plain file; full folders are passed."""
        for path in sorted(self.path.rglob("*")):
            plain = path.is_file() and not path.is_symlink()
            if plain or path.is_symlink() or not path.is_dir() or not any(path.iterdir()):
                yield path.relative_to(self.path).as_posix(), plain


def _here(name: str) -> str | None:
    if name in NO_PACKAGE:
        return NO_PACKAGE[name]()
    try:
        return version(name)
    except PackageNotFoundError:
        return None
