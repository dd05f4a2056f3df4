"""The private folder: where what must never be published is kept between builds.

It holds the ledger, the sealed draws, the key of the pseudonyms and the reserved places. The
draws are told apart by hashes of true counts: whoever can read this folder can confirm a guess,
and of a single office try out every count.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_core.errors import DisclosureError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Make the folder if needed (mode 0700) and hold it; another build waits its turn.

    Raises
    ------
    DisclosureError
        Others can read the folder, or it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unusable(folder, error) from None
    try:
        _check_mode(descriptor, folder, "700")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read(path: Path) -> bytes | None:
    """Return the bytes of a private file; None if it is not there.

    Raises
    ------
    DisclosureError
        Others can read it, or it is a link.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from None
    with os.fdopen(descriptor, "rb") as file:
        _check_mode(file.fileno(), path, "600")
        return file.read()


def write(path: Path, content: bytes) -> None:
    """Write a private file (mode 0600) whole or not at all, and make it last."""
    staged = path.with_name(f".{path.name}.new")
    staged.unlink(missing_ok=True)
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError) -> DisclosureError:
    return DisclosureError(f"cannot be used: {error.strerror}", where=path.name)


def _check_mode(descriptor: int, path: Path, mode: str) -> None:
    if stat.S_IMODE(os.fstat(descriptor).st_mode) & _OTHERS:
        raise DisclosureError(
            "other users can read this, and with it undo the protection",
            where=path.name,
            hint=f"find out who has read it, then: chmod {mode} {path}",
        )
