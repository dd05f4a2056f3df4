"""Reads the directory of a zip before anything is unpacked: names, number, sizes."""

from __future__ import annotations

import zipfile
from typing import Final

from geo_core.sources.base import Job, refuse

MAX_ENTRIES: Final = 2_000


def check(job: Job) -> dict[str, int]:
    """Return the size of every file in a zip, by name.

    Raises
    ------
    SourceError
        Not a zip, too many files, more bytes unpacked than the limit, a password, an unknown
        compression, a repeated name, or one that leads outside.
    """
    hint = "make it again with the tool of your system, without password"
    try:
        with zipfile.ZipFile(job.path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        refuse(job, "is not a readable zip", hint=hint)
    if len(entries) > MAX_ENTRIES:
        refuse(job, f"holds more than {MAX_ENTRIES} files", hint=hint)
    size = sum(entry.file_size for entry in entries)
    if size > job.limits.bytes:
        refuse(job, f"unpacks to {size} bytes, more than {job.limits.bytes}", hint="split it")
    for position, entry in enumerate(entries, start=1):
        parts = entry.filename.replace("\\", "/").split("/")
        usual = entry.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        if ".." in parts or parts[0] == "" or ":" in parts[0] or entry.flag_bits & 1 or not usual:
            message = "holds a file that leads outside, is locked or is packed in an unusual way"
            refuse(job, message, at=f"entry {position}", hint=hint)
    sizes = {entry.filename: entry.file_size for entry in entries}
    if len(sizes) != len(entries):
        refuse(job, "holds two files of the same name", hint=hint)
    return sizes
