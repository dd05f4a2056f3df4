"""Whether every file of a copy is what was written, by the list that it carries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from checks.audit.site import CannotAudit
from checks.doctor.asks import Door
from checks.doctor.told import SHOWN, Told

SUMS: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>.+)")
_OFTEN: Final = 200
"""Files between two lines of progress."""


def check(told: Told, door: Door, progress: Callable[[str], None]) -> None:
    """Read every file of a copy, and count and tell which are not there or not the same.

    Raises
    ------
    CannotAudit
        The list cannot be read, or the host falls silent.
    """
    wrong = defaultdict[str, list[str]](list)
    for number, (path, digest) in enumerate(listed(door)):
        if number % _OFTEN == 0:
            progress(f"{number:,} file: {path}")
        answer = door.get(quote(path, safe="/@~"))
        told.tiles(SUMS, "file", 1, len(answer.body))
        if answer.status != 200:
            wrong[f"are not there ({answer.status})"].append(path)
        elif sha256(answer.body).hexdigest() != digest:
            wrong["are not as they were written"].append(path)
    for what, paths in wrong.items():
        told.find(SUMS, "file", f"{len(paths):,} {what}:", paths[:SHOWN])


def listed(door: Door) -> Iterator[tuple[str, str]]:
    """Yield path and hash of every file that the list of a copy names."""
    for line in door.bytes(SUMS).decode("utf-8", "replace").splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise CannotAudit(f"{SUMS}: this is no line of a list of hashes: {line[:80]}")
        yield found["path"], found["digest"]
