"""Opening a release: every byte is checked against the manifest before it is used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from geo_core.errors import NotFound, ReleaseDamaged
from geo_core.model.manifest import SCHEMA_VERSION, CollectionInfo, Manifest, content_id

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Release:
    """A verified release. It never changes: a switch opens another one."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Reference date and short content hash."""
        return self.manifest.id

    def path(self, relative: str) -> Path:
        """Return the place of one file of the manifest; `NotFound` for any other name."""
        if all(entry.path != relative for entry in self.manifest.files):
            raise NotFound.among("file", relative, (e.path for e in self.manifest.files))
        return self.folder / relative

    def info(self, collection: str) -> CollectionInfo:
        """Return one collection of the manifest; `NotFound` for any other id."""
        for info in self.manifest.collections:
            if info.layer.id == collection:
                return info
        known = (i.layer.id for i in self.manifest.collections)
        raise NotFound.among("collection", collection, known)


def open_release(folder: Path) -> Release:
    """Read a release and verify it.

    Parameters
    ----------
    folder : Path
        Folder of one release; its name is the release's id.

    Returns
    -------
    Release
        Verified: every listed file is there with the listed size and SHA-256, and nothing
        else is.

    Raises
    ------
    ReleaseDamaged
        Names the first file that is missing, changed or not listed.
    """
    manifest = read_manifest(folder)
    listed = {entry.path for entry in manifest.files}
    for entry in manifest.files:
        _check(folder, entry.path, entry.bytes, entry.sha256)
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if not path.is_dir() and relative not in listed and relative != MANIFEST:
            raise ReleaseDamaged("this file is not in the manifest", where=_at(folder, relative))
    return Release(folder, manifest)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a release without reading the files it lists.

    Raises
    ------
    ReleaseDamaged
        The manifest is missing, not of this schema, or not of this folder.
    """
    where = _at(folder, MANIFEST)
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise ReleaseDamaged(f"cannot be read: {error.strerror}", where=where) from None
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or "document"
        raise ReleaseDamaged(
            f"`{name}`: {first['msg']}",
            where=where,
            hint=f"this server reads manifests of schema version {SCHEMA_VERSION}",
        ) from None
    if manifest.id != folder.name or manifest.id != content_id(manifest, manifest.files):
        raise ReleaseDamaged("the id does not belong to this content", where=where)
    return manifest


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(folder: Path, relative: str, size: int, sha256: str) -> None:
    path = folder / relative
    where = _at(folder, relative)
    if path.is_symlink() or not path.is_file():
        raise ReleaseDamaged("this file is missing", where=where)
    if path.stat().st_size != size:
        raise ReleaseDamaged(f"this file should have {size} bytes", where=where)
    if sha256_of(path) != sha256:
        raise ReleaseDamaged("this file's SHA-256 differs from the manifest", where=where)


def _at(folder: Path, relative: str) -> str:
    return f"{folder.name}/{relative}"
