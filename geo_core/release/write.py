"""Publishing a release: whole or not at all, whatever happens in between."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_core.errors import NotFound, ReleaseDamaged, ReleaseError
from geo_core.model.manifest import Draft, FileEntry, Manifest, as_written, content_id
from geo_core.release.durable import sync_file, sync_folder, write_durably
from geo_core.release.pointer import available, current, switch
from geo_core.release.read import MANIFEST, open_release, sha256_of

_STAGING = ".staging-"
_MEDIA_TYPES = {
    ".geojsonl": "application/geo+json-seq",
    ".idx": "application/octet-stream",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pmtiles": "application/vnd.pmtiles",
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
}


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """Give an empty folder to write a release into; it vanishes unless it is published.

    One build at a time holds the lock of `root`; the folders that killed builds left behind
    are swept away.

    Parameters
    ----------
    root : Path
        Folder of releases; made if it is not there.

    Raises
    ------
    ReleaseError
        Another build is at work, or `root` cannot be written.
    """
    with _alone(root):
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the lock of `root`, and sweep away what killed builds left behind."""
    lock = _open_lock(root)
    try:
        _take(lock, root)
        for stale in root.glob(f"{_STAGING}*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield
    finally:
        os.close(lock)


def forget(root: Path, ident: str) -> None:
    """Remove a release from the disk, and whatever killed builds left beside it.

    Parameters
    ----------
    root : Path
        Folder of releases.
    ident : str
        A release that is not the current one.

    Raises
    ------
    NotFound
        No release of that id is in `root`.
    ReleaseError
        It is the current one, or another build is at work.
    """
    with _alone(root):
        if ident == current(root):
            raise ReleaseError(
                f"{ident} is the current release",
                hint="build another one, or make another one current with `atlante use`",
            )
        if ident not in available(root):
            raise NotFound.among("release", ident, available(root))
        doomed = Path(tempfile.mkdtemp(prefix=_STAGING, dir=root))
        # Gone as a whole: nobody sees half of it, and a crash leaves what the next build sweeps.
        (root / ident).rename(doomed / ident)
        sync_folder(root)
        shutil.rmtree(doomed)
        sync_folder(root)


def publish(root: Path, folder: Path, draft: Draft) -> Manifest:
    """Seal a staged folder, give it its id and make it current.

    Files and folders reach the disk before the folder gets its name, and the name before the
    pointer moves: a crash at any point leaves the previous release served and whole. Content
    that is already published is not written twice.

    Parameters
    ----------
    root : Path
        Folder of releases.
    folder : Path
        What `staging` gave, filled.
    draft : Draft
        The description of what is in it.

    Returns
    -------
    Manifest
        The manifest of the release that is now current.
    """
    manifest = described(folder, draft)
    target = root / manifest.id
    if not _holds(target):
        write_durably(folder / MANIFEST, manifest.model_dump_json(indent=1).encode())
        _sync_tree(folder)
        folder.chmod(0o755)
        folder.rename(target)
        sync_folder(root)
    switch(root, manifest.id)
    return manifest


def described(folder: Path, draft: Draft) -> Manifest:
    """Return the manifest of a staged folder that has none yet, every file hashed."""
    files = tuple(_entry(folder, path) for path in sorted(folder.rglob("*")) if path.is_file())
    said = as_written(draft)
    return Manifest(**dict(said), schema_version=1, id=content_id(said, files), files=files)


def _holds(target: Path) -> bool:
    """Tell whether a folder already is this release; a damaged one is put out of the way."""
    if not target.exists():
        return False
    try:
        open_release(target)
    except ReleaseDamaged:
        aside = Path(tempfile.mkdtemp(prefix=_STAGING, dir=target.parent))
        target.rename(aside / target.name)
        return False
    return True


def _open_lock(root: Path) -> int:
    try:
        root.mkdir(parents=True, exist_ok=True)
        return os.open(root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ReleaseError(
            f"the folder of releases cannot be written: {error.strerror}",
            where=root.name,
            hint="check its owner, its permissions and the free space on its disk",
        ) from None


def _take(descriptor: int, root: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise ReleaseError(
            f"another build (process {owner}) is publishing here",
            where=root.name,
            hint="wait for it to end, or end it",
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)


def _entry(folder: Path, path: Path) -> FileEntry:
    return FileEntry(
        path=path.relative_to(folder).as_posix(),
        sha256=sha256_of(path),
        bytes=path.stat().st_size,
        media_type=_MEDIA_TYPES[path.suffix],
    )


def _sync_tree(folder: Path) -> None:
    """Give every file and folder the same permissions, whoever builds, and wait for the disk."""
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
            sync_folder(path)
        else:
            path.chmod(0o644)
            sync_file(path)
    sync_folder(folder)
