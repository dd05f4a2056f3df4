"""The input folder: sets of tables put in place whole or not at all, and which are invented.

The tables of a change are written beside the others (`.in-preparazione`), called ready by one
rename (`.pronto`), then put in place one by one. Whoever is killed before the rename has changed
nothing; what is ready is put in place by whoever holds the folder next, and nobody reads the
folder without holding it. The marker of invented tables is part of the change and goes first. It
names a table's bytes before the change and after it, so that at no moment an invented table lacks
it, and never the bytes of a table that is real after it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from geo_core import private
from geo_core.errors import IngestError, SourceError

MARKER: Final = "sintetico.json"
"""Names the invented files with their hashes, so that a real one is never taken for one."""

WAIT_S: Final = 60.0
_AGAIN_S: Final = 0.1
# Markers of earlier versions have one hash for each file.
_HASHES: Final = TypeAdapter(
    dict[str, Annotated[list[str], BeforeValidator(lambda h: [h] if isinstance(h, str) else h)]]
)
_PREPARED: Final = ".in-preparazione"
_READY: Final = ".pronto"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the input folder, whole; made, for its owner only, if it is not there.

    Raises
    ------
    IngestError
        Another command holds it for longer than a minute.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _wait(descriptor)
        _settle(folder)
        yield
    finally:
        os.close(descriptor)


def prepare(folder: Path) -> Path:
    """Return the empty folder in which the tables of one change are written, by their names.

    Parameters
    ----------
    folder : Path
        The input folder; the caller holds it.
    """
    prepared = folder / _PREPARED
    shutil.rmtree(prepared, ignore_errors=True)
    prepared.mkdir(mode=0o700)
    return prepared


def put(folder: Path, *, invented: Collection[str] = (), gone: Collection[str] = ()) -> None:
    """Put the prepared tables in place, all or none.

    Parameters
    ----------
    folder : Path
        The input folder; the caller holds it.
    invented : collection of str
        Files of the change that are invented; the others are real.
    gone : collection of str
        Files that are taken away. No table is without bytes: an empty file stands for that.
    """
    prepared = folder / _PREPARED
    for name in gone:
        (prepared / name).touch(mode=0o600)
    _mark(folder, prepared, invented)
    for path in (*prepared.iterdir(), prepared):
        private.sync(path)
    prepared.rename(folder / _READY)
    private.sync(folder)
    _settle(folder)


def is_invented(path: Path) -> bool:
    """Tell whether a file is, byte for byte, one that was invented, by the marker beside it.

    Raises
    ------
    SourceError
        The file or the marker cannot be read.
    """
    hashes = _marked(path.parent).get(path.name)
    return hashes is not None and _digest(path) in hashes


def marked(folder: Path) -> list[str]:
    """Return the files that are or were invented."""
    return sorted(_marked(folder))


def _settle(folder: Path) -> None:
    """Finish a change that is ready, forget one that is not."""
    ready = folder / _READY
    if ready.is_dir():
        for path in sorted(ready.iterdir(), key=lambda path: path.name != MARKER):
            if path.stat().st_size:
                path.replace(folder / path.name)
            else:
                (folder / path.name).unlink(missing_ok=True)
                path.unlink()
        ready.rmdir()
        private.sync(folder)
    shutil.rmtree(folder / _PREPARED, ignore_errors=True)


def _mark(folder: Path, prepared: Path, invented: Collection[str]) -> None:
    """Prepare the marker that is true before, during and after the change."""
    before = _marked(folder)
    after = dict(before)
    for path in prepared.iterdir():
        now = folder / path.name
        known = {_digest(now)} if now.exists() and is_invented(now) else set[str]()
        new = {_digest(path)}
        after[path.name] = sorted(known | new if path.name in invented else known - new)
    after = {name: hashes for name, hashes in sorted(after.items()) if hashes}
    if after != before:
        private.write(prepared / MARKER, json.dumps(after, indent=1).encode())


def _marked(folder: Path) -> dict[str, list[str]]:
    """Return the hashes by file; without a marker nothing is invented."""
    try:
        return _HASHES.validate_json((folder / MARKER).read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=MARKER) from None
    except ValidationError:
        raise SourceError(
            "does not say which tables are invented",
            where=MARKER,
            hint="bring it back from a backup, or remove it: every table counts as real then",
        ) from None


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=path.name) from None


def _wait(descriptor: int) -> None:
    until = time.monotonic() + WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                message = "the input folder is in use by another upload or build"
                raise IngestError(message, hint="try again when it is over") from None
            time.sleep(_AGAIN_S)
        else:
            return
